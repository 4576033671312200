package verify_test

// plantedGifts breaks each rule of coupons that members give to friends.
var plantedGifts = []plant{
	{"coupon transferring", "coupons", "coupons", "state", "TRANSFERRING", ""},
	{"coupon transferring", "coupon_transfers", "open transfer", "open_coupon_id", nil, "offered"},
	{"coupon transfer open", "coupons", "offered", "state", "EFFECTIVE", "open transfer"},
	{"coupon transfer open", "coupons", "offered", "member_id", "other member", "open transfer"},
	{"coupon transfer open", "coupons", "offered", "expires_at", start, "open transfer"},
	{"coupon transfer state", "coupon_transfers", "open transfer", "state", "CANCELLED", ""},
	{"coupon transfer state", "coupon_transfers", "open transfer", "open_coupon_id", nil, ""},
	{"coupon transfer state", "coupon_transfers", "open transfer", "ended_at", start, ""},
	{"coupon transfer state", "coupon_transfers", "accepted", "ended_at", nil, ""},
	{"coupon transfer state", "coupon_transfers", "accepted", "to_member_id", nil, ""},
	{"coupon transfer state", "coupon_transfers", "accepted", "to_member_id", "members", ""},
	{"coupon transfer state", "coupon_transfers", "accepted", "accepted_coupon_id", nil, ""},
	{"coupon transferred", "coupons", "coupons", "state", "TRANSFERRED", ""},
	{"coupon transferred", "coupons", "given", "state", "EFFECTIVE", ""},
	{"coupon transferred", "coupon_transfers", "accepted", "coupon_id", "offered", "given"},
	{"coupon transfer accepted", "coupons", "gift", "expires_at", start, "accepted"},
	{"coupon transfer accepted", "coupons", "gift", "usable_from", start.Add(1e9), "accepted"},
	{"coupon transfer accepted", "coupons", "gift", "member_id", "members", "accepted"},
	{"coupon transfer accepted", "coupons", "gift", "template_id", "draft", "accepted"},
	{"coupon transfer accepted", "coupon_transfers", "accepted", "accepted_coupon_id", "coupons", ""},
	{"coupon gift", "coupons", "gift", "source", "EVENT", ""},
	{"coupon gift", "coupons", "gift", "origin_id", nil, ""},
	{"coupon gift", "coupon_transfers", "accepted", "accepted_coupon_id", "coupons", "gift"},
}
