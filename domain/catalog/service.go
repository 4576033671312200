package catalog

import (
	"context"
	"slices"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
)

// Service reads the catalog.
type Service struct {
	store   *store.Store
	roots   *org.Roots
	cursors func() *cursor.Codec
}

// New makes the service. The codec of cursors is asked for anew for each list, because its keys rotate.
func New(s *store.Store, roots *org.Roots, cursors func() *cursor.Codec) *Service {
	return &Service{store: s, roots: roots, cursors: cursors}
}

// Products lists the products that the brand shows, of one category where it is given, in display order. Each has its SKUs with the brand's retail
// price and the brand's own stock; descriptions are read only where asked for, because they are long. Every viewer of the brand may call it. It is one
// statement. Codes: PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Products(ctx context.Context, category *string, descriptions bool, first *int, after *string) (*listing.Page[*Product], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	brandID := auth.FromContext(ctx).BrandID
	root, err := s.roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	where, args := "", []any{brandID}
	filters := []any{}
	if category != nil {
		where += " AND category = ?"
		args = append(args, *category)
		filters = append(filters, *category)
	}
	list := listing.Of(s.cursors(), brandID, "products", filters...)
	var position, id int64
	more, err := list.After(after, &position, &id)
	if err != nil {
		return nil, err
	}
	if more {
		where += " AND position >= ? AND (position > ? OR id > ?)"
		args = append(args, position, position, id)
	}
	products, err := s.products(ctx, where+" ORDER BY position, id LIMIT ?", descriptions, root, append(args, n+1))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, products, n, func(p *Product) []any { return []any{int64(p.Position), p.ID} })
}

// Product is one product that the brand shows, with its SKUs and its description. Every viewer of the brand may call it. It is one statement. Codes:
// NOT_FOUND, also for what is hidden.
func (s *Service) Product(ctx context.Context, id int64) (*Product, error) {
	root, err := s.roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	products, err := s.products(ctx, " AND id = ?", true, root, []any{auth.FromContext(ctx).BrandID, id})
	if err != nil {
		return nil, err
	}
	if len(products) == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	return products[0], nil
}

// SKU is one SKU of a product that the brand shows, with the retail price and the brand's own stock. Every viewer of the brand may call it. It is one
// statement. Codes: NOT_FOUND, also where the product is hidden.
func (s *Service) SKU(ctx context.Context, id int64) (*SKU, error) {
	root, err := s.roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	brandID := auth.FromContext(ctx).BrandID
	products, err := s.products(ctx, " AND id = (SELECT product_id FROM skus WHERE brand_id = ? AND id = ?)", false, root, []any{brandID, brandID, id})
	if err != nil {
		return nil, err
	}
	for _, p := range products {
		for _, sku := range p.SKUs {
			if sku.ID == id {
				return sku, nil
			}
		}
	}
	return nil, apperr.New(apperr.NotFound)
}

// Sold gives the SKUs among ids that shoppers can buy, with their products: shown, and with a retail price. Every viewer of the brand may call it. It is one
// statement; orders and quotes price by it.
func (s *Service) Sold(ctx context.Context, ids []int64) (map[int64]*Sold, error) {
	sold := make(map[int64]*Sold, len(ids))
	if len(ids) == 0 {
		return sold, nil
	}
	root, err := s.roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	brandID := auth.FromContext(ctx).BrandID
	args := []any{brandID, brandID}
	for _, id := range ids {
		args = append(args, id)
	}
	where := " AND id IN (SELECT product_id FROM skus WHERE brand_id = ? AND id IN (?" + strings.Repeat(", ?", len(ids)-1) + "))"
	products, err := s.products(ctx, where, false, root, args)
	if err != nil {
		return nil, err
	}
	for _, p := range products {
		for _, sku := range p.SKUs {
			if sku.Price != nil && slices.Contains(ids, sku.ID) {
				sold[sku.ID] = &Sold{sku, p.Product}
			}
		}
	}
	return sold, nil
}

// products runs productsStatement: where narrows the products and may order and bound them, args are the brand and what where takes.
func (s *Service) products(ctx context.Context, where string, descriptions bool, root int64, args []any) ([]*Product, error) {
	if auth.FromContext(ctx).Reach == auth.ReachNothing {
		return nil, nil
	}
	brandID, description := args[0], "''"
	if descriptions {
		description = "description"
	}
	args = append(args, brandID, brandID, root, brandID, root)
	rows, err := s.store.Client(ctx).QueryContext(ctx, strings.NewReplacer("{where}", where, "{description}", description).Replace(productsStatement), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var products []*Product
	var p ent.Product
	var sku skuRow
	destinations := append([]any{&p.ID, &p.Code, &p.Name, &p.Subtitle, &p.Category, &p.SkuLine, &p.ImageURL, &p.Position, &p.State, &p.Description},
		sku.destinations()...)
	for rows.Next() {
		if err := rows.Scan(destinations...); err != nil {
			return nil, err
		}
		if len(products) == 0 || products[len(products)-1].ID != p.ID {
			product := p
			product.BrandID = brandID.(int64)
			products = append(products, &Product{Product: &product, SKUs: make([]*SKU, 0, 2)})
		}
		if sku.ID != 0 {
			last := products[len(products)-1]
			last.SKUs = append(last.SKUs, sku.sku(brandID.(int64), last.ID))
		}
	}
	return products, rows.Err()
}
