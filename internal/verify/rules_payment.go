package verify

// paymentRules are the checks of money that WeChat Pay takes and gives back.
var paymentRules = []check{
	{"merchant account", "an active merchant account is its org's only one, and a suspended one nobody's", `
		SELECT brand_id, id, state FROM merchant_accounts WHERE (state = 'ACTIVE') <> (active_org_id IS NOT NULL) OR active_org_id <> org_id`},
	{"payment state", "a payment has a transaction, a time, an amount and an outcome once it is paid, and is asked about until it is paid or closed", `
		SELECT brand_id, id, state FROM payments WHERE
		(state = 'PAID') <> (transaction_id IS NOT NULL) OR (state = 'PAID') <> (paid_at IS NOT NULL) OR (state = 'PAID') <> (paid_fen > 0) OR
		(state = 'PAID') <> (outcome <> 'NONE') OR (state = 'PENDING') <> (check_at IS NOT NULL) OR (state = 'CLOSED' AND closed_at IS NULL) OR
		(state = 'PENDING' AND closed_at IS NOT NULL) OR (outcome = 'DISPUTED' AND dispute = '') OR (dispute = '' AND paid_fen NOT IN (0, amount_fen)) OR (shipped_at IS NOT NULL AND outcome = 'NONE')`},
	{"payment amounts", "no more is given back than was asked back, and no more asked back than was paid", `
		SELECT brand_id, id, refunding_fen FROM payments WHERE amount_fen < 1 OR paid_fen < 0 OR refunded_fen < 0 OR refunded_fen > refunding_fen OR refunding_fen > paid_fen`},
	{"payment account", "a payment goes to the org that owns the merchant account", `
		SELECT p.brand_id, p.id, p.org_id FROM payments p JOIN merchant_accounts a ON a.id = p.merchant_account_id WHERE a.org_id <> p.org_id`},
	{"payment refunds", "what was asked back and given back of a payment are its refunds that were not closed, and those that succeeded", `
		SELECT p.brand_id, p.id, p.refunding_fen FROM payments p
		LEFT JOIN (SELECT payment_id, SUM(CASE WHEN state <> 'CLOSED' THEN amount_fen ELSE 0 END) AS asked, SUM(CASE WHEN state = 'SUCCEEDED' THEN amount_fen ELSE 0 END) AS given
			FROM payment_refunds GROUP BY payment_id) r ON r.payment_id = p.id
		WHERE p.refunding_fen <> COALESCE(r.asked, 0) OR p.refunded_fen <> COALESCE(r.given, 0)`},
	{"returned payment", "a payment that could not be used is given back whole", `
		SELECT brand_id, id, refunding_fen FROM payments WHERE outcome = 'RETURNED' AND refunding_fen <> paid_fen`},
	{"payment posting", "a payment is booked once it is paid, as what was paid to its merchant account, at that time", `
		SELECT p.brand_id, p.id, p.paid_fen FROM payments p
		LEFT JOIN ledger_postings b ON b.brand_id = p.brand_id AND b.kind = 'PAYMENT' AND b.subject_id = p.id
		LEFT JOIN ledger_entries e ON e.brand_id = b.brand_id AND e.posting_id = b.id AND e.amount > 0
		LEFT JOIN ledger_accounts a ON a.id = e.account_id
		WHERE (p.state = 'PAID') <> (b.id IS NOT NULL) OR b.occurred_at <> p.paid_at OR b.org_id <> p.org_id OR
		(b.id IS NOT NULL AND (a.id IS NULL OR a.kind <> 'MERCHANT' OR a.owner_id <> p.merchant_account_id OR e.amount <> p.paid_fen))`},
	{"payment refund state", "a refund has a time once it succeeded, is seen to until it has ended, and another took over once it was closed", `
		SELECT brand_id, id, state FROM payment_refunds WHERE amount_fen < 1 OR (state = 'SUCCEEDED') <> (succeeded_at IS NOT NULL) OR
		(state IN ('SUCCEEDED', 'CLOSED')) <> (check_at IS NULL) OR (state = 'CLOSED') <> (replaced_by IS NOT NULL) OR (state = 'REQUESTED') <> (wechat_refund_id = '')`},
	{"payment refund owner", "a refund is of a paid payment, out of the same merchant account, for the same member", `
		SELECT r.brand_id, r.id, r.payment_id FROM payment_refunds r JOIN payments p ON p.id = r.payment_id
		WHERE p.state <> 'PAID' OR p.merchant_account_id <> r.merchant_account_id OR p.org_id <> r.org_id OR COALESCE(p.member_id, 0) <> COALESCE(r.member_id, 0) OR
		(r.cause = 'UNUSABLE') <> (r.subject_id = p.id) OR (r.cause = 'UNUSABLE' AND p.outcome <> 'RETURNED')`},
	{"payment refund replacement", "the refund that takes over is of the same amount, for the same", `
		SELECT r.brand_id, r.id, r.replaced_by FROM payment_refunds r JOIN payment_refunds n ON n.id = r.replaced_by
		WHERE n.payment_id <> r.payment_id OR n.amount_fen <> r.amount_fen OR n.cause <> r.cause OR n.subject_id <> r.subject_id OR n.id = r.id`},
	{"payment refund posting", "a refund is booked once it succeeded, out of its merchant account, as a reversal of its payment", `
		SELECT r.brand_id, r.id, r.amount_fen FROM payment_refunds r
		LEFT JOIN ledger_postings b ON b.brand_id = r.brand_id AND b.kind = 'PAYMENT_REFUND' AND b.subject_id = r.id
		LEFT JOIN ledger_postings p ON p.id = b.reverses_id
		LEFT JOIN ledger_entries e ON e.brand_id = b.brand_id AND e.posting_id = b.id AND e.amount < 0
		LEFT JOIN ledger_accounts a ON a.id = e.account_id
		WHERE (r.state = 'SUCCEEDED') <> (b.id IS NOT NULL) OR b.occurred_at <> r.succeeded_at OR b.org_id <> r.org_id OR
		(b.id IS NOT NULL AND (p.id IS NULL OR p.kind <> 'PAYMENT' OR p.subject_id <> r.payment_id OR a.id IS NULL OR a.kind <> 'MERCHANT' OR
		a.owner_id <> r.merchant_account_id OR e.amount <> -r.amount_fen))`},
	{"merchant money", "a merchant account holds what its payments took less what its refunds gave back", `
		SELECT m.brand_id, m.id, COALESCE(p.held, 0) - COALESCE(a.held, 0) FROM merchant_accounts m
		LEFT JOIN (SELECT merchant_account_id, SUM(paid_fen - refunded_fen) AS held FROM payments GROUP BY merchant_account_id) p ON p.merchant_account_id = m.id
		LEFT JOIN (SELECT owner_id, SUM(balance) AS held FROM ledger_accounts WHERE kind = 'MERCHANT' GROUP BY owner_id) a ON a.owner_id = m.id
		WHERE COALESCE(p.held, 0) <> COALESCE(a.held, 0)`},
	{"reconciliation", "a reconciliation that ended says when, counts the differences that are not explained, and is clean only without any", `
		SELECT r.brand_id, r.id, r.differences FROM reconciliations r
		LEFT JOIN (SELECT reconciliation_id, COUNT(*) AS found, SUM(CASE WHEN explained_at IS NULL THEN 1 ELSE 0 END) AS unexplained FROM reconciliation_differences
			GROUP BY reconciliation_id) d ON d.reconciliation_id = r.id
		WHERE (r.state <> 'RUNNING' AND (r.finished_at IS NULL OR r.differences <> COALESCE(d.unexplained, 0))) OR (r.state = 'CLEAN' AND d.found > 0) OR
		(r.state = 'DIFFERENT' AND COALESCE(d.found, 0) = 0) OR r.payments < 0 OR r.refunds < 0`},
	{"reconciliation difference", "a difference that is explained says how, by whom and when, and one that is not says nothing", `
		SELECT d.brand_id, d.id, d.kind FROM reconciliation_differences d JOIN reconciliations r ON r.id = d.reconciliation_id
		WHERE (d.explained_at IS NULL) <> (d.explained_by IS NULL) OR (d.explained_at IS NULL) <> (d.note = '') OR d.org_id <> r.org_id`},
}
