package demo

import (
	"context"
	"encoding/json"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/demo/names"
	"dongxiao/internal/ids"
)

// goods writes products, SKUs, prices and stock.
func (w *writer) goods(ctx context.Context) error {
	productColumns := []string{"id", "created_at", "brand_id", "code", "name", "subtitle", "category", "sku_line", "image_url", "description", "state", "position"}
	skuColumns := []string{"id", "created_at", "brand_id", "product_id", "code", "name", "barcode", "carton_size", "mode"}
	priceColumns := []string{"id", "created_at", "brand_id", "sku_id", "org_id", "kind", "price_fen", "list_price_fen"}
	stockColumns := []string{"id", "created_at", "brand_id", "sku_id", "org_id", "quantity"}
	for position, p := range names.Products() {
		product := ids.Next()
		if err := w.add(ctx, "products", productColumns, product, w.now, w.brand.ID, p.Code, p.Name, p.Subtitle, p.Category, p.Line, "",
			p.Description, string(enum.ProductActive), position); err != nil {
			return err
		}
		for _, s := range p.SKUs {
			if s.Hidden {
				continue
			}
			sku := ids.Next()
			if w.skus[s.Code] = sku; s.Code == names.TastingBottle {
				w.tasting = sku
			}
			if err := w.add(ctx, "skus", skuColumns, sku, w.now, w.brand.ID, product, s.Code, s.Name, s.Barcode, s.CartonSize, string(s.Mode)); err != nil {
				return err
			}
			if err := w.add(ctx, "prices", priceColumns, ids.Next(), w.now, w.brand.ID, sku, w.root, string(enum.PriceRetail), int64(s.Retail), 0); err != nil {
				return err
			}
			if len(s.Breaks) > 0 {
				if err := w.add(ctx, "prices", priceColumns, ids.Next(), w.now, w.brand.ID, sku, w.root, string(enum.PriceDistributor), int64(s.Breaks[0].Price), 0); err != nil {
					return err
				}
			}
			if s.Virtual {
				continue
			}
			if err := w.add(ctx, "stocks", stockColumns, ids.Next(), w.now, w.brand.ID, sku, w.root, 2_000+position*137); err != nil {
				return err
			}
			for i, shop := range w.stores {
				if i >= 50 { // fifty stores tell their stock
					break
				}
				if err := w.add(ctx, "stocks", stockColumns, ids.Next(), w.now, w.brand.ID, sku, shop.id, (i*7+position)%48); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// page writes the storefront's home page.
func (w *writer) page(ctx context.Context) error {
	blocks, err := json.Marshal([]document.Block{
		{Kind: document.BlockBanner, Title: "窖藏9 · 冬至团圆", Target: "/pages/product?line=cellar"},
		{Kind: document.BlockCoupons, Title: "领券中心", Limit: 5},
		{Kind: document.BlockProducts, Title: "热卖", Limit: 10},
		{Kind: document.BlockStores, Title: "附近门店"},
		{Kind: document.BlockText, Text: "未满 18 周岁请勿饮酒。"},
	})
	if err != nil {
		return err
	}
	return w.add(ctx, "pages", []string{"id", "created_at", "brand_id", "org_id", "slug", "title", "blocks", "state", "version"},
		ids.Next(), w.now, w.brand.ID, w.root, "home", "云岭春", string(blocks), string(enum.PagePublished), 1)
}

// newcomers is how many members have claimed the newcomer coupon.
func newcomers(s Size) int { return s.Members / 5 }
