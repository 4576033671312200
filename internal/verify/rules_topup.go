package verify

// topUpRules are the checks of tiers, top-ups, their refunds, and till shifts: state against postings, lots, payments and counters.
var topUpRules = []check{
	{"top-up tier", "a tier has a price, limits that are no less than none, and a window that ends after it begins", `
		SELECT brand_id, id, pay_fen FROM top_up_tiers WHERE pay_fen <= 0 OR member_limit < 0 OR person_limit < 0 OR ends_at <= starts_at`},
	{"top-up state", "a top-up says when it was paid or given up as its state says, and nothing else", `
		SELECT brand_id, id, state FROM top_ups WHERE (state IN ('PAID', 'REFUNDED')) <> (paid_at IS NOT NULL) OR (state = 'CLOSED') <> (closed_at IS NOT NULL) OR
		(state = 'REFUNDED') <> (refunded_fen > 0) OR refunded_fen < 0 OR refunded_fen > pay_fen OR bonus_fen < 0 OR
		(bonus_expires_at IS NOT NULL AND (bonus_fen = 0 OR paid_at IS NULL OR bonus_expires_at <= paid_at))`},
	{"top-up tender", "a top-up has a payment, or staff and a shift of the issuing store", `
		SELECT t.brand_id, t.id, t.tender FROM top_ups t LEFT JOIN till_shifts s ON s.id = t.shift_id
		WHERE (t.tender = 'WECHAT_PAY') <> (t.payment_id IS NOT NULL) OR (t.tender = 'WECHAT_PAY') <> (t.staff_id IS NULL) OR (t.tender = 'WECHAT_PAY') <> (t.shift_id IS NULL) OR
		(t.shift_id IS NOT NULL AND (s.store_id <> t.org_id OR s.staff_id <> t.staff_id)) OR (t.tender <> 'WECHAT_PAY' AND t.state IN ('PENDING', 'CLOSED'))`},
	{"top-up of a tier", "a top-up has its tier's price, issuer and terms, the bonus of the terms, and its member's wallet", `
		SELECT t.brand_id, t.id, t.pay_fen FROM top_ups t JOIN top_up_tiers x ON x.id = t.tier_id JOIN wallets w ON w.id = t.wallet_id
		WHERE t.pay_fen <> x.pay_fen OR t.org_id <> x.org_id OR w.member_id <> t.member_id OR x.state = 'DRAFT' OR CAST(t.terms AS CHAR) <> CAST(x.terms AS CHAR) OR
		t.bonus_fen <> COALESCE(CAST(JSON_EXTRACT(CAST(t.terms AS CHAR), '$.bonusFen') AS SIGNED), 0)`},
	{"top-up payment", "the payment of a top-up is of its amount, for the same member and org, and got as far as the top-up", `
		SELECT t.brand_id, t.id, p.state FROM top_ups t JOIN payments p ON p.id = t.payment_id
		WHERE p.purpose <> 'TOP_UP' OR p.subject_id <> t.id OR p.amount_fen <> t.pay_fen OR p.org_id <> t.org_id OR p.member_id IS NULL OR p.member_id <> t.member_id OR
		(t.state IN ('PAID', 'REFUNDED')) <> (p.state = 'PAID' AND p.outcome = 'APPLIED') OR (t.state IN ('PAID', 'REFUNDED') AND t.paid_at <> p.paid_at) OR
		(t.state = 'CLOSED' AND p.state = 'PENDING') OR (t.state = 'PENDING' AND p.state <> 'PENDING' AND p.outcome <> 'DISPUTED')`},
	{"payment of a top-up", "what a payment for a top-up pays for is a top-up that names it, or has another payment where this one was given back", `
		SELECT p.brand_id, p.id, p.subject_id FROM payments p LEFT JOIN top_ups t ON t.id = p.subject_id
		WHERE p.purpose = 'TOP_UP' AND NOT COALESCE(t.payment_id = p.id OR p.outcome = 'RETURNED' AND t.payment_id IS NOT NULL, 0)`},
	{"top-up posting", "a top-up is booked once it is paid, at that time, and only then", `
		SELECT t.brand_id, t.id, t.state FROM top_ups t LEFT JOIN ledger_postings p ON p.brand_id = t.brand_id AND p.kind = 'TOP_UP' AND p.subject_id = t.id
		WHERE (t.state IN ('PAID', 'REFUNDED')) <> (p.id IS NOT NULL) OR p.occurred_at <> t.paid_at OR p.org_id <> t.org_id OR p.member_id <> t.member_id`},
	{"top-up lots", "a paid top-up has made one lot of its price, which never expires, and one of its bonus, with the bonus's expiry", `
		SELECT t.brand_id, t.id, t.state FROM top_ups t
		LEFT JOIN lots l ON l.brand_id = t.brand_id AND l.source_id = t.id AND l.kind = 'PRINCIPAL'
		LEFT JOIN lots b ON b.brand_id = t.brand_id AND b.source_id = t.id AND b.kind = 'BONUS'
		WHERE (t.state IN ('PAID', 'REFUNDED')) <> (l.id IS NOT NULL) OR (t.state IN ('PAID', 'REFUNDED') AND t.bonus_fen > 0) <> (b.id IS NOT NULL) OR
		l.amount <> t.pay_fen OR l.expires_at IS NOT NULL OR l.issuer_org_id <> t.org_id OR l.member_id <> t.member_id OR
		b.amount <> t.bonus_fen OR b.issuer_org_id <> t.org_id OR b.member_id <> t.member_id OR b.scope_org_id <> l.scope_org_id OR
		(b.id IS NOT NULL AND (b.expires_at IS NULL) <> (t.bonus_expires_at IS NULL)) OR b.expires_at <> t.bonus_expires_at`},
	{"top-up lots twice", "a top-up makes one lot of each kind at most", `
		SELECT l.brand_id, MAX(l.id), COUNT(*) FROM lots l JOIN top_ups t ON t.id = l.source_id WHERE l.kind IN ('PRINCIPAL', 'BONUS')
		GROUP BY l.brand_id, l.source_id, l.kind HAVING COUNT(*) > 1`},
	{"wallet room", "a wallet keeps room for exactly its top-ups that are not paid yet", `
		SELECT w.brand_id, w.id, w.pending_fen FROM wallets w
		LEFT JOIN (SELECT brand_id, wallet_id, SUM(pay_fen + bonus_fen) AS waiting FROM top_ups WHERE state = 'PENDING' GROUP BY brand_id, wallet_id) t
			ON t.brand_id = w.brand_id AND t.wallet_id = w.id
		WHERE w.pending_fen <> COALESCE(t.waiting, 0)`},
	{"tier member counter", "the counter of a member and a limited tier is the number of that member's top-ups that were not given up, and within the limit", `
		SELECT t.brand_id, t.member_id, t.bought FROM
		(SELECT brand_id, tier_id, member_id, COUNT(*) AS bought FROM top_ups WHERE state <> 'CLOSED' GROUP BY brand_id, tier_id, member_id) t
		JOIN top_up_tiers x ON x.id = t.tier_id
		LEFT JOIN limit_counters l ON l.brand_id = t.brand_id AND l.kind = 'TIER_MEMBER' AND l.scope_id = t.tier_id AND l.subject_id = t.member_id AND l.period = 0
		WHERE x.member_limit > 0 AND (l.count IS NULL OR l.count <> t.bought OR l.count > x.member_limit)`},
	{"tier person counter", "the counter of a human and a limited tier is the number of top-ups over all its memberships that were not given up", `
		SELECT t.brand_id, t.subject, t.bought FROM
		(SELECT u.brand_id, u.tier_id, p.limit_subject AS subject, COUNT(*) AS bought FROM top_ups u JOIN members m ON m.id = u.member_id JOIN persons p ON p.id = m.person_id
			WHERE u.state <> 'CLOSED' GROUP BY u.brand_id, u.tier_id, p.limit_subject) t
		JOIN top_up_tiers x ON x.id = t.tier_id
		LEFT JOIN limit_counters l ON l.brand_id = t.brand_id AND l.kind = 'TIER_PERSON' AND l.scope_id = t.tier_id AND l.subject_id = t.subject AND l.period = 0
		WHERE x.person_limit > 0 AND (l.count IS NULL OR l.count <> t.bought)`},
	{"tier counters without top-ups", "a counter of a tier counts top-ups that exist", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l
		LEFT JOIN (SELECT u.brand_id, u.tier_id, u.member_id, p.limit_subject AS subject, COUNT(*) AS bought FROM top_ups u JOIN members m ON m.id = u.member_id
			JOIN persons p ON p.id = m.person_id WHERE u.state <> 'CLOSED' GROUP BY u.brand_id, u.tier_id, u.member_id, p.limit_subject) t
			ON t.brand_id = l.brand_id AND t.tier_id = l.scope_id AND ((l.kind = 'TIER_MEMBER' AND t.member_id = l.subject_id) OR (l.kind = 'TIER_PERSON' AND t.subject = l.subject_id))
		WHERE l.kind IN ('TIER_MEMBER', 'TIER_PERSON') GROUP BY l.brand_id, l.id, l.count HAVING l.count <> COALESCE(SUM(t.bought), 0)`},
	{"till receipt", "what the till took for a top-up is booked to its shift, by its tender", `
		SELECT t.brand_id, t.id, t.tender FROM top_ups t
		LEFT JOIN ledger_postings p ON p.brand_id = t.brand_id AND p.kind = 'TILL_RECEIPT' AND p.subject_id = t.id
		LEFT JOIN ledger_entries e ON e.brand_id = p.brand_id AND e.posting_id = p.id AND e.amount > 0
		LEFT JOIN ledger_accounts a ON a.id = e.account_id
		WHERE (t.tender = 'WECHAT_PAY') <> (p.id IS NULL) OR (p.id IS NOT NULL AND (a.id IS NULL OR e.amount <> t.pay_fen OR a.owner_id <> t.shift_id OR
		a.kind <> CASE t.tender WHEN 'CASH' THEN 'TILL_CASH' ELSE 'TILL_CARD' END))`},
	{"top-up refund state", "a refund is open until it is rejected or paid, says who checked it and when it was paid, and has a shift or a payment's refund once it is", `
		SELECT brand_id, id, state FROM top_up_refunds WHERE (state IN ('REQUESTED', 'PAYING')) <> (open_top_up_id IS NOT NULL) OR open_top_up_id <> top_up_id OR
		(checked_by IS NULL) <> (checked_at IS NULL) OR (state = 'REQUESTED' AND checked_by IS NOT NULL) OR (state = 'REJECTED' AND checked_by IS NULL) OR
		(state = 'PAID') <> (paid_at IS NOT NULL) OR (state = 'PAID' AND (payment_refund_id IS NULL) = (shift_id IS NULL)) OR
		(state <> 'PAID' AND shift_id IS NOT NULL) OR (state IN ('REQUESTED', 'REJECTED') AND payment_refund_id IS NOT NULL) OR
		amount_fen <= 0 OR principal_fen < 0 OR bonus_fen < 0`},
	{"top-up refund checker", "nobody checks a refund that the same human asked for", `
		SELECT r.brand_id, r.id, r.checked_by FROM top_up_refunds r JOIN staff m ON m.id = r.made_by JOIN staff c ON c.id = r.checked_by WHERE m.person_id = c.person_id`},
	{"top-up refund owner", "a refund is its top-up's, for the same member and org", `
		SELECT r.brand_id, r.id, r.member_id FROM top_up_refunds r JOIN top_ups t ON t.id = r.top_up_id
		WHERE r.member_id <> t.member_id OR r.org_id <> t.org_id OR t.state IN ('PENDING', 'CLOSED')`},
	{"top-up refunded", "a top-up has given back what its paid refunds say, and promises no more than was paid", `
		SELECT t.brand_id, t.id, t.refunded_fen FROM top_ups t
		LEFT JOIN (SELECT brand_id, top_up_id, SUM(CASE WHEN state = 'PAID' THEN amount_fen ELSE 0 END) AS paid, SUM(CASE WHEN state <> 'REJECTED' THEN amount_fen ELSE 0 END) AS promised
			FROM top_up_refunds GROUP BY brand_id, top_up_id) r ON r.brand_id = t.brand_id AND r.top_up_id = t.id
		WHERE t.refunded_fen <> COALESCE(r.paid, 0) OR COALESCE(r.promised, 0) > t.pay_fen`},
	{"top-up refund posting", "a refund has withdrawn the value that it names, and a rejected one has given exactly that back", `
		SELECT r.brand_id, r.id, r.state FROM top_up_refunds r
		LEFT JOIN (SELECT p.brand_id, p.subject_id, SUM(CASE WHEN l.kind = 'PRINCIPAL' THEN m.remaining_change ELSE 0 END) AS principal,
			SUM(CASE WHEN l.kind = 'BONUS' THEN m.remaining_change ELSE 0 END) AS bonus, SUM(CASE WHEN p.kind = 'TOP_UP_REFUND' THEN -m.remaining_change ELSE 0 END) AS withdrawn,
			MAX(l.source_id) AS last_source, MIN(l.source_id) AS first_source
			FROM ledger_postings p JOIN lot_movements m ON m.brand_id = p.brand_id AND m.posting_id = p.id JOIN lots l ON l.id = m.lot_id
			WHERE p.kind IN ('TOP_UP_REFUND', 'TOP_UP_REFUND_UNDONE') GROUP BY p.brand_id, p.subject_id) x ON x.brand_id = r.brand_id AND x.subject_id = r.id
		WHERE COALESCE(x.withdrawn, 0) <> r.principal_fen + r.bonus_fen OR
		COALESCE(x.principal, 0) <> CASE r.state WHEN 'REJECTED' THEN 0 ELSE -r.principal_fen END OR
		COALESCE(x.bonus, 0) <> CASE r.state WHEN 'REJECTED' THEN 0 ELSE -r.bonus_fen END OR x.first_source <> r.top_up_id OR x.last_source <> r.top_up_id`},
	{"top-up refund money", "a refund through WeChat Pay is of the amount, and paid when WeChat Pay has paid it", `
		SELECT r.brand_id, r.id, r.state FROM top_up_refunds r JOIN top_ups t ON t.id = r.top_up_id
		LEFT JOIN payment_refunds p ON p.brand_id = r.brand_id AND p.cause = 'TOP_UP_REFUND' AND p.subject_id = r.id AND p.replaced_by IS NULL
		LEFT JOIN payment_refunds q ON q.id = r.payment_refund_id
		WHERE (r.payment_refund_id IS NULL) <> (p.id IS NULL) OR q.cause <> 'TOP_UP_REFUND' OR q.subject_id <> r.id OR q.payment_id <> t.payment_id OR (p.id IS NOT NULL AND (p.amount_fen <> r.amount_fen OR t.payment_id IS NULL OR p.payment_id <> t.payment_id OR
		(r.state = 'PAID') <> (p.state = 'SUCCEEDED') OR r.paid_at <> p.succeeded_at))`},
	{"top-up refund amount", "a refund gives what was paid less what was used before it, at list price or at the share that was paid for it, by whose fault it is, and less what was given back before", `
		SELECT x.brand_id, x.id, x.amount_fen FROM (SELECT r.brand_id, r.id, r.amount_fen, r.fault, t.pay_fen, t.bonus_fen, COALESCE(b.given, 0) AS given,
			CAST(JSON_EXTRACT(CAST(t.terms AS CHAR), '$.refund.memberFaultByShare') AS CHAR) IN ('1', 'true') AS shared,
			t.pay_fen + t.bonus_fen - r.principal_fen - r.bonus_fen - COALESCE(b.withdrawn, 0) - COALESCE(e.expired, 0) AS used FROM top_up_refunds r JOIN top_ups t ON t.id = r.top_up_id
			LEFT JOIN (SELECT n.id, SUM(o.amount_fen) AS given, SUM(o.principal_fen + o.bonus_fen) AS withdrawn FROM top_up_refunds n JOIN top_up_refunds o ON o.brand_id = n.brand_id AND
				o.top_up_id = n.top_up_id AND o.id < n.id AND o.state <> 'REJECTED' GROUP BY n.id) b ON b.id = r.id
			LEFT JOIN (SELECT n.id, -SUM(m.remaining_change) AS expired FROM top_up_refunds n JOIN lots l ON l.brand_id = n.brand_id AND l.source_id = n.top_up_id AND l.kind = 'BONUS'
				JOIN ledger_postings p ON p.brand_id = n.brand_id AND p.kind = 'BONUS_EXPIRY' AND p.subject_id = l.id AND p.occurred_at <= n.created_at
				JOIN lot_movements m ON m.brand_id = n.brand_id AND m.posting_id = p.id AND m.lot_id = l.id GROUP BY n.id) e ON e.id = r.id) x
		WHERE x.used < 0 OR (x.fault = 'UNUSED' AND x.used <> 0) OR x.amount_fen <> x.pay_fen - x.given - CASE WHEN x.fault = 'UNUSED' THEN 0
			WHEN x.fault = 'MERCHANT' OR COALESCE(x.shared, 0) THEN (x.used * x.pay_fen - x.used * x.pay_fen % (x.pay_fen + x.bonus_fen)) / (x.pay_fen + x.bonus_fen)
			WHEN x.used < x.pay_fen THEN x.used ELSE x.pay_fen END`},
	{"top-up refund way", "money that came by WeChat Pay goes back that way for a year", `
		SELECT r.brand_id, r.id, r.state FROM top_up_refunds r JOIN top_ups t ON t.id = r.top_up_id
		WHERE r.state IN ('PAYING', 'PAID') AND t.tender = 'WECHAT_PAY' AND r.payment_refund_id IS NULL AND
		(SUBSTR(r.created_at, 1, 4) - SUBSTR(t.paid_at, 1, 4)) * 372 + (SUBSTR(r.created_at, 6, 2) - SUBSTR(t.paid_at, 6, 2)) * 31 +
		SUBSTR(r.created_at, 9, 2) - SUBSTR(t.paid_at, 9, 2) < 364`},
	{"money back of a top-up", "what WeChat Pay gives back for a refund of a top-up is for one that goes that way", `
		SELECT p.brand_id, p.id, p.subject_id FROM payment_refunds p LEFT JOIN top_up_refunds r ON r.id = p.subject_id AND r.payment_refund_id IS NOT NULL
		WHERE p.cause = 'TOP_UP_REFUND' AND r.id IS NULL`},
	{"till payout", "what the till gave back for a refund is booked to its shift, by the tender of the top-up", `
		SELECT r.brand_id, r.id, r.state FROM top_up_refunds r JOIN top_ups t ON t.id = r.top_up_id
		LEFT JOIN ledger_postings p ON p.brand_id = r.brand_id AND p.kind = 'TILL_PAYOUT' AND p.subject_id = r.id
		LEFT JOIN ledger_entries e ON e.brand_id = p.brand_id AND e.posting_id = p.id AND e.amount < 0
		LEFT JOIN ledger_accounts a ON a.id = e.account_id
		WHERE (r.shift_id IS NULL) <> (p.id IS NULL) OR (p.id IS NOT NULL AND (a.id IS NULL OR e.amount <> -r.amount_fen OR a.owner_id <> r.shift_id OR
		a.kind <> CASE t.tender WHEN 'CARD' THEN 'TILL_CARD' ELSE 'TILL_CASH' END))`},
	{"till shift", "an open shift is its staff member's only one, and a closed one says when, and why where counted and expected differ", `
		SELECT s.brand_id, s.id, s.state FROM till_shifts s JOIN orgs o ON o.id = s.store_id
		WHERE (s.state = 'OPEN') <> (s.open_staff_id IS NOT NULL) OR s.open_staff_id <> s.staff_id OR (s.state = 'CLOSED') <> (s.closed_at IS NOT NULL) OR
		s.float_fen < 0 OR s.counted_cash_fen < 0 OR o.kind <> 'STORE' OR
		(s.explanation = '' AND (s.counted_cash_fen <> s.expected_cash_fen OR s.counted_card_fen <> s.expected_card_fen))`},
	{"till shift expected", "what a closed shift expected is its float and its accounts, and an open one expects nothing yet", `
		SELECT s.brand_id, s.id, s.expected_cash_fen FROM till_shifts s
		LEFT JOIN ledger_accounts c ON c.brand_id = s.brand_id AND c.kind = 'TILL_CASH' AND c.owner_id = s.id AND c.stripe = 0
		LEFT JOIN ledger_accounts d ON d.brand_id = s.brand_id AND d.kind = 'TILL_CARD' AND d.owner_id = s.id AND d.stripe = 0
		WHERE s.expected_cash_fen <> CASE s.state WHEN 'CLOSED' THEN s.float_fen + COALESCE(c.balance, 0) ELSE 0 END OR
		s.expected_card_fen <> CASE s.state WHEN 'CLOSED' THEN COALESCE(d.balance, 0) ELSE 0 END`},
	{"till accounts", "a shift's accounts hold what it took for top-ups less what it gave back", `
		SELECT s.brand_id, s.id, COALESCE(a.balance, 0) FROM till_shifts s
		LEFT JOIN (SELECT brand_id, owner_id, SUM(balance) AS balance FROM ledger_accounts WHERE kind IN ('TILL_CASH', 'TILL_CARD') GROUP BY brand_id, owner_id) a
			ON a.brand_id = s.brand_id AND a.owner_id = s.id
		LEFT JOIN (SELECT brand_id, shift_id, SUM(pay_fen) AS taken FROM top_ups WHERE shift_id IS NOT NULL GROUP BY brand_id, shift_id) t ON t.brand_id = s.brand_id AND t.shift_id = s.id
		LEFT JOIN (SELECT brand_id, shift_id, SUM(amount_fen) AS given FROM top_up_refunds WHERE shift_id IS NOT NULL GROUP BY brand_id, shift_id) r
			ON r.brand_id = s.brand_id AND r.shift_id = s.id
		WHERE COALESCE(a.balance, 0) <> COALESCE(t.taken, 0) - COALESCE(r.given, 0)`},
	{"invoices of cancelled members", "nothing of whom an invoice was to name remains of who cancelled", `
		SELECT t.brand_id, t.id, t.member_id FROM top_ups t JOIN members m ON m.id = t.member_id WHERE m.state = 'CANCELLED' AND t.invoice IS NOT NULL`},
	{"org successor", "a closed org that owes stored value names another org that takes part and takes it over, and no open one does", `
		SELECT o.brand_id, o.id, o.state FROM orgs o LEFT JOIN orgs x ON x.id = o.successor_id
		WHERE (o.state <> 'CLOSED' AND o.successor_id IS NOT NULL) OR x.state = 'CLOSED' OR (o.state = 'CLOSED' AND o.successor_id IS NULL AND EXISTS
		(SELECT 1 FROM lots l WHERE l.brand_id = o.brand_id AND l.issuer_org_id = o.id AND l.kind IN ('PRINCIPAL', 'BONUS') AND l.remaining + l.held > 0))`},
}
