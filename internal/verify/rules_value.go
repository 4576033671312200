package verify

// bookRules are the checks of the ledger: what it says of accounts and lots follows from its journals, whose rows lose or change no fen unseen. The chains
// compare what there was after each row with what there was before each: as sets they are the same but for the two ends, in whatever order rows were written.
var bookRules = []check{
	{"posting sums", "the entries of a posting sum to zero for each asset", `
		SELECT e.brand_id, e.posting_id, a.asset FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
		GROUP BY e.brand_id, e.posting_id, a.asset HAVING SUM(e.amount) <> 0`},
	{"posting legs", "a posting has two legs at least", `
		SELECT p.brand_id, p.id, p.kind FROM ledger_postings p LEFT JOIN (SELECT posting_id, COUNT(*) AS legs FROM ledger_entries GROUP BY posting_id) e ON e.posting_id = p.id
		WHERE COALESCE(e.legs, 0) < 2`},
	{"account balance", "an account's balance is the sum of its entries", `
		SELECT a.brand_id, a.id, a.balance FROM ledger_accounts a LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM ledger_entries GROUP BY account_id) e
		ON e.account_id = a.id WHERE a.balance <> COALESCE(e.total, 0)`},
	{"account kind", "an account holds the asset of its kind; a member's is one row, never below zero, a debt never above", `
		SELECT brand_id, id, kind FROM ledger_accounts WHERE
		asset <> CASE WHEN kind LIKE 'POINTS%' THEN 'POINTS' WHEN kind = 'CLEARING' THEN 'CLEARING' WHEN kind IN ('MERCHANT', 'TILL_CASH', 'TILL_CARD', 'RECEIVED') THEN 'MONEY'
			ELSE 'STORED_VALUE' END OR stripe < 0 OR stripe > 15 OR (kind LIKE 'TILL%' AND stripe <> 0) OR
		(kind IN ('PRINCIPAL', 'BONUS', 'PRINCIPAL_HELD', 'BONUS_HELD', 'POINTS', 'POINTS_PENDING', 'POINTS_HELD') AND (stripe <> 0 OR balance < 0)) OR
		(kind = 'POINTS_DEBT' AND (stripe <> 0 OR balance > 0))`},
	{"account chain", "the entries of a member's account lead from nothing to its balance, each from where another ended", `
		SELECT brand_id, account_id, balance FROM (
			SELECT e.brand_id, e.account_id, e.balance_after AS balance, 1 AS n FROM ledger_entries e WHERE e.balance_after IS NOT NULL
			UNION ALL SELECT e.brand_id, e.account_id, e.balance_after - e.amount, -1 FROM ledger_entries e WHERE e.balance_after IS NOT NULL
			UNION ALL SELECT a.brand_id, a.id, 0, 1 FROM ledger_accounts a WHERE a.kind IN ` + ofMembers + `
			UNION ALL SELECT a.brand_id, a.id, a.balance, -1 FROM ledger_accounts a WHERE a.kind IN ` + ofMembers + `) chain
		GROUP BY brand_id, account_id, balance HAVING SUM(n) <> 0`},
	{"lot amounts", "what is left of a lot and held of it is never negative, and together no more than it was made with", `
		SELECT brand_id, id, amount FROM lots WHERE remaining < 0 OR held < 0 OR remaining + held > amount OR amount <= 0 OR (kind = 'PRINCIPAL' AND expires_at IS NOT NULL)`},
	{"lot movements", "what is left of a lot and held of it is the sum of its movements", `
		SELECT l.brand_id, l.id, l.remaining FROM lots l LEFT JOIN (SELECT lot_id, SUM(remaining_change) AS remaining, SUM(held_change) AS held FROM lot_movements GROUP BY lot_id) m
		ON m.lot_id = l.id WHERE l.remaining <> COALESCE(m.remaining, 0) OR l.held <> COALESCE(m.held, 0)`},
	{"lot chain", "the movements of a lot lead from nothing to what it has, each from where another ended", `
		SELECT brand_id, lot_id, remaining FROM (
			SELECT brand_id, lot_id, remaining_after AS remaining, held_after AS held, 1 AS n FROM lot_movements
			UNION ALL SELECT brand_id, lot_id, remaining_after - remaining_change, held_after - held_change, -1 FROM lot_movements
			UNION ALL SELECT brand_id, id, 0, 0, 1 FROM lots UNION ALL SELECT brand_id, id, remaining, held, -1 FROM lots) chain
		GROUP BY brand_id, lot_id, remaining, held HAVING SUM(n) <> 0`},
	{"lot grant", "stored value was made by one top-up's movement of all of it", `
		SELECT l.brand_id, l.id, l.amount FROM lots l LEFT JOIN (SELECT m.lot_id, COUNT(*) AS n, SUM(m.remaining_change) AS amount FROM lot_movements m
		JOIN ledger_postings p ON p.id = m.posting_id WHERE p.kind = 'TOP_UP' GROUP BY m.lot_id) g ON g.lot_id = l.id
		WHERE l.kind IN ('PRINCIPAL', 'BONUS') AND (COALESCE(g.n, 0) <> 1 OR g.amount <> l.amount)`},
	{"lot expiry", "a lot expires when the movement that made it says", `
		SELECT l.brand_id, l.id, l.expires_at FROM lots l LEFT JOIN lot_movements m ON m.lot_id = l.id AND m.expires_at IS NOT NULL AND m.held_change = 0
		WHERE COALESCE(l.expires_at, '') <> COALESCE(m.expires_at, '')`},
	{"lots of an account", "what a member has of stored value is what is left and held of the member's lots", `
		SELECT a.brand_id, a.id, a.balance FROM ledger_accounts a LEFT JOIN (SELECT member_id, kind, SUM(remaining) AS remaining, SUM(held) AS held FROM lots
		GROUP BY member_id, kind) l ON l.member_id = a.owner_id AND l.kind = CASE WHEN a.kind LIKE 'PRINCIPAL%' THEN 'PRINCIPAL' ELSE 'BONUS' END
		WHERE a.kind IN ('PRINCIPAL', 'BONUS', 'PRINCIPAL_HELD', 'BONUS_HELD') AND
		a.balance <> COALESCE(CASE WHEN a.kind LIKE '%HELD' THEN l.held ELSE l.remaining END, 0)`},
	{"posting lots", "what a posting does to a member's accounts is what it does to the lots", `
		SELECT brand_id, posting_id, kind FROM (
			SELECT e.brand_id, e.posting_id, a.kind, e.amount FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
				WHERE a.kind IN ` + ofMembers + ` AND a.kind <> 'POINTS_DEBT'
			UNION ALL SELECT m.brand_id, m.posting_id, l.kind, -m.remaining_change FROM lot_movements m JOIN lots l ON l.id = m.lot_id
			UNION ALL SELECT m.brand_id, m.posting_id, CASE l.kind WHEN 'PRINCIPAL' THEN 'PRINCIPAL_HELD' WHEN 'BONUS' THEN 'BONUS_HELD' ELSE 'POINTS_HELD' END, -m.held_change
				FROM lot_movements m JOIN lots l ON l.id = m.lot_id WHERE m.held_change <> 0) legs
		GROUP BY brand_id, posting_id, kind HAVING SUM(amount) <> 0`},
	{"posting member", "a posting moves the lots and the accounts of its own member", `
		SELECT p.brand_id, p.id, p.member_id FROM ledger_postings p JOIN lot_movements m ON m.posting_id = p.id JOIN lots l ON l.id = m.lot_id
		WHERE p.member_id IS NULL OR p.member_id <> l.member_id
		UNION SELECT p.brand_id, p.id, p.member_id FROM ledger_postings p JOIN ledger_entries e ON e.posting_id = p.id JOIN ledger_accounts a ON a.id = e.account_id
		WHERE a.kind IN ` + ofMembers + ` AND (p.member_id IS NULL OR p.member_id <> a.owner_id)`},
	{"movement gives back", "a movement gives back to the lot from which the other took, and all of them no more than it took", `
		SELECT o.brand_id, o.id, o.lot_id FROM lot_movements o JOIN lot_movements m ON m.reverses_id = o.id
		GROUP BY o.brand_id, o.id, o.lot_id, o.remaining_change, o.held_change
		HAVING MIN(m.lot_id) <> o.lot_id OR MAX(m.lot_id) <> o.lot_id OR SUM(m.remaining_change + m.held_change) > CASE WHEN o.held_change > 0 THEN 0 ELSE -(o.remaining_change + o.held_change) END`},
}

// ofMembers are the accounts of members.
const ofMembers = "('PRINCIPAL', 'BONUS', 'PRINCIPAL_HELD', 'BONUS_HELD', 'POINTS', 'POINTS_PENDING', 'POINTS_HELD', 'POINTS_DEBT')"

// walletRules are the checks of wallets and their payments.
var walletRules = []check{
	{"wallet balance", "a wallet's balance is what its member has of stored value, and the room that it keeps is never negative", `
		SELECT w.brand_id, w.id, w.balance_fen FROM wallets w LEFT JOIN (SELECT owner_id, SUM(balance) AS total FROM ledger_accounts
		WHERE kind IN ('PRINCIPAL', 'BONUS', 'PRINCIPAL_HELD', 'BONUS_HELD') GROUP BY owner_id) a ON a.owner_id = w.member_id
		WHERE w.balance_fen <> COALESCE(a.total, 0) OR w.pending_fen < 0`},
	{"wallet state", "a frozen wallet says since when and why, another does not; a closed one is empty", `
		SELECT brand_id, id, state FROM wallets WHERE (state = 'FROZEN') <> (frozen_at IS NOT NULL) OR (state = 'FROZEN') <> (frozen_reason <> '') OR
		(state = 'CLOSED' AND (balance_fen <> 0 OR pending_fen <> 0)) OR generation < 1 OR password_failures < 0`},
	{"wallet payment", "the state of a wallet payment fits its amounts and times", `
		SELECT brand_id, id, state FROM wallet_payments WHERE amount_fen <= 0 OR principal_fen < 0 OR bonus_fen < 0 OR amount_fen <> principal_fen + bonus_fen OR
		refunded_fen < 0 OR refunded_fen > captured_fen OR captured_fen > amount_fen OR (state = 'CAPTURED') <> (captured_fen > 0) OR
		(state = 'CAPTURED') <> (captured_at IS NOT NULL) OR (state IN ('RELEASED', 'DECLINED', 'EXPIRED')) <> (ended_at IS NOT NULL) OR
		(state <> 'CAPTURED' AND expires_at IS NULL) OR (source = 'ORDER') <> (subject_id IS NOT NULL) OR (state = 'AWAITING_MEMBER' AND source <> 'TILL') OR
		(state = 'HELD' AND source <> 'ORDER')`},
	{"wallet of an account", "who has accounts of stored value has a wallet", `
		SELECT a.brand_id, a.id, a.owner_id FROM ledger_accounts a LEFT JOIN wallets w ON w.brand_id = a.brand_id AND w.member_id = a.owner_id
		WHERE a.kind = 'PRINCIPAL' AND w.id IS NULL`},
	{"wallet of who left", "a wallet is closed when its member has cancelled, and only then", `
		SELECT w.brand_id, w.id, w.state FROM wallets w JOIN members m ON m.id = w.member_id WHERE (w.state = 'CLOSED') <> (m.state = 'CANCELLED')`},
	{"wallet payment wallet", "a wallet payment is of its wallet's member", `
		SELECT p.brand_id, p.id, p.member_id FROM wallet_payments p JOIN wallets w ON w.id = p.wallet_id WHERE w.member_id <> p.member_id`},
	{"wallet payment shift", "a wallet payment is of a shift at the till where it was charged, of the human who charged it", `
		SELECT p.brand_id, p.id, p.shift_id FROM wallet_payments p JOIN till_shifts t ON t.id = p.shift_id JOIN staff w ON w.id = t.staff_id LEFT JOIN staff s ON s.id = p.staff_id
		WHERE t.store_id <> p.org_id OR p.source <> 'TILL' OR s.id IS NULL OR s.person_id <> w.person_id`},
	{"wallet payment expiry", "what a wallet payment holds is held until the payment says", `
		SELECT p.brand_id, p.id, p.expires_at FROM wallet_payments p LEFT JOIN (SELECT g.subject_id, MIN(m.expires_at) AS first, MAX(m.expires_at) AS last,
			COUNT(*) AS n, COUNT(m.expires_at) AS dated FROM ledger_postings g JOIN lot_movements m ON m.posting_id = g.id WHERE g.kind = 'HOLD' GROUP BY g.subject_id) h
			ON h.subject_id = p.id
		WHERE COALESCE(p.expires_at, '') <> COALESCE(h.first, '') OR COALESCE(h.first, '') <> COALESCE(h.last, '') OR h.n <> h.dated`},
	{"wallet payment shares", "a wallet payment took its shares of principal and bonus when it spent or held them", `
		SELECT p.brand_id, p.id, p.amount_fen FROM wallet_payments p LEFT JOIN (` + taken + ` WHERE g.kind IN ('SPEND', 'HOLD') GROUP BY g.subject_id) t ON t.subject_id = p.id
		WHERE COALESCE(t.principal, 0) <> p.principal_fen OR COALESCE(t.bonus, 0) <> p.bonus_fen`},
	{"wallet payment spent", "what a wallet payment captured is what its postings took of lots", `
		SELECT p.brand_id, p.id, p.captured_fen FROM wallet_payments p LEFT JOIN (SELECT g.subject_id, SUM(-(m.remaining_change + m.held_change)) AS spent, COUNT(DISTINCT g.id) AS n
		FROM ledger_postings g JOIN lot_movements m ON m.posting_id = g.id WHERE g.kind IN ('SPEND', 'CAPTURE') GROUP BY g.subject_id) t ON t.subject_id = p.id
		WHERE COALESCE(t.spent, 0) <> p.captured_fen OR t.n > 1`},
	{"wallet payment holds", "a wallet payment that waits holds its amount, another nothing", `
		SELECT p.brand_id, p.id, p.state FROM wallet_payments p LEFT JOIN (SELECT g.subject_id, SUM(m.held_change) AS held
		FROM ledger_postings g JOIN lot_movements m ON m.posting_id = g.id WHERE g.kind IN ('HOLD', 'CAPTURE', 'RELEASE') GROUP BY g.subject_id) t ON t.subject_id = p.id
		WHERE COALESCE(t.held, 0) <> CASE WHEN p.state IN ('AWAITING_MEMBER', 'HELD') THEN p.amount_fen ELSE 0 END`},
	{"held lots", "what lots hold of stored value is held for payments that wait", `
		SELECT l.brand_id, MIN(l.id), SUM(l.held) FROM lots l LEFT JOIN (SELECT member_id, SUM(amount_fen) AS held FROM wallet_payments
		WHERE state IN ('AWAITING_MEMBER', 'HELD') GROUP BY member_id) p ON p.member_id = l.member_id
		WHERE l.kind IN ('PRINCIPAL', 'BONUS') GROUP BY l.brand_id, l.member_id, p.held HAVING SUM(l.held) <> COALESCE(p.held, 0)`},
	{"wallet payment refunds", "what was given back of a wallet payment is the sum of its refunds", `
		SELECT p.brand_id, p.id, p.refunded_fen FROM wallet_payments p LEFT JOIN (SELECT wallet_payment_id, SUM(amount_fen) AS back FROM wallet_refunds GROUP BY wallet_payment_id) r
		ON r.wallet_payment_id = p.id WHERE p.refunded_fen <> COALESCE(r.back, 0)`},
	{"wallet refund", "a refund is its two shares, for the payment's member at the payment's org", `
		SELECT r.brand_id, r.id, r.amount_fen FROM wallet_refunds r JOIN wallet_payments p ON p.id = r.wallet_payment_id
		WHERE r.amount_fen <= 0 OR r.principal_fen < 0 OR r.bonus_fen < 0 OR r.amount_fen <> r.principal_fen + r.bonus_fen OR r.member_id <> p.member_id OR r.org_id <> p.org_id`},
	{"wallet refund shares", "a refund gave its shares back to lots of the payment", `
		SELECT r.brand_id, r.id, r.amount_fen FROM wallet_refunds r LEFT JOIN (` + taken + ` WHERE g.kind = 'SPEND_REFUND' GROUP BY g.subject_id) t ON t.subject_id = r.id
		LEFT JOIN ledger_postings b ON b.kind = 'SPEND_REFUND' AND b.subject_id = r.id LEFT JOIN ledger_postings o ON o.id = b.reverses_id
		WHERE COALESCE(-t.principal, 0) <> r.principal_fen OR COALESCE(-t.bonus, 0) <> r.bonus_fen OR COALESCE(o.subject_id, 0) <> r.wallet_payment_id`},
	walletKeys,
}

// taken sums what postings took of what may be spent, by their subject.
const taken = `SELECT g.subject_id, SUM(CASE WHEN l.kind = 'PRINCIPAL' THEN -m.remaining_change ELSE 0 END) AS principal,
		SUM(CASE WHEN l.kind = 'BONUS' THEN -m.remaining_change ELSE 0 END) AS bonus
		FROM ledger_postings g JOIN lot_movements m ON m.posting_id = g.id JOIN lots l ON l.id = m.lot_id`

var walletKeys = check{"wallet payment keys", "the pay code of each payment at a till is remembered with that payment, and the key of each refund with that refund", `
		SELECT k.brand_id, k.id, k.result_id FROM idempotency_keys k LEFT JOIN wallet_payments p ON p.id = k.result_id AND p.brand_id = k.brand_id AND p.source = 'TILL'
		LEFT JOIN wallet_refunds r ON r.id = k.result_id AND r.brand_id = k.brand_id
		WHERE k.operation = 'payCode' AND p.id IS NULL OR k.operation = 'walletRefund' AND r.id IS NULL`}
