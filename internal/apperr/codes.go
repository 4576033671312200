package apperr

// Code is the stable name of a refusal. Clients branch on it; its sentence may change.
type Code string

// Codes of the request itself: they are top-level GraphQL errors in extensions.code.
const (
	Internal               Code = "INTERNAL"
	BadRequest             Code = "BAD_REQUEST"
	BodyTooLarge           Code = "BODY_TOO_LARGE"
	ParseFailed            Code = "GRAPHQL_PARSE_FAILED"
	ValidationFailed       Code = "GRAPHQL_VALIDATION_FAILED"
	OperationNotAllowed    Code = "OPERATION_NOT_ALLOWED"
	PersistedNotFound      Code = "PERSISTED_QUERY_NOT_FOUND"
	QueryTooDeep           Code = "QUERY_TOO_DEEP"
	QueryTooWide           Code = "QUERY_TOO_WIDE"
	QueryTooManyAliases    Code = "QUERY_TOO_MANY_ALIASES"
	QueryTooManyDirectives Code = "QUERY_TOO_MANY_DIRECTIVES"
	QueryTooManyTokens     Code = "QUERY_TOO_MANY_TOKENS"
	QueryTooComplex        Code = "QUERY_TOO_COMPLEX"
	RateLimited            Code = "RATE_LIMITED"
	Unauthenticated        Code = "UNAUTHENTICATED"
	TokenExpired           Code = "TOKEN_EXPIRED"
	Forbidden              Code = "FORBIDDEN"
	Unavailable            Code = "UNAVAILABLE"
	TooManySubscriptions   Code = "TOO_MANY_SUBSCRIPTIONS"
)

// Codes that any domain may answer.
const (
	NotFound              Code = "NOT_FOUND"
	InvalidInput          Code = "INVALID_INPUT"
	IdempotencyKeyReused  Code = "IDEMPOTENCY_KEY_REUSED"
	IdempotencyKeyInvalid Code = "IDEMPOTENCY_KEY_INVALID"
	CursorInvalid         Code = "CURSOR_INVALID"
	PageSizeInvalid       Code = "PAGE_SIZE_INVALID"
	Conflict              Code = "CONFLICT"
	CoordinateOutOfRange  Code = "COORDINATE_OUT_OF_RANGE"
)

// Codes of sign-in, sessions and WeChat.
const (
	SignInAgain          Code = "SIGN_IN_AGAIN"
	WeChatCodeInvalid    Code = "WECHAT_CODE_INVALID"
	WeChatUserBlocked    Code = "WECHAT_USER_BLOCKED"
	WeChatBusy           Code = "WECHAT_BUSY"
	WeChatUnavailable    Code = "WECHAT_UNAVAILABLE"
	ContentRejected      Code = "CONTENT_REJECTED"
	AppUnknown           Code = "APP_UNKNOWN"
	AppMismatch          Code = "APP_MISMATCH"
	RefreshTokenInvalid  Code = "REFRESH_TOKEN_INVALID"
	RefreshTokenReused   Code = "REFRESH_TOKEN_REUSED"
	SessionRevoked       Code = "SESSION_REVOKED"
	PhoneRequired        Code = "PHONE_REQUIRED"
	PhoneTaken           Code = "PHONE_TAKEN"
	PhoneAlreadyBound    Code = "PHONE_ALREADY_BOUND"
	ConsentRequired      Code = "CONSENT_REQUIRED"
	ConsoleSignInExpired Code = "CONSOLE_SIGN_IN_EXPIRED"
	ConsoleSignInPending Code = "CONSOLE_SIGN_IN_PENDING"
)

// Codes of members and staff.
const (
	MemberFrozen            Code = "MEMBER_FROZEN"
	MemberCancelled         Code = "MEMBER_CANCELLED"
	BirthdayLocked          Code = "BIRTHDAY_LOCKED"
	HomeStoreProtected      Code = "HOME_STORE_PROTECTED"
	TagExists               Code = "TAG_EXISTS"
	StaffSuspended          Code = "STAFF_SUSPENDED"
	StaffExists             Code = "STAFF_EXISTS"
	StaffSelfChange         Code = "STAFF_SELF_CHANGE"
	RoleNotGrantable        Code = "ROLE_NOT_GRANTABLE"
	InvitationInvalid       Code = "INVITATION_INVALID"
	InvitationExpired       Code = "INVITATION_EXPIRED"
	InvitationPhoneMismatch Code = "INVITATION_PHONE_MISMATCH"
	OrgCodeTaken            Code = "ORG_CODE_TAKEN"
	OrgKindInvalid          Code = "ORG_KIND_INVALID"
	TerritoryTaken          Code = "TERRITORY_TAKEN"
	StoreClosed             Code = "STORE_CLOSED"
)

// Codes of coupons and their redemption.
const (
	OutOfStock                Code = "OUT_OF_STOCK"
	BudgetExhausted           Code = "BUDGET_EXHAUSTED"
	LimitReached              Code = "LIMIT_REACHED"
	ClaimNotOpen              Code = "CLAIM_NOT_OPEN"
	ClaimEnded                Code = "CLAIM_ENDED"
	TemplateNotActive         Code = "TEMPLATE_NOT_ACTIVE"
	TemplateStateInvalid      Code = "TEMPLATE_STATE_INVALID"
	TemplateInvalid           Code = "TEMPLATE_INVALID"
	TemplateLessFavourable    Code = "TEMPLATE_LESS_FAVOURABLE"
	FunderOutOfReach          Code = "FUNDER_OUT_OF_REACH"
	ReviewerIsSubmitter       Code = "REVIEWER_IS_SUBMITTER"
	ReasonRequired            Code = "REASON_REQUIRED"
	MemberCodeInvalid         Code = "MEMBER_CODE_INVALID"
	MemberCodeExpired         Code = "MEMBER_CODE_EXPIRED"
	MemberCodeUsed            Code = "MEMBER_CODE_USED"
	CouponNotEffective        Code = "COUPON_NOT_EFFECTIVE"
	CouponExpired             Code = "COUPON_EXPIRED"
	CouponAlreadyUsed         Code = "COUPON_ALREADY_USED"
	CouponOutOfScope          Code = "COUPON_OUT_OF_SCOPE"
	CouponThresholdNotMet     Code = "COUPON_THRESHOLD_NOT_MET"
	CouponLocked              Code = "COUPON_LOCKED"
	CouponOutsideHours        Code = "COUPON_OUTSIDE_HOURS"
	CouponOnlineOnly          Code = "COUPON_ONLINE_ONLY"
	CouponStoreOnly           Code = "COUPON_STORE_ONLY"
	CouponGoodsNotInBasket    Code = "COUPON_GOODS_NOT_IN_BASKET"
	CouponNothingToDeduct     Code = "COUPON_NOTHING_TO_DEDUCT"
	CouponNotStackable        Code = "COUPON_NOT_STACKABLE"
	CouponNotBest             Code = "COUPON_NOT_BEST"
	CouponNotTransferable     Code = "COUPON_NOT_TRANSFERABLE"
	CouponTransferring        Code = "COUPON_TRANSFERRING"
	CouponTransferred         Code = "COUPON_TRANSFERRED"
	TransferOwn               Code = "TRANSFER_OWN"
	TransferEnded             Code = "TRANSFER_ENDED"
	CouponCodeInvalid         Code = "COUPON_CODE_INVALID"
	ExchangeCodeInvalid       Code = "EXCHANGE_CODE_INVALID"
	ExchangeTriesUsedUp       Code = "EXCHANGE_TRIES_USED_UP"
	SelfRedemption            Code = "SELF_REDEMPTION"
	SelfIssue                 Code = "SELF_ISSUE"
	StaffLimitReached         Code = "STAFF_LIMIT_REACHED"
	AudienceEmpty             Code = "AUDIENCE_EMPTY"
	IssueJobEnded             Code = "ISSUE_JOB_ENDED"
	IssueJobNotStopped        Code = "ISSUE_JOB_NOT_STOPPED"
	RedemptionWindowClosed    Code = "REDEMPTION_WINDOW_CLOSED"
	RedemptionAlreadyReversed Code = "REDEMPTION_ALREADY_REVERSED"
	RedemptionNotAwaiting     Code = "REDEMPTION_NOT_AWAITING_REVIEW"
	SelfReview                Code = "SELF_REVIEW"
)

// Codes of stored value.
const (
	WalletInsufficient    Code = "WALLET_INSUFFICIENT"
	WalletFrozen          Code = "WALLET_FROZEN"
	WalletClosed          Code = "WALLET_CLOSED"
	WalletNotEmpty        Code = "WALLET_NOT_EMPTY"
	BalanceCapExceeded    Code = "BALANCE_CAP_EXCEEDED"
	PayCodeInvalid        Code = "PAY_CODE_INVALID"
	PayCodeExpired        Code = "PAY_CODE_EXPIRED"
	PayCodeUsed           Code = "PAY_CODE_USED"
	SelfCharge            Code = "SELF_CHARGE"
	PaymentStateInvalid   Code = "PAYMENT_STATE_INVALID"
	PaymentExpired        Code = "PAYMENT_EXPIRED"
	RefundExceedsPaid     Code = "REFUND_EXCEEDS_PAID"
	PayPasswordRequired   Code = "PAY_PASSWORD_REQUIRED"
	PayPasswordWrong      Code = "PAY_PASSWORD_WRONG"
	PayPasswordLocked     Code = "PAY_PASSWORD_LOCKED"
	PayPasswordNotAllowed Code = "PAY_PASSWORD_NOT_ALLOWED"
)

// Codes of payments through WeChat Pay.
const (
	MerchantAccountExists  Code = "MERCHANT_ACCOUNT_EXISTS"
	MerchantAccountMissing Code = "MERCHANT_ACCOUNT_MISSING"
	PaymentPaid            Code = "PAYMENT_PAID"
	PaymentClosed          Code = "PAYMENT_CLOSED"
	PaymentNotPaid         Code = "PAYMENT_NOT_PAID"
	PaymentNotDisputed     Code = "PAYMENT_NOT_DISPUTED"
	PaymentUnusable        Code = "PAYMENT_UNUSABLE"
	RefundTooLate          Code = "REFUND_TOO_LATE"
	TooManyRefunds         Code = "TOO_MANY_REFUNDS"
	BillNotReady           Code = "BILL_NOT_READY"
)

// Codes of clearing and points.
const (
	ClearingLineDisputed       Code = "CLEARING_LINE_DISPUTED"
	ClearingStatementConfirmed Code = "CLEARING_STATEMENT_CONFIRMED"
	ClearingOtherSide          Code = "CLEARING_OTHER_SIDE"
	ClearingExportTooLong      Code = "CLEARING_EXPORT_TOO_LONG"
	PointsInsufficient         Code = "POINTS_INSUFFICIENT"
)

// Codes of top-ups, their refunds and the till.
const (
	TierStateInvalid           Code = "TIER_STATE_INVALID"
	TierNotOffered             Code = "TIER_NOT_OFFERED"
	TopUpLimitReached          Code = "TOP_UP_LIMIT_REACHED"
	TopUpNotPaid               Code = "TOP_UP_NOT_PAID"
	TopUpHeld                  Code = "TOP_UP_HELD"
	TopUpUsed                  Code = "TOP_UP_USED"
	TopUpNothingLeft           Code = "TOP_UP_NOTHING_LEFT"
	TopUpRefundUnderWay        Code = "TOP_UP_REFUND_UNDER_WAY"
	TopUpRefundOfferChanged    Code = "TOP_UP_REFUND_OFFER_CHANGED"
	TopUpRefundStateInvalid    Code = "TOP_UP_REFUND_STATE_INVALID"
	TopUpRefundNotAtTill       Code = "TOP_UP_REFUND_NOT_AT_TILL"
	CheckerIsMaker             Code = "CHECKER_IS_MAKER"
	ShiftNotOpen               Code = "SHIFT_NOT_OPEN"
	ShiftAlreadyOpen           Code = "SHIFT_ALREADY_OPEN"
	ShiftClosed                Code = "SHIFT_CLOSED"
	ShiftDifferenceUnexplained Code = "SHIFT_DIFFERENCE_UNEXPLAINED"
	TillShort                  Code = "TILL_SHORT"
	SelfService                Code = "SELF_SERVICE"
	InvoiceIssued              Code = "INVOICE_ISSUED"
	InvoiceNotRequested        Code = "INVOICE_NOT_REQUESTED"
	SuccessorRequired          Code = "SUCCESSOR_REQUIRED"
	SuccessorInvalid           Code = "SUCCESSOR_INVALID"
)

// message is one sentence in both languages; {names} are filled from the error's params.
type message struct{ zh, en string }

// messages has the sentence of every code. A test fails where one is missing.
var messages = map[Code]message{
	Internal:               {"系统开小差了，请稍后重试；如仍失败，请把请求编号告诉客服。", "Something went wrong on our side. Please try again; if it persists, give support the request id."},
	BadRequest:             {"请求格式不正确，请更新小程序后重试。", "The request is malformed. Please update the app and try again."},
	BodyTooLarge:           {"提交的内容过大，请减少后重试。", "The request is too large. Please send less at once."},
	ParseFailed:            {"查询语句无法解析。", "The GraphQL document cannot be parsed."},
	ValidationFailed:       {"查询语句与接口定义不符。", "The GraphQL document does not fit the schema."},
	OperationNotAllowed:    {"该操作未登记，请更新小程序到最新版本。", "This operation is not on the allow-list. Please update the app to its latest version."},
	PersistedNotFound:      {"该操作尚未登记，请附上完整查询重试。", "PersistedQueryNotFound: send the query together with its hash."},
	QueryTooDeep:           {"查询层级过深（上限 {limit} 层）。", "The query is nested too deeply (limit {limit})."},
	QueryTooWide:           {"一次查询的字段过多（上限 {limit} 个）。", "The query selects too many fields (limit {limit})."},
	QueryTooManyAliases:    {"查询使用的别名过多（上限 {limit} 个）。", "The query uses too many aliases (limit {limit})."},
	QueryTooManyDirectives: {"查询使用的指令过多（上限 {limit} 个）。", "The query uses too many directives (limit {limit})."},
	QueryTooManyTokens:     {"查询语句过长（上限 {limit} 个词）。", "The query has too many tokens (limit {limit})."},
	QueryTooComplex:        {"查询代价过高（上限 {limit}），请减少一次读取的条数。", "The query costs too much (limit {limit}). Ask for fewer items at once."},
	RateLimited:            {"操作太频繁，请 {seconds} 秒后再试。", "Too many requests. Please try again in {seconds} s."},
	Unauthenticated:        {"请先登录。", "Please sign in first."},
	TokenExpired:           {"登录已过期，请刷新登录。", "The access token has expired. Please refresh it."},
	Forbidden:              {"您没有此操作的权限，请联系管理员。", "You are not allowed to do this. Please ask an administrator."},
	Unavailable:            {"服务暂时繁忙，请稍后重试。", "The service is busy. Please try again shortly."},
	TooManySubscriptions:   {"同时进行的订阅过多（上限 {limit} 个），请先关闭不用的。", "Too many operations run on this connection (limit {limit}). Complete some first."},

	NotFound:              {"没有找到，可能已被删除。", "Not found; it may have been removed."},
	InvalidInput:          {"“{field}”填写有误：{reason}", "{field} is invalid: {reason}"},
	IdempotencyKeyReused:  {"该请求编号已用于另一内容，请重新发起。", "This idempotency key was used with other input. Use a new key."},
	IdempotencyKeyInvalid: {"请求编号须为 8 至 64 位字母、数字、- 或 _。", "An idempotency key has 8 to 64 letters, digits, - or _."},
	CursorInvalid:         {"翻页位置已失效，请从第一页开始。", "The cursor is not valid for this list. Start from the first page."},
	PageSizeInvalid:       {"每页条数须在 1 到 {limit} 之间。", "The page size must be between 1 and {limit}."},
	Conflict:              {"内容已被他人修改，请刷新后重试。", "Someone else changed this meanwhile. Reload and try again."},
	CoordinateOutOfRange:  {"位置坐标超出范围，请重新定位。", "The coordinate is out of range. Please locate again."},

	SignInAgain:          {"登录未完成，请重新登录。", "The sign-in could not be completed. Please sign in again."},
	WeChatCodeInvalid:    {"微信登录凭证无效或已使用，请重新登录。", "The WeChat code is invalid or used. Please sign in again."},
	WeChatUserBlocked:    {"微信提示该账号存在风险，暂时无法登录。", "WeChat reports a risk on this account; it cannot sign in now."},
	WeChatBusy:           {"微信请求过于频繁，请稍后再试。", "WeChat is receiving too many requests. Please try again shortly."},
	WeChatUnavailable:    {"微信服务暂时不可用，请稍后重试。", "WeChat is not available at the moment. Please try again."},
	ContentRejected:      {"内容未通过微信审核，请修改后重试。", "WeChat's content check rejected this text. Please change it."},
	AppUnknown:           {"小程序未登记，请联系品牌方。", "This mini-program is not registered. Please contact the brand."},
	AppMismatch:          {"登录凭证不属于当前小程序，请重新登录。", "The token belongs to another app. Please sign in again."},
	RefreshTokenInvalid:  {"登录已失效，请重新登录。", "The sign-in is no longer valid. Please sign in again."},
	RefreshTokenReused:   {"为保护账号，登录已退出，请重新登录。", "For your safety this sign-in was ended. Please sign in again."},
	SessionRevoked:       {"登录已退出，请重新登录。", "This session was ended. Please sign in again."},
	PhoneRequired:        {"请先绑定手机号。", "Please bind your phone number first."},
	PhoneTaken:           {"该手机号已绑定其他账号，请用原微信登录，或联系客服。", "This phone number belongs to another account. Sign in with that one, or contact support."},
	PhoneAlreadyBound:    {"您已绑定手机号；如需更换请联系客服。", "A phone number is already bound. Contact support to change it."},
	ConsentRequired:      {"请先阅读并同意《{kind}》。", "Please read and accept {kind} first."},
	ConsoleSignInExpired: {"二维码已过期，请刷新页面。", "The QR code has expired. Please reload the page."},
	ConsoleSignInPending: {"请在店员小程序里扫码确认登录。", "Please scan and confirm in the staff mini-program."},

	MemberFrozen:            {"会员账号已冻结，请联系客服。", "The membership is frozen. Please contact support."},
	MemberCancelled:         {"会员已注销。", "The membership has been cancelled."},
	BirthdayLocked:          {"生日只能填写一次，如需更正请联系客服。", "The birthday can be set once. Contact support to correct it."},
	HomeStoreProtected:      {"该会员的归属门店在保护期内（至 {until}），暂不能更换。", "The member's home store is protected until {until}."},
	TagExists:               {"已有同名标签。", "A tag of this name exists."},
	StaffSuspended:          {"您的员工身份已停用，请联系店长。", "Your staff role is suspended. Please ask your manager."},
	StaffExists:             {"该员工已有此岗位。", "This person already has the role there."},
	StaffSelfChange:         {"不能更改自己的岗位。", "You cannot change your own role."},
	RoleNotGrantable:        {"您不能授予该岗位。", "You may not grant this role."},
	InvitationInvalid:       {"邀请无效或已使用，请联系邀请人。", "The invitation is invalid or used. Please ask for a new one."},
	InvitationExpired:       {"邀请已过期，请联系邀请人重新发送。", "The invitation has expired. Please ask for a new one."},
	InvitationPhoneMismatch: {"该邀请是发给另一个手机号的。", "The invitation was made for another phone number."},
	OrgCodeTaken:            {"组织编号已被使用。", "This organisation code is taken."},
	OrgKindInvalid:          {"该类型的组织不能放在此上级之下。", "An organisation of this kind cannot be placed under that parent."},
	TerritoryTaken:          {"该门店的此产品线已由其他经销商负责。", "Another distributor already serves this product line at the store."},
	StoreClosed:             {"门店已停业。", "The store is closed down."},

	OutOfStock:                {"来晚了，已抢光。", "All gone. Please come back later."},
	BudgetExhausted:           {"来晚了，活动预算已用完。", "The budget of these coupons is used up. Please come back later."},
	LimitReached:              {"已达领取上限（{limit} 张）。", "You have reached the limit of {limit}."},
	ClaimNotOpen:              {"领取尚未开始，{time} 开抢。", "Claiming opens at {time}."},
	ClaimEnded:                {"领取已结束。", "Claiming has ended."},
	TemplateNotActive:         {"该优惠券当前不可领取。", "This coupon cannot be claimed at present."},
	TemplateStateInvalid:      {"当前状态（{state}）不能进行此操作。", "This cannot be done in state {state}."},
	TemplateInvalid:           {"券模板填写有误：{reason}", "The template is invalid: {reason}"},
	TemplateLessFavourable:    {"券模板已上线，“{field}”只能改得对会员更有利；如需其他修改，请复制一份新模板。", "The template is running, and {field} may only change in the member's favour. Duplicate it for anything else."},
	FunderOutOfReach:          {"出资方须是品牌、发券组织或其上下级，并由该出资方（或其上级）的人员操作。", "A funder is the brand, the issuer, or above or below it, and somebody of the funder or above it has to act. Ask them."},
	ReviewerIsSubmitter:       {"提交人不能审核自己的券模板，请由本组织或上级的另一位管理员、营销或负责人审核；没有其他人时请先邀请一位。", "Whoever sent a template to review cannot review it. Ask another administrator, marketer or owner of this org or one above it, or invite one first."},
	ReasonRequired:            {"请填写原因。", "Please give a reason."},
	MemberCodeInvalid:         {"会员码无效，请让顾客刷新后重新出示。", "The member code is not valid. Ask the customer to refresh it."},
	MemberCodeExpired:         {"会员码已过期，请让顾客刷新后重新出示。", "The member code has expired. Ask the customer to refresh it."},
	MemberCodeUsed:            {"该会员码已使用过，请让顾客刷新后重新出示。", "This member code was used. Ask the customer to refresh it."},
	CouponNotEffective:        {"该券还未到使用时间（{time} 起可用）。", "The coupon is not usable before {time}."},
	CouponExpired:             {"该券已过期。", "The coupon has expired."},
	CouponAlreadyUsed:         {"该券已使用。", "The coupon has been used."},
	CouponOutOfScope:          {"该券不能在本店使用。", "The coupon cannot be used at this store."},
	CouponThresholdNotMet:     {"消费满 {threshold} 元可用。", "The coupon needs a purchase of at least {threshold} yuan."},
	CouponLocked:              {"该券已被另一笔订单占用，请先支付或取消那笔订单。", "Another order holds this coupon. Pay or cancel that one first."},
	CouponOutsideHours:        {"该券现在不在可用时段，请在规定的星期和时间使用。", "The coupon cannot be used at this time. Use it on its weekdays and hours."},
	CouponOnlineOnly:          {"该券仅限线上下单使用。", "The coupon is for online orders only."},
	CouponStoreOnly:           {"该券仅限到店使用。", "The coupon is for use in the store only."},
	CouponGoodsNotInBasket:    {"没有该券适用的商品，请先选购适用商品。", "None of the goods is one the coupon is for. Add one first."},
	CouponNothingToDeduct:     {"没有该券可以抵扣的金额。", "There is nothing left for the coupon to take off."},
	CouponNotStackable:        {"该券不能与已选的优惠券同时使用。", "The coupon cannot be used together with those chosen."},
	CouponNotBest:             {"已为您选用更优惠的组合。", "The coupons chosen save more without this one."},
	CouponNotTransferable:     {"该券不可转赠，请自己使用。", "This coupon cannot be given away. Use it yourself."},
	CouponTransferring:        {"该券正在转赠中，请先收回或等待好友领取。", "This coupon is on its way to a friend. Take it back first, or wait."},
	CouponTransferred:         {"该券已转赠给好友。", "This coupon was given to a friend."},
	TransferOwn:               {"不能领取自己转赠的券，请分享给好友。", "You cannot accept your own gift. Share it with a friend."},
	TransferEnded:             {"这份礼物已被领取、收回或过期，请联系赠送人。", "This gift was accepted, taken back or has expired. Ask who sent it."},
	CouponCodeInvalid:         {"券码或手机尾号不正确，请核对后重试。", "The coupon code or the last digits of the phone are wrong. Check them and try again."},
	SelfIssue:                 {"不能给自己发券，请由其他同事操作。", "You cannot give coupons to yourself. Ask a colleague."},
	StaffLimitReached:         {"您今天发出的券已达上限（{limit} 张），请明天再发，或请营销人员批量发放。", "You have given {limit} coupons today. Go on tomorrow, or ask a marketer to issue them in bulk."},
	AudienceEmpty:             {"没有符合条件的会员，请调整人群。", "No member meets these conditions. Change the audience."},
	IssueJobEnded:             {"该发放任务已结束。", "This issue job has ended."},
	IssueJobNotStopped:        {"该发放任务没有停止，无需继续；已发完的请新建任务。", "This issue job has not stopped. Where it is done, make a new one."},
	ExchangeCodeInvalid:       {"兑换码无效或已被兑换，请核对后重试。", "This code is not valid or was exchanged. Check it and try again."},
	ExchangeTriesUsedUp:       {"今日输错兑换码已达 {limit} 次，请明天再试。", "{limit} wrong codes today. Please try again tomorrow."},
	SelfRedemption:            {"不能核销自己的券，请由其他店员操作。", "You cannot redeem your own coupon. Ask a colleague."},
	RedemptionWindowClosed:    {"已超过可撤销时间（{minutes} 分钟）。", "The time to undo ({minutes} min) has passed."},
	RedemptionAlreadyReversed: {"该核销已撤销。", "This redemption was already undone."},
	RedemptionNotAwaiting:     {"该核销无需复核或已由他人复核，请刷新列表。", "This redemption needs no review, or somebody has reviewed it. Refresh the list."},
	SelfReview:                {"不能复核自己办理的或自己用券的核销，请由另一位管理人员复核。", "You cannot review what you redeemed or what was redeemed for you. Ask another manager."},

	WalletInsufficient:    {"储值余额在本店可用 {usable} 元，不足支付；请减少金额或先充值。", "The stored value that can be used here is {usable} yuan. Charge less or top up first."},
	WalletFrozen:          {"储值账户已冻结，请联系门店解冻或补办。", "The wallet is frozen. Ask the store to unfreeze or re-issue it."},
	WalletClosed:          {"储值账户已关闭。", "The wallet is closed."},
	WalletNotEmpty:        {"储值账户还有 {amount} 元，请先使用或申请退款后再注销。", "The wallet still has {amount} yuan. Spend it or ask for a refund before leaving."},
	BalanceCapExceeded:    {"账户余额上限为 {cap} 元，目前还可充入 {room} 元。", "A wallet holds at most {cap} yuan; there is room for {room} yuan."},
	PayCodeInvalid:        {"付款码无效，请让顾客刷新后重新出示。", "The pay code is not valid. Ask the customer to refresh it."},
	PayCodeExpired:        {"付款码已过期，请让顾客刷新后重新出示。", "The pay code has expired. Ask the customer to refresh it."},
	PayCodeUsed:           {"该付款码已使用过，请让顾客刷新后重新出示。", "This pay code was used. Ask the customer to refresh it."},
	SelfCharge:            {"不能向自己收款，请由其他店员操作。", "You cannot charge your own wallet. Ask a colleague."},
	PaymentStateInvalid:   {"该笔支付当前状态为 {state}，不能进行此操作，请刷新后查看。", "This payment is {state}; that cannot be done any more. Reload to see it."},
	PaymentExpired:        {"该笔支付已超时，请让店员重新收款。", "The time to confirm this payment is over. Ask the clerk to charge again."},
	RefundExceedsPaid:     {"最多可退 {left} 元。", "At most {left} yuan can be given back."},
	PayPasswordRequired:   {"请输入支付密码。", "Please enter your pay password."},
	PayPasswordWrong:      {"支付密码错误，还可再试 {left} 次。", "The pay password is wrong. {left} more tries."},
	PayPasswordLocked:     {"支付密码错误次数过多，请于 {minutes} 分钟后再试，或到门店补办。", "Too many wrong pay passwords. Try again in {minutes} min, or ask the store to re-issue the wallet."},
	PayPasswordNotAllowed: {"支付密码须为 6 位数字，且不能连续或相同。", "A pay password is six digits that are neither all the same nor a sequence."},

	MerchantAccountExists:  {"该商户号已登记，或该组织已有启用中的商户号。", "This merchant number is registered, or the organisation has an active account already. Suspend that one first."},
	MerchantAccountMissing: {"该门店暂未开通微信支付，请选择其他支付方式。", "This store does not take WeChat Pay yet. Please pay another way."},
	PaymentPaid:            {"该笔支付已完成，请刷新查看。", "This has been paid. Please reload."},
	PaymentClosed:          {"该笔支付已关闭，请重新下单。", "This payment is closed. Please start again."},
	PaymentNotPaid:         {"该笔支付尚未完成，不能退款。", "This has not been paid, so it cannot be refunded."},
	PaymentNotDisputed:     {"该笔支付没有待处理的争议，请刷新查看。", "This payment is not disputed. Please reload."},
	PaymentUnusable:        {"该笔支付对应的业务已无法完成，请选择退款。", "What was paid for cannot be done any more. Please refund it."},
	RefundTooLate:          {"支付已超过 {days} 天，微信不再支持原路退款，请用其他方式退还。", "WeChat Pay refunds within {days} days only. Please give the money back another way."},
	TooManyRefunds:         {"该笔支付的退款次数已达上限（{limit} 次），请用其他方式退还。", "This payment was refunded {limit} times already. Please give the money back another way."},
	BillNotReady:           {"微信账单尚未生成，请在次日 10 点后再试。", "WeChat has not made this bill yet. Please try again after ten o'clock the next morning."},

	ClearingLineDisputed:       {"清分单有争议明细，请先处理争议。", "A line of the statement is disputed. Settle the dispute first."},
	ClearingStatementConfirmed: {"清分单双方已确认，不能再更改。", "Both sides have confirmed the statement; it cannot change any more."},
	ClearingOtherSide:          {"此操作须由对方机构进行。", "This is for the other organisation to do."},
	ClearingExportTooLong:      {"明细超过 {limit} 条，请导出 CSV。", "There are more than {limit} lines. Export as CSV."},
	PointsInsufficient:         {"积分不足（可用 {available}）。", "Not enough points ({available} available)."},
	TierStateInvalid:           {"充值档位当前状态（{state}）不能进行此操作，请刷新后重试。", "This cannot be done with a tier in state {state}. Reload and try again."},
	TierNotOffered:             {"该充值档位当前不可购买，请选择其他档位。", "This top-up tier is not offered at present. Please choose another one."},
	TopUpLimitReached:          {"该档位每人限充 {limit} 次，请选择其他档位。", "This tier can be bought {limit} times. Please choose another one."},
	TopUpNotPaid:               {"该充值尚未支付完成，支付成功后再试。", "This top-up is not paid. Try again once it is."},
	TopUpHeld:                  {"该充值有 {amount} 元正被付款占用，请等付款完成或取消后再退。", "{amount} yuan of this top-up are held for a payment. Wait until it is done or cancelled."},
	TopUpUsed:                  {"仅充值后 {days} 天内且未使用可全额退，请改选退款原因重新计算。", "Only an unused top-up is refunded in full, within {days} days. Choose another reason to compute the refund."},
	TopUpNothingLeft:           {"按约定已无可退金额。", "There is nothing left to refund."},
	TopUpRefundUnderWay:        {"该充值已有一笔退款正在处理，请等待处理完成。", "A refund of this top-up is under way. Wait until it is done."},
	TopUpRefundOfferChanged:    {"可退金额已变为 {amount} 元，请核对后重新确认。", "The refund is {amount} yuan by now. Check it and confirm again."},
	TopUpRefundStateInvalid:    {"该退款当前状态（{state}）不能进行此操作，请刷新后重试。", "This cannot be done with a refund in state {state}. Reload and try again."},
	TopUpRefundNotAtTill:       {"该退款由微信支付原路退回，不能在收银台付款。", "This refund goes back through WeChat Pay; it is not paid out at the till."},
	CheckerIsMaker:             {"退款须由另一人复核，请交给其他财务人员。", "A refund is checked by somebody else than who asked for it. Hand it to a colleague."},
	ShiftNotOpen:               {"您在本店没有进行中的班次，请先开班。", "You have no open shift at this store. Open one first."},
	ShiftAlreadyOpen:           {"您已有进行中的班次，请先交班。", "You have an open shift already. Close it first."},
	ShiftClosed:                {"该班次已交班。", "This shift is closed."},
	ShiftDifferenceUnexplained: {"实点与应有相差：现金 {cash} 元、刷卡 {card} 元，请复点或填写说明。", "Counted and expected differ by {cash} yuan in cash and {card} yuan by card. Count again, or explain it."},
	TillShort:                  {"本班次钱箱现金只有 {amount} 元，不足以退款，请补足备用金或换班次办理。", "The till of this shift has {amount} yuan in cash, which is not enough. Use another till."},
	SelfService:                {"不能为自己办理，请由其他店员操作。", "You cannot do this for yourself. Ask a colleague."},
	InvoiceIssued:              {"发票已开具，如需修改请联系门店。", "The invoice was issued. Contact the store to change it."},
	InvoiceNotRequested:        {"会员没有申请该笔充值的发票。", "The member did not ask for an invoice of this top-up."},
	SuccessorRequired:          {"该机构仍有未消费的储值或未结清分，请指定承接机构后再停业。", "Stored value that it issued, or clearing, is still open. Name the organisation that takes it over."},
	SuccessorInvalid:           {"承接机构必须是同品牌的另一家营业机构，请重新选择。", "The successor must be another organisation of the brand that takes part. Choose another one."},
}
