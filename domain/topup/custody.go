package topup

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/lot"
	entorg "dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/money"
)

// Custody is what an org owed in stored value at a moment (预收资金余额): what its members had paid for or got and not spent, what was held included.
type Custody struct {
	// Org is the issuer; one that owed nothing then, but has issued, is listed with zeros.
	Org              *ent.Org
	Principal, Bonus money.Fen
	// Members is how many had some of it.
	Members int64
}

// custodySQL sums the journal of lots by issuer. A moment that is past answers the same for ever but for payments that become known late: what counts is when
// things happened in business.
const custodySQL = "SELECT x.issuer_org_id, SUM(x.principal), SUM(x.bonus), COUNT(*) FROM (SELECT l.issuer_org_id, l.member_id," +
	" SUM(CASE WHEN l.kind = 'PRINCIPAL' THEN m.remaining_change + m.held_change ELSE 0 END) AS principal," +
	" SUM(CASE WHEN l.kind = 'BONUS' THEN m.remaining_change + m.held_change ELSE 0 END) AS bonus" +
	" FROM lots l JOIN lot_movements m ON m.brand_id = l.brand_id AND m.lot_id = l.id JOIN ledger_postings p ON p.brand_id = l.brand_id AND p.id = m.posting_id" +
	" WHERE l.brand_id = ? AND l.kind IN ('PRINCIPAL', 'BONUS') AND p.occurred_at <= ? AND l.issuer_org_id IN ("

const custodyGroupSQL = ") GROUP BY l.issuer_org_id, l.member_id HAVING SUM(m.remaining_change + m.held_change) <> 0) x GROUP BY x.issuer_org_id"

// custody tells what the next issuers in the viewer's scope behind an org owed at the moment, by number. It takes two statements and as much memory as the page.
func (s *Service) custody(ctx context.Context, moment time.Time, after int64, n int) ([]*Custody, error) {
	if moment.After(s.Clock.Now()) {
		return nil, apperr.New(apperr.InvalidInput, "field", "at", "reason", "≤ now").At("at")
	}
	inScope, err := s.Orgs.Scope(ctx, auth.ReadTopUps, entorg.FieldID)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	brandID := auth.FromContext(ctx).BrandID
	issuers, err := s.Store.Client(ctx).Org.Query().Where(inScope, entorg.IDGT(after), func(q *sql.Selector) {
		lots := sql.Table(lot.Table)
		q.Where(sql.Exists(sql.Select().From(lots).Where(sql.And(sql.EQ(lots.C(lot.FieldBrandID), brandID), sql.ColumnsEQ(lots.C(lot.FieldIssuerOrgID), q.C(entorg.FieldID))))))
	}).Order(entorg.ByID()).Limit(n).All(ctx)
	if err != nil || len(issuers) == 0 {
		return nil, err
	}
	list, byID := make([]*Custody, len(issuers)), make(map[int64]*Custody, len(issuers))
	args := []any{brandID, moment.UTC()}
	for i, o := range issuers {
		list[i] = &Custody{Org: o}
		byID[o.ID] = list[i]
		args = append(args, o.ID)
	}
	rows, err := s.Store.Client(ctx).QueryContext(ctx, custodySQL+"?"+strings.Repeat(", ?", len(issuers)-1)+custodyGroupSQL, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Custody
		var id int64
		if err := rows.Scan(&id, &c.Principal, &c.Bonus, &c.Members); err != nil {
			return nil, err
		}
		c.Org = byID[id].Org
		*byID[id] = c
	}
	return list, rows.Err()
}

// Custodies lists what each issuer in scope owed its members at a moment, by the number of the org. Staff with READ_TOP_UPS call it. PAGE_SIZE_INVALID,
// CURSOR_INVALID, INVALID_INPUT (a moment that is to come).
func (s *Service) Custodies(ctx context.Context, moment time.Time, w Window) (*listing.Page[*Custody], error) {
	n, err := listing.Window(w.First, listing.Max)
	if err != nil {
		return nil, err
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "custody", moment.UTC().UnixMicro())
	var after int64
	if _, err := list.After(w.After, &after); err != nil {
		return nil, err
	}
	rows, err := s.custody(ctx, moment, after, n+1)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(c *Custody) []any { return []any{c.Org.ID} })
}

// WriteCustody writes Custodies as CSV with a byte order mark, which spreadsheet programs need to read Chinese: code and name of the issuer, principal, bonus and both in
// yuan, and the number of members. It reads a hundred issuers at a time, so that memory stays flat.
func (s *Service) WriteCustody(ctx context.Context, moment time.Time, to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	if err := w.Write([]string{"机构编号", "机构名称", "本金余额（元）", "赠送余额（元）", "合计（元）", "会员数"}); err != nil {
		return err
	}
	var after int64
	for {
		page, err := s.custody(ctx, moment, after, listing.Max)
		if err != nil {
			return err
		}
		for _, c := range page {
			after = c.Org.ID
			if err := w.Write([]string{cell(c.Org.Code), cell(c.Org.Name), c.Principal.Yuan(), c.Bonus.Yuan(), (c.Principal + c.Bonus).Yuan(),
				strconv.FormatInt(c.Members, 10)}); err != nil {
				return err
			}
		}
		if len(page) < listing.Max {
			w.Flush()
			return w.Error()
		}
	}
}

// cell keeps a text from being read as a formula by a spreadsheet program.
func cell(value string) string {
	if value != "" && (value[0] == '=' || value[0] == '+' || value[0] == '-' || value[0] == '@') {
		return "'" + value
	}
	return value
}
