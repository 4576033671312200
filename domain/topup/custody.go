package topup

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/download"
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

// CustodyLink makes a link by which the viewer, as long as the sign-in and a role would do, gets Custodies as a file within five minutes. Staff with READ_TOP_UPS call
// it. INVALID_INPUT (a moment that is to come).
func (s *Service) CustodyLink(ctx context.Context, moment time.Time, format download.Format) (*download.Link, error) {
	if moment.After(s.Clock.Now()) {
		return nil, apperr.Invalid("at", "≤ now")
	}
	return s.Links.New(ctx, download.Custody, format, moment.UTC())
}

// CustodyExport is Custodies to be written.
type CustodyExport struct {
	// Moment is in the brand's time zone.
	Moment time.Time
	Format download.Format

	service *Service
	viewer  auth.Viewer
}

// OpenCustody gives the export of a link, with what its person's roles cover by now. NOT_FOUND for a link that is wrong or old, or whose person may not sign in as then
// any more or has no such role left.
func (s *Service) OpenCustody(ctx context.Context, token string) (*CustodyExport, error) {
	var moment time.Time
	link, err := s.Links.Open(ctx, download.Custody, token, &moment)
	if err != nil {
		return nil, err
	}
	ctx = auth.System(ctx, link.BrandID)
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(link.PersonID), staff.StateEQ(enum.StaffActive)).All(ctx)
	if err != nil {
		return nil, err
	}
	v := auth.Viewer{Reach: auth.ReachStaff, BrandID: link.BrandID, PersonID: link.PersonID}
	for _, row := range rows {
		v.Assignments = append(v.Assignments, auth.Assignment{OrgID: row.OrgID, Role: row.Role})
	}
	if !v.Can(auth.ReadTopUps) {
		return nil, apperr.New(apperr.NotFound)
	}
	zone, err := s.Orgs.Zone(ctx)
	if err != nil {
		return nil, err
	}
	return &CustodyExport{Moment: moment.In(zone), Format: link.Format, service: s, viewer: v}, nil
}

// Rows gives what each issuer owed, by the number of the org, holding a hundred at a time.
func (e *CustodyExport) Rows(ctx context.Context, write func(*Custody) error) error {
	ctx = auth.NewContext(ctx, e.viewer)
	for last := int64(0); ; {
		page, err := e.service.custody(ctx, e.Moment, last, listing.Max)
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := write(c); err != nil {
				return err
			}
			last = c.Org.ID
		}
		if len(page) < listing.Max {
			return nil
		}
	}
}
