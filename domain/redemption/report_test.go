package redemption_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// What came of a template: a purchase counts once, however many coupons of the template it took, and what was undone does not count.
func TestReports(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		shared := x.template(t, x.Root, func(r *document.CouponRule) {
			r.StackLimit = 2
			r.Funders = []document.Funder{{OrgID: x.Root.ID, BasisPoints: 6_667}, {OrgID: x.Store1.ID, BasisPoints: 3_333}}
		})
		other := x.template(t, x.Root, inGroup("other"))
		one, two, beside := x.give(t, shared, x.member), x.give(t, shared, x.member), x.give(t, other, x.member)
		undone, open := x.give(t, shared, x.member), x.give(t, shared, x.member)
		redeem := func(subjects ...*ent.Coupon) []*redemption.Result {
			c := x.confirmation(t, subjects[0])
			c.Subjects = nil
			for _, s := range subjects {
				c.Subjects = append(c.Subjects, coupons(s.ID)...)
			}
			done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), c)
			require.NoError(t, err)
			return done.Results
		}
		redeem(beside, one, two)
		_, err := x.redemptions.Reverse(testkit.As(t, x.manager), redeem(undone)[0].Redemption.ID, "退货")
		require.NoError(t, err)
		third := x.give(t, shared, x.member)
		alone := redeem(third)[0].Redemption
		x.Store.Client(t.Context()).Coupon.UpdateOne(open).SetState(enum.CouponRevoked).ExecX(x.system(t))

		_, marketer := w.NewStaff(t, auth.Console, w.Root, auth.Marketer)
		page, err := x.coupons.Reports(testkit.As(t, marketer), nil, nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 2, "newest first")
		require.Equal(t, []int64{other.ID, shared.ID}, []int64{page.Nodes[0].Template.ID, page.Nodes[1].Template.ID})
		require.Equal(t, []money.Fen{1000, 5000}, []money.Fen{page.Nodes[0].Cost, page.Nodes[0].Revenue})
		r := page.Nodes[1]
		require.Equal(t, []int64{5, 3, 1, 0, 1}, []int64{r.Issued, r.Used, r.Open, r.Expired, r.Revoked})
		require.Equal(t, []money.Fen{3000, 10_000}, []money.Fen{r.Cost, r.Revenue}, "two purchases of 50 yuan, one of them with two coupons")
		require.Equal(t, []coupon.FunderCost{{OrgID: x.Root.ID, Amount: 2001}, {OrgID: x.Store1.ID, Amount: 999}}, r.Funders, "each shared out to the fen as its clearing was")

		funnel, err := x.coupons.Funnel(testkit.As(t, marketer), shared.ID, coupon.ByStore, nil)
		require.NoError(t, err)
		require.Equal(t, []*coupon.FunnelStep{{OrgID: x.Store1.ID, Used: 3, Cost: 3000, Revenue: 10_000}, {Claimed: 5}}, funnel)
		funnel, err = x.coupons.Funnel(testkit.As(t, marketer), shared.ID, coupon.ByRegion, nil)
		require.NoError(t, err)
		require.Equal(t, *x.Store1.ParentID, funnel[0].OrgID)
		require.EqualValues(t, 3, funnel[0].Used)

		size := 2
		users, err := x.coupons.Users(testkit.As(t, marketer), shared.ID, nil, &size, nil)
		require.NoError(t, err)
		require.Len(t, users.Nodes, 2)
		require.True(t, users.HasNext)
		require.Equal(t, alone.ID, users.Nodes[0].ID)
		rest, err := x.coupons.Users(testkit.As(t, marketer), shared.ID, nil, &size, &users.EndCursor)
		require.NoError(t, err)
		require.Equal(t, []int64{one.ID}, []int64{rest.Nodes[0].SubjectID})
		require.False(t, rest.HasNext)
		here, err := x.coupons.Users(testkit.As(t, marketer), shared.ID, &x.Store1.ID, nil, nil)
		require.NoError(t, err)
		require.Len(t, here.Nodes, 3)

		_, owner := w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
		page, err = x.coupons.Reports(testkit.As(t, owner), nil, nil, nil)
		require.NoError(t, err)
		require.Empty(t, page.Nodes, "the brand's templates are not the store's")
		funnel, err = x.coupons.Funnel(testkit.As(t, owner), shared.ID, coupon.ByStore, nil)
		require.NoError(t, err)
		require.Empty(t, funnel)
	})
}

// A store hears of each redemption once, also of one that was committed late, and of its undoing.
func TestFollowStore(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		confirm := func() *ent.Redemption {
			done, err := x.redemptions.Confirm(testkit.As(t, x.clerk), x.confirmation(t, x.give(t, template, x.member)))
			require.NoError(t, err)
			return done.Results[0].Redemption
		}
		confirm()
		news, err := x.redemptions.Follow(testkit.As(t, x.manager), x.Store1.ID)
		require.NoError(t, err)
		next := func() *ent.Redemption {
			select {
			case row, ok := <-news:
				require.True(t, ok)
				return row
			case <-time.After(30 * time.Second):
				require.FailNow(t, "nothing came")
				return nil
			}
		}
		first := confirm()
		require.Equal(t, first.ID, next().ID, "what was there before is no news")

		x.Clock.Advance(time.Minute)
		second := confirm()
		require.Equal(t, second.ID, next().ID)
		late := x.give(t, template, x.member)
		x.Store.Client(t.Context()).Coupon.UpdateOne(late).SetState(enum.CouponUsed).SetUsedAt(first.CreatedAt).ExecX(x.system(t))
		slow := x.Store.Client(t.Context()).Redemption.Create().SetCreatedAt(first.CreatedAt.Add(time.Second)).SetKind(enum.RedeemCoupon).SetSubjectID(late.ID).
			SetActiveSubjectID(late.ID).SetMemberID(x.member.ID).SetStoreID(x.Store1.ID).SetStaffID(x.clerkRow.ID).SetState(enum.RedemptionConfirmed).
			SetPurchaseFen(5000).SetDiscountFen(1000).SetIdempotencyKey("key-of-a-slow-one").SaveX(x.system(t))
		third := confirm()
		require.Equal(t, []int64{slow.ID, third.ID}, []int64{next().ID, next().ID}, "its time is older than what was told already")

		x.Clock.Advance(4 * time.Minute)
		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), first.ID, "退货")
		require.NoError(t, err)
		undone := next()
		require.Equal(t, first.ID, undone.ID)
		require.Equal(t, enum.RedemptionReversed, undone.State)
		last := confirm()
		require.Equal(t, last.ID, next().ID, "and nothing twice")

		_, regional := w.NewStaff(t, auth.Console, w.Region, auth.Admin)
		theirs, err := x.redemptions.Follow(testkit.As(t, regional), x.Store1.ID)
		require.NoError(t, err)
		elsewhere := w.NewOrg(t, w.Root, enum.OrgRegion)
		moved := x.Store.Client(t.Context()).Org.GetX(x.system(t), x.Store1.ID)
		x.Store.Client(t.Context()).Org.UpdateOne(moved).SetParentID(elsewhere.ID).SetPath(elsewhere.Path + strconv.FormatInt(moved.ID, 36) + "/").ExecX(x.system(t))
		confirm()
		select {
		case row, open := <-theirs:
			require.False(t, open, "%v", row)
		case <-time.After(30 * time.Second):
			require.FailNow(t, "the stream goes on though the store is another region's")
		}

		_, stranger := w.NewStaff(t, auth.Portal, w.Store2, auth.Owner)
		_, err = x.redemptions.Follow(testkit.As(t, stranger), x.Store1.ID)
		require.Error(t, err)
	})
}
