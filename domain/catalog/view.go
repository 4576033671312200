// Package catalog reads products, SKUs, prices and stock (商品). Selling them comes with orders.
package catalog

import (
	"dongxiao/ent"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// Product is a product with its SKUs.
type Product struct {
	*ent.Product
	SKUs []*SKU
}

// SKU is a SKU with the brand's retail price and the brand's own stock.
type SKU struct {
	*ent.SKU
	Price *Price
	Stock int64
}

// Price is what a SKU costs.
type Price struct {
	Price money.Fen
	// ListPrice is the struck-through price; nil where none may be shown.
	ListPrice *money.Fen
}

// TradeItem is a SKU as a distributor or a store buys it.
type TradeItem struct {
	SKU     *SKU
	Product *Product
	// TradePrice is the price of one piece for the viewer's org; nil where none is set.
	TradePrice *money.Fen
	OwnStock   int64
}

// Named is a SKU or a product by its name alone.
type Named struct {
	ID   ids.ID
	Name string
}

// Sold is a SKU of a product that the brand shows, as a shopper buys it.
type Sold struct {
	*SKU
	Product *ent.Product
}

// Named is the SKU by its name.
func (s *Sold) Named() *Named {
	return &Named{ids.ID{Kind: ids.SKU, Value: s.ID}, s.Product.Name + " " + s.Name}
}
