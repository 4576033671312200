package coupon_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/coupon"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/message"
	"dongxiao/domain/org"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/testkit"
)

// newService makes the service on the world; several of them are several servers.
func newService(t testing.TB, w *testkit.World) *coupon.Service {
	cursors := func() *cursor.Codec { return cursor.New([][]byte{[]byte("a secret of thirty-two bytes ....")}) }
	orgs, events := org.New(w.Store, w.Clock, cursors), memberevent.New(w.Store, nil)
	s := coupon.New(coupon.Options{Store: w.Store, Clock: w.Clock, Redis: w.Redis, Orgs: orgs, Events: events, Cursors: cursors,
		Clearing: clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: orgs, Ledger: ledger.New(w.Store), Cursors: cursors}),
		Catalog:  catalog.New(w.Store, org.NewRoots(w.Store), cursors), Keyring: w.Keyring, Log: slog.New(slog.DiscardHandler),
		Links:    &download.Links{Store: w.Store, Clock: w.Clock, Cursors: cursors, Base: "https://example.com"},
		Messages: message.New(message.Options{Store: w.Store, Clock: w.Clock, Orgs: orgs, Roots: org.NewRoots(w.Store), Log: slog.New(slog.DiscardHandler)}),
		Members:  member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Orgs: orgs, Events: events})})
	t.Cleanup(func() { require.NoError(t, s.Close(context.WithoutCancel(t.Context()))) })
	return s
}

// system is the world's brand itself.
func system(t testing.TB, w *testkit.World) context.Context {
	return auth.System(t.Context(), w.Brand.ID)
}

// newTemplate makes an active template with a stock of 10, one a member, claimable for a day around now and usable for seven days.
func newTemplate(t testing.TB, w *testkit.World, change func(*ent.CouponTemplateCreate)) *ent.CouponTemplate {
	return newTemplateWith(t, w, document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, ThresholdFen: 2000}, change)
}

func newTemplateWith(t testing.TB, w *testkit.World, r document.CouponRule, change func(*ent.CouponTemplateCreate)) *ent.CouponTemplate {
	ctx := system(t, w)
	client := w.Store.Client(ctx)
	rule := client.CouponRule.Create().SetRule(r).SaveX(ctx)
	create := client.CouponTemplate.Create().SetOrgID(w.Root.ID).SetName("立减10元").SetState(enum.TemplateActive).SetRuleID(rule.ID).
		SetTotalStock(10).SetStockLeft(10).SetMemberLimit(1).SetClaimStartsAt(testkit.Start.Add(-12 * time.Hour)).
		SetClaimEndsAt(testkit.Start.Add(12 * time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7)
	if change != nil {
		change(create)
	}
	return create.SaveX(ctx)
}

// stock sets the stock of a new template.
func stock(n int64) func(*ent.CouponTemplateCreate) {
	return func(c *ent.CouponTemplateCreate) { c.SetTotalStock(n).SetStockLeft(n) }
}

// members makes n members, each with a context of its own.
func members(t testing.TB, w *testkit.World, n int) []context.Context {
	contexts := make([]context.Context, n)
	for i := range contexts {
		_, viewer := w.NewMember(t)
		contexts[i] = testkit.As(t, viewer)
	}
	return contexts
}

// outcome counts the answers to many calls: by refusal, "" for a success.
type outcome map[apperr.Code]int

// race runs the calls at once.
func race(n int, call func(i int) error) outcome {
	o := outcome{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := call(i)
			mu.Lock()
			defer mu.Unlock()
			o[apperr.CodeOf(err)]++
		})
	}
	wg.Wait()
	return o
}

// consistent proves that stock, rows and counters of a template agree.
func consistent(t testing.TB, w *testkit.World, templateID int64, issued int) {
	t.Helper()
	ctx := system(t, w)
	client := w.Store.Client(ctx)
	template := client.CouponTemplate.GetX(ctx, templateID)
	rows := client.Coupon.Query().Where(entcoupon.TemplateID(templateID)).AllX(ctx)
	require.Len(t, rows, issued)
	require.EqualValues(t, issued, template.TotalStock-template.StockLeft)
	byMember := map[int64]int64{}
	for _, row := range rows {
		byMember[row.MemberID]++
	}
	counters := client.LimitCounter.Query().Where(limitcounter.ScopeID(templateID), limitcounter.KindEQ(enum.LimitMemberTotal)).AllX(ctx)
	require.Len(t, counters, len(byMember))
	for _, c := range counters {
		require.Equal(t, byMember[c.SubjectID], c.Count)
	}
}

// refused checks a code.
func refused(t testing.TB, code apperr.Code, err error) {
	t.Helper()
	require.Equal(t, code, apperr.CodeOf(err), "%v", err)
}

// saidInWords checks that what contradicts what is told in sentences, not in signs.
func saidInWords(t testing.TB, err error) {
	t.Helper()
	refusal := err.(*apperr.Error)
	if refusal.Code == apperr.TemplateInvalid {
		require.NotContains(t, refusal.Message(apperr.Chinese), refusal.Params["reason"])
		require.NotContains(t, refusal.Message(apperr.English), refusal.Params["reason"])
	}
}
