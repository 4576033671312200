package enum

// Asset is a kind of value that the ledger keeps; the entries of a posting sum to zero for each.
type Asset string

// Assets.
const (
	AssetStoredValue Asset = "STORED_VALUE" // fen that members may spend
	AssetPoints      Asset = "POINTS"       // points
	AssetClearing    Asset = "CLEARING"     // fen that orgs owe each other
	AssetMoney       Asset = "MONEY"        // fen that came in from outside and where it lies
)

// AccountKind is the part of an account in the books. A member's account is never negative, but for the debt of points, which is never positive.
type AccountKind string

// Kinds of accounts, by asset and owner.
const (
	AccountPrincipal       AccountKind = "PRINCIPAL"        // stored value a member paid for; owner: member
	AccountBonus           AccountKind = "BONUS"            // stored value a member got on top; owner: member
	AccountPrincipalHeld   AccountKind = "PRINCIPAL_HELD"   // principal held for payments under way; owner: member
	AccountBonusHeld       AccountKind = "BONUS_HELD"       // bonus held for payments under way; owner: member
	AccountPrincipalIssued AccountKind = "PRINCIPAL_ISSUED" // the other side of principal; owner: issuer
	AccountBonusIssued     AccountKind = "BONUS_ISSUED"     // marketing cost of bonus; owner: issuer
	AccountValueSpent      AccountKind = "VALUE_SPENT"      // stored value that was spent; owner: org where
	AccountBonusExpired    AccountKind = "BONUS_EXPIRED"    // bonus that expired unspent; owner: issuer
	AccountPoints          AccountKind = "POINTS"           // points a member may spend; owner: member
	AccountPointsPending   AccountKind = "POINTS_PENDING"   // points that wait for the end of the return window; owner: member
	AccountPointsHeld      AccountKind = "POINTS_HELD"      // points held for orders under way; owner: member
	AccountPointsDebt      AccountKind = "POINTS_DEBT"      // points clawed back beyond the balance, never positive; owner: member
	AccountPointsIssued    AccountKind = "POINTS_ISSUED"    // the other side of points; owner: the brand's org
	AccountPointsSpent     AccountKind = "POINTS_SPENT"     // points that were spent; owner: the brand's org
	AccountPointsExpired   AccountKind = "POINTS_EXPIRED"   // points that expired; owner: the brand's org
	AccountClearing        AccountKind = "CLEARING"         // what an org is owed, negative what it owes; owner: org
	AccountMerchant        AccountKind = "MERCHANT"         // money at WeChat Pay; owner: merchant account
	AccountTillCash        AccountKind = "TILL_CASH"        // cash taken at a till; owner: shift
	AccountTillCard        AccountKind = "TILL_CARD"        // card payments taken at a till; owner: shift
	AccountReceived        AccountKind = "RECEIVED"         // the other side of money; owner: org that owns it
)

// PostingKind is what a posting books.
type PostingKind string

// Kinds of postings.
const (
	PostTopUp             PostingKind = "TOP_UP"               // value for a paid top-up
	PostTopUpRefund       PostingKind = "TOP_UP_REFUND"        // value withdrawn for a refund of a top-up; reverses TOP_UP
	PostTopUpRefundUndone PostingKind = "TOP_UP_REFUND_UNDONE" // withdrawn value given back when the refund was rejected or failed; reverses TOP_UP_REFUND
	PostSpend             PostingKind = "SPEND"                // value spent at once
	PostHold              PostingKind = "HOLD"                 // value held for a payment under way
	PostCapture           PostingKind = "CAPTURE"              // held value spent, the rest of the hold released; reverses HOLD
	PostRelease           PostingKind = "RELEASE"              // held value given back; reverses HOLD
	PostSpendRefund       PostingKind = "SPEND_REFUND"         // spent value given back; reverses SPEND or CAPTURE
	PostBonusExpiry       PostingKind = "BONUS_EXPIRY"         // bonus written off at its expiry
	PostPayment           PostingKind = "PAYMENT"              // money that WeChat Pay took
	PostPaymentRefund     PostingKind = "PAYMENT_REFUND"       // money that WeChat Pay gave back; reverses PAYMENT
	PostTillReceipt       PostingKind = "TILL_RECEIPT"         // cash or card taken at a till
	PostTillPayout        PostingKind = "TILL_PAYOUT"          // cash or card given back at a till; reverses TILL_RECEIPT
	PostPointsEarn        PostingKind = "POINTS_EARN"          // points earned, pending or at once
	PostPointsMature      PostingKind = "POINTS_MATURE"        // pending points become spendable
	PostPointsSpend       PostingKind = "POINTS_SPEND"         // points spent
	PostPointsReturn      PostingKind = "POINTS_RETURN"        // spent points given back; reverses POINTS_SPEND
	PostPointsClawBack    PostingKind = "POINTS_CLAW_BACK"     // earned points taken back; reverses POINTS_EARN
	PostPointsExpiry      PostingKind = "POINTS_EXPIRY"        // points written off at their expiry
	PostPointsAdjust      PostingKind = "POINTS_ADJUST"        // points given or taken by staff, with a reason
	PostPointsDebt        PostingKind = "POINTS_DEBT_PAID"     // points that came pay a debt
	PostCouponUse         PostingKind = "COUPON_USE"           // what funders owe for a coupon that was used
	PostCouponReturn      PostingKind = "COUPON_RETURN"        // the same taken back, wholly or in part; reverses COUPON_USE
)

// LotKind is what a lot holds; it decides the account that the lot is part of.
type LotKind string

// Kinds of lots.
const (
	LotPrincipal     LotKind = "PRINCIPAL"
	LotBonus         LotKind = "BONUS"
	LotPoints        LotKind = "POINTS"         // spendable, or expired
	LotPointsPending LotKind = "POINTS_PENDING" // points before they are spendable
)

// SettingKind is a group of a brand's settings.
type SettingKind string

// Kinds of settings.
const (
	SettingStoredValue SettingKind = "STORED_VALUE"
	SettingPoints      SettingKind = "POINTS"
	SettingMessages    SettingKind = "MESSAGES"
)

// WalletState is the state of a wallet.
type WalletState string

// States of a wallet.
const (
	WalletActive WalletState = "ACTIVE"
	WalletFrozen WalletState = "FROZEN" // lost, or by staff: nothing can be spent
	WalletClosed WalletState = "CLOSED" // the member is gone; nothing was left in it
)

// WalletPaymentState is the state of a payment with stored value.
type WalletPaymentState string

// States of a wallet payment.
const (
	WalletPaymentAwaiting WalletPaymentState = "AWAITING_MEMBER" // held until the member confirms on the phone
	WalletPaymentHeld     WalletPaymentState = "HELD"            // held for an order
	WalletPaymentCaptured WalletPaymentState = "CAPTURED"        // spent
	WalletPaymentReleased WalletPaymentState = "RELEASED"        // given back by the order, or taken back by the clerk
	WalletPaymentDeclined WalletPaymentState = "DECLINED"        // the member said no
	WalletPaymentExpired  WalletPaymentState = "EXPIRED"         // given back because its time was over
)

// WalletPaymentSource is what a wallet payment pays for.
type WalletPaymentSource string

// Sources of wallet payments.
const (
	WalletPaymentTill  WalletPaymentSource = "TILL"  // an amount that a clerk typed
	WalletPaymentOrder WalletPaymentSource = "ORDER" // an order
)

// SpendOrder is the order in which lots are spent.
type SpendOrder string

// Spend orders.
const (
	SpendSoonestExpiring SpendOrder = "SOONEST_EXPIRING" // default
	SpendPrincipalFirst  SpendOrder = "PRINCIPAL_FIRST"
	SpendBonusFirst      SpendOrder = "BONUS_FIRST"
	SpendProportional    SpendOrder = "PROPORTIONAL" // principal and bonus in proportion to what there is
)

// TierState is the state of a top-up tier.
type TierState string

// States of a tier.
const (
	TierDraft  TierState = "DRAFT"
	TierActive TierState = "ACTIVE"
	TierPaused TierState = "PAUSED"
	TierEnded  TierState = "ENDED"
)

// Tender is how money is paid.
type Tender string

// Tenders.
const (
	TenderWeChatPay Tender = "WECHAT_PAY"
	TenderCash      Tender = "CASH"
	TenderCard      Tender = "CARD" // by a card terminal of the store
)

// TopUpState is the state of a top-up.
type TopUpState string

// States of a top-up.
const (
	TopUpPending  TopUpState = "PENDING" // waits for its payment
	TopUpPaid     TopUpState = "PAID"
	TopUpClosed   TopUpState = "CLOSED"   // was never paid
	TopUpRefunded TopUpState = "REFUNDED" // its money was given back and its value withdrawn
)

// RefundFault is by whose fault a top-up is refunded, which decides the arithmetic.
type RefundFault string

// Faults.
const (
	FaultMerchant RefundFault = "MERCHANT" // the used part is priced by paid / (paid + bonus)
	FaultMember   RefundFault = "MEMBER"   // the used part at list price, the bonus withdrawn, never below zero
	FaultUnused   RefundFault = "UNUSED"   // unused within seven days: in full
)

// TopUpRefundState is the state of a refund of a top-up. The value is withdrawn when it is asked for.
type TopUpRefundState string

// States of a top-up refund.
const (
	TopUpRefundRequested TopUpRefundState = "REQUESTED" // waits for a checker
	TopUpRefundRejected  TopUpRefundState = "REJECTED"
	TopUpRefundPaying    TopUpRefundState = "PAYING" // approved; the money is on its way
	TopUpRefundPaid      TopUpRefundState = "PAID"
)

// ShiftState is the state of a till shift.
type ShiftState string

// States of a shift.
const (
	ShiftOpen   ShiftState = "OPEN"
	ShiftClosed ShiftState = "CLOSED"
)

// MerchantAccountState is the state of a merchant account.
type MerchantAccountState string

// States of a merchant account.
const (
	MerchantActive    MerchantAccountState = "ACTIVE"
	MerchantSuspended MerchantAccountState = "SUSPENDED" // takes no new payments; refunds go on
)

// PaymentPurpose is what a payment pays for.
type PaymentPurpose string

// Purposes of payments.
const (
	PayTopUp PaymentPurpose = "TOP_UP"
	PayOrder PaymentPurpose = "ORDER"
)

// PaymentState is the state of a payment.
type PaymentState string

// States of a payment.
const (
	PaymentPending PaymentState = "PENDING"
	PaymentPaid    PaymentState = "PAID"
	PaymentClosed  PaymentState = "CLOSED" // closed unpaid; money that still comes makes it PAID and goes back
)

// PaymentOutcome is what became of the money of a payment.
type PaymentOutcome string

// Outcomes.
const (
	OutcomeNone     PaymentOutcome = "NONE"     // nothing was paid yet
	OutcomeApplied  PaymentOutcome = "APPLIED"  // what it pays for is done
	OutcomeReturned PaymentOutcome = "RETURNED" // what it pays for could not be done any more; given back by the system
	OutcomeDisputed PaymentOutcome = "DISPUTED" // not as expected, for people to decide
)

// RefundCause is why money of a payment is given back.
type RefundCause string

// Causes of refunds.
const (
	CauseTopUpRefund RefundCause = "TOP_UP_REFUND"
	CauseOrderRefund RefundCause = "ORDER_REFUND"
	CauseUnusable    RefundCause = "UNUSABLE" // by the system: it came too late, twice or for what is closed
)

// PaymentRefundState is the state of a refund through WeChat Pay.
type PaymentRefundState string

// States of a payment refund.
const (
	RefundRequested  PaymentRefundState = "REQUESTED"  // to be sent
	RefundProcessing PaymentRefundState = "PROCESSING" // WeChat has accepted it
	RefundSucceeded  PaymentRefundState = "SUCCEEDED"
	RefundClosed     PaymentRefundState = "CLOSED"   // WeChat closed it; another with a new number takes over
	RefundAbnormal   PaymentRefundState = "ABNORMAL" // the member's bank refused it; for people to decide
)

// ReconciliationState is the state of a reconciliation.
type ReconciliationState string

// States of a reconciliation.
const (
	ReconciliationRunning   ReconciliationState = "RUNNING"
	ReconciliationClean     ReconciliationState = "CLEAN"
	ReconciliationDifferent ReconciliationState = "DIFFERENT"
)

// DifferenceKind is in what the bill and the books differ.
type DifferenceKind string

// Kinds of differences.
const (
	DifferenceMissingHere  DifferenceKind = "MISSING_HERE"  // WeChat has it, the books have not
	DifferenceMissingThere DifferenceKind = "MISSING_THERE" // the books have it, WeChat has not
	DifferenceAmount       DifferenceKind = "AMOUNT"
	DifferenceState        DifferenceKind = "STATE"
)

// ClearingKind is what a clearing line comes from.
type ClearingKind string

// Kinds of clearing lines.
const (
	ClearPrincipal ClearingKind = "PRINCIPAL"
	ClearBonus     ClearingKind = "BONUS"
	ClearCoupon    ClearingKind = "COUPON"
)

// ClearingLineState is whether a clearing line is disputed.
type ClearingLineState string

// States of a line.
const (
	LineOpen     ClearingLineState = "OPEN"
	LineDisputed ClearingLineState = "DISPUTED"
)

// StatementState is how far the two sides of a clearing statement have got.
type StatementState string

// States of a statement.
const (
	StatementIssued    StatementState = "ISSUED"
	StatementDisputed  StatementState = "DISPUTED"  // a line on it is disputed
	StatementConfirmed StatementState = "CONFIRMED" // by both sides
)
