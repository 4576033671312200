// Package enum has the words that are stored in columns: kinds and states. They are varchar(32) in the database and enums in the schema;
// which change of state is allowed is written in the state.go of each domain.
package enum

// BrandState is whether a brand is served.
type BrandState string

// States of a brand.
const (
	BrandActive    BrandState = "ACTIVE"
	BrandSuspended BrandState = "SUSPENDED"
)

// AppState is whether an app may sign people in.
type AppState string

// States of an app.
const (
	AppActive   AppState = "ACTIVE"
	AppDisabled AppState = "DISABLED"
)

// OrgKind is the kind of a node of the org tree (组织节点).
type OrgKind string

// Kinds of orgs. A brand is the root; regions nest under it; distributors and stores hang below a brand or a region.
const (
	OrgBrand       OrgKind = "BRAND"
	OrgRegion      OrgKind = "REGION"
	OrgDistributor OrgKind = "DISTRIBUTOR"
	OrgStore       OrgKind = "STORE"
)

// OrgState is whether an org takes part.
type OrgState string

// States of an org. A closed store keeps its rows and its members' relations.
const (
	OrgActive OrgState = "ACTIVE"
	OrgClosed OrgState = "CLOSED"
)

// StoreType is the trade of a store.
type StoreType string

// Types of stores.
const (
	StoreLiquor      StoreType = "LIQUOR"      // 烟酒店
	StoreConvenience StoreType = "CONVENIENCE" // 便利店
	StoreRestaurant  StoreType = "RESTAURANT"  // 餐饮
	StoreSupermarket StoreType = "SUPERMARKET" // 商超
	StoreBanquet     StoreType = "BANQUET"     // 婚宴酒店
)

// StoreTier is how much a store matters to its distributor.
type StoreTier string

// Tiers of stores.
const (
	TierCore      StoreTier = "CORE"
	TierPotential StoreTier = "POTENTIAL"
	TierNurture   StoreTier = "NURTURE"
)

// PersonState is the state of a person within a brand.
type PersonState string

// States of a person. An erased person keeps its row, without personal data, for the books.
const (
	PersonActive    PersonState = "ACTIVE"
	PersonSuspended PersonState = "SUSPENDED"
	PersonErased    PersonState = "ERASED"
)

// MemberState is the state of a membership (DOMAIN: members).
type MemberState string

// States of a member.
const (
	MemberVisitor    MemberState = "VISITOR"    // openid only
	MemberRegistered MemberState = "REGISTERED" // phone bound
	MemberFrozen     MemberState = "FROZEN"
	MemberCancelled  MemberState = "CANCELLED" // 注销
)

// StaffState is the state of a role at an org.
type StaffState string

// States of staff.
const (
	StaffInvited   StaffState = "INVITED"
	StaffActive    StaffState = "ACTIVE"
	StaffSuspended StaffState = "SUSPENDED"
	StaffRevoked   StaffState = "REVOKED" // an invitation taken back or staff that left
)

// ConsentKind is what a person agreed to.
type ConsentKind string

// Kinds of consent. Each has its own document and version.
const (
	ConsentPrivacy   ConsentKind = "PRIVACY"   // 隐私政策
	ConsentTerms     ConsentKind = "TERMS"     // 用户协议
	ConsentMarketing ConsentKind = "MARKETING" // 营销信息
	ConsentLocation  ConsentKind = "LOCATION"  // 位置信息
	ConsentAdult     ConsentKind = "ADULT"     // 已满 18 周岁
)

// PageState is whether a page is shown.
type PageState string

// States of a page.
const (
	PageDraft     PageState = "DRAFT"
	PagePublished PageState = "PUBLISHED"
)

// ProductState is whether a product is shown.
type ProductState string

// States of a product.
const (
	ProductActive ProductState = "ACTIVE"
	ProductHidden ProductState = "HIDDEN"
)

// SellableMode is how a SKU is sold (可售模式).
type SellableMode string

// Sellable modes.
const (
	SellInstant  SellableMode = "INSTANT"  // 即时出库
	SellPrepared SellableMode = "PREPARED" // 备货
	SellDisplay  SellableMode = "DISPLAY"  // 只展示
)

// PriceKind is who a price is for.
type PriceKind string

// Kinds of prices.
const (
	PriceRetail      PriceKind = "RETAIL"
	PriceDistributor PriceKind = "DISTRIBUTOR"
)

// CouponKind is what a coupon gives.
type CouponKind string

// Kinds of coupons.
const (
	CouponAmountOff  CouponKind = "AMOUNT_OFF"  // 满减
	CouponPercentOff CouponKind = "PERCENT_OFF" // 折扣
	CouponExchange   CouponKind = "EXCHANGE"    // 兑换
	CouponGift       CouponKind = "GIFT"        // 赠品
	CouponFreight    CouponKind = "FREIGHT"     // 运费
)

// TemplateState is the state of a coupon template.
type TemplateState string

// States of a coupon template.
const (
	TemplateDraft  TemplateState = "DRAFT"
	TemplateReview TemplateState = "REVIEW"
	TemplateActive TemplateState = "ACTIVE"
	TemplatePaused TemplateState = "PAUSED"
	TemplateEnded  TemplateState = "ENDED"
	TemplateVoid   TemplateState = "VOID"
)

// ValidityKind is how the use window of a coupon is found.
type ValidityKind string

// Kinds of validity.
const (
	ValidityFixed      ValidityKind = "FIXED"       // the same window for every coupon
	ValidityAfterClaim ValidityKind = "AFTER_CLAIM" // days after the claim, with a delay
)

// ReturnPolicy is when a refund gives the coupon back.
type ReturnPolicy string

// Return policies.
const (
	ReturnOnFullRefund ReturnPolicy = "ON_FULL_REFUND"
	ReturnOnAny        ReturnPolicy = "ON_ANY"
	ReturnNever        ReturnPolicy = "NEVER"
)

// Repricing is what becomes of a discount when a partial refund leaves less than the coupon's threshold.
type Repricing string

// Policies of re-pricing.
const (
	RepriceKeep     Repricing = "KEEP"     // what is kept keeps its share of the discount
	RepriceWithdraw Repricing = "WITHDRAW" // what is kept is charged without the discount: it is deducted from the refund
)

// CouponState is the state of one coupon.
type CouponState string

// States of a coupon. PENDING and EXPIRED are also implied by the use window before a sweep has written them.
const (
	CouponPending      CouponState = "PENDING"
	CouponEffective    CouponState = "EFFECTIVE"
	CouponLocked       CouponState = "LOCKED"
	CouponUsed         CouponState = "USED"
	CouponExpired      CouponState = "EXPIRED"
	CouponRevoked      CouponState = "REVOKED"
	CouponTransferring CouponState = "TRANSFERRING"
	CouponTransferred  CouponState = "TRANSFERRED"
)

// CouponSource is how a member got a coupon.
type CouponSource string

// Sources of coupons.
const (
	SourceClaim     CouponSource = "CLAIM"
	SourceStaff     CouponSource = "STAFF"
	SourceEvent     CouponSource = "EVENT"
	SourceGift      CouponSource = "GIFT"
	SourceBulk      CouponSource = "BULK"      // an issue job
	SourceExchange  CouponSource = "EXCHANGE"  // an exchange code
	SourceActivated CouponSource = "ACTIVATED" // the redemption of another coupon
)

// LimitKind is what a limit counter counts.
type LimitKind string

// Kinds of limit counters.
const (
	LimitMemberTotal LimitKind = "MEMBER_TOTAL" // coupons of one template for one member
	LimitMemberDay   LimitKind = "MEMBER_DAY"   // the same on one day
	LimitPersonTotal LimitKind = "PERSON_TOTAL" // for one human, across cancelled memberships
	LimitTemplateDay LimitKind = "TEMPLATE_DAY" // coupons of one template on one day
	LimitTierMember  LimitKind = "TIER_MEMBER"  // top-ups of one tier for one member, those under way included
	LimitTierPerson  LimitKind = "TIER_PERSON"  // the same for one human, across cancelled memberships
	LimitEventPerson LimitKind = "EVENT_PERSON" // coupons of one template by an event that gives one human only one; the period is a year where it comes every year
	LimitStaffDay    LimitKind = "STAFF_DAY"    // coupons that one clerk gave to members at one org on one day
	LimitExchangeDay LimitKind = "EXCHANGE_DAY" // wrong exchange codes of one person on one day, and those under way
)

// RedemptionKind is what was redeemed.
type RedemptionKind string

// Kinds of redemptions.
const (
	RedeemCoupon      RedemptionKind = "COUPON"
	RedeemStoredValue RedemptionKind = "STORED_VALUE" // a pay code
)

// RedemptionState is the state of a redemption.
type RedemptionState string

// States of a redemption. A preview leaves no row.
const (
	RedemptionConfirmed RedemptionState = "CONFIRMED"
	RedemptionReversed  RedemptionState = "REVERSED"
)

// OutboxState is the state of an outbox row.
type OutboxState string

// States of an outbox row.
const (
	OutboxPending OutboxState = "PENDING"
	OutboxDone    OutboxState = "DONE"
	OutboxDead    OutboxState = "DEAD" // given up after the last attempt; shown to operators
)

// MemberEventKind is what happened to a member.
type MemberEventKind string

// Kinds of member events.
const (
	EventCouponRedeemed    MemberEventKind = "COUPON_REDEEMED"
	EventCouponReturned    MemberEventKind = "COUPON_RETURNED" // a redemption was undone
	EventCouponIssued      MemberEventKind = "COUPON_ISSUED"
	EventLevelChanged      MemberEventKind = "LEVEL_CHANGED"
	EventWalletChanged     MemberEventKind = "WALLET_CHANGED" // value came or went; names the payment or the top-up
	EventPaymentAwaits     MemberEventKind = "PAYMENT_AWAITS" // a payment at the till waits for the member to confirm it
	EventPointsChanged     MemberEventKind = "POINTS_CHANGED"
	EventCouponChanged     MemberEventKind = "COUPON_CHANGED"     // locked, unlocked, offered to a friend, back from there, or revoked
	EventCouponTransferred MemberEventKind = "COUPON_TRANSFERRED" // a friend accepted it
	EventCouponExpiring    MemberEventKind = "COUPON_EXPIRING"    // it ends soon
)

// AttributionChannel is where a member was first or last touched.
type AttributionChannel string

// Channels of attribution.
const (
	ChannelDirect AttributionChannel = "DIRECT"
	ChannelStore  AttributionChannel = "STORE"
	ChannelGuide  AttributionChannel = "GUIDE"
	ChannelShare  AttributionChannel = "SHARE"
	ChannelScan   AttributionChannel = "SCAN"
)

// TransferState is the state of a coupon on its way to a friend.
type TransferState string

// States of a transfer.
const (
	TransferOffered   TransferState = "OFFERED"
	TransferAccepted  TransferState = "ACCEPTED"
	TransferCancelled TransferState = "CANCELLED" // taken back by the giver
	TransferExpired   TransferState = "EXPIRED"   // came back by itself
)

// IssueJobState is the state of an issue job.
type IssueJobState string

// States of an issue job.
const (
	IssueRunning IssueJobState = "RUNNING"
	IssueDone    IssueJobState = "DONE"
	IssueStopped IssueJobState = "STOPPED" // by staff, or because stock or budget ran out
)

// CouponEvent is what gives a coupon by itself.
type CouponEvent string

// Events that give coupons.
const (
	CouponByNoEvent      CouponEvent = "NONE"
	CouponByRegistration CouponEvent = "REGISTRATION" // a member has bound a phone
	CouponByBirthday     CouponEvent = "BIRTHDAY"
	CouponByTopUp        CouponEvent = "TOP_UP"
	CouponByScan         CouponEvent = "SCAN" // a bottle code was scanned
)

// MessageTopic is what a subscribe message (订阅消息) is about.
type MessageTopic string

// Topics of messages.
const (
	MessageCouponExpiry MessageTopic = "COUPON_EXPIRY"
)
