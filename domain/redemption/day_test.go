package redemption_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/download"
	"dongxiao/internal/testkit"
)

func TestStoreDay(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		shift := x.Store.Client(t.Context()).TillShift.Create().SetStoreID(w.Store1.ID).SetStaffID(x.clerkRow.ID).SetOpenStaffID(x.clerkRow.ID).SetFloatFen(0).SaveX(x.system(t))
		colleague, other := x.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		shared := x.template(t, x.Root, funded(map[*ent.Org]int{w.Root: 6000, w.Store1: 4000}))
		redeem := func(at time.Time, viewer auth.Viewer) *ent.Redemption {
			x.Clock.Set(at)
			row, err := x.confirm(t, x.redemptions, viewer, x.confirmation(t, x.give(t, shared, x.member)))
			require.NoError(t, err)
			return row
		}
		midnight := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC) // of the 23rd in the brand's time zone
		redeem(midnight.Add(-time.Microsecond), x.clerk)
		redeem(midnight, x.clerk)
		redeem(midnight.Add(time.Hour), x.clerk)
		undone := redeem(midnight.Add(time.Hour), other)
		_, err := x.redemptions.Reverse(testkit.As(t, x.manager), undone.ID, "误操作")
		require.NoError(t, err)
		redeem(midnight.Add(24*time.Hour-time.Microsecond), other)
		redeem(midnight.Add(24*time.Hour), other)

		_, distributor := x.NewStaff(t, auth.Mall, w.Distributor, auth.Owner)
		for _, v := range []auth.Viewer{x.manager, distributor} {
			day, err := x.redemptions.DayOf(testkit.As(t, v), w.Store1.ID, "2026-11-23")
			require.NoError(t, err)
			require.Len(t, day.Lines, 2)
			mine, theirs := day.Lines[0], day.Lines[1]
			if mine.StaffID != x.clerkRow.ID {
				mine, theirs = theirs, mine
			}
			require.Equal(t, []any{2, 2000, 0, shift.ID}, []any{mine.Redeemed, int(mine.Discount), mine.Reversed, *mine.ShiftID})
			require.Equal(t, []any{1, 1000, 1, colleague.ID}, []any{theirs.Redeemed, int(theirs.Discount), theirs.Reversed, theirs.StaffID})
			require.Nil(t, theirs.ShiftID)
			bears := map[int64]int{}
			for _, share := range day.Total.Shares {
				bears[share.OrgID] = int(share.Amount)
			}
			require.Equal(t, map[int64]int{w.Root.ID: 1800, w.Store1.ID: 1200}, bears)
			require.Equal(t, []int{3, 3000, 1}, []int{day.Total.Redeemed, int(day.Total.Discount), day.Total.Reversed})
		}
		day, err := x.redemptions.DayOf(testkit.As(t, x.manager), w.Store1.ID, "2026-01-01")
		require.NoError(t, err)
		require.Empty(t, day.Lines)
		require.Equal(t, []quote.Share{}, day.Total.Shares)

		_, elsewhere := x.NewStaff(t, auth.Portal, w.Store2, auth.Owner)
		foreign := x.manager
		foreign.BrandID = w.NewBrand(t).ID
		for name, v := range map[string]auth.Viewer{"a clerk": x.clerk, "another store's owner": elsewhere, "another brand": foreign} {
			_, err := x.redemptions.DayOf(testkit.As(t, v), w.Store1.ID, "2026-11-23")
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err), name)
			_, err = x.redemptions.DayLink(testkit.As(t, v), w.Store1.ID, "2026-11-23", download.CSV)
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err), name)
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
