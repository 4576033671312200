package coupon_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/ent/exchangecode"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// administrator is a viewer who writes the brand's templates.
func administrator(t testing.TB, w *testkit.World) context.Context {
	_, viewer := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
	return testkit.As(t, viewer)
}

func TestExchangeCodes(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, staff := newService(t, w), administrator(t, w)
		template, other := newTemplate(t, w, nil), newTemplate(t, w, nil)
		list := []string{"abc-DEF 1", "short", "ABCDEF1", "SECOND22", strings.Repeat("A", 33), "坏的代码坏的"}
		for range 2 {
			accepted, refusals, err := s.ImportCodes(staff, template.ID, " 合作方 ", list, "import-key")
			require.NoError(t, err)
			require.Equal(t, 2, accepted)
			require.Equal(t, []*coupon.CodeRefusal{{Index: 1, Fault: coupon.CodeMalformed}, {Index: 2, Fault: coupon.CodeRepeated}, {Index: 4, Fault: coupon.CodeMalformed},
				{Index: 5, Fault: coupon.CodeMalformed}}, refusals)
		}
		accepted, refusals, err := s.ImportCodes(staff, other.ID, "另一批", []string{"ABCDEF1", "THIRD333"}, "import-key-2")
		require.NoError(t, err)
		require.Equal(t, 1, accepted)
		require.Equal(t, []*coupon.CodeRefusal{{Index: 0, Fault: coupon.CodeTaken}}, refusals)
		_, _, err = s.ImportCodes(staff, template.ID, "合作方", []string{"OTHER444"}, "import-key")
		refused(t, apperr.IdempotencyKeyReused, err)
		_, _, err = s.ImportCodes(staff, template.ID, "", []string{"OTHER444"}, "import-key-3")
		refused(t, apperr.InvalidInput, err)
		_, _, err = s.ImportCodes(staff, template.ID, "一", nil, "import-key-3")
		refused(t, apperr.InvalidInput, err)
		_, owner := w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
		_, _, err = s.ImportCodes(testkit.As(t, owner), template.ID, "一", []string{"OTHER444"}, "import-key-3")
		refused(t, apperr.NotFound, err)
		for _, row := range w.Store.Client(t.Context()).ExchangeCode.Query().AllX(system(t, w)) {
			require.NotContains(t, row.CodeHash, "ABCDEF1")
		}

		_, viewer := w.NewMember(t)
		_, second := w.NewMember(t)
		me, another := testkit.As(t, viewer), testkit.As(t, second)
		got, err := s.Exchange(me, "abcdef1", "exchange-key")
		require.NoError(t, err)
		require.Equal(t, enum.SourceExchange, got.Source)
		for _, key := range []string{"exchange-key", "exchange-key-2"} {
			same, err := s.Exchange(me, "ABC-DEF1", key)
			require.NoError(t, err)
			require.Equal(t, got.ID, same.ID)
		}
		_, used := s.Exchange(another, "ABCDEF1", "exchange-key")
		_, unknown := s.Exchange(another, "NOSUCH99", "exchange-key-2")
		refused(t, apperr.ExchangeCodeInvalid, used)
		require.Equal(t, unknown, used, "a wrong code and one that is used up are told alike")
		_, err = s.Exchange(me, "SECOND22", "exchange-key-3")
		refused(t, apperr.LimitReached, err)
		_, err = s.Exchange(another, "SECOND22", "exchange-key-3")
		require.NoError(t, err)
		page, err := s.Batches(staff, template.ID, nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 1)
		require.Equal(t, []any{"合作方", int64(2), int64(2)}, []any{page.Nodes[0].Batch, page.Nodes[0].Codes, page.Nodes[0].Exchanged})
		none, err := s.Batches(testkit.As(t, owner), template.ID, nil, nil)
		require.NoError(t, err)
		require.Empty(t, none.Nodes)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Ten wrong codes a day: then even a right one is not looked at, until tomorrow.
func TestExchangeTries(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetClaimEndsAt(testkit.Start.Add(72 * time.Hour)) })
		_, _, err := s.ImportCodes(administrator(t, w), template.ID, "一", []string{"RIGHT123"}, "import-key")
		require.NoError(t, err)
		_, viewer := w.NewMember(t)
		me := testkit.As(t, viewer)
		got := race(64, func(i int) error {
			_, err := s.Exchange(me, fmt.Sprintf("WRONG%d", 100+i), fmt.Sprintf("wrong-key-%d", i))
			return err
		})
		require.Equal(t, 10, got[apperr.ExchangeCodeInvalid])
		require.Equal(t, 64, got[apperr.ExchangeCodeInvalid]+got[apperr.ExchangeTriesUsedUp]+got[apperr.Conflict])
		_, err = s.Exchange(me, "RIGHT123", "right-key")
		refused(t, apperr.ExchangeTriesUsedUp, err)
		w.Clock.Advance(24 * time.Hour)
		_, err = s.Exchange(me, "RIGHT123", "right-key")
		require.NoError(t, err)
	})
}

// Codes that are made here are fetched once.
func TestGeneratedCodes(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, staff := newService(t, w), administrator(t, w)
		template := newTemplate(t, w, nil)
		link, err := s.GenerateCodes(staff, template.ID, "地推", 1200, "generate-key")
		require.NoError(t, err)
		_, err = s.GenerateCodes(staff, template.ID, "地推", 1200, "generate-key")
		require.NoError(t, err)
		require.Equal(t, 1200, w.Store.Client(t.Context()).ExchangeCode.Query().Where(exchangecode.TemplateID(template.ID)).CountX(system(t, w)))
		token := link.URL[strings.LastIndex(link.URL, "/")+1:]
		made, err := s.OpenCodes(t.Context(), token)
		require.NoError(t, err)
		require.Len(t, made.Codes, 1200)
		_, err = s.OpenCodes(t.Context(), token)
		refused(t, apperr.NotFound, err)
		_, viewer := w.NewMember(t)
		_, err = s.Exchange(testkit.As(t, viewer), made.Codes[1199], "exchange-key")
		require.NoError(t, err)
		_, err = s.GenerateCodes(staff, template.ID, "地推", 10_001, "generate-key-2")
		refused(t, apperr.InvalidInput, err)
	})
}

// 64 members exchange one code at once: one coupon.
func TestRaceToExchangeACode(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		template := newTemplate(t, w, nil)
		_, _, err := servers[0].ImportCodes(administrator(t, w), template.ID, "一", []string{"ONLYONE1"}, "import-key")
		require.NoError(t, err)
		callers := members(t, w, 64)
		require.Equal(t, outcome{"": 1, apperr.ExchangeCodeInvalid: 63}, race(64, func(i int) error {
			_, err := servers[i%2].Exchange(callers[i], "ONLYONE1", "exchange-key")
			return err
		}))
		require.Equal(t, 1, w.Store.Client(t.Context()).Coupon.Query().Where(entcoupon.TemplateID(template.ID)).CountX(system(t, w)))
		require.EqualValues(t, 9, w.Store.Client(t.Context()).CouponTemplate.GetX(system(t, w), template.ID).StockLeft)
	})
}

// A member whose phone sends the same code several times at once, each time as a new call, gets the coupon each time; and of several codes at once as many as the limit
// allows.
func TestRaceToExchangeOnesOwnCodes(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		once := newTemplate(t, w, nil)
		limited := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(100)(c); c.SetMemberLimit(3) })
		staff := administrator(t, w)
		_, _, err := servers[0].ImportCodes(staff, once.ID, "一", []string{"ONLYONE1"}, "import-key-1")
		require.NoError(t, err)
		codes := make([]string, 8) // fewer than the tries of a day, of which each call under way holds one
		for i := range codes {
			codes[i] = fmt.Sprintf("SEVERAL%02d", i)
		}
		_, _, err = servers[0].ImportCodes(staff, limited.ID, "二", codes, "import-key-2")
		require.NoError(t, err)
		_, viewer := w.NewMember(t)
		me := testkit.As(t, viewer)
		require.Equal(t, outcome{"": 8}, race(8, func(i int) error {
			_, err := servers[i%2].Exchange(me, "ONLYONE1", fmt.Sprintf("exchange-key-%d", i))
			return err
		}))
		consistent(t, w, once.ID, 1)
		require.Equal(t, outcome{"": 3, apperr.LimitReached: 5}, race(8, func(i int) error {
			_, err := servers[i%2].Exchange(me, codes[i], fmt.Sprintf("several-key-%d", i))
			return err
		}))
		consistent(t, w, limited.ID, 3)
	})
}
