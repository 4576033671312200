package clearing

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/clearingstatement"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// Transitions of a statement; each holds its row by a conditional write, and then writes its lines:
//
//	ISSUED   → CONFIRMED  the second of the two sides confirmed; final
//	ISSUED   → DISPUTED   a side disputes a line; what was confirmed is not any more
//	DISPUTED → ISSUED     the last disputed line was kept (withdrawn) or moved to the next month (accepted)

// maxReason is how long the reason of a dispute may be.
const maxReason = 200

// Confirmation is what Confirm takes.
type Confirmation struct {
	StatementID int64
	// OrgID is the side that confirms.
	OrgID int64
	// FirstOwes and SecondOwes are the sums that were seen and are confirmed.
	FirstOwes, SecondOwes money.Fen
}

// Confirm says for one side that a statement is right; with the other side's word it is CONFIRMED and never changes. Staff with CONFIRM_CLEARING by a role at
// that very org call it, at its successor where the org was closed: a role above does not speak for it. To confirm again changes nothing. It refuses
// with NOT_FOUND, CLEARING_LINE_DISPUTED, and CONFLICT where the sums are not those that were seen.
func (s *Service) Confirm(ctx context.Context, in Confirmation) (*ent.ClearingStatement, error) {
	return s.settle(ctx, in.StatementID, func(ctx context.Context, st *ent.ClearingStatement) error {
		side, err := s.speaks(ctx, st, in.OrgID)
		if err != nil {
			return err
		}
		own, at, by, other := clearingstatement.FirstConfirmedAtIsNil(), clearingstatement.FieldFirstConfirmedAt, clearingstatement.FieldFirstConfirmedBy,
			clearingstatement.FieldSecondConfirmedAt
		if in.OrgID == st.SecondOrgID {
			own, at, by, other = clearingstatement.SecondConfirmedAtIsNil(), clearingstatement.FieldSecondConfirmedAt, clearingstatement.FieldSecondConfirmedBy,
				clearingstatement.FieldFirstConfirmedAt
		}
		n, err := s.Store.Client(ctx).ClearingStatement.Update().Where(clearingstatement.ID(st.ID), clearingstatement.StateEQ(enum.StatementIssued), own,
			clearingstatement.FirstOwesFen(int64(in.FirstOwes)), clearingstatement.SecondOwesFen(int64(in.SecondOwes))).Modify(func(u *sql.UpdateBuilder) {
			u.Set(clearingstatement.FieldState, sql.Expr("CASE WHEN "+other+" IS NULL THEN 'ISSUED' ELSE 'CONFIRMED' END")).Set(at, s.Clock.Now()).Set(by, side.ID)
		}).Save(ctx)
		if err != nil {
			return err
		}
		if n == 1 {
			return s.record(ctx, st, side, "clearingStatementConfirm", "", map[string]any{"firstOwes": in.FirstOwes, "secondOwes": in.SecondOwes})
		}
		now, err := s.lockStatement(ctx, st.ID)
		switch {
		case err != nil:
			return err
		case now.FirstOwesFen != int64(in.FirstOwes) || now.SecondOwesFen != int64(in.SecondOwes):
			return apperr.New(apperr.Conflict)
		case now.State == enum.StatementDisputed:
			return apperr.New(apperr.ClearingLineDisputed)
		case in.OrgID == now.FirstOrgID && now.FirstConfirmedAt == nil, in.OrgID == now.SecondOrgID && now.SecondConfirmedAt == nil:
			return apperr.New(apperr.Conflict)
		}
		return nil
	})
}

// Dispute says for one side that a line of a statement is not right, and why. The statement is DISPUTED, and what was confirmed is not any more. Who may
// is as in Confirm. To dispute again what the same side disputes changes nothing. It refuses with NOT_FOUND (also for a line on no statement),
// REASON_REQUIRED, INVALID_INPUT, CLEARING_STATEMENT_CONFIRMED, and CLEARING_LINE_DISPUTED where the other side did.
func (s *Service) Dispute(ctx context.Context, lineID, orgID int64, reason string) (*ent.ClearingLine, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	return s.settleLine(ctx, lineID, func(ctx context.Context, st *ent.ClearingStatement) error {
		side, err := s.speaks(ctx, st, orgID)
		if err != nil {
			return err
		}
		client := s.Store.Client(ctx)
		n, err := client.ClearingStatement.Update().Where(clearingstatement.ID(st.ID), clearingstatement.StateIn(enum.StatementIssued, enum.StatementDisputed)).
			SetState(enum.StatementDisputed).ClearFirstConfirmedAt().ClearFirstConfirmedBy().ClearSecondConfirmedAt().ClearSecondConfirmedBy().Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.ClearingStatementConfirmed)
		}
		n, err = client.ClearingLine.Update().Where(clearingline.ID(lineID), clearingline.StatementID(st.ID), clearingline.StateEQ(enum.LineOpen)).
			SetState(enum.LineDisputed).SetDisputeReason(reason).SetDisputedBy(side.ID).Save(ctx)
		if err != nil {
			return err
		}
		if n == 1 {
			return s.record(ctx, st, side, "clearingLineDispute", reason, map[string]any{"line": ids.Encode(ids.ClearingLine, lineID)})
		}
		now, err := s.lockLine(ctx, lineID)
		switch {
		case err != nil:
			return err
		case now.StatementID == nil || *now.StatementID != st.ID:
			return apperr.New(apperr.Conflict)
		}
		if by, err := s.disputer(ctx, st, now); err != nil || by == orgID {
			return err
		}
		return apperr.New(apperr.ClearingLineDisputed)
	})
}

// Withdraw takes a dispute back, by the side that disputes: the line stays on its statement. Who may is as in Confirm. To withdraw what is not disputed
// changes nothing. It refuses with NOT_FOUND, and CLEARING_OTHER_SIDE where it is for the other side to withdraw.
func (s *Service) Withdraw(ctx context.Context, lineID, orgID int64) (*ent.ClearingLine, error) {
	return s.resolve(ctx, lineID, orgID, "clearingDisputeWithdraw", true)
}

// Accept agrees to a dispute, by the side that does not dispute: the line leaves the statement, whose sums are made anew, and is on the pair's next one. What
// is owed follows from what was spent and is not changed by it: a payment that was wrong is given back, and its reversal meets the line there. Who
// may is as in Confirm. It refuses with NOT_FOUND, CLEARING_OTHER_SIDE for the side that disputes, and CONFLICT for what is not disputed any more.
func (s *Service) Accept(ctx context.Context, lineID, orgID int64) (*ent.ClearingLine, error) {
	return s.resolve(ctx, lineID, orgID, "clearingDisputeAccept", false)
}

func (s *Service) resolve(ctx context.Context, lineID, orgID int64, action string, withdraw bool) (*ent.ClearingLine, error) {
	return s.settleLine(ctx, lineID, func(ctx context.Context, st *ent.ClearingStatement) error {
		side, err := s.speaks(ctx, st, orgID)
		if err != nil {
			return err
		}
		client := s.Store.Client(ctx)
		// Holds the statement: its lines are not disputed, withdrawn or moved by others until the commit.
		n, err := client.ClearingStatement.Update().Where(clearingstatement.ID(st.ID), clearingstatement.StateEQ(enum.StatementDisputed)).
			SetState(enum.StatementDisputed).Save(ctx)
		if err != nil {
			return err
		}
		line, err := s.lockLine(ctx, lineID)
		if err != nil {
			return err
		}
		if n != 1 || line.State != enum.LineDisputed || line.StatementID == nil || *line.StatementID != st.ID {
			if withdraw {
				return nil
			}
			return apperr.New(apperr.Conflict)
		}
		by, err := s.disputer(ctx, st, line)
		if err != nil {
			return err
		}
		if (by == orgID) != withdraw {
			return apperr.New(apperr.ClearingOtherSide)
		}
		update := client.ClearingLine.Update().Where(clearingline.ID(lineID), clearingline.StateEQ(enum.LineDisputed)).SetState(enum.LineOpen).
			SetDisputeReason("").ClearDisputedBy()
		if !withdraw {
			update.ClearStatementID().Modify(func(u *sql.UpdateBuilder) { u.Set(clearingline.FieldPeriod, after(st.Period)) })
		}
		if n, err = update.Save(ctx); err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict)
		}
		if !withdraw {
			if err := s.addUp(ctx, st.ID); err != nil {
				return err
			}
		}
		brandID := auth.FromContext(ctx).BrandID
		if _, err = client.ExecContext(ctx, `UPDATE clearing_statements SET state = CASE WHEN EXISTS (SELECT 1 FROM clearing_lines l WHERE l.brand_id = ? AND l.statement_id = ?
			AND l.state = 'DISPUTED') THEN 'DISPUTED' ELSE 'ISSUED' END WHERE brand_id = ? AND id = ?`, brandID, st.ID, brandID, st.ID); err != nil {
			return err
		}
		return s.record(ctx, st, side, action, line.DisputeReason, map[string]any{"line": ids.Encode(ids.ClearingLine, lineID)})
	})
}

// settle runs act on a statement in a transaction and answers with what it is after.
func (s *Service) settle(ctx context.Context, id int64, act func(context.Context, *ent.ClearingStatement) error) (*ent.ClearingStatement, error) {
	ctx = auth.WithinBrand(ctx)
	if err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		st, err := s.Store.Client(ctx).ClearingStatement.Get(ctx, id)
		if err != nil {
			return err
		}
		return act(ctx, st)
	}); err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).ClearingStatement.Get(ctx, id)
}

// settleLine runs act on a line and the statement that it is on, and answers with what the line is after.
func (s *Service) settleLine(ctx context.Context, id int64, act func(context.Context, *ent.ClearingStatement) error) (*ent.ClearingLine, error) {
	ctx = auth.WithinBrand(ctx)
	if err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		line, err := s.Store.Client(ctx).ClearingLine.Get(ctx, id)
		if err != nil {
			return err
		}
		if line.StatementID == nil {
			return apperr.New(apperr.NotFound)
		}
		st, err := s.Store.Client(ctx).ClearingStatement.Get(ctx, *line.StatementID)
		if err != nil {
			return err
		}
		return act(ctx, st)
	}); err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).ClearingLine.Get(ctx, id)
}

// lockLine reads a line as it is now.
func (s *Service) lockLine(ctx context.Context, id int64) (*ent.ClearingLine, error) {
	return store.Locked(s.Store, s.Store.Client(ctx).ClearingLine.Query().Where(clearingline.ID(id))).Only(ctx)
}

// lockStatement reads a statement as it is now.
func (s *Service) lockStatement(ctx context.Context, id int64) (*ent.ClearingStatement, error) {
	return store.Locked(s.Store, s.Store.Client(ctx).ClearingStatement.Query().Where(clearingstatement.ID(id))).Only(ctx)
}

// speaks gives the viewer's staff row by which it speaks for the side of the statement; NOT_FOUND where it does not.
func (s *Service) speaks(ctx context.Context, st *ent.ClearingStatement, orgID int64) (*ent.Staff, error) {
	if orgID != st.FirstOrgID && orgID != st.SecondOrgID {
		return nil, apperr.New(apperr.NotFound)
	}
	owner, err := s.owners(ctx, map[int64]bool{orgID: true})
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(auth.FromContext(ctx).PersonID), staff.OrgID(owner(orgID)),
		staff.StateEQ(enum.StaffActive)).Order(staff.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.Role.Can(auth.ConfirmClearing) {
			return row, nil
		}
	}
	return nil, apperr.New(apperr.NotFound)
}

// disputer is the side of the statement whose staff disputed the line.
func (s *Service) disputer(ctx context.Context, st *ent.ClearingStatement, line *ent.ClearingLine) (int64, error) {
	if line.DisputedBy == nil {
		return 0, apperr.New(apperr.Conflict)
	}
	row, err := s.Store.Client(ctx).Staff.Get(ctx, *line.DisputedBy)
	if err != nil {
		return 0, err
	}
	owner, err := s.owners(ctx, map[int64]bool{st.FirstOrgID: true, st.SecondOrgID: true})
	if err != nil {
		return 0, err
	}
	for _, side := range []int64{st.FirstOrgID, st.SecondOrgID} {
		if row.OrgID == side || row.OrgID == owner(side) {
			return side, nil
		}
	}
	return 0, apperr.New(apperr.Conflict)
}

// record writes what a side did to a statement into the audit log.
func (s *Service) record(ctx context.Context, st *ent.ClearingStatement, side *ent.Staff, action, reason string, after map[string]any) error {
	return audit.Record(ctx, s.Store, audit.Change{OrgID: side.OrgID, Action: action, Subject: ids.ID{Kind: ids.ClearingStatement, Value: st.ID}, After: after, Reason: reason})
}
