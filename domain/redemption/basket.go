package redemption

import (
	"dongxiao/domain/quote"
	"dongxiao/internal/money"
)

// Basket is what a member buys: goods, or the amount that a clerk typed.
type Basket struct {
	// Purchase is what the clerk typed. It does not count where there are lines.
	Purchase money.Fen
	// Lines are goods at the catalog's prices.
	Lines []quote.Line
}

// Goods are the lines to be priced. An amount without lines is one line of goods that nobody knows, so that a coupon for certain goods does not apply to it.
func (b Basket) Goods() []quote.Line {
	if len(b.Lines) > 0 {
		return b.Lines
	}
	return []quote.Line{{ID: 1, Quantity: 1, UnitPrice: b.Purchase}}
}
