// Package quote prices a basket with the coupons that a member holds (算价), and says what comes back when lines of it are refunded.
// It is arithmetic: it reads and writes nothing, and the same input gives the same answer, in whatever order lines and coupons come.
//
// # Order of computation
//
// Item price → activity price → full reduction → coupons → points → freight → freight coupons → tenders. Each step works on what the steps before
// it left, which decides the questions that such rules leave open:
//
//   - A coupon's threshold is measured by what the goods in its scope still cost when its turn comes: after activity prices, the full reduction and
//     the coupons before it. Points are the member's own, so what they pay still counts for the threshold of a freight coupon.
//   - A coupon takes off at most what the goods in its scope still cost; the rest of it is lost. Nothing goes below zero.
//   - Coupons take their turns by priority, the highest first. Of one priority an exchange comes first, then gifts, amounts off by descending
//     threshold, and percentages; then the one that expires sooner. Freight coupons come after all of them.
//   - Every discount is allocated to the lines it was measured by, in proportion to what they still cost, by the largest remainder.
//
// # Which coupons
//
// Price takes the combination that saves most; of equal ones that with more gifts, then that with fewer coupons. Of coupons that are alike it takes those
// that expire soonest. Rules of combination: an exclusive coupon is alone; of one stack group there are as many as the StackLimit of each of them allows
// (see document.CouponRule). Freight coupons have groups of their own: a group's name in the one step does not hinder a coupon of the other.
package quote

import (
	"cmp"
	"slices"
	"time"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Bounds of a quote. They keep every product of the arithmetic within 64 bits.
const (
	maxLines   = 200
	maxCoupons = 100
	// MaxQuantity is the most pieces of one line.
	MaxQuantity = 10_000
	maxPrice    = money.Fen(1_000_000_000)
	maxTotal    = money.Fen(1_000_000_000_000)
	maxPoints   = 1_000_000_000_000
	maxRate     = 10_000
)

// Input is what Price needs.
type Input struct {
	Lines []Line
	// OrgIDs are the orgs whose benefits hold where the purchase is made: the store, every org above it and the distributors that serve it, as
	// org.Service.Covering lists them.
	OrgIDs []int64
	// Online is an order in the mini-program; otherwise the purchase is at the till.
	Online bool
	// Now is the moment of the purchase, in the brand's time zone.
	Now time.Time
	// Reductions are the full reductions (满减活动) of the moment; the one that takes off most is used.
	Reductions []Reduction
	// Coupons are those that may be used: all that the member holds, the soonest-ending first where there are more than 100, or those that the member chose.
	Coupons []Coupon
	// Freight is what delivery costs; 0 where there is none.
	Freight money.Fen
	Points  Points
	// StoredValue is how much of the total stored value pays at most; 0 where the member does not want that.
	StoredValue money.Fen
}

// Line is one line of a basket.
type Line struct {
	// ID tells the lines of a basket apart; it is the caller's.
	ID, SKUID, ProductID int64
	Category             string
	// Quantity is in pieces, from 1.
	Quantity  int64
	UnitPrice money.Fen
	// ActivityPrice is the price of a piece in an activity; nil where there is none. It counts where it is lower.
	ActivityPrice *money.Fen
}

// Reduction is a full reduction of an activity: Off from Threshold.
type Reduction struct {
	ID int64
	// LineIDs are the lines that take part; nil for all.
	LineIDs        []int64
	Threshold, Off money.Fen
}

// Coupon is one coupon that a member holds.
type Coupon struct {
	ID int64
	// RuleID names the rule: coupons of one rule are alike, so only the first of them is tried. 0 is like no other.
	RuleID int64
	Rule   document.CouponRule
	// OrgID is the org that issued it, where it can be used if the scope names no org, and which pays where the rule names no funder.
	OrgID int64
	// State is the state in its row; a coupon that this very order has locked is given as EFFECTIVE.
	State                 enum.CouponState
	UsableFrom, ExpiresAt time.Time
	// Withdrawn means that its template is VOID.
	Withdrawn bool
}

// Points are what the member wants to pay with points.
type Points struct {
	// Use is how many at most; 0 for none.
	Use int64
	// PerYuan is how many make a yuan, 1 to 10,000.
	PerYuan int64
	// Cap is the largest share of the goods, after all coupons, that they may pay.
	Cap money.BasisPoints
}

// Quote is a priced basket. It is complete in itself: an order may keep it and Refund lines by it later.
type Quote struct {
	// Lines are in the order of their ids.
	Lines []PricedLine
	// ReductionID is the full reduction that was used; 0 for none.
	ReductionID int64
	// Uses are the coupons that are used, in the order in which they were taken off.
	Uses []Use
	// Explanations has every coupon of the input, by id: used, or why not.
	Explanations []Explanation
	// Points are how many are used, never more than those they are worth.
	Points int64
	// PointsWorth is what they pay.
	PointsWorth money.Fen
	// Freight is what is left of the freight to pay, after freight coupons.
	Freight money.Fen
	// Total is what is to be paid with money: the lines' amounts and the freight. StoredValue and Rest are its tenders.
	Total, StoredValue, Rest money.Fen
	// Exact says that it is proved that no combination of coupons is better. It is false where the search was cut short, which takes dozens of coupons of which
	// many go together.
	Exact bool
}

// PricedLine is what became of one line. Price − Activity − Reduction − Coupons − PointsWorth = Amount.
type PricedLine struct {
	LineID, Quantity int64
	// Price is unit price × quantity.
	Price money.Fen
	// Activity, Reduction and Coupons are what each step took off.
	Activity, Reduction, Coupons money.Fen
	// Points are its part of the points, which paid PointsWorth of it.
	Points      int64
	PointsWorth money.Fen
	// Amount is what is left to pay with money.
	Amount money.Fen
}

// Use is a coupon that is used.
type Use struct {
	CouponID int64
	Kind     enum.CouponKind
	// Discount is what it takes off: off the lines, or off the freight.
	Discount money.Fen
	// Lines are the lines in its scope, by id. What it takes off them sums to Discount, unless it is a freight coupon.
	Lines []UseLine
	// Shares are what each funder bears of Discount.
	Shares []Share
	// GiftSKUID is the SKU of which one piece is given; 0 for none.
	GiftSKUID int64
	// Threshold and Repricing are the rule's, for partial refunds.
	Threshold money.Fen
	Repricing enum.Repricing
}

// UseLine is a line in the scope of a coupon.
type UseLine struct {
	LineID int64
	// Before is what the line still cost when it was the coupon's turn: what counted for the threshold.
	Before   money.Fen
	Discount money.Fen
}

// Share is what one funder bears of a discount.
type Share struct {
	OrgID       int64
	BasisPoints money.BasisPoints
	Amount      money.Fen
}

// Explanation says what became of one coupon.
type Explanation struct {
	CouponID int64
	// Discount is what it takes off where it is used.
	Discount money.Fen
	// Refusal is why it is not used; nil where it is. Codes: COUPON_ALREADY_USED, COUPON_LOCKED, COUPON_EXPIRED, COUPON_NOT_EFFECTIVE, TEMPLATE_NOT_ACTIVE,
	// COUPON_OUT_OF_SCOPE, COUPON_ONLINE_ONLY, COUPON_STORE_ONLY, COUPON_OUTSIDE_HOURS, COUPON_GOODS_NOT_IN_BASKET, COUPON_THRESHOLD_NOT_MET (params threshold
	// and missing, in yuan), COUPON_NOTHING_TO_DEDUCT, COUPON_NOT_STACKABLE (with those that are used), COUPON_NOT_BEST (those that are used save more).
	Refusal *apperr.Error
}

// Price prices a basket. It gives INVALID_INPUT where the input is out of bounds: an id that occurs twice, a quantity below 1, a negative amount, more than
// 200 lines or 100 coupons.
func Price(in Input) (*Quote, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	lines := slices.SortedFunc(slices.Values(in.Lines), func(a, b Line) int { return cmp.Compare(a.ID, b.ID) })
	q := &Quote{Lines: make([]PricedLine, len(lines))}
	b := newBasket(lines, in.Freight)
	for i, line := range lines {
		price := line.UnitPrice * money.Fen(line.Quantity)
		q.Lines[i] = PricedLine{LineID: line.ID, Quantity: line.Quantity, Price: price, Activity: price - b.left[i]}
	}
	q.reduce(b, lines, in.Reductions)
	q.useCoupons(b, lines, &in)
	q.payWithPoints(b, in.Points)
	for i, left := range b.left {
		q.Lines[i].Amount = left
		q.Total += left
	}
	q.Freight = b.freight
	q.Total += b.freight
	q.StoredValue = min(in.StoredValue, q.Total)
	q.Rest = q.Total - q.StoredValue
	return q, nil
}

// reduce takes off the full reduction that takes off most, of equal ones that with the lowest id.
func (q *Quote) reduce(b *basket, lines []Line, reductions []Reduction) {
	var best money.Fen
	var on []int
	for _, r := range reductions {
		var takes []int
		for i, line := range lines {
			if r.LineIDs == nil || slices.Contains(r.LineIDs, line.ID) {
				takes = append(takes, i)
			}
		}
		base := b.cost(takes)
		off := min(r.Off, base)
		if base >= r.Threshold && off > 0 && (off > best || off == best && r.ID < q.ReductionID) {
			q.ReductionID, best, on = r.ID, off, takes
		}
	}
	if best == 0 {
		return
	}
	for n, part := range b.takeOff(on, best) {
		q.Lines[on[n]].Reduction = part
	}
}

// payWithPoints lets points pay a part of the goods. Parts of a fen and points that they would need are not used.
func (q *Quote) payWithPoints(b *basket, p Points) {
	if p.Use == 0 {
		return
	}
	all := make([]int, len(b.left))
	for i := range all {
		all[i] = i
	}
	most := int64(b.cost(all)) * int64(p.Cap) / int64(money.Whole)
	use := min(p.Use, most*p.PerYuan/100)
	worth := use * 100 / p.PerYuan
	if worth == 0 {
		return
	}
	q.PointsWorth = money.Fen(worth)
	q.Points = (worth*p.PerYuan + 99) / 100
	weights := make([]int64, len(b.left))
	for n, part := range b.takeOff(all, q.PointsWorth) {
		q.Lines[n].PointsWorth = part
		weights[n] = int64(part)
	}
	for n, points := range split(money.Fen(q.Points), weights) {
		q.Lines[n].Points = int64(points)
	}
}

// check refuses what is out of bounds.
func (in *Input) check() error {
	switch {
	case len(in.Lines) == 0 || len(in.Lines) > maxLines:
		return apperr.Invalid("lines", "1–200")
	case len(in.Coupons) > maxCoupons:
		return apperr.Invalid("coupons", "0–100")
	case len(in.Reductions) > maxCoupons:
		return apperr.Invalid("reductions", "0–100")
	case in.Freight < 0 || in.Freight > maxPrice:
		return apperr.Invalid("freight", "0–1000000000")
	case in.StoredValue < 0:
		return apperr.Invalid("storedValue", "≥ 0")
	case in.Points.Use < 0 || in.Points.Use > maxPoints:
		return apperr.Invalid("points", "0–1000000000000")
	case in.Points.Use > 0 && (in.Points.PerYuan < 1 || in.Points.PerYuan > maxRate):
		return apperr.Invalid("points", "1–10000 = ¥1")
	case in.Points.Cap < 0 || in.Points.Cap > money.Whole:
		return apperr.Invalid("points", "0–100 %")
	}
	var total money.Fen
	seen := make(map[int64]bool, max(len(in.Lines), len(in.Coupons)))
	for _, line := range in.Lines {
		switch {
		case seen[line.ID]:
			return apperr.Invalid("lines", "id × 2")
		case line.Quantity < 1 || line.Quantity > MaxQuantity:
			return apperr.Invalid("quantity", "1–10000")
		case line.UnitPrice < 0 || line.UnitPrice > maxPrice:
			return apperr.Invalid("unitPrice", "0–1000000000")
		case line.ActivityPrice != nil && *line.ActivityPrice < 0:
			return apperr.Invalid("activityPrice", "≥ 0")
		}
		seen[line.ID] = true
		total += line.UnitPrice * money.Fen(line.Quantity)
	}
	if total > maxTotal {
		return apperr.Invalid("lines", "≤ ¥10000000000")
	}
	clear(seen)
	for _, c := range in.Coupons {
		if seen[c.ID] {
			return apperr.Invalid("coupons", "id × 2")
		}
		seen[c.ID] = true
		if slices.ContainsFunc(c.Rule.Funders, func(f document.Funder) bool { return f.BasisPoints < 0 || f.BasisPoints > money.Whole }) {
			return apperr.Invalid("funders", "0–100 %")
		}
		if c.Rule.AmountFen < 0 || c.Rule.CapFen < 0 {
			return apperr.Invalid("coupons", "≥ 0")
		}
	}
	for _, r := range in.Reductions {
		if r.Off < 0 {
			return apperr.Invalid("reductions", "≥ 0")
		}
	}
	return nil
}
