package clearing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/brand"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/clearingstatement"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

const (
	// grace is how long after the end of a month its statements are made: what happened in its last minutes is written by then.
	grace = 6 * time.Hour
	// makeLimit is how many statements one call of MakeMonth makes.
	makeLimit = 200
	// firstPeriod is the earliest month that a caller may name.
	firstPeriod = 202001
)

// pair is two orgs, the one with the smaller number first.
type pair struct{ first, second int64 }

func pairOf(a, b int64) pair { return pair{min(a, b), max(a, b)} }

// errNothing undoes a statement that would be empty, or that was made before.
var errNothing = errors.New("clearing: there is no statement to make")

// MakeDue makes at most limit of the statements of months that ended some hours ago in their brand's time zone, of all brands, and tells how many. A
// periodic job calls it until there are none; each statement is a transaction, so that it goes on where it was stopped, and two at once do no harm.
func (s *Service) MakeDue(ctx context.Context, limit int) (int, error) {
	return s.makeDue(auth.Operator(ctx), limit)
}

func (s *Service) makeDue(ctx context.Context, limit int) (int, error) {
	brands, err := s.Store.Client(ctx).Brand.Query().Order(brand.ByID()).IDs(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	var failures []error
	for _, id := range brands {
		ctx := auth.System(ctx, id)
		zone, err := s.Orgs.Zone(ctx)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		made, _, err := s.makeUntil(ctx, before(periodOf(s.Clock.Now().Add(-grace), zone)), limit-total)
		total += made
		if err != nil {
			failures = append(failures, fmt.Errorf("make statements of brand %d: %w", id, err))
		}
		if total >= limit {
			break
		}
	}
	return total, errors.Join(failures...)
}

// MakeMonth makes statements of a past month at once, at most 200 of them, and tells how many and whether more are to be made by another call. What
// was made stays. Staff with MAKE_STATEMENTS at the brand call it; it is audited. It refuses with NOT_FOUND and INVALID_INPUT.
func (s *Service) MakeMonth(ctx context.Context, period int) (made int, more bool, err error) {
	root, err := s.Store.Client(ctx).Org.Query().Where(org.KindEQ(enum.OrgBrand), org.ParentIDIsNil()).OnlyID(auth.WithinBrand(ctx))
	if err != nil {
		return 0, false, err
	}
	if err := s.Orgs.Require(ctx, auth.MakeStatements, root); err != nil {
		return 0, false, err
	}
	zone, err := s.Orgs.Zone(ctx)
	if err != nil {
		return 0, false, err
	}
	if !isPeriod(period) || period >= periodOf(s.Clock.Now(), zone) {
		return 0, false, apperr.Invalid("period", "YYYYMM")
	}
	within := auth.WithinBrand(ctx)
	if made, more, err = s.makeUntil(within, period, makeLimit); err != nil {
		return 0, false, err
	}
	return made, more, audit.Record(within, s.Store, audit.Change{OrgID: root, Action: "clearingStatementsMake", Subject: ids.ID{Kind: ids.Org, Value: root}, After: map[string]any{"period": period, "made": made}})
}

// makeUntil makes statements of months up to last, at most limit.
func (s *Service) makeUntil(ctx context.Context, last, limit int) (made int, more bool, err error) {
	open, err := s.openPairs(ctx, last)
	if err != nil {
		return 0, false, err
	}
	for _, p := range slices.SortedFunc(maps.Keys(open), func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.second, b.second))
	}) {
		for period := open[p]; period <= last; period = after(period) {
			if made >= limit {
				return made, true, nil
			}
			switch err := s.makeStatement(ctx, p, open[p], period); {
			case err == nil:
				made++
			case !errors.Is(err, errNothing):
				return made, true, err
			}
		}
	}
	return made, false, nil
}

// openPairs has each pair that has lines on no statement, with the earliest month of one.
func (s *Service) openPairs(ctx context.Context, last int) (pairs map[pair]int, err error) {
	rows, err := s.Store.Client(ctx).QueryContext(ctx, `SELECT debtor_org_id, creditor_org_id, MIN(period) FROM clearing_lines
		WHERE brand_id = ? AND statement_id IS NULL AND period <= ? GROUP BY debtor_org_id, creditor_org_id`, auth.FromContext(ctx).BrandID, last)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	pairs = map[pair]int{}
	for rows.Next() {
		var debtor, creditor int64
		var period int
		if err := rows.Scan(&debtor, &creditor, &period); err != nil {
			return nil, err
		}
		p := pairOf(debtor, creditor)
		if known, ok := pairs[p]; !ok || period < known {
			pairs[p] = period
		}
	}
	return pairs, rows.Err()
}

// makeStatement makes the pair's statement of a month. The unique row of pair and month comes first; then one update for each direction takes what is on no
// statement, as it is committed at that moment: a spend that commits later finds its line on the next statement. errNothing where it was made before or
// would be empty.
func (s *Service) makeStatement(ctx context.Context, p pair, earliest, period int) error {
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		client, id := s.Store.Client(ctx), ids.Next()
		err := client.ClearingStatement.Create().SetID(id).SetCreatedAt(s.Clock.Now()).SetFirstOrgID(p.first).SetSecondOrgID(p.second).SetPeriod(period).
			SetFirstOwesFen(0).SetSecondOwesFen(0).SetLines(0).Exec(ctx)
		if store.IsDuplicate(err, clearingstatement.Table, "first_org_id", "second_org_id", "period") {
			return errNothing
		}
		if err != nil {
			return err
		}
		taken := 0
		for _, direction := range []pair{p, {p.second, p.first}} {
			n, err := client.ClearingLine.Update().Where(clearingline.StatementIDIsNil(), clearingline.DebtorOrgID(direction.first),
				clearingline.CreditorOrgID(direction.second), clearingline.PeriodGTE(earliest), clearingline.PeriodLTE(period)).SetStatementID(id).
				Modify(func(u *sql.UpdateBuilder) { u.Set(clearingline.FieldPeriod, period) }).Save(ctx)
			if err != nil {
				return err
			}
			taken += n
		}
		if taken == 0 {
			return errNothing
		}
		return s.addUp(ctx, id)
	})
}

// addUp makes the sums of a statement those of its lines, as they are now. The transaction holds the statement's row.
func (s *Service) addUp(ctx context.Context, id int64) error {
	brandID := auth.FromContext(ctx).BrandID
	owes := "(SELECT COALESCE(SUM(l.amount_fen), 0) FROM clearing_lines l WHERE l.brand_id = ? AND l.statement_id = ? AND l.debtor_org_id = "
	_, err := s.Store.Client(ctx).ExecContext(ctx, "UPDATE clearing_statements SET first_owes_fen = "+owes+"first_org_id), second_owes_fen = "+owes+
		"second_org_id), `lines` = (SELECT COUNT(*) FROM clearing_lines l WHERE l.brand_id = ? AND l.statement_id = ?) WHERE brand_id = ? AND id = ?",
		brandID, id, brandID, id, brandID, id, brandID, id)
	return err
}

// Statement is a statement that the viewer may read. NOT_FOUND.
func (s *Service) Statement(ctx context.Context, id int64) (*ent.ClearingStatement, error) {
	ctx = auth.NewContext(ctx, auth.FromContext(ctx).Only(auth.ReadClearing))
	return s.Store.Client(ctx).ClearingStatement.Get(ctx, id)
}

func isPeriod(period int) bool {
	return period >= firstPeriod && period <= 999912 && period%100 >= 1 && period%100 <= 12
}

// after and before are the neighbours of a month.
func after(period int) int {
	if period%100 == 12 {
		return period + 89
	}
	return period + 1
}

func before(period int) int {
	if period%100 == 1 {
		return period - 89
	}
	return period - 1
}
