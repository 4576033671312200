// Package redemption hands out benefits at stores (核销).
package redemption

import (
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Option is what one coupon would be worth at a store now.
type Option struct {
	Coupon *ent.Coupon
	// Refusal says why it could not be redeemed; nil where it could.
	Refusal *apperr.Error
	// Discount is what it would take off the purchase.
	Discount money.Fen
}
