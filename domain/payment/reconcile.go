package payment

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/merchantaccount"
	"dongxiao/ent/reconciliation"
	"dongxiao/ent/reconciliationdifference"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
	"dongxiao/internal/wechatpay"
)

const (
	// billReady is how long after the end of a day its bill is asked for: WeChat Pay has it at ten o'clock.
	billReady = 10*time.Hour + 30*time.Minute
	// lookBack is how many days back a day that was not reconciled is made up for.
	lookBack = 7
	// stuckAfter is when a reconciliation that has not ended is begun anew: its server is gone.
	stuckAfter = time.Hour
	// maxDifferences bounds what one reconciliation writes down; where there are more, something else is wrong than a line.
	maxDifferences = 10_000
	// billChunk is how many rows are compared with one statement.
	billChunk = 500
)

// day is a day of the bill's time zone as reconciliations name it, YYYYMMDD.
func day(t time.Time) int {
	t = t.In(wechatpay.Beijing)
	return t.Year()*10_000 + int(t.Month())*100 + t.Day()
}

// startOf is when the day begins; false where there is no such day.
func startOf(d int) (time.Time, bool) {
	t := time.Date(d/10_000, time.Month(d/100%100), d%100, 0, 0, 0, 0, wechatpay.Beijing)
	return t, day(t) == d && d > 2000_00_00
}

// ReconcileDue compares the days of all accounts that have a bill and were not compared yet, up to a week back. A periodic job calls it; what fails comes
// again with its next run.
func (s *Service) ReconcileDue(ctx context.Context) error {
	now := s.Clock.Now()
	accounts, err := s.Store.Client(ctx).MerchantAccount.Query().Order(merchantaccount.ByID()).All(ctx)
	if err != nil {
		return err
	}
	ended, err := s.Store.Client(ctx).Reconciliation.Query().Where(reconciliation.DayGTE(day(now.AddDate(0, 0, -lookBack))), reconciliation.StateNEQ(enum.ReconciliationRunning)).
		Select(reconciliation.FieldMerchantAccountID, reconciliation.FieldDay).All(ctx)
	if err != nil {
		return err
	}
	done := make(map[[2]int64]bool, len(ended))
	for _, r := range ended {
		done[[2]int64{r.MerchantAccountID, int64(r.Day)}] = true
	}
	for _, a := range accounts {
		ctx := system(ctx, a.BrandID)
		for back := lookBack; back >= 1; back-- {
			start, _ := startOf(day(now.AddDate(0, 0, -back)))
			end := start.AddDate(0, 0, 1)
			if now.Before(end.Add(billReady)) || !a.CreatedAt.Before(end) || done[[2]int64{a.ID, int64(day(start))}] {
				continue
			}
			if _, err := s.reconcile(ctx, a, day(start), false); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				s.Log.WarnContext(ctx, "a day could not be reconciled; it is tried again", "account", a.ID, "day", day(start), "error", err)
			}
		}
	}
	return nil
}

// Reconcile compares a day of an account with its bill now, again where it was compared before, for viewers with MANAGE_PAYMENTS at its org; differences that
// were explained stay explained. Codes: NOT_FOUND, INVALID_INPUT (no such day), BILL_NOT_READY, WECHAT_BUSY, WECHAT_UNAVAILABLE, CONFLICT (it is running).
func (s *Service) Reconcile(ctx context.Context, accountID int64, d int) (*ent.Reconciliation, error) {
	a, err := s.merchantAccount(ctx, auth.ManagePayments, accountID)
	if err != nil {
		return nil, atAccount(err)
	}
	start, ok := startOf(d)
	if !ok {
		return nil, apperr.Invalid("day", "YYYYMMDD")
	}
	if s.Clock.Now().Before(start.AddDate(0, 0, 1).Add(10 * time.Hour)) {
		return nil, apperr.New(apperr.BillNotReady).At("input", "day")
	}
	return s.reconcile(auth.WithinBrand(ctx), a, d, true)
}

func atAccount(err error) error {
	if apperr.CodeOf(err) == apperr.NotFound {
		return apperr.New(apperr.NotFound).At("input", "merchantAccountId")
	}
	return err
}

// ReconcileDay is Reconcile for the operator's command, over all accounts that the context reaches.
func (s *Service) ReconcileDay(ctx context.Context, d int, report func(*ent.MerchantAccount, *ent.Reconciliation, error)) error {
	if _, ok := startOf(d); !ok {
		return fmt.Errorf("%d is no day; write it as YYYYMMDD", d)
	}
	accounts, err := s.Store.Client(ctx).MerchantAccount.Query().Order(merchantaccount.ByID()).All(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		r, err := s.reconcile(system(ctx, a.BrandID), a, d, true)
		report(a, r, err)
	}
	return nil
}

// reconcile compares one day. The row is its claim: RUNNING while it is under way.
func (s *Service) reconcile(ctx context.Context, a *ent.MerchantAccount, d int, again bool) (*ent.Reconciliation, error) {
	r, claimed, err := s.claimDay(ctx, a, d, again)
	if err != nil || !claimed {
		if err == nil && again {
			err = apperr.New(apperr.Conflict)
		}
		return r, err
	}
	start, _ := startOf(d)
	c := &comparison{Service: s, account: a, from: start.UTC(), until: start.AddDate(0, 0, 1).UTC()}
	if err := c.run(ctx); err != nil {
		// Not done: the next run begins it anew.
		_ = s.Store.WithTx(context.WithoutCancel(ctx), func(ctx context.Context) error {
			return s.Store.Client(ctx).Reconciliation.Update().Where(reconciliation.ID(r.ID), reconciliation.StateEQ(enum.ReconciliationRunning)).
				SetFinishedAt(s.Clock.Now()).Exec(ctx)
		})
		if wechatpay.Is(err, wechatpay.KindBusy) {
			return nil, apperr.New(apperr.BillNotReady).Because(err)
		}
		return nil, wechatpay.Refusal(err)
	}
	return s.finish(ctx, r, c)
}

// claimDay makes or takes the row of a day: false where it is done, or somebody else is at it.
func (s *Service) claimDay(ctx context.Context, a *ent.MerchantAccount, d int, again bool) (r *ent.Reconciliation, claimed bool, err error) {
	now := s.Clock.Now()
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		r, err = client.Reconciliation.Query().Where(reconciliation.MerchantAccountID(a.ID), reconciliation.Day(d)).Only(ctx)
		if ent.IsNotFound(err) {
			r, err = client.Reconciliation.Create().SetCreatedAt(now).SetMerchantAccountID(a.ID).SetOrgID(a.OrgID).SetDay(d).Save(ctx)
			if store.IsDuplicate(err, reconciliation.Table, "merchant_account_id", "day") {
				return nil
			}
			claimed = err == nil
			return err
		}
		if err != nil {
			return err
		}
		// A run that failed has an end and is RUNNING still. A run that died has none, and is taken over when it is old.
		running := r.State == enum.ReconciliationRunning
		if running && r.FinishedAt == nil && now.Before(r.CreatedAt.Add(stuckAfter)) || !running && !again {
			return nil
		}
		update := client.Reconciliation.Update().Where(reconciliation.ID(r.ID), reconciliation.StateEQ(r.State)).SetState(enum.ReconciliationRunning).ClearFinishedAt()
		if r.FinishedAt != nil {
			update.Where(reconciliation.FinishedAt(*r.FinishedAt))
		}
		n, err := update.Save(ctx)
		claimed = n == 1
		return err
	})
	return r, claimed, err
}

// finish writes the differences down and ends the reconciliation. Open differences of an earlier run are replaced; explained ones stay.
func (s *Service) finish(ctx context.Context, r *ent.Reconciliation, c *comparison) (*ent.Reconciliation, error) {
	openCount := 0
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		of := reconciliationdifference.ReconciliationID(r.ID)
		if _, err := client.ReconciliationDifference.Delete().Where(of, reconciliationdifference.ExplainedAtIsNil()).Exec(ctx); err != nil {
			return err
		}
		explained, err := client.ReconciliationDifference.Query().Where(of).All(ctx)
		if err != nil {
			return err
		}
		known := map[[2]string]bool{}
		for _, e := range explained {
			known[[2]string{string(e.Kind), e.Number}] = true
		}
		openCount = 0
		for _, d := range c.differences {
			if known[[2]string{string(d.kind), d.number}] {
				continue
			}
			known[[2]string{string(d.kind), d.number}] = true
			openCount++
			if err := client.ReconciliationDifference.Create().SetReconciliationID(r.ID).SetOrgID(r.OrgID).SetKind(d.kind).SetNumber(d.number).
				SetOursFen(d.ours).SetTheirsFen(d.theirs).Exec(ctx); err != nil {
				return err
			}
		}
		state := enum.ReconciliationClean
		if openCount > 0 || len(explained) > 0 {
			state = enum.ReconciliationDifferent
		}
		return client.Reconciliation.Update().Where(reconciliation.ID(r.ID), reconciliation.StateEQ(enum.ReconciliationRunning)).SetState(state).
			SetPayments(c.payments).SetRefunds(c.refunds).SetDifferences(openCount).SetFinishedAt(s.Clock.Now()).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	if openCount > 0 {
		s.alert(ctx, alertBill, "the bill of WeChat Pay and the books differ", "account", r.MerchantAccountID, "day", r.Day, "differences", openCount)
	}
	return s.Store.Client(ctx).Reconciliation.Get(ctx, r.ID)
}

// Reconciliations lists the reconciliations of orgs at which the viewer has READ_PAYMENTS, newest day first, or of one org or in one state. Codes: NOT_FOUND,
// PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Reconciliations(ctx context.Context, orgID *int64, state *enum.ReconciliationState, first *int, after *string) (*listing.Page[*ent.Reconciliation], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).Reconciliation.Query()
	scope, org, err := s.orgScope(ctx, orgID, reconciliation.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(scope)
	var in enum.ReconciliationState
	if state != nil {
		in = *state
		query.Where(reconciliation.StateEQ(in))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "reconciliations", org, in)
	var d, id int64
	if some, err := list.After(after, &d, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(reconciliation.Or(reconciliation.DayLT(int(d)), reconciliation.And(reconciliation.Day(int(d)), reconciliation.IDLT(id))))
	}
	rows, err := query.Order(reconciliation.ByDay(sql.OrderDesc()), reconciliation.ByID(sql.OrderDesc())).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(r *ent.Reconciliation) []any { return []any{int64(r.Day), r.ID} })
}

// Differences lists the differences of a reconciliation that the caller may see, open ones and explained ones, oldest first. Codes: PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Differences(ctx context.Context, reconciliationID int64, first *int, after *string) (*listing.Page[*ent.ReconciliationDifference], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).ReconciliationDifference.Query().Where(reconciliationdifference.ReconciliationID(reconciliationID))
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "reconciliationDifferences", reconciliationID)
	var last int64
	if some, err := list.After(after, &last); err != nil {
		return nil, err
	} else if some {
		query.Where(reconciliationdifference.IDGT(last))
	}
	rows, err := query.Order(reconciliationdifference.ByID()).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(d *ent.ReconciliationDifference) []any { return []any{d.ID} })
}

// Explain closes an open difference with a note, for viewers with MANAGE_PAYMENTS at its org; note, count and audit entry are written together. Codes: NOT_FOUND,
// INVALID_INPUT (the note is missing or too long), CONFLICT (it was explained meanwhile).
func (s *Service) Explain(ctx context.Context, id int64, note string) (*ent.ReconciliationDifference, error) {
	note, err := text.Text(note, 1, maxNote, "note")
	if err != nil {
		return nil, err
	}
	v, within := auth.FromContext(ctx), auth.WithinBrand(ctx)
	row, err := s.Store.Client(ctx).ReconciliationDifference.Query().Where(reconciliationdifference.ID(id)).Only(within)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.ManagePayments, row.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	by, err := s.staffRow(within, v)
	if err != nil {
		return nil, err
	}
	err = s.Store.WithTx(within, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		n, err := client.ReconciliationDifference.Update().Where(reconciliationdifference.ID(id), reconciliationdifference.ExplainedAtIsNil()).SetNote(note).
			SetExplainedBy(by).SetExplainedAt(s.Clock.Now()).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict).At("input", "id")
		}
		if err := client.Reconciliation.Update().Where(reconciliation.ID(row.ReconciliationID)).AddDifferences(-1).Exec(ctx); err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: row.OrgID, Action: "reconciliationDifferenceExplain", Subject: row.NodeID(), Reason: note,
			Before: map[string]any{"explained": false}, After: map[string]any{"explained": true}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(within).ReconciliationDifference.Get(within, id)
}

// staffRow is an active staff row of the viewer that gives MANAGE_PAYMENTS.
func (s *Service) staffRow(ctx context.Context, v auth.Viewer) (int64, error) {
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(v.PersonID), staff.StateEQ(enum.StaffActive), staff.OrgIDIn(v.OrgsWith(auth.ManagePayments)...)).
		Order(staff.ByID()).All(ctx)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if row.Role.Can(auth.ManagePayments) {
			return row.ID, nil
		}
	}
	return 0, apperr.New(apperr.NotFound).At("input", "id")
}
