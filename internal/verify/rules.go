package verify

// digits are the numbers that lists in JSON are counted by.
const digits = `(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL
	SELECT 8 UNION ALL SELECT 9)`

// rules are the checks beyond references. They read each table from front to back and join by primary key or index.
var rules = []check{
	{"coupon stock", "stock left and coupons issued, but for what only changed hands, make up a template's total stock, and stock is never negative", `
		SELECT t.brand_id, t.id, t.total_stock - t.stock_left - COALESCE(c.issued, 0) FROM coupon_templates t
		LEFT JOIN (SELECT template_id, COUNT(*) AS issued FROM coupons WHERE source <> 'GIFT' GROUP BY template_id) c ON c.template_id = t.id
		WHERE t.stock_left < 0 OR t.total_stock - t.stock_left <> COALESCE(c.issued, 0)`},
	{"coupon member counter", "the counter of a member and template is the number of that member's coupons that limits count", `
		SELECT c.brand_id, c.member_id, c.template_id FROM
		(SELECT brand_id, template_id, member_id, COUNT(*) AS claimed FROM coupons WHERE source IN ('CLAIM', 'STAFF', 'BULK', 'EXCHANGE') GROUP BY brand_id, template_id, member_id) c
		LEFT JOIN limit_counters l ON l.brand_id = c.brand_id AND l.kind = 'MEMBER_TOTAL' AND l.scope_id = c.template_id AND l.subject_id = c.member_id AND l.period = 0
		WHERE l.count IS NULL OR l.count <> c.claimed`},
	{"coupon member counter without coupons", "a counter counts coupons that exist", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l
		LEFT JOIN (SELECT brand_id, template_id, member_id, COUNT(*) AS claimed FROM coupons WHERE source IN ('CLAIM', 'STAFF', 'BULK', 'EXCHANGE') GROUP BY brand_id, template_id, member_id) c
			ON c.brand_id = l.brand_id AND c.template_id = l.scope_id AND c.member_id = l.subject_id
		WHERE l.kind = 'MEMBER_TOTAL' AND l.count <> COALESCE(c.claimed, 0)`},
	{"coupon member limit", "no member has got more coupons of a template than its limit", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'MEMBER_TOTAL' AND t.member_limit > 0 AND l.count > t.member_limit`},
	{"coupon member day limit", "no member has got more coupons of a template on one day than its limit", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'MEMBER_DAY' AND t.member_day_limit > 0 AND l.count > t.member_day_limit`},
	{"coupon person limit", "no human has got more coupons of a template than its limit", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'PERSON_TOTAL' AND t.person_limit > 0 AND l.count > t.person_limit`},
	{"coupon person counter", "the counter of a human and template with such a limit is the number of coupons over all its memberships", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l
		LEFT JOIN (SELECT c.brand_id, c.template_id, p.limit_subject, COUNT(*) AS claimed FROM coupons c JOIN members m ON m.id = c.member_id
			JOIN persons p ON p.id = m.person_id WHERE c.source IN ('CLAIM', 'STAFF', 'BULK', 'EXCHANGE') GROUP BY c.brand_id, c.template_id, p.limit_subject) x
			ON x.brand_id = l.brand_id AND x.template_id = l.scope_id AND x.limit_subject = l.subject_id
		WHERE l.kind = 'PERSON_TOTAL' AND l.count > COALESCE(x.claimed, 0)`},
	{"coupon day stock", "no template has issued more on one day than its day stock", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		WHERE l.kind = 'TEMPLATE_DAY' AND t.day_stock > 0 AND l.count > t.day_stock`},
	{"coupon day counters", "no day counts more of a template than there are in all", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l JOIN coupon_templates t ON t.id = l.scope_id
		LEFT JOIN limit_counters x ON l.kind = 'MEMBER_DAY' AND x.brand_id = l.brand_id AND x.kind = 'MEMBER_TOTAL' AND x.scope_id = l.scope_id
			AND x.subject_id = l.subject_id AND x.period = 0
		WHERE (l.kind = 'TEMPLATE_DAY' AND l.count > t.total_stock - t.stock_left) OR (l.kind = 'MEMBER_DAY' AND l.count > COALESCE(x.count, 0))`},
	{"coupon event counter", "no human has got two coupons of a template by an event that gives one, and what is counted is there", `
		SELECT l.brand_id, l.id, l.count FROM limit_counters l
		LEFT JOIN (SELECT c.brand_id, c.template_id, p.limit_subject, COUNT(*) AS given FROM coupons c JOIN members m ON m.id = c.member_id
			JOIN persons p ON p.id = m.person_id WHERE c.source = 'EVENT' GROUP BY c.brand_id, c.template_id, p.limit_subject) x
			ON x.brand_id = l.brand_id AND x.template_id = l.scope_id AND x.limit_subject = l.subject_id
		WHERE l.kind = 'EVENT_PERSON' AND (l.count > 1 OR l.count > COALESCE(x.given, 0))`},
	{"limit counter", "a counter is never negative, and a day is part of it where it counts a day alone", `
		SELECT brand_id, id, count FROM limit_counters WHERE count < 0 OR
		(kind IN ('MEMBER_DAY', 'TEMPLATE_DAY', 'STAFF_DAY', 'EXCHANGE_DAY') AND period = 0) OR (kind NOT IN ('MEMBER_DAY', 'TEMPLATE_DAY', 'STAFF_DAY', 'EXCHANGE_DAY', 'EVENT_PERSON') AND period <> 0) OR
		(kind = 'TEMPLATE_DAY') <> (subject_id = 0)`},
	{"coupon of a draft", "a draft has issued nothing", `
		SELECT brand_id, id, total_stock - stock_left FROM coupon_templates WHERE state IN ('DRAFT', 'REVIEW') AND stock_left <> total_stock`},
	{"coupon template window", "the windows of a template end after they begin, and a fixed use window is given", `
		SELECT brand_id, id, claim_ends_at FROM coupon_templates WHERE claim_ends_at <= claim_starts_at OR valid_until <= valid_from OR
		(validity_kind = 'FIXED' AND (valid_from IS NULL OR valid_until IS NULL))`},
	{"coupon used", "a used coupon has exactly one redemption or use in force, and says when it was used", `
		SELECT c.brand_id, c.id, c.state FROM coupons c LEFT JOIN redemptions r ON r.brand_id = c.brand_id AND r.kind = 'COUPON' AND r.active_subject_id = c.id
		LEFT JOIN coupon_uses o ON o.brand_id = c.brand_id AND o.active_coupon_id = c.id
		WHERE c.state = 'USED' AND ((r.id IS NULL) = (o.id IS NULL) OR c.used_at IS NULL)`},
	{"coupon lock", "a coupon is locked by an order, or by none and not locked", `
		SELECT brand_id, id, state FROM coupons WHERE (state = 'LOCKED') <> (locked_by_id IS NOT NULL)`},
	{"use of a used coupon", "a use in force is of a coupon that is used, and every use of the member who had it", `
		SELECT o.brand_id, o.id, c.state FROM coupon_uses o JOIN coupons c ON c.id = o.coupon_id
		WHERE (o.active_coupon_id IS NOT NULL AND c.state <> 'USED') OR o.member_id <> c.member_id`},
	{"coupon use state", "a use holds its coupon until that has come back, and no more of its discount goes back than there is", `
		SELECT brand_id, id, returned_fen FROM coupon_uses WHERE discount_fen < 0 OR returned_fen < 0 OR returned_fen > discount_fen OR
		(active_coupon_id IS NULL) <> (returned_at IS NOT NULL) OR active_coupon_id <> coupon_id`},
	{"coupon use lines", "what a use took off each line sums to its discount", `
		SELECT o.brand_id, o.id, o.discount_fen FROM coupon_uses o LEFT JOIN (SELECT u.id, SUM(JSON_EXTRACT(u.lines, CONCAT('$[', n.n, '].discountFen'))) AS taken
			FROM coupon_uses u JOIN (SELECT a.n + 10 * b.n + 100 * c.n AS n FROM ` + digits + ` a JOIN ` + digits + ` b JOIN (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) c) n
				ON JSON_EXTRACT(u.lines, CONCAT('$[', n.n, ']')) IS NOT NULL
			GROUP BY u.id) t ON t.id = o.id
		WHERE o.discount_fen <> COALESCE(t.taken, 0)`},
	{"redemption of a used coupon", "a redemption in force is of a coupon that is used", `
		SELECT r.brand_id, r.id, c.state FROM redemptions r JOIN coupons c ON c.id = r.subject_id
		WHERE r.kind = 'COUPON' AND r.active_subject_id IS NOT NULL AND c.state <> 'USED'`},
	{"coupon not used", "a coupon that is not used says no time of use", `
		SELECT brand_id, id, state FROM coupons WHERE state <> 'USED' AND used_at IS NOT NULL`},
	{"redemption state", "a confirmed redemption holds its subject and a reversed one has let it go, with time and reason", `
		SELECT brand_id, id, state FROM redemptions WHERE
		(state = 'CONFIRMED' AND (active_subject_id IS NULL OR active_subject_id <> subject_id OR reversed_at IS NOT NULL)) OR
		(state = 'REVERSED' AND (active_subject_id IS NOT NULL OR reversed_at IS NULL OR reversed_by IS NULL OR reverse_reason = ''))`},
	{"redemption member", "a coupon is redeemed for the member who has it", `
		SELECT r.brand_id, r.id, r.member_id FROM redemptions r JOIN coupons c ON c.id = r.subject_id WHERE r.kind = 'COUPON' AND c.member_id <> r.member_id`},
	{"redemption amount", "a redemption takes off no less than nothing and no more than the purchase", `
		SELECT brand_id, id, discount_fen FROM redemptions WHERE discount_fen < 0 OR purchase_fen < 0 OR discount_fen > purchase_fen`},
	{"redemption store", "what is redeemed is redeemed at a store, by staff of the store, of an org above it or of a distributor", `
		SELECT r.brand_id, r.id, r.staff_id FROM redemptions r JOIN orgs o ON o.id = r.store_id JOIN staff s ON s.id = r.staff_id JOIN orgs w ON w.id = s.org_id
		WHERE o.kind <> 'STORE' OR (w.kind <> 'DISTRIBUTOR' AND SUBSTR(o.path, 1, LENGTH(w.path)) <> w.path)`},
	{"redemption reverser", "who undoes a redemption is staff of the store, of an org above it or of a distributor", `
		SELECT r.brand_id, r.id, r.reversed_by FROM redemptions r JOIN orgs o ON o.id = r.store_id JOIN staff s ON s.id = r.reversed_by JOIN orgs w ON w.id = s.org_id
		WHERE w.kind <> 'DISTRIBUTOR' AND SUBSTR(o.path, 1, LENGTH(w.path)) <> w.path`},
	{"redemption for oneself", "nobody redeems their own coupon", `
		SELECT r.brand_id, r.id, r.staff_id FROM redemptions r JOIN staff s ON s.id = r.staff_id JOIN members m ON m.id = r.member_id
		WHERE s.person_id = m.person_id`},
	{"coupon window", "a coupon's use window does not end before it begins", `
		SELECT brand_id, id, expires_at FROM coupons WHERE expires_at < usable_from`},
	{"member events", "the numbers of a member's events end at the member's own count", `
		SELECT m.brand_id, m.id, m.event_sequence FROM members m
		LEFT JOIN (SELECT member_id, MAX(sequence) AS last, MIN(sequence) AS first, COUNT(*) AS kept FROM member_events GROUP BY member_id) e ON e.member_id = m.id
		WHERE e.last <> m.event_sequence OR m.event_sequence < 0 OR e.kept <> e.last - e.first + 1`},
	{"member event subject", "an event is about the member's own coupon and redemption, and names both where it tells of a redemption", `
		SELECT e.brand_id, e.id, e.kind FROM member_events e LEFT JOIN coupons c ON c.id = e.coupon_id LEFT JOIN redemptions r ON r.id = e.redemption_id
		WHERE c.member_id <> e.member_id OR r.member_id <> e.member_id OR r.subject_id <> e.coupon_id OR
		(e.kind IN ('COUPON_REDEEMED', 'COUPON_RETURNED') AND (e.coupon_id IS NULL OR e.redemption_id IS NULL))`},
	{"idempotency keys", "a remembered key names what it did", `
		SELECT brand_id, id, operation FROM idempotency_keys WHERE result_id = 0`},
	{"redemption keys", "the key and the member code of each redemption are remembered with that redemption, as long as keys are kept", `
		SELECT k.brand_id, k.id, k.result_id FROM idempotency_keys k LEFT JOIN redemptions r ON r.id = k.result_id AND r.brand_id = k.brand_id
		WHERE k.operation IN ('redemptionConfirm', 'memberCode') AND r.id IS NULL`},
	{"outbox", "a message is done when its handler committed, and only then", `
		SELECT brand_id, id, state FROM outbox_messages WHERE (state = 'DONE') <> (done_at IS NOT NULL) OR attempts < 0 OR
		(state <> 'PENDING' AND attempts = 0)`},
	{"org path", "an org's path is its parent's and one segment of its own", `
		SELECT o.brand_id, o.id, o.path FROM orgs o LEFT JOIN orgs p ON p.id = o.parent_id
		WHERE o.path NOT LIKE '/%/' OR SUBSTR(o.path, 1, LENGTH(COALESCE(p.path, '/'))) <> COALESCE(p.path, '/') OR
		LENGTH(o.path) - LENGTH(REPLACE(o.path, '/', '')) <> 1 + LENGTH(COALESCE(p.path, '/')) - LENGTH(REPLACE(COALESCE(p.path, '/'), '/', ''))`},
	{"org path twice", "no two orgs of a brand have the same path", `
		SELECT brand_id, MAX(id), path FROM orgs GROUP BY brand_id, path HAVING COUNT(*) > 1`},
	{"org place", "the brand's own org stands at the top, and the others below it or below a region", `
		SELECT o.brand_id, o.id, o.kind FROM orgs o LEFT JOIN orgs p ON p.id = o.parent_id
		WHERE (o.parent_id IS NULL) <> (o.kind = 'BRAND') OR (p.id IS NOT NULL AND p.kind NOT IN ('BRAND', 'REGION'))`},
	{"territory", "a territory is a store's, served by a distributor", `
		SELECT t.brand_id, t.id, t.distributor_id FROM territories t JOIN orgs s ON s.id = t.store_id JOIN orgs d ON d.id = t.distributor_id
		WHERE s.kind <> 'STORE' OR d.kind <> 'DISTRIBUTOR'`},
	{"price", "a price is never negative", `SELECT brand_id, id, price_fen FROM prices WHERE price_fen < 0 OR list_price_fen < 0`},
	{"stock", "stock is never negative", `SELECT brand_id, id, quantity FROM stocks WHERE quantity < 0`},
	{"erased persons", "nothing personal remains of an erased person", `
		SELECT brand_id, id, state FROM persons WHERE state = 'ERASED' AND
		(erased_at IS NULL OR nickname <> '' OR gender <> '' OR avatar_url <> '' OR birthday <> '' OR phone_hash IS NOT NULL OR phone_sealed IS NOT NULL OR phone_tail <> '')`},
	{"erased identities", "no identity of an erased person can sign in", `
		SELECT i.brand_id, i.id, i.person_id FROM identities i JOIN persons p ON p.id = i.person_id
		WHERE p.state = 'ERASED' AND (i.openid_hash IS NOT NULL OR i.openid_sealed IS NOT NULL OR i.unionid_hash IS NOT NULL OR
		i.session_key_sealed IS NOT NULL)`},
	{"erased sessions", "no session of an erased person goes on or names a device", `
		SELECT s.brand_id, s.id, s.person_id FROM sessions s JOIN persons p ON p.id = s.person_id
		WHERE p.state = 'ERASED' AND (s.revoked_at IS NULL OR s.device <> '')`},
	{"erased roles", "no role of an erased person goes on or has a name", `
		SELECT s.brand_id, s.id, s.person_id FROM staff s JOIN persons p ON p.id = s.person_id WHERE p.state = 'ERASED' AND (s.state <> 'REVOKED' OR s.name <> '')`},
	{"erased members", "the membership of an erased person has ended", `
		SELECT m.brand_id, m.id, m.state FROM members m JOIN persons p ON p.id = m.person_id WHERE p.state = 'ERASED' AND m.state <> 'CANCELLED'`},
	{"cancelled members", "who cancelled keeps no store, guide, level or growth, and says when", `
		SELECT brand_id, id, cancelled_at FROM members WHERE (state = 'CANCELLED') <> (cancelled_at IS NOT NULL) OR (state = 'CANCELLED' AND
		(home_store_id IS NOT NULL OR guide_id IS NOT NULL OR level_id IS NOT NULL OR growth_value <> 0))`},
	{"coupons of cancelled members", "who cancelled has no coupon that could still be used", `
		SELECT c.brand_id, c.id, c.state FROM members m JOIN coupons c ON c.brand_id = m.brand_id AND c.member_id = m.id
		WHERE m.state = 'CANCELLED' AND c.state IN ('PENDING', 'EFFECTIVE', 'LOCKED', 'TRANSFERRING')`},
	{"registered members", "a registered member has bound a phone, and says when", `
		SELECT m.brand_id, m.id, m.registered_at FROM members m JOIN persons p ON p.id = m.person_id
		WHERE m.state = 'REGISTERED' AND (m.registered_at IS NULL OR p.phone_hash IS NULL)`},
	{"member stores", "the home store of a member is a store, and the guide works there", `
		SELECT m.brand_id, m.id, m.home_store_id FROM members m LEFT JOIN orgs o ON o.id = m.home_store_id LEFT JOIN staff g ON g.id = m.guide_id
		WHERE o.kind <> 'STORE' OR (m.guide_id IS NOT NULL AND (m.home_store_id IS NULL OR g.org_id <> m.home_store_id))`},
	{"person limit subject", "a human's limits are counted under a person of the same brand", `
		SELECT p.brand_id, p.id, p.limit_subject FROM persons p LEFT JOIN persons x ON x.id = p.limit_subject AND x.brand_id = p.brand_id
		WHERE p.limit_subject <> p.id AND x.id IS NULL`},
	{"staff", "a role that was taken has a person, and one that is offered has an invitation and none", `
		SELECT brand_id, id, state FROM staff WHERE (state IN ('ACTIVE', 'SUSPENDED') AND person_id IS NULL) OR
		(state = 'INVITED' AND (person_id IS NOT NULL OR invitation_hash IS NULL OR invitation_expires_at IS NULL))`},
	{"session", "a session that was ended says why, and one that was not does not", `
		SELECT brand_id, id, revoked_reason FROM sessions WHERE (revoked_at IS NULL) <> (revoked_reason = '')`},
	{"growth", "growth value is never negative", `SELECT brand_id, id, growth_value FROM members WHERE growth_value < 0`},
}
