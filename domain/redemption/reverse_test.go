package redemption_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/redemption"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/testkit"
)

func TestReverseAndRedeemAgain(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		given := x.give(t, x.template(t, x.Root, nil), x.member)
		first, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err)
		x.Clock.Advance(30*time.Minute - time.Microsecond)
		undone, err := x.redemptions.Reverse(testkit.As(t, x.manager), first.ID, "  顾客换了另一张券 ")
		require.NoError(t, err)
		require.Equal(t, enum.RedemptionReversed, undone.State)
		require.Nil(t, undone.ActiveSubjectID)
		require.Equal(t, "顾客换了另一张券", undone.ReverseReason)
		require.Equal(t, x.Clock.Now(), undone.ReversedAt.UTC())
		require.NotNil(t, undone.ReversedBy)
		back := x.Store.Client(t.Context()).Coupon.GetX(x.system(t), given.ID)
		require.Equal(t, enum.CouponEffective, back.State)

		second, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err)
		require.NotEqual(t, first.ID, second.ID)
		require.Equal(t, books{redemptions: 2, confirmed: 1, used: 1, keys: 4, events: 3, audits: 3}, x.books(t))
		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), first.ID, "再撤一次")
		require.Equal(t, apperr.RedemptionAlreadyReversed, apperr.CodeOf(err))
		require.Equal(t, books{redemptions: 2, confirmed: 1, used: 1, keys: 4, events: 3, audits: 3}, x.books(t))
		events, _, err := x.events.Page(testkit.As(t, x.shopper), 0, nil)
		require.NoError(t, err)
		require.Equal(t, []enum.MemberEventKind{enum.EventCouponRedeemed, enum.EventCouponReturned, enum.EventCouponRedeemed},
			[]enum.MemberEventKind{events[0].Kind, events[1].Kind, events[2].Kind})
	})
}

func TestReverseRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		row, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, x.give(t, x.template(t, x.Root, nil), x.member)))
		require.NoError(t, err)
		_, elsewhere := x.NewStaff(t, auth.Staff, x.Store2, auth.Manager)
		otherBrand := x.manager
		otherBrand.BrandID = x.NewBrand(t).ID
		x.Store.Client(t.Context()).Staff.Create().SetOrgID(x.Store1.ID).SetRole(auth.Manager).SetPersonID(x.member.PersonID).SetName("店长").
			SetState(enum.StaffActive).ExecX(x.system(t))
		self := x.manager
		self.PersonID = x.member.PersonID
		before := x.books(t)
		refused := func(viewer auth.Viewer, id int64, reason string, code apperr.Code) {
			t.Helper()
			_, err := x.redemptions.Reverse(testkit.As(t, viewer), id, reason)
			require.Equal(t, code, apperr.CodeOf(err), "%v", err)
			require.Equal(t, before, x.books(t))
		}
		refused(x.manager, row.ID, " \n", apperr.ReasonRequired)
		refused(x.manager, row.ID, strings.Repeat("长", 256), apperr.InvalidInput)
		refused(x.manager, 0, "误操作", apperr.NotFound)
		refused(x.clerk, row.ID, "误操作", apperr.NotFound)
		refused(elsewhere, row.ID, "误操作", apperr.NotFound)
		refused(otherBrand, row.ID, "误操作", apperr.NotFound)
		refused(self, row.ID, "误操作", apperr.SelfRedemption)
		x.Clock.Advance(30 * time.Minute)
		refused(x.manager, row.ID, "误操作", apperr.RedemptionWindowClosed)
	})
}

// A coupon whose time ended after it was used comes back expired.
func TestReverseAfterExpiry(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		given := x.give(t, x.template(t, x.Root, nil), x.member)
		x.Store.Client(t.Context()).Coupon.UpdateOne(given).SetExpiresAt(x.Clock.Now().Add(time.Microsecond)).ExecX(x.system(t))
		row, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err, "the last microsecond counts")
		x.Clock.Advance(time.Minute)
		_, admin := x.NewStaff(t, auth.Console, x.Root, auth.Admin)
		_, err = x.redemptions.Reverse(testkit.As(t, admin), row.ID, "误操作")
		require.NoError(t, err)
		require.Equal(t, enum.CouponExpired, x.Store.Client(t.Context()).Coupon.GetX(x.system(t), given.ID).State)
		x.refused(t, x.clerk, x.confirmation(t, given), apperr.CouponExpired)
	})
}

// Of a member who left meanwhile the redemption is undone, and nothing that could be used comes back.
func TestReverseAfterTheMemberLeft(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		given := x.give(t, x.template(t, x.Root, nil), x.member)
		row, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err)
		x.Store.Client(t.Context()).Member.UpdateOneID(x.member.ID).SetState(enum.MemberCancelled).SetCancelledAt(x.Clock.Now()).ExecX(x.system(t))
		undone, err := x.redemptions.Reverse(testkit.As(t, x.manager), row.ID, "误操作")
		require.NoError(t, err)
		require.Equal(t, enum.RedemptionReversed, undone.State)
		back := x.Store.Client(t.Context()).Coupon.GetX(x.system(t), given.ID)
		require.Equal(t, enum.CouponRevoked, back.State)
		require.Nil(t, back.UsedAt)
		require.Equal(t, books{redemptions: 1, keys: 2, events: 2, audits: 2}, x.books(t))
	})
}

func TestLocationOnlyMarks(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		here := geo.Coordinate{Latitude: x.Store1.Latitude, Longitude: x.Store1.Longitude, System: geo.GCJ02}
		there := here
		there.Latitude += 0.02 // some two kilometres
		wrong := here
		wrong.Longitude = 181
		for _, row := range []struct {
			at      geo.Coordinate
			least   int
			review  bool
			outcome apperr.Code
		}{{here, 0, false, ""}, {there, 2000, true, ""}, {wrong, 0, false, apperr.CoordinateOutOfRange}} {
			c := x.confirmation(t, x.give(t, template, x.member))
			c.Location = &row.at
			if row.outcome != "" {
				x.refused(t, x.clerk, c, row.outcome)
				continue
			}
			done, err := x.confirm(t, x.redemptions, x.clerk, c)
			require.NoError(t, err)
			require.Equal(t, row.review, done.NeedsReview)
			require.GreaterOrEqual(t, done.DistanceMetres, row.least)
			require.Less(t, done.DistanceMetres, row.least+500)
			c.Location = nil
			again, err := x.confirm(t, x.redemptions, x.clerk, c)
			require.NoError(t, err, "a repeat from another place is the same call")
			require.Equal(t, done.ID, again.ID)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		_, clerk2 := x.NewStaff(t, auth.Staff, x.Store2, auth.Clerk)
		_, finance := x.NewStaff(t, auth.Console, x.Region, auth.Finance)
		_, distributor := x.NewStaff(t, auth.Portal, x.Distributor, auth.Owner)
		_, inspector := x.NewStaff(t, auth.Staff, x.Root, auth.Inspector)
		var ids []int64
		for i := range 5 {
			viewer, c := x.clerk, x.confirmation(t, x.give(t, template, x.member))
			if i == 4 {
				viewer, c.StoreID = clerk2, x.Store2.ID
			}
			row, err := x.confirm(t, x.redemptions, viewer, c)
			require.NoError(t, err)
			ids = append([]int64{row.ID}, ids...)
			if i%2 == 0 {
				x.Clock.Advance(time.Second)
			}
		}
		list := func(viewer auth.Viewer, storeID *int64) (listed []int64) {
			t.Helper()
			two := 2
			var after *string
			for {
				page, err := x.redemptions.List(testkit.As(t, viewer), storeID, false, &two, after)
				require.NoError(t, err)
				for _, r := range page.Nodes {
					listed = append(listed, r.ID)
				}
				if !page.HasNext {
					return listed
				}
				after = &page.EndCursor
			}
		}
		require.Equal(t, ids, list(finance, nil))
		require.Equal(t, ids[:1], list(finance, &x.Store2.ID))
		require.Equal(t, ids[1:], list(x.clerk, nil))
		require.Equal(t, ids[1:], list(distributor, nil))
		require.Equal(t, ids[:1], list(clerk2, nil))
		require.Empty(t, list(inspector, nil), "sees the stores but has not the capability")
		_, err := x.redemptions.List(testkit.As(t, x.clerk), &x.Store2.ID, false, nil, nil)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		zero, wrong := 0, "wrong"
		_, err = x.redemptions.List(testkit.As(t, x.clerk), nil, false, &zero, nil)
		require.Equal(t, apperr.PageSizeInvalid, apperr.CodeOf(err))
		_, err = x.redemptions.List(testkit.As(t, x.clerk), nil, false, nil, &wrong)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))
	})
}

func TestPreviewRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		refused := func(viewer auth.Viewer, code string, storeID int64, want apperr.Code) {
			t.Helper()
			_, _, err := x.preview(t, viewer, code, storeID, 0)
			require.Equal(t, want, apperr.CodeOf(err), "%v", err)
		}
		good := x.code(t, x.member)
		refused(x.clerk, good, x.Store2.ID, apperr.NotFound)
		refused(x.shopper, good, x.Store1.ID, apperr.NotFound)
		refused(x.clerk, "1", x.Store1.ID, apperr.MemberCodeInvalid)
		_, _, err := x.preview(t, x.clerk, good, x.Store1.ID, redemption.MaxPurchase+1)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
		_, options, err := x.preview(t, x.clerk, good, x.Store1.ID, redemption.MaxPurchase)
		require.NoError(t, err)
		require.Empty(t, options)
		x.Clock.Advance(2 * time.Minute)
		refused(x.clerk, good, x.Store1.ID, apperr.MemberCodeExpired)
	})
}
