package coupon_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/org"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// use uses a coupon in a transaction of its own.
func use(t testing.TB, w *testkit.World, s *coupon.Service, couponID, memberID, storeID int64, purchase money.Fen) (offer coupon.Offer, err error) {
	ctx := system(t, w)
	err = w.Store.WithTx(ctx, func(ctx context.Context) error {
		offers, err := s.Use(ctx, []int64{couponID}, memberID, place(t, s, ctx, storeID), redemption.Basket{Purchase: purchase})
		if err != nil {
			return err
		}
		if offer = offers[0]; offer.Refusal != nil {
			return offer.Refusal
		}
		return nil
	})
	return offer, err
}

// place is a store as the service judges at it.
func place(t testing.TB, s *coupon.Service, ctx context.Context, storeID int64) *org.Place {
	p, err := s.Orgs.Place(ctx, storeID)
	require.NoError(t, err)
	return p
}

// giveBack returns a coupon in a transaction of its own; left says that the member has left.
func giveBack(t testing.TB, w *testkit.World, s *coupon.Service, couponID int64, left bool) (row *ent.Coupon, err error) {
	ctx := system(t, w)
	err = w.Store.WithTx(ctx, func(ctx context.Context) error {
		row, err = s.Return(ctx, couponID, left)
		return err
	})
	return row, err
}

// claimed gives a new member a coupon of the template.
func claimed(t testing.TB, w *testkit.World, s *coupon.Service, template *ent.CouponTemplate) *ent.Coupon {
	row, err := s.Claim(members(t, w, 1)[0], template.ID, "some-key")
	require.NoError(t, err)
	return row.Coupon
}

func TestUseAndReturn(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		row := claimed(t, w, s, newTemplate(t, w, nil))
		offer, err := use(t, w, s, row.ID, row.MemberID, w.Store1.ID, 2500)
		require.NoError(t, err)
		require.EqualValues(t, 1000, offer.Discount)
		kept := w.Store.Client(ctx).Coupon.GetX(ctx, row.ID)
		require.Equal(t, enum.CouponUsed, kept.State)
		require.True(t, testkit.Start.Equal(*kept.UsedAt))
		_, err = use(t, w, s, row.ID, row.MemberID, w.Store1.ID, 2500)
		refused(t, apperr.CouponAlreadyUsed, err)

		back, err := giveBack(t, w, s, row.ID, false)
		require.NoError(t, err)
		require.Equal(t, enum.CouponEffective, back.State)
		kept = w.Store.Client(ctx).Coupon.GetX(ctx, row.ID)
		require.Equal(t, enum.CouponEffective, kept.State)
		require.Nil(t, kept.UsedAt)
		_, err = giveBack(t, w, s, row.ID, false)
		refused(t, apperr.Conflict, err)
		_, err = giveBack(t, w, s, 12345, false)
		refused(t, apperr.NotFound, err)

		_, err = use(t, w, s, row.ID, row.MemberID, w.Store1.ID, 2500)
		require.NoError(t, err)
		w.Clock.Set(row.ExpiresAt)
		back, err = giveBack(t, w, s, row.ID, false)
		require.NoError(t, err)
		require.Equal(t, enum.CouponExpired, back.State, "its time is over meanwhile")
		_, err = use(t, w, s, row.ID, row.MemberID, w.Store1.ID, 2500)
		refused(t, apperr.CouponExpired, err)

		row = claimed(t, w, s, newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetClaimEndsAt(row.ExpiresAt.Add(time.Hour)) }))
		_, err = use(t, w, s, row.ID, row.MemberID, w.Store1.ID, 2500)
		require.NoError(t, err)
		back, err = giveBack(t, w, s, row.ID, true)
		require.NoError(t, err)
		require.Equal(t, enum.CouponRevoked, back.State, "who left gets nothing back")
	})
}

func TestUseRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		rule := document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, ThresholdFen: 2000}
		scoped := func(orgIDs ...int64) document.CouponRule {
			scoped := rule
			scoped.Scope.OrgIDs = orgIDs
			return scoped
		}
		at := func(org *ent.Org) func(*ent.CouponTemplateCreate) {
			return func(c *ent.CouponTemplateCreate) { c.SetOrgID(org.ID) }
		}
		for name, c := range map[string]struct {
			rule     document.CouponRule
			template func(*ent.CouponTemplateCreate)
			state    enum.CouponState
			after    time.Duration
			store    *ent.Org
			purchase money.Fen
			code     apperr.Code
		}{
			"any store of the issuing org":        {rule: rule, template: at(w.Region), store: w.Store1, purchase: 2000},
			"a store outside of the issuing org":  {rule: rule, template: at(w.Store2), store: w.Store1, purchase: 2000, code: apperr.CouponOutOfScope},
			"a store that the distributor serves": {rule: rule, template: at(w.Distributor), store: w.Store1, purchase: 2000},
			"a store that it does not serve":      {rule: rule, template: at(w.Distributor), store: w.Store2, purchase: 2000, code: apperr.CouponOutOfScope},
			"a store in the scope":                {rule: scoped(w.Store1.ID, w.Store2.ID), store: w.Store2, purchase: 2000},
			"a region in the scope":               {rule: scoped(w.Region.ID), store: w.Store2, purchase: 2000},
			"a distributor in the scope":          {rule: scoped(w.Distributor.ID), store: w.Store1, purchase: 2000},
			"a store out of the scope":            {rule: scoped(w.Store1.ID), store: w.Store2, purchase: 2000, code: apperr.CouponOutOfScope},
			"a purchase below the threshold":      {rule: rule, store: w.Store1, purchase: 1999, code: apperr.CouponThresholdNotMet},
			"no purchase":                         {rule: rule, store: w.Store1, code: apperr.CouponThresholdNotMet},
			"the last moment":                     {rule: rule, store: w.Store1, purchase: 2000, after: 7*24*time.Hour - time.Microsecond},
			"the first moment after":              {rule: rule, store: w.Store1, purchase: 2000, after: 7 * 24 * time.Hour, code: apperr.CouponExpired},
			"the last moment before":              {rule: rule, template: func(c *ent.CouponTemplateCreate) { c.SetDelayDays(1) }, store: w.Store1, purchase: 2000, after: 24*time.Hour - time.Microsecond, code: apperr.CouponNotEffective},
			"pending, and its window has begun":   {rule: rule, template: func(c *ent.CouponTemplateCreate) { c.SetDelayDays(1) }, store: w.Store1, purchase: 2000, after: 24 * time.Hour},
			"locked":                              {rule: rule, state: enum.CouponLocked, store: w.Store1, purchase: 2000, code: apperr.CouponLocked},
			"revoked":                             {rule: rule, state: enum.CouponRevoked, store: w.Store1, purchase: 2000, code: apperr.CouponAlreadyUsed},
			"transferring":                        {rule: rule, state: enum.CouponTransferring, store: w.Store1, purchase: 2000, code: apperr.CouponAlreadyUsed},
			"transferred":                         {rule: rule, state: enum.CouponTransferred, store: w.Store1, purchase: 2000, code: apperr.CouponAlreadyUsed},
			"expired by the sweep":                {rule: rule, state: enum.CouponExpired, store: w.Store1, purchase: 2000, code: apperr.CouponExpired},
			"used":                                {rule: rule, state: enum.CouponUsed, store: w.Store1, purchase: 2000, code: apperr.CouponAlreadyUsed},
		} {
			w.Clock.Set(testkit.Start)
			row := claimed(t, w, s, newTemplateWith(t, w, c.rule, c.template))
			if c.state != "" {
				w.Store.Client(ctx).Coupon.UpdateOneID(row.ID).SetState(c.state).ExecX(ctx)
			}
			before := w.Store.Client(ctx).Coupon.GetX(ctx, row.ID).String()
			w.Clock.Advance(c.after)
			_, err := use(t, w, s, row.ID, row.MemberID, c.store.ID, c.purchase)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			require.Equal(t, c.code != "", before == w.Store.Client(ctx).Coupon.GetX(ctx, row.ID).String(), name)
		}
		w.Clock.Set(testkit.Start)
		row := claimed(t, w, s, newTemplate(t, w, nil))
		other := claimed(t, w, s, newTemplate(t, w, nil))
		_, err := use(t, w, s, row.ID, other.MemberID, w.Store1.ID, 2000)
		refused(t, apperr.NotFound, err)

		paused, void := newTemplate(t, w, nil), newTemplate(t, w, nil)
		of := map[*ent.CouponTemplate]*ent.Coupon{paused: claimed(t, w, s, paused), void: claimed(t, w, s, void)}
		w.Store.Client(ctx).CouponTemplate.UpdateOneID(paused.ID).SetState(enum.TemplatePaused).ExecX(ctx)
		w.Store.Client(ctx).CouponTemplate.UpdateOneID(void.ID).SetState(enum.TemplateVoid).ExecX(ctx)
		_, err = use(t, w, s, of[paused].ID, of[paused].MemberID, w.Store1.ID, 2000)
		require.NoError(t, err, "issued coupons stay usable")
		_, err = use(t, w, s, of[void].ID, of[void].MemberID, w.Store1.ID, 2000)
		refused(t, apperr.TemplateNotActive, err)
	})
}

func TestRaceOfTills(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		row := claimed(t, w, s, newTemplate(t, w, nil))
		o := race(32, func(int) error {
			_, err := use(t, w, s, row.ID, row.MemberID, w.Store1.ID, 2000)
			return err
		})
		require.Equal(t, outcome{"": 1, apperr.CouponAlreadyUsed: 31}, o)
		o = race(32, func(int) error {
			_, err := giveBack(t, w, s, row.ID, false)
			return err
		})
		require.Equal(t, outcome{"": 1, apperr.Conflict: 31}, o)
	})
}

func TestPreview(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), members(t, w, 1)[0]
		of := func(amount, threshold money.Fen, days int) int64 {
			template := newTemplateWith(t, w, document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: amount, ThresholdFen: threshold},
				func(c *ent.CouponTemplateCreate) { c.SetValidDays(days) })
			row, err := s.Claim(ctx, template.ID, fmt.Sprintf("key-%d", template.ID))
			require.NoError(t, err)
			return row.ID
		}
		small, large, later, dear := of(500, 0, 5), of(900, 0, 5), of(900, 0, 6), of(5000, 20_000, 3)
		used := of(9999, 0, 5)
		memberID := auth.FromContext(ctx).MemberID
		_, err := use(t, w, s, used, memberID, w.Store1.ID, 10_000)
		require.NoError(t, err)
		claimed(t, w, s, newTemplate(t, w, nil))

		offers, best, err := s.Preview(system(t, w), memberID, nil, place(t, s, system(t, w), w.Store1.ID), redemption.Basket{Purchase: 10_000})
		require.NoError(t, err)
		var order []int64
		for _, o := range offers {
			order = append(order, o.Coupon.ID)
		}
		require.Equal(t, []int64{large, later, small, dear}, order)
		require.Len(t, best, 1, "of one stack group one is used")
		require.Equal(t, large, best[0].Coupon.ID)
		require.Nil(t, offers[0].Refusal)
		require.EqualValues(t, 900, offers[0].Discount)
		require.Equal(t, apperr.CouponThresholdNotMet, offers[3].Refusal.Code)
		require.Equal(t, "200.00", offers[3].Refusal.Params["threshold"])
		w.Clock.Advance(7 * 24 * time.Hour)
		offers, _, err = s.Preview(system(t, w), memberID, nil, place(t, s, system(t, w), w.Store1.ID), redemption.Basket{Purchase: 10_000})
		require.NoError(t, err)
		require.Empty(t, offers)
	})
}
