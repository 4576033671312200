// Package coupon makes coupon templates and issues coupons from them (优惠券).
package coupon

import (
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Counts are the counts of a template.
type Counts struct {
	Issued, Used, Open, Expired int64
	// Discount is what used coupons took off.
	Discount money.Fen
}

// ManagedTemplate is a template with its counts.
type ManagedTemplate struct {
	Template *ent.CouponTemplate
	Counts   *Counts
}

// ClaimState is how a member stands with a template.
type ClaimState struct {
	Template *ent.CouponTemplate
	Claimed  int64
	// Left is how many the member may still get; nil for no limit.
	Left *int64
	// Refusal is why a claim would not succeed; empty where it would.
	Refusal apperr.Code
}
