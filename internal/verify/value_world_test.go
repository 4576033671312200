package verify_test

import (
	"encoding/json"
	"testing"

	"dongxiao/auth"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/store"
)

// value adds a row of each table of value to a world.
func value(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	shop, member, clerk := r["orgs"], r["members"], r["staff"]
	r["brand_settings"] = client.BrandSetting.Create().SetKind(enum.SettingPoints).SetDocument(json.RawMessage("{}")).SaveX(ctx).ID
	wallet := client.Wallet.Create().SetMemberID(member).SaveX(ctx)
	r["wallets"] = wallet.ID
	account := client.LedgerAccount.Create().SetAsset(enum.AssetStoredValue).SetKind(enum.AccountPrincipal).SetOwnerID(member).SetStripe(0).SaveX(ctx)
	r["ledger_accounts"] = account.ID
	posting := client.LedgerPosting.Create().SetKind(enum.PostTopUp).SetBusinessKey("one").SetOrgID(shop).SetMemberID(member).SetSubjectID(1).SetOccurredAt(start).SaveX(ctx)
	r["ledger_postings"] = client.LedgerPosting.Create().SetKind(enum.PostBonusExpiry).SetBusinessKey("two").SetOrgID(shop).SetMemberID(member).SetSubjectID(1).
		SetReversesID(posting.ID).SetOccurredAt(start).SaveX(ctx).ID
	r["ledger_entries"] = client.LedgerEntry.Create().SetPostingID(posting.ID).SetAccountID(account.ID).SetAmount(1).SetBalanceAfter(1).SaveX(ctx).ID
	lot := client.Lot.Create().SetMemberID(member).SetKind(enum.LotPrincipal).SetSourceID(1).SetIssuerOrgID(shop).SetScopeOrgID(shop).SetAmount(1).SetRemaining(1).SaveX(ctx)
	r["lots"] = lot.ID
	movement := client.LotMovement.Create().SetPostingID(posting.ID).SetLotID(lot.ID).SetRemainingChange(1).SetHeldChange(0).SetRemainingAfter(1).SetHeldAfter(0).SaveX(ctx)
	r["lot_movements"] = client.LotMovement.Create().SetPostingID(r["ledger_postings"]).SetLotID(lot.ID).SetRemainingChange(-1).SetHeldChange(0).SetRemainingAfter(0).
		SetHeldAfter(0).SetReversesID(movement.ID).SaveX(ctx).ID

	topUps(t, s, r)
	paid := client.WalletPayment.Create().SetWalletID(wallet.ID).SetMemberID(member).SetOrgID(shop).SetState(enum.WalletPaymentCaptured).SetSource(enum.WalletPaymentTill).
		SetAmountFen(1).SetPrincipalFen(1).SetBonusFen(0).SetCapturedFen(1).SetStaffID(clerk).SetShiftID(r["till_shifts"]).SetActorID(r["clerk's person"]).SetIdempotencyKey("key").
		SetInputHash("h").SetCapturedAt(start).SaveX(ctx)
	r["wallet_payments"] = paid.ID
	r["wallet_refunds"] = client.WalletRefund.Create().SetWalletPaymentID(paid.ID).SetMemberID(member).SetOrgID(shop).SetAmountFen(1).SetPrincipalFen(1).SetBonusFen(0).
		SetReason("退货").SetStaffID(clerk).SaveX(ctx).ID

	payments(t, s, r)
	clearings(t, s, r)
}

// couponWays adds a row of each table of the ways in which coupons come and go to a world.
func couponWays(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	open, template, member := r["coupons"], r["coupon_templates"], r["members"]
	r["coupon_transfers"] = client.CouponTransfer.Create().SetCouponID(open).SetFromMemberID(member).SetTokenHash("h").SetState(enum.TransferCancelled).
		SetExpiresAt(start).SetEndedAt(start).SaveX(ctx).ID
	r["coupon_uses"] = client.CouponUse.Create().SetCouponID(open).SetMemberID(member).SetOrderID(1).SetOrgID(r["orgs"]).SetDiscountFen(1000).
		SetLines([]document.LineDiscount{{LineID: 1, DiscountFen: 1000}}).SetReturnedFen(1000).SetReturnedAt(start).SaveX(ctx).ID
	job := client.IssueJob.Create().SetTemplateID(template).SetOrgID(r["root"]).SetStaffID(r["staff"]).SetAudience(document.Audience{Listed: true}).SetReason("周年庆").
		SetState(enum.IssueDone).SetTotal(1).SetSkipped(1).SetFinishedAt(start).SaveX(ctx)
	r["issue_jobs"] = job.ID
	r["issue_recipients"] = client.IssueRecipient.Create().SetJobID(job.ID).SetMemberID(member).SaveX(ctx).ID
	r["exchange_codes"] = client.ExchangeCode.Create().SetTemplateID(template).SetOrgID(r["root"]).SetBatch("1").SetCodeHash("h").SaveX(ctx).ID
	r["message_permissions"] = client.MessagePermission.Create().SetPersonID(r["persons"]).SetAppID(r["apps"]).SetTopic(enum.MessageCouponExpiry).SetRemaining(1).SaveX(ctx).ID
}
