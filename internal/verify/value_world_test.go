package verify_test

import (
	"context"
	"encoding/json"
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
	"dongxiao/ent/ledgerentry"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lotmovement"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit/valuekit"
)

// value adds a row of each table of value to a world.
func value(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	shop, member, clerk := r["orgs"], r["members"], r["staff"]
	r["brand_settings"] = client.BrandSetting.Create().SetKind(enum.SettingPoints).SetDocument(json.RawMessage("{}")).SaveX(ctx).ID
	later := start.AddDate(0, 1, 0)
	sold, err := valuekit.Give(ctx, s, ledger.New(s), valuekit.TopUp{MemberID: member, StoreID: shop, ScopeOrgID: shop, Principal: 1000, Bonus: 200, BonusExpiresAt: &later, At: start})
	require.NoError(t, err)
	wallet := client.Wallet.GetX(ctx, sold.WalletID)
	client.Wallet.UpdateOne(wallet).AddBalanceFen(-200).ExecX(ctx)
	r["wallets"] = wallet.ID
	r["value top-up"] = client.LedgerPosting.Query().Where(ledgerposting.KindEQ(enum.PostTopUp), ledgerposting.SubjectID(sold.ID)).OnlyIDX(ctx)
	topUps(t, s, r)
	paid := client.WalletPayment.Create().SetWalletID(wallet.ID).SetMemberID(member).SetOrgID(shop).SetState(enum.WalletPaymentCaptured).SetSource(enum.WalletPaymentTill).
		SetAmountFen(400).SetPrincipalFen(300).SetBonusFen(100).SetCapturedFen(400).SetRefundedFen(200).SetStaffID(clerk).SetShiftID(r["till_shifts"]).SetActorID(r["clerk's person"]).
		SetIdempotencyKey("key").SetInputHash("h").SetCapturedAt(start).SaveX(ctx)
	r["wallet_payments"] = paid.ID
	waiting := client.WalletPayment.Create().SetWalletID(wallet.ID).SetMemberID(member).SetOrgID(shop).SetState(enum.WalletPaymentAwaiting).SetSource(enum.WalletPaymentTill).
		SetAmountFen(50).SetPrincipalFen(50).SetBonusFen(0).SetActorID(r["clerk's person"]).SetIdempotencyKey("key 2").SetInputHash("h").SetExpiresAt(start).SaveX(ctx)
	r["waiting payment"] = waiting.ID
	back := client.WalletRefund.Create().SetWalletPaymentID(paid.ID).SetMemberID(member).SetOrgID(shop).SetAmountFen(200).SetPrincipalFen(150).SetBonusFen(50).
		SetReason("退货").SetStaffID(clerk).SaveX(ctx)
	r["wallet_refunds"] = back.ID
	books(t, s, r, paid.ID, waiting.ID, back.ID)

	payments(t, s, r)
	clearings(t, s, r)
}

// books adds the books of a payment of 400, one of 50 that waits, and a refund of 200.
func books(t *testing.T, s *store.Store, r rows, paid, waiting, back int64) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client, keeper := s.Client(ctx), ledger.New(s)
	shop, member := r["orgs"], r["members"]
	post := func(p ledger.Posting, name string, act func(book *ledger.Book, p *ledger.Posting)) {
		require.NoError(t, s.WithTx(ctx, func(ctx context.Context) error {
			book, err := keeper.Lock(ctx, member, enum.AssetStoredValue)
			if err != nil {
				return err
			}
			p.OrgID, p.At = shop, start
			act(book, &p)
			posted, err := book.Post(ctx, p)
			r[name] = posted.ID
			if err == nil {
				r[name+" movement"] = posted.Movements[0].ID
			}
			return err
		}))
	}
	leg := func(kind enum.AccountKind, amount int64) ledger.Entry {
		return ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: shop}, Amount: amount}
	}
	post(ledger.Posting{Kind: enum.PostSpend, Key: fmt.Sprint("wallet-spend:", paid), SubjectID: paid}, "spend posting", func(book *ledger.Book, p *ledger.Posting) {
		p.Lots = []ledger.LotChange{{Lot: book.Lots[0], Remaining: -100}, {Lot: book.Lots[1], Remaining: -300}}
		p.Entries = []ledger.Entry{leg(enum.AccountValueSpent, 400)}
	})
	held := start
	spent := client.LotMovement.Query().Where(lotmovement.PostingID(r["spend posting"])).Order(lotmovement.ByID()).AllX(ctx)
	post(ledger.Posting{Kind: enum.PostHold, Key: fmt.Sprint("wallet-hold:", waiting), SubjectID: waiting}, "hold posting", func(book *ledger.Book, p *ledger.Posting) {
		p.Lots = []ledger.LotChange{{Lot: book.Lots[1], Remaining: -50, Held: 50, Until: &held}}
	})
	post(ledger.Posting{Kind: enum.PostSpendRefund, Key: fmt.Sprint("wallet-refund:", back), SubjectID: back, ReversesID: r["spend posting"]}, "ledger_postings", func(book *ledger.Book, p *ledger.Posting) {
		p.Lots = []ledger.LotChange{{Lot: book.Lots[0], Remaining: 50, ReversesID: spent[0].ID}, {Lot: book.Lots[1], Remaining: 150, ReversesID: spent[1].ID}}
		p.Entries = []ledger.Entry{leg(enum.AccountValueSpent, -200)}
	})
	r["lot_movements"], r["spend movement"] = r["ledger_postings movement"], spent[0].ID
	r["lots"], r["value principal"] = spent[0].LotID, spent[1].LotID
	account := client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountBonus), ledgeraccount.OwnerID(member)).OnlyX(ctx)
	r["ledger_accounts"] = account.ID
	r["principal account"] = client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountPrincipal), ledgeraccount.OwnerID(member)).OnlyIDX(ctx)
	entry := client.LedgerEntry.Query().Where(ledgerentry.PostingID(r["spend posting"]), ledgerentry.BalanceAfterIsNil()).OnlyX(ctx)
	r["spent stripe"] = entry.AccountID
	heldAccount := client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountPrincipalHeld), ledgeraccount.OwnerID(member)).OnlyIDX(ctx)
	r["held entry"] = client.LedgerEntry.Query().Where(ledgerentry.AccountID(heldAccount)).OnlyIDX(ctx)
	r["ledger_entries"] = client.LedgerEntry.Query().Where(ledgerentry.AccountID(account.ID), ledgerentry.PostingID(r["spend posting"])).OnlyX(ctx).ID
}

// plantedValue breaks each rule of the ledger, of wallets and of their payments.
var plantedValue = []plant{
	{"posting sums", "ledger_entries", "ledger_entries", "amount", -99, "spend posting"},
	{"posting sums", "ledger_entries", "ledger_entries", "posting_id", "hold posting", "spend posting"},
	{"posting legs", "ledger_entries", "held entry", "posting_id", "value top-up", "hold posting"},
	{"account balance", "ledger_accounts", "ledger_accounts", "balance", 5, ""},
	{"account balance", "ledger_entries", "ledger_entries", "amount", -99, "ledger_accounts"},
	{"account kind", "ledger_accounts", "ledger_accounts", "asset", "POINTS", ""},
	{"account kind", "ledger_accounts", "ledger_accounts", "stripe", 1, ""},
	{"account kind", "ledger_accounts", "ledger_accounts", "balance", -1, ""},
	{"account chain", "ledger_entries", "ledger_entries", "balance_after", 7, "ledger_accounts"},
	{"account chain", "ledger_entries", "ledger_entries", "balance_after", nil, "ledger_accounts"},
	{"lot amounts", "lots", "lots", "remaining", 201, ""},
	{"lot amounts", "lots", "lots", "held", -1, ""},
	{"lot amounts", "lots", "value principal", "expires_at", start, ""},
	{"lot movements", "lots", "lots", "remaining", 5, ""},
	{"lot movements", "lots", "value principal", "held", 5, ""},
	{"lot movements", "lot_movements", "lot_movements", "remaining_change", 49, "lots"},
	{"lot movements", "lot_movements", "lot_movements", "lot_id", "clearing lot", "lots"},
	{"lot chain", "lot_movements", "lot_movements", "remaining_after", 5, "lots"},
	{"lot chain", "lot_movements", "lot_movements", "held_after", 5, "lots"},
	{"lot grant", "lots", "lots", "amount", 201, ""},
	{"lot expiry", "lots", "lots", "expires_at", start, ""},
	{"lot expiry", "lots", "lots", "expires_at", nil, ""},
	{"lots of an account", "lots", "lots", "remaining", 5, "ledger_accounts"},
	{"posting lots", "lot_movements", "lot_movements", "remaining_change", 49, "ledger_postings"},
	{"posting lots", "lots", "lots", "kind", "PRINCIPAL", "ledger_postings"},
	{"posting member", "ledger_postings", "ledger_postings", "member_id", nil, ""},
	{"posting member", "lots", "lots", "member_id", "erased member", "ledger_postings"},
	{"movement gives back", "lot_movements", "lot_movements", "remaining_change", 101, "spend movement"},
	{"movement gives back", "lot_movements", "lot_movements", "lot_id", "clearing lot", "spend movement"},
	{"wallet balance", "wallets", "wallets", "balance_fen", 999, ""},
	{"wallet balance", "wallets", "wallets", "pending_fen", -1, ""},
	{"wallet state", "wallets", "wallets", "state", "FROZEN", ""},
	{"wallet state", "wallets", "wallets", "state", "CLOSED", ""},
	{"wallet state", "wallets", "wallets", "frozen_at", start, ""},
	{"wallet state", "wallets", "wallets", "generation", 0, ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "amount_fen", 401, ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "principal_fen", 301, ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "state", "RELEASED", ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "captured_at", nil, ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "ended_at", start, ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "source", "ORDER", ""},
	{"wallet payment", "wallet_payments", "waiting payment", "expires_at", nil, ""},
	{"wallet payment", "wallet_payments", "wallet_payments", "refunded_fen", 401, ""},
	{"wallet payment wallet", "wallet_payments", "wallet_payments", "member_id", "erased member", ""},
	{"wallet payment shift", "till_shifts", "till_shifts", "store_id", "other store", "wallet_payments"},
	{"wallet payment shares", "wallet_payments", "wallet_payments", "bonus_fen", 99, ""},
	{"wallet payment spent", "wallet_payments", "wallet_payments", "captured_fen", 399, ""},
	{"wallet payment spent", "ledger_postings", "spend posting", "kind", "TOP_UP", "wallet_payments"},
	{"wallet payment holds", "wallet_payments", "waiting payment", "state", "DECLINED", ""},
	{"wallet payment holds", "ledger_postings", "hold posting", "subject_id", 5, "waiting payment"},
	{"held lots", "wallet_payments", "waiting payment", "state", "DECLINED", "value principal"},
	{"wallet payment refunds", "wallet_payments", "wallet_payments", "refunded_fen", 199, ""},
	{"wallet payment refunds", "wallet_refunds", "wallet_refunds", "amount_fen", 199, "wallet_payments"},
	{"wallet refund", "wallet_refunds", "wallet_refunds", "principal_fen", 151, ""},
	{"wallet refund", "wallet_refunds", "wallet_refunds", "member_id", "erased member", ""},
	{"wallet refund shares", "wallet_refunds", "wallet_refunds", "principal_fen", 151, ""},
	{"wallet refund shares", "wallet_refunds", "wallet_refunds", "wallet_payment_id", "waiting payment", ""},
	{"wallet refund shares", "ledger_postings", "ledger_postings", "reverses_id", "value top-up", "wallet_refunds"},
	{"wallet payment keys", "idempotency_keys", "idempotency_keys", "operation", "payCode", ""},
}

// couponWays adds a row of each table of the ways in which coupons come and go to a world.
func couponWays(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	open, template, member := r["coupons"], r["coupon_templates"], r["members"]
	budget := client.CouponTemplate.Create().SetOrgID(r["root"]).SetName("生日券").SetState(enum.TemplateActive).SetRuleID(r["coupon_rules"]).SetTotalStock(10).SetStockLeft(7).
		SetBudgetFen(10_000).SetBudgetLeftFen(9_000).SetClaimStartsAt(start).SetClaimEndsAt(start.Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).
		SetEvent(enum.CouponByBirthday).SaveX(ctx)
	r["with a budget"] = budget.ID
	byEvent := func(key string, source enum.CouponSource, state enum.CouponState) int64 {
		return client.Coupon.Create().SetTemplateID(budget.ID).SetRuleID(budget.RuleID).SetMemberID(member).SetCode(key).SetState(state).
			SetSource(source).SetClaimKey(key).SetUsableFrom(start).SetExpiresAt(start.Add(time.Hour)).SaveX(ctx).ID
	}
	r["by event"], r["ended unused"] = byEvent("by-event", enum.SourceEvent, enum.CouponEffective), byEvent("ended", enum.SourceActivated, enum.CouponExpired)
	r["event person"] = client.LimitCounter.Create().SetKind(enum.LimitEventPerson).SetScopeID(budget.ID).SetSubjectID(r["persons"]).SetPeriod(2026).SetCount(1).SaveX(ctx).ID
	r["coupon_transfers"] = client.CouponTransfer.Create().SetCouponID(open).SetFromMemberID(member).SetTokenHash("h").SetState(enum.TransferCancelled).
		SetExpiresAt(start).SetEndedAt(start).SaveX(ctx).ID
	transferable := client.CouponTemplate.Create().SetOrgID(r["root"]).SetName("可转赠").SetState(enum.TemplateActive).SetRuleID(r["coupon_rules"]).SetTotalStock(2).
		SetStockLeft(0).SetClaimStartsAt(start).SetClaimEndsAt(start.Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).SaveX(ctx)
	giving := func(key string, member int64) *ent.CouponCreate {
		return client.Coupon.Create().SetTemplateID(transferable.ID).SetRuleID(r["coupon_rules"]).SetMemberID(member).SetCode(key).SetSource(enum.SourceEvent).SetClaimKey(key).
			SetUsableFrom(start).SetExpiresAt(start.Add(time.Hour))
	}
	giver, friend := member, r["other member"]
	given := giving("given", giver).SetState(enum.CouponTransferred).SaveX(ctx)
	gift := giving("gift", friend).SetState(enum.CouponEffective).SetSource(enum.SourceGift).SetOriginID(given.ID).SaveX(ctx)
	offered := giving("offered", giver).SetState(enum.CouponTransferring).SaveX(ctx)
	r["given"], r["gift"], r["offered"] = given.ID, gift.ID, offered.ID
	transfer := func(c *ent.Coupon) *ent.CouponTransferCreate {
		return client.CouponTransfer.Create().SetCouponID(c.ID).SetFromMemberID(giver).SetTokenHash(c.Code).SetExpiresAt(c.ExpiresAt)
	}
	r["accepted"] = transfer(given).SetState(enum.TransferAccepted).SetToMemberID(friend).SetAcceptedCouponID(gift.ID).SetEndedAt(start).SaveX(ctx).ID
	r["open transfer"] = transfer(offered).SetState(enum.TransferOffered).SetOpenCouponID(offered.ID).SaveX(ctx).ID
	r["coupon_uses"] = client.CouponUse.Create().SetCouponID(open).SetMemberID(member).SetOrderID(1).SetOrgID(r["orgs"]).SetDiscountFen(1000).
		SetLines([]document.LineDiscount{{LineID: 1, DiscountFen: 1000}}).SetReturnedFen(1000).SetReturnedAt(start).SaveX(ctx).ID
	job := client.IssueJob.Create().SetTemplateID(budget.ID).SetOrgID(r["root"]).SetStaffID(r["staff"]).SetAudience(document.Audience{Listed: true}).SetReason("周年庆").
		SetState(enum.IssueDone).SetTotal(1).SetIssued(1).SetLastMemberID(member).SetFinishedAt(start).SaveX(ctx)
	r["issue_jobs"] = job.ID
	r["in bulk"] = client.Coupon.Create().SetTemplateID(budget.ID).SetRuleID(budget.RuleID).SetMemberID(member).SetCode("bulk").SetState(enum.CouponRevoked).
		SetSource(enum.SourceBulk).SetClaimKey("job-1").SetUsableFrom(start).SetExpiresAt(start.Add(time.Hour)).SetIssueJobID(job.ID).SaveX(ctx).ID
	client.LimitCounter.Create().SetKind(enum.LimitMemberTotal).SetScopeID(budget.ID).SetSubjectID(member).SetPeriod(0).SetCount(1).ExecX(ctx)
	r["staff day"] = client.LimitCounter.Create().SetKind(enum.LimitStaffDay).SetScopeID(r["root"]).SetSubjectID(r["clerk's person"]).SetPeriod(20261122).SetCount(2).SaveX(ctx).ID
	r["issue_recipients"] = client.IssueRecipient.Create().SetJobID(job.ID).SetMemberID(member).SaveX(ctx).ID
	r["exchange_codes"] = client.ExchangeCode.Create().SetTemplateID(template).SetOrgID(r["root"]).SetBatch("1").SetCodeHash("h").SaveX(ctx).ID
	r["message_permissions"] = client.MessagePermission.Create().SetPersonID(r["persons"]).SetAppID(r["apps"]).SetTopic(enum.MessageCouponExpiry).SetRemaining(1).SaveX(ctx).ID
}
