package document

import (
	"time"

	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// TopUpTerms are what a top-up tier promises besides its price. A top-up keeps a copy, by which it is refunded.
type TopUpTerms struct {
	BonusFen money.Fen `json:"bonusFen,omitempty"`
	// BonusDays is how many days the bonus lasts; 0 for ever. Principal never expires.
	BonusDays int `json:"bonusDays,omitempty"`
	// Funders bear the cost of the bonus; the issuer alone where empty.
	Funders []Funder `json:"funders,omitempty"`
	// Coupons are given with it.
	Coupons []CouponGift `json:"coupons,omitempty"`
	// Goods are given with it, picked up at the store.
	Goods []GoodsGift `json:"goods,omitempty"`
	// ScopeOrgID is the org in whose subtree the value may be spent.
	ScopeOrgID int64           `json:"scopeOrgId"`
	Refund     TopUpRefundTerm `json:"refund"`
}

// CouponGift is coupons of one template that come with a top-up.
type CouponGift struct {
	TemplateID int64 `json:"templateId"`
	Count      int   `json:"count"`
}

// GoodsGift is goods that come with a top-up.
type GoodsGift struct {
	SKUID int64 `json:"skuId"`
	Count int   `json:"count"`
}

// TopUpRefundTerm is how a top-up is refunded; it is never worse for the member than the law's arithmetic.
type TopUpRefundTerm struct {
	// UnusedDays is within how many days an unused top-up is refunded in full, at least 7.
	UnusedDays int `json:"unusedDays"`
	// MemberFaultByShare prices the used part by paid / (paid + bonus) also where the refund is by the member's fault.
	MemberFaultByShare bool `json:"memberFaultByShare,omitempty"`
}

// Invoice is whom an invoice is to name (发票抬头).
type Invoice struct {
	Title string `json:"title,omitempty"`
	// TaxNumber is the buyer's 统一社会信用代码; empty for a person.
	TaxNumber string `json:"taxNumber,omitempty"`
	Email     string `json:"email,omitempty"`
	// RequestedAt is when the member asked; the zero time where no invoice was asked for.
	RequestedAt time.Time `json:"requestedAt"`
	// Number is the invoice's own, once the issuer has made it out; empty before.
	Number string `json:"number,omitempty"`
	// IssuedAt is when that was noted; nil before.
	IssuedAt *time.Time `json:"issuedAt,omitempty"`
}

// PaymentNotice is what a verified notice of WeChat Pay says, without personal data.
type PaymentNotice struct {
	// MerchantID and AppID are compared with the payment's own.
	MerchantID    string    `json:"merchantId"`
	AppID         string    `json:"appId,omitempty"`
	OutTradeNo    string    `json:"outTradeNo"`
	TransactionID string    `json:"transactionId,omitempty"`
	OutRefundNo   string    `json:"outRefundNo,omitempty"`
	RefundID      string    `json:"refundId,omitempty"`
	State         string    `json:"state"`
	TotalFen      money.Fen `json:"totalFen"`
	RefundFen     money.Fen `json:"refundFen,omitempty"`
	Currency      string    `json:"currency,omitempty"`
	// SucceededAt is WeChat's success time; the zero time where there is none.
	SucceededAt time.Time `json:"succeededAt"`
	// PayerMatches says whether the payer was who had asked for the payment.
	PayerMatches bool `json:"payerMatches,omitempty"`
}

// StoredValueSettings are a brand's settings of stored value.
type StoredValueSettings struct {
	SpendOrder enum.SpendOrder `json:"spendOrder"`
	// BonusCap is the largest share of one payment that bonus may pay; 10,000 for no cap.
	BonusCap money.BasisPoints `json:"bonusCap"`
	// BalanceCapFen is the largest balance of a named account, 500,000 by the rules of prepaid cards.
	BalanceCapFen money.Fen `json:"balanceCapFen"`
	// CapCountsPrincipalAlone leaves bonus out of the cap.
	CapCountsPrincipalAlone bool `json:"capCountsPrincipalAlone,omitempty"`
	// ConfirmAboveFen is above which amount the member confirms a payment at the till on the phone.
	ConfirmAboveFen money.Fen `json:"confirmAboveFen"`
	// CheckRefundsAboveFen is above which amount a top-up's refund needs a second person.
	CheckRefundsAboveFen money.Fen `json:"checkRefundsAboveFen"`
	// ClearingFee is what the store where principal was spent leaves to its issuer.
	ClearingFee money.BasisPoints `json:"clearingFee"`
}

// PointsSettings are a brand's rules of points.
type PointsSettings struct {
	// PerYuan is how many points a whole yuan of principal and WeChat money earns; 0 for no points.
	PerYuan int64 `json:"perYuan"`
	// Rounding is what happens to the part of a point.
	Rounding PointsRounding `json:"rounding"`
	// PendingDays is how many days after receipt points become spendable.
	PendingDays int `json:"pendingDays"`
	// ExpiryDays is how many days spendable points last; 0 for ever.
	ExpiryDays int `json:"expiryDays"`
	// GrowthPerPoint is how much growth value an earned point gives when it becomes spendable.
	GrowthPerPoint int64 `json:"growthPerPoint"`
}

// PointsRounding is how a fraction of a point is rounded.
type PointsRounding string

// Roundings.
const (
	RoundDown    PointsRounding = "DOWN"
	RoundNearest PointsRounding = "NEAREST" // half a point up
	RoundUp      PointsRounding = "UP"
)
