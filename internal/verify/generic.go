package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
)

// links are the checks that every reference names a row of the same brand, from the tenancy rules of all entities.
func links() []check {
	var list []check
	for _, entity := range slices.Sorted(maps.Keys(ent.Tenancies)) {
		table := ent.Tables[entity]
		for _, column := range slices.Sorted(maps.Keys(ent.Tenancies[entity].Links)) {
			target := ent.Tables[ent.Tenancies[entity].Links[column]]
			list = append(list, check{
				name: "link " + table + "." + column,
				rule: "a reference names a row of " + target + " of the same brand",
				query: fmt.Sprintf(`SELECT t.brand_id, t.id, t.%[2]s FROM %[1]s t LEFT JOIN %[3]s x ON x.id = t.%[2]s AND x.brand_id = t.brand_id
					WHERE t.%[2]s IS NOT NULL AND x.id IS NULL`, table, column, target),
			})
		}
	}
	return list
}

// owners are the checks that every row belongs to a brand that exists.
func owners() []check {
	var list []check
	for _, entity := range slices.Sorted(maps.Keys(ent.Tenancies)) {
		if ent.Tenancies[entity].Installation {
			continue
		}
		table := ent.Tables[entity]
		list = append(list, check{
			name:  "brand of " + table,
			rule:  "a row belongs to a brand",
			query: "SELECT t.brand_id, t.id, t.brand_id FROM " + table + " t LEFT JOIN brands b ON b.id = t.brand_id WHERE b.id IS NULL",
		})
	}
	return list
}

// vocabulary has the words that a column may hold, for the columns whose words decide what may happen next.
var vocabulary = []struct {
	table, column string
	words         []string
}{
	{"apps", "face", words(auth.Storefront, auth.Mall, auth.Portal, auth.Staff, auth.Console)},
	{"apps", "state", words(enum.AppActive, enum.AppDisabled)},
	{"clearing_lines", "kind", words(enum.ClearPrincipal, enum.ClearBonus, enum.ClearCoupon)},
	{"clearing_lines", "state", words(enum.LineOpen, enum.LineDisputed)},
	{"clearing_statements", "state", words(enum.StatementIssued, enum.StatementDisputed, enum.StatementConfirmed)},
	{"coupon_transfers", "state", words(enum.TransferOffered, enum.TransferAccepted, enum.TransferCancelled, enum.TransferExpired)},
	{"coupon_templates", "state", words(enum.TemplateDraft, enum.TemplateReview, enum.TemplateActive, enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid)},
	{"coupon_templates", "validity_kind", words(enum.ValidityFixed, enum.ValidityAfterClaim)},
	{"coupons", "source", words(enum.SourceClaim, enum.SourceStaff, enum.SourceEvent, enum.SourceGift,
		enum.SourceBulk, enum.SourceExchange, enum.SourceActivated)},
	{"coupons", "state", words(enum.CouponPending, enum.CouponEffective, enum.CouponLocked, enum.CouponUsed, enum.CouponExpired, enum.CouponRevoked,
		enum.CouponTransferring, enum.CouponTransferred)},
	{"ledger_accounts", "kind", words(enum.AccountPrincipal, enum.AccountBonus, enum.AccountPrincipalHeld, enum.AccountBonusHeld, enum.AccountPrincipalIssued,
		enum.AccountBonusIssued, enum.AccountValueSpent, enum.AccountBonusExpired, enum.AccountPoints, enum.AccountPointsPending, enum.AccountPointsHeld,
		enum.AccountPointsDebt, enum.AccountPointsIssued, enum.AccountPointsSpent, enum.AccountPointsExpired, enum.AccountClearing, enum.AccountMerchant,
		enum.AccountTillCash, enum.AccountTillCard, enum.AccountReceived)},
	{"ledger_postings", "kind", words(enum.PostTopUp, enum.PostTopUpRefund, enum.PostTopUpRefundUndone, enum.PostSpend, enum.PostHold, enum.PostCapture,
		enum.PostRelease, enum.PostSpendRefund, enum.PostBonusExpiry, enum.PostPayment, enum.PostPaymentRefund, enum.PostTillReceipt, enum.PostTillPayout,
		enum.PostPointsEarn, enum.PostPointsMature, enum.PostPointsSpend, enum.PostPointsReturn, enum.PostPointsClawBack, enum.PostPointsExpiry,
		enum.PostPointsAdjust, enum.PostPointsDebt, enum.PostCouponUse, enum.PostCouponReturn)},
	{"issue_jobs", "state", words(enum.IssueRunning, enum.IssueDone, enum.IssueStopped)},
	{"limit_counters", "kind", words(enum.LimitMemberTotal, enum.LimitMemberDay, enum.LimitPersonTotal, enum.LimitTemplateDay, enum.LimitTierMember, enum.LimitTierPerson,
		enum.LimitEventPerson, enum.LimitStaffDay, enum.LimitExchangeDay)},
	{"lots", "kind", words(enum.LotPrincipal, enum.LotBonus, enum.LotPoints, enum.LotPointsPending)},
	{"member_events", "kind", words(enum.EventCouponRedeemed, enum.EventCouponReturned, enum.EventCouponIssued, enum.EventLevelChanged,
		enum.EventWalletChanged, enum.EventPaymentAwaits, enum.EventPointsChanged, enum.EventCouponChanged, enum.EventCouponTransferred, enum.EventCouponExpiring)},
	{"members", "state", words(enum.MemberVisitor, enum.MemberRegistered, enum.MemberFrozen, enum.MemberCancelled)},
	{"orgs", "kind", words(enum.OrgBrand, enum.OrgRegion, enum.OrgDistributor, enum.OrgStore)},
	{"orgs", "state", words(enum.OrgActive, enum.OrgClosed)},
	{"merchant_accounts", "state", words(enum.MerchantActive, enum.MerchantSuspended)},
	{"outbox_messages", "state", words(enum.OutboxPending, enum.OutboxDone, enum.OutboxDead)},
	{"payment_refunds", "cause", words(enum.CauseTopUpRefund, enum.CauseOrderRefund, enum.CauseUnusable)},
	{"payment_refunds", "state", words(enum.RefundRequested, enum.RefundProcessing, enum.RefundSucceeded, enum.RefundClosed, enum.RefundAbnormal)},
	{"payments", "outcome", words(enum.OutcomeNone, enum.OutcomeApplied, enum.OutcomeReturned, enum.OutcomeDisputed)},
	{"payments", "purpose", words(enum.PayTopUp, enum.PayOrder)},
	{"payments", "state", words(enum.PaymentPending, enum.PaymentPaid, enum.PaymentClosed)},
	{"persons", "state", words(enum.PersonActive, enum.PersonSuspended, enum.PersonErased)},
	{"reconciliation_differences", "kind", words(enum.DifferenceMissingHere, enum.DifferenceMissingThere, enum.DifferenceAmount, enum.DifferenceState)},
	{"reconciliations", "state", words(enum.ReconciliationRunning, enum.ReconciliationClean, enum.ReconciliationDifferent)},
	{"redemptions", "kind", words(enum.RedeemCoupon, enum.RedeemStoredValue)},
	{"redemptions", "state", words(enum.RedemptionConfirmed, enum.RedemptionReversed)},
	{"till_shifts", "state", words(enum.ShiftOpen, enum.ShiftClosed)},
	{"top_up_refunds", "fault", words(enum.FaultMerchant, enum.FaultMember, enum.FaultUnused)},
	{"top_up_refunds", "state", words(enum.TopUpRefundRequested, enum.TopUpRefundRejected, enum.TopUpRefundPaying, enum.TopUpRefundPaid)},
	{"top_up_tiers", "state", words(enum.TierDraft, enum.TierActive, enum.TierPaused, enum.TierEnded)},
	{"top_ups", "state", words(enum.TopUpPending, enum.TopUpPaid, enum.TopUpClosed, enum.TopUpRefunded)},
	{"top_ups", "tender", words(enum.TenderWeChatPay, enum.TenderCash, enum.TenderCard)},
	{"wallet_payments", "source", words(enum.WalletPaymentTill, enum.WalletPaymentOrder)},
	{"wallet_payments", "state", words(enum.WalletPaymentAwaiting, enum.WalletPaymentHeld, enum.WalletPaymentCaptured, enum.WalletPaymentReleased,
		enum.WalletPaymentDeclined, enum.WalletPaymentExpired)},
	{"wallets", "state", words(enum.WalletActive, enum.WalletFrozen, enum.WalletClosed)},
	{"staff", "state", words(enum.StaffInvited, enum.StaffActive, enum.StaffSuspended, enum.StaffRevoked)},
}

func words[T ~string](list ...T) []string {
	plain := make([]string, len(list))
	for i, w := range list {
		plain[i] = string(w)
	}
	return plain
}

// spellings are the checks that such a column holds one of its words.
func spellings() []check {
	list := make([]check, len(vocabulary))
	for i, v := range vocabulary {
		list[i] = check{
			name: "word " + v.table + "." + v.column,
			rule: "the word is one of " + strings.Join(v.words, ", "),
			query: fmt.Sprintf("SELECT brand_id, id, %[2]s FROM %[1]s WHERE %[2]s NOT IN ('%[3]s')", v.table, v.column,
				strings.Join(v.words, "', '")),
		}
	}
	return list
}
