package model

import (
	"time"

	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// CouponTemplateTerms are the fields that the inputs of a new coupon template and of a changed one have in common; the schema says what each means.
type CouponTemplateTerms struct {
	Name, Description                        string
	Kind                                     enum.CouponKind
	Amount                                   *money.Fen
	Percent                                  *money.BasisPoints
	Cap                                      *money.Fen
	GoodsSkuID                               *ids.ID
	Threshold                                money.Fen
	ScopeOrgIDs, ScopeSkuIDs                 []ids.ID
	ScopeProductIDs                          []ids.ID
	ScopeCategories                          []string
	ExcludedSkuIDs                           []ids.ID
	OnlineOnly, StoreOnly                    bool
	Hours                                    []*OpeningInput
	Funders                                  []*CouponFunderInput
	StackGroup                               string
	StackLimit                               int
	Exclusive                                bool
	Priority                                 int
	ReturnPolicy                             enum.ReturnPolicy
	ReturnGraceDays                          int
	Repricing                                enum.Repricing
	Transferable                             bool
	TotalStock                               int64
	DayStock                                 *int64
	MemberLimit, MemberDayLimit, PersonLimit *int
	ClaimStartsAt, ClaimEndsAt               time.Time
	ValidityKind                             enum.ValidityKind
	ValidFrom, ValidUntil                    *time.Time
	ValidDays, DelayDays                     *int
	Budget                                   *money.Fen
	ActivatedByID                            *ids.ID
	Event                                    enum.CouponEvent
}

// CouponTemplateCreateInput is what couponTemplateCreate needs.
type CouponTemplateCreateInput struct {
	OrgID ids.ID
	CouponTemplateTerms
	IdempotencyKey string
}

// CouponTemplateUpdateInput is what couponTemplateUpdate needs.
type CouponTemplateUpdateInput struct {
	ID      ids.ID
	Version int
	CouponTemplateTerms
}
