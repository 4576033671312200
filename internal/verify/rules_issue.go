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
	{"issue job", "a job has issued the coupons that name it, to members up to the place where it is, and no more than it has members", `
		SELECT j.brand_id, j.id, j.issued FROM issue_jobs j
		LEFT JOIN (SELECT issue_job_id, COUNT(*) AS issued, MAX(member_id) AS last FROM coupons WHERE issue_job_id IS NOT NULL GROUP BY issue_job_id) c ON c.issue_job_id = j.id
		WHERE j.issued <> COALESCE(c.issued, 0) OR j.last_member_id < COALESCE(c.last, 0) OR j.skipped < 0`},
	{"issue job coupons", "a coupon names a job where a job has issued it, of its own template, and only there", `
		SELECT c.brand_id, c.id, c.issue_job_id FROM coupons c LEFT JOIN issue_jobs j ON j.id = c.issue_job_id
		WHERE (c.source = 'BULK') <> (c.issue_job_id IS NOT NULL) OR j.template_id <> c.template_id`},
	{"issue job state", "a job that runs has no end, one that has ended says when, and one that stopped says why", `
		SELECT brand_id, id, state FROM issue_jobs WHERE (state = 'RUNNING') <> (finished_at IS NULL) OR (state = 'STOPPED') <> (stop_reason <> '')`},
	{"staff day", "nobody of the staff has given more coupons on one day at the expense of one org than 50", `
		SELECT brand_id, id, count FROM limit_counters WHERE kind = 'STAFF_DAY' AND count > 50`},
}
