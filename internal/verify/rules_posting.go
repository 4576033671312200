package verify

import "fmt"

// subjects are the rows that postings are about: each posting of the kinds has its row in the table, of which same holds (p is the posting, x the row). The
// orders that earn and spend points are no rows yet.
var subjects = []struct {
	name, table, kinds, rule, same string
}{
	{"top_ups", "top_ups", "'TOP_UP', 'TILL_RECEIPT'", "a posting of a top-up is of one that was paid, at its org and when it was, and the value is its member's",
		"x.org_id = p.org_id AND x.state IN ('PAID', 'REFUNDED') AND x.paid_at = p.occurred_at AND CASE p.kind WHEN 'TILL_RECEIPT' THEN p.member_id IS NULL ELSE p.member_id = x.member_id END"},
	{"top_up_refunds", "top_up_refunds", "'TOP_UP_REFUND', 'TOP_UP_REFUND_UNDONE', 'TILL_PAYOUT'", "a posting of a top-up's refund is of one, at its org, and the value is its member's",
		"x.org_id = p.org_id AND CASE p.kind WHEN 'TILL_PAYOUT' THEN p.member_id IS NULL AND x.paid_at = p.occurred_at ELSE p.member_id = x.member_id END"},
	{"wallet_payments", "wallet_payments", "'SPEND', 'HOLD', 'CAPTURE', 'RELEASE'", "a posting of a wallet payment is of one, at its org, of its member's value, and when it was captured or ended",
		"x.org_id = p.org_id AND x.member_id = p.member_id AND CASE p.kind WHEN 'HOLD' THEN 1 WHEN 'RELEASE' THEN p.occurred_at = x.ended_at ELSE p.occurred_at = x.captured_at END"},
	{"wallet_refunds", "wallet_refunds", "'SPEND_REFUND'", "what is booked as given back is a refund of stored value, at its org, of its member's value",
		"x.org_id = p.org_id AND x.member_id = p.member_id"},
	{"lots", "lots", "'BONUS_EXPIRY', 'POINTS_MATURE', 'POINTS_EXPIRY'", "what expires or matures is a lot of the kind, of the posting's member; bonus is written off by its issuer",
		"x.member_id = p.member_id AND CASE p.kind WHEN 'BONUS_EXPIRY' THEN x.kind = 'BONUS' AND p.org_id = x.issuer_org_id" +
			" WHEN 'POINTS_MATURE' THEN x.kind = 'POINTS_PENDING' AND p.org_id IS NULL ELSE x.kind = 'POINTS' AND p.org_id IS NULL END"},
	{"payments", "payments", "'PAYMENT'", "what is booked as a payment is one, and no member's value", "x.org_id = p.org_id AND p.member_id IS NULL"},
	{"payment_refunds", "payment_refunds", "'PAYMENT_REFUND'", "what is booked as a refund of a payment is one, and no member's value", "x.org_id = p.org_id AND p.member_id IS NULL"},
	{"members", "members", "'POINTS_DEBT_PAID'", "who pays a debt of points is the member who has the points", "x.id = p.member_id AND p.org_id IS NULL"},
	{"persons", "persons", "'POINTS_ADJUST'", "who gives or takes points is a person", "p.org_id IS NULL"},
	{"coupon uses", couponUses, "'COUPON_USE', 'COUPON_RETURN'", "what is booked for a coupon is for one that was used, at its org, and no member's value",
		"x.org_id = p.org_id AND p.member_id IS NULL"},
}

// postingSubjects are the checks that each posting has the row that caused it.
func postingSubjects() []check {
	list := make([]check, len(subjects))
	for i, s := range subjects {
		list[i] = check{
			name: "posting of " + s.name,
			rule: s.rule,
			query: fmt.Sprintf(`SELECT p.brand_id, p.id, p.subject_id FROM ledger_postings p LEFT JOIN %[1]s x ON x.id = p.subject_id AND x.brand_id = p.brand_id
				WHERE p.kind IN (%[2]s) AND NOT COALESCE(x.id IS NOT NULL AND %[3]s, 0)`, s.table, s.kinds, s.same),
		}
	}
	return list
}

// givesBack are the postings whose movements give back what movements of the reversed posting took.
const givesBack = "('CAPTURE', 'RELEASE', 'SPEND_REFUND', 'TOP_UP_REFUND_UNDONE', 'POINTS_RETURN')"

// postingRules are the checks of what a posting of each kind may say, and of which accounts it may move.
var postingRules = []check{
	{"posting key", "a posting's business key names its kind and the row that caused it, or the member where points are adjusted", `
		SELECT p.brand_id, p.id, p.business_key FROM (SELECT brand_id, id, business_key, CONCAT(CASE kind WHEN 'SPEND' THEN 'wallet-spend' WHEN 'HOLD' THEN 'wallet-hold'
			WHEN 'CAPTURE' THEN 'wallet-capture' WHEN 'SPEND_REFUND' THEN 'wallet-refund' WHEN 'BONUS_EXPIRY' THEN 'bonus-expiry' WHEN 'POINTS_DEBT_PAID' THEN 'points-debt'
			WHEN 'POINTS_EARN' THEN 'points-earn' WHEN 'POINTS_MATURE' THEN 'points-mature' WHEN 'POINTS_SPEND' THEN 'points-spend' WHEN 'POINTS_RETURN' THEN 'points-return'
			WHEN 'POINTS_CLAW_BACK' THEN 'points-claw-back' WHEN 'POINTS_EXPIRY' THEN 'points-expiry' WHEN 'POINTS_ADJUST' THEN 'points-adjust'
			WHEN 'COUPON_USE' THEN 'coupon-use' WHEN 'COUPON_RETURN' THEN 'coupon-return' ELSE kind END,
			CASE kind WHEN 'COUPON_RETURN' THEN '' WHEN 'POINTS_ADJUST' THEN CONCAT(':', member_id) ELSE CONCAT(':', subject_id) END) AS named FROM ledger_postings WHERE kind <> 'RELEASE') p
		WHERE p.named IS NULL OR SUBSTR(p.business_key, 1, LENGTH(p.named)) <> p.named OR SUBSTR(p.business_key, LENGTH(p.named) + 1, 1) NOT IN ('', ':')`},
	{"wallet payment end", "what a wallet payment held was given back as its state says", `
		SELECT w.brand_id, w.id, w.state FROM ledger_postings p JOIN wallet_payments w ON w.id = p.subject_id
		WHERE p.kind = 'RELEASE' AND p.business_key <> CONCAT('wallet-', LOWER(w.state), ':', w.id)`},
	{"posting reversal", "a posting of a kind that reverses names the posting that it reverses, of the same member, and another names none", `
		SELECT p.brand_id, p.id, p.reverses_id FROM ledger_postings p LEFT JOIN ledger_postings o ON o.id = p.reverses_id
		LEFT JOIN top_up_refunds r ON p.kind IN ('TOP_UP_REFUND', 'TILL_PAYOUT') AND r.id = p.subject_id LEFT JOIN top_ups t ON t.id = r.top_up_id
		LEFT JOIN wallet_refunds w ON p.kind = 'SPEND_REFUND' AND w.id = p.subject_id
		LEFT JOIN payment_refunds y ON p.kind = 'PAYMENT_REFUND' AND y.id = p.subject_id
		WHERE NOT COALESCE(CASE WHEN p.kind IN ('CAPTURE', 'RELEASE') THEN o.kind = 'HOLD' AND o.subject_id = p.subject_id
			WHEN p.kind = 'SPEND_REFUND' THEN o.kind IN ('SPEND', 'CAPTURE') AND o.subject_id = w.wallet_payment_id
			WHEN p.kind = 'TOP_UP_REFUND' THEN o.kind = 'TOP_UP' AND o.subject_id = r.top_up_id
			WHEN p.kind = 'TOP_UP_REFUND_UNDONE' THEN o.kind = 'TOP_UP_REFUND' AND o.subject_id = p.subject_id
			WHEN p.kind = 'TILL_PAYOUT' AND t.tender <> 'WECHAT_PAY' THEN o.kind = 'TILL_RECEIPT' AND o.subject_id = r.top_up_id
			WHEN p.kind = 'PAYMENT_REFUND' THEN o.kind = 'PAYMENT' AND o.subject_id = y.payment_id
			WHEN p.kind = 'POINTS_RETURN' THEN o.kind = 'POINTS_SPEND' AND o.subject_id = p.subject_id
			WHEN p.kind = 'POINTS_CLAW_BACK' THEN o.kind = 'POINTS_EARN' AND o.subject_id = p.subject_id
			WHEN p.kind = 'COUPON_RETURN' THEN o.kind = 'COUPON_USE' AND o.subject_id = p.subject_id
			ELSE p.reverses_id IS NULL END AND COALESCE(o.member_id, p.member_id, 0) = COALESCE(p.member_id, 0), 0)`},
	{"movement reversal", "a movement that gives back names what a movement of the reversed posting took, and no other names one; what is captured or released is all that was held", `
		SELECT m.brand_id, m.id, m.reverses_id FROM lot_movements m JOIN ledger_postings p ON p.id = m.posting_id LEFT JOIN lot_movements o ON o.id = m.reverses_id
		WHERE (m.reverses_id IS NOT NULL) <> (p.kind IN ` + givesBack + `) OR o.posting_id <> p.reverses_id OR
		(p.kind IN ('CAPTURE', 'RELEASE') AND m.held_change <> -o.held_change) OR (p.kind NOT IN ('HOLD', 'CAPTURE', 'RELEASE') AND m.held_change <> 0) OR
		(p.kind = 'HOLD' AND (m.held_change <= 0 OR m.remaining_change <> -m.held_change)) OR (p.kind = 'RELEASE' AND m.remaining_change <> -m.held_change)`},
	{"movement expiry", "a movement says when it ends where it makes a lot or holds something of one", `
		SELECT m.brand_id, m.id, m.expires_at FROM lot_movements m JOIN ledger_postings p ON p.id = m.posting_id
		WHERE m.expires_at IS NOT NULL AND p.kind NOT IN ('TOP_UP', 'HOLD', 'POINTS_EARN', 'POINTS_MATURE', 'POINTS_ADJUST')`},
	{"posting accounts", "a posting moves the accounts of its kind, an org's own where it happened, and points of the brand's org at no place; money comes in and goes out one way", `
		SELECT e.brand_id, e.posting_id, a.kind FROM ledger_entries e JOIN ledger_postings p ON p.id = e.posting_id JOIN ledger_accounts a ON a.id = e.account_id
		LEFT JOIN orgs o ON a.asset = 'POINTS' AND o.id = a.owner_id
		WHERE NOT COALESCE(CASE WHEN a.kind IN ('PRINCIPAL_ISSUED', 'BONUS_ISSUED') THEN p.kind IN ('TOP_UP', 'TOP_UP_REFUND', 'TOP_UP_REFUND_UNDONE') AND a.owner_id = p.org_id
			WHEN a.kind = 'VALUE_SPENT' THEN p.kind IN ('SPEND', 'CAPTURE', 'SPEND_REFUND') AND a.owner_id = p.org_id
			WHEN a.kind = 'CLEARING' THEN p.kind IN ('SPEND', 'CAPTURE', 'SPEND_REFUND', 'COUPON_USE', 'COUPON_RETURN')
			WHEN a.kind = 'BONUS_EXPIRED' THEN p.kind = 'BONUS_EXPIRY' AND a.owner_id = p.org_id
			WHEN a.kind = 'POINTS_DEBT' THEN p.kind IN ('POINTS_CLAW_BACK', 'POINTS_DEBT_PAID')
			WHEN a.kind = 'POINTS_ISSUED' THEN p.kind IN ('POINTS_EARN', 'POINTS_CLAW_BACK', 'POINTS_ADJUST') AND o.kind = 'BRAND'
			WHEN a.kind = 'POINTS_SPENT' THEN p.kind IN ('POINTS_SPEND', 'POINTS_RETURN') AND o.kind = 'BRAND'
			WHEN a.kind = 'POINTS_EXPIRED' THEN p.kind = 'POINTS_EXPIRY' AND o.kind = 'BRAND'
			WHEN a.kind = 'MERCHANT' THEN p.kind = CASE WHEN e.amount > 0 THEN 'PAYMENT' ELSE 'PAYMENT_REFUND' END
			WHEN a.kind IN ('TILL_CASH', 'TILL_CARD') THEN p.kind = CASE WHEN e.amount > 0 THEN 'TILL_RECEIPT' ELSE 'TILL_PAYOUT' END
			WHEN a.kind = 'RECEIVED' THEN ((e.amount < 0 AND p.kind IN ('PAYMENT', 'TILL_RECEIPT')) OR (e.amount > 0 AND p.kind IN ('PAYMENT_REFUND', 'TILL_PAYOUT'))) AND a.owner_id = p.org_id
			WHEN a.asset = 'POINTS' THEN p.kind LIKE 'POINTS%'
			ELSE p.kind IN ('TOP_UP', 'TOP_UP_REFUND', 'TOP_UP_REFUND_UNDONE', 'SPEND', 'HOLD', 'CAPTURE', 'RELEASE', 'SPEND_REFUND', 'BONUS_EXPIRY') END AND (a.asset <> 'POINTS' OR p.org_id IS NULL), 0)`},
	{"posting issue", "principal is issued and withdrawn as principal, and bonus as bonus", `
		SELECT p.brand_id, p.id, p.kind FROM ledger_postings p JOIN ledger_entries e ON e.posting_id = p.id JOIN ledger_accounts a ON a.id = e.account_id
		WHERE p.kind IN ('TOP_UP', 'TOP_UP_REFUND', 'TOP_UP_REFUND_UNDONE') GROUP BY p.brand_id, p.id, p.kind HAVING SUM(CASE WHEN a.kind LIKE 'PRINCIPAL%' THEN e.amount ELSE 0 END) <> 0`},
	{"member accounts", "a member has all accounts of an asset or none, each once", `
		SELECT a.brand_id, MIN(a.id), a.owner_id FROM ledger_accounts a LEFT JOIN members m ON m.id = a.owner_id AND m.brand_id = a.brand_id
		WHERE a.kind IN ` + ofMembers + ` GROUP BY a.brand_id, a.owner_id, a.asset HAVING COUNT(*) <> 4 OR COUNT(m.id) <> 4`},
	{"lot written off", "a lot that was written off had expired, and nothing of it is left", `
		SELECT brand_id, id, expired_at FROM lots WHERE expired_at IS NOT NULL AND (remaining <> 0 OR expires_at IS NULL OR expired_at < expires_at)`},
	{"lot of a top-up", "stored value comes from a top-up that was paid, is spent where its terms say, and is borne by whom they name", `
		SELECT l.brand_id, l.id, l.source_id FROM lots l LEFT JOIN top_ups t ON t.id = l.source_id AND t.brand_id = l.brand_id
		WHERE l.kind IN ('PRINCIPAL', 'BONUS') AND (t.id IS NULL OR t.state NOT IN ('PAID', 'REFUNDED') OR l.available_at IS NOT NULL OR
		l.scope_org_id <> CAST(JSON_EXTRACT(CAST(t.terms AS CHAR), '$.scopeOrgId') AS SIGNED) OR COALESCE(REPLACE(CAST(l.funders AS CHAR), ' ', ''), '') <> CASE l.kind
		WHEN 'BONUS' THEN COALESCE(REPLACE(CAST(JSON_EXTRACT(CAST(t.terms AS CHAR), '$.funders') AS CHAR), ' ', ''), '') ELSE '' END)`},
	{"points grant", "points were made by one posting that earned, matured or gave all of them, for the same subject", `
		SELECT l.brand_id, l.id, l.amount FROM lots l LEFT JOIN (SELECT m.lot_id, COUNT(*) AS n, SUM(m.remaining_change) AS amount, MIN(p.kind) AS kind, MIN(p.subject_id) AS subject
			FROM lot_movements m JOIN ledger_postings p ON p.id = m.posting_id WHERE p.kind IN ('POINTS_EARN', 'POINTS_MATURE', 'POINTS_ADJUST') AND m.remaining_change > 0
			GROUP BY m.lot_id) g ON g.lot_id = l.id LEFT JOIN lots o ON g.kind = 'POINTS_MATURE' AND o.id = g.subject
		WHERE l.kind IN ('POINTS', 'POINTS_PENDING') AND NOT COALESCE(g.n = 1 AND g.amount = l.amount AND (l.kind = 'POINTS_PENDING') = (g.kind = 'POINTS_EARN') AND
		l.funders IS NULL AND l.source_id = CASE g.kind WHEN 'POINTS_MATURE' THEN o.source_id ELSE g.subject END, 0)`},
}
