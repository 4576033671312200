package demo

import (
	"context"
	"encoding/json"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/demo/names"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
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
			if s.Code == names.TastingBottle {
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

type templateRow struct {
	id, rule int64
	amount   money.Fen
	stock    int64
}

// templates writes the coupon templates of kinds that can be used so far: an amount off.
func (w *writer) templates(ctx context.Context) error {
	for _, c := range names.Coupons() {
		if c.Kind != enum.CouponAmountOff {
			continue
		}
		rule := document.CouponRule{Kind: c.Kind, AmountFen: c.Amount, ThresholdFen: c.Threshold,
			Funders: []document.Funder{{OrgID: w.root, BasisPoints: money.Whole}}, ReturnPolicy: enum.ReturnOnFullRefund}
		ruleJSON, err := json.Marshal(rule)
		if err != nil {
			return err
		}
		t := templateRow{id: ids.Next(), rule: ids.Next(), amount: c.Amount, stock: max(100, int64(w.size.Members)*int64(c.StockPerMember)/int64(money.Whole))}
		if err := w.add(ctx, "coupon_rules", []string{"id", "created_at", "brand_id", "rule"}, t.rule, w.now, w.brand.ID, string(ruleJSON)); err != nil {
			return err
		}
		issued := int64(0)
		switch c.Use {
		case names.UseNewcomer:
			w.newcomer = t
			issued = int64(newcomers(w.size))
		case names.UseScan:
			w.scan = t
		}
		if err := w.add(ctx, "coupon_templates", []string{"id", "created_at", "brand_id", "org_id", "name", "description", "state", "rule_id", "total_stock", "stock_left",
			"day_stock", "member_limit", "member_day_limit", "person_limit", "claim_starts_at", "claim_ends_at", "validity_kind", "valid_days", "delay_days", "version"},
			t.id, w.now, w.brand.ID, w.root, c.Name, c.Description, string(enum.TemplateActive), t.rule, t.stock, t.stock-issued,
			0, c.MemberLimit, 0, c.PersonLimit, w.now.AddDate(0, 0, -30), w.now.AddDate(0, 3, 0), string(enum.ValidityAfterClaim), c.ValidDays, 0, 1); err != nil {
			return err
		}
	}
	return nil
}

// newcomers is how many members have claimed the newcomer coupon.
func newcomers(s Size) int { return s.Members / 5 }
