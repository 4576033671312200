package coupon_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/message"
	"dongxiao/domain/org"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/memberevent"
	"dongxiao/ent/messagepermission"
	"dongxiao/ent/outboxmessage"
	"dongxiao/internal/apperr"
	"dongxiao/internal/outbox"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechat"
)

// post is WeChat as the sender sees it.
type post struct {
	mu      sync.Mutex
	answers []error
	sent    []wechat.SubscribeMessage
	// dies is called in the place of the next answer: before WeChat has the message, or after.
	dies func(take func())
}

func (p *post) SendSubscribeMessage(_ context.Context, _ wechat.App, m wechat.SubscribeMessage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if dies := p.dies; dies != nil {
		p.dies = nil
		dies(func() { p.sent = append(p.sent, m) })
	}
	var answer error
	if len(p.answers) > 0 {
		answer, p.answers = p.answers[0], p.answers[1:]
	}
	if answer == nil {
		p.sent = append(p.sent, m)
	}
	return answer
}

func (p *post) OpenID(context.Context, int64, int64) (string, error) { return "openid", nil }
func (p *post) WeChatApp(context.Context, int64) (wechat.App, error) { return wechat.App{}, nil }
func refusedBy(code int) error                                       { return &wechat.Error{Operation: "subscribe_send", ErrCode: code} }

// reminding is a brand that reminds its members two days before, and a member with two coupons that end in a week.
type reminding struct {
	*testkit.World
	service  *coupon.Service
	post     *post
	member   *ent.Member
	ctx, sys context.Context
}

func newReminding(t *testing.T, w *testkit.World) *reminding {
	r := &reminding{World: w, service: newService(t, w), post: &post{}, sys: system(t, w)}
	r.service.Messages = message.New(message.Options{Store: w.Store, Clock: w.Clock, Orgs: r.service.Orgs, Roots: org.NewRoots(w.Store), Addressees: r.post, WeChat: r.post,
		Log: slog.New(slog.DiscardHandler), Subjects: map[enum.MessageTopic]message.Subject{enum.MessageCouponExpiry: r.service}})
	settings, err := r.service.Messages.Settings(r.sys)
	require.NoError(t, err)
	_, err = r.service.Messages.SetSettings(administrator(t, w), document.MessageSettings{NoticeHours: 48, QuietFrom: 22, QuietUntil: 8, CouponExpiry: []document.MessageTemplate{
		{AppID: w.Apps[auth.Storefront].ID, TemplateID: "T1", NameKey: "thing1", TimeKey: "time2", HintKey: "thing3"}}}, settings.Version)
	require.NoError(t, err)
	m, viewer := w.NewMember(t)
	r.member, r.ctx = m, testkit.As(t, viewer)
	template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(2) })
	for _, key := range []string{"claim-one", "claim-two"} {
		_, err := r.service.Claim(r.ctx, template.ID, key)
		require.NoError(t, err)
	}
	return r
}

func (r *reminding) sweep(t *testing.T) {
	_, err := r.service.RemindDue(r.sys, 100)
	require.NoError(t, err)
}

func (r *reminding) messages(t *testing.T) []*ent.OutboxMessage {
	return r.Store.Client(t.Context()).OutboxMessage.Query().Where(outboxmessage.Topic(coupon.ReminderTopic)).AllX(r.sys)
}

func (r *reminding) carryOut(m *ent.OutboxMessage) error {
	return r.service.Remind(r.sys, outbox.Message{ID: m.ID, BrandID: m.BrandID, Topic: m.Topic, Payload: m.Payload, Attempt: 1})
}

func (r *reminding) remaining(t *testing.T) int {
	return r.Store.Client(t.Context()).MessagePermission.Query().Where(messagepermission.PersonID(r.member.PersonID)).OnlyX(r.sys).Remaining
}

func TestReminders(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newReminding(t, w)
		for range 2 {
			p, err := r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 3, "allow-key")
			require.NoError(t, err)
			require.Equal(t, 3, p.Remaining)
			require.Equal(t, "T1", *p.TemplateID)
		}
		_, err := r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 11, "allow-key-2")
		refused(t, apperr.InvalidInput, err)
		r.sweep(t)
		require.Empty(t, r.messages(t), "five days before their end nobody is reminded")

		w.Clock.Advance(5*24*time.Hour + 13*time.Hour) // 23:00 in China
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() { r.sweep(t) })
		}
		wait.Wait()
		written := r.messages(t)
		require.Len(t, written, 1, "one message for both coupons, once, however many sweep")
		require.Equal(t, 2, r.remaining(t))
		require.Equal(t, time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC).Hour(), written[0].DueAt.UTC().Hour(), "at eight in the morning")
		require.Equal(t, 2, w.Store.Client(t.Context()).MemberEvent.Query().Where(memberevent.MemberID(r.member.ID), memberevent.KindEQ(enum.EventCouponExpiring)).CountX(r.sys))

		r.post.answers = []error{refusedBy(-1), wechat.ErrUnavailable, refusedBy(45009)}
		for range 3 {
			require.Error(t, r.carryOut(written[0]), "to be tried again")
		}
		for range 3 {
			require.NoError(t, r.carryOut(written[0]))
		}
		require.Len(t, r.post.sent, 1, "repeats send once")
		require.Equal(t, "立减10元", r.post.sent[0].Data["thing1"])
		require.Equal(t, "2026-11-29 10:00", r.post.sent[0].Data["time2"])
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// What WeChat refuses for good is not tried again; 43101 says that nothing is allowed any more.
func TestReminderRefusedForGood(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newReminding(t, w)
		template := newTemplate(t, w, nil)
		for _, code := range []int{43101, 43107, 47003, 40003, 40037, 45168} {
			w.Clock.Set(testkit.Start)
			m, viewer := w.NewMember(t)
			r.member, r.ctx = m, testkit.As(t, viewer)
			_, err := r.service.Claim(r.ctx, template.ID, "claim-key")
			require.NoError(t, err)
			_, err = r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 3, "allow-key")
			require.NoError(t, err)
			r.Clock.Set(testkit.Start.Add(6 * 24 * time.Hour))
			r.sweep(t)
			r.post.answers = []error{refusedBy(code)}
			written := r.messages(t)
			for range 2 {
				require.NoError(t, r.carryOut(written[len(written)-1]))
			}
			require.Empty(t, r.post.sent)
			require.Equal(t, map[bool]int{true: 0, false: 2}[code == 43101], r.remaining(t))
		}
	})
}

// Coupons that were used before the message is sent are not mentioned; where none is left nothing is sent, and the permission comes back, once.
func TestReminderOfWhatIsGone(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newReminding(t, w)
		_, err := r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 1, "allow-key")
		require.NoError(t, err)
		w.Clock.Set(testkit.Start.Add(6 * 24 * time.Hour))
		r.sweep(t)
		require.Zero(t, r.remaining(t))
		w.Store.Client(t.Context()).Coupon.Update().Where(entcoupon.MemberID(r.member.ID)).SetState(enum.CouponRevoked).ExecX(r.sys)
		for range 2 {
			require.NoError(t, r.carryOut(r.messages(t)[0]))
		}
		require.Empty(t, r.post.sent)
		require.Equal(t, 1, r.remaining(t))
	})
}

// A server that dies before WeChat has the message loses nothing: the next attempt sends it. One that dies before it has noted that WeChat has it sends it
// again, once: nobody is left without.
func TestReminderSurvivesCrashes(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		for sent, dies := range []func(take func()){1: func(func()) { panic("killed") }, 2: func(take func()) { take(); panic("killed") }} {
			if dies == nil {
				continue
			}
			w.Clock.Set(testkit.Start)
			r := newReminding(t, w)
			_, err := r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 3, "allow-key")
			require.NoError(t, err)
			w.Clock.Set(testkit.Start.Add(6 * 24 * time.Hour))
			r.sweep(t)
			written := r.messages(t)
			last := written[len(written)-1]
			r.post.dies = dies
			require.Panics(t, func() { _ = r.carryOut(last) })
			for range 3 {
				require.NoError(t, r.carryOut(last))
			}
			require.Len(t, r.post.sent, sent)
			require.Equal(t, 2, r.remaining(t))
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Where the brand sends no messages in the mini-program any more, the permission comes back, once.
func TestReminderWithoutTemplate(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newReminding(t, w)
		_, err := r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 1, "allow-key")
		require.NoError(t, err)
		w.Clock.Set(testkit.Start.Add(6 * 24 * time.Hour))
		r.sweep(t)
		_, err = r.service.Messages.SetSettings(administrator(t, w), document.MessageSettings{NoticeHours: 48, QuietFrom: 22, QuietUntil: 8}, 1)
		require.NoError(t, err)
		for range 2 {
			require.NoError(t, r.carryOut(r.messages(t)[0]))
		}
		require.Empty(t, r.post.sent)
		require.Equal(t, 1, r.remaining(t))
	})
}

// Whoever allows a message after it was told live of coupons that end gets one for these; what a message was written for before is not mentioned again.
func TestReminderAllowedLater(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		r := newReminding(t, w)
		w.Clock.Set(testkit.Start.Add(6 * 24 * time.Hour))
		r.sweep(t)
		require.Empty(t, r.messages(t), "told live alone")
		_, err := r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 2, "allow-key")
		require.NoError(t, err)
		for range 2 {
			r.sweep(t)
		}
		require.Len(t, r.messages(t), 1)
		require.NoError(t, r.carryOut(r.messages(t)[0]))
		require.Contains(t, r.post.sent[0].Data["thing3"], "2张")
		require.Equal(t, 1, r.remaining(t))

		_, err = r.service.Messages.Allow(r.ctx, enum.MessageCouponExpiry, 1, "allow-key-2")
		require.NoError(t, err)
		r.sweep(t)
		require.Len(t, r.messages(t), 1)
		require.Equal(t, 2, r.remaining(t))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
