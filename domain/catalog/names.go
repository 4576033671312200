package catalog

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent/product"
	"dongxiao/ent/sku"
	"dongxiao/internal/ids"
)

// SKUNames names SKUs: the product's name and the specification. Those that do not exist are left out; hidden ones are named, because something that everybody sees
// refers to them. It is for whoever read what refers to them, and takes two statements.
func (s *Service) SKUNames(ctx context.Context, skuIDs []int64) (map[int64]*Named, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := s.store.Client(ctx).SKU.Query().Where(sku.IDIn(skuIDs...)).All(ctx)
	if err != nil {
		return nil, err
	}
	productIDs := make([]int64, len(rows))
	for i, row := range rows {
		productIDs[i] = row.ProductID
	}
	products, err := s.ProductNames(ctx, productIDs)
	if err != nil {
		return nil, err
	}
	named := make(map[int64]*Named, len(rows))
	for _, row := range rows {
		name := row.Name
		if p := products[row.ProductID]; p != nil {
			name = p.Name + " " + name
		}
		named[row.ID] = &Named{ids.ID{Kind: ids.SKU, Value: row.ID}, name}
	}
	return named, nil
}

// ProductNames is SKUNames for products, with one statement.
func (s *Service) ProductNames(ctx context.Context, productIDs []int64) (map[int64]*Named, error) {
	rows, err := s.store.Client(ctx).Product.Query().Where(product.IDIn(productIDs...)).Select(product.FieldID, product.FieldName).All(auth.WithinBrand(ctx))
	named := make(map[int64]*Named, len(rows))
	for _, row := range rows {
		named[row.ID] = &Named{ids.ID{Kind: ids.Product, Value: row.ID}, row.Name}
	}
	return named, err
}
