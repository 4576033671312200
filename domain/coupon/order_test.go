package coupon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/quote"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/couponuse"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// shop is a member with coupons, who orders at a store.
type shop struct {
	t      testing.TB
	w      *testkit.World
	s      *coupon.Service
	member *ent.Member
	ctx    context.Context // the brand's own
}

func newShop(t testing.TB, w *testkit.World) *shop {
	m, _ := w.NewMember(t)
	return &shop{t, w, newService(t, w), m, system(t, w)}
}

// shared is a rule of ten yuan off from thirty, of which the brand bears sixty percent and the store the rest.
func (h *shop) shared(change func(*document.CouponRule)) document.CouponRule {
	r := document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, ThresholdFen: 3000, ReturnPolicy: enum.ReturnOnFullRefund,
		Funders: []document.Funder{{OrgID: h.w.Root.ID, BasisPoints: 6000}, {OrgID: h.w.Store1.ID, BasisPoints: 4000}}}
	if change != nil {
		change(&r)
	}
	return r
}

// coupons gives the member n coupons of one template with the rule, usable now for a week.
func (h *shop) coupons(r document.CouponRule, n int) []*ent.Coupon {
	template := newTemplateWith(h.t, h.w, r, func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(0).SetTotalStock(100).SetStockLeft(100) })
	viewer := auth.Viewer{Reach: auth.ReachMember, BrandID: h.w.Brand.ID, Face: auth.Storefront, PersonID: h.member.PersonID, MemberID: h.member.ID}
	rows := make([]*ent.Coupon, n)
	for i := range rows {
		claimed, err := h.s.Claim(testkit.As(h.t, viewer), template.ID, fmt.Sprintf("claim-%d-%d", template.ID, i))
		require.NoError(h.t, err)
		rows[i] = claimed.Coupon
	}
	return rows
}

// ending lets the coupons end in a minute, so that the sweep, which goes through all brands, finds none of other tests.
func (h *shop) ending(list []*ent.Coupon) {
	for _, c := range list {
		h.w.Store.Client(h.ctx).Coupon.UpdateOneID(c.ID).SetExpiresAt(h.w.Clock.Now().Add(time.Minute)).ExecX(h.ctx)
	}
}

// lines is a basket of one piece each at the prices.
func lines(prices ...money.Fen) []quote.Line {
	list := make([]quote.Line, len(prices))
	for i, price := range prices {
		list[i] = quote.Line{ID: int64(i + 1), SKUID: int64(i + 11), Quantity: 1, UnitPrice: price}
	}
	return list
}

func (h *shop) lock(orderID int64, basket []quote.Line, couponIDs ...int64) (*quote.Quote, error) {
	return h.lockInput(orderID, quote.Input{Lines: basket, Online: true}, couponIDs...)
}

func (h *shop) lockInput(orderID int64, in quote.Input, couponIDs ...int64) (q *quote.Quote, err error) {
	err = h.w.Store.WithTx(h.ctx, func(ctx context.Context) error {
		q, err = h.s.Lock(ctx, coupon.Purchase{OrderID: orderID, MemberID: h.member.ID, At: place(h.t, h.s, ctx, h.w.Store1.ID),
			Input: in, CouponIDs: couponIDs})
		return err
	})
	return q, err
}

func (h *shop) use(orderID int64, q *quote.Quote) (uses []*ent.CouponUse, err error) {
	err = h.w.Store.WithTx(h.ctx, func(ctx context.Context) error {
		uses, err = h.s.UseLocked(ctx, orderID, place(h.t, h.s, ctx, h.w.Store1.ID), q)
		return err
	})
	return uses, err
}

func (h *shop) unlock(orderID int64) error {
	return h.w.Store.WithTx(h.ctx, func(ctx context.Context) error { return h.s.Unlock(ctx, orderID, h.member.ID) })
}

// refund refunds pieces of an order after what was refunded before.
func (h *shop) refund(orderID int64, q *quote.Quote, done quote.Refunded, lineIDs ...int64) (r *quote.Refund, err error) {
	returned := make([]quote.Return, len(lineIDs))
	for i, id := range lineIDs {
		returned[i] = quote.Return{LineID: id, Quantity: 1}
	}
	if r, err = q.Refund(done, returned); err != nil {
		return nil, err
	}
	return r, h.take(orderID, q, r)
}

func (h *shop) take(orderID int64, q *quote.Quote, r *quote.Refund) error {
	return h.w.Store.WithTx(h.ctx, func(ctx context.Context) error {
		_, err := h.s.ReturnRefunded(ctx, coupon.Refunded{OrderID: orderID, MemberID: h.member.ID, Quote: q, Refund: r})
		return err
	})
}

func (h *shop) state(id int64) enum.CouponState {
	return h.w.Store.Client(h.ctx).Coupon.GetX(h.ctx, id).State
}

// told is how often the member was told live that a coupon changed.
func (h *shop) told(id int64) int {
	return h.w.Store.Client(h.ctx).MemberEvent.Query().Where(memberevent.KindEQ(enum.EventCouponChanged), memberevent.CouponID(id)).CountX(h.ctx)
}

// owed is what the brand owes the store for coupons by clearing lines, reversals included.
func (h *shop) owed() (sum int64) {
	for _, l := range h.w.Store.Client(h.ctx).ClearingLine.Query().Where(clearingline.DebtorOrgID(h.w.Root.ID), clearingline.CreditorOrgID(h.w.Store1.ID)).AllX(h.ctx) {
		sum += l.FaceFen
	}
	return sum
}

// bought locks and uses the coupons in an order.
func (h *shop) bought(orderID int64, basket []quote.Line, couponIDs ...int64) *quote.Quote {
	q, err := h.lock(orderID, basket, couponIDs...)
	require.NoError(h.t, err)
	_, err = h.use(orderID, q)
	require.NoError(h.t, err)
	return q
}

func TestOrder(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		c := h.coupons(h.shared(nil), 1)[0]
		other := newShop(t, w)
		theirs := other.coupons(h.shared(nil), 1)[0]
		orderID := ids.Next()
		basket := lines(1000, 2000)
		_, err := h.lock(orderID, basket, theirs.ID)
		refused(t, apperr.NotFound, err)
		_, err = h.lock(orderID, basket, c.ID, 1)
		refused(t, apperr.NotFound, err)
		_, err = h.lock(orderID, lines(2999), c.ID)
		refused(t, apperr.CouponThresholdNotMet, err)
		require.Equal(t, enum.CouponEffective, h.state(c.ID))

		var q *quote.Quote
		for range 2 {
			q, err = h.lock(orderID, basket, c.ID)
			require.NoError(t, err)
			require.EqualValues(t, 2000, q.Total)
			require.Equal(t, enum.CouponLocked, h.state(c.ID))
		}
		_, err = h.lock(ids.Next(), basket, c.ID)
		refused(t, apperr.CouponLocked, err)
		_, err = h.lock(orderID, basket)
		refused(t, apperr.Conflict, err)
		_, err = use(t, w, h.s, c.ID, h.member.ID, w.Store1.ID, 5000)
		refused(t, apperr.CouponLocked, err)

		for range 2 {
			uses, err := h.use(orderID, q)
			require.NoError(t, err)
			require.Len(t, uses, 1)
			require.Equal(t, []document.LineDiscount{{LineID: 1, DiscountFen: 333}, {LineID: 2, DiscountFen: 667}}, uses[0].Lines)
			require.EqualValues(t, 600, h.owed())
		}
		require.Equal(t, enum.CouponUsed, h.state(c.ID))
		require.NoError(t, h.unlock(orderID))
		require.Equal(t, enum.CouponUsed, h.state(c.ID), "nothing to unlock any more")
		require.Equal(t, 2, h.told(c.ID), "when it was locked, and when it was used")
		refund, err := h.refund(orderID, q, quote.Refunded{}, 1, 2)
		require.NoError(t, err)
		require.NoError(t, h.take(orderID, q, refund))
		require.Equal(t, enum.CouponEffective, h.state(c.ID))
		require.Equal(t, 3, h.told(c.ID), "and when it came back, once")
		another := ids.Next()
		_, err = h.lock(another, basket, c.ID)
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, h.unlock(another))
		}
		require.Equal(t, 5, h.told(c.ID), "and when it was locked and let go")
		require.Equal(t, 1, w.Store.Client(h.ctx).CouponUse.Query().CountX(h.ctx))
	})
}

// TestLockWins: what happens to a coupon while an order has it takes effect when the order lets go.
func TestLockWins(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		list := h.coupons(h.shared(nil), 3)
		h.ending(list)
		orders := []int64{ids.Next(), ids.Next(), ids.Next()}
		quotes := make([]*quote.Quote, 3)
		for i, c := range list {
			var err error
			quotes[i], err = h.lock(orders[i], lines(3000), c.ID)
			require.NoError(t, err)
		}
		require.NoError(t, h.unlock(orders[2]))
		require.Equal(t, enum.CouponEffective, h.state(list[2].ID))
		_, err := h.lock(orders[2], lines(3000), list[2].ID)
		require.NoError(t, err)

		template := w.Store.Client(h.ctx).CouponTemplate.GetX(h.ctx, list[0].TemplateID)
		_, err = h.s.SetState(marketer(t, w, w.Root), template.ID, template.Version, enum.TemplateVoid, "面额写错")
		require.NoError(t, err)
		w.Clock.Advance(2 * time.Minute)
		_, err = h.s.ExpireDue(system(t, w), 100)
		require.NoError(t, err)
		require.Equal(t, enum.CouponLocked, h.state(list[0].ID), "what is locked does not expire")
		_, err = h.lock(orders[1], lines(3000), list[1].ID)
		refused(t, apperr.TemplateNotActive, err)
		_, err = h.use(orders[0], quotes[0])
		require.NoError(t, err)
		require.Equal(t, enum.CouponUsed, h.state(list[0].ID))
		require.NoError(t, h.unlock(orders[1]))
		require.Equal(t, enum.CouponExpired, h.state(list[1].ID))

		// Who leaves takes the coupons along, and the order does not get them any more.
		require.NoError(t, h.s.Leave(h.ctx, []int64{h.member.ID}))
		require.Equal(t, enum.CouponRevoked, h.state(list[2].ID))
		_, err = h.use(orders[2], quotes[2])
		refused(t, apperr.Conflict, err)
	})
}

// TestReturnPolicies: when a coupon comes back, and in which state.
func TestReturnPolicies(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		for name, c := range map[string]struct {
			policy     enum.ReturnPolicy
			grace      int
			late, left bool
			first, all enum.CouponState
		}{
			"on full refund":              {policy: enum.ReturnOnFullRefund, first: enum.CouponUsed, all: enum.CouponEffective},
			"on any":                      {policy: enum.ReturnOnAny, first: enum.CouponEffective, all: enum.CouponEffective},
			"never":                       {policy: enum.ReturnNever, first: enum.CouponUsed, all: enum.CouponUsed},
			"expired meanwhile":           {policy: enum.ReturnOnFullRefund, late: true, first: enum.CouponUsed, all: enum.CouponExpired},
			"expired meanwhile, on any":   {policy: enum.ReturnOnAny, late: true, first: enum.CouponExpired, all: enum.CouponExpired},
			"expired meanwhile, in grace": {policy: enum.ReturnOnFullRefund, grace: 3, late: true, first: enum.CouponUsed, all: enum.CouponEffective},
			"in grace, not expired":       {policy: enum.ReturnOnFullRefund, grace: 3, first: enum.CouponUsed, all: enum.CouponEffective},
			"left meanwhile":              {policy: enum.ReturnOnFullRefund, grace: 3, left: true, first: enum.CouponUsed, all: enum.CouponRevoked},
		} {
			h := newShop(t, w)
			w.Clock.Set(testkit.Start)
			list := h.coupons(h.shared(func(r *document.CouponRule) { r.ReturnPolicy, r.ReturnGraceDays = c.policy, c.grace }), 2)
			twin, row := list[0], list[1]
			owed := h.owed()
			orderID := ids.Next()
			q := h.bought(orderID, lines(2000, 4000), row.ID)
			if c.late {
				w.Clock.Advance(8 * 24 * time.Hour)
			}
			if c.left {
				w.Store.Client(h.ctx).Member.UpdateOne(h.member).SetState(enum.MemberCancelled).ExecX(h.ctx)
				require.NoError(t, h.s.Leave(h.ctx, []int64{h.member.ID}))
			}
			r, err := h.refund(orderID, q, quote.Refunded{}, 1)
			require.NoError(t, err)
			require.Equal(t, c.first, h.state(row.ID), name)
			require.EqualValues(t, 400, h.owed()-owed, "%s: two thirds of the discount stand", name)
			r, err = h.refund(orderID, q, r.Refunded, 2)
			require.NoError(t, err)
			require.NoError(t, h.take(orderID, q, r), "a repeat")
			require.Equal(t, c.all, h.state(row.ID), name)
			require.Equal(t, owed, h.owed(), "%s: nothing stands", name)
			after := w.Store.Client(h.ctx).Coupon.GetX(h.ctx, row.ID)
			if c.grace > 0 && c.late {
				require.Equal(t, w.Clock.Now().AddDate(0, 0, 3), after.ExpiresAt.UTC())
			} else {
				require.True(t, after.ExpiresAt.Equal(row.ExpiresAt), name)
			}
			if !c.left {
				require.Equal(t, enum.CouponEffective, h.state(twin.ID), "%s: the other one of the template", name)
			}
			use := w.Store.Client(h.ctx).CouponUse.Query().Where(couponuse.CouponID(row.ID)).OnlyX(h.ctx)
			require.EqualValues(t, 1000, use.ReturnedFen)
			require.Equal(t, c.all != enum.CouponUsed, use.ReturnedAt != nil)
		}
	})
}

// TestReturnedBudget: a coupon that comes back too late gives its promise back.
func TestReturnedBudget(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		list := h.coupons(h.shared(nil), 2)
		w.Store.Client(h.ctx).CouponTemplate.UpdateOneID(list[0].TemplateID).SetBudgetFen(5000).SetBudgetLeftFen(3000).ExecX(h.ctx)
		left := func() int64 {
			return w.Store.Client(h.ctx).CouponTemplate.GetX(h.ctx, list[0].TemplateID).BudgetLeftFen
		}
		used, locked := ids.Next(), ids.Next()
		q := h.bought(used, lines(3000), list[0].ID)
		_, err := h.lock(locked, lines(3000), list[1].ID)
		require.NoError(t, err)
		w.Clock.Advance(8 * 24 * time.Hour)
		require.NoError(t, h.unlock(locked))
		require.EqualValues(t, 4000, left())
		_, err = h.refund(used, q, quote.Refunded{}, 1)
		require.NoError(t, err)
		require.EqualValues(t, 5000, left())
	})
}

// TestRaceOfOrders: of five orders one gets the coupon.
func TestRaceOfOrders(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		c := h.coupons(h.shared(nil), 1)[0]
		o := race(5, func(int) error { _, err := h.lock(ids.Next(), lines(3000), c.ID); return err })
		require.Equal(t, outcome{"": 1, apperr.CouponLocked: 4}, o)
		require.Equal(t, enum.CouponLocked, h.state(c.ID))
	})
}

// TestRaceOfOrderAndTill: a coupon is used in the store or held by an order.
func TestRaceOfOrderAndTill(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		list := h.coupons(h.shared(nil), 8)
		clerk, _ := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		won := map[enum.CouponState]int{}
		o := race(64, func(i int) error {
			c := list[i%8]
			if i%16 < 8 {
				_, err := h.lock(ids.Next(), lines(3000), c.ID)
				return err
			}
			return w.Store.WithTx(h.ctx, func(ctx context.Context) error {
				offers, err := h.s.Use(ctx, []int64{c.ID}, h.member.ID, place(t, h.s, ctx, w.Store1.ID), redemption.Basket{Purchase: 3000})
				if err != nil {
					return err
				}
				if offers[0].Refusal != nil {
					return offers[0].Refusal
				}
				id := ids.Next()
				return w.Store.Client(ctx).Redemption.Create().SetID(id).SetKind(enum.RedeemCoupon).SetSubjectID(c.ID).SetActiveSubjectID(c.ID).SetMemberID(h.member.ID).
					SetStoreID(w.Store1.ID).SetStaffID(clerk.ID).SetState(enum.RedemptionConfirmed).SetPurchaseFen(3000).SetDiscountFen(0).
					SetIdempotencyKey(fmt.Sprintf("redeem-%d", i)).Exec(ctx)
			})
		})
		require.Equal(t, 8, o[""])
		require.Equal(t, 56, o[apperr.CouponLocked]+o[apperr.CouponAlreadyUsed])
		for _, c := range list {
			won[h.state(c.ID)]++
		}
		require.Equal(t, 8, won[enum.CouponLocked]+won[enum.CouponUsed])
	})
}

// TestRaceOfLockAndExpiry: whatever order lock, unlock and the sweep come in, a coupon ends expired once, and its promise comes back once.
func TestRaceOfLockAndExpiry(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		list := h.coupons(h.shared(nil), 8)
		h.ending(list)
		w.Store.Client(h.ctx).CouponTemplate.UpdateOneID(list[0].TemplateID).SetBudgetFen(8000).SetBudgetLeftFen(0).ExecX(h.ctx)
		orders := make([]int64, len(list))
		for i, c := range list {
			orders[i] = ids.Next()
			if i%2 == 0 {
				_, err := h.lock(orders[i], lines(3000), c.ID)
				require.NoError(t, err)
			}
		}
		w.Clock.Advance(2 * time.Minute)
		o := race(48, func(i int) error {
			switch i % 3 {
			case 0:
				return h.unlock(orders[i%8])
			case 1:
				_, err := h.s.ExpireDue(system(t, w), 100)
				return err
			default:
				_, err := h.lock(ids.Next(), lines(3000), list[i%8].ID)
				return err
			}
		})
		require.Equal(t, 32, o[""])
		require.Equal(t, 16, o[apperr.CouponExpired]+o[apperr.CouponLocked])
		_, err := h.s.ExpireDue(system(t, w), 100)
		require.NoError(t, err)
		for i, c := range list {
			require.NoError(t, h.unlock(orders[i]))
			require.Equal(t, enum.CouponExpired, h.state(c.ID))
		}
		require.EqualValues(t, 8000, w.Store.Client(h.ctx).CouponTemplate.GetX(h.ctx, list[0].TemplateID).BudgetLeftFen)
	})
}

// TestRaceOfReturnAndReuse: a coupon that comes back is used again at once by another order; the return of the first, sent many times, gives it back once.
func TestRaceOfReturnAndReuse(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := newShop(t, w)
		list := h.coupons(h.shared(nil), 2)
		orderID := ids.Next()
		q := h.bought(orderID, lines(3000), list[0].ID)
		r, err := q.Refund(quote.Refunded{}, []quote.Return{{LineID: 1, Quantity: 1}})
		require.NoError(t, err)
		o := race(32, func(i int) error {
			if i%2 == 0 {
				return h.take(orderID, q, r)
			}
			next := ids.Next()
			again, err := h.lock(next, lines(3000), list[0].ID)
			if err != nil {
				return err
			}
			_, err = h.use(next, again)
			return err
		})
		require.GreaterOrEqual(t, o[""], 16)
		require.LessOrEqual(t, o[""], 17)
		require.Equal(t, 32-o[""], o[apperr.CouponLocked]+o[apperr.CouponAlreadyUsed])
		inForce := w.Store.Client(h.ctx).CouponUse.Query().Where(couponuse.ActiveCouponIDNotNil()).CountX(h.ctx)
		require.Equal(t, o[""]-16, inForce)
		require.Equal(t, o[""] == 17, h.state(list[0].ID) == enum.CouponUsed)
		require.Equal(t, enum.CouponEffective, h.state(list[1].ID), "the other instance of the template")
		require.EqualValues(t, 600*inForce, h.owed())
		require.Equal(t, 2, w.Store.Client(h.ctx).Coupon.Query().Where(entcoupon.TemplateID(list[0].TemplateID)).CountX(h.ctx))
	})
}
