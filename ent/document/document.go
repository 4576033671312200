// Package document has the structures that are stored as JSON in one column.
package document

import (
	"encoding/json"

	"dongxiao/ent/enum"
	"dongxiao/internal/hours"
	"dongxiao/internal/money"
)

// BlockKind is the kind of a page block.
type BlockKind string

// Kinds of page blocks.
const (
	BlockBanner   BlockKind = "BANNER"
	BlockProducts BlockKind = "PRODUCTS"
	BlockCoupons  BlockKind = "COUPONS"
	BlockStores   BlockKind = "STORES"
	BlockText     BlockKind = "TEXT"
)

// Block is one block of a page (页面楼层). Kind decides which of the other fields have a meaning.
type Block struct {
	Kind     BlockKind `json:"kind"`
	Title    string    `json:"title,omitempty"`
	Text     string    `json:"text,omitempty"`
	ImageURL string    `json:"imageUrl,omitempty"`
	// Target is the mini-program page that a tap opens.
	Target string `json:"target,omitempty"`
	// Limit is how many products or coupons the block shows, 1 to 20.
	Limit int `json:"limit,omitempty"`
}

// Benefit is one benefit of a member level (权益).
type Benefit struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Funder pays for a share of a benefit (出资方); the shares of a benefit sum to 10,000 basis points.
type Funder struct {
	OrgID       int64             `json:"orgId"`
	BasisPoints money.BasisPoints `json:"basisPoints"`
}

// CouponScope is where and on what a coupon may be used. An empty list does not narrow.
type CouponScope struct {
	// OrgIDs are stores, or regions and distributors whose stores are meant; where there are none, the stores of the issuing org.
	OrgIDs []int64 `json:"orgIds,omitempty"`
	// SKUIDs, ProductIDs and Categories are the goods that count, what any of them names, all goods where none names any. Excluded
	// ones never count.
	SKUIDs         []int64  `json:"skuIds,omitempty"`
	ProductIDs     []int64  `json:"productIds,omitempty"`
	Categories     []string `json:"categories,omitempty"`
	ExcludedSKUIDs []int64  `json:"excludedSkuIds,omitempty"`
	OnlineOnly     bool     `json:"onlineOnly,omitempty"`
	StoreOnly      bool     `json:"storeOnly,omitempty"`
}

// CouponRule is what a coupon promises. It is copied to an immutable row when a template is activated or changed, and each coupon
// points at the row that was in force when it was claimed.
type CouponRule struct {
	Kind enum.CouponKind `json:"kind"`
	// AmountFen is what an AMOUNT_OFF coupon takes off, or a FREIGHT coupon at most; 0 is all of the freight.
	AmountFen money.Fen `json:"amountFen,omitempty"`
	// PercentBasisPoints is the share that a PERCENT_OFF coupon takes off (1,000 is 九折), at most CapFen, where that is not 0.
	PercentBasisPoints money.BasisPoints `json:"percentBasisPoints,omitempty"`
	CapFen             money.Fen         `json:"capFen,omitempty"`
	// GoodsSKUID is the SKU of which an EXCHANGE coupon makes one piece in the basket free, or of which a GIFT coupon adds one.
	GoodsSKUID int64 `json:"goodsSkuId,omitempty"`
	// ThresholdFen is from how much of the goods in its scope it can be used.
	ThresholdFen money.Fen   `json:"thresholdFen,omitempty"`
	Scope        CouponScope `json:"scope"`
	// Hours are the weekdays and times of day at which it can be used, in the brand's time zone; always where it is zero.
	Hours   hours.Weekly `json:"hours,omitzero"`
	Funders []Funder     `json:"funders"`
	// StackGroup is the group (叠加组) of which one purchase takes one coupon, or as many as the StackLimit of each of them allows;
	// coupons of different groups go together. The name "" is a group like any other, and a StackLimit of 0 is 1.
	StackGroup string `json:"stackGroup,omitempty"`
	StackLimit int    `json:"stackLimit,omitempty"`
	// Exclusive means used alone: with no other coupon of any group.
	Exclusive bool `json:"exclusive,omitempty"`
	// Priority is which of the coupons that are used together is taken off first: the highest.
	Priority        int               `json:"priority,omitempty"`
	ReturnPolicy    enum.ReturnPolicy `json:"returnPolicy"`
	ReturnGraceDays int               `json:"returnGraceDays,omitempty"`
	// Repricing is what a partial refund does where what is kept falls under the threshold; KEEP where it is empty.
	Repricing    enum.Repricing `json:"repricing,omitempty"`
	Transferable bool           `json:"transferable,omitempty"`
}

// Amount is the amount off where the kind has one.
func (r CouponRule) Amount() *money.Fen {
	if r.Kind != enum.CouponAmountOff {
		return nil
	}
	return &r.AmountFen
}

// Snapshot is one side of an audit entry: the fields that changed, without personal data.
type Snapshot = map[string]json.RawMessage

// Point is one corner of a delivery polygon, GCJ-02.
type Point struct {
	Latitude  float64 `json:"lat"`
	Longitude float64 `json:"lng"`
}

// LineDiscount is what a coupon took off one line of an order.
type LineDiscount struct {
	LineID      int64     `json:"lineId"`
	DiscountFen money.Fen `json:"discountFen"`
}

// Unrewarded is a coupon that a redemption would have given the member and could not.
type Unrewarded struct {
	TemplateID int64 `json:"templateId"`
	// Code is the refusal.
	Code string `json:"code"`
}

// Audience is who gets a coupon in bulk. A member must meet every condition that is given.
type Audience struct {
	TagIDs   []int64 `json:"tagIds,omitempty"`
	LevelIDs []int64 `json:"levelIds,omitempty"`
	// StoreIDs are home stores.
	StoreIDs []int64 `json:"storeIds,omitempty"`
	// Listed means the members that were uploaded with the job.
	Listed bool `json:"listed,omitempty"`
}
