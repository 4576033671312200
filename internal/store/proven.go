package store

import (
	"context"
	"reflect"
	"sync"

	entgo "entgo.io/ent"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/intercept"
	"dongxiao/internal/ids"
)

// row names a row of a brand.
type row struct {
	table       string
	brandID, id int64
}

// proven has rows that are there and of their brand, as far as one transaction knows. A nil one knows nothing and learns nothing.
type proven struct {
	mu   sync.Mutex
	rows map[row]struct{}
}

func (p *proven) has(r row) bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.rows[r]
	return ok
}

func (p *proven) add(rows ...row) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rows == nil {
		p.rows = map[row]struct{}{}
	}
	for _, r := range rows {
		p.rows[r] = struct{}{}
	}
}

func (p *proven) forget() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = nil
}

// proven is what the transaction of ctx knows; nil outside of one.
func (s *Store) proven(ctx context.Context) *proven {
	if t, ok := ctx.Value(txKey{}).(*tx); ok && t.store == s {
		return &t.proven
	}
	return nil
}

// Known tells the transaction of ctx that rows of a table are of the brand, because a statement written by hand has read or written them within it: links to them
// are not proved again.
func (s *Store) Known(ctx context.Context, brandID int64, table string, numbers ...int64) {
	known := s.proven(ctx)
	for _, id := range numbers {
		known.add(row{table, brandID, id})
	}
}

// proveRead remembers the rows that a query found for a viewer who sees one brand.
func (s *Store) proveRead(ctx context.Context, q ent.Query, value ent.Value) {
	known, v := s.proven(ctx), auth.FromContext(ctx)
	if known == nil || v.Reach == auth.ReachAll || v.BrandID == 0 {
		return
	}
	query, err := intercept.NewQuery(q)
	if err != nil || ent.Tenancies[query.Type()].Installation {
		return
	}
	list := reflect.ValueOf(value)
	if list.Kind() != reflect.Slice {
		return
	}
	for i := range list.Len() {
		if found, ok := list.Index(i).Interface().(interface{ NodeID() ids.ID }); ok && found.NodeID().Value != 0 {
			known.add(row{ent.Tables[query.Type()], v.BrandID, found.NodeID().Value})
		}
	}
}

// prove remembers the row that a write made, which may be linked to in the same transaction; a deletion forgets everything.
func (s *Store) prove(ctx context.Context, m entgo.Mutation, value entgo.Value) {
	known := s.proven(ctx)
	switch {
	case known == nil:
	case m.Op().Is(entgo.OpDelete | entgo.OpDeleteOne):
		known.forget()
	case m.Op().Is(entgo.OpCreate):
		made, named := value.(interface{ NodeID() ids.ID })
		brandID, ok := m.Field("brand_id")
		if named && ok {
			known.add(row{ent.Tables[m.Type()], brandID.(int64), made.NodeID().Value})
		}
	}
}
