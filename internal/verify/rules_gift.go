package verify

// giftRules are the checks of coupons that members give to friends.
var giftRules = []check{
	{"coupon transferring", "a coupon on its way to a friend has one open transfer", `
		SELECT c.brand_id, c.id, t.state FROM coupons c LEFT JOIN coupon_transfers t ON t.brand_id = c.brand_id AND t.open_coupon_id = c.id
		WHERE c.state = 'TRANSFERRING' AND t.id IS NULL`},
	{"coupon transfer open", "an open transfer is of a coupon of the giver's that is on its way", `
		SELECT t.brand_id, t.id, c.state FROM coupon_transfers t JOIN coupons c ON c.id = t.coupon_id
		WHERE t.open_coupon_id IS NOT NULL AND (c.state <> 'TRANSFERRING' OR c.member_id <> t.from_member_id OR t.expires_at > c.expires_at)`},
	{"coupon transfer state", "an offered transfer holds its coupon, and one that ended has let it go and says when; an accepted one says by whom", `
		SELECT brand_id, id, state FROM coupon_transfers WHERE (state = 'OFFERED') <> (open_coupon_id IS NOT NULL) OR open_coupon_id <> coupon_id OR
		(state = 'OFFERED') <> (ended_at IS NULL) OR (state = 'ACCEPTED') <> (to_member_id IS NOT NULL) OR (state = 'ACCEPTED') <> (accepted_coupon_id IS NOT NULL) OR
		to_member_id = from_member_id`},
	{"coupon transferred", "a coupon that was given away was accepted once, and no other was", `
		SELECT c.brand_id, c.id, c.state FROM coupons c LEFT JOIN
		(SELECT coupon_id, COUNT(*) AS accepted FROM coupon_transfers WHERE state = 'ACCEPTED' GROUP BY coupon_id) t ON t.coupon_id = c.id
		WHERE (c.state = 'TRANSFERRED') <> (COALESCE(t.accepted, 0) = 1) OR t.accepted > 1`},
	{"coupon transfer accepted", "the friend's coupon comes from the giver's, by the same template and rule, usable from the same moment and no shorter", `
		SELECT t.brand_id, t.id, t.accepted_coupon_id FROM coupon_transfers t JOIN coupons o ON o.id = t.coupon_id LEFT JOIN coupons n ON n.id = t.accepted_coupon_id
		WHERE t.state = 'ACCEPTED' AND (n.id IS NULL OR n.origin_id IS NULL OR n.origin_id <> o.id OR n.member_id <> t.to_member_id OR o.member_id <> t.from_member_id OR
		n.template_id <> o.template_id OR n.rule_id <> o.rule_id OR n.usable_from <> o.usable_from OR n.expires_at < o.expires_at)`},
	{"coupon gift", "a coupon that came as a gift names the one it was, whose transfer names it", `
		SELECT n.brand_id, n.id, n.source FROM coupons n LEFT JOIN coupons o ON o.id = n.origin_id
		LEFT JOIN coupon_transfers t ON t.brand_id = o.brand_id AND t.from_member_id = o.member_id AND t.accepted_coupon_id = n.id
		WHERE (n.source = 'GIFT') <> (n.origin_id IS NOT NULL) OR (n.origin_id IS NOT NULL AND t.id IS NULL)`},
	{"exchange code", "an exchanged code names member, coupon and time, and one that is not names none", `
		SELECT brand_id, id, batch FROM exchange_codes WHERE (coupon_id IS NULL) <> (member_id IS NULL) OR (coupon_id IS NULL) <> (exchanged_at IS NULL)`},
	{"exchange code coupon", "the coupon of a code is the member's, by exchange and of the code's template", `
		SELECT x.brand_id, x.id, x.coupon_id FROM exchange_codes x LEFT JOIN coupons c ON c.id = x.coupon_id
		WHERE x.coupon_id IS NOT NULL AND (c.id IS NULL OR c.member_id <> x.member_id OR c.template_id <> x.template_id OR c.source <> 'EXCHANGE')`},
	{"exchanged coupon", "a coupon that came by exchange has its code", `
		SELECT c.brand_id, c.id, c.source FROM coupons c LEFT JOIN exchange_codes x ON x.brand_id = c.brand_id AND x.coupon_id = c.id WHERE c.source = 'EXCHANGE' AND x.id IS NULL`},
	{"message permission", "nobody allowed less than nothing", `
		SELECT brand_id, id, remaining FROM message_permissions WHERE remaining < 0 OR remaining > 100`},
}
