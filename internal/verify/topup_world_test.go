package verify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lot"
	"dongxiao/ent/lotmovement"
	"dongxiao/internal/store"
)

// topUps adds the books of top-ups to a world: one of each state for one member, refunds of each state, and two shifts.
func topUps(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client, books := s.Client(ctx), ledger.New(s)
	shop, day := r["orgs"], 24*time.Hour
	r["topper's person"] = client.Person.Create().SetLimitSubject(1).SetPhoneHash("topper").SetPhoneTail("0000").SaveX(ctx).ID
	client.Person.UpdateOneID(r["topper's person"]).SetLimitSubject(r["topper's person"]).ExecX(ctx)
	member := client.Member.Create().SetPersonID(r["topper's person"]).SetNumber(r["brands"]%1e9*10 + 4).SetState(enum.MemberRegistered).SetRegisteredAt(start).SaveX(ctx)
	wallet := client.Wallet.Create().SetMemberID(member.ID).SaveX(ctx)
	r["topper"], r["topper's wallet"] = member.ID, wallet.ID
	terms := document.TopUpTerms{BonusFen: 100, BonusDays: 30, ScopeOrgID: shop, Refund: document.TopUpRefundTerm{UnusedDays: 7}}
	tier := client.TopUpTier.Create().SetOrgID(shop).SetName("充1000送100").SetState(enum.TierActive).SetPayFen(1000).SetTerms(terms).SetMemberLimit(9).SetPersonLimit(9).
		SetStartsAt(start).SetEndsAt(start.AddDate(1, 0, 0)).SaveX(ctx)
	r["top_up_tiers"] = tier.ID
	open := client.TillShift.Create().SetStoreID(shop).SetStaffID(r["staff"]).SetOpenStaffID(r["staff"]).SetFloatFen(50).SaveX(ctx)
	closed := client.TillShift.Create().SetStoreID(shop).SetStaffID(r["staff"]).SetState(enum.ShiftClosed).SetFloatFen(50).SetClosedAt(start.Add(day)).SetCountedCashFen(1049).
		SetExpectedCashFen(1050).SetCountedCardFen(1000).SetExpectedCardFen(1000).SetExplanation("少找一分").SaveX(ctx)
	r["till_shifts"], r["closed shift"] = open.ID, closed.ID
	merchant := client.MerchantAccount.Create().SetOrgID(shop).SetActiveOrgID(shop).SetMerchantID("1900000001").SetName("门店").SetCertificateSerial("s").
		SetPrivateKeySealed([]byte("x")).SetAPIKeySealed([]byte("x")).SaveX(ctx)
	r["merchant_accounts"] = merchant.ID

	post := func(kind enum.PostingKind, subject, reverses int64, entries ...ledger.Entry) {
		_, err := books.Post(ctx, ledger.Posting{Kind: kind, Key: fmt.Sprintf("%s:%d", kind, subject), OrgID: shop, SubjectID: subject, ReversesID: reverses, At: start, Entries: entries})
		require.NoError(t, err)
	}
	posting := func(kind enum.PostingKind, subject int64) int64 {
		return client.LedgerPosting.Query().Where(ledgerposting.KindEQ(kind), ledgerposting.SubjectID(subject)).OnlyX(ctx).ID
	}
	entry := func(kind enum.AccountKind, owner, amount int64) ledger.Entry {
		return ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: owner}, Amount: amount}
	}
	inBook := func(act func(ctx context.Context, book *ledger.Book) ledger.Posting) {
		require.NoError(t, s.WithTx(ctx, func(ctx context.Context) error {
			book, err := books.Lock(ctx, member.ID, enum.AssetStoredValue)
			if err != nil {
				return err
			}
			_, err = book.Post(ctx, act(ctx, book))
			return err
		}))
	}
	// buy is a top-up of 1,000 fen with 100 on top; with a shift it was paid there, otherwise by WeChat Pay.
	buy := func(name string, state enum.TopUpState, shift *ent.TillShift, tender enum.Tender) *ent.TopUp {
		create := client.TopUp.Create().SetWalletID(wallet.ID).SetMemberID(member.ID).SetOrgID(shop).SetTierID(tier.ID).SetTender(tender).SetState(state).
			SetPayFen(1000).SetBonusFen(100).SetTerms(terms)
		if state == enum.TopUpPaid {
			create.SetPaidAt(start).SetBonusExpiresAt(start.Add(30 * day))
		}
		if shift != nil {
			create.SetStaffID(shift.StaffID).SetShiftID(shift.ID)
		}
		if state == enum.TopUpClosed {
			create.SetClosedAt(start.Add(day))
		}
		row := create.SaveX(ctx)
		r[name] = row.ID
		if shift == nil {
			p := client.Payment.Create().SetMerchantAccountID(merchant.ID).SetOrgID(shop).SetAppID(r["apps"]).SetPersonID(r["topper's person"]).SetMemberID(member.ID).
				SetPurpose(enum.PayTopUp).SetSubjectID(row.ID).SetOutTradeNo("P" + fmt.Sprint(row.ID)).SetDescription("充值").SetAmountFen(1000).SetExpiresAt(start)
			switch state {
			case enum.TopUpPaid:
				p.SetState(enum.PaymentPaid).SetOutcome(enum.OutcomeApplied).SetPaidFen(1000).SetPaidAt(start).SetTransactionID(fmt.Sprint(row.ID))
			case enum.TopUpClosed:
				p.SetState(enum.PaymentClosed).SetClosedAt(start.Add(day))
			default:
				p.SetCheckAt(start)
			}
			paid := p.SaveX(ctx)
			r[name+"'s payment"] = paid.ID
			row = client.TopUp.UpdateOne(row).SetPaymentID(paid.ID).SaveX(ctx)
		}
		if state != enum.TopUpPaid {
			return row
		}
		grant := ledger.Grant{Kind: enum.LotPrincipal, SourceID: row.ID, IssuerOrgID: shop, ScopeOrgID: shop, Amount: 1000}
		bonus := grant
		bonus.Kind, bonus.Amount, bonus.ExpiresAt = enum.LotBonus, 100, row.BonusExpiresAt
		inBook(func(context.Context, *ledger.Book) ledger.Posting {
			return ledger.Posting{Kind: enum.PostTopUp, Key: fmt.Sprintf("TOP_UP:%d", row.ID), OrgID: shop, SubjectID: row.ID, At: start, Grants: []ledger.Grant{grant, bonus},
				Entries: []ledger.Entry{entry(enum.AccountPrincipalIssued, shop, -1000), entry(enum.AccountBonusIssued, shop, -100)}}
		})
		if shift == nil {
			post(enum.PostPayment, *row.PaymentID, 0, entry(enum.AccountMerchant, merchant.ID, 1000), entry(enum.AccountReceived, shop, -1000))
			return row
		}
		kind := enum.AccountTillCash
		if tender == enum.TenderCard {
			kind = enum.AccountTillCard
		}
		post(enum.PostTillReceipt, row.ID, 0, entry(kind, shift.ID, 1000), entry(enum.AccountReceived, shop, -1000))
		return row
	}
	waiting := buy("waiting top-up", enum.TopUpPending, nil, enum.TenderWeChatPay)
	buy("closed top-up", enum.TopUpClosed, nil, enum.TenderWeChatPay)
	byWeChat := buy("WeChat top-up", enum.TopUpPaid, nil, enum.TenderWeChatPay)
	cash := buy("cash top-up", enum.TopUpPaid, open, enum.TenderCash)
	buy("counted cash", enum.TopUpPaid, closed, enum.TenderCash)
	buy("counted card", enum.TopUpPaid, closed, enum.TenderCard)
	held := buy("top_ups", enum.TopUpPaid, nil, enum.TenderWeChatPay)

	// refund withdraws all of a top-up, and gives it back where it is rejected.
	refund := func(name string, of *ent.TopUp, state enum.TopUpRefundState, change func(*ent.TopUpRefundCreate)) *ent.TopUpRefund {
		create := client.TopUpRefund.Create().SetTopUpID(of.ID).SetMemberID(member.ID).SetOrgID(shop).SetFault(enum.FaultUnused).SetState(state).SetAmountFen(1000).
			SetPrincipalFen(1000).SetBonusFen(100).SetReason("搬家").SetMadeBy(r["staff"])
		if state == enum.TopUpRefundRequested || state == enum.TopUpRefundPaying {
			create.SetOpenTopUpID(of.ID)
		}
		if state == enum.TopUpRefundPaid {
			create.SetPaidAt(start)
		}
		if change != nil {
			change(create)
		}
		row := create.SaveX(ctx)
		r[name] = row.ID
		move := func(kind enum.PostingKind, sign int64) {
			inBook(func(ctx context.Context, book *ledger.Book) ledger.Posting {
				numbers := client.Lot.Query().Where(lot.SourceID(of.ID)).Order(lot.ByID()).IDsX(ctx)
				lots, err := book.Reopen(ctx, numbers...)
				require.NoError(t, err)
				p := ledger.Posting{Kind: kind, Key: fmt.Sprintf("%s:%d", kind, row.ID), OrgID: shop, SubjectID: row.ID, At: start,
					Entries: []ledger.Entry{entry(enum.AccountPrincipalIssued, shop, -sign*1000), entry(enum.AccountBonusIssued, shop, -sign*100)}}
				p.ReversesID = posting(enum.PostTopUp, of.ID)
				if kind == enum.PostTopUpRefundUndone {
					p.ReversesID = posting(enum.PostTopUpRefund, row.ID)
				}
				for _, id := range numbers {
					change := ledger.LotChange{Lot: lots[id], Remaining: sign * lots[id].Amount}
					if sign > 0 {
						change.ReversesID = client.LotMovement.Query().Where(lotmovement.PostingID(p.ReversesID), lotmovement.LotID(id)).OnlyIDX(ctx)
					}
					p.Lots = append(p.Lots, change)
				}
				return p
			})
		}
		move(enum.PostTopUpRefund, -1)
		if state == enum.TopUpRefundRejected {
			move(enum.PostTopUpRefundUndone, 1)
		}
		if state == enum.TopUpRefundPaid {
			client.TopUp.UpdateOneID(of.ID).SetState(enum.TopUpRefunded).SetRefundedFen(1000).ExecX(ctx)
		}
		return row
	}
	checked := func(c *ent.TopUpRefundCreate) {
		c.SetCheckedBy(r["manager's role"]).SetCheckedAt(start)
	}
	client.TopUp.UpdateOne(held).SetInvoice(document.Invoice{Title: "个人", RequestedAt: start}).ExecX(ctx)
	refund("rejected refund", held, enum.TopUpRefundRejected, checked)
	refund("top_up_refunds", held, enum.TopUpRefundRequested, nil)
	out := refund("till refund", cash, enum.TopUpRefundPaid, func(c *ent.TopUpRefundCreate) { c.SetShiftID(open.ID) })
	post(enum.PostTillPayout, out.ID, posting(enum.PostTillReceipt, cash.ID), entry(enum.AccountTillCash, open.ID, -1000), entry(enum.AccountReceived, shop, 1000))
	back := refund("WeChat refund", byWeChat, enum.TopUpRefundPaid, func(c *ent.TopUpRefundCreate) { c.SetShiftID(open.ID); checked(c) })
	client.Payment.UpdateOneID(*byWeChat.PaymentID).SetRefundingFen(1000).SetRefundedFen(1000).ExecX(ctx)
	money := client.PaymentRefund.Create().SetPaymentID(*byWeChat.PaymentID).SetMerchantAccountID(merchant.ID).SetOrgID(shop).SetMemberID(member.ID).SetOutRefundNo("R9").
		SetCause(enum.CauseTopUpRefund).SetSubjectID(back.ID).SetAmountFen(1000).SetState(enum.RefundSucceeded).SetWechatRefundID("9").SetSucceededAt(start).SaveX(ctx)
	r["WeChat money back"] = money.ID
	client.TopUpRefund.UpdateOne(back).SetPaymentRefundID(money.ID).ClearShiftID().ExecX(ctx)
	_, err := books.Post(ctx, ledger.Posting{Kind: enum.PostPaymentRefund, Key: fmt.Sprintf("PAYMENT_REFUND:%d", money.ID), OrgID: shop, SubjectID: money.ID,
		ReversesID: posting(enum.PostPayment, *byWeChat.PaymentID), At: start,
		Entries: []ledger.Entry{entry(enum.AccountMerchant, merchant.ID, -1000), entry(enum.AccountReceived, shop, 1000)}})
	require.NoError(t, err)
	r["top-up posting"], r["receipt"], r["refund posting"] = posting(enum.PostTopUp, held.ID), posting(enum.PostTillReceipt, cash.ID), posting(enum.PostTillPayout, out.ID)
	r["till account"] = client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountTillCash), ledgeraccount.OwnerID(open.ID)).OnlyIDX(ctx)
	r["principal lot"] = client.Lot.Query().Where(lot.SourceID(held.ID), lot.KindEQ(enum.LotPrincipal)).OnlyX(ctx).ID
	r["bonus lot"] = client.Lot.Query().Where(lot.SourceID(held.ID), lot.KindEQ(enum.LotBonus)).OnlyX(ctx).ID
	count := func(kind enum.LimitKind, subject int64) int64 {
		return client.LimitCounter.Create().SetKind(kind).SetScopeID(tier.ID).SetSubjectID(subject).SetPeriod(0).SetCount(6).SaveX(ctx).ID
	}
	r["tier member"], r["tier person"] = count(enum.LimitTierMember, member.ID), count(enum.LimitTierPerson, r["topper's person"])
	client.Wallet.UpdateOne(wallet).SetBalanceFen(2200).SetPendingFen(waiting.PayFen + waiting.BonusFen).ExecX(ctx)
	r["closed org"] = client.Org.Create().SetParentID(r["region"]).SetKind(enum.OrgStore).SetCode("s3").SetName("s3").SetState(enum.OrgClosed).
		SetPath("/").SaveX(ctx).ID
	region := client.Org.GetX(ctx, r["region"])
	client.Org.UpdateOneID(r["closed org"]).SetPath(region.Path + store.PathSegment(r["closed org"]) + "/").ExecX(ctx)
}

// plantedTopUps breaks each rule of top-ups.
var plantedTopUps = []plant{
	{"top-up tier", "top_up_tiers", "top_up_tiers", "pay_fen", 0, ""},
	{"top-up tier", "top_up_tiers", "top_up_tiers", "ends_at", start, ""},
	{"top-up tier", "top_up_tiers", "top_up_tiers", "member_limit", -1, ""},
	{"top-up state", "top_ups", "top_ups", "state", "CLOSED", ""},
	{"top-up state", "top_ups", "top_ups", "state", "REFUNDED", ""},
	{"top-up state", "top_ups", "closed top-up", "closed_at", nil, ""},
	{"top-up state", "top_ups", "waiting top-up", "paid_at", start, ""},
	{"top-up state", "top_ups", "cash top-up", "refunded_fen", 1001, ""},
	{"top-up state", "top_ups", "top_ups", "bonus_expires_at", start, ""},
	{"top-up tender", "top_ups", "cash top-up", "tender", "WECHAT_PAY", ""},
	{"top-up tender", "top_ups", "cash top-up", "shift_id", nil, ""},
	{"top-up tender", "top_ups", "cash top-up", "staff_id", "other clerk", ""},
	{"top-up tender", "top_ups", "top_ups", "payment_id", nil, ""},
	{"top-up tender", "top_ups", "cash top-up", "state", "PENDING", ""},
	{"top-up of a tier", "top_ups", "top_ups", "pay_fen", 999, ""},
	{"top-up of a tier", "top_ups", "top_ups", "wallet_id", "wallets", ""},
	{"top-up of a tier", "top_up_tiers", "top_up_tiers", "org_id", "other store", "top_ups"},
	{"top-up of a tier", "top_up_tiers", "top_up_tiers", "state", "DRAFT", "top_ups"},
	{"top-up payment", "payments", "top_ups's payment", "amount_fen", 999, "top_ups"},
	{"top-up payment", "payments", "top_ups's payment", "state", "CLOSED", "top_ups"},
	{"top-up payment", "payments", "top_ups's payment", "outcome", "RETURNED", "top_ups"},
	{"top-up payment", "payments", "top_ups's payment", "member_id", "members", "top_ups"},
	{"top-up payment", "payments", "top_ups's payment", "subject_id", 5, "top_ups"},
	{"top-up payment", "payments", "top_ups's payment", "paid_at", start.Add(time.Second), "top_ups"},
	{"top-up payment", "payments", "closed top-up's payment", "state", "PENDING", "closed top-up"},
	{"top-up payment", "payments", "waiting top-up's payment", "state", "CLOSED", "waiting top-up"},
	{"top-up posting", "top_ups", "waiting top-up", "state", "PAID", ""},
	{"top-up posting", "top_ups", "top_ups", "state", "PENDING", ""},
	{"top-up posting", "top_ups", "cash top-up", "paid_at", start.Add(time.Second), ""},
	{"top-up posting", "ledger_postings", "top-up posting", "kind", "SPEND", "top_ups"},
	{"top-up posting", "ledger_postings", "top-up posting", "subject_id", 5, "top_ups"},
	{"top-up lots", "lots", "principal lot", "amount", 999, "top_ups"},
	{"top-up lots", "lots", "principal lot", "expires_at", start, "top_ups"},
	{"top-up lots", "lots", "principal lot", "issuer_org_id", "other store", "top_ups"},
	{"top-up lots", "lots", "bonus lot", "amount", 101, "top_ups"},
	{"top-up lots", "lots", "bonus lot", "expires_at", nil, "top_ups"},
	{"top-up lots", "lots", "bonus lot", "expires_at", start, "top_ups"},
	{"top-up lots", "lots", "bonus lot", "member_id", "members", "top_ups"},
	{"top-up lots", "top_ups", "top_ups", "bonus_expires_at", start.Add(time.Hour), ""},
	{"top-up lots twice", "lots", "bonus lot", "kind", "PRINCIPAL", ""},
	{"top-up lots", "lots", "bonus lot", "source_id", 5, "top_ups"},
	{"wallet room", "wallets", "topper's wallet", "pending_fen", 1, ""},
	{"wallet room", "top_ups", "waiting top-up", "state", "CLOSED", "topper's wallet"},
	{"tier member counter", "limit_counters", "tier member", "count", 5, "topper"},
	{"tier member counter", "top_up_tiers", "top_up_tiers", "member_limit", 5, "topper"},
	{"tier person counter", "limit_counters", "tier person", "count", 7, "topper's person"},
	{"tier counters without top-ups", "limit_counters", "tier member", "subject_id", 5, ""},
	{"tier counters without top-ups", "limit_counters", "tier person", "count", 7, ""},
	{"till receipt", "top_ups", "counted cash", "tender", "CARD", ""},
	{"till receipt", "top_ups", "counted cash", "shift_id", "till_shifts", ""},
	{"till receipt", "ledger_postings", "receipt", "kind", "PAYMENT", "cash top-up"},
	{"top-up refund state", "top_up_refunds", "top_up_refunds", "state", "REJECTED", ""},
	{"top-up refund state", "top_up_refunds", "top_up_refunds", "open_top_up_id", nil, ""},
	{"top-up refund state", "top_up_refunds", "top_up_refunds", "checked_by", "staff", ""},
	{"top-up refund state", "top_up_refunds", "till refund", "shift_id", nil, ""},
	{"top-up refund state", "top_up_refunds", "till refund", "paid_at", nil, ""},
	{"top-up refund state", "top_up_refunds", "till refund", "amount_fen", 0, ""},
	{"top-up refund checker", "top_up_refunds", "WeChat refund", "checked_by", "staff", ""},
	{"top-up refund owner", "top_up_refunds", "top_up_refunds", "member_id", "members", ""},
	{"top-up refund owner", "top_up_refunds", "top_up_refunds", "org_id", "other store", ""},
	{"top-up refunded", "top_ups", "cash top-up", "refunded_fen", 999, ""},
	{"top-up refunded", "top_up_refunds", "rejected refund", "state", "PAYING", "top_ups"},
	{"top-up refund posting", "top_up_refunds", "rejected refund", "state", "PAYING", ""},
	{"top-up refund posting", "top_up_refunds", "top_up_refunds", "principal_fen", 999, ""},
	{"top-up refund posting", "top_up_refunds", "top_up_refunds", "bonus_fen", 99, ""},
	{"top-up refund posting", "top_up_refunds", "top_up_refunds", "state", "REJECTED", ""},
	{"top-up refund posting", "top_up_refunds", "top_up_refunds", "top_up_id", "cash top-up", ""},
	{"posting of top_up_refunds", "ledger_postings", "refund posting", "subject_id", 5, ""},
	{"top-up refund money", "top_up_refunds", "WeChat refund", "payment_refund_id", nil, ""},
	{"top-up refund money", "payment_refunds", "WeChat money back", "state", "PROCESSING", "WeChat refund"},
	{"top-up refund money", "payment_refunds", "WeChat money back", "amount_fen", 1, "WeChat refund"},
	{"till payout", "top_ups", "cash top-up", "tender", "CARD", "till refund"},
	{"till payout", "top_up_refunds", "till refund", "amount_fen", 999, ""},
	{"till payout", "top_up_refunds", "till refund", "shift_id", "closed shift", ""},
	{"till shift", "till_shifts", "till_shifts", "open_staff_id", nil, ""},
	{"till shift", "till_shifts", "closed shift", "state", "OPEN", ""},
	{"till shift", "till_shifts", "closed shift", "explanation", "", ""},
	{"till shift", "till_shifts", "closed shift", "store_id", "region", ""},
	{"till shift expected", "till_shifts", "closed shift", "expected_cash_fen", 1049, ""},
	{"till shift expected", "till_shifts", "closed shift", "float_fen", 51, ""},
	{"till shift expected", "till_shifts", "closed shift", "expected_card_fen", 0, ""},
	{"till shift expected", "till_shifts", "till_shifts", "expected_cash_fen", 1, ""},
	{"till accounts", "top_ups", "counted card", "pay_fen", 999, "closed shift"},
	{"till accounts", "top_up_refunds", "till refund", "shift_id", "closed shift", "till_shifts"},
	{"invoices of cancelled members", "members", "topper", "state", "CANCELLED", "top_ups"},
	{"org successor", "orgs", "closed org", "successor_id", "closed org", ""},
	{"org successor", "orgs", "orgs", "state", "CLOSED", ""},
	{"org successor", "orgs", "orgs", "successor_id", "other store", ""},
}
