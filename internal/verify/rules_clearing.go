package verify

// clearingRules are the checks of what orgs owe each other. A line follows from what a spend or a refund did to one lot, its legs stand in the posting
// of the same act, and a statement is the sum of its lines.
var clearingRules = []check{
	{"clearing line amount", "a line is about two orgs, owes face less fee, and takes back what another owes where it is negative", `
		SELECT brand_id, id, amount_fen FROM clearing_lines WHERE amount_fen <> face_fen - fee_fen OR face_fen = 0 OR debtor_org_id = creditor_org_id OR
		(face_fen > 0 AND (fee_fen < 0 OR fee_fen > face_fen)) OR (face_fen < 0 AND (fee_fen > 0 OR fee_fen < face_fen)) OR
		(face_fen < 0) <> (reverses_id IS NOT NULL) OR (kind = 'COUPON') <> (movement_id IS NULL) OR (kind <> 'PRINCIPAL' AND fee_fen <> 0) OR
		period NOT BETWEEN 202001 AND 999912 OR period % 100 NOT BETWEEN 1 AND 12`},
	{"clearing legs", "the clearing legs of a posting are what its lines owe and are owed, for each org", `
		SELECT brand_id, posting_id, org_id FROM (SELECT brand_id, posting_id, creditor_org_id AS org_id, amount_fen AS amount FROM clearing_lines
			UNION ALL SELECT brand_id, posting_id, debtor_org_id, -amount_fen FROM clearing_lines
			UNION ALL SELECT e.brand_id, e.posting_id, a.owner_id, -e.amount FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id WHERE a.kind = 'CLEARING') legs
		GROUP BY brand_id, posting_id, org_id HAVING SUM(amount) <> 0`},
	{"clearing line origin", "a line comes from what its own posting took of a lot of its kind, at the org that is owed, for the same subject", `
		SELECT l.brand_id, l.id, l.posting_id FROM clearing_lines l JOIN ledger_postings p ON p.id = l.posting_id JOIN lot_movements m ON m.id = l.movement_id
		JOIN lots t ON t.id = m.lot_id
		WHERE m.posting_id <> l.posting_id OR t.kind <> l.kind OR p.org_id IS NULL OR p.org_id <> l.creditor_org_id OR
		(l.reverses_id IS NULL AND (p.kind NOT IN ('SPEND', 'CAPTURE') OR p.subject_id <> l.subject_id)) OR (l.reverses_id IS NOT NULL AND p.kind <> 'SPEND_REFUND')`},
	{"clearing of spent value", "what is spent away from who bears it is owed: principal and a bonus without funders by the issuer, a funded bonus by all funders but the org itself", `
		SELECT x.brand_id, x.id, x.face FROM (SELECT m.brand_id, m.id, -m.remaining_change - m.held_change AS taken, COALESCE(l.face, 0) AS face, l.debtor,
			t.issuer_org_id, p.org_id, o.successor_id, t.kind = 'PRINCIPAL' OR t.funders IS NULL AS alone,
			CASE WHEN INSTR(REPLACE(t.funders, ' ', ''), CONCAT('"orgId":', p.org_id, ',"basisPoints":')) = 0 THEN 0 ELSE
				CAST(SUBSTR(REPLACE(t.funders, ' ', ''), INSTR(REPLACE(t.funders, ' ', ''), CONCAT('"orgId":', p.org_id, ',"basisPoints":')) +
				LENGTH(CONCAT('"orgId":', p.org_id, ',"basisPoints":')), 5) AS SIGNED) END AS own
			FROM lot_movements m JOIN ledger_postings p ON p.id = m.posting_id JOIN lots t ON t.id = m.lot_id JOIN orgs o ON o.id = t.issuer_org_id
			LEFT JOIN (SELECT movement_id, SUM(face_fen) AS face, MIN(debtor_org_id) AS debtor FROM clearing_lines WHERE reverses_id IS NULL GROUP BY movement_id) l ON l.movement_id = m.id
			WHERE p.kind IN ('SPEND', 'CAPTURE') AND t.kind IN ('PRINCIPAL', 'BONUS')) x
		WHERE (alone AND face <> CASE WHEN issuer_org_id = org_id THEN 0 ELSE taken END AND (successor_id IS NULL OR face <> 0)) OR
		(alone AND face <> 0 AND debtor <> issuer_org_id AND successor_id IS NULL) OR
		(NOT alone AND ABS((taken - face) * 10000 - taken * own) >= 10000 AND
			NOT EXISTS (SELECT 1 FROM orgs c WHERE c.brand_id = x.brand_id AND c.successor_id IS NOT NULL))`},
	{"clearing share", "a funder of a bonus owes its share of it, to the fen", `
		SELECT x.brand_id, x.id, x.face_fen FROM (SELECT l.brand_id, l.id, l.face_fen, -m.remaining_change - m.held_change AS taken, REPLACE(t.funders, ' ', '') AS funders,
			CONCAT('"orgId":', l.debtor_org_id, ',"basisPoints":') AS named
			FROM clearing_lines l JOIN lot_movements m ON m.id = l.movement_id JOIN lots t ON t.id = m.lot_id
			WHERE l.reverses_id IS NULL AND l.kind = 'BONUS' AND t.funders IS NOT NULL) x
		WHERE (INSTR(funders, named) = 0 AND NOT EXISTS (SELECT 1 FROM orgs c WHERE c.brand_id = x.brand_id AND c.successor_id IS NOT NULL)) OR
		(INSTR(funders, named) > 0 AND ABS(face_fen * 10000 - taken * CAST(SUBSTR(funders, INSTR(funders, named) + LENGTH(named), 5) AS SIGNED)) >= 10000)`},
	{"clearing reversal", "a reversal is of a line of the same two orgs, kind and subject, by a movement that gives back what the line's took", `
		SELECT l.brand_id, l.id, l.reverses_id FROM clearing_lines l JOIN clearing_lines o ON o.id = l.reverses_id LEFT JOIN lot_movements m ON m.id = l.movement_id
		WHERE o.kind <> l.kind OR o.debtor_org_id <> l.debtor_org_id OR o.creditor_org_id <> l.creditor_org_id OR o.subject_id <> l.subject_id OR o.reverses_id IS NOT NULL OR
		COALESCE(m.reverses_id, 0) <> COALESCE(o.movement_id, 0)`},
	{"clearing reversed", "what is taken back of a line is no more than the line, exactly what was given back of principal, and all of it once all was given back", `
		SELECT o.brand_id, o.id, r.face FROM clearing_lines o JOIN lot_movements m ON m.id = o.movement_id
		LEFT JOIN (SELECT reverses_id, SUM(face_fen) AS face, SUM(fee_fen) AS fee FROM clearing_lines WHERE reverses_id IS NOT NULL GROUP BY reverses_id) r ON r.reverses_id = o.id
		LEFT JOIN (SELECT reverses_id, SUM(remaining_change + held_change) AS back FROM lot_movements WHERE reverses_id IS NOT NULL GROUP BY reverses_id) b
			ON b.reverses_id = o.movement_id
		WHERE o.reverses_id IS NULL AND (o.face_fen + COALESCE(r.face, 0) < 0 OR o.fee_fen + COALESCE(r.fee, 0) < 0 OR COALESCE(r.face, 0) + COALESCE(b.back, 0) < 0 OR
		(o.kind = 'PRINCIPAL' AND COALESCE(r.face, 0) + COALESCE(b.back, 0) <> 0) OR
		(COALESCE(b.back, 0) + m.remaining_change + m.held_change = 0 AND (o.face_fen + COALESCE(r.face, 0) <> 0 OR o.fee_fen + COALESCE(r.fee, 0) <> 0)))`},
	{"clearing statement sums", "a statement is the sum of its lines", "\n\t\t" +
		"SELECT s.brand_id, s.id, s.first_owes_fen FROM clearing_statements s LEFT JOIN (SELECT l.statement_id, COUNT(*) AS number,\n\t\t\t" +
		"SUM(CASE WHEN l.debtor_org_id = c.first_org_id THEN l.amount_fen ELSE 0 END) AS first_owes, SUM(CASE WHEN l.debtor_org_id = c.second_org_id THEN l.amount_fen ELSE 0 END) AS second_owes\n\t\t\t" +
		"FROM clearing_lines l JOIN clearing_statements c ON c.id = l.statement_id GROUP BY l.statement_id) x ON x.statement_id = s.id\n\t\t" +
		"WHERE s.first_owes_fen <> COALESCE(x.first_owes, 0) OR s.second_owes_fen <> COALESCE(x.second_owes, 0) OR s.`lines` <> COALESCE(x.number, 0) OR s.first_org_id >= s.second_org_id"},
	{"clearing line of a statement", "a line on a statement is of its two orgs and its month", `
		SELECT l.brand_id, l.id, l.statement_id FROM clearing_lines l JOIN clearing_statements s ON s.id = l.statement_id
		WHERE l.period <> s.period OR NOT ((l.debtor_org_id = s.first_org_id AND l.creditor_org_id = s.second_org_id) OR
		(l.debtor_org_id = s.second_org_id AND l.creditor_org_id = s.first_org_id))`},
	{"clearing period", "a line that is on no statement is of the month in which it was booked, or of the month after a statement of its two orgs", `
		SELECT x.brand_id, x.id, x.period FROM (SELECT l.brand_id, l.id, l.debtor_org_id, l.creditor_org_id, l.period,
			((l.period - l.period % 100) / 100 * 12 + l.period % 100) - (SUBSTR(p.occurred_at, 1, 4) * 12 + SUBSTR(p.occurred_at, 6, 2)) AS late, SUBSTR(p.occurred_at, 9, 2) + 0 AS day
			FROM clearing_lines l JOIN ledger_postings p ON p.id = l.posting_id WHERE l.statement_id IS NULL) x
		WHERE NOT (x.late = 0 OR (x.late = 1 AND x.day >= 28) OR (x.late = -1 AND x.day = 1)) AND NOT EXISTS (SELECT 1 FROM clearing_statements s
		WHERE s.brand_id = x.brand_id AND s.period = CASE x.period % 100 WHEN 1 THEN x.period - 89 ELSE x.period - 1 END AND
		((s.first_org_id = x.debtor_org_id AND s.second_org_id = x.creditor_org_id) OR (s.second_org_id = x.debtor_org_id AND s.first_org_id = x.creditor_org_id)))`},
	{"clearing statement state", "a statement is disputed while a line of it is, and confirmed when both sides have; who confirmed and when go together", `
		SELECT s.brand_id, s.id, s.state FROM clearing_statements s LEFT JOIN (SELECT statement_id, COUNT(*) AS disputed FROM clearing_lines WHERE state = 'DISPUTED'
			AND statement_id IS NOT NULL GROUP BY statement_id) d ON d.statement_id = s.id
		WHERE (s.state = 'DISPUTED') <> (COALESCE(d.disputed, 0) > 0) OR (s.state = 'CONFIRMED') <> (s.first_confirmed_at IS NOT NULL AND s.second_confirmed_at IS NOT NULL) OR
		(s.first_confirmed_at IS NULL) <> (s.first_confirmed_by IS NULL) OR (s.second_confirmed_at IS NULL) <> (s.second_confirmed_by IS NULL) OR
		(s.state = 'DISPUTED' AND (s.first_confirmed_at IS NOT NULL OR s.second_confirmed_at IS NOT NULL))`},
	{"clearing confirmer", "who confirms for an org works at that very org, or at its successor", `
		SELECT s.brand_id, s.id, f.org_id FROM clearing_statements s LEFT JOIN staff f ON f.id = s.first_confirmed_by LEFT JOIN staff g ON g.id = s.second_confirmed_by
		JOIN orgs a ON a.id = s.first_org_id JOIN orgs b ON b.id = s.second_org_id
		WHERE (f.org_id <> s.first_org_id AND a.successor_id IS NULL) OR (g.org_id <> s.second_org_id AND b.successor_id IS NULL)`},
	{"clearing dispute", "a disputed line is on a statement and says why and by whom, and no other does", `
		SELECT brand_id, id, state FROM clearing_lines WHERE (state = 'DISPUTED') <> (disputed_by IS NOT NULL) OR (state = 'DISPUTED') <> (dispute_reason <> '') OR
		(state = 'DISPUTED' AND statement_id IS NULL)`},
}

// pointsRules are the checks of points, beside those of the ledger.
var pointsRules = []check{
	{"points debt", "who owes points has none to spend", `
		SELECT d.brand_id, d.id, d.balance FROM ledger_accounts d JOIN ledger_accounts p ON p.brand_id = d.brand_id AND p.kind = 'POINTS' AND p.owner_id = d.owner_id
		WHERE d.kind = 'POINTS_DEBT' AND d.balance <> 0 AND (p.balance > 0 OR d.balance > 0)`},
	{"points lots", "what a member has of points is what is left of its lots", `
		SELECT a.brand_id, a.id, a.balance FROM ledger_accounts a LEFT JOIN (SELECT member_id, kind, SUM(remaining) AS remaining FROM lots
			WHERE kind IN ('POINTS', 'POINTS_PENDING') GROUP BY member_id, kind) l ON l.member_id = a.owner_id AND l.kind = a.kind
		WHERE a.kind IN ('POINTS', 'POINTS_PENDING') AND a.balance <> COALESCE(l.remaining, 0)`},
	{"points lot", "points are the brand's; pending ones say when they become spendable, and are no more pending then, spendable ones do not", `
		SELECT t.brand_id, t.id, t.kind FROM lots t JOIN orgs o ON o.id = t.issuer_org_id
		WHERE t.kind IN ('POINTS', 'POINTS_PENDING') AND (o.kind <> 'BRAND' OR t.issuer_org_id <> t.scope_org_id OR (t.kind = 'POINTS_PENDING') <> (t.available_at IS NOT NULL) OR
		(t.kind = 'POINTS_PENDING' AND (t.expires_at IS NULL OR t.expires_at <> t.available_at)))`},
	{"points taken back", "no more points are taken back than a subject earned, and no more given back than it spent", `
		SELECT x.brand_id, x.id, x.amount FROM (SELECT p.brand_id, MIN(p.id) AS id, SUM(e.amount) AS amount, MIN(a.kind) AS kind FROM ledger_postings p
			JOIN ledger_entries e ON e.posting_id = p.id JOIN ledger_accounts a ON a.id = e.account_id
			WHERE (p.kind IN ('POINTS_EARN', 'POINTS_CLAW_BACK') AND a.kind = 'POINTS_ISSUED') OR (p.kind IN ('POINTS_SPEND', 'POINTS_RETURN') AND a.kind = 'POINTS_SPENT')
			GROUP BY p.brand_id, p.subject_id, a.kind) x
		WHERE (x.kind = 'POINTS_ISSUED' AND x.amount > 0) OR (x.kind = 'POINTS_SPENT' AND x.amount < 0)`},
}
