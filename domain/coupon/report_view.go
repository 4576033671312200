package coupon

import (
	"dongxiao/ent"
	"dongxiao/internal/money"
)

// Report is what came of a template so far.
type Report struct {
	Template                             *ent.CouponTemplate
	Issued, Used, Open, Expired, Revoked int64
	// Cost is what used coupons took off, Revenue the purchases in which they were used.
	Cost, Revenue money.Fen
	// Funders bear the cost, the largest share first.
	Funders []FunderCost
}

// FunderCost is what one org bears.
type FunderCost struct {
	OrgID  int64
	Amount money.Fen
}

// FunnelBy is by what a funnel is divided.
type FunnelBy string

// Divisions.
const (
	ByStore  FunnelBy = "STORE"
	ByRegion FunnelBy = "REGION"
)

// FunnelStep is from claim to use at one store or region; OrgID is 0 for members without a home store.
type FunnelStep struct {
	OrgID         int64
	Claimed, Used int64
	Cost, Revenue money.Fen
}

// CodeFault is why a code of an import was not taken.
type CodeFault string

// Faults.
const (
	CodeMalformed CodeFault = "MALFORMED"
	CodeRepeated  CodeFault = "REPEATED"
	CodeTaken     CodeFault = "TAKEN"
)
