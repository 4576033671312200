package coupon

import (
	"context"
	"slices"
	"strconv"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
)

const (
	// maxItems is the most lines of a basket that a shopper asks a quote for.
	maxItems = 100
	// maxHeld is the most coupons that a quote looks at, the soonest-ending first.
	maxHeld = 100
)

// Item is one line of a shopper's basket.
type Item struct{ SKUID, Quantity int64 }

// QuoteInput is what Quote needs.
type QuoteInput struct {
	// StoreID sells.
	StoreID int64
	// Online is an order in the mini-program; otherwise the purchase is at the till.
	Online bool
	// Items are 1 to 100 lines, each SKU once.
	Items []Item
	// CouponIDs are those that the member chose; nil for all that the member holds.
	CouponIDs []int64
}

// Priced is a priced basket and what it is about.
type Priced struct {
	Quote *quote.Quote
	// Goods are what the quote's lines are, in their order, and Gifts what coupons give, by SKU; both only of a shopper's quote.
	Goods []*catalog.Sold
	Gifts map[int64]*catalog.Named
	// Coupons are those that the quote looked at, by id.
	Coupons map[int64]*ent.Coupon
}

// Quote prices a basket at the catalog's prices with the viewer's coupons: the combination that saves most, and what became of each. It is for members, holds nothing
// and takes six statements at most. Refusals: FORBIDDEN, NOT_FOUND (a store, goods or a coupon), STORE_CLOSED, INVALID_INPUT.
func (s *Service) Quote(ctx context.Context, in QuoteInput) (*Priced, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	lines, goods, err := s.lines(ctx, in.Items)
	if err != nil {
		return nil, err
	}
	at, err := s.Orgs.Place(ctx, in.StoreID)
	if err == nil && at.State != enum.OrgActive {
		err = apperr.New(apperr.StoreClosed)
	}
	if err != nil {
		return nil, apperr.Of(err, "storeId")
	}
	p, err := s.Price(ctx, v.MemberID, at, quote.Input{Lines: lines, Online: in.Online}, in.CouponIDs)
	if err != nil {
		return nil, err
	}
	p.Goods = goods
	var gifts []int64
	for _, use := range p.Quote.Uses {
		if use.GiftSKUID != 0 {
			gifts = append(gifts, use.GiftSKUID)
		}
	}
	if len(gifts) > 0 {
		p.Gifts, err = s.Catalog.SKUNames(ctx, gifts)
	}
	return p, err
}

// lines are the basket at the catalog's prices, with one statement.
func (s *Service) lines(ctx context.Context, items []Item) ([]quote.Line, []*catalog.Sold, error) {
	if len(items) == 0 || len(items) > maxItems {
		return nil, nil, apperr.New(apperr.InvalidInput, "field", "lines", "reason", "1–"+strconv.Itoa(maxItems)).At("lines")
	}
	wanted := make([]int64, len(items))
	for i, item := range items {
		if slices.Contains(wanted[:i], item.SKUID) {
			return nil, nil, apperr.New(apperr.InvalidInput, "field", "lines", "reason", "skuId × 2").At("lines")
		}
		if item.Quantity < 1 || item.Quantity > quote.MaxQuantity {
			return nil, nil, apperr.New(apperr.InvalidInput, "field", "", "reason", "1–"+strconv.Itoa(quote.MaxQuantity)).Naming("lines", strconv.Itoa(i), "quantity")
		}
		wanted[i] = item.SKUID
	}
	sold, err := s.Catalog.Sold(ctx, wanted)
	if err != nil {
		return nil, nil, err
	}
	lines, goods := make([]quote.Line, len(items)), make([]*catalog.Sold, len(items))
	for i, item := range items {
		if goods[i] = sold[item.SKUID]; goods[i] == nil {
			return nil, nil, apperr.New(apperr.NotFound).At("lines")
		}
		lines[i] = quote.Line{ID: int64(i + 1), SKUID: item.SKUID, ProductID: goods[i].ProductID, Category: goods[i].Product.Category, Quantity: item.Quantity,
			UnitPrice: goods[i].Price.Price}
	}
	return lines, goods, nil
}

// Price prices a basket at a store with the coupons that the member chose, or, where couponIDs is nil, with all that the member holds, at most the 100 that end soonest.
// in has everything but OrgIDs, Now and Coupons. Orders call it before Lock. It changes nothing and takes four statements at most. Refusals: NOT_FOUND (a coupon that the
// member does not have), INVALID_INPUT (out of the bounds of quote.Price).
func (s *Service) Price(ctx context.Context, memberID int64, at *org.Place, in quote.Input, couponIDs []int64) (*Priced, error) {
	ctx = auth.WithinBrand(ctx)
	query := s.Store.Client(ctx).Coupon.Query().Where(coupon.MemberID(memberID))
	in.Now = s.Clock.Now()
	chosen := distinct(couponIDs)
	switch {
	case couponIDs == nil:
		query.Where(coupon.StateIn(enum.CouponPending, enum.CouponEffective, enum.CouponLocked), coupon.ExpiresAtGT(in.Now)).
			Order(coupon.ByExpiresAt(), coupon.ByID()).Limit(maxHeld)
	case len(chosen) > maxHeld:
		return nil, apperr.New(apperr.InvalidInput, "field", "couponIds", "reason", "0–"+strconv.Itoa(maxHeld)).At("couponIds")
	default:
		query.Where(coupon.IDIn(chosen...))
	}
	rows, err := query.All(ctx)
	if err == nil && couponIDs != nil && len(rows) != len(chosen) {
		err = apperr.New(apperr.NotFound).At("couponIds")
	}
	if err != nil {
		return nil, err
	}
	p := &Priced{Coupons: make(map[int64]*ent.Coupon, len(rows))}
	for _, row := range rows {
		p.Coupons[row.ID] = row
	}
	t, err := s.terms(ctx, rows, at)
	if err != nil {
		return nil, err
	}
	p.Quote, err = t.price(in, rows...)
	return p, err
}
