package apperr

// reasons say in words what a refusal's {reason} says in signs, where signs would not be understood: what contradicts what in a form. A reason that is not here stands for itself.
var reasons = map[string]message{
	// Windows of coupon templates.
	"claimEndsAt ≤ claimStartsAt": {"领取结束时间须晚于领取开始时间。", "claiming has to end after it begins."},
	"validUntil ≤ validFrom":      {"使用结束时间须晚于使用开始时间。", "the use window has to end after it begins."},
	"validUntil < claimEndsAt":    {"使用结束时间不能早于领取结束时间，否则领到的券已经过期。", "the use window may not end before claiming does, or coupons would be claimed that are over."},
	"FIXED: validFrom":            {"固定有效期须填写使用开始时间。", "a fixed use window needs its first moment."},
	"FIXED: validUntil":           {"固定有效期须填写使用结束时间。", "a fixed use window needs its end."},
	"FIXED: validDays":            {"固定有效期不能填写有效天数，请改为“领取后生效”或删去天数。", "a fixed use window has no number of days. Leave it out, or count the window from the claim."},
	"FIXED: delayDays":            {"固定有效期不能填写延后天数，请改为“领取后生效”或删去天数。", "a fixed use window has no delay. Leave it out, or count the window from the claim."},
	"AFTER_CLAIM: validFrom":      {"领取后生效的券不能填写使用开始时间，请改为固定有效期或删去时间。", "a use window counted from the claim has no first moment. Leave it out, or make the window fixed."},
	"AFTER_CLAIM: validUntil":     {"领取后生效的券不能填写使用结束时间，请改为固定有效期或删去时间。", "a use window counted from the claim has no fixed end. Leave it out, or make the window fixed."},
	"AFTER_CLAIM: validDays":      {"领取后生效的券须填写有效天数。", "a use window counted from the claim needs its number of days."},
	"hours ∩ window = ∅":          {"有效期内没有任何可用时段，这张券永远用不了。", "none of the hours lies in the use window: nobody could ever use the coupon."},
	"hours ∩ validDays = ∅":       {"有效天数太短，有些日子领的券等不到可用时段，请加长天数或放宽时段。", "there are too few days: some coupons would never see the hours. Give more days or more hours."},
	// What a kind needs and what belongs to another.
	"amount: AMOUNT_OFF, FREIGHT": {"只有满减券和运费券可以填写优惠金额，请删去。", "only an amount off and freight have an amount. Leave it out."},
	"percent: PERCENT_OFF":        {"只有折扣券可以填写折扣比例，请删去。", "only a percentage off has a percentage. Leave it out."},
	"cap: PERCENT_OFF":            {"只有折扣券可以填写封顶金额，请删去。", "only a percentage off has a cap. Leave it out."},
	"goodsSkuId: EXCHANGE, GIFT":  {"只有兑换券和赠品券可以指定商品，请删去。", "only an exchange and a gift name goods. Leave them out."},
	"EXCHANGE, GIFT: goodsSkuId":  {"兑换券和赠品券须选择一件商品。", "an exchange or a gift has to name an item."},
	// Scopes.
	"scopeSkuIds ∩ excludedSkuIds": {"同一商品既在适用范围内又被排除，请二选一。", "an item is both in the scope and excluded. Choose one."},
	"goodsSkuId ∈ excludedSkuIds":  {"要兑换的商品被排除了，请从排除商品中删去。", "what is exchanged is excluded. Take it out of the exclusions."},
	"100 %: cap, scope":            {"全额减免的折扣券须设封顶金额或限定商品，否则整单免费。", "a whole 100 % off needs a cap or goods that it is for, or everything would be free."},
	"onlineOnly ∩ storeOnly":       {"不能同时限线上使用和限到店使用，请二选一。", "it cannot be for online orders only and for the store only. Choose one."},
	"FREIGHT: storeOnly":           {"到店购买没有运费，运费券不能限到店使用。", "nothing is freighted in a store: freight cannot be for the store only."},
	"id":                           {"含有不存在的编号，请重新选择。", "it has an id that does not exist. Choose again."},
	"0 stores":                     {"适用范围内没有营业的门店，请另选范围。", "no open store is in the scope. Choose another."},
	"0 SKU":                        {"排除后没有任何商品可用，请减少排除的商品。", "nothing is left that it could be used for. Exclude less."},
	// Funders, stacking, return, giving.
	"Σ = 100 %":                       {"各出资方的比例相加须正好是 100 %。", "the funders' shares have to sum to 100 %."},
	"funders: orgId × 2":              {"同一出资方只能写一次，请合并比例。", "a funder may stand there once. Add its shares up."},
	"exclusive: stackLimit ≤ 1":       {"独享的券不能叠加，叠加张数须为 1。", "what is used alone stacks with nothing: the stack limit is 1."},
	"NEVER: returnGraceDays":          {"不退回的券没有宽限天数，请删去天数或改退回规则。", "what never comes back has no days of grace. Leave them out, or let it come back."},
	"activatedById ∩ event":           {"由其他券激活的券不能再由事件发放，请二选一。", "what another coupon gives cannot be given by an event as well. Choose one."},
	"activatedById = id":              {"券不能由自己激活，请另选模板。", "a template cannot activate itself. Choose another."},
	"activatedById → activatedById":   {"激活不能连成串：激活别的券的模板自己不能是被激活的。", "activations make no chain: what activates others is not activated itself."},
	"budget < coupon":                 {"预算至少要够一张券的最高优惠。", "the budget has to be worth one coupon at least."},
	"budget: PERCENT_OFF cap, amount": {"设预算须先给优惠封顶：折扣券填封顶金额，运费券填金额；兑换券和赠品券不能设预算。", "a budget needs a bound on what one coupon takes off: a cap of a percentage, an amount of freight. Exchange and gift have none."},
}
