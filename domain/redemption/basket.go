package redemption

import (
	"context"
	"strconv"

	"dongxiao/domain/catalog"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

const (
	// MaxPurchase is the largest purchase at a till, in fen.
	MaxPurchase money.Fen = 100_000_000
	// MaxItems is the largest number of lines of a basket.
	MaxItems = 100
)

// Bill is what a member buys, as the clerk gives it: goods at the catalog's prices, or an amount.
type Bill struct {
	// Purchase is the amount that the clerk types, in fen; 0 where there are items.
	Purchase money.Fen
	Items    []catalog.Item
}

// check refuses a bill that is out of bounds; INVALID_INPUT.
func (b Bill) check() error {
	switch {
	case b.Purchase < 0 || b.Purchase > MaxPurchase:
		return apperr.Invalid("purchase", "0–"+MaxPurchase.Yuan())
	case len(b.Items) > MaxItems:
		return apperr.Invalid("items", "0–"+strconv.Itoa(MaxItems))
	case len(b.Items) > 0 && b.Purchase != 0:
		return apperr.Invalid("purchase", "items: 0")
	}
	return nil
}

// Basket is what a member buys, with its prices.
type Basket struct {
	// Purchase is what it costs before benefits.
	Purchase money.Fen
	// Lines are the goods; none where the clerk typed an amount.
	Lines []quote.Line
}

// Goods are the lines to be priced. An amount without lines is one line of goods that nobody knows, so that a coupon for certain goods does not apply to it.
func (b Basket) Goods() []quote.Line {
	if len(b.Lines) > 0 {
		return b.Lines
	}
	return []quote.Line{{ID: 1, Quantity: 1, UnitPrice: b.Purchase}}
}

// basket looks up what a bill costs at a store: one statement where it has items. Refusals: NOT_FOUND for goods that are not sold there, INVALID_INPUT.
func (s *Service) basket(ctx context.Context, b Bill, at *org.Place) (Basket, error) {
	if len(b.Items) == 0 {
		return Basket{Purchase: b.Purchase}, nil
	}
	lines, err := s.Catalog.LinesAt(ctx, at, b.Items)
	if err != nil {
		return Basket{}, err
	}
	basket := Basket{Lines: lines}
	for _, line := range lines {
		// A line's price and quantity are bounded, so this does not overflow.
		if basket.Purchase += line.UnitPrice * money.Fen(line.Quantity); basket.Purchase > MaxPurchase {
			return Basket{}, apperr.Invalid("items", "≤ ¥"+MaxPurchase.Yuan())
		}
	}
	return basket, nil
}
