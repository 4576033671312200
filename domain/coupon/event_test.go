package coupon_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/ent/outboxmessage"
	"dongxiao/internal/outbox"
	"dongxiao/internal/testkit"
)

// by makes a template for the event, of an org.
func by(event enum.CouponEvent, o *ent.Org) func(*ent.CouponTemplateCreate) {
	return func(c *ent.CouponTemplateCreate) {
		stock(1000)(c)
		c.SetEvent(event).SetOrgID(o.ID).SetClaimEndsAt(testkit.Start.AddDate(10, 0, 0))
	}
}

// count is how many coupons of the template there are; of one member where that is given.
func count(t testing.TB, w *testkit.World, template *ent.CouponTemplate, members ...*ent.Member) int {
	query := w.Store.Client(system(t, w)).Coupon.Query().Where(entcoupon.TemplateID(template.ID))
	for _, m := range members {
		query.Where(entcoupon.MemberID(m.ID))
	}
	return query.CountX(system(t, w))
}

func TestEventsGiveByOrg(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		ofBrand, ofStore := newTemplate(t, w, by(enum.CouponByRegistration, w.Root)), newTemplate(t, w, by(enum.CouponByRegistration, w.Store1))
		ofNext, other := newTemplate(t, w, by(enum.CouponByRegistration, w.Store2)), newTemplate(t, w, by(enum.CouponByTopUp, w.Root))
		paused := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			by(enum.CouponByRegistration, w.Root)(c)
			c.SetState(enum.TemplatePaused)
		})
		over := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			by(enum.CouponByRegistration, w.Root)(c)
			c.SetClaimEndsAt(testkit.Start)
		})
		soldOut := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			by(enum.CouponByRegistration, w.Root)(c)
			c.SetTotalStock(0).SetStockLeft(0)
		})
		poor := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			by(enum.CouponByRegistration, w.Root)(c)
			c.SetBudgetFen(999).SetBudgetLeftFen(999)
		})
		m := memberOf(t, w, w.Store1)
		homeless, _ := w.NewMember(t)
		for range 2 {
			require.NoError(t, s.GiveFor(ctx, enum.CouponByRegistration, m.ID, "", "registration-1"))
			require.NoError(t, s.GiveFor(ctx, enum.CouponByRegistration, homeless.ID, "", "registration-2"))
			require.NoError(t, s.GiveFor(ctx, enum.CouponByRegistration, m.ID, "", "registration-3"), "once a human, whatever the key")
		}
		require.Equal(t, 1, count(t, w, ofBrand, m))
		require.Equal(t, 1, count(t, w, ofBrand, homeless))
		require.Equal(t, 1, count(t, w, ofStore))
		for _, none := range []*ent.CouponTemplate{ofNext, other, paused, over, soldOut, poor} {
			require.Zero(t, count(t, w, none))
		}
		for range 2 { // a top-up each, at the first store
			require.NoError(t, s.GiveFor(ctx, enum.CouponByTopUp, m.ID, w.Store1.Path, "topup-event-1"))
			require.NoError(t, s.GiveFor(ctx, enum.CouponByTopUp, m.ID, w.Store1.Path, "topup-event-2"))
		}
		require.Equal(t, 2, count(t, w, other))
		require.NoError(t, s.TakeBackFor(ctx, m.ID, "topup-event-1"))
		require.Equal(t, 1, client.Coupon.Query().Where(entcoupon.TemplateID(other.ID), entcoupon.StateEQ(enum.CouponRevoked)).CountX(ctx))
		// Who comes again under another membership is the same human.
		again, _ := w.NewMember(t)
		client.Person.UpdateOneID(again.PersonID).SetLimitSubject(m.PersonID).ExecX(ctx)
		require.NoError(t, s.GiveFor(ctx, enum.CouponByRegistration, again.ID, w.Store1.Path, "registration-4"))
		require.Zero(t, count(t, w, ofBrand, again))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestEventsGoThroughTheOutbox(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		m, _ := w.NewMember(t)
		announce := func() {
			require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
				return s.Announce(ctx, enum.CouponByRegistration, m.ID, "", "registration-1")
			}))
		}
		announce()
		messages := w.Store.Client(ctx).OutboxMessage.Query().Where(outboxmessage.Topic(coupon.EventTopic))
		require.Zero(t, messages.Clone().CountX(ctx), "nobody waits for it")
		template := newTemplate(t, w, by(enum.CouponByRegistration, w.Root))
		announce()
		message := messages.OnlyX(ctx)
		for range 2 {
			require.NoError(t, s.HandleEvent(ctx, outbox.Message{ID: message.ID, BrandID: w.Brand.ID, Topic: message.Topic, Payload: json.RawMessage(message.Payload), Attempt: 1}))
		}
		require.Equal(t, 1, count(t, w, template, m))
		require.EqualValues(t, 1, w.Store.Client(ctx).Member.GetX(ctx, m.ID).EventSequence)
		require.Error(t, s.HandleEvent(ctx, outbox.Message{Payload: json.RawMessage(`7`)}))
	})
}

func TestBirthdays(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { by(enum.CouponByBirthday, w.Root)(c); c.SetMemberLimit(1) })
		regional := newTemplate(t, w, by(enum.CouponByBirthday, w.Region))
		bornOn := func(day string) *ent.Member {
			m, _ := w.NewMember(t)
			client.Person.UpdateOneID(m.PersonID).SetBirthday(day).ExecX(ctx)
			return m
		}
		november, leap, march, february := bornOn("1990-11-22"), bornOn("1992-02-29"), bornOn("1991-03-01"), bornOn("1991-02-28")
		visitor := bornOn("1990-11-22")
		client.Member.UpdateOne(visitor).SetState(enum.MemberVisitor).ClearRegisteredAt().ExecX(ctx)
		client.Member.UpdateOne(november).SetHomeStoreID(w.Store2.ID).ExecX(ctx)
		at := func(year int, month time.Month, day, hour int) {
			zone, err := time.LoadLocation("Asia/Shanghai")
			require.NoError(t, err)
			w.Clock.Set(time.Date(year, month, day, hour, 0, 0, 0, zone).UTC())
			for range 2 {
				require.NoError(t, s.GiveBirthdays(t.Context()))
			}
		}
		at(2026, time.November, 22, 0)
		require.Equal(t, 1, count(t, w, template, november))
		require.Equal(t, 1, count(t, w, regional))
		require.Equal(t, 1, count(t, w, template))
		at(2026, time.November, 22, 23)
		require.Equal(t, 1, count(t, w, template))

		// A changed birthday gives no second one in the year, and the next year does.
		client.Person.UpdateOneID(november.PersonID).SetBirthday("1990-11-23").ExecX(ctx)
		at(2026, time.November, 23, 9)
		require.Equal(t, 1, count(t, w, template, november))
		at(2027, time.February, 28, 9)
		require.Equal(t, 1, count(t, w, template, leap), "29 February is the 28th")
		require.Equal(t, 1, count(t, w, template, february))
		at(2027, time.March, 1, 9)
		require.Equal(t, 1, count(t, w, template, march))
		require.Equal(t, 1, count(t, w, template, leap))
		at(2027, time.November, 23, 9)
		require.Equal(t, 2, count(t, w, template, november))
		at(2028, time.February, 28, 9)
		require.Equal(t, 1, count(t, w, template, leap))
		require.Equal(t, 2, count(t, w, template, february))
		at(2028, time.February, 29, 9)
		require.Equal(t, 2, count(t, w, template, leap), "there is a 29th")
		require.Equal(t, 7, client.LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitEventPerson), limitcounter.ScopeID(template.ID)).CountX(ctx))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Who tells the birthday on the day itself is not too late, nor is who came when there was no stock.
func TestBirthdayToldOnTheDay(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			by(enum.CouponByBirthday, w.Root)(c)
			c.SetTotalStock(1).SetStockLeft(1)
		})
		born := func() *ent.Member {
			m, _ := w.NewMember(t)
			client.Person.UpdateOneID(m.PersonID).SetBirthday("1990-11-22").ExecX(ctx)
			return m
		}
		give := func() {
			require.NoError(t, s.GiveBirthdays(t.Context()))
			w.Clock.Advance(time.Hour)
		}
		first, second := born(), born()
		give()
		require.Equal(t, []int{1, 0}, []int{count(t, w, template, first), count(t, w, template, second)})
		client.CouponTemplate.UpdateOne(template).AddTotalStock(9).AddStockLeft(9).ExecX(ctx)
		third := born()
		for range 2 {
			give()
			require.Equal(t, []int{1, 1, 1}, []int{count(t, w, template, first), count(t, w, template, second), count(t, w, template, third)})
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Three servers give birthdays and a registration comes twice at once: each human gets one.
func TestRaceEventsGiveOnce(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := system(t, w)
		services := []*coupon.Service{newService(t, w), newService(t, w), newService(t, w)}
		birthday, registration := newTemplate(t, w, by(enum.CouponByBirthday, w.Root)), newTemplate(t, w, by(enum.CouponByRegistration, w.Root))
		rows := make([]*ent.Member, 8)
		for i := range rows {
			rows[i], _ = w.NewMember(t)
			w.Store.Client(ctx).Person.UpdateOneID(rows[i].PersonID).SetBirthday("1990-11-22").SetLimitSubject(rows[i/2*2].PersonID).ExecX(ctx)
		}
		o := race(35, func(i int) error {
			if i < 3 {
				return services[i].GiveBirthdays(t.Context())
			}
			m := rows[i%8]
			return services[i%3].GiveFor(ctx, enum.CouponByRegistration, m.ID, "", "registration-"+string(rune('a'+i%8)))
		})
		require.Equal(t, outcome{"": 35}, o)
		require.Equal(t, 4, count(t, w, registration), "two memberships are one human")
		require.Equal(t, 4, count(t, w, birthday))
	})
}
