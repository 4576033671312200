package verify

// issueRules are the checks of how coupons are issued: budgets and issue jobs.
var issueRules = []check{
	// What a coupon promises is domain/coupon's: the amount off, the cap of a percentage, the freight.
	{"coupon budget", "what of a template's budget is not left is what its coupons promise that have not ended unused, and it is never negative", `
		SELECT t.brand_id, t.id, t.budget_fen - t.budget_left_fen - COALESCE(p.promised, 0) FROM coupon_templates t
		LEFT JOIN (SELECT c.template_id, SUM(CASE
				WHEN JSON_EXTRACT(r.rule, '$.kind') IN ('AMOUNT_OFF', '"AMOUNT_OFF"', 'FREIGHT', '"FREIGHT"') THEN COALESCE(JSON_EXTRACT(r.rule, '$.amountFen'), 0)
				WHEN JSON_EXTRACT(r.rule, '$.kind') IN ('PERCENT_OFF', '"PERCENT_OFF"') THEN COALESCE(JSON_EXTRACT(r.rule, '$.capFen'), 0)
				ELSE 0 END) AS promised
			FROM coupon_templates b JOIN coupons c ON c.brand_id = b.brand_id AND c.template_id = b.id AND c.state NOT IN ('EXPIRED', 'REVOKED', 'TRANSFERRED')
			JOIN coupon_rules r ON r.id = c.rule_id WHERE b.budget_fen > 0 GROUP BY c.template_id) p ON p.template_id = t.id
		WHERE t.budget_left_fen < 0 OR t.budget_left_fen > t.budget_fen OR t.budget_fen - t.budget_left_fen <> COALESCE(p.promised, 0)`},
}
