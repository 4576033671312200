package catalog

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

const (
	// maxPieces is the largest quantity of one line.
	maxPieces = 10_000
	// maxUnitPrice keeps what a line costs within 64 bits.
	maxUnitPrice money.Fen = 1_000_000_000
)

// Item is so many pieces of a SKU that somebody buys.
type Item struct {
	SKUID int64
	// Quantity is in pieces, 1 to 10,000.
	Quantity int64
}

// LinesAt prices items as a store sells them: at its own retail price, or else that of the nearest org above it. Services call it for viewers whom they have
// authorised. It is one statement. Lines are numbered from 1 in the order of the items. Codes, each with the item in its field: INVALID_INPUT (a quantity out of
// bounds, a SKU twice), NOT_FOUND (no such SKU, its product is hidden, it is only displayed, or has no price there).
func (s *Service) LinesAt(ctx context.Context, at *org.Place, items []Item) (lines []quote.Line, err error) {
	if len(items) == 0 {
		return nil, nil
	}
	lines = make([]quote.Line, len(items))
	position := make(map[int64]int, len(items))
	above, args := at.Above(), []any{}
	ctx = auth.WithinBrand(ctx)
	brandID := auth.FromContext(ctx).BrandID
	args = append(args, brandID, brandID)
	depth := make(map[int64]int, len(above))
	for i, id := range above {
		depth[id] = i
		args = append(args, id)
	}
	args = append(args, brandID)
	for i, item := range items {
		field := "items." + strconv.Itoa(i)
		if item.Quantity < 1 || item.Quantity > maxPieces {
			return nil, apperr.Invalid(field+".quantity", "1–"+strconv.Itoa(maxPieces))
		}
		if _, twice := position[item.SKUID]; twice {
			return nil, apperr.Invalid(field+".skuId", "× 2")
		}
		position[item.SKUID] = i
		lines[i] = quote.Line{ID: int64(i + 1), SKUID: item.SKUID, Quantity: item.Quantity, UnitPrice: -1}
		args = append(args, item.SKUID)
	}
	statement := strings.NewReplacer("{above}", marks(len(above)), "{skus}", marks(len(items))).Replace(linesStatement)
	rows, err := s.store.Client(ctx).QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	nearest := make([]int, len(items))
	for rows.Next() {
		var skuID, productID, orgID, price int64
		var category string
		if err := rows.Scan(&skuID, &productID, &category, &orgID, &price); err != nil {
			return nil, err
		}
		i := position[skuID]
		if lines[i].UnitPrice < 0 || depth[orgID] > nearest[i] {
			lines[i].ProductID, lines[i].Category, lines[i].UnitPrice, nearest[i] = productID, category, money.Fen(price), depth[orgID]
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i, line := range lines {
		if line.UnitPrice < 0 || line.UnitPrice > maxUnitPrice {
			return nil, apperr.New(apperr.NotFound).At("input", "items", strconv.Itoa(i), "skuId")
		}
	}
	return lines, nil
}

// marks are so many placeholders.
func marks(n int) string { return "?" + strings.Repeat(", ?", n-1) }
