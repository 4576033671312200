package topup

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/tillshift"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// maxTill is the most that a drawer holds, in fen.
const maxTill money.Fen = 1_000_000_000

// OpenShift opens a shift at the till of a store with the cash that is in the drawer. Staff with WORK_TILL at the store call it for themselves; each role of
// a person has one open shift at most. Shift, audit entry and key are written together. Refusals: NOT_FOUND (no such store in scope), INVALID_INPUT,
// STORE_CLOSED, SHIFT_ALREADY_OPEN, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) OpenShift(ctx context.Context, storeID int64, float money.Fen, key string) (*ent.TillShift, error) {
	if float < 0 || float > maxTill {
		return nil, apperr.Invalid("float", "0–"+maxTill.Yuan())
	}
	if err := s.Orgs.StoreInScope(ctx, auth.WorkTill, storeID); err != nil {
		return nil, apperr.OfInput(err, "storeId")
	}
	clerk, err := s.actor(ctx, auth.WorkTill, storeID)
	if err != nil {
		return nil, apperr.OfInput(err, "storeId")
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "tillShiftOpen", Key: key, Input: []int64{storeID, int64(float)}}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) {
		row, err := s.Store.Client(ctx).TillShift.Create().SetCreatedAt(s.Clock.Now()).SetStoreID(storeID).SetStaffID(clerk.ID).SetOpenStaffID(clerk.ID).
			SetFloatFen(int64(float)).Save(ctx)
		if store.IsDuplicate(err, tillshift.Table, "open_staff_id") {
			return 0, apperr.New(apperr.ShiftAlreadyOpen)
		}
		if err != nil {
			return 0, err
		}
		if err := s.keepOpen(ctx, storeID); err != nil {
			return 0, apperr.OfInput(err, "storeId")
		}
		return row.ID, audit.Record(ctx, s.Store, audit.Change{OrgID: storeID, Action: "tillShiftOpen", Subject: shiftSubject(row.ID),
			After: map[string]any{"float": float}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TillShift.Get(ctx, id)
}

// Count is what was counted at the end of a shift.
type Count struct {
	// Cash is what lies in the drawer, the float included; Card is the sum of the terminal's slips, which may be negative where more was given back than taken.
	Cash, Card money.Fen
	// Explanation is why they differ from what the books expect; needed where they do.
	Explanation string
}

// CloseShift counts and closes a shift. Whose shift it is calls it with WORK_TILL, a colleague with MANAGE_TILL at the store. What the books expect is the float
// and the shift's accounts, fixed behind the lock of the shift, which every receipt and payout takes as well. Shift, audit entry and key are written
// together. Refusals: NOT_FOUND, INVALID_INPUT, SHIFT_CLOSED, SHIFT_DIFFERENCE_UNEXPLAINED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) CloseShift(ctx context.Context, shiftID int64, count Count, key string) (*ent.TillShift, error) {
	var err error
	if count.Explanation, err = text.Text(count.Explanation, 0, maxReason, "explanation"); err != nil {
		return nil, err
	}
	switch {
	case count.Cash < 0 || count.Cash > maxTill:
		return nil, apperr.Invalid("countedCash", "0–"+maxTill.Yuan())
	case count.Card < -maxTill || count.Card > maxTill:
		return nil, apperr.Invalid("countedCard", "≤ "+maxTill.Yuan())
	}
	v := auth.FromContext(ctx)
	shift, err := s.Store.Client(ctx).TillShift.Get(auth.WithinBrand(ctx), shiftID)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.mayClose(ctx, shift)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: v.PersonID, Operation: "tillShiftClose", Key: key, Input: struct {
		Shift int64
		Count Count
	}{shiftID, count}}
	_, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return shiftID, s.closeShift(ctx, shift, count) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TillShift.Get(ctx, shiftID)
}

// mayClose lets pass whose shift it is, and who manages the store's till; NOT_FOUND.
func (s *Service) mayClose(ctx context.Context, shift *ent.TillShift) error {
	if _, err := s.actor(ctx, auth.ManageTill, shift.StoreID); err == nil || apperr.CodeOf(err) != apperr.NotFound {
		return err
	}
	if _, err := s.actor(ctx, auth.WorkTill, shift.StoreID); err != nil {
		return err
	}
	owner, err := s.Store.Client(ctx).Staff.Get(auth.WithinBrand(ctx), shift.StaffID)
	if err == nil && (owner.PersonID == nil || *owner.PersonID != auth.FromContext(ctx).PersonID) {
		err = apperr.New(apperr.NotFound)
	}
	return err
}

func (s *Service) closeShift(ctx context.Context, shift *ent.TillShift, count Count) error {
	client := s.Store.Client(ctx)
	// The state is written last, in the same statement as the counts; this write only locks.
	n, err := client.TillShift.Update().Where(tillshift.ID(shift.ID), tillshift.StateEQ(enum.ShiftOpen)).SetState(enum.ShiftOpen).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return apperr.New(apperr.ShiftClosed).At("input", "id")
	}
	moved, err := s.Expected(ctx, shift.ID)
	if err != nil {
		return err
	}
	expected := Count{Cash: money.Fen(shift.FloatFen) + moved[shift.ID].Cash, Card: moved[shift.ID].Card}
	cash, card := count.Cash-expected.Cash, count.Card-expected.Card
	if (cash != 0 || card != 0) && count.Explanation == "" {
		return apperr.New(apperr.ShiftDifferenceUnexplained, "cash", cash.Yuan(), "card", card.Yuan()).At("input", "explanation")
	}
	err = client.TillShift.Update().Where(tillshift.ID(shift.ID), tillshift.StateEQ(enum.ShiftOpen)).SetState(enum.ShiftClosed).ClearOpenStaffID().
		SetClosedAt(s.Clock.Now()).SetCountedCashFen(int64(count.Cash)).SetCountedCardFen(int64(count.Card)).SetExpectedCashFen(int64(expected.Cash)).
		SetExpectedCardFen(int64(expected.Card)).SetExplanation(count.Explanation).Exec(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, s.Store, audit.Change{OrgID: shift.StoreID, Action: "tillShiftClose", Subject: shiftSubject(shift.ID), Reason: count.Explanation,
		After: map[string]any{"countedCash": count.Cash, "countedCard": count.Card, "expectedCash": expected.Cash, "expectedCard": expected.Card}})
}

// Expected is what came in and went out at the tills of shifts by the books, by shift: receipts less payouts. A drawer holds the float on top.
func (s *Service) Expected(ctx context.Context, shiftIDs ...int64) (map[int64]Count, error) {
	expected := make(map[int64]Count, len(shiftIDs))
	for _, id := range shiftIDs {
		expected[id] = Count{}
	}
	rows, err := s.Store.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.OwnerIDIn(shiftIDs...), ledgeraccount.KindIn(enum.AccountTillCash, enum.AccountTillCard)).
		All(auth.WithinBrand(ctx))
	for _, row := range rows {
		count := expected[row.OwnerID]
		if row.Kind == enum.AccountTillCash {
			count.Cash += money.Fen(row.Balance)
		} else {
			count.Card += money.Fen(row.Balance)
		}
		expected[row.OwnerID] = count
	}
	return expected, err
}

// ownShift locks the clerk's open shift at the store; SHIFT_NOT_OPEN.
func (s *Service) ownShift(ctx context.Context, clerkID, storeID int64) (*ent.TillShift, error) {
	row, err := store.Locked(s.Store, s.Store.Client(ctx).TillShift.Query().Where(tillshift.OpenStaffID(clerkID), tillshift.StoreID(storeID), tillshift.StateEQ(enum.ShiftOpen))).Only(ctx)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.ShiftNotOpen)
	}
	return row, err
}

// Shifts tells other counters at a till in whose shift they act.
type Shifts struct{ Store *store.Store }

// ShiftOf is the open shift of staff at a store; nil without one. Who calls it has authorised the viewer as that staff. It locks nothing: a shift that is closed at
// the same moment may still be named, which changes none of its sums.
func (s Shifts) ShiftOf(ctx context.Context, staffID, storeID int64) (*int64, error) {
	row, err := s.Store.Client(ctx).TillShift.Query().Where(tillshift.OpenStaffID(staffID), tillshift.StoreID(storeID)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row.ID, nil
}

// MyShift is the viewer's open shift at a store; nil without one. Staff with WORK_TILL at the store call it. NOT_FOUND.
func (s *Service) MyShift(ctx context.Context, storeID int64) (*ent.TillShift, error) {
	clerk, err := s.actor(ctx, auth.WorkTill, storeID)
	if err != nil {
		return nil, err
	}
	row, err := s.Store.Client(ctx).TillShift.Query().Where(tillshift.OpenStaffID(clerk.ID), tillshift.StoreID(storeID)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

func shiftSubject(id int64) ids.ID { return ids.ID{Kind: ids.TillShift, Value: id} }
