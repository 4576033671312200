package coupon_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
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

// giving is a member with a coupon that may be given away, and a friend.
type giving struct {
	*testkit.World
	service        *coupon.Service
	template       *ent.CouponTemplate
	coupon         *ent.Coupon
	giver, friend  *ent.Member
	giverCtx, ctx  context.Context // of giver and friend
	giverViewer, v auth.Viewer
}

func newGiving(t testing.TB, w *testkit.World, change func(*document.CouponRule)) *giving {
	g := &giving{World: w, service: newService(t, w)}
	rule := document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, Transferable: true}
	if change != nil {
		change(&rule)
	}
	g.template = newTemplateWith(t, w, rule, func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(1).SetPersonLimit(1) })
	g.giver, g.giverViewer = w.NewMember(t)
	g.friend, g.v = w.NewMember(t)
	g.giverCtx, g.ctx = testkit.As(t, g.giverViewer), testkit.As(t, g.v)
	claimed, err := g.service.Claim(g.giverCtx, g.template.ID, "claim-of-the-giver")
	require.NoError(t, err)
	g.coupon = claimed.Coupon
	return g
}

// offer offers the giver's coupon.
func (g *giving) offer(t testing.TB) *coupon.Transfer {
	t.Helper()
	offered, err := g.service.OfferTransfer(g.giverCtx, g.coupon.ID, fmt.Sprintf("offer-%d", time.Now().UnixNano()))
	require.NoError(t, err)
	return offered
}

// state is the stored state of the giver's coupon.
func (g *giving) state(t testing.TB) enum.CouponState {
	return g.Store.Client(t.Context()).Coupon.GetX(system(t, g.World), g.coupon.ID).State
}

// gifts are the coupons that came from the giver's.
func (g *giving) gifts(t testing.TB) []*ent.Coupon {
	return g.Store.Client(t.Context()).Coupon.Query().Where(entcoupon.OriginID(g.coupon.ID)).AllX(system(t, g.World))
}

// told are the kinds of events that a member got.
func (g *giving) told(t testing.TB, m *ent.Member) (kinds []enum.MemberEventKind) {
	for _, e := range g.Store.Client(t.Context()).MemberEvent.Query().Where(memberevent.MemberID(m.ID)).Order(memberevent.BySequence()).AllX(system(t, g.World)) {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		g := newGiving(t, w, nil)
		offered, err := g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "offer-key-1")
		require.NoError(t, err)
		again, err := g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "offer-key-1")
		require.NoError(t, err)
		require.Equal(t, offered.ID, again.ID)
		require.Equal(t, offered.Token, again.Token, "a lost answer costs no gift")
		require.NotContains(t, fmt.Sprint(g.Store.Client(t.Context()).CouponTransfer.GetX(system(t, w), offered.ID)), offered.Token)
		require.Equal(t, enum.CouponTransferring, g.state(t))
		_, err = g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "offer-key-2")
		refused(t, apperr.CouponTransferring, err)
		_, err = use(t, w, g.service, g.coupon.ID, g.giver.ID, w.Store1.ID, 5000)
		require.Error(t, err, "it cannot be used meanwhile")

		gift, err := g.service.GiftOf(g.ctx, offered.Token)
		require.NoError(t, err)
		require.Equal(t, enum.TransferOffered, gift.State)
		require.False(t, gift.Own)
		require.Equal(t, g.giver.ID, gift.Giver.ID)
		gift, err = g.service.GiftOf(g.giverCtx, offered.Token)
		require.NoError(t, err)
		require.True(t, gift.Own)
		_, err = g.service.GiftOf(g.ctx, offered.Token[1:]+"A")
		refused(t, apperr.NotFound, err)

		_, err = g.service.AcceptTransfer(g.giverCtx, offered.Token, "accept-own")
		refused(t, apperr.TransferOwn, err)
		got, err := g.service.AcceptTransfer(g.ctx, offered.Token, "accept-key-1")
		require.NoError(t, err)
		require.Equal(t, []any{enum.SourceGift, enum.CouponEffective, g.friend.ID, g.coupon.RuleID, g.coupon.TemplateID, g.coupon.ID},
			[]any{got.Source, got.State, got.MemberID, got.RuleID, got.TemplateID, *got.OriginID})
		require.True(t, got.ExpiresAt.Equal(g.coupon.ExpiresAt))
		require.NotEqual(t, g.coupon.Code, got.Code)
		require.Equal(t, enum.CouponTransferred, g.state(t))
		for _, key := range []string{"accept-key-1", "accept-key-2"} {
			same, err := g.service.AcceptTransfer(g.ctx, offered.Token, key)
			require.NoError(t, err)
			require.Equal(t, got.ID, same.ID)
		}
		_, third := w.NewMember(t)
		_, err = g.service.AcceptTransfer(testkit.As(t, third), offered.Token, "accept-key-3")
		refused(t, apperr.TransferEnded, err)
		_, err = g.service.CancelTransfer(g.giverCtx, offered.ID)
		refused(t, apperr.TransferEnded, err)
		_, err = g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "offer-key-3")
		refused(t, apperr.CouponTransferred, err)
		_, err = g.service.OfferTransfer(g.ctx, got.ID, "offer-key-4")
		refused(t, apperr.CouponNotTransferable, err)
		require.Equal(t, []enum.MemberEventKind{enum.EventCouponChanged, enum.EventCouponTransferred}, g.told(t, g.giver))
		require.Equal(t, []enum.MemberEventKind{enum.EventCouponIssued}, g.told(t, g.friend))

		// Nothing came into the world: stock and limits stand as after the claim, and the friend may claim one.
		require.EqualValues(t, 9, w.Store.Client(t.Context()).CouponTemplate.GetX(system(t, w), g.template.ID).StockLeft)
		_, err = g.service.Claim(g.ctx, g.template.ID, "claim-of-the-friend")
		require.NoError(t, err)
		_, owner := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		managed, err := g.service.ManagedOne(testkit.As(t, owner), g.template.ID)
		require.NoError(t, err)
		require.Equal(t, coupon.Counts{Issued: 2, Open: 2}, *managed.Counts)
		_, err = use(t, w, g.service, got.ID, g.friend.ID, w.Store1.ID, 5000)
		require.NoError(t, err)
		w.Store.Client(t.Context()).Coupon.UpdateOneID(got.ID).SetState(enum.CouponEffective).ClearUsedAt().ExecX(system(t, w))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestTransferTakenBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		g := newGiving(t, w, nil)
		offered := g.offer(t)
		_, err := g.service.CancelTransfer(g.ctx, offered.ID)
		refused(t, apperr.NotFound, err)
		for range 2 {
			row, err := g.service.CancelTransfer(g.giverCtx, offered.ID)
			require.NoError(t, err)
			require.Equal(t, enum.TransferCancelled, row.State)
		}
		require.Equal(t, enum.CouponEffective, g.state(t))
		_, err = g.service.AcceptTransfer(g.ctx, offered.Token, "accept-late")
		refused(t, apperr.TransferEnded, err)
		second := g.offer(t)
		require.NotEqual(t, offered.Token, second.Token)
		_, err = g.service.AcceptTransfer(g.ctx, offered.Token, "accept-late")
		refused(t, apperr.TransferEnded, err)
		_, err = g.service.AcceptTransfer(g.ctx, second.Token, "accept-in-time")
		require.NoError(t, err)
		page, err := g.service.Transfers(g.giverCtx, nil, nil)
		require.NoError(t, err)
		require.Equal(t, []int64{second.ID, offered.ID}, []int64{page.Nodes[0].ID, page.Nodes[1].ID})
		none, err := g.service.Transfers(g.ctx, nil, nil)
		require.NoError(t, err)
		require.Empty(t, none.Nodes)
		require.Len(t, g.told(t, g.giver), 4)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Nobody accepts: the coupon comes back after a day; the offer of one that ends before ends with it.
func TestTransferExpires(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		g := newGiving(t, w, nil)
		offered := g.offer(t)
		require.True(t, offered.ExpiresAt.Equal(testkit.Start.Add(24*time.Hour)))
		w.Clock.Advance(24 * time.Hour)
		gift, err := g.service.GiftOf(g.ctx, offered.Token)
		require.NoError(t, err)
		require.Equal(t, enum.TransferExpired, gift.State)
		_, err = g.service.AcceptTransfer(g.ctx, offered.Token, "accept-late")
		refused(t, apperr.TransferEnded, err)
		_, err = g.service.CancelTransfer(g.giverCtx, offered.ID)
		refused(t, apperr.TransferEnded, err)
		require.Equal(t, enum.CouponTransferring, g.state(t))
		n, err := g.service.ExpireTransfers(system(t, w), 1000)
		require.NoError(t, err)
		require.Positive(t, n)
		require.Equal(t, enum.CouponEffective, g.state(t))
		require.Equal(t, enum.TransferExpired, w.Store.Client(t.Context()).CouponTransfer.GetX(system(t, w), offered.ID).State)

		w.Clock.Advance(5*24*time.Hour + 12*time.Hour)
		late := g.offer(t)
		require.True(t, late.ExpiresAt.Equal(g.coupon.ExpiresAt), "the coupon's own end ends the offer")
		w.Clock.Advance(12 * time.Hour)
		_, err = g.service.AcceptTransfer(g.ctx, late.Token, "accept-too-late")
		refused(t, apperr.TransferEnded, err)
		_, err = g.service.ExpireTransfers(system(t, w), 1000)
		require.NoError(t, err)
		row := w.Store.Client(t.Context()).Coupon.GetX(system(t, w), g.coupon.ID)
		require.Equal(t, enum.CouponExpired, coupon.StateAt(row, w.Clock.Now()))
		_, err = g.service.ExpireDue(system(t, w), 1000)
		require.NoError(t, err)
		require.Equal(t, enum.CouponExpired, g.state(t))
		require.Empty(t, g.gifts(t))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestTransferRefusals(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		plain := newGiving(t, w, func(r *document.CouponRule) { r.Transferable = false })
		_, err := plain.service.OfferTransfer(plain.giverCtx, plain.coupon.ID, "offer-key")
		refused(t, apperr.CouponNotTransferable, err)
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		_, err = plain.service.OfferTransfer(testkit.As(t, clerk), plain.coupon.ID, "offer-key")
		refused(t, apperr.Forbidden, err)

		g := newGiving(t, w, nil)
		client, sys := w.Store.Client(t.Context()), system(t, w)
		_, err = g.service.OfferTransfer(g.ctx, g.coupon.ID, "offer-key")
		refused(t, apperr.NotFound, err)
		_, err = g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "short")
		refused(t, apperr.IdempotencyKeyInvalid, err)
		for state, code := range map[enum.CouponState]apperr.Code{enum.CouponLocked: apperr.CouponLocked, enum.CouponUsed: apperr.CouponAlreadyUsed,
			enum.CouponExpired: apperr.CouponExpired, enum.CouponRevoked: apperr.CouponNotTransferable} {
			client.Coupon.UpdateOneID(g.coupon.ID).SetState(state).ExecX(sys)
			_, err = g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "offer-key")
			refused(t, code, err)
			require.Equal(t, state, g.state(t))
		}
		client.Coupon.UpdateOneID(g.coupon.ID).SetState(enum.CouponEffective).ExecX(sys)
		client.CouponTemplate.UpdateOneID(g.template.ID).SetState(enum.TemplateVoid).ExecX(sys)
		_, err = g.service.OfferTransfer(g.giverCtx, g.coupon.ID, "offer-key")
		refused(t, apperr.TemplateNotActive, err)
		client.CouponTemplate.UpdateOneID(g.template.ID).SetState(enum.TemplateEnded).ExecX(sys)
		require.Zero(t, client.CouponTransfer.Query().Where(coupontransfer.FromMemberID(g.giver.ID)).CountX(sys))

		offered := g.offer(t)
		accept := func() error {
			_, err := g.service.AcceptTransfer(g.ctx, offered.Token, "accept-key")
			return err
		}
		for state, code := range map[enum.MemberState]apperr.Code{enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled} {
			client.Member.UpdateOneID(g.friend.ID).SetState(state).ExecX(sys)
			refused(t, code, accept())
			client.Member.UpdateOneID(g.friend.ID).SetState(enum.MemberRegistered).ExecX(sys)
		}
		client.Member.UpdateOneID(g.giver.ID).SetState(enum.MemberFrozen).ExecX(sys)
		refused(t, apperr.TransferEnded, accept())
		gift, err := g.service.GiftOf(g.ctx, offered.Token)
		require.NoError(t, err)
		require.Equal(t, enum.TransferCancelled, gift.State)
		client.Member.UpdateOneID(g.giver.ID).SetState(enum.MemberRegistered).ExecX(sys)
		client.CouponTemplate.UpdateOneID(g.template.ID).SetState(enum.TemplateVoid).ExecX(sys)
		refused(t, apperr.TemplateNotActive, accept())
		client.CouponTemplate.UpdateOneID(g.template.ID).SetState(enum.TemplateEnded).ExecX(sys)
		for _, token := range []string{"", "x", offered.Token + "A", "../../../../../../../../"} {
			_, err := g.service.AcceptTransfer(g.ctx, token, "accept-key")
			refused(t, apperr.NotFound, err)
		}
		require.Empty(t, g.gifts(t))
		require.NoError(t, accept(), "the template has ended, and what was issued stays usable")
	})
}

// The giver leaves while the gift is on its way: the offer ends and the coupon with it.
func TestTransferOfLeaver(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		g := newGiving(t, w, nil)
		offered := g.offer(t)
		require.NoError(t, w.Store.WithTx(system(t, w), func(ctx context.Context) error { return g.service.Leave(ctx, []int64{g.giver.ID}) }))
		row := w.Store.Client(t.Context()).CouponTransfer.GetX(system(t, w), offered.ID)
		require.Equal(t, enum.TransferCancelled, row.State)
		require.Nil(t, row.OpenCouponID)
		_, err := g.service.AcceptTransfer(g.ctx, offered.Token, "accept-late")
		refused(t, apperr.TransferEnded, err)
	})
}

// Thirty-two friends open one link, and each sends the acceptance twice: one gets the coupon, both times.
func TestRaceToAcceptAGift(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		g := newGiving(t, w, nil)
		offered, friends := g.offer(t), members(t, w, 32)
		got := race(64, func(i int) error {
			_, err := g.service.AcceptTransfer(friends[i/2], offered.Token, fmt.Sprintf("accept-%d-%d", i/2, i%2))
			return err
		})
		require.Equal(t, outcome{"": 2, apperr.TransferEnded: 62}, got)
		require.Len(t, g.gifts(t), 1)
		require.Equal(t, enum.CouponTransferred, g.state(t))
	})
}

// A gift is accepted while it is taken back: exactly one of them happens.
func TestRaceToAcceptAndTakeBack(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		for range 8 {
			g := newGiving(t, w, nil)
			offered := g.offer(t)
			var accepted, cancelled atomic.Int32
			got := race(8, func(i int) error {
				if i%2 == 0 {
					_, err := g.service.AcceptTransfer(g.ctx, offered.Token, fmt.Sprintf("accept-%d", i))
					if err == nil {
						accepted.Add(1)
					}
					return err
				}
				_, err := g.service.CancelTransfer(g.giverCtx, offered.ID)
				if err == nil {
					cancelled.Add(1)
				}
				return err
			})
			require.Equal(t, outcome{"": 4, apperr.TransferEnded: 4}, got)
			if accepted.Load() == 4 {
				require.Len(t, g.gifts(t), 1)
				require.Equal(t, enum.CouponTransferred, g.state(t))
			} else {
				require.EqualValues(t, 4, cancelled.Load())
				require.Empty(t, g.gifts(t))
				require.Equal(t, enum.CouponEffective, g.state(t))
			}
		}
	})
}

// The offer's and the coupon's end come while it is accepted and swept: the coupon is either the friend's or back, and what is back expires.
func TestRaceToAcceptAtTheEnd(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		g := newGiving(t, w, nil)
		w.Clock.Set(g.coupon.ExpiresAt.Add(-time.Hour))
		offered, friends := g.offer(t), members(t, w, 16)
		got := race(32, func(i int) error {
			if i == 16 {
				w.Clock.Set(g.coupon.ExpiresAt)
			}
			if i < 16 {
				_, err := g.service.AcceptTransfer(friends[i], offered.Token, fmt.Sprintf("accept-%d", i))
				return err
			}
			if _, err := g.service.ExpireTransfers(system(t, w), 100); err != nil {
				return err
			}
			_, err := g.service.ExpireDue(system(t, w), 100)
			return err
		})
		_, err := g.service.ExpireTransfers(system(t, w), 100)
		require.NoError(t, err)
		_, err = g.service.ExpireDue(system(t, w), 100)
		require.NoError(t, err)
		require.Equal(t, 32, got[""]+got[apperr.TransferEnded])
		if gifts := g.gifts(t); got[""] == 17 {
			require.Len(t, gifts, 1)
			require.Equal(t, enum.CouponExpired, gifts[0].State)
			require.Equal(t, enum.CouponTransferred, g.state(t))
		} else {
			require.Equal(t, 16, got[""])
			require.Empty(t, gifts)
			require.Equal(t, enum.CouponExpired, g.state(t))
		}
	})
}
