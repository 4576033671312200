package verify

// couponUses are the coupons that were used up, at a till or by an order, with what still stands of the discount.
const couponUses = `(SELECT r.brand_id, r.id, r.subject_id AS coupon_id, r.store_id AS org_id, r.discount_fen, CASE WHEN r.state = 'CONFIRMED' THEN r.discount_fen ELSE 0 END AS standing
			FROM redemptions r WHERE r.kind = 'COUPON'
			UNION ALL SELECT o.brand_id, o.id, o.coupon_id, o.org_id, o.discount_fen, o.discount_fen - o.returned_fen FROM coupon_uses o)`

// funded reads the share of an org out of a rule's funders, in basis points: all of it is the issuer's where the rule names none. The first three are what of the
// rule, the template and the org it asks for.
func funded(rule, issuer, org string) string {
	funders, named := "REPLACE("+rule+", ' ', '')", `CONCAT('"orgId":', `+org+`, ',"basisPoints":')`
	return `CASE WHEN INSTR(` + funders + `, '"basisPoints":') = 0 THEN CASE WHEN ` + issuer + ` = ` + org + ` THEN 10000 ELSE 0 END
			WHEN INSTR(` + funders + `, ` + named + `) = 0 THEN 0
			ELSE CAST(SUBSTR(` + funders + `, INSTR(` + funders + `, ` + named + `) + LENGTH(` + named + `), 5) AS SIGNED) END`
}

// couponClearingRules are the checks of what orgs owe each other for coupons: it follows from each use and the funders of its rule. Where an org was closed,
// another owes in its place, so that the shares cannot be told apart any more.
var couponClearingRules = []check{
	{"coupon clearing", "what is owed for a used coupon is its discount less what the org itself bears, and nothing once it was returned", `
		SELECT x.brand_id, x.id, x.net FROM (SELECT u.brand_id, u.id, u.discount_fen, u.standing, COALESCE(l.net, 0) AS net,
			` + funded("r.rule", "t.org_id", "u.org_id") + ` AS own
			FROM ` + couponUses + ` u JOIN coupons c ON c.id = u.coupon_id JOIN coupon_templates t ON t.id = c.template_id JOIN coupon_rules r ON r.id = c.rule_id
			LEFT JOIN (SELECT subject_id, SUM(face_fen) AS net FROM clearing_lines WHERE kind = 'COUPON' GROUP BY subject_id) l ON l.subject_id = u.id) x
		WHERE x.net < 0 OR x.net > x.standing OR (x.standing = x.discount_fen AND ABS((x.standing - x.net) * 10000 - x.standing * x.own) >= 10000 AND
			NOT EXISTS (SELECT 1 FROM orgs o WHERE o.brand_id = x.brand_id AND o.successor_id IS NOT NULL))`},
	{"coupon clearing share", "a funder of a coupon owes its share of the discount, to the fen", `
		SELECT x.brand_id, x.id, x.face_fen FROM (SELECT l.brand_id, l.id, l.face_fen, u.discount_fen, ` + funded("r.rule", "t.org_id", "l.debtor_org_id") + ` AS share
			FROM clearing_lines l JOIN ` + couponUses + ` u ON u.id = l.subject_id JOIN coupons c ON c.id = u.coupon_id JOIN coupon_templates t ON t.id = c.template_id
			JOIN coupon_rules r ON r.id = c.rule_id WHERE l.kind = 'COUPON' AND l.reverses_id IS NULL) x
		WHERE ABS(x.face_fen * 10000 - x.discount_fen * x.share) >= 10000 AND NOT EXISTS (SELECT 1 FROM orgs o WHERE o.brand_id = x.brand_id AND o.successor_id IS NOT NULL)`},
	{"coupon clearing line", "a line of a coupon comes from a posting of its own kind, of the same use, at the org that is owed", `
		SELECT l.brand_id, l.id, l.posting_id FROM clearing_lines l JOIN ledger_postings p ON p.id = l.posting_id LEFT JOIN ` + couponUses + ` u ON u.id = l.subject_id
		WHERE l.kind = 'COUPON' AND (u.id IS NULL OR u.org_id <> l.creditor_org_id OR p.org_id IS NULL OR p.org_id <> l.creditor_org_id OR p.subject_id <> l.subject_id OR
			p.kind <> CASE WHEN l.reverses_id IS NULL THEN 'COUPON_USE' ELSE 'COUPON_RETURN' END)`},
	{"redemption shift", "a redemption is of a shift of whoever confirmed it, at that store, if of any", `
		SELECT r.brand_id, r.id, r.shift_id FROM redemptions r JOIN till_shifts t ON t.id = r.shift_id WHERE t.staff_id <> r.staff_id OR t.store_id <> r.store_id`},
	{"coupon clearing reversed", "no more is taken back of a line than it has", `
		SELECT l.brand_id, l.id, r.face FROM clearing_lines l JOIN (SELECT reverses_id, SUM(face_fen) AS face FROM clearing_lines WHERE reverses_id IS NOT NULL
			GROUP BY reverses_id) r ON r.reverses_id = l.id WHERE l.kind = 'COUPON' AND l.face_fen + r.face < 0`},
}
