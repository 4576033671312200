package verify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/points"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/clearingstatement"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit/valuekit"
)

// lives adds what services do with value to a world: orders that hold, capture, release and expire, refunds in parts, bonus that is written off and comes back,
// wallets that are frozen and closed, points that mature, are spent, given back, clawed back, owed and expire, and statements that are agreed and disputed.
func lives(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	l := newLife(t, s, r)
	l.spends(t)
	l.topUpRefunds(t)
	l.wallets(t)
	l.points(t)
	l.statements(t)
}

// life is the services of a world, and a member who uses them.
type life struct {
	store   *store.Store
	rows    rows
	ctx     context.Context
	clock   *clock.Manual
	books   *ledger.Ledger
	pay     *wallet.Service
	earn    *points.Service
	clear   *clearing.Service
	sell    *topup.Service
	member  *ent.Member
	another *ent.Member
}

func newLife(t *testing.T, s *store.Store, r rows) *life {
	t.Helper()
	l := &life{store: s, rows: r, ctx: auth.System(t.Context(), r["brands"]), clock: clock.NewManual(start), books: ledger.New(s)}
	orgs, roots, events := org.New(s, l.clock, nil), org.NewRoots(s), memberevent.New(s, nil)
	members := member.New(member.Options{Store: s, Clock: l.clock, Orgs: orgs, Events: events})
	l.clear = clearing.New(clearing.Options{Store: s, Clock: l.clock, Orgs: orgs, Ledger: l.books})
	l.pay = wallet.New(wallet.Options{Store: s, Clock: l.clock, Ledger: l.books, Orgs: orgs, Roots: roots, Members: members, Clearing: l.clear, Events: events})
	l.sell = topup.New(topup.Options{Store: s, Clock: l.clock, Orgs: orgs, Ledger: l.books, Wallets: l.pay, Events: events})
	l.earn = points.New(points.Options{Store: s, Clock: l.clock, Ledger: l.books, Orgs: orgs, Roots: roots, Members: members, Events: events})
	client := s.Client(l.ctx)
	for i, m := range []**ent.Member{&l.member, &l.another} {
		person := client.Person.Create().SetLimitSubject(r["persons"]).SetPhoneHash(fmt.Sprint("life", i)).SetPhoneTail("0000").SaveX(l.ctx)
		*m = client.Member.Create().SetPersonID(person.ID).SetNumber(r["brands"]%1e8*100 + 70 + int64(i)).SetState(enum.MemberRegistered).SetRegisteredAt(start).SaveX(l.ctx)
	}
	return l
}

func (l *life) hold(t *testing.T, order int64, at int64, amount money.Fen) *ent.WalletPayment {
	t.Helper()
	p, err := l.pay.Hold(l.ctx, wallet.Order{MemberID: l.member.ID, OrgID: at, ID: order, Amount: amount, ExpiresAt: l.clock.Now().Add(time.Duration(order) * time.Hour)})
	require.NoError(t, err)
	return p
}

func (l *life) spends(t *testing.T) {
	t.Helper()
	shop, other := l.rows["orgs"], l.rows["other store"]
	soon := start.Add(48 * time.Hour)
	for _, principal := range []int64{9_000, 8_000} {
		_, err := valuekit.Give(l.ctx, l.store, l.books, valuekit.TopUp{MemberID: l.member.ID, StoreID: shop, ScopeOrgID: l.rows["root"], Principal: principal, Bonus: 2_000,
			BonusExpiresAt: &soon, At: start, Funders: []document.Funder{{OrgID: l.rows["root"], BasisPoints: 6_000}, {OrgID: shop, BasisPoints: 4_000}}})
		require.NoError(t, err)
	}
	first := l.hold(t, 101, other, 5_000)
	_, err := l.pay.Capture(l.ctx, first.ID, 4_500)
	require.NoError(t, err)
	for _, part := range []money.Fen{700, 300} {
		_, err = l.pay.RefundOrder(l.ctx, first.ID, part, "退货")
		require.NoError(t, err)
	}
	released := l.hold(t, 102, shop, 1_000)
	_, err = l.pay.Release(l.ctx, released.ID)
	require.NoError(t, err)
	_, err = l.pay.Decline(l.asMember(l.member), l.tillHold(t, 200))
	require.NoError(t, err)
	l.hold(t, 1, shop, 600)
	l.clock.Advance(50 * time.Hour)
	_, err = l.pay.ExpireHolds(l.ctx, 10)
	require.NoError(t, err)
	_, err = l.pay.ExpireBonus(l.ctx, 10)
	require.NoError(t, err)
	_, err = l.pay.RefundOrder(l.ctx, first.ID, 3_400, "退货")
	require.NoError(t, err)
	_, err = l.pay.ExpireBonus(l.ctx, 10)
	require.NoError(t, err)
	l.hold(t, 104, other, 250)
	whole := l.hold(t, 105, other, 331)
	_, err = l.pay.Capture(l.ctx, whole.ID, 331)
	require.NoError(t, err)
}

func (l *life) asMember(m *ent.Member) context.Context {
	return auth.NewContext(l.ctx, auth.Viewer{Reach: auth.ReachMember, BrandID: l.rows["brands"], Face: auth.Storefront, PersonID: m.PersonID, MemberID: m.ID})
}

// tillHold is a payment at the till that waits for the member.
func (l *life) tillHold(t *testing.T, amount int64) int64 {
	t.Helper()
	shop, until := l.rows["orgs"], l.clock.Now().Add(time.Hour)
	client := l.store.Client(l.ctx)
	wallet, err := l.pay.Open(l.ctx, l.member.ID)
	require.NoError(t, err)
	p := client.WalletPayment.Create().SetWalletID(wallet.ID).SetMemberID(l.member.ID).SetOrgID(shop).SetState(enum.WalletPaymentAwaiting).SetSource(enum.WalletPaymentTill).
		SetAmountFen(amount).SetPrincipalFen(0).SetBonusFen(amount).SetActorID(l.rows["clerk's person"]).SetIdempotencyKey("till hold").SetInputHash("h").SetStaffID(l.rows["staff"]).
		SetExpiresAt(until).SaveX(l.ctx)
	require.NoError(t, l.store.WithTx(l.ctx, func(ctx context.Context) error {
		book, err := l.books.Lock(ctx, l.member.ID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		_, err = book.Post(ctx, ledger.Posting{Kind: enum.PostHold, Key: fmt.Sprint("wallet-hold:", p.ID), OrgID: shop, SubjectID: p.ID, At: l.clock.Now(),
			Lots: []ledger.LotChange{{Lot: book.Lots[0], Remaining: -amount, Held: amount, Until: &until}}})
		return err
	}))
	return p.ID
}

// topUpRefunds gives back what is left of a top-up of which some was spent and some expired: rejected once, and asked for again by whose fault it is.
func (l *life) topUpRefunds(t *testing.T) {
	t.Helper()
	shop, soon := l.rows["orgs"], l.clock.Now().Add(time.Hour)
	owner, finance := l.asStaff(l.rows["manager"], shop, auth.Owner), l.asStaff(l.rows["clerk's person"], l.rows["root"], auth.Finance)
	l.store.Client(l.ctx).Staff.Create().SetOrgID(shop).SetRole(auth.Owner).SetPersonID(l.rows["manager"]).SetName("店主").SetState(enum.StaffActive).SaveX(l.ctx)
	l.store.Client(l.ctx).Staff.Create().SetOrgID(l.rows["root"]).SetRole(auth.Finance).SetPersonID(l.rows["clerk's person"]).SetName("财务").SetState(enum.StaffActive).SaveX(l.ctx)
	settings := wallet.Defaults
	settings.CheckRefundsAboveFen = 1_000
	document, err := json.Marshal(settings)
	require.NoError(t, err)
	l.store.Client(l.ctx).BrandSetting.Create().SetKind(enum.SettingStoredValue).SetDocument(document).SaveX(l.ctx)
	for i, fault := range []enum.RefundFault{enum.FaultMerchant, enum.FaultMember} {
		sold, err := valuekit.Give(l.ctx, l.store, l.books, valuekit.TopUp{MemberID: l.another.ID, StoreID: shop, ScopeOrgID: l.rows["root"], Principal: 5_000, Bonus: 700 + int64(i),
			BonusExpiresAt: &soon, At: l.clock.Now()})
		require.NoError(t, err)
		p, err := l.pay.Hold(l.ctx, wallet.Order{MemberID: l.another.ID, OrgID: shop, ID: 400 + int64(i), Amount: 1_300, ExpiresAt: soon})
		require.NoError(t, err)
		_, err = l.pay.Capture(l.ctx, p.ID, 1_300)
		require.NoError(t, err)
		ask := func() *ent.TopUpRefund {
			offer, err := l.sell.PreviewRefund(owner, sold.ID, fault)
			require.NoError(t, err)
			refund, _, err := l.sell.RequestRefund(owner, topup.RefundRequest{TopUpID: sold.ID, Fault: fault, Amount: offer.Amount, Reason: "退卡",
				IdempotencyKey: fmt.Sprintf("refund-%d-%d", sold.ID, l.clock.Now().Unix())})
			require.NoError(t, err)
			return refund
		}
		_, err = l.sell.Check(finance, ask().ID, false, "再想想", fmt.Sprint("check-", sold.ID))
		require.NoError(t, err)
		l.clock.Advance(time.Minute)
		ask()
	}
}

func (l *life) asStaff(personID, orgID int64, role auth.Role) context.Context {
	return auth.NewContext(l.ctx, auth.Viewer{Reach: auth.ReachStaff, BrandID: l.rows["brands"], Face: auth.Console, PersonID: personID,
		Assignments: []auth.Assignment{{OrgID: orgID, Role: role}}})
}

// wallets has one frozen and one closed.
func (l *life) wallets(t *testing.T) {
	t.Helper()
	_, err := l.pay.Lost(l.asMember(l.another))
	require.NoError(t, err)
	gone := l.rows["erased member"]
	_, err = l.pay.Open(l.ctx, gone)
	require.NoError(t, err)
	require.NoError(t, l.store.WithTx(l.ctx, func(ctx context.Context) error { return l.pay.Leave(ctx, []int64{gone}) }))
}

func (l *life) points(t *testing.T) {
	t.Helper()
	rules, err := json.Marshal(document.PointsSettings{PerYuan: 1, Rounding: document.RoundDown, PendingDays: 7, ExpiryDays: 30, GrowthPerPoint: 1})
	require.NoError(t, err)
	l.store.Client(l.ctx).BrandSetting.UpdateOneID(l.rows["brand_settings"]).SetDocument(rules).ExecX(l.ctx)
	earn := func(order int64, yuan money.Fen) {
		require.NoError(t, l.earn.Earn(l.ctx, l.member.ID, order, 100*yuan, l.clock.Now()))
	}
	settle := func(days int) {
		l.clock.Advance(time.Duration(days) * 24 * time.Hour)
		require.NoError(t, l.store.WithTx(l.ctx, func(ctx context.Context) error {
			_, err := l.earn.SettleDue(ctx, 100)
			return err
		}))
	}
	earn(201, 100)
	settle(8)
	earn(202, 60)
	require.NoError(t, l.earn.Spend(l.ctx, l.member.ID, 301, 70))
	require.NoError(t, l.earn.Return(l.ctx, 301, 20))
	require.NoError(t, l.earn.ClawBack(l.ctx, 202, points.Part{Refunded: 30, Total: 60}))
	settle(8)
	require.NoError(t, l.earn.ClawBack(l.ctx, 201, points.Part{Refunded: 100, Total: 100}))
	earn(203, 90)
	settle(8)
	l.adjust(t, 15)
	settle(60)
	earn(204, 40)
	settle(8)
	require.NoError(t, l.earn.Spend(l.ctx, l.member.ID, 302, 40))
	require.NoError(t, l.earn.ClawBack(l.ctx, 204, points.Part{Refunded: 40, Total: 40}))
	earn(205, 10)
}

func (l *life) adjust(t *testing.T, n int64) {
	t.Helper()
	admin := l.asStaff(l.rows["manager"], l.rows["root"], auth.Admin)
	_, err := l.earn.Adjust(admin, points.Adjustment{MemberID: l.member.ID, Points: n, Reason: "补偿", IdempotencyKey: fmt.Sprintf("adjust-%d", n)})
	require.NoError(t, err)
}

// statements has one that both sides agreed to, and one with a disputed line.
func (l *life) statements(t *testing.T) {
	t.Helper()
	client := l.store.Client(l.ctx)
	finance := l.asStaff(l.rows["manager"], l.rows["root"], auth.Finance)
	_, _, err := l.clear.MakeMonth(finance, 202611)
	require.NoError(t, err)
	side := func(orgID int64) int64 {
		return client.Staff.Create().SetOrgID(orgID).SetRole(auth.Owner).SetPersonID(l.rows["persons"]).SetName("店主").SetState(enum.StaffActive).SaveX(l.ctx).ID
	}
	between := func(a, b int64) *ent.ClearingStatement {
		return client.ClearingStatement.Query().Where(clearingstatement.FirstOrgID(min(a, b)), clearingstatement.SecondOrgID(max(a, b))).OnlyX(l.ctx)
	}
	agreed, disputed := between(l.rows["orgs"], l.rows["other store"]), between(l.rows["root"], l.rows["other store"])
	client.ClearingStatement.UpdateOne(agreed).SetState(enum.StatementConfirmed).SetFirstConfirmedAt(start).SetFirstConfirmedBy(side(agreed.FirstOrgID)).SetSecondConfirmedAt(start).
		SetSecondConfirmedBy(side(agreed.SecondOrgID)).ExecX(l.ctx)
	client.ClearingStatement.UpdateOne(disputed).SetState(enum.StatementDisputed).ExecX(l.ctx)
	line := client.ClearingLine.Query().Where(clearingline.StatementID(disputed.ID)).Order(clearingline.ByID()).FirstX(l.ctx)
	client.ClearingLine.UpdateOne(line).SetState(enum.LineDisputed).SetDisputeReason("不对").SetDisputedBy(l.rows["other clerk"]).ExecX(l.ctx)
}
