package redemption_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// funded makes orgs pay for a template, each its share in basis points.
func funded(shares map[*ent.Org]int) func(*document.CouponRule) {
	return func(r *document.CouponRule) {
		r.Funders = nil
		for funder, share := range shares {
			r.Funders = append(r.Funders, document.Funder{OrgID: funder.ID, BasisPoints: money.BasisPoints(share)})
		}
	}
}

// owed is what each org owes Store1 for a redemption.
func (x *till) owed(t *testing.T, redemptionID int64) map[int64]int64 {
	t.Helper()
	owed := map[int64]int64{}
	for _, line := range x.Store.Client(t.Context()).ClearingLine.Query().Where(clearingline.KindEQ(enum.ClearCoupon), clearingline.SubjectID(redemptionID)).AllX(x.system(t)) {
		require.Equal(t, x.Store1.ID, line.CreditorOrgID)
		require.Equal(t, line.FaceFen, line.AmountFen, "coupons have no fee")
		owed[line.DebtorOrgID] += line.AmountFen
	}
	return owed
}

func TestFundersOwe(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		closed := w.NewOrg(t, w.Root, enum.OrgStore)
		x.Store.Client(t.Context()).Org.UpdateOne(closed).SetState(enum.OrgClosed).SetSuccessorID(w.Distributor.ID).ExecX(x.system(t))
		for name, c := range map[string]struct {
			funders  map[*ent.Org]int
			purchase int64
			owed     map[int64]int64
		}{
			"the brand alone":            {map[*ent.Org]int{w.Root: 10_000}, 5000, map[int64]int64{w.Root.ID: 1000}},
			"the store alone":            {map[*ent.Org]int{w.Store1: 10_000}, 5000, map[int64]int64{}},
			"the brand and the store":    {map[*ent.Org]int{w.Root: 6000, w.Store1: 4000}, 5000, map[int64]int64{w.Root.ID: 600}},
			"to the fen":                 {map[*ent.Org]int{w.Root: 3333, w.Region: 3333, w.Distributor: 3334}, 101, map[int64]int64{w.Root.ID: 33, w.Region.ID: 34, w.Distributor.ID: 34}},
			"a share of nothing":         {map[*ent.Org]int{w.Root: 1, w.Store1: 9999}, 5000, map[int64]int64{}},
			"a successor":                {map[*ent.Org]int{closed: 10_000}, 5000, map[int64]int64{w.Distributor.ID: 1000}},
			"a successor that pays more": {map[*ent.Org]int{closed: 5000, w.Distributor: 5000}, 5000, map[int64]int64{w.Distributor.ID: 1000}},
		} {
			confirmation := x.confirmation(t, x.give(t, x.template(t, x.Root, funded(c.funders)), x.member))
			confirmation.Bill.Purchase = money.Fen(c.purchase)
			row, err := x.confirm(t, x.redemptions, x.clerk, confirmation)
			require.NoError(t, err, name)
			if name == "to the fen" { // who gets the fen that is over is the first of equals, and maps have no order
				var sum int64
				for _, amount := range x.owed(t, row.ID) {
					require.InDelta(t, 33.67, amount, 0.7)
					sum += amount
				}
				require.EqualValues(t, 101, sum)
				continue
			}
			require.Equal(t, c.owed, x.owed(t, row.ID), name)
			if name == "the store alone" {
				require.Zero(t, x.Store.Client(t.Context()).LedgerPosting.Query().Where(ledgerposting.SubjectID(row.ID)).CountX(x.system(t)), "nobody owes anything")
			}
			_, err = x.redemptions.Reverse(testkit.As(t, x.manager), row.ID, "误操作")
			require.NoError(t, err, name)
			for id, amount := range x.owed(t, row.ID) {
				require.Zero(t, amount, "%s: org %d", name, id)
			}
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// A redemption is undone after the month has been settled: the reversal is on the next statement.
func TestReverseAfterPeriodClose(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		client, ctx := x.Store.Client(t.Context()), x.system(t)
		x.Clock.Set(time.Date(2026, 11, 30, 15, 59, 0, 0, time.UTC)) // a minute before the month ends in the brand's time zone
		client.Brand.UpdateOneID(w.Brand.ID).SetReversalMinutes(24 * 60).ExecX(auth.Operator(t.Context()))
		row, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, x.give(t, x.template(t, x.Root, nil), x.member)))
		require.NoError(t, err)
		books := clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: org.New(w.Store, w.Clock, nil), Ledger: ledger.New(w.Store)})
		x.Clock.Advance(7 * time.Hour)
		_, err = books.MakeDue(t.Context(), 1000)
		require.NoError(t, err)
		statement := client.ClearingStatement.Query().OnlyX(ctx)
		require.Equal(t, []int64{202611, 1000}, []int64{int64(statement.Period), statement.FirstOwesFen + statement.SecondOwesFen})

		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), row.ID, "月底误操作")
		require.NoError(t, err)
		require.Equal(t, statement.String(), client.ClearingStatement.GetX(ctx, statement.ID).String(), "what was made does not change")
		reversal := client.ClearingLine.Query().Where(clearingline.ReversesIDNotNil()).OnlyX(ctx)
		require.Nil(t, reversal.StatementID)
		require.Equal(t, []int64{202612, -1000}, []int64{int64(reversal.Period), reversal.AmountFen})
		x.Clock.Advance(31 * 24 * time.Hour)
		_, err = books.MakeDue(t.Context(), 1000)
		require.NoError(t, err)
		require.Equal(t, 2, client.ClearingStatement.Query().CountX(ctx))
		require.Equal(t, map[int64]int64{w.Root.ID: 0}, x.owed(t, row.ID))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
