// Package demo loads the invented brand 云岭春酒业 for development: its tree, goods, coupons, members and staff, all from one seed.
package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/brand"
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
	"dongxiao/internal/wechatpay"
)

// Code is the demo brand's code.
const Code = "yunling"

// seed makes every load the same.
const seed = 20261122

// Size is how much of the brand there is.
type Size struct {
	Distributors, Stores, Members int
}

// The sizes of DOMAIN: the default, and the one for load tests.
var (
	Small = Size{Distributors: 60, Stores: 400, Members: 20_000}
	Load  = Size{Distributors: 3_000, Stores: 50_000, Members: 2_000_000}
)

// Loader loads the demo brand.
type Loader struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	// OpenID asks the WeChat simulator for a user's openid in an app; nil invents one, and then nobody can sign in through the simulator.
	OpenID func(ctx context.Context, wechatAppID, user string) (string, error)
	// Merchant makes the keys of the stores' merchant accounts; nil for stores that take no payments.
	Merchant func(ctx context.Context) (wechatpay.Merchant, error)
	// Progress is told how many rows of how many are written.
	Progress func(done, total int)
}

// Find gives the demo brand, or nil where it has not been loaded.
func Find(ctx context.Context, s *store.Store) (*ent.Brand, error) {
	b, err := s.Client(ctx).Brand.Query().Where(brand.Code(Code)).Only(auth.Operator(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return b, err
}

// Load writes the brand in one transaction: a load that is interrupted leaves nothing. It refuses a database that has the brand already.
func (l *Loader) Load(ctx context.Context, size Size) (*ent.Brand, error) {
	ctx = auth.Operator(ctx)
	if found, err := Find(ctx, l.Store); err != nil || found != nil {
		if found != nil {
			err = fmt.Errorf("the demo brand %s is in this database already", Code)
		}
		return nil, err
	}
	var b *ent.Brand
	err := l.Store.WithTx(ctx, func(ctx context.Context) (err error) {
		b, err = l.Store.Client(ctx).Brand.Create().SetCode(Code).SetName("云岭春酒业").Save(ctx)
		if err != nil {
			return err
		}
		w := &writer{Loader: l, brand: b, skus: map[string]int64{}, now: l.Clock.Now(), total: size.rows(), size: size}
		for _, step := range []func(context.Context) error{w.tree, w.merchantAccounts, w.people, w.goods, w.page, w.templates, w.tiers, w.members, w.flush, w.points, w.value, w.giving} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return b, err
}

// rows is about how many rows a size has, for the progress bar.
func (s Size) rows() int { return 2_000 + s.Distributors*3 + s.Stores*7 + s.Members*13/5 }

// writer collects rows and writes them many at a time: one statement a row would take minutes.
type writer struct {
	*Loader
	brand *ent.Brand
	now   time.Time
	size  Size

	pending []*pending
	done    int
	total   int

	root         int64
	centres      map[string]int64 // org of each marketing centre
	distributors []int64
	// firstDistributor serves the first store.
	firstDistributor int64
	stores           []storeRow
	appIDs           map[auth.Face]int64
	crews            map[int64]crew // who works at each store
	administrator    int64          // persons of headquarters
	financier        int64
	marketer         int64
	tasting          int64             // SKU of the tasting bottle
	skus             map[string]int64  // SKUs by their codes
	tierOf           map[int64][]int64 // top-up tiers of each store that has some
	levels           []levelRow
	scan, newcomer   templateRow
	// banquetTemplate is the first store's.
	banquetTemplate, tastingTemplate templateRow
}

type pending struct {
	table   string
	columns []string
	rows    [][]any
}

// rowsPerStatement keeps a statement below SQLite's 32,766 and MySQL's 65,535 parameters with the widest table.
const rowsPerStatement = 500

// add collects a row. The column list of a table is the same at every call.
func (w *writer) add(ctx context.Context, table string, columns []string, values ...any) error {
	i := slices.IndexFunc(w.pending, func(p *pending) bool { return p.table == table })
	if i < 0 {
		w.pending = append(w.pending, &pending{table: table, columns: columns})
		i = len(w.pending) - 1
	}
	p := w.pending[i]
	p.rows = append(p.rows, values)
	if len(p.rows) < rowsPerStatement {
		return nil
	}
	return w.write(ctx, p)
}

// flush writes what is left.
func (w *writer) flush(ctx context.Context) error {
	for _, p := range w.pending {
		if err := w.write(ctx, p); err != nil {
			return err
		}
	}
	if w.Progress != nil {
		w.Progress(w.total, w.total)
	}
	return nil
}

func (w *writer) write(ctx context.Context, p *pending) error {
	if len(p.rows) == 0 {
		return nil
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(p.columns)), ",") + ")"
	statement := "INSERT INTO " + p.table + " (`" + strings.Join(p.columns, "`, `") + "`) VALUES " + strings.TrimSuffix(strings.Repeat(row+",", len(p.rows)), ",")
	arguments := make([]any, 0, len(p.rows)*len(p.columns))
	for _, values := range p.rows {
		arguments = append(arguments, values...)
	}
	if _, err := w.Store.Client(ctx).ExecContext(ctx, statement, arguments...); err != nil {
		return fmt.Errorf("load %s: %w", p.table, err)
	}
	w.done += len(p.rows)
	p.rows = p.rows[:0]
	if w.Progress != nil {
		w.Progress(min(w.done, w.total), w.total)
	}
	return nil
}
