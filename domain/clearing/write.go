package clearing

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/enum"
	"dongxiao/ent/lotmovement"
	"dongxiao/ent/org"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// maxSuccessors bounds how many orgs closed one after the other are followed to who owes in the end.
const maxSuccessors = 16

// Debts says who owes the org what, where it takes the lots' value: the issuer owes principal at face less the fee, and the funders of a bonus owe
// their shares, an issuer alone where there are none. What the org itself bears is no debt, and a closed org's debts are its successor's. A spend calls it
// inside its transaction; it reads orgs and writes nothing.
func (s *Service) Debts(ctx context.Context, orgID int64, fee money.BasisPoints, takes []Take) ([]Debt, error) {
	bearers := map[int64]bool{}
	for _, t := range takes {
		borne, err := shares(t)
		if err != nil {
			return nil, err
		}
		for _, b := range borne {
			if b.orgID != orgID {
				bearers[b.orgID] = true
			}
		}
	}
	if len(bearers) == 0 {
		return nil, nil
	}
	owner, err := s.owners(auth.WithinBrand(ctx), bearers)
	if err != nil {
		return nil, err
	}
	var list []Debt
	for _, t := range takes {
		owed, err := debts(t, orgID, fee, owner)
		if err != nil {
			return nil, err
		}
		list = append(list, owed...)
	}
	return list, nil
}

// owners reads who owes what each of the orgs bears.
func (s *Service) owners(ctx context.Context, orgIDs map[int64]bool) (func(int64) int64, error) {
	next := map[int64]int64{}
	for hop := 0; len(orgIDs) > 0 && hop < maxSuccessors; hop++ {
		list := make([]int64, 0, len(orgIDs))
		for id := range orgIDs {
			list = append(list, id)
		}
		rows, err := s.Store.Client(ctx).Org.Query().Where(org.IDIn(list...), org.StateEQ(enum.OrgClosed), org.SuccessorIDNotNil()).All(ctx)
		if err != nil {
			return nil, err
		}
		clear(orgIDs)
		for _, row := range rows {
			if _, known := next[row.ID]; !known {
				next[row.ID] = *row.SuccessorID
				orgIDs[*row.SuccessorID] = true
			}
		}
	}
	return func(id int64) int64 {
		for range maxSuccessors {
			successor, ok := next[id]
			if !ok {
				break
			}
			id = successor
		}
		return id
	}, nil
}

// Reversals says which debts a refund takes back, exactly those that the movements made: a part takes its share of each line, and the parts of what is given
// back in full add up to the lines. The subject is the wallet payment, as it was given to Write. A refund calls it inside its transaction, under
// the member's lock and before it posts.
func (s *Service) Reversals(ctx context.Context, subjectID int64, gives []Give) ([]Debt, error) {
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	// What a snapshot from before the member's lock shows may be old.
	lines, err := store.Locked(s.Store, client.ClearingLine.Query().Where(clearingline.KindIn(enum.ClearPrincipal, enum.ClearBonus), clearingline.SubjectID(subjectID)).Order(clearingline.ByID())).All(ctx)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	movements := make([]int64, len(gives))
	for i, g := range gives {
		movements[i] = g.MovementID
	}
	taken, err := client.LotMovement.Query().Where(lotmovement.IDIn(movements...)).All(ctx)
	if err != nil {
		return nil, err
	}
	backQuery := store.Locked(s.Store, client.LotMovement.Query().Where(lotmovement.ReversesIDIn(movements...)))
	back, err := backQuery.All(ctx)
	if err != nil {
		return nil, err
	}
	left, lots := map[int64]int64{}, map[int64]int64{}
	for _, m := range taken {
		left[m.ID], lots[m.ID] = -m.RemainingChange-m.HeldChange, m.LotID
	}
	for _, m := range back {
		left[*m.ReversesID] -= m.RemainingChange + m.HeldChange
	}
	var list []Debt
	for _, g := range gives {
		if lots[g.MovementID] == 0 {
			return nil, fmt.Errorf("clearing: there is no movement %d to give back", g.MovementID)
		}
		open := outstandingOf(lines, func(l *ent.ClearingLine) bool { return l.MovementID != nil && *l.MovementID == g.MovementID })
		if len(open) == 0 {
			continue
		}
		reversed, err := reversals(lots[g.MovementID], open, left[g.MovementID], g.Amount)
		if err != nil {
			return nil, err
		}
		list = append(list, reversed...)
	}
	return list, nil
}

// outstandingOf is what is left of the lines of one act, of all lines of its subject.
func outstandingOf(lines []*ent.ClearingLine, of func(*ent.ClearingLine) bool) []outstanding {
	var open []outstanding
	for _, l := range lines {
		if l.ReversesID == nil && of(l) {
			open = append(open, outstanding{l, l.FaceFen, l.FeeFen})
		}
	}
	for _, l := range lines {
		for i := range open {
			if l.ReversesID != nil && *l.ReversesID == open[i].line.ID {
				open[i].face, open[i].fee = open[i].face+l.FaceFen, open[i].fee+l.FeeFen
			}
		}
	}
	return open
}

// Write keeps the debts that a posting booked as lines, in the posting's transaction. The subject is the wallet payment, also for a refund of it, or what a
// coupon was used by. The
// lines belong to the month of at in the brand's time zone; the statement that takes them decides, so what comes after that month's statement is on the next.
func (s *Service) Write(ctx context.Context, posted ledger.Posted, subjectID int64, at time.Time, debts []Debt) error {
	if len(debts) == 0 {
		return nil
	}
	ctx = auth.WithinBrand(ctx)
	zone, err := s.Orgs.Zone(ctx)
	if err != nil {
		return err
	}
	movements := make(map[int64]int64, len(posted.Movements))
	for _, m := range posted.Movements {
		movements[m.Lot.ID] = m.ID
	}
	now, brandID := time.Now().UTC().Truncate(time.Microsecond), auth.FromContext(ctx).BrandID
	var args []any
	for _, d := range debts {
		var movementID, reversesID *int64
		if d.Kind != enum.ClearCoupon {
			movement, ok := movements[d.lotID]
			if !ok {
				return fmt.Errorf("clearing: posting %d does not move lot %d", posted.ID, d.lotID)
			}
			movementID = &movement
		}
		if d.reversesID != 0 {
			reversesID = &d.reversesID
		}
		args = append(args, ids.Next(), now, brandID, string(d.Kind), d.DebtorOrgID, d.CreditorOrgID, int64(d.Face), int64(d.Fee), int64(d.Amount()), subjectID, movementID,
			posted.ID, reversesID, periodOf(at, zone), string(enum.LineOpen), "")
	}
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	_, err = s.Store.Client(ctx).ExecContext(ctx, insertLines+row+strings.Repeat(", "+row, len(debts)-1), args...)
	return err
}

// insertLines goes around the data layer, which would look up the links of each row: the orgs are those of lots and rules of the brand or were read within it,
// and the posting and its movements are of this transaction.
const insertLines = "INSERT INTO clearing_lines (id, created_at, brand_id, kind, debtor_org_id, creditor_org_id, face_fen, fee_fen, amount_fen, subject_id, movement_id," +
	" posting_id, reverses_id, period, state, dispute_reason) VALUES "

// periodOf is the month of a moment as YYYYMM.
func periodOf(at time.Time, zone *time.Location) int {
	period, _ := strconv.Atoi(at.In(zone).Format("200601"))
	return period
}
