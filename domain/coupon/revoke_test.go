package coupon_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/coupontransfer"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// Withdrawing a template takes its coupons back from the members, who are told; what an order holds follows once it is let go, and what was used or given away stays so.
func TestWithdrawnTemplatesAreTakenBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplateWith(t, w, document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, Transferable: true}, func(c *ent.CouponTemplateCreate) {
			stock(100)(c)
			c.SetMemberLimit(10).SetBudgetFen(100_000).SetBudgetLeftFen(100_000)
		})
		kept := newTemplate(t, w, nil)
		m, viewer := w.NewMember(t)
		_, second := w.NewMember(t)
		me, friend := testkit.As(t, viewer), testkit.As(t, second)
		var got []*ent.Coupon
		for _, key := range []string{"effective", "accepted-one", "offered-one", "locked-one", "used-before"} {
			c, err := s.Claim(me, template.ID, key)
			require.NoError(t, err)
			got = append(got, c.Coupon)
		}
		other, err := s.Claim(me, kept.ID, "another-template")
		require.NoError(t, err)
		accepted, err := s.OfferTransfer(me, got[1].ID, "offer-key-1")
		require.NoError(t, err)
		gift, err := s.AcceptTransfer(friend, accepted.Token, "accept-key")
		require.NoError(t, err)
		offered, err := s.OfferTransfer(me, got[2].ID, "offer-key-2")
		require.NoError(t, err)
		client.Coupon.UpdateOne(got[3]).SetState(enum.CouponLocked).SetLockedByID(77).ExecX(ctx)
		client.Coupon.UpdateOne(got[4]).SetState(enum.CouponUsed).SetUsedAt(w.Clock.Now()).ExecX(ctx)

		n, err := s.RevokeWithdrawn(ctx, 100)
		require.NoError(t, err)
		require.Zero(t, n, "nothing is withdrawn")
		before := client.Member.GetX(ctx, m.ID).EventSequence
		_, err = s.SetState(administrator(t, w), template.ID, template.Version, enum.TemplateVoid, "面额写错了")
		require.NoError(t, err)
		for done := 1; done > 0; {
			done, err = s.RevokeWithdrawn(ctx, 2)
			require.NoError(t, err)
			require.LessOrEqual(t, done, 2)
		}
		state := func(id int64) enum.CouponState { return client.Coupon.GetX(ctx, id).State }
		require.Equal(t, []enum.CouponState{enum.CouponRevoked, enum.CouponTransferred, enum.CouponRevoked, enum.CouponLocked, enum.CouponUsed, enum.CouponRevoked, enum.CouponEffective},
			[]enum.CouponState{state(got[0].ID), state(got[1].ID), state(got[2].ID), state(got[3].ID), state(got[4].ID), state(gift.ID), state(other.ID)})
		require.Equal(t, enum.TransferCancelled, client.CouponTransfer.Query().Where(coupontransfer.ID(offered.ID)).OnlyX(ctx).State)
		_, err = s.AcceptTransfer(friend, offered.Token, "accept-key-2")
		refused(t, apperr.TransferEnded, err)
		told := client.MemberEvent.Query().Where(memberevent.MemberID(m.ID), memberevent.SequenceGT(before)).Order(memberevent.ByCouponID()).AllX(ctx)
		require.Len(t, told, 2)
		require.Equal(t, []any{enum.EventCouponChanged, got[0].ID, enum.EventCouponChanged, got[2].ID}, []any{told[0].Kind, *told[0].CouponID, told[1].Kind, *told[1].CouponID})
		require.EqualValues(t, 100_000-2_000, client.CouponTemplate.GetX(ctx, template.ID).BudgetLeftFen, "what is locked and used keeps its promise")

		require.NoError(t, s.Unlock(ctx, 77, m.ID))
		n, err = s.RevokeWithdrawn(ctx, 100)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, enum.CouponRevoked, state(got[3].ID))
	})
}

// What is taken back is taken back from the way to a friend as well, or it would be saved by offering it, and the member is told.
func TestTakenBackOnItsWayToAFriend(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		rule := document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, Transferable: true}
		event := newTemplateWith(t, w, rule, by(enum.CouponByTopUp, w.Root))
		used := newTemplateWith(t, w, rule, nil)
		activated := newTemplateWith(t, w, rule, func(c *ent.CouponTemplateCreate) { c.SetActivatedByID(used.ID) })
		m, viewer := w.NewMember(t)
		_, second := w.NewMember(t)
		me, friend := testkit.As(t, viewer), testkit.As(t, second)
		require.NoError(t, s.GiveFor(ctx, enum.CouponByTopUp, m.ID, w.Store1.Path, "topup-event-1"))
		redemption := &ent.Redemption{ID: 4711, MemberID: m.ID}
		place, err := s.Orgs.Place(ctx, w.Store1.ID)
		require.NoError(t, err)
		require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
			_, err := s.Activate(ctx, &ent.Coupon{TemplateID: used.ID, MemberID: m.ID}, redemption.ID, place)
			return err
		}))
		tokens := map[int64]string{}
		for _, template := range []*ent.CouponTemplate{event, activated} {
			row := client.Coupon.Query().Where(entcoupon.TemplateID(template.ID)).OnlyX(ctx)
			offered, err := s.OfferTransfer(me, row.ID, "offer-"+strconv.FormatInt(template.ID, 10))
			require.NoError(t, err)
			tokens[row.ID] = offered.Token
		}
		before := client.Member.GetX(ctx, m.ID).EventSequence
		for range 2 {
			require.NoError(t, s.TakeBackFor(ctx, m.ID, "topup-event-1"))
			require.NoError(t, s.Deactivate(ctx, redemption))
		}
		require.EqualValues(t, before+2, client.Member.GetX(ctx, m.ID).EventSequence)
		for id, token := range tokens {
			require.Equal(t, enum.CouponRevoked, client.Coupon.GetX(ctx, id).State)
			_, err := s.AcceptTransfer(friend, token, "accept-key-"+token[:4])
			refused(t, apperr.TransferEnded, err)
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Two servers take the coupons of a withdrawn template back while friends accept them and givers take their offers back: nobody gets one, and each is told of once.
func TestRaceToTakeBackWhatIsOffered(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		ctx := system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplateWith(t, w, document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, Transferable: true}, func(c *ent.CouponTemplateCreate) {
			stock(16)(c)
			c.SetBudgetFen(16_000).SetBudgetLeftFen(16_000)
		})
		givers, friends := members(t, w, 16), members(t, w, 16)
		offers := make([]*coupon.Transfer, 16)
		for i, giver := range givers {
			claimed, err := servers[0].Claim(giver, template.ID, "claim-key")
			require.NoError(t, err)
			offers[i], err = servers[0].OfferTransfer(giver, claimed.ID, "offer-key")
			require.NoError(t, err)
		}
		client.CouponTemplate.UpdateOne(template).SetState(enum.TemplateVoid).ExecX(ctx)
		got := race(48, func(i int) (err error) {
			switch s := servers[i%2]; i % 3 {
			case 0:
				_, err = s.AcceptTransfer(friends[i/3], offers[i/3].Token, "accept-key")
			case 1:
				_, err = s.CancelTransfer(givers[i/3], offers[i/3].ID)
			default:
				_, err = s.RevokeWithdrawn(ctx, 5)
			}
			return err
		})
		require.Equal(t, 48, got[""]+got[apperr.TemplateNotActive]+got[apperr.TransferEnded], "%v", got)
		require.GreaterOrEqual(t, got[apperr.TemplateNotActive]+got[apperr.TransferEnded], 16, "no friend accepts: %v", got)
		for n := 1; n > 0; {
			var err error
			n, err = servers[0].RevokeWithdrawn(ctx, 100)
			require.NoError(t, err)
		}
		for _, row := range client.Coupon.Query().Where(entcoupon.TemplateID(template.ID)).AllX(ctx) {
			require.Equal(t, enum.CouponRevoked, row.State)
		}
		require.Equal(t, 16, client.CouponTransfer.Query().Where(coupontransfer.StateEQ(enum.TransferCancelled)).CountX(ctx))
		require.EqualValues(t, 16_000, client.CouponTemplate.GetX(ctx, template.ID).BudgetLeftFen)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
