package catalog

import (
	"database/sql"

	"dongxiao/ent"
	"dongxiao/internal/money"
)

// The statements of this package. The data layer's interceptor does not see them, so each names brand_id for every table and the state of what is
// shown. They are written out because one join answers what would be three statements through the entities.
const (
	// productsStatement gives products with their SKUs, retail prices and the brand's own stock, a row for each SKU, one for a product without.
	productsStatement = `SELECT p.id, p.code, p.name, p.subtitle, p.category, p.sku_line, p.image_url, p.position, p.state, p.description, ` + skuColumns + `
FROM (SELECT id, code, name, subtitle, category, sku_line, image_url, position, state, {description} AS description
      FROM products WHERE brand_id = ? AND state = 'ACTIVE'{where}) p
LEFT JOIN skus s ON s.brand_id = ? AND s.product_id = p.id
LEFT JOIN prices r ON r.brand_id = ? AND r.sku_id = s.id AND r.org_id = ? AND r.kind = 'RETAIL'
LEFT JOIN stocks k ON k.brand_id = ? AND k.sku_id = s.id AND k.org_id = ?
ORDER BY p.position, p.id, s.id`

	// tradeItemsStatement gives the SKUs in the order of their products, with an org's own stock.
	tradeItemsStatement = `SELECT p.position, p.id, s.id, COALESCE(k.quantity, 0)
FROM products p
JOIN skus s ON s.brand_id = ? AND s.product_id = p.id
LEFT JOIN stocks k ON k.brand_id = ? AND k.sku_id = s.id AND k.org_id = ?
WHERE p.brand_id = ? AND p.state = 'ACTIVE'{where}
ORDER BY p.position, p.id, s.id LIMIT ?`

	// linesStatement gives the retail prices of SKUs that are for sale, a row for each of the orgs that has one.
	linesStatement = `SELECT s.id, p.id, p.category, r.org_id, r.price_fen
FROM skus s
JOIN products p ON p.brand_id = ? AND p.id = s.product_id AND p.state = 'ACTIVE'
JOIN prices r ON r.brand_id = ? AND r.sku_id = s.id AND r.org_id IN ({above}) AND r.kind = 'RETAIL'
WHERE s.brand_id = ? AND s.id IN ({skus}) AND s.mode <> 'DISPLAY'`

	skuColumns = `COALESCE(s.id, 0), COALESCE(s.code, ''), COALESCE(s.name, ''), COALESCE(s.barcode, ''), COALESCE(s.carton_size, 0), COALESCE(s.mode, ''), r.price_fen, COALESCE(r.list_price_fen, 0), COALESCE(k.quantity, 0)`
)

// skuRow is what skuColumns are read into.
type skuRow struct {
	ent.SKU
	price     sql.NullInt64
	listPrice int64
	stock     int64
}

func (r *skuRow) destinations() []any {
	return []any{&r.ID, &r.Code, &r.Name, &r.Barcode, &r.CartonSize, &r.Mode, &r.price, &r.listPrice, &r.stock}
}

// sku copies the row out.
func (r *skuRow) sku(brandID, productID int64) *SKU {
	row := r.SKU
	row.BrandID, row.ProductID = brandID, productID
	sku := &SKU{SKU: &row, Stock: r.stock}
	if r.price.Valid {
		sku.Price = &Price{Price: money.Fen(r.price.Int64)}
		if r.listPrice > 0 {
			listPrice := money.Fen(r.listPrice)
			sku.Price.ListPrice = &listPrice
		}
	}
	return sku
}
