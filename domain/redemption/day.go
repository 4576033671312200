package redemption

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/redemption"
	"dongxiao/ent/staff"
	"dongxiao/ent/tillshift"
	"dongxiao/internal/apperr"
	"dongxiao/internal/download"
	"dongxiao/internal/money"
)

// dayChunk is how many redemptions a day's statement reads at once.
const dayChunk = 1000

// DayLine is what one staff member did in one shift of a day.
type DayLine struct {
	StaffID int64
	// ShiftID is nil for what was done without an open shift.
	ShiftID *int64
	// Redeemed counts the redemptions in force, Discount is what they took off, and Shares what each funder bears of it, the store's own part included.
	Redeemed int
	Discount money.Fen
	Shares   []quote.Share
	// Reversed counts the redemptions of the day that were undone since.
	Reversed int
	// Payments counts what was taken of stored value, Value is how much, less what was given back since.
	Payments int
	Value    money.Fen
}

// Day is what happened at the counter of a store on one day (核销日报).
type Day struct {
	Store *ent.Org
	// Date is the day in the brand's time zone, as YYYY-MM-DD.
	Date string
	// Lines are by staff and shift.
	Lines []*DayLine
	// Total is the sum of the lines, of no staff and no shift.
	Total *DayLine
}

// Taken is stored value that was taken at a store.
type Taken struct {
	StaffID  int64
	ShiftID  *int64
	Payments int
	Value    money.Fen
}

// DayOf is the statement of a store's day, as it stands now: what is undone or given back later changes it. Staff with ReadStoreDays at the store call it, a
// distributor's for the stores it serves too. NOT_FOUND.
func (s *Service) DayOf(ctx context.Context, storeID int64, date string) (*Day, error) {
	if err := s.Orgs.StoreInScope(ctx, auth.ReadStoreDays, storeID); err != nil {
		return nil, err
	}
	return s.day(auth.WithinBrand(ctx), storeID, date)
}

// DayLink makes a link by which the viewer, as long as the sign-in and a role would do, gets DayOf as a file within five minutes. Staff with ReadStoreDays at the
// store call it. NOT_FOUND.
func (s *Service) DayLink(ctx context.Context, storeID int64, date string, format download.Format) (*download.Link, error) {
	if err := s.Orgs.StoreInScope(ctx, auth.ReadStoreDays, storeID); err != nil {
		return nil, apperr.OfInput(err, "storeId")
	}
	return s.Links.New(ctx, download.StoreDay, format, storeID, date)
}

// DayExport is a day to be written.
type DayExport struct {
	*Day
	Format download.Format
	// Names are those of the staff and orgs that the day names, by id.
	Names map[int64]string
	// Opened is when each shift that the day names was opened, in the brand's time zone.
	Opened map[int64]time.Time
}

// OpenDay gives the export of a link, with what its person's roles cover by now. NOT_FOUND for a link that is wrong or old, or whose person may not sign in as then
// any more or has no such role left.
func (s *Service) OpenDay(ctx context.Context, token string) (*DayExport, error) {
	var storeID int64
	var date string
	link, err := s.Links.Open(ctx, download.StoreDay, token, &storeID, &date)
	if err != nil {
		return nil, err
	}
	within := auth.System(ctx, link.BrandID)
	client := s.Store.Client(within)
	roles, err := client.Staff.Query().Where(staff.PersonID(link.PersonID), staff.StateEQ(enum.StaffActive)).All(within)
	if err != nil {
		return nil, err
	}
	v := auth.Viewer{Reach: auth.ReachStaff, BrandID: link.BrandID, PersonID: link.PersonID}
	for _, row := range roles {
		v.Assignments = append(v.Assignments, auth.Assignment{OrgID: row.OrgID, Role: row.Role})
	}
	day, err := s.DayOf(auth.NewContext(ctx, v), storeID, date)
	if err != nil {
		return nil, err
	}
	zone, err := s.Orgs.Zone(within)
	if err != nil {
		return nil, err
	}
	e := &DayExport{Day: day, Format: link.Format, Names: map[int64]string{}, Opened: map[int64]time.Time{}}
	var staffIDs, orgIDs, shiftIDs []int64
	for _, line := range append(slices.Clone(day.Lines), day.Total) {
		staffIDs = append(staffIDs, line.StaffID)
		if line.ShiftID != nil {
			shiftIDs = append(shiftIDs, *line.ShiftID)
		}
		for _, share := range line.Shares {
			orgIDs = append(orgIDs, share.OrgID)
		}
	}
	people, err := client.Staff.Query().Where(staff.IDIn(staffIDs...)).All(within)
	if err != nil {
		return nil, err
	}
	shifts, err := client.TillShift.Query().Where(tillshift.IDIn(shiftIDs...)).All(within)
	if err != nil {
		return nil, err
	}
	for _, row := range shifts {
		e.Opened[row.ID] = row.CreatedAt.In(zone)
	}
	orgs, err := client.Org.Query().Where(org.IDIn(orgIDs...)).All(within)
	for _, row := range people {
		e.Names[row.ID] = row.Name
	}
	for _, row := range orgs {
		e.Names[row.ID] = row.Name
	}
	return e, err
}

// counterLine names a line of a day.
type counterLine struct{ staffID, shiftID int64 }

func lineOf(staffID int64, shiftID *int64) counterLine {
	if shiftID == nil {
		return counterLine{staffID, 0}
	}
	return counterLine{staffID, *shiftID}
}

// day adds a day up. ctx reaches the whole brand.
func (s *Service) day(ctx context.Context, storeID int64, date string) (*Day, error) {
	zone, err := s.Orgs.Zone(ctx)
	if err != nil {
		return nil, err
	}
	from, err := time.ParseInLocation(time.DateOnly, date, zone)
	if err != nil {
		return nil, apperr.New(apperr.NotFound)
	}
	until := from.AddDate(0, 0, 1)
	d := &Day{Date: date, Total: &DayLine{}}
	if d.Store, err = s.Store.Client(ctx).Org.Get(ctx, storeID); err != nil {
		return nil, err
	}
	lines, shares := map[counterLine]*DayLine{}, map[counterLine]map[int64]money.Fen{}
	line := func(staffID int64, shiftID *int64) *DayLine {
		key := lineOf(staffID, shiftID)
		if lines[key] == nil {
			lines[key], shares[key] = &DayLine{StaffID: staffID, ShiftID: shiftID}, map[int64]money.Fen{}
		}
		return lines[key]
	}
	for last := int64(0); ; {
		rows, err := s.Store.Client(ctx).Redemption.Query().Where(redemption.StoreID(storeID), redemption.CreatedAtGTE(from), redemption.CreatedAtLT(until), redemption.IDGT(last)).
			Order(redemption.ByID()).Limit(dayChunk).All(ctx)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		subjects := make([]int64, len(rows))
		for i, row := range rows {
			subjects[i] = row.ID
		}
		owed, err := s.Clearing.OwedForCoupons(ctx, subjects)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			l, of := line(row.StaffID, row.ShiftID), shares[lineOf(row.StaffID, row.ShiftID)]
			if row.State == enum.RedemptionReversed {
				l.Reversed++
				continue
			}
			discount := money.Fen(row.DiscountFen)
			l.Redeemed++
			l.Discount += discount
			for debtor, amount := range owed[row.ID] {
				of[debtor] += amount
				discount -= amount
			}
			of[storeID] += discount
		}
		if len(rows) < dayChunk {
			break
		}
		last = rows[len(rows)-1].ID
	}
	taken, err := s.StoredValue.TakenAt(ctx, storeID, from, until)
	if err != nil {
		return nil, err
	}
	for _, t := range taken {
		l := line(t.StaffID, t.ShiftID)
		l.Payments, l.Value = l.Payments+t.Payments, l.Value+t.Value
	}
	total := map[int64]money.Fen{}
	for _, key := range slices.SortedFunc(maps.Keys(lines), func(a, b counterLine) int {
		return cmp.Or(cmp.Compare(a.staffID, b.staffID), cmp.Compare(a.shiftID, b.shiftID))
	}) {
		l := lines[key]
		l.Shares = sharesOf(shares[key])
		d.Lines = append(d.Lines, l)
		d.Total.Redeemed, d.Total.Discount, d.Total.Reversed = d.Total.Redeemed+l.Redeemed, d.Total.Discount+l.Discount, d.Total.Reversed+l.Reversed
		d.Total.Payments, d.Total.Value = d.Total.Payments+l.Payments, d.Total.Value+l.Value
		for orgID, amount := range shares[key] {
			total[orgID] += amount
		}
	}
	d.Total.Shares = sharesOf(total)
	return d, nil
}

// sharesOf lists what orgs bear, by org, without those that bear nothing.
func sharesOf(amounts map[int64]money.Fen) []quote.Share {
	list := []quote.Share{}
	for _, orgID := range slices.Sorted(maps.Keys(amounts)) {
		if amounts[orgID] != 0 {
			list = append(list, quote.Share{OrgID: orgID, Amount: amounts[orgID]})
		}
	}
	return list
}
