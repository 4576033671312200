package verify_test

import "slices"

// proved are the columns of the tables of value of which the proof finds every change, but for what spared says.
var proved = map[string][]string{
	"ledger_accounts": {"brand_id", "asset", "kind", "owner_id", "stripe", "balance"},
	"ledger_postings": {"brand_id", "kind", "business_key", "org_id", "member_id", "subject_id", "reverses_id"},
	"ledger_entries":  {"brand_id", "posting_id", "account_id", "amount", "balance_after"},
	"lots":            {"brand_id", "member_id", "kind", "source_id", "issuer_org_id", "scope_org_id", "funders", "amount", "remaining", "held", "available_at", "expires_at"},
	"lot_movements":   {"brand_id", "posting_id", "lot_id", "remaining_change", "held_change", "remaining_after", "held_after", "reverses_id", "expires_at"},
	"wallets":         {"brand_id", "member_id", "state", "balance_fen", "pending_fen"},
	"wallet_payments": {"brand_id", "wallet_id", "member_id", "org_id", "state", "source", "amount_fen", "principal_fen", "bonus_fen", "captured_fen", "refunded_fen",
		"expires_at", "captured_at", "ended_at"},
	"wallet_refunds": {"brand_id", "wallet_payment_id", "member_id", "org_id", "amount_fen", "principal_fen", "bonus_fen"},
	"top_ups": {"brand_id", "wallet_id", "member_id", "org_id", "tier_id", "tender", "state", "pay_fen", "bonus_fen", "terms", "payment_id", "staff_id", "shift_id",
		"paid_at", "bonus_expires_at", "refunded_fen"},
	"top_up_refunds": {"brand_id", "top_up_id", "open_top_up_id", "member_id", "org_id", "fault", "state", "amount_fen", "principal_fen", "bonus_fen", "checked_by",
		"payment_refund_id", "shift_id", "paid_at"},
	"till_shifts": {"brand_id", "store_id", "staff_id", "open_staff_id", "state", "float_fen", "counted_cash_fen", "counted_card_fen", "expected_cash_fen",
		"expected_card_fen"},
	"clearing_lines": {"brand_id", "kind", "debtor_org_id", "creditor_org_id", "face_fen", "fee_fen", "amount_fen", "subject_id", "movement_id", "posting_id", "reverses_id",
		"period", "statement_id", "state"},
	"clearing_statements": {"brand_id", "first_org_id", "second_org_id", "period", "first_owes_fen", "second_owes_fen", "lines", "state", "first_confirmed_by",
		"second_confirmed_by"},
	"payments": {"brand_id", "merchant_account_id", "org_id", "member_id", "purpose", "subject_id", "amount_fen", "state", "outcome", "paid_fen",
		"refunding_fen", "refunded_fen", "paid_at"},
	"payment_refunds": {"brand_id", "payment_id", "merchant_account_id", "org_id", "member_id", "cause", "subject_id", "amount_fen", "state", "replaced_by",
		"succeeded_at"},
}

// present are columns of which the proof finds that something is there or not as the row's state says; what it is is not value.
var present = map[string]map[string]string{
	"ledger_postings":     {"occurred_at": "when; top-ups, payments and their refunds say the same, and a statement that is not made follows it"},
	"lots":                {"expired_at": "when the sweep came by"},
	"wallets":             {"frozen_at": "when"},
	"top_ups":             {"closed_at": "when it was given up"},
	"till_shifts":         {"closed_at": "when"},
	"clearing_statements": {"first_confirmed_at": "when; that it was is proved with who and the state", "second_confirmed_at": "when"},
	"payments":            {"closed_at": "when it was given up", "check_at": "when WeChat is asked next", "transaction_id": "WeChat's name for it: unique, and the reconciliation compares it"},
	"payment_refunds":     {"check_at": "when WeChat is asked next", "wechat_refund_id": "WeChat's name for it: the reconciliation compares it"},
}

const (
	// identifies says of a column that it repeats a call: a change of it lets a call be repeated, which the row's own guards refuse.
	identifies = "it makes the call repeatable; what the call did is proved by the other columns"
	prose      = "people's words"
	who        = "which of several people it was is in the audit log; that there was one is proved by the row's state"
)

// descriptive are the other columns, with the reason why nothing of value follows from them.
var descriptive = map[string]map[string]string{
	"wallets": {"generation": "any number is a right one: it voids older pay codes", "password_hash": "a secret, not value", "password_failures": "counts tries, not value",
		"password_locked_until": "delays tries, not value", "frozen_reason": prose},
	"wallet_payments": {"subject_id": "an order, which has no row yet", "staff_id": who, "shift_id": "what a clerk took, for the eye; no till account follows from stored value",
		"actor_id": identifies, "idempotency_key": identifies, "input_hash": identifies},
	"wallet_refunds": {"reason": prose, "staff_id": who},
	"top_ups":        {"invoice": "whom an invoice names, as the member says and changes"},
	"top_up_refunds": {"reason": prose, "made_by": who, "checked_at": "when people checked; that they did is proved with checked_by", "check_note": prose},
	"till_shifts":    {"explanation": prose},
	"clearing_lines": {"dispute_reason": prose, "disputed_by": who},
	"payments": {"app_id": "where the payer stood", "person_id": "who of the member's people paid", "out_trade_no": "the name that WeChat knows it by: the reconciliation compares it",
		"description": prose, "expires_at": "until when WeChat takes the money, as WeChat was told", "checks": "counts questions to WeChat", "dispute": prose,
		"shipped_at": "when WeChat was told of the delivery"},
	"payment_refunds": {"out_refund_no": "the name that WeChat knows it by: the reconciliation compares it", "checks": "counts questions to WeChat"},
}

// spares are changes of proved columns, or deletions, that leave books that are as right as before.
var spares = []struct {
	table, column, reason string
	of                    func(row map[string]any, to any) bool
}{
	{"ledger_accounts", "stripe", "which stripe of an org's account it is: their sum is the account", func(row map[string]any, _ any) bool {
		return slices.Contains([]string{"PRINCIPAL_ISSUED", "BONUS_ISSUED", "VALUE_SPENT", "BONUS_EXPIRED", "CLEARING", "POINTS_ISSUED", "POINTS_SPENT", "POINTS_EXPIRED",
			"MERCHANT", "RECEIVED"}, show(row["kind"]))
	}},
	{"lots", "expired_at", "a lot of which nothing is left is marked, so that no sweep looks at it again: without the mark one does", func(row map[string]any, _ any) bool {
		return row["remaining"] == int64(0)
	}},
	{"payments", "", "what an order paid follows from the order, which has no row yet; no money came, or people must decide", func(row map[string]any, _ any) bool {
		return show(row["purpose"]) == "ORDER" && show(row["outcome"]) != "RETURNED" && show(row["outcome"]) != "APPLIED"
	}},
	{"payments", "subject_id", "an order, which has no row yet", func(row map[string]any, _ any) bool { return show(row["purpose"]) == "ORDER" }},
	{"payments", "closed_at", "a payment that was closed and paid all the same says when it had been closed", func(row map[string]any, _ any) bool {
		return show(row["state"]) == "PAID"
	}},
	{"payment_refunds", "state", "a refund under way may be one that the payer's bank refused; WeChat says so, no money moves", func(row map[string]any, to any) bool {
		return show(row["state"]) == "PROCESSING" && to == "ABNORMAL"
	}},
	{"payment_refunds", deleted, "a refund that WeChat closed gave nothing back; the one that took over is of the same amount", func(row map[string]any, _ any) bool {
		return show(row["state"]) == "CLOSED"
	}},
	{"top_up_refunds", "fault", "where nothing was used every fault gives all of the money", func(row map[string]any, _ any) bool {
		return row["amount_fen"] == int64(1000)
	}},
	{"top_up_refunds", "state", "below the brand's amount nobody checks, and that amount may have been another one; who asked is in the audit log", func(row map[string]any, to any) bool {
		return show(row["state"]) == "REQUESTED" && to == "PAYING" || show(row["state"]) == "PAYING" && to == "REQUESTED"
	}},
	{"till_shifts", "counted_cash_fen", "what people counted, where they say why it differs", explained},
	{"till_shifts", "counted_card_fen", "what people counted, where they say why it differs", explained},
	{"till_shifts", "float_fen", "what people put into a drawer that nobody has counted yet", func(row map[string]any, _ any) bool { return show(row["state"]) == "OPEN" }},
	{"clearing_lines", "period", "a line that left its month's statement waits for the next", func(row map[string]any, to any) bool {
		return row["statement_id"] == nil && to == int64(202612)
	}},
}

// deleted stands for the deletion of a row.
const deleted = "is deleted"

// explained says whether people explained the difference of a shift.
func explained(row map[string]any, _ any) bool { return show(row["explanation"]) != "" }

func spare(table, column string, row map[string]any, to any) bool {
	for _, s := range spares {
		if s.table == table && (s.column == column || s.column == "") && s.of(row, to) {
			return true
		}
	}
	return false
}
