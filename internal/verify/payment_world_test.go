package verify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerentry"
	"dongxiao/internal/store"
)

// payments adds the books of payments to a world, beside those of top-ups: one that is given back by refunds in each state, one in each other state, and
// days that were reconciled.
func payments(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client, books := s.Client(ctx), ledger.New(s)
	shop, merchant, clerk := r["orgs"], r["merchant_accounts"], r["staff"]
	r["suspended merchant"] = client.MerchantAccount.Create().SetOrgID(shop).SetMerchantID("1900000002").SetName("旧号").SetState(enum.MerchantSuspended).
		SetCertificateSerial("s").SetPrivateKeySealed([]byte("x")).SetAPIKeySealed([]byte("x")).SaveX(ctx).ID
	r["other merchant"] = client.MerchantAccount.Create().SetOrgID(r["other store"]).SetActiveOrgID(r["other store"]).SetMerchantID("1900000003").SetName("二店").
		SetCertificateSerial("s").SetPrivateKeySealed([]byte("x")).SetAPIKeySealed([]byte("x")).SaveX(ctx).ID
	post := func(kind enum.PostingKind, subject, reverses, amount int64) int64 {
		posted, err := books.Post(ctx, ledger.Posting{Kind: kind, Key: fmt.Sprintf("%s:%d", kind, subject), OrgID: shop, SubjectID: subject, ReversesID: reverses, At: start,
			Entries: []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountMerchant, OwnerID: merchant}, Amount: amount},
				{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: shop}, Amount: -amount}}})
		require.NoError(t, err)
		return posted.ID
	}
	pay := func(name string, outcome enum.PaymentOutcome) *ent.PaymentCreate {
		create := client.Payment.Create().SetMerchantAccountID(merchant).SetOrgID(shop).SetAppID(r["apps"]).SetPersonID(r["persons"]).SetMemberID(r["members"]).
			SetPurpose(enum.PayOrder).SetSubjectID(1).SetOutTradeNo(name).SetDescription("订单").SetAmountFen(1000).SetExpiresAt(start)
		if outcome != enum.OutcomeNone {
			create.SetState(enum.PaymentPaid).SetOutcome(outcome).SetPaidFen(1000).SetPaidAt(start).SetTransactionID(name)
		}
		return create
	}
	returned := pay("T1", enum.OutcomeReturned).SetRefundingFen(1000).SetRefundedFen(400).SaveX(ctx)
	disputed := pay("T2", enum.OutcomeDisputed).SetDispute("another payer").SaveX(ctx)
	r["payments"], r["disputed payment"] = returned.ID, disputed.ID
	r["pending payment"] = pay("T3", enum.OutcomeNone).SetCheckAt(start).SaveX(ctx).ID
	r["closed payment"] = pay("T4", enum.OutcomeNone).SetState(enum.PaymentClosed).SetClosedAt(start).SaveX(ctx).ID
	booked := post(enum.PostPayment, returned.ID, 0, 1000)
	r["payment posting"] = booked
	r["disputed posting"] = post(enum.PostPayment, disputed.ID, 0, 1000)
	entry := client.LedgerEntry.Query().Where(ledgerentry.PostingID(booked), ledgerentry.AmountGT(0)).OnlyX(ctx)
	r["payment entry"], r["merchant stripe"] = entry.ID, entry.AccountID
	r["payment_notices"] = client.PaymentNotice.Create().SetMerchantAccountID(merchant).SetEventID("e").SetEventType("TRANSACTION.SUCCESS").SetNumber("T1").
		SetContent(document.PaymentNotice{}).SetDueAt(start).SetAppliedAt(start).SaveX(ctx).ID
	refund := func(number string, amount int64, state enum.PaymentRefundState) *ent.PaymentRefundCreate {
		return client.PaymentRefund.Create().SetPaymentID(returned.ID).SetMerchantAccountID(merchant).SetOrgID(shop).SetMemberID(r["members"]).SetOutRefundNo(number).
			SetCause(enum.CauseUnusable).SetSubjectID(returned.ID).SetAmountFen(amount).SetState(state).SetWechatRefundID(number)
	}
	under := refund("R2", 600, enum.RefundProcessing).SetCheckAt(start).SaveX(ctx)
	r["payment_refunds"] = refund("R1", 600, enum.RefundClosed).SetReplacedBy(under.ID).SaveX(ctx).ID
	back := refund("R3", 400, enum.RefundSucceeded).SetSucceededAt(start).SaveX(ctx)
	r["refund under way"], r["refund that succeeded"] = under.ID, back.ID
	r["payment refund posting"] = post(enum.PostPaymentRefund, back.ID, booked, -400)
	r["refund entry"] = client.LedgerEntry.Query().Where(ledgerentry.PostingID(r["payment refund posting"]), ledgerentry.AmountLT(0)).OnlyX(ctx).ID

	reconciliation := func(day int, state enum.ReconciliationState, differences int) int64 {
		return client.Reconciliation.Create().SetMerchantAccountID(merchant).SetOrgID(shop).SetDay(day).SetState(state).SetDifferences(differences).SetFinishedAt(start).SaveX(ctx).ID
	}
	r["reconciliations"], r["clean reconciliation"] = reconciliation(20261121, enum.ReconciliationDifferent, 1), reconciliation(20261120, enum.ReconciliationClean, 0)
	difference := client.ReconciliationDifference.Create().SetReconciliationID(r["reconciliations"]).SetOrgID(shop).SetKind(enum.DifferenceAmount).SetOursFen(1).SetTheirsFen(2)
	r["reconciliation_differences"] = difference.SetNumber("T1").SetExplainedBy(clerk).SetExplainedAt(start).SetNote("手续费").SaveX(ctx).ID
	r["open difference"] = client.ReconciliationDifference.Create().SetReconciliationID(r["reconciliations"]).SetOrgID(shop).SetKind(enum.DifferenceState).SetOursFen(1).
		SetTheirsFen(1).SetNumber("T2").SaveX(ctx).ID
}

// plantedPayments breaks each rule of payments, refunds and reconciliations.
var plantedPayments = []plant{
	{"merchant account", "merchant_accounts", "merchant_accounts", "state", "SUSPENDED", ""},
	{"merchant account", "merchant_accounts", "merchant_accounts", "active_org_id", nil, ""},
	{"merchant account", "merchant_accounts", "suspended merchant", "active_org_id", "region", ""},
	{"payment state", "payments", "payments", "state", "PENDING", ""},
	{"payment state", "payments", "payments", "state", "CLOSED", ""},
	{"payment state", "payments", "payments", "outcome", "NONE", ""},
	{"payment state", "payments", "payments", "transaction_id", nil, ""},
	{"payment state", "payments", "payments", "paid_at", nil, ""},
	{"payment state", "payments", "payments", "check_at", start, ""},
	{"payment state", "payments", "pending payment", "check_at", nil, ""},
	{"payment state", "payments", "pending payment", "closed_at", start, ""},
	{"payment state", "payments", "pending payment", "outcome", "APPLIED", ""},
	{"payment state", "payments", "pending payment", "shipped_at", start, ""},
	{"payment state", "payments", "closed payment", "closed_at", nil, ""},
	{"payment state", "payments", "closed payment", "paid_fen", 1, ""},
	{"payment state", "payments", "disputed payment", "dispute", "", ""},
	{"payment amounts", "payments", "payments", "refunded_fen", 1001, ""},
	{"payment amounts", "payments", "payments", "refunded_fen", -1, ""},
	{"payment amounts", "payments", "payments", "refunding_fen", 1001, ""},
	{"payment amounts", "payments", "payments", "paid_fen", 999, ""},
	{"payment amounts", "payments", "payments", "amount_fen", 0, ""},
	{"payment account", "payments", "payments", "org_id", "other store", ""},
	{"payment account", "payments", "payments", "merchant_account_id", "other merchant", ""},
	{"payment refunds", "payments", "payments", "refunding_fen", 999, ""},
	{"payment refunds", "payments", "payments", "refunded_fen", 399, ""},
	{"payment refunds", "payment_refunds", "refund under way", "amount_fen", 601, "payments"},
	{"payment refunds", "payment_refunds", "refund under way", "state", "SUCCEEDED", "payments"},
	{"payment refunds", "payment_refunds", "payment_refunds", "state", "ABNORMAL", "payments"},
	{"payment refunds", "payment_refunds", "refund that succeeded", "payment_id", "disputed payment", "payments"},
	{"returned payment", "payments", "disputed payment", "outcome", "RETURNED", ""},
	{"payment posting", "payments", "payments", "paid_fen", 1001, ""},
	{"payment posting", "payments", "payments", "paid_at", start.Add(time.Second), ""},
	{"payment posting", "payments", "pending payment", "state", "PAID", ""},
	{"payment posting", "ledger_postings", "payment posting", "kind", "TILL_RECEIPT", "payments"},
	{"payment posting", "ledger_entries", "payment entry", "amount", 1001, "payments"},
	{"payment posting", "ledger_accounts", "merchant stripe", "kind", "TILL_CARD", "payments"},
	{"payment posting", "ledger_accounts", "merchant stripe", "owner_id", "other merchant", "payments"},
	{"posting of payments", "ledger_postings", "payment posting", "subject_id", 5, ""},
	{"payment refund state", "payment_refunds", "payment_refunds", "replaced_by", nil, ""},
	{"payment refund state", "payment_refunds", "payment_refunds", "check_at", start, ""},
	{"payment refund state", "payment_refunds", "refund that succeeded", "succeeded_at", nil, ""},
	{"payment refund state", "payment_refunds", "refund that succeeded", "wechat_refund_id", "", ""},
	{"payment refund state", "payment_refunds", "refund under way", "check_at", nil, ""},
	{"payment refund state", "payment_refunds", "refund under way", "amount_fen", 0, ""},
	{"payment refund state", "payment_refunds", "refund under way", "succeeded_at", start, ""},
	{"payment refund owner", "payment_refunds", "refund under way", "payment_id", "disputed payment", ""},
	{"payment refund owner", "payment_refunds", "refund under way", "merchant_account_id", "other merchant", ""},
	{"payment refund owner", "payment_refunds", "refund under way", "org_id", "other store", ""},
	{"payment refund owner", "payment_refunds", "refund under way", "member_id", "other member", ""},
	{"payment refund owner", "payment_refunds", "refund under way", "cause", "ORDER_REFUND", ""},
	{"payment refund owner", "payments", "payments", "outcome", "APPLIED", "refund under way"},
	{"payment refund replacement", "payment_refunds", "payment_refunds", "amount_fen", 599, ""},
	{"payment refund replacement", "payment_refunds", "payment_refunds", "replaced_by", "payment_refunds", ""},
	{"payment refund replacement", "payment_refunds", "payment_refunds", "subject_id", 5, ""},
	{"payment refund posting", "payment_refunds", "refund under way", "state", "SUCCEEDED", ""},
	{"payment refund posting", "payment_refunds", "refund that succeeded", "succeeded_at", start.Add(time.Second), ""},
	{"payment refund posting", "payment_refunds", "refund that succeeded", "amount_fen", 399, ""},
	{"payment refund posting", "ledger_postings", "payment refund posting", "reverses_id", "disputed posting", "refund that succeeded"},
	{"payment refund posting", "ledger_postings", "payment refund posting", "reverses_id", nil, "refund that succeeded"},
	{"payment refund posting", "ledger_entries", "refund entry", "amount", -401, "refund that succeeded"},
	{"posting of payment_refunds", "ledger_postings", "payment refund posting", "subject_id", 5, ""},
	{"merchant money", "ledger_accounts", "merchant stripe", "balance", 5, "merchant_accounts"},
	{"merchant money", "payments", "disputed payment", "paid_fen", 1001, "merchant_accounts"},
	{"merchant money", "payments", "payments", "refunded_fen", 401, "merchant_accounts"},
	{"reconciliation", "reconciliations", "reconciliations", "differences", 0, ""},
	{"reconciliation", "reconciliations", "reconciliations", "finished_at", nil, ""},
	{"reconciliation", "reconciliations", "reconciliations", "state", "CLEAN", ""},
	{"reconciliation", "reconciliations", "clean reconciliation", "state", "DIFFERENT", ""},
	{"reconciliation", "reconciliation_differences", "open difference", "explained_at", start, "reconciliations"},
	{"reconciliation difference", "reconciliation_differences", "reconciliation_differences", "note", "", ""},
	{"reconciliation difference", "reconciliation_differences", "reconciliation_differences", "explained_by", nil, ""},
	{"reconciliation difference", "reconciliation_differences", "open difference", "note", "好", ""},
	{"reconciliation difference", "reconciliation_differences", "open difference", "org_id", "other store", ""},
}
