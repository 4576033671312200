// Package redemption hands out benefits at stores (核销).
package redemption

import (
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Option is what one coupon would be worth at a store now.
type Option struct {
	Coupon *ent.Coupon
	// Template is what it was made from.
	Template *ent.CouponTemplate
	// Refusal says why it could not be redeemed; nil where it could.
	Refusal *apperr.Error
	// Discount is what it would take off the purchase.
	Discount money.Fen
	// Shares are what each funder would bear of it; they sum to it.
	Shares []quote.Share
}

// Confirmed is a redemption with what it is about.
type Confirmed struct {
	*ent.Redemption
	// About is nil for a repeat.
	About *About
}

// About has the rows that a redemption refers to, as they are with it.
type About struct {
	Member *ent.Member
	Store  *ent.Org
	Staff  *ent.Staff
	Option *Option
}
