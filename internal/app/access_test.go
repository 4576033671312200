package app_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/domain/payment"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/graph/generated"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
	"dongxiao/internal/testkit/valuekit"
	"dongxiao/internal/wechatpay"
)

// The access matrix: who gets what from every root field, and what everybody sees of every object. The documents come from the schema, so a new
// field without a case fails, and the outcomes stand in testdata/access-*.txt, to be reviewed like code: a changed line is a changed right.
// `go test ./internal/app -run Access -args -update` writes them anew.

var update = flag.Bool("update", false, "write the outcomes of the access matrix anew")

// callers in the order of the table's columns.
var callers = []string{"nobody", "visitor", "shopper", "stranger", "foreigner", "clerk", "neighbour", "manager", "owner", "faraway", "distributor",
	"regional", "marketer", "finance", "admin", "alien"}

// matrix is a brand with one of everything, and everybody who may ask for it.
type matrix struct {
	*appkit.Kit
	clients             map[string]*appkit.Client
	farStore, farRegion *ent.Org
	member              *ent.Member
	rows                map[ids.Kind]int64
	// payment is one with stored value, which is no node.
	payment int64
	// gift is the token of a coupon that the shopper offers to a friend.
	gift string
	// storeTemplate is an active coupon template of the first store.
	storeTemplate string
	// paused is a tier that is not offered for the moment.
	paused string
}

func newMatrix(t *testing.T, d string) *matrix {
	i := appkit.Install(t, d)
	s := i.Serve(t, appkit.Options{Arguments: []string{"--no-cache", "--cost-burst=10000000", "--cost-per-minute=600000000"}})
	k := appkit.NewKit(t, i, s)
	other := appkit.NewKit(t, i, s)
	m := &matrix{Kit: k, clients: map[string]*appkit.Client{}, rows: map[ids.Kind]int64{}}
	m.farRegion = k.NewOrg(t, k.Root, enum.OrgRegion)
	m.farStore = k.NewStore(t, m.farRegion, 30.66, 104.06)
	nobody := k.Visitor(auth.Storefront)
	nobody.App = ""
	m.clients["nobody"], m.clients["visitor"] = nobody, k.Visitor(auth.Storefront)
	m.clients["shopper"], m.clients["stranger"], m.clients["foreigner"] = k.Shopper(t), k.Shopper(t), other.Shopper(t)
	m.clients["clerk"] = k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk)
	m.clients["neighbour"] = k.NewStaff(t, auth.Staff, k.Store2, auth.Clerk)
	m.clients["manager"] = k.NewStaff(t, auth.Staff, k.Store1, auth.Manager)
	m.clients["owner"] = k.NewStaff(t, auth.Portal, k.Store1, auth.Owner)
	m.clients["faraway"] = k.NewStaff(t, auth.Portal, m.farStore, auth.Owner)
	m.clients["distributor"] = k.NewStaff(t, auth.Mall, k.Distributor, auth.Owner)
	m.clients["regional"] = k.NewStaff(t, auth.Console, m.farRegion, auth.Admin)
	m.clients["marketer"] = k.NewStaff(t, auth.Console, k.Root, auth.Marketer)
	m.clients["finance"] = k.NewStaff(t, auth.Console, k.Root, auth.Finance)
	m.clients["admin"] = k.NewStaff(t, auth.Console, k.Root, auth.Admin)
	m.clients["alien"] = other.NewStaff(t, auth.Console, other.Root, auth.Admin)
	m.plant(t)
	return m
}

// plant makes one object of every kind around the shopper and the first store.
func (m *matrix) plant(t *testing.T) {
	ctx := m.System(t)
	c := m.Store.Client(ctx)
	shopper := m.clients["shopper"]
	me := shopper.Do(t, `{ viewer { member { id } } }`, nil)
	_, memberID, ok := ids.Parse(me.String(t, "viewer.member.id"))
	require.True(t, ok)
	m.member = c.Member.GetX(ctx, memberID)
	m.member = c.Member.UpdateOne(m.member).SetHomeStoreID(m.Store1.ID).SaveX(ctx)
	c.Person.UpdateOneID(m.member.PersonID).SetNickname("林小满").SetBirthday("1990-05-01").ExecX(ctx)
	template := m.NewTemplate(t, 100, 5)
	draft := m.NewTemplate(t, 100, 5)
	c.CouponTemplate.UpdateOne(draft).SetState(enum.TemplateDraft).ExecX(ctx)
	claim := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, template.ID), "idempotencyKey": appkit.Key()}})
	coupon := claim.String(t, "couponClaim.coupon.id")
	confirm := m.clients["clerk"].Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": m.code(t), "storeId": appkit.ID(ids.Org, m.Store1.ID),
		"couponIds": []any{coupon}, "purchase": 9000, "idempotencyKey": appkit.Key()}})
	redemption := confirm.String(t, "redemptionConfirm.results.0.redemption.id")
	_, redemptionID, _ := ids.Parse(redemption)
	c.Redemption.UpdateOneID(redemptionID).SetReviewedAt(time.Now()).SetReviewedBy(m.clients["manager"].Staff.ID).SetReviewNote("属实").ExecX(ctx)
	shopper.Do(t, "ConsentDecide", vars{"input": vars{"kind": "TERMS", "version": "1", "granted": true}})
	of := func(public string) int64 { _, id, _ := ids.Parse(public); return id }
	tag := c.Tag.Create().SetOrgID(m.Store1.ID).SetName("常客").SaveX(ctx)
	c.MemberTag.Create().SetMemberID(memberID).SetTagID(tag.ID).ExecX(ctx)
	level := c.Level.Create().SetRank(1).SetName("银").SetThreshold(10).SetBenefits(nil).SaveX(ctx)
	product := c.Product.Query().FirstX(ctx)
	audit := c.AuditEntry.Create().SetOrgID(m.Store1.ID).SetPersonID(m.clients["owner"].Staff.ID).SetAction("test").SetSubject(coupon).SetReason("why")
	owner := c.Staff.GetX(ctx, m.clients["owner"].Staff.ID)
	statement := m.clear(t)
	entry := audit.SetPersonID(*owner.PersonID).SaveX(ctx)
	m.rows = map[ids.Kind]int64{
		ids.App: m.Apps[auth.Storefront].ID, ids.AuditEntry: entry.ID, ids.Brand: m.Brand.ID, ids.Consent: c.Consent.Query().FirstX(ctx).ID,
		ids.ClearingStatement: statement.ID, ids.ClearingLine: c.ClearingLine.Query().Where(clearingline.StatementID(statement.ID)).OnlyX(ctx).ID,
		ids.Coupon: of(coupon), ids.CouponTemplate: draft.ID, ids.Level: level.ID, ids.Member: memberID,
		ids.MemberEvent: c.MemberEvent.Query().FirstX(ctx).ID, ids.Org: m.Distributor.ID, ids.Page: c.Page.Query().FirstX(ctx).ID,
		ids.Person: m.member.PersonID, ids.Product: product.ID, ids.Redemption: of(redemption), ids.SKU: c.SKU.Query().FirstX(ctx).ID,
		ids.Session: of(shopper.Do(t, `{ viewer { sessions { nodes { id } } } }`, nil).String(t, "viewer.sessions.nodes.0.id")),
		ids.Staff:   m.clients["clerk"].Staff.ID, ids.Tag: tag.ID, ids.Territory: c.Territory.Query().FirstX(ctx).ID,
	}
	m.gift, m.rows[ids.CouponTransfer] = m.offer(t)
	m.storeTemplate = appkit.ID(ids.CouponTemplate, c.CouponTemplate.Create().SetOrgID(m.Store1.ID).SetName("店铺券").SetState(enum.TemplateActive).SetRuleID(template.RuleID).
		SetTotalStock(1000).SetStockLeft(1000).SetMemberLimit(0).SetClaimStartsAt(template.ClaimStartsAt).SetClaimEndsAt(template.ClaimEndsAt).
		SetValidityKind(template.ValidityKind).SetValidDays(7).SaveX(ctx).ID)
	m.rows[ids.IssueJob] = c.IssueJob.Create().SetTemplateID(template.ID).SetOrgID(m.Store1.ID).SetStaffID(m.clients["owner"].Staff.ID).SetReason("周年庆").SetTotal(1).
		SetSkipped(1).SetState(enum.IssueDone).SetFinishedAt(template.ClaimStartsAt).SetAudience(document.Audience{TagIDs: []int64{tag.ID}, LevelIDs: []int64{level.ID},
		StoreIDs: []int64{m.Store1.ID}}).SaveX(ctx).ID
	m.plantPayments(t)
	m.plantTopUps(t)
	give(t, m.Kit, m.member.ID, 5_000_000)
	m.payment = m.charge(t, 1_000)
}

// give sells principal of the first store to a member, at its till.
func give(t *testing.T, k *appkit.Kit, memberID, fen int64) {
	_, err := valuekit.Give(k.System(t), k.Store, ledger.New(k.Store), valuekit.TopUp{MemberID: memberID, StoreID: k.Store1.ID, ScopeOrgID: k.Root.ID, Principal: fen,
		At: time.Now().UTC().Truncate(time.Microsecond)})
	require.NoError(t, err)
}

// payCode is a fresh pay code of the shopper, whose wallet is issued anew for it: somebody may have frozen it.
func (m *matrix) payCode(t *testing.T) string {
	m.clients["manager"].Do(t, "WalletReissue", vars{"input": vars{"memberId": appkit.ID(ids.Member, m.member.ID), "reason": "试"}})
	return m.clients["shopper"].Do(t, "PayCode", nil).String(t, "payCodeIssue.code.digits")
}

// charge is a payment of the shopper at the first store; above 20,000 fen it waits for the shopper.
func (m *matrix) charge(t *testing.T, fen int) int64 {
	r := m.clients["clerk"].Do(t, "WalletCharge", vars{"input": vars{"payCode": m.payCode(t), "storeId": appkit.ID(ids.Org, m.Store1.ID), "amount": fen, "idempotencyKey": appkit.Key()}})
	_, id, ok := ids.Parse(r.String(t, "walletCharge.payment.id"))
	require.True(t, ok)
	return id
}

// plantTopUps makes a top-up that the shopper paid at the first store's till and got back there, in the clerk's shift, which goes on.
func (m *matrix) plantTopUps(t *testing.T) {
	store, owner, clerk := appkit.ID(ids.Org, m.Store1.ID), m.clients["owner"], m.clients["clerk"]
	of := func(public string) int64 { _, id, _ := ids.Parse(public); return id }
	tier := func() string {
		return owner.Do(t, "TopUpTierCreate", vars{"input": vars{"orgId": store, "name": "充10送1", "pay": 1000, "bonus": 100, "scopeOrgId": store,
			"startsAt": "2026-01-01T00:00:00Z", "endsAt": "2030-01-01T00:00:00Z", "idempotencyKey": appkit.Key()}}).String(t, "topUpTierCreate.tier.id")
	}
	set := func(id string, version int, state string) {
		owner.Do(t, "TopUpTierStateSet", vars{"input": vars{"id": id, "version": version, "state": state, "reason": "试"}}).String(t, "topUpTierStateSet.tier.id")
	}
	offered := tier()
	set(offered, 1, "ACTIVE")
	shift := clerk.Do(t, "TillShiftOpen", vars{"input": vars{"storeId": store, "float": 0, "idempotencyKey": appkit.Key()}}).String(t, "tillShiftOpen.shift.id")
	topUp := clerk.Do(t, "TopUpAtTill", vars{"input": vars{"memberCode": m.code(t), "storeId": store, "tierId": offered, "tender": "CASH", "idempotencyKey": appkit.Key()}}).
		String(t, "topUpAtTill.topUp.id")
	set(offered, 2, "PAUSED")
	refund := owner.Do(t, "TopUpRefundRequest", vars{"input": vars{"topUpId": topUp, "fault": "UNUSED", "amount": 1000, "reason": "搬家", "idempotencyKey": appkit.Key()}}).
		String(t, "topUpRefundRequest.refund.id")
	clerk.Do(t, "TopUpRefundPayOut", vars{"input": vars{"id": refund, "idempotencyKey": appkit.Key()}}).String(t, "topUpRefundPayOut.refund.id")
	m.rows[ids.TopUpTier], m.rows[ids.TopUp], m.rows[ids.TopUpRefund], m.rows[ids.TillShift] = of(tier()), of(topUp), of(refund), of(shift)
	m.paused = offered
}

// plantPayments makes a payment that the shopper made at the first store and got back, with its books, and a day that was reconciled.
func (m *matrix) plantPayments(t *testing.T) {
	ctx := m.System(t)
	c := m.Store.Client(ctx)
	now := time.Now().UTC().Truncate(time.Microsecond)
	private, api := payment.SealMerchantKeys(m.Keyring.Ring(), m.Brand.ID, wechatpay.Merchant{PrivateKey: "none", APIv3Key: "none"})
	account := c.MerchantAccount.Create().SetOrgID(m.Store1.ID).SetActiveOrgID(m.Store1.ID).SetMerchantID("1900000001").SetName("一店").SetCertificateSerial("77").
		SetPrivateKeySealed(private).SetAPIKeySealed(api).SetPublicKeyID("PUB_KEY_ID_1").SaveX(ctx)
	paid := c.Payment.Create().SetMerchantAccountID(account.ID).SetOrgID(m.Store1.ID).SetAppID(m.Apps[auth.Storefront].ID).SetPersonID(m.member.PersonID).
		SetMemberID(m.member.ID).SetPurpose(enum.PayOrder).SetSubjectID(1).SetOutTradeNo(rand.Text()).SetDescription("订单").SetAmountFen(100).SetExpiresAt(now).
		SetState(enum.PaymentPaid).SetOutcome(enum.OutcomeReturned).SetTransactionID(rand.Text()).SetPaidFen(100).SetRefundingFen(100).SetRefundedFen(100).
		SetPaidAt(now).SaveX(ctx)
	refund := c.PaymentRefund.Create().SetPaymentID(paid.ID).SetMerchantAccountID(account.ID).SetOrgID(m.Store1.ID).SetMemberID(m.member.ID).SetOutRefundNo(rand.Text()).
		SetCause(enum.CauseUnusable).SetSubjectID(paid.ID).SetAmountFen(100).SetState(enum.RefundSucceeded).SetWechatRefundID(rand.Text()).SetSucceededAt(now).SaveX(ctx)
	books := ledger.New(m.Store)
	require.NoError(t, m.Store.WithTx(ctx, func(ctx context.Context) error {
		legs := func(amount int64) []ledger.Entry {
			return []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountMerchant, OwnerID: account.ID}, Amount: amount},
				{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: m.Store1.ID}, Amount: -amount}}
		}
		posted, err := books.Post(ctx, ledger.Posting{Kind: enum.PostPayment, Key: fmt.Sprintf("PAYMENT:%d", paid.ID), OrgID: m.Store1.ID, SubjectID: paid.ID, At: now, Entries: legs(100)})
		if err != nil {
			return err
		}
		_, err = books.Post(ctx, ledger.Posting{Kind: enum.PostPaymentRefund, Key: fmt.Sprintf("PAYMENT_REFUND:%d", refund.ID), OrgID: m.Store1.ID, SubjectID: refund.ID,
			ReversesID: posted.ID, At: now, Entries: legs(-100)})
		return err
	}))
	reconciled := c.Reconciliation.Create().SetMerchantAccountID(account.ID).SetOrgID(m.Store1.ID).SetDay(20260501).SetState(enum.ReconciliationDifferent).
		SetFinishedAt(now).SaveX(ctx)
	m.rows[ids.MerchantAccount], m.rows[ids.Payment], m.rows[ids.PaymentRefund], m.rows[ids.Reconciliation] = account.ID, paid.ID, refund.ID, reconciled.ID
	m.rows[ids.ReconciliationDifference] = m.newDifference(t)
}

// newDifference is an open difference of the day that was reconciled.
func (m *matrix) newDifference(t *testing.T) int64 {
	ctx := m.System(t)
	c := m.Store.Client(ctx)
	c.Reconciliation.UpdateOneID(m.rows[ids.Reconciliation]).AddDifferences(1).ExecX(ctx)
	return c.ReconciliationDifference.Create().SetReconciliationID(m.rows[ids.Reconciliation]).SetOrgID(m.Store1.ID).SetKind(enum.DifferenceMissingHere).
		SetNumber(rand.Text()).SetOursFen(0).SetTheirsFen(100).SaveX(ctx).ID
}

// clear has the shopper spend value of the second store at the first, and makes the statement of the two for that month.
func (m *matrix) clear(t *testing.T) *ent.ClearingStatement {
	ctx := m.System(t)
	books, past := ledger.New(m.Store), clock.NewManual(time.Date(2026, 1, 15, 4, 0, 0, 0, time.UTC))
	clearings := clearing.New(clearing.Options{Store: m.Store, Clock: past, Orgs: org.New(m.Store, past, nil)})
	sold, err := valuekit.Give(ctx, m.Store, books, valuekit.TopUp{MemberID: m.member.ID, StoreID: m.Store2.ID, ScopeOrgID: m.Root.ID, Principal: 1000, At: past.Now()})
	require.NoError(t, err)
	client := m.Store.Client(ctx)
	client.Wallet.UpdateOneID(sold.WalletID).AddBalanceFen(-1000).ExecX(ctx)
	paid := client.WalletPayment.Create().SetWalletID(sold.WalletID).SetMemberID(m.member.ID).SetOrgID(m.Store1.ID).SetState(enum.WalletPaymentCaptured).SetSource(enum.WalletPaymentTill).
		SetAmountFen(1000).SetPrincipalFen(1000).SetBonusFen(0).SetCapturedFen(1000).SetCapturedAt(past.Now()).SetActorID(m.member.PersonID).SetIdempotencyKey("clear").
		SetInputHash("").SaveX(ctx)
	require.NoError(t, m.Store.WithTx(ctx, func(ctx context.Context) error {
		book, err := books.Lock(ctx, m.member.ID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		debts, err := clearings.Debts(ctx, m.Store1.ID, 0, []clearing.Take{{Lot: book.Lots[0], Amount: 1000}})
		if err != nil {
			return err
		}
		posted, err := book.Post(ctx, ledger.Posting{Kind: enum.PostSpend, Key: fmt.Sprintf("wallet-spend:%d", paid.ID), OrgID: m.Store1.ID, SubjectID: paid.ID, At: past.Now(),
			Lots:    []ledger.LotChange{{Lot: book.Lots[0], Remaining: -1000}},
			Entries: append(clearing.Entries(debts), ledger.Entry{Account: ledger.Account{Kind: enum.AccountValueSpent, OwnerID: m.Store1.ID}, Amount: 1000})})
		if err != nil {
			return err
		}
		return clearings.Write(ctx, posted, paid.ID, past.Now(), debts)
	}))
	past.Advance(31 * 24 * time.Hour)
	_, err = clearings.MakeDue(ctx, 100)
	require.NoError(t, err)
	// The tests on MariaDB share it, so that another one may be making this statement, and this one theirs.
	require.Eventually(t, func() bool { return client.ClearingStatement.Query().CountX(ctx) == 1 }, patience, 10*time.Millisecond)
	return client.ClearingStatement.Query().OnlyX(ctx)
}

// code is a fresh rotating code of the shopper.
func (m *matrix) code(t *testing.T) string {
	return m.clients["shopper"].Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
}

func (m *matrix) id(kind ids.Kind) string { return appkit.ID(kind, m.rows[kind]) }

// asks has the arguments of every root field, as GraphQL text, about the shopper, the first store and what belongs to them.
func (m *matrix) asks(t *testing.T) map[string]func() string {
	store, member := appkit.ID(ids.Org, m.Store1.ID), appkit.ID(ids.Member, m.member.ID)
	fixed := func(text string) func() string { return func() string { return text } }
	keyed := func(format string, args ...any) func() string {
		return func() string { return fmt.Sprintf(strings.ReplaceAll(format, "KEY", appkit.Key()), args...) }
	}
	coded := func(format string, args ...any) func() string {
		return func() string {
			return fmt.Sprintf(strings.ReplaceAll(strings.ReplaceAll(format, "KEY", appkit.Key()), "CODE", m.code(t)), args...)
		}
	}
	awaiting := func(format string) func() string {
		return func() string { return fmt.Sprintf(format, appkit.ID(ids.WalletPayment, m.charge(t, 20_001))) }
	}
	template := func() string { return appkit.ID(ids.CouponTemplate, m.NewTemplate(t, 10, 5).ID) }
	asks := map[string]func() string{
		"Query.storeDay":          fixed(fmt.Sprintf(`(storeId: %q, date: "2026-11-22")`, store)),
		"Mutation.storeDayExport": fixed(fmt.Sprintf(`(input: {storeId: %q, date: "2026-11-22", format: CSV})`, store)),
		"Query.node":              fixed(fmt.Sprintf(`(id: %q)`, member)), "Query.viewer": fixed(""), "Query.brand": fixed(""), "Query.levels": fixed(""),
		"Query.nearbyStores": fixed(`(near: {latitude: 25.04, longitude: 102.71, system: GCJ02})`), "Query.orgs": fixed(`(first: 100)`),
		"Query.territories": fixed(""), "Query.staff": fixed(`(first: 100)`), "Query.auditEntries": fixed(fmt.Sprintf(`(subject: %q)`, m.id(ids.Coupon))),
		"Query.personalData": fixed(""), "Query.tags": fixed(""), "Query.products": fixed(""), "Query.product": fixed(fmt.Sprintf(`(id: %q)`, m.id(ids.Product))),
		"Query.tradeItems": fixed(""), "Query.page": fixed(`(slug: "home")`), "Query.claimableCoupons": fixed(""),
		"Query.managedCouponTemplates": fixed(`(state: DRAFT)`), "Query.managedCouponTemplate": fixed(fmt.Sprintf(`(id: %q)`, m.id(ids.CouponTemplate))),
		"Query.clearingStatements": fixed(""), "Query.clearingStatement": fixed(fmt.Sprintf(`(id: %q)`, m.id(ids.ClearingStatement))),
		"Query.clearingOpenLines": fixed(fmt.Sprintf(`(orgId: %q)`, store)), "Query.pointsSettings": fixed(""),
		"Mutation.clearingStatementConfirm": fixed(fmt.Sprintf(`(input: {statementId: %q, orgId: %q, firstOwes: 77, secondOwes: 77})`, m.id(ids.ClearingStatement), store)),
		"Mutation.clearingLineDispute":      fixed(fmt.Sprintf(`(input: {lineId: %q, orgId: %q, reason: "试"})`, m.id(ids.ClearingLine), store)),
		"Mutation.clearingDisputeWithdraw":  fixed(fmt.Sprintf(`(input: {lineId: %q, orgId: %q})`, m.id(ids.ClearingLine), store)),
		"Mutation.clearingDisputeAccept":    fixed(fmt.Sprintf(`(input: {lineId: %q, orgId: %q})`, m.id(ids.ClearingLine), store)),
		"Mutation.clearingStatementsMake":   fixed(`(input: {period: 202001})`),
		"Mutation.clearingStatementExport":  fixed(fmt.Sprintf(`(input: {statementId: %q, format: CSV})`, m.id(ids.ClearingStatement))),
		"Mutation.custodyExport":            fixed(`(input: {format: CSV})`),
		"Mutation.memberPointsAdjust":       keyed(`(input: {memberId: %q, points: 1, reason: "试", idempotencyKey: "KEY"})`, member),
		"Mutation.pointsSettingsSet":        fixed(`(input: {perYuan: 1, rounding: DOWN, pendingDays: 7, expiryDays: 365, growthPerPoint: 1, version: 77})`),
		"Query.redemptions":                 fixed(fmt.Sprintf(`(storeId: %q)`, store)),

		"Query.payment": fixed(fmt.Sprintf(`(id: %q)`, m.id(ids.Payment))), "Query.payments": fixed(fmt.Sprintf(`(orgId: %q)`, store)), "Query.paymentRefunds": fixed(""),
		"Query.merchantAccounts": fixed(""), "Query.reconciliations": fixed(""),

		"Query.topUpTiers": fixed(fmt.Sprintf(`(storeId: %q)`, store)), "Query.managedTopUpTiers": fixed(""), "Query.topUps": fixed(fmt.Sprintf(`(orgId: %q)`, store)),
		"Query.topUpRefunds": fixed(""), "Query.tillShifts": fixed(""), "Query.ownTillShift": fixed(fmt.Sprintf(`(storeId: %q)`, store)), "Query.custody": fixed(""),

		"Mutation.signIn":                fixed(`(input: {app: "wxnone", code: "nocode"})`),
		"Mutation.tokenRefresh":          fixed(`(input: {refreshToken: "rt_none"})`),
		"Mutation.sessionRevoke":         fixed(fmt.Sprintf(`(input: {sessionId: %q})`, m.id(ids.Session))),
		"Mutation.signOut":               fixed(""),
		"Mutation.phoneBind":             keyed(`(input: {code: "nocode", idempotencyKey: "KEY"})`),
		"Mutation.consentDecide":         fixed(`(input: {kind: MARKETING, version: "1", granted: true})`),
		"Mutation.consoleSignInStart":    fixed(`(input: {app: "wxnone"})`),
		"Mutation.consoleSignInConfirm":  fixed(`(input: {qrText: "dongxiao:console:AAAAAAAAAAAAAAAAAAAAAAAAAA"})`),
		"Mutation.consoleSignInComplete": fixed(`(input: {secret: "none"})`),
		"Mutation.orgCreate":             keyed(`(input: {parentId: %q, kind: REGION, code: "KEY", name: "新区", idempotencyKey: "KEY"})`, appkit.ID(ids.Org, m.Region.ID)),
		"Mutation.orgUpdate":             fixed(fmt.Sprintf(`(input: {id: %q, name: "新名"})`, store)),
		"Mutation.territoryAssign":       fixed(fmt.Sprintf(`(input: {storeId: %q, skuLine: "other", expectedDistributorId: %q, reason: "试"})`, store, appkit.ID(ids.Org, m.Distributor.ID))),
		"Mutation.staffInvite":           keyed(`(input: {orgId: %q, role: CLERK, name: "新人", phone: "13900000001", idempotencyKey: "KEY"})`, store),
		"Mutation.staffInvitationAccept": fixed(`(input: {invitationCode: "none"})`),
		"Mutation.staffStateSet":         fixed(fmt.Sprintf(`(input: {staffId: %q, state: INVITED, reason: "试"})`, m.id(ids.Staff))),
		"Mutation.profileUpdate":         fixed(`(input: {gender: MALE})`),
		"Mutation.memberErase":           fixed(`(input: {number: "1"})`),
		"Mutation.homeStoreSet":          fixed(fmt.Sprintf(`(input: {storeId: %q})`, appkit.ID(ids.Org, m.Distributor.ID))),
		"Mutation.memberCodeIssue":       fixed(""),
		"Mutation.memberLookup":          fixed(`(input: {phoneTail: "` + m.phoneTail(t) + `"})`),
		"Mutation.tagCreate":             keyed(`(input: {orgId: %q, name: "KEY"})`, store),
		"Mutation.memberTagsSet":         fixed(fmt.Sprintf(`(input: {memberId: %q, add: [%q]})`, member, m.id(ids.Tag))),
		"Mutation.memberHomeStoreMove":   fixed(fmt.Sprintf(`(input: {memberId: %q, storeId: %q, reason: "试"})`, member, store)),
		"Mutation.memberGrowthAdd":       keyed(`(input: {memberId: %q, growth: 1, reason: "试", idempotencyKey: "KEY"})`, member),
		"Mutation.memberStateSet":        fixed(fmt.Sprintf(`(input: {memberId: %q, frozen: false, reason: "试"})`, member)),
		"Mutation.pageSave":              fixed(fmt.Sprintf(`(input: {orgId: %q, slug: "home", title: "首页", blocks: [], state: PUBLISHED, version: 77})`, appkit.ID(ids.Org, m.Root.ID))),
		"Mutation.couponClaim":           func() string { return keyed(`(input: {templateId: %q, idempotencyKey: "KEY"})`, template())() },
		"Mutation.couponTemplateCreate":  keyed(`(input: {orgId: %q, name: "券", amount: 100, totalStock: 1, claimStartsAt: "2026-01-01T00:00:00Z", claimEndsAt: "2027-01-01T00:00:00Z", validityKind: AFTER_CLAIM, validDays: 1, idempotencyKey: "KEY"})`, store),
		"Mutation.couponTemplateUpdate": func() string {
			return fmt.Sprintf(`(input: {id: %q, version: 77, name: "券", amount: 100, totalStock: 1, claimStartsAt: "2026-01-01T00:00:00Z", claimEndsAt: "2027-01-01T00:00:00Z", validityKind: AFTER_CLAIM, validDays: 1})`, template())
		},
		"Mutation.couponTemplateDuplicate": func() string {
			return keyed(`(input: {id: %q, name: "券", idempotencyKey: "KEY"})`, template())()
		},
		"Mutation.couponTemplateSubmit": func() string { return fmt.Sprintf(`(input: {id: %q, version: 77})`, template()) },
		"Mutation.couponTemplateReview": func() string { return fmt.Sprintf(`(input: {id: %q, version: 77, approve: true})`, template()) },
		"Mutation.couponTemplateStateSet": func() string {
			return fmt.Sprintf(`(input: {id: %q, version: 1, state: PAUSED, reason: "试"})`, template())
		},
		"Mutation.couponTemplateRestock": func() string {
			return keyed(`(input: {id: %q, quantity: 1, reason: "试", idempotencyKey: "KEY"})`, template())()
		},
		"Query.issuableCoupons": fixed(""), "Query.couponIssueJobs": fixed(""), "Query.couponIssueJob": fixed(fmt.Sprintf(`(id: %q)`, m.id(ids.IssueJob))),
		"Query.couponAudienceSize":         fixed(fmt.Sprintf(`(templateId: %q, audience: {})`, m.id(ids.CouponTemplate))),
		"Mutation.couponIssue":             keyed(`(input: {templateId: %q, memberId: %q, reason: "试", idempotencyKey: "KEY"})`, m.storeTemplate, member),
		"Mutation.couponIssueJobCreate":    keyed(`(input: {templateId: %q, audience: {listed: ["1"]}, reason: "试", idempotencyKey: "KEY"})`, m.storeTemplate),
		"Mutation.couponIssueJobStop":      fixed(fmt.Sprintf(`(input: {id: %q, reason: "试"})`, m.id(ids.IssueJob))),
		"Mutation.couponIssueJobResume":    fixed(fmt.Sprintf(`(input: {id: %q, reason: "试"})`, m.id(ids.IssueJob))),
		"Mutation.paymentPrepare":          fixed(fmt.Sprintf(`(input: {paymentId: %q})`, m.id(ids.Payment))),
		"Mutation.merchantAccountCreate":   keyed(`(input: {orgId: %q, merchantId: "1900000002", name: "店", keys: {certificateSerial: "77"}, idempotencyKey: "KEY"})`, store),
		"Mutation.merchantAccountUpdate":   fixed(fmt.Sprintf(`(input: {id: %q, keys: {apiKey: "short"}})`, m.id(ids.MerchantAccount))),
		"Mutation.merchantAccountStateSet": fixed(fmt.Sprintf(`(input: {id: %q, state: ACTIVE, reason: "试"})`, m.id(ids.MerchantAccount))),
		"Mutation.paymentDisputeResolve":   keyed(`(input: {paymentId: %q, resolution: REFUND, reason: "试", idempotencyKey: "KEY"})`, m.id(ids.Payment)),
		"Mutation.reconciliationRun":       fixed(fmt.Sprintf(`(input: {merchantAccountId: %q, day: "2099-01-01"})`, m.id(ids.MerchantAccount))),
		"Mutation.reconciliationDifferenceExplain": func() string {
			return fmt.Sprintf(`(input: {id: %q, note: "试"})`, appkit.ID(ids.ReconciliationDifference, m.newDifference(t)))
		},
		"Query.wallet": fixed(fmt.Sprintf(`(memberId: %q)`, member)), "Query.walletPayment": fixed(fmt.Sprintf(`(id: %q)`, appkit.ID(ids.WalletPayment, m.payment))),
		"Query.walletPayments": fixed(fmt.Sprintf(`(orgId: %q)`, store)), "Query.storedValueSettings": fixed(""),
		"Mutation.payCodeIssue":         fixed(""),
		"Mutation.walletPaymentConfirm": awaiting(`(input: {id: %q})`), "Mutation.walletPaymentDecline": awaiting(`(input: {id: %q})`),
		"Mutation.walletPaymentCancel": awaiting(`(input: {id: %q})`),
		"Mutation.walletReportLost":    fixed(""), "Mutation.walletPasswordSet": fixed(`(input: {password: "111111"})`),
		"Mutation.walletCharge": func() string {
			return fmt.Sprintf(`(input: {payCode: %q, storeId: %q, amount: 100, idempotencyKey: %q})`, m.payCode(t), store, appkit.Key())
		},
		"Mutation.walletRefund": keyed(`(input: {paymentId: %q, amount: 1, reason: "试", idempotencyKey: "KEY"})`, appkit.ID(ids.WalletPayment, m.payment)),
		"Mutation.walletFreeze": fixed(fmt.Sprintf(`(input: {memberId: %q, reason: "试"})`, member)), "Mutation.walletUnfreeze": fixed(fmt.Sprintf(`(input: {memberId: %q, reason: "试"})`, member)),
		"Mutation.walletReissue":          fixed(fmt.Sprintf(`(input: {memberId: %q, reason: "试"})`, member)),
		"Mutation.storedValueSettingsSet": fixed(`(input: {spendOrder: PROPORTIONAL, bonusCap: 10000, balanceCap: 0, confirmAbove: 1, checkRefundsAbove: 1, clearingFee: 1, version: 0})`),
		"Mutation.redemptionPreview":      coded(`(input: {memberCode: "CODE", storeId: %q, purchase: 9000})`, store),
		"Mutation.redemptionConfirm":      coded(`(input: {memberCode: "CODE", storeId: %q, purchase: 9000, couponIds: [%q], idempotencyKey: "KEY"})`, store, m.id(ids.Coupon)),
		"Mutation.redemptionReverse":      fixed(fmt.Sprintf(`(input: {id: %q, reason: "试"})`, m.id(ids.Redemption))),
		"Mutation.redemptionReview":       fixed(fmt.Sprintf(`(input: {id: %q, note: "试"})`, m.id(ids.Redemption))),
		"Mutation.topUpTierCreate":        keyed(`(input: {orgId: %q, name: "档", pay: 1000, scopeOrgId: %q, startsAt: "2026-01-01T00:00:00Z", endsAt: "2027-01-01T00:00:00Z", idempotencyKey: "KEY"})`, store, store),
		"Mutation.topUpTierUpdate":        fixed(fmt.Sprintf(`(input: {id: %q, version: 77, name: "档"})`, m.id(ids.TopUpTier))),
		"Mutation.topUpTierStateSet":      fixed(fmt.Sprintf(`(input: {id: %q, version: 77, state: ENDED, reason: "试"})`, m.id(ids.TopUpTier))),
		"Mutation.topUpCreate":            keyed(`(input: {tierId: %q, idempotencyKey: "KEY"})`, m.paused),
		"Mutation.topUpAtTill":            coded(`(input: {memberCode: "CODE", storeId: %q, tierId: %q, tender: CARD, idempotencyKey: "KEY"})`, store, m.paused),
		"Mutation.topUpInvoiceRequest":    fixed(fmt.Sprintf(`(input: {topUpId: %q, title: "个人"})`, m.id(ids.TopUp))),
		"Mutation.topUpInvoiceIssue":      fixed(fmt.Sprintf(`(input: {topUpId: %q, number: "1"})`, m.id(ids.TopUp))),
		"Mutation.topUpRefundPreview":     fixed(fmt.Sprintf(`(input: {topUpId: %q, fault: UNUSED})`, m.id(ids.TopUp))),
		"Mutation.topUpRefundRequest":     keyed(`(input: {topUpId: %q, fault: UNUSED, amount: 1, reason: "试", idempotencyKey: "KEY"})`, m.id(ids.TopUp)),
		"Mutation.topUpRefundCheck":       keyed(`(input: {id: %q, approve: true, idempotencyKey: "KEY"})`, m.id(ids.TopUpRefund)),
		"Mutation.topUpRefundPayOut":      keyed(`(input: {id: %q, idempotencyKey: "KEY"})`, m.id(ids.TopUpRefund)),
		"Mutation.tillShiftOpen":          keyed(`(input: {storeId: %q, float: 0, idempotencyKey: "KEY"})`, store),
		"Mutation.tillShiftClose":         keyed(`(input: {id: %q, countedCash: 77, countedCard: 0, idempotencyKey: "KEY"})`, m.id(ids.TillShift)),
	}
	maps.Copy(asks, m.giftAsks(t))
	return asks
}

func (m *matrix) phoneTail(t *testing.T) string {
	return m.Store.Client(t.Context()).Person.GetX(m.System(t), m.member.PersonID).PhoneTail
}

// schema is the executable schema's.
var schema = generated.NewExecutableSchema(generated.Config{}).Schema()

// leaves selects the leaf fields of a type and, to the depth given, of the objects that it has; lists with arguments and pages are left out.
func leaves(definition *ast.Definition, depth int, path ...string) string {
	var b strings.Builder
	b.WriteString("{ __typename")
	for _, field := range definition.Fields {
		inner := schema.Types[field.Type.Name()]
		switch {
		case strings.HasPrefix(field.Name, "__") || len(field.Arguments) > 0:
		case inner.IsLeafType():
			b.WriteString(" " + field.Name)
		case depth > 0 && inner.Kind == ast.Object && !slices.Contains(path, inner.Name):
			b.WriteString(" " + field.Name + " " + leaves(inner, depth-1, append(path, definition.Name)...))
		}
	}
	return b.String() + " }"
}

// outcome says in a word what a root field answered.
func outcome(r *appkit.Response, field string) string {
	if len(r.Errors) > 0 {
		return r.Errors[0].Extensions.Code
	}
	if codes := r.UserCodes(field); len(codes) > 0 {
		return codes[0]
	}
	switch value := r.Data[field].(type) {
	case nil:
		return "null"
	case []any:
		return fmt.Sprintf("list:%d", len(value))
	case map[string]any:
		for _, name := range []string{"nodes", "members"} {
			if nodes, ok := value[name].([]any); ok {
				return fmt.Sprintf("list:%d", len(nodes))
			}
		}
	}
	return "ok"
}

func TestAccessOfRootFields(t *testing.T) {
	t.Parallel()
	for _, d := range []string{dialect.SQLite, dialect.MySQL} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, d)
			asks := m.asks(t)
			var b strings.Builder
			for _, root := range []*ast.Definition{schema.Query, schema.Mutation} {
				for _, field := range root.Fields {
					if strings.HasPrefix(field.Name, "__") {
						continue
					}
					name := root.Name + "." + field.Name
					ask, ok := asks[name]
					require.True(t, ok, "%s has no row in the access matrix", name)
					fmt.Fprintf(&b, "%s\n", name)
					for _, caller := range callers {
						if name == "Mutation.signOut" && m.clients[caller].Token != "" {
							continue // everybody may end the own session, and would be gone
						}
						if name == "Mutation.sessionRevoke" && caller == "shopper" {
							continue
						}
						document := fmt.Sprintf("%s { %s%s %s }", strings.ToLower(root.Name), field.Name, ask(), firstLevel(field))
						fmt.Fprintf(&b, "\t%-12s %s\n", caller, outcome(m.clients[caller].Do(t, document, nil), field.Name))
					}
				}
			}
			golden(t, "access-root-fields.txt", b.String())
			m.Verify(t)
		})
	}
}

// firstLevel selects enough of a root field to see what was answered.
func firstLevel(field *ast.FieldDefinition) string {
	definition := schema.Types[field.Type.Name()]
	if definition.IsLeafType() {
		return ""
	}
	var parts []string
	for _, inner := range definition.Fields {
		switch inner.Name {
		case "nodes", "members":
			parts = append(parts, inner.Name+" { __typename }")
		case "userErrors":
			parts = append(parts, "userErrors { code }")
		}
	}
	if len(parts) == 0 {
		parts = []string{"__typename"}
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

var (
	publicID  = regexp.MustCompile(`"[a-z]{3}_[0-9A-Za-z]+"`)
	timestamp = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*"`)
	digits    = regexp.MustCompile(`\d`)
	invented  = regexp.MustCompile(`"(code|number|name|wechatAppId|barcode|sequence|title|version|slug|outTradeNo|transactionId|outRefundNo)":("[^"]*"|\d+)`)
)

func TestAccessOfObjects(t *testing.T) {
	t.Parallel()
	for _, d := range []string{dialect.SQLite, dialect.MySQL} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, d)
			types := map[ids.Kind]*ast.Definition{}
			for kind := range m.rows {
				r := m.clients["admin"].Do(t, fmt.Sprintf(`{ node(id: %q) { __typename } }`, m.id(kind)), nil)
				if name, ok := r.Look("node.__typename").(string); ok {
					types[kind] = schema.Types[name]
				}
			}
			for name, kind := range map[string]ids.Kind{"Coupon": ids.Coupon, "Consent": ids.Consent, "Session": ids.Session, "Person": ids.Person, "MemberEvent": ids.MemberEvent,
				"CouponTransfer": ids.CouponTransfer} {
				types[kind] = schema.Types[name]
			}
			covered := map[string]bool{}
			var b strings.Builder
			for _, kind := range slices.Sorted(maps.Keys(types)) {
				definition := types[kind]
				covered[definition.Name] = true
				fmt.Fprintf(&b, "%s\n", definition.Name)
				for _, caller := range callers {
					document := fmt.Sprintf(`{ node(id: %q) { ... on %s %s } }`, m.id(kind), definition.Name, leaves(definition, 2))
					r := m.clients[caller].Do(t, document, nil)
					fmt.Fprintf(&b, "\t%-12s %s\n", caller, seen(t, r))
				}
			}
			for _, implementation := range schema.PossibleTypes["Node"] {
				require.True(t, covered[implementation.Name], "%s has no row in the access matrix", implementation.Name)
			}
			golden(t, "access-objects.txt", b.String())
		})
	}
}

// seen is what a caller sees of an object, with what differs from run to run left out: ids, times, and digits of numbers.
func seen(t *testing.T, r *appkit.Response) string {
	if len(r.Errors) > 0 {
		return r.Errors[0].Extensions.Code
	}
	text, err := json.Marshal(r.Data["node"])
	require.NoError(t, err)
	s := publicID.ReplaceAllString(string(text), `"…"`)
	s = timestamp.ReplaceAllString(s, `"time"`)
	s = invented.ReplaceAllString(s, `"$1":"…"`)
	return digits.ReplaceAllString(s, "9")
}

// golden compares with the outcomes that were reviewed.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// TestAccessOfSubscriptions asks for every subscription over a socket: a shopper gets its own events, anybody else none.
func TestAccessOfSubscriptions(t *testing.T) {
	t.Parallel()
	m := newMatrix(t, dialect.SQLite)
	require.Len(t, schema.Subscription.Fields, 2, "a new subscription needs its rows here")
	got := map[string]string{}
	for _, caller := range callers {
		c := m.clients[caller]
		if c.Token == "" {
			socket := m.Server.Dial(t)
			socket.Send(t, vars{"type": "connection_init", "payload": vars{"app": c.App}})
			code, _ := socket.Closed(t)
			got[caller] = fmt.Sprint(code)
			continue
		}
		socket := c.Socket(t)
		socket.Subscribe(t, "1", c.Request(`subscription { memberEvents(afterSequence: 0) { sequence } }`, nil))
		if caller == "stranger" || caller == "foreigner" {
			socket.Silent(t)
			got[caller] = "nothing"
			continue
		}
		message := socket.Next(t)
		got[caller] = message.Type
		if codes := message.Codes(); message.Type == "error" && len(codes) > 0 {
			got[caller] = codes[0]
		}
	}
	store := map[string]string{}
	for _, caller := range callers {
		c := m.clients[caller]
		if c.Token == "" {
			continue
		}
		socket := c.Socket(t)
		socket.Subscribe(t, "1", c.Request(`subscription($storeId: ID!) { storeRedemptions(storeId: $storeId) { id } }`, vars{"storeId": appkit.ID(ids.Org, m.Store1.ID)}))
		if slices.Contains([]string{"clerk", "manager", "owner", "marketer", "finance", "admin"}, caller) {
			socket.Silent(t)
			store[caller] = "nothing"
			continue
		}
		message := socket.Next(t)
		store[caller] = message.Type
		if codes := message.Codes(); len(codes) > 0 {
			store[caller] = codes[0]
		} else if r := message.Response(); len(r.Errors) > 0 {
			store[caller] = r.Code()
		}
	}
	require.Equal(t, map[string]string{"shopper": "FORBIDDEN", "stranger": "FORBIDDEN", "foreigner": "FORBIDDEN", "clerk": "nothing", "neighbour": "NOT_FOUND", "manager": "nothing",
		"owner": "nothing", "faraway": "NOT_FOUND", "distributor": "FORBIDDEN", "regional": "NOT_FOUND", "marketer": "nothing", "finance": "nothing", "admin": "nothing", "alien": "NOT_FOUND"}, store)
	want := map[string]string{"nobody": "4403", "visitor": "4403", "shopper": "next", "stranger": "nothing", "foreigner": "nothing"}
	for _, caller := range callers[5:] {
		want[caller] = "FORBIDDEN"
	}
	require.Equal(t, want, got)
}

// TestAccessOfExports asks for the addresses of files as everybody: who may read what is in a file gets an address that works without a token, and nobody else
// gets one.
func TestAccessOfExports(t *testing.T) {
	t.Parallel()
	m := newMatrix(t, dialect.SQLite)
	fetch := func(address string) int {
		_, path, ok := strings.Cut(address, "/exports/")
		require.True(t, ok)
		response, err := http.Get(m.Server.URL + "/exports/" + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	for operation, export := range map[string]struct {
		input string
		may   []string
	}{
		"clearingStatementExport": {fmt.Sprintf(`{statementId: %q, format: XLSX}`, m.id(ids.ClearingStatement)), []string{"owner", "finance", "admin"}},
		"storeDayExport":          {fmt.Sprintf(`{storeId: %q, date: "2026-11-22", format: XLSX}`, appkit.ID(ids.Org, m.Store1.ID)), []string{"manager", "owner", "distributor", "finance", "admin"}},
		"custodyExport":           {`{format: XLSX}`, []string{"owner", "faraway", "regional", "finance", "admin", "alien"}},
	} {
		var got []string
		for _, caller := range callers {
			r := m.clients[caller].Do(t, fmt.Sprintf(`mutation { %s(input: %s) { export { url } userErrors { code } } }`, operation, export.input), nil)
			if address, ok := r.Look(operation + ".export.url").(string); ok {
				got = append(got, caller)
				require.Equal(t, http.StatusOK, fetch(address), "%s for %s", operation, caller)
				require.Equal(t, http.StatusNotFound, fetch(address+"A"))
			}
		}
		require.Equal(t, export.may, got, operation)
	}
}
