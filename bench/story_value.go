package main

import (
	"context"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/merchantaccount"
	"dongxiao/ent/payment"
	"dongxiao/ent/staff"
	"dongxiao/ent/topuptier"
	application "dongxiao/internal/app"
	"dongxiao/internal/demo"
	"dongxiao/internal/ids"
)

// valueStory is the stored value in a story: who sees to the money, and what it goes through.
type valueStory struct {
	app *application.App
	// brand is the brand itself, for rows that only time, WeChat Pay or other stores bring about.
	brand context.Context
	// finance has the sign-ins of who sees to the money, by face.
	finance map[auth.Face]string
	// tier is the first store's 充1000送100, and account takes its WeChat money.
	tier, account string
	month         int
}

func (s *story) client() *ent.Client { return s.value.app.Database.Client(s.value.brand) }

// openValue signs finance in, of the brand at the console and of the first store at the portal, and gives the store a merchant account.
func (s *story) openValue(a *application.App, brandID int64) {
	s.value = valueStory{app: a, brand: auth.System(s.ctx, brandID), finance: map[auth.Face]string{}}
	s.value.finance[auth.Console] = s.console(s.enter(auth.Staff, "finance").token)
	phone, p := s.phone(), s.visitor(auth.Portal)
	s.bind(auth.Portal, p, phone)
	code := s.ask(auth.Console, "StaffInvite", s.tokens[string(auth.Console)], input("orgId", s.store, "role", "FINANCE", "name", "会计", "phone", phone, "idempotencyKey", s.key()),
		"staffInvite.invitationCode")
	s.run(auth.Portal, "StaffInvitationAccept", p.token, input("invitationCode", code))
	s.value.finance[auth.Portal] = s.enter(auth.Portal, p.user).token

	shop := s.number(ids.Org, s.store)
	tier, err := s.client().TopUpTier.Query().Where(topuptier.OrgID(shop), topuptier.PayFen(100_000)).OnlyID(s.value.brand)
	s.fail(err)
	s.value.tier = ids.Encode(ids.TopUpTier, tier)
	s.value.account = s.ask(auth.Console, "MerchantAccountCreate", s.tokens[string(auth.Console)], s.merchantInput(s.store), "merchantAccountCreate.merchantAccount.id")
	s.fail((&demo.SignIns{Simulator: s.simulator}).RegisterMerchants(s.ctx, a.Database, a.Keyring.Ring(), brandID))
}

func (s *story) number(kind ids.Kind, id string) int64 {
	n, ok := ids.Decode(kind, id)
	if !ok {
		s.fail(fmt.Errorf("%s is no %v", id, kind))
	}
	return n
}

// merchantInput is a merchant account of an org that has none.
func (s *story) merchantInput(org string) map[string]any {
	m, err := (&demo.SignIns{Simulator: s.simulator}).Merchant(s.ctx)
	s.fail(err)
	s.last++
	return input("orgId", org, "merchantId", fmt.Sprintf("19%08d", s.last), "name", "微信支付", "idempotencyKey", s.key(),
		"keys", map[string]any{"certificateSerial": m.CertificateSerial, "privateKey": m.PrivateKey, "apiKey": m.APIv3Key, "publicKeyId": m.PublicKeyID, "publicKey": m.PublicKey})
}

// lonely is a new store, which has no merchant account.
func (s *story) lonely() string {
	return s.ask(auth.Console, "OrgCreate", s.tokens[string(auth.Console)], input("parentId", s.root, "kind", "REGION", "code", s.key(), "name", "新区", "idempotencyKey", s.key()),
		"orgCreate.org.id")
}

// spare is a merchant account that nothing uses.
func (s *story) spare() string {
	return s.ask(auth.Console, "MerchantAccountCreate", s.tokens[string(auth.Console)], s.merchantInput(s.lonely()), "merchantAccountCreate.merchantAccount.id")
}

// shift is the owner's shift at the first store, opened where none is.
func (s *story) shift() string {
	token := s.tokens[string(auth.Staff)]
	data, _ := s.run(auth.Staff, "Till", token, map[string]any{"storeId": s.store})
	if open, ok := data["ownTillShift"].(map[string]any); ok {
		return open["id"].(string)
	}
	return s.ask(auth.Staff, "TillShiftOpen", token, input("storeId", s.store, "float", 20_000, "idempotencyKey", s.key()), "tillShiftOpen.shift.id")
}

func (s *story) shiftClosing() map[string]any {
	return input("id", s.shift(), "countedCash", 0, "countedCard", 0, "explanation", "盘点差异", "idempotencyKey", s.key())
}

// funded is a new member with 1,100 yuan of stored value, topped up at the first store's till.
func (s *story) funded() (p signedIn, topUp string) {
	p = s.shopper()
	return p, s.ask(auth.Staff, "TopUpAtTill", s.tokens[string(auth.Staff)], s.tillTopUp(p), "topUpAtTill.topUp.id")
}

func (s *story) tillTopUp(p signedIn) map[string]any {
	s.shift()
	return input("memberCode", s.code(p), "storeId", s.store, "tierId", s.value.tier, "tender", "CASH", "idempotencyKey", s.key())
}

// ordered is a new member's top-up that waits to be paid by WeChat Pay.
func (s *story) ordered() (p signedIn, payment string) {
	p = s.shopper()
	return p, s.ask(auth.Storefront, "TopUpCreate", p.token, input("tierId", s.value.tier, "idempotencyKey", s.key()), "topUpCreate.topUp.payment.id")
}

// disputed is a payment that was paid with another amount.
func (s *story) disputed() string {
	_, id := s.ordered()
	s.fail(s.client().Payment.Update().Where(payment.ID(s.number(ids.Payment, id))).SetState(enum.PaymentPaid).SetOutcome(enum.OutcomeDisputed).SetTransactionID("4200" + s.key()).
		SetPaidFen(1).SetPaidAt(time.Now()).SetDispute("paid 0.01 of 1000.00 yuan").ClearCheckAt().Exec(s.value.brand))
	return id
}

// idOf is the number of a member, as a public id.
func (s *story) idOf(p signedIn) string {
	return s.ask(auth.Storefront, "MyProfile", p.token, nil, "viewer.member.id")
}

// holder is the public id of a new member with stored value.
func (s *story) holder() string {
	p, _ := s.funded()
	return s.idOf(p)
}

func (s *story) chargeInput(p signedIn, amount int) map[string]any {
	return input("payCode", s.ask(auth.Storefront, "PayCode", p.token, nil, "payCodeIssue.code.digits"), "storeId", s.store, "amount", amount, "idempotencyKey", s.key())
}

// charged is a payment of a new member's at the first store; above 200 yuan it waits for the member.
func (s *story) charged(amount int) (p signedIn, payment string) {
	p, _ = s.funded()
	return p, s.ask(auth.Staff, "WalletCharge", s.tokens[string(auth.Staff)], s.chargeInput(p, amount), "walletCharge.payment.id")
}

// refundInput asks for a top-up's refund; it waits for a second person.
func (s *story) refundInput() map[string]any {
	_, topUp := s.funded()
	return input("topUpId", topUp, "fault", "UNUSED", "amount", 100_000, "reason", "顾客搬家", "idempotencyKey", s.key())
}

func (s *story) refundAsked() string {
	return s.ask(auth.Staff, "TopUpRefundRequest", s.tokens[string(auth.Staff)], s.refundInput(), "topUpRefundRequest.refund.id")
}

func (s *story) tierInput(org string) map[string]any {
	now := time.Now().UTC()
	return input("orgId", org, "name", "充500送20", "pay", 50_000, "bonus", 2_000, "bonusDays", 90, "scopeOrgId", org, "startsAt", now.Format(time.RFC3339),
		"endsAt", now.AddDate(0, 1, 0).Format(time.RFC3339), "idempotencyKey", s.key())
}

func (s *story) newTier(face auth.Face) string {
	return s.ask(face, "TopUpTierCreate", s.tokens[string(face)], s.tierInput(s.orgOf(face)), "topUpTierCreate.tier.id")
}

// speaker signs in who speaks for the face's org in clearing.
func (s *story) speaker(face auth.Face) string {
	if face == auth.Console {
		return s.value.finance[face]
	}
	return s.tokens[string(face)]
}

// owed is a clearing statement with one line, by which the second store owes the face's org 9.90 yuan. Where disputed is true, the second store says that it is wrong.
func (s *story) owed(face auth.Face, disputed bool) (statement, line string) {
	creditor, debtor := s.number(ids.Org, s.orgOf(face)), s.number(ids.Org, s.otherStore)
	s.value.month++
	period := (2000+s.value.month/12)*100 + s.value.month%12 + 1
	client, ctx := s.client(), s.value.brand
	posting, err := client.LedgerPosting.Create().SetKind(enum.PostSpend).SetBusinessKey(s.key()).SetOrgID(creditor).SetSubjectID(1).SetOccurredAt(time.Now()).Save(ctx)
	s.fail(err)
	made := client.ClearingStatement.Create().SetFirstOrgID(min(creditor, debtor)).SetSecondOrgID(max(creditor, debtor)).SetPeriod(period).SetLines(1)
	if debtor < creditor {
		made.SetFirstOwesFen(990).SetSecondOwesFen(0)
	} else {
		made.SetFirstOwesFen(0).SetSecondOwesFen(990)
	}
	if disputed {
		made.SetState(enum.StatementDisputed)
	}
	st, err := made.Save(ctx)
	s.fail(err)
	if s.err != nil {
		return "", ""
	}
	row := client.ClearingLine.Create().SetKind(enum.ClearPrincipal).SetDebtorOrgID(debtor).SetCreditorOrgID(creditor).SetFaceFen(1000).SetFeeFen(10).SetAmountFen(990).SetSubjectID(1).
		SetPostingID(posting.ID).SetPeriod(period).SetStatementID(st.ID)
	if disputed {
		by, err := client.Staff.Query().Where(staff.OrgID(debtor)).FirstID(ctx)
		s.fail(err)
		row.SetState(enum.LineDisputed).SetDisputeReason("金额不符").SetDisputedBy(by)
	}
	l, err := row.Save(ctx)
	s.fail(err)
	if s.err != nil {
		return "", ""
	}
	return ids.Encode(ids.ClearingStatement, st.ID), ids.Encode(ids.ClearingLine, l.ID)
}

// owesFirst says whether the second store is the first org of its statements with the face's org.
func (s *story) owesFirst(face auth.Face) bool {
	return s.number(ids.Org, s.otherStore) < s.number(ids.Org, s.orgOf(face))
}

// compared is a reconciliation of the first store's account that found a difference.
func (s *story) compared() (reconciliation, difference string) {
	client, ctx := s.client(), s.value.brand
	account, err := client.MerchantAccount.Query().Where(merchantaccount.ID(s.number(ids.MerchantAccount, s.value.account))).Only(ctx)
	s.fail(err)
	if s.err != nil {
		return "", ""
	}
	s.last++
	run, err := client.Reconciliation.Create().SetMerchantAccountID(account.ID).SetOrgID(account.OrgID).SetDay(10_000_000 + s.last).SetState(enum.ReconciliationDifferent).
		SetPayments(1).SetDifferences(1).SetFinishedAt(time.Now()).Save(ctx)
	s.fail(err)
	if s.err != nil {
		return "", ""
	}
	d, err := client.ReconciliationDifference.Create().SetReconciliationID(run.ID).SetOrgID(account.OrgID).SetKind(enum.DifferenceAmount).SetNumber(s.key()).SetOursFen(100).SetTheirsFen(99).Save(ctx)
	s.fail(err)
	if s.err != nil {
		return "", ""
	}
	return ids.Encode(ids.Reconciliation, run.ID), ids.Encode(ids.ReconciliationDifference, d.ID)
}

// version is that of a row of the brand's settings; 0 where there is none.
func (s *story) version(kind enum.SettingKind) int {
	for _, row := range s.client().BrandSetting.Query().AllX(s.value.brand) {
		if row.Kind == kind {
			return row.Version
		}
	}
	return 0
}

// offered is a coupon that a new member offers to a friend, with the token that the friend gets.
func (s *story) offered() (p signedIn, transfer, token string) {
	p = s.shopper()
	data, _ := s.run(auth.Storefront, "CouponTransferCreate", p.token, s.transferInput(p))
	if s.err != nil {
		return p, "", ""
	}
	made := data["couponTransferCreate"].(map[string]any)
	return p, made["transfer"].(map[string]any)["id"].(string), made["token"].(string)
}

func (s *story) transferInput(p signedIn) map[string]any {
	if s.gift == "" {
		fields := s.templateInput(auth.Console)
		fields["input"].(map[string]any)["transferable"] = true
		admin := s.tokens[string(auth.Console)]
		s.gift = s.ask(auth.Console, "CouponTemplateCreate", admin, fields, "couponTemplateCreate.template.id")
		s.run(auth.Console, "CouponTemplateSubmit", admin, input("id", s.gift, "version", 1))
		s.run(auth.Console, "CouponTemplateReview", s.reviewer, input("id", s.gift, "version", 2, "approve", true))
	}
	coupon := s.ask(auth.Storefront, "CouponClaim", p.token, input("templateId", s.gift, "idempotencyKey", s.key()), "couponClaim.coupon.id")
	return input("couponId", coupon, "idempotencyKey", s.key())
}

// exchangeCode is a code that nobody has.
func (s *story) exchangeCode() string {
	s.last++
	return fmt.Sprintf("BENCH%08d", s.last)
}

// codesInput is what brings exchange codes to a template of the face's org.
func (s *story) codesInput(face auth.Face, what string, value any) map[string]any {
	return input("templateId", s.draft(face), "batch", "兑换", what, value, "idempotencyKey", s.key())
}
