package redemption_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/geo"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
)

// far confirms a coupon far from the store, which is marked for review.
func (x *till) far(t *testing.T, by auth.Viewer) *ent.Redemption {
	t.Helper()
	c := x.confirmation(t, x.give(t, x.template(t, x.Root, nil), x.member))
	c.Location = &geo.Coordinate{Latitude: x.Store1.Latitude + 0.02, Longitude: x.Store1.Longitude, System: geo.GCJ02}
	row, err := x.confirm(t, x.redemptions, by, c)
	require.NoError(t, err)
	require.True(t, row.NeedsReview)
	require.True(t, redemption.Awaits(row))
	return row
}

// waiting are the redemptions that wait for review where the viewer may read, in pages of two.
func (x *till) waiting(t *testing.T, viewer auth.Viewer, storeID *int64) []int64 {
	t.Helper()
	two, list := 2, []int64{}
	var after *string
	for {
		page, err := x.redemptions.List(testkit.As(t, viewer), storeID, true, &two, after)
		require.NoError(t, err)
		for _, r := range page.Nodes {
			require.True(t, redemption.Awaits(r))
			list = append(list, r.ID)
		}
		if !page.HasNext {
			return list
		}
		after = &page.EndCursor
	}
}

func TestReview(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		_, owner := x.NewStaff(t, auth.Portal, x.Region, auth.Owner)
		unmarked, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, x.give(t, x.template(t, x.Root, nil), x.member)))
		require.NoError(t, err)
		rows := []*ent.Redemption{x.far(t, x.clerk), x.far(t, x.clerk), x.far(t, x.clerk), x.far(t, x.clerk)}
		require.Equal(t, []int64{rows[3].ID, rows[2].ID, rows[1].ID, rows[0].ID}, x.waiting(t, owner, nil))
		require.Equal(t, []int64{rows[3].ID, rows[2].ID, rows[1].ID, rows[0].ID}, x.waiting(t, x.manager, &x.Store1.ID))
		require.Empty(t, x.waiting(t, owner, &x.Store2.ID))

		// A cursor of the one list is none of the other.
		one := 1
		page, err := x.redemptions.List(testkit.As(t, owner), nil, true, &one, nil)
		require.NoError(t, err)
		_, err = x.redemptions.List(testkit.As(t, owner), nil, false, &one, &page.EndCursor)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err))

		before := x.books(t)
		x.Clock.Advance(40 * 24 * time.Hour) // long after it could be undone
		done, err := x.redemptions.Review(testkit.As(t, x.manager), rows[1].ID, " 店外品鉴会，属实\n")
		require.NoError(t, err)
		require.False(t, redemption.Awaits(done))
		require.True(t, done.NeedsReview, "it was marked all the same")
		require.Equal(t, enum.RedemptionConfirmed, done.State)
		require.Equal(t, x.Clock.Now(), done.ReviewedAt.UTC())
		require.Equal(t, "店外品鉴会，属实", done.ReviewNote)
		require.Equal(t, x.manager.PersonID, *x.Store.Client(t.Context()).Staff.GetX(x.system(t), *done.ReviewedBy).PersonID)
		before.audits++
		require.Equal(t, before, x.books(t))
		entry := x.Store.Client(t.Context()).AuditEntry.Query().Where(auditentry.Action("redemptionReview")).OnlyX(x.system(t))
		require.Equal(t, "店外品鉴会，属实", entry.Reason)
		require.Equal(t, x.Store1.ID, entry.OrgID)
		require.Equal(t, ids.Encode(ids.Redemption, rows[1].ID), entry.Subject)
		require.Equal(t, []int64{rows[3].ID, rows[2].ID, rows[0].ID}, x.waiting(t, owner, nil))

		for _, id := range []int64{rows[1].ID, unmarked.ID} {
			_, err = x.redemptions.Review(testkit.As(t, owner), id, "再看一次")
			require.Equal(t, apperr.RedemptionNotAwaiting, apperr.CodeOf(err), "%v", err)
		}
		require.Equal(t, before, x.books(t))
	})
}

// What was undone waits no longer and is not reviewed; what was reviewed can be undone.
func TestReviewAndReverse(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		undone, kept := x.far(t, x.clerk), x.far(t, x.clerk)
		_, err := x.redemptions.Reverse(testkit.As(t, x.manager), undone.ID, "不在店内")
		require.NoError(t, err)
		require.Equal(t, []int64{kept.ID}, x.waiting(t, x.manager, nil))
		_, err = x.redemptions.Review(testkit.As(t, x.manager), undone.ID, "属实")
		require.Equal(t, apperr.RedemptionAlreadyReversed, apperr.CodeOf(err), "%v", err)

		_, err = x.redemptions.Review(testkit.As(t, x.manager), kept.ID, "不属实，撤销")
		require.NoError(t, err)
		both, err := x.redemptions.Reverse(testkit.As(t, x.manager), kept.ID, "不在店内")
		require.NoError(t, err)
		require.NotNil(t, both.ReviewedAt)
		require.Empty(t, x.waiting(t, x.manager, nil))
	})
}

func TestReviewRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		row, own := x.far(t, x.clerk), x.far(t, x.manager)
		_, elsewhere := x.NewStaff(t, auth.Staff, x.Store2, auth.Manager)
		_, finance := x.NewStaff(t, auth.Console, x.Root, auth.Finance)
		otherBrand := x.manager
		otherBrand.BrandID = x.NewBrand(t).ID
		// The clerk has become a manager as well, and so has the member.
		hire := func(person int64) {
			x.Store.Client(t.Context()).Staff.Create().SetOrgID(x.Store1.ID).SetRole(auth.Manager).SetPersonID(person).SetName("店长").SetState(enum.StaffActive).ExecX(x.system(t))
		}
		hire(x.clerk.PersonID)
		hire(x.member.PersonID)
		promoted, self := x.manager, x.manager
		promoted.PersonID, self.PersonID = x.clerk.PersonID, x.member.PersonID
		before := x.books(t)
		refused := func(viewer auth.Viewer, id int64, note string, code apperr.Code) {
			t.Helper()
			_, err := x.redemptions.Review(testkit.As(t, viewer), id, note)
			require.Equal(t, code, apperr.CodeOf(err), "%v", err)
			require.Equal(t, before, x.books(t))
			require.Equal(t, []int64{own.ID, row.ID}, x.waiting(t, x.manager, nil))
		}
		refused(x.manager, row.ID, " \n", apperr.InvalidInput)
		refused(x.manager, row.ID, strings.Repeat("长", 256), apperr.InvalidInput)
		refused(x.manager, 0, "属实", apperr.NotFound)
		refused(x.clerk, row.ID, "属实", apperr.NotFound)
		refused(elsewhere, row.ID, "属实", apperr.NotFound)
		refused(finance, row.ID, "属实", apperr.NotFound)
		refused(x.shopper, row.ID, "属实", apperr.NotFound)
		refused(otherBrand, row.ID, "属实", apperr.NotFound)
		refused(x.manager, own.ID, "属实", apperr.SelfReview)
		refused(promoted, row.ID, "属实", apperr.SelfReview)
		refused(self, row.ID, "属实", apperr.SelfReview)
	})
}

func TestRaceReviewers(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		other := newTill(t, w) // the second server
		_, owner := x.NewStaff(t, auth.Staff, x.Region, auth.Owner)
		row := x.far(t, x.clerk)
		before := x.books(t)
		servers, viewers := []*redemption.Service{x.redemptions, other.redemptions}, []auth.Viewer{x.manager, owner}
		counts := tally(32, func(i int) error {
			_, err := servers[i%2].Review(testkit.As(t, viewers[i/2%2]), row.ID, "第"+strconv.Itoa(i)+"次")
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 1, apperr.RedemptionNotAwaiting: 31}, counts)
		before.audits++
		require.Equal(t, before, x.books(t))
		entry := x.Store.Client(t.Context()).AuditEntry.Query().Where(auditentry.Action("redemptionReview")).OnlyX(x.system(t))
		done := x.Store.Client(t.Context()).Redemption.GetX(x.system(t), row.ID)
		require.Equal(t, entry.Reason, done.ReviewNote)
		require.Equal(t, entry.PersonID, *x.Store.Client(t.Context()).Staff.GetX(x.system(t), *done.ReviewedBy).PersonID)
	})
}

// Reviewing and undoing race: it is undone once, and reviewed at most once, before that.
func TestRaceReviewAndReverse(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		_, owner := x.NewStaff(t, auth.Staff, x.Region, auth.Owner)
		row := x.far(t, x.clerk)
		before := x.books(t)
		counts := tally(32, func(i int) error {
			if i%2 == 0 {
				_, err := x.redemptions.Reverse(testkit.As(t, owner), row.ID, "不在店内")
				return err
			}
			_, err := x.redemptions.Review(testkit.As(t, x.manager), row.ID, "属实")
			return err
		})
		done := x.Store.Client(t.Context()).Redemption.GetX(x.system(t), row.ID)
		require.Equal(t, enum.RedemptionReversed, done.State)
		reviewed := 0
		if done.ReviewedAt != nil {
			reviewed = 1
		}
		require.Equal(t, 1+reviewed, counts[""], "%v", counts)
		require.Equal(t, 31-reviewed, counts[apperr.RedemptionAlreadyReversed]+counts[apperr.RedemptionNotAwaiting], "%v", counts)
		before.audits += 1 + reviewed
		before.events++
		before.confirmed--
		before.used--
		require.Equal(t, before, x.books(t))
		require.Empty(t, x.waiting(t, owner, nil))
	})
}

// Beside many that do not wait, newer and older ones, the list reads by an index those that do, and of a store or a brand no more than a page.
func TestWaitingIsReadByIndex(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		_, admin := x.NewStaff(t, auth.Console, x.Root, auth.Admin)
		_, owner := x.NewStaff(t, auth.Portal, x.Region, auth.Owner)
		ctx, client, now := x.system(t), x.Store.Client(t.Context()), x.Clock.Now()
		const rows, chunk, waits = 4000, 500, 40
		for from := 0; from < rows; from += chunk {
			creates := make([]*ent.RedemptionCreate, chunk)
			for i := range creates {
				n := from + i
				c := client.Redemption.Create().SetCreatedAt(now.Add(time.Duration(n) * time.Second)).SetKind(enum.RedeemCoupon).SetSubjectID(int64(n + 1)).SetMemberID(x.member.ID).
					SetStoreID(x.Store1.ID).SetStaffID(x.clerkRow.ID).SetState(enum.RedemptionConfirmed).SetPurchaseFen(1).SetDiscountFen(1).SetIdempotencyKey("plan-" + strconv.Itoa(n))
				switch {
				case n < waits:
					c.SetNeedsReview(true)
				case n%5 == 1:
					c.SetNeedsReview(true).SetReviewedAt(now)
				case n%5 == 2:
					c.SetNeedsReview(true).SetState(enum.RedemptionReversed)
				}
				creates[i] = c
			}
			client.Redemption.CreateBulk(creates...).SaveX(ctx)
		}
		if x.Store.Dialect() == dialect.MySQL {
			_, err := x.Store.DB().ExecContext(t.Context(), "ANALYZE TABLE redemptions")
			require.NoError(t, err)
		}
		for _, c := range []struct {
			viewer  auth.Viewer
			storeID *int64
			most    float64
		}{{x.manager, &x.Store1.ID, 21}, {admin, nil, 21}, {x.manager, nil, waits}, {owner, nil, waits}} {
			query, err := redemption.Listed(x.redemptions, testkit.As(t, c.viewer), c.storeID, true)
			require.NoError(t, err)
			readByIndex(t, x, query.Limit(21), c.most)
		}
	})
}

// readByIndex requires that the query reads at most so many rows, by an index that names what waits for review.
func readByIndex(t *testing.T, x *till, query *ent.RedemptionQuery, most float64) {
	t.Helper()
	if x.Store.Dialect() == dialect.SQLite {
		require.Regexp(t, `awaiting_review \(.*needs_review=\? AND reviewed_at=\? AND state=\?`, testkit.Plan(t, x.system(t), query)[0])
		return
	}
	read := testkit.Reads(t, x.system(t), query)[0]
	require.Contains(t, read.Key, "awaiting_review", "%+v", read)
	require.LessOrEqual(t, read.Read, most, "%+v", read)
}
