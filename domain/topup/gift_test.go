package topup_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/ent/outboxmessage"
	"dongxiao/internal/apperr"
	"dongxiao/internal/outbox"
	"dongxiao/internal/testkit"
)

// template is an active coupon template of the brand with so much stock.
func (x *shop) template(t testing.TB, stock int64) *ent.CouponTemplate {
	t.Helper()
	rule := x.client().CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, ThresholdFen: 2000}).SaveX(x.ctx)
	return x.client().CouponTemplate.Create().SetOrgID(x.Root.ID).SetName("立减10元").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(stock).SetStockLeft(stock).
		SetMemberLimit(1).SetClaimStartsAt(testkit.Start.Add(-time.Hour)).SetClaimEndsAt(testkit.Start.Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).SaveX(x.ctx)
}

// gifted is a paid top-up that comes with two coupons of each template and a bottle.
func (x *shop) gifted(t testing.TB, templates ...*ent.CouponTemplate) *ent.TopUp {
	t.Helper()
	product := x.client().Product.Create().SetCode("XL" + key()[:8]).SetName("小岭").SetCategory("白酒").SetSkuLine("小岭").SetState(enum.ProductActive).SaveX(x.ctx)
	bottle := x.client().SKU.Create().SetProductID(product.ID).SetCode("XL" + key()[:8]).SetName("100 ml").SetCartonSize(24).SetMode(enum.SellInstant).SaveX(x.ctx)
	return x.paid(t, x.tier(t, func(in *topup.TierInput) {
		in.Terms.Goods = []document.GoodsGift{{SKUID: bottle.ID, Count: 1}}
		for _, c := range templates {
			in.Terms.Coupons = append(in.Terms.Coupons, document.CouponGift{TemplateID: c.ID, Count: 2})
		}
	}))
}

// give carries the gifts of a top-up out, as the outbox does.
func (x *shop) give(t testing.TB, row *ent.TopUp) error {
	t.Helper()
	for _, m := range x.client().OutboxMessage.Query().Where(outboxmessage.Topic(topup.GiftTopic)).AllX(x.ctx) {
		var message struct {
			TopUpID int64 `json:"topUpId"`
		}
		require.NoError(t, json.Unmarshal(m.Payload, &message))
		if message.TopUpID == row.ID {
			return x.Give(x.ctx, outbox.Message{ID: m.ID, BrandID: m.BrandID, Topic: m.Topic, Payload: m.Payload, Attempt: 1})
		}
	}
	t.Fatal("no gifts are to be given")
	return nil
}

// coupons counts the member's coupons of a template by state.
func (x *shop) coupons(template *ent.CouponTemplate) map[enum.CouponState]int {
	count := map[enum.CouponState]int{}
	for _, c := range x.client().Coupon.Query().Where(coupon.MemberID(x.member.ID), coupon.TemplateID(template.ID)).AllX(x.ctx) {
		count[c.State]++
	}
	return count
}

// Coupons are given once, whatever limits stand for claims; goods stay in the terms of the top-up.
func TestGifts(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		first, second := x.template(t, 10), x.template(t, 10)
		row := x.gifted(t, first, second)
		require.Len(t, row.Terms.Goods, 1)
		require.Empty(t, x.coupons(first), "given after the commit")
		w.Clock.Advance(2 * time.Hour) // claiming is over
		for range 2 {
			require.NoError(t, x.give(t, row))
			for _, template := range []*ent.CouponTemplate{first, second} {
				require.Equal(t, map[enum.CouponState]int{enum.CouponEffective: 2}, x.coupons(template))
				require.EqualValues(t, 8, x.client().CouponTemplate.GetX(x.ctx, template.ID).StockLeft)
			}
		}
		require.Equal(t, 4, x.client().MemberEvent.Query().Where(memberevent.KindEQ(enum.EventCouponIssued)).CountX(x.ctx))
		require.Zero(t, x.client().OutboxMessage.Query().Where(outboxmessage.Topic(topup.GiftTopic)).CountX(x.ctx)-1)

		plain := x.paid(t, x.tier(t, nil))
		require.Equal(t, 1, x.client().OutboxMessage.Query().Where(outboxmessage.Topic(topup.GiftTopic)).CountX(x.ctx), "nothing comes with %d", plain.ID)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// A template without stock delays the coupons of all, and nothing else.
func TestGiftsWithoutStock(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		first, short := x.template(t, 10), x.template(t, 1)
		row := x.gifted(t, first, short)
		balance, _ := x.wallet(t)
		require.EqualValues(t, 110_000, balance)
		refused(t, apperr.OutOfStock, x.give(t, row))
		require.Empty(t, x.coupons(first))
		require.Empty(t, x.coupons(short))
		x.client().CouponTemplate.UpdateOne(short).AddTotalStock(1).AddStockLeft(1).ExecX(x.ctx)
		require.NoError(t, x.give(t, row))
		require.Equal(t, map[enum.CouponState]int{enum.CouponEffective: 2}, x.coupons(short))
		require.Equal(t, map[enum.CouponState]int{enum.CouponEffective: 2}, x.coupons(first))
	})
}

// What a member paid for is owed for longer than the outbox tries: it is asked for by the hour, until there is stock.
func TestGiftsWaitForStock(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		short := x.template(t, 1)
		x.gifted(t, short)
		messages := func() []*ent.OutboxMessage {
			return x.client().OutboxMessage.Query().Where(outboxmessage.Topic(topup.GiftTopic)).Order(outboxmessage.ByID()).AllX(x.ctx)
		}
		attempt := func(m *ent.OutboxMessage, n int) error {
			return x.Give(x.ctx, outbox.Message{ID: m.ID, BrandID: m.BrandID, Topic: m.Topic, Payload: m.Payload, Attempt: n})
		}
		first := messages()[0]
		refused(t, apperr.OutOfStock, attempt(first, 9))
		require.Len(t, messages(), 1)
		require.NoError(t, attempt(first, 10))
		require.Len(t, messages(), 2)
		next := messages()[1]
		require.JSONEq(t, string(first.Payload), string(next.Payload))
		require.Equal(t, w.Clock.Now().Add(time.Hour), next.DueAt)
		x.client().CouponTemplate.UpdateOne(short).AddTotalStock(1).AddStockLeft(1).ExecX(x.ctx)
		require.NoError(t, attempt(next, 1))
		require.Equal(t, map[enum.CouponState]int{enum.CouponEffective: 2}, x.coupons(short))

		x.gifted(t, short)
		w.Clock.Advance(91 * 24 * time.Hour)
		all := messages()
		refused(t, apperr.OutOfStock, attempt(all[len(all)-1], 10))
		require.Len(t, messages(), len(all), "nobody waits any more")
	})
}

// A refund takes back what nobody used; what it has begun to refund gets no gifts any more.
func TestGiftsOfARefundedTopUp(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := open(t, w)
		template := x.template(t, 10)
		given, late := x.gifted(t, template), x.gifted(t, template)
		require.NoError(t, x.give(t, given))
		used := x.client().Coupon.Query().FirstX(x.ctx)
		x.client().Coupon.UpdateOne(used).SetState(enum.CouponUsed).ExecX(x.ctx)
		for _, row := range []*ent.TopUp{given, late} {
			refund, _, err := x.request(x.owner, row, enum.FaultUnused, 100_000)
			require.NoError(t, err)
			require.NoError(t, x.give(t, row), "the refund waits for a second person")
			refund, err = x.Check(x.finance, refund.ID, true, "", key())
			require.NoError(t, err)
			require.NoError(t, x.returned(*refund.PaymentRefundID))
			require.NoError(t, x.give(t, row))
		}
		require.Equal(t, map[enum.CouponState]int{enum.CouponUsed: 1, enum.CouponRevoked: 1}, x.coupons(template))
		require.EqualValues(t, 8, x.client().CouponTemplate.GetX(x.ctx, template.ID).StockLeft)
	})
}
