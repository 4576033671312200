// Package redemption hands out benefits at stores (核销).
package redemption

import (
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Option is what one benefit is or would be worth at a store now.
type Option struct {
	Coupon *ent.Coupon
	// Template is what it was made from.
	Template *ent.CouponTemplate
	// Refusal says why it cannot be redeemed; nil where it can.
	Refusal *apperr.Error
	// Discount is what it takes off the purchase.
	Discount money.Fen
	// Shares are what each funder bears of it; they sum to it.
	Shares []quote.Share
}

// Offers are a member's benefits at a till, for one purchase.
type Offers struct {
	Member *ent.Member
	// Purchase is what is bought, at the prices of the store.
	Purchase money.Fen
	// Options are each weighed alone, best first.
	Options []*Option
	// Best are those that together save most, in the order in which they are taken off; Discount is what each takes off then.
	Best []*Option
	// Value is what may be paid with stored value, for a pay code; nil for a code to redeem.
	Value *Value
}

// Value is what may be taken of a member's stored value at a store.
type Value struct {
	Member *ent.Member
	// Available is how much at most, before the bonus cap of a certain payment.
	Available money.Fen
	// ConfirmAbove is from above which amount the member must confirm on the phone.
	ConfirmAbove money.Fen
}

// Result is what became of one benefit of a confirmation.
type Result struct {
	// SubjectID is the benefit.
	SubjectID int64
	// Redemption is nil where nothing was redeemed.
	Redemption *ent.Redemption
	// Refusal is why this one could not be; nil also where only others could not.
	Refusal *apperr.Error
	// Activations are what the member got for it.
	Activations []Activation
	// Option is what was weighed; nil for a repeat and where the benefit is not the member's.
	Option *Option
}

// Activation is one benefit that a redemption gave the member, or would have given.
type Activation struct {
	Template *ent.CouponTemplate
	// Coupon is nil where Refusal says why there is none.
	Coupon  *ent.Coupon
	Refusal *apperr.Error
}

// Confirmed is the answer to a confirmation.
type Confirmed struct {
	// Results are in the order in which the benefits were named.
	Results []*Result
	// Payment is what was taken for a pay code; nil for others.
	Payment *ent.WalletPayment
	// About is nil for a repeat and for a payment.
	About *About
}

// About has the rows that redemptions refer to, as they are with them.
type About struct {
	Member *ent.Member
	Store  *ent.Org
	Staff  *ent.Staff
}

// Refused is the refusal of benefits that cannot be redeemed together: nothing was redeemed, and each says whether it was to blame.
type Refused struct {
	// First is the first refusal, for which errors.As finds this one.
	First   *apperr.Error
	Results []*Result
}

// Error says the first refusal.
func (r *Refused) Error() string { return r.First.Error() }

// Unwrap gives the first refusal.
func (r *Refused) Unwrap() error { return r.First }
