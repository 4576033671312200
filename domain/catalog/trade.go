package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/price"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/money"
)

// TradeItems lists the SKUs that the brand shows as the viewer's distributor or store buys them: with the trade price that holds for it, which is its
// own or else that of the nearest org above it, and with its own stock. The viewer must hold READ_CATALOG there. It is at most four statements. Codes:
// NOT_FOUND where the viewer has no such org, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) TradeItems(ctx context.Context, first *int, after *string) (*listing.Page[*TradeItem], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	own, err := s.tradingOrg(ctx)
	if err != nil {
		return nil, err
	}
	root, err := s.roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	brandID := own.BrandID
	list := listing.Of(s.cursors(), brandID, "tradeItems", own.ID)
	var position, productID, skuID int64
	more, err := list.After(after, &position, &productID, &skuID)
	if err != nil {
		return nil, err
	}
	where, args := "", []any{brandID, brandID, own.ID, brandID}
	if more {
		where = " AND p.position >= ? AND (p.position > ? OR p.id > ? OR p.id = ? AND s.id > ?)"
		args = append(args, position, position, productID, productID, skuID)
	}
	rows, err := s.tradeRows(ctx, where, append(args, n+1))
	if err != nil {
		return nil, err
	}
	cut, err := listing.Cut(list, rows, n, func(r tradeRow) []any { return []any{r.position, r.productID, r.skuID} })
	if err != nil {
		return nil, err
	}
	page := &listing.Page[*TradeItem]{HasNext: cut.HasNext, EndCursor: cut.EndCursor}
	if page.Nodes, err = s.items(ctx, root, cut.Nodes); err != nil {
		return nil, err
	}
	return page, s.priceItems(ctx, own, page.Nodes)
}

// tradingOrg is the distributor or store that the viewer acts for: the app's own where the viewer has a role there, otherwise the first one of its roles.
func (s *Service) tradingOrg(ctx context.Context) (*ent.Org, error) {
	held := auth.FromContext(ctx).OrgsWith(auth.ReadCatalog)
	if len(held) == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	ofApp, err := s.roots.OfApp(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Client(ctx).Org.Query().Where(org.IDIn(held...), org.KindIn(enum.OrgDistributor, enum.OrgStore)).All(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	rank := func(o *ent.Org) int {
		if o.ID == ofApp {
			return -1
		}
		return slices.Index(held, o.ID)
	}
	return slices.MinFunc(rows, func(a, b *ent.Org) int { return rank(a) - rank(b) }), nil
}

// tradeRow is what tradeItemsStatement gives.
type tradeRow struct{ position, productID, skuID, ownStock int64 }

func (s *Service) tradeRows(ctx context.Context, where string, args []any) ([]tradeRow, error) {
	rows, err := s.store.Client(ctx).QueryContext(ctx, strings.Replace(tradeItemsStatement, "{where}", where, 1), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []tradeRow
	for rows.Next() {
		var r tradeRow
		if err := rows.Scan(&r.position, &r.productID, &r.skuID, &r.ownStock); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// items reads the products of the rows with all their SKUs. A product that was hidden since the rows were read is left out.
func (s *Service) items(ctx context.Context, root int64, rows []tradeRow) ([]*TradeItem, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	args := []any{auth.FromContext(ctx).BrandID}
	for i, r := range rows {
		if i == 0 || rows[i-1].productID != r.productID {
			args = append(args, r.productID)
		}
	}
	products, err := s.products(ctx, " AND id IN (?"+strings.Repeat(", ?", len(args)-2)+")", true, root, args)
	if err != nil {
		return nil, err
	}
	type sold struct {
		product *Product
		sku     *SKU
	}
	bySKU := map[int64]sold{}
	for _, p := range products {
		for _, sku := range p.SKUs {
			bySKU[sku.ID] = sold{p, sku}
		}
	}
	items := make([]*TradeItem, 0, len(rows))
	for _, r := range rows {
		if found, ok := bySKU[r.skuID]; ok {
			items = append(items, &TradeItem{SKU: found.sku, Product: found.product, OwnStock: r.ownStock})
		}
	}
	return items, nil
}

// priceItems gives each item the trade price of the deepest org on the path of own that has one. Prices of the orgs above are outside the scope of
// the viewer's rows, but what it pays is its to know.
func (s *Service) priceItems(ctx context.Context, own *ent.Org, items []*TradeItem) error {
	if len(items) == 0 {
		return nil
	}
	ctx = auth.WithinBrand(ctx)
	depth := map[int64]int{}
	var above, skus []int64
	for segment := range strings.SplitSeq(strings.Trim(own.Path, "/"), "/") {
		id, err := strconv.ParseInt(segment, 36, 64)
		if err != nil {
			return err
		}
		above = append(above, id)
		depth[id] = len(above)
	}
	for _, i := range items {
		skus = append(skus, i.SKU.ID)
	}
	rows, err := s.store.Client(ctx).Price.Query().Where(price.SkuIDIn(skus...), price.OrgIDIn(above...), price.KindEQ(enum.PriceDistributor)).All(ctx)
	if err != nil {
		return err
	}
	nearest := map[int64]*ent.Price{}
	for _, row := range rows {
		if known, ok := nearest[row.SkuID]; !ok || depth[row.OrgID] > depth[known.OrgID] {
			nearest[row.SkuID] = row
		}
	}
	for _, i := range items {
		if row, ok := nearest[i.SKU.ID]; ok {
			fen := money.Fen(row.PriceFen)
			i.TradePrice = &fen
		}
	}
	return nil
}
