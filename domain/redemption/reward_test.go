package redemption_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/domain/quote"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/coupontransfer"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// rewarding is a till where each redemption gives the member a coupon of the store that can be given away.
type rewarding struct {
	*till
	scan, own *ent.CouponTemplate
}

func newRewarding(t *testing.T, w *testkit.World) *rewarding {
	x := newTill(t, w)
	r := &rewarding{till: x, scan: x.template(t, x.Root, nil)}
	r.own = x.template(t, x.Store1, func(r *document.CouponRule) { r.Transferable = true })
	x.Store.Client(t.Context()).CouponTemplate.UpdateOne(r.own).SetActivatedByID(r.scan.ID).ExecX(x.system(t))
	return r
}

// redeem redeems a coupon of the brand, and gives what the store gave for it.
func (r *rewarding) redeem(t *testing.T) (cause *ent.Redemption, given *ent.Coupon) {
	t.Helper()
	done, err := r.redemptions.Confirm(testkit.As(t, r.clerk), r.confirmation(t, r.give(t, r.scan, r.member)))
	require.NoError(t, err)
	return done.Results[0].Redemption, done.Results[0].Activations[0].Coupon
}

func (r *rewarding) undo(t *testing.T, row *ent.Redemption) {
	t.Helper()
	_, err := r.redemptions.Reverse(testkit.As(t, r.manager), row.ID, "误操作")
	require.NoError(t, err)
}

func (r *rewarding) state(t *testing.T, c *ent.Coupon) enum.CouponState {
	t.Helper()
	return r.Store.Client(t.Context()).Coupon.GetX(r.system(t), c.ID).State
}

// told counts the events of a kind about a coupon.
func (r *rewarding) told(t *testing.T, kind enum.MemberEventKind, c *ent.Coupon) int {
	t.Helper()
	return r.Store.Client(t.Context()).MemberEvent.Query().Where(memberevent.KindEQ(kind), memberevent.CouponID(c.ID)).CountX(r.system(t))
}

// What a redemption gave goes with it, wherever the member has it by then, and the member is told.
func TestRewardGoesWithItsCause(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newRewarding(t, w)
		client := r.Store.Client(t.Context())

		cause, held := r.redeem(t)
		r.undo(t, cause)
		require.Equal(t, enum.CouponRevoked, r.state(t, held))
		require.Equal(t, 1, r.told(t, enum.EventCouponChanged, held))

		cause, offered := r.redeem(t)
		transfer, err := r.coupons.OfferTransfer(testkit.As(t, r.shopper), offered.ID, rand.Text())
		require.NoError(t, err)
		r.undo(t, cause)
		require.Equal(t, enum.CouponRevoked, r.state(t, offered), "on its way to a friend")
		require.Equal(t, enum.TransferCancelled, client.CouponTransfer.Query().Where(coupontransfer.CouponID(offered.ID)).OnlyX(r.system(t)).State)
		require.Equal(t, 2, r.told(t, enum.EventCouponChanged, offered), "offered, taken back")
		friend, friendViewer := r.NewMember(t)
		_, err = r.coupons.AcceptTransfer(testkit.As(t, friendViewer), transfer.Token, rand.Text())
		require.Equal(t, apperr.TransferEnded, apperr.CodeOf(err))

		cause, locked := r.redeem(t)
		place, err := r.redemptions.Orgs.Place(r.system(t), r.Store1.ID)
		require.NoError(t, err)
		order := coupon.Purchase{OrderID: 77, MemberID: r.member.ID, At: place, CouponIDs: []int64{locked.ID},
			Input: quote.Input{Lines: []quote.Line{{ID: 1, Quantity: 1, UnitPrice: 5000}}}}
		require.NoError(t, r.Store.WithTx(r.system(t), func(ctx context.Context) error { _, err := r.coupons.Lock(ctx, order); return err }))
		r.undo(t, cause)
		require.Equal(t, enum.CouponLocked, r.state(t, locked), "an order that is being paid has it")
		require.NoError(t, r.Store.WithTx(r.system(t), func(ctx context.Context) error { return r.coupons.Unlock(ctx, 77, r.member.ID) }))
		require.Equal(t, enum.CouponRevoked, r.state(t, locked), "the order let it go")

		cause, used := r.redeem(t)
		five, err := r.confirm(t, r.redemptions, r.clerk, r.confirmation(t, used))
		require.NoError(t, err)
		r.undo(t, cause)
		require.Equal(t, enum.CouponUsed, r.state(t, used), "what was used stays so")
		r.undo(t, five)
		require.Equal(t, enum.CouponRevoked, r.state(t, used), "what gave it is gone")

		cause, accepted := r.redeem(t)
		transfer, err = r.coupons.OfferTransfer(testkit.As(t, r.shopper), accepted.ID, rand.Text())
		require.NoError(t, err)
		theirs, err := r.coupons.AcceptTransfer(testkit.As(t, friendViewer), transfer.Token, rand.Text())
		require.NoError(t, err)
		r.undo(t, cause)
		require.Equal(t, enum.CouponTransferred, r.state(t, accepted))
		require.Equal(t, enum.CouponEffective, r.state(t, theirs), "a friend who accepted it keeps it")
		require.Equal(t, friend.ID, theirs.MemberID)

		_, kept := r.redeem(t)
		row, err := r.confirm(t, r.redemptions, r.clerk, r.confirmation(t, kept))
		require.NoError(t, err)
		r.undo(t, row)
		require.Equal(t, enum.CouponEffective, r.state(t, kept), "its own use was undone, and its cause stands")
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// A coupon that could only be used in days that are over is not given, and that is said.
func TestRewardOfThePast(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newRewarding(t, w)
		now := r.Clock.Now()
		r.Store.Client(t.Context()).CouponTemplate.UpdateOne(r.own).SetValidityKind(enum.ValidityFixed).SetValidFrom(now.Add(-time.Hour)).SetValidUntil(now).ExecX(r.system(t))
		c := r.confirmation(t, r.give(t, r.scan, r.member))
		for range 2 {
			done, err := r.redemptions.Confirm(testkit.As(t, r.clerk), c)
			require.NoError(t, err)
			require.Len(t, done.Results[0].Activations, 1)
			require.Nil(t, done.Results[0].Activations[0].Coupon)
			require.Equal(t, apperr.TemplateNotActive, done.Results[0].Activations[0].Refusal.Code)
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// A coupon that ended between its use and the undoing comes back for its days of grace.
func TestReverseWithGrace(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		given := x.give(t, x.template(t, x.Root, func(r *document.CouponRule) { r.ReturnPolicy, r.ReturnGraceDays = enum.ReturnNever, 3 }), x.member)
		x.Store.Client(t.Context()).Coupon.UpdateOne(given).SetExpiresAt(x.Clock.Now().Add(time.Microsecond)).ExecX(x.system(t))
		row, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err)
		x.Clock.Advance(time.Minute)
		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), row.ID, "误操作")
		require.NoError(t, err)
		back := x.Store.Client(t.Context()).Coupon.GetX(x.system(t), given.ID)
		require.Equal(t, enum.CouponEffective, back.State)
		require.Equal(t, x.Clock.Now().AddDate(0, 0, 3), back.ExpiresAt.UTC())
		_, err = x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// While rewards are used and given away, their causes are undone: each reward is used, with the friend or gone, never open to the member.
func TestRaceUndoAgainstReward(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newRewarding(t, w)
		const rounds = 16
		causes, given, confirmations := make([]*ent.Redemption, rounds), make([]*ent.Coupon, rounds), make([]redemption.Confirmation, rounds)
		for i := range rounds {
			causes[i], given[i] = r.redeem(t)
			confirmations[i] = r.confirmation(t, given[i])
		}
		tally(2*rounds, func(i int) error {
			n := i / 2
			var err error
			switch {
			case i%2 == 0:
				_, err = r.redemptions.Reverse(testkit.As(t, r.manager), causes[n].ID, "误操作")
			case n%2 == 0:
				_, err = r.redemptions.Confirm(testkit.As(t, r.clerk), confirmations[n])
			default:
				_, err = r.coupons.OfferTransfer(testkit.As(t, r.shopper), given[n].ID, rand.Text())
			}
			return err
		})
		for _, c := range given {
			require.Contains(t, []enum.CouponState{enum.CouponUsed, enum.CouponRevoked}, r.state(t, c))
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
