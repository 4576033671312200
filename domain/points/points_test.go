package points_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/points"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

const day = 24 * time.Hour

func TestLifeOfPoints(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := d.system(t)
		received := d.Clock.Now()
		require.NoError(t, d.Earn(ctx, d.member.ID, 1, 10_099, received))
		require.NoError(t, d.Earn(ctx, d.member.ID, 1, 10_099, received), "once for a subject")
		require.Equal(t, [3]int64{0, 100, 0}, d.has(t))
		require.Equal(t, apperr.PointsInsufficient, apperr.CodeOf(d.Spend(ctx, d.member.ID, 2, 1)), "what is pending is not spent")

		d.Clock.Advance(7*day - time.Second)
		d.sweep(t)
		require.Equal(t, [3]int64{0, 100, 0}, d.has(t))
		d.Clock.Advance(time.Second)
		d.sweep(t)
		require.Equal(t, [3]int64{100, 0, 0}, d.has(t))
		require.EqualValues(t, 100, d.Store.Client(ctx).Member.GetX(ctx, d.member.ID).GrowthValue, "growth comes with the points")
		n, err := d.SettleDueIn(ctx, 100)
		require.NoError(t, err)
		require.Zero(t, n, "what is done is not looked at again")

		require.NoError(t, d.Spend(ctx, d.member.ID, 2, 60))
		require.NoError(t, d.Spend(ctx, d.member.ID, 2, 60), "once for a subject")
		require.Equal(t, [3]int64{40, 0, 0}, d.has(t))
		require.NoError(t, d.Return(ctx, 2, 10))
		require.NoError(t, d.Return(ctx, 2, 10), "once for a total")
		require.Equal(t, [3]int64{50, 0, 0}, d.has(t))

		// Two thirds of the money go back: 67 of 100 points, of which 50 are there.
		require.NoError(t, d.ClawBack(ctx, 1, points.Part{Refunded: 2, Total: 3}))
		require.NoError(t, d.ClawBack(ctx, 1, points.Part{Refunded: 2, Total: 3}), "once for a part")
		require.Equal(t, [3]int64{0, 0, 17}, d.has(t))
		require.NoError(t, d.Return(ctx, 2, 60), "what comes back pays the debt")
		require.Equal(t, [3]int64{33, 0, 0}, d.has(t))
		require.NoError(t, d.ClawBack(ctx, 1, points.Part{Refunded: 3, Total: 3}))
		require.Equal(t, [3]int64{0, 0, 0}, d.has(t))

		require.NoError(t, d.Earn(ctx, d.member.ID, 3, 5_000, received.AddDate(0, 0, -7)), "received a week before")
		d.sweep(t)
		require.Equal(t, [3]int64{50, 0, 0}, d.has(t))
		d.Clock.Advance(365 * day)
		require.Equal(t, [3]int64{0, 0, 0}, d.has(t), "expired, though nobody has written it off")
		d.sweep(t)
		require.Equal(t, [3]int64{0, 0, 0}, d.has(t))
		require.Equal(t, apperr.NotFound, apperr.CodeOf(d.Return(ctx, 99, 1)))
		require.NoError(t, d.ClawBack(ctx, 99, points.Part{Refunded: 1, Total: 1}), "what earned nothing has nothing to take")
		testkit.VerifyBrand(t, d.Store, d.Brand.ID)

		var kinds []enum.PostingKind
		var after *string
		for {
			page, err := d.Entries(testkit.As(t, d.shopper), d.member.ID, new(4), after)
			require.NoError(t, err)
			for _, e := range page.Nodes {
				kinds = append(kinds, e.Kind())
			}
			if !page.HasNext {
				break
			}
			after = &page.EndCursor
		}
		require.Equal(t, []enum.PostingKind{enum.PostPointsExpiry, enum.PostPointsMature, enum.PostPointsEarn, enum.PostPointsClawBack, enum.PostPointsDebt, enum.PostPointsReturn,
			enum.PostPointsClawBack, enum.PostPointsReturn, enum.PostPointsSpend, enum.PostPointsMature, enum.PostPointsEarn}, kinds)
	})
}

// The oldest points go first, and what is taken back comes from the subject's own before others.
func TestOrderOfLots(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := d.system(t)
		for i := range int64(3) {
			require.NoError(t, d.Earn(ctx, d.member.ID, i+1, 10_000, d.Clock.Now().Add(time.Duration(i)*time.Hour)))
		}
		d.Clock.Advance(7*day + time.Hour) // the third is pending
		d.sweep(t)
		require.Equal(t, [3]int64{200, 100, 0}, d.has(t))
		left := func() map[string]int64 {
			a, err := d.Account(ctx, d.member.ID)
			require.NoError(t, err)
			m := map[string]int64{}
			for _, l := range a.Lots {
				m[fmt.Sprint(l.Kind, l.SourceID)] = l.Remaining
			}
			return m
		}
		require.NoError(t, d.Spend(ctx, d.member.ID, 10, 30))
		require.Equal(t, map[string]int64{"POINTS1": 70, "POINTS2": 100, "POINTS_PENDING3": 100}, left())
		require.NoError(t, d.ClawBack(ctx, 2, points.Part{Refunded: 90, Total: 100}))
		require.Equal(t, map[string]int64{"POINTS1": 70, "POINTS2": 10, "POINTS_PENDING3": 100}, left())
		require.NoError(t, d.ClawBack(ctx, 3, points.Part{Refunded: 100, Total: 100}))
		require.Equal(t, map[string]int64{"POINTS1": 70, "POINTS2": 10}, left(), "what is pending is taken before what is spendable")
		require.NoError(t, d.ClawBack(ctx, 2, points.Part{Refunded: 100, Total: 100}))
		require.NoError(t, d.ClawBack(ctx, 1, points.Part{Refunded: 80, Total: 100}))
		require.Equal(t, map[string]int64{}, left())
		require.Equal(t, [3]int64{0, 0, 10}, d.has(t))
		require.NoError(t, d.Return(ctx, 10, 30))
		require.Equal(t, map[string]int64{"POINTS1": 20}, left(), "the very lot")
	})
}

func TestAdjust(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := testkit.As(t, d.admin)
		in := points.Adjustment{MemberID: d.member.ID, Points: 500, Reason: "补偿", IdempotencyKey: "adjust-one"}
		for range 2 {
			m, err := d.Adjust(ctx, in)
			require.NoError(t, err)
			require.Equal(t, d.member.ID, m.ID)
		}
		require.Equal(t, [3]int64{500, 0, 0}, d.has(t))
		require.Equal(t, 1, d.Store.Client(ctx).AuditEntry.Query().CountX(d.system(t)))
		_, err := d.Adjust(ctx, points.Adjustment{MemberID: d.member.ID, Points: -200, Reason: "误发", IdempotencyKey: "adjust-two"})
		require.NoError(t, err)
		require.Equal(t, [3]int64{300, 0, 0}, d.has(t))
		postings := d.Store.Client(ctx).LedgerPosting.Query().CountX(d.system(t))

		stranger, _ := d.NewMember(t)
		_, owner := d.NewStaff(t, auth.Portal, d.Store1, auth.Owner)
		self := d.admin
		self.PersonID = d.member.PersonID
		alien := d.admin
		alien.BrandID = d.NewBrand(t).ID
		for name, row := range map[string]struct {
			viewer auth.Viewer
			change func(*points.Adjustment)
			code   apperr.Code
		}{
			"nothing":            {d.admin, func(a *points.Adjustment) { a.Points = 0 }, apperr.InvalidInput},
			"too much":           {d.admin, func(a *points.Adjustment) { a.Points = 100_001 }, apperr.InvalidInput},
			"too little":         {d.admin, func(a *points.Adjustment) { a.Points = math.MinInt64 }, apperr.InvalidInput},
			"more than there is": {d.admin, func(a *points.Adjustment) { a.Points = -301 }, apperr.PointsInsufficient},
			"of another member":  {d.admin, func(a *points.Adjustment) { a.MemberID, a.Points = stranger.ID, -1 }, apperr.PointsInsufficient},
			"no reason":          {d.admin, func(a *points.Adjustment) { a.Reason = " " }, apperr.ReasonRequired},
			"a long reason":      {d.admin, func(a *points.Adjustment) { a.Reason = string(make([]rune, 201)) + "x" }, apperr.InvalidInput},
			"no key":             {d.admin, func(a *points.Adjustment) { a.IdempotencyKey = "" }, apperr.IdempotencyKeyInvalid},
			"a used key":         {d.admin, func(a *points.Adjustment) { a.IdempotencyKey = "adjust-one" }, apperr.IdempotencyKeyReused},
			"no member":          {d.admin, func(a *points.Adjustment) { a.MemberID = 0 }, apperr.NotFound},
			"a store's owner":    {owner, nil, apperr.NotFound},
			"a shopper":          {d.shopper, nil, apperr.NotFound},
			"oneself":            {self, nil, apperr.NotFound},
			"another brand":      {alien, nil, apperr.NotFound},
		} {
			a := points.Adjustment{MemberID: d.member.ID, Points: -1, Reason: "试", IdempotencyKey: "adjust-bad"}
			if row.change != nil {
				row.change(&a)
			}
			_, err := d.Adjust(testkit.As(t, row.viewer), a)
			require.Equal(t, row.code, apperr.CodeOf(err), name)
			require.Equal(t, [3]int64{300, 0, 0}, d.has(t), name)
		}
		require.Equal(t, postings, d.Store.Client(ctx).LedgerPosting.Query().CountX(d.system(t)))
		d.Store.Client(ctx).Member.UpdateOne(d.member).SetState(enum.MemberCancelled).SetCancelledAt(d.Clock.Now()).ExecX(d.system(t))
		_, err = d.Adjust(ctx, points.Adjustment{MemberID: d.member.ID, Points: 1, Reason: "试", IdempotencyKey: "adjust-gone"})
		require.Equal(t, apperr.MemberCancelled, apperr.CodeOf(err))
		require.Equal(t, apperr.MemberCancelled, apperr.CodeOf(d.Spend(d.system(t), d.member.ID, 5, 1)))
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := testkit.As(t, d.admin)
		rules, err := d.Settings(testkit.As(t, d.shopper))
		require.NoError(t, err)
		require.Equal(t, points.Rules{PointsSettings: points.Defaults}, *rules)
		changed := points.Rules{PointsSettings: document.PointsSettings{PerYuan: 2, Rounding: document.RoundUp, PendingDays: 0, ExpiryDays: 0, GrowthPerPoint: 0}}
		set, err := d.SettingsSet(ctx, changed)
		require.NoError(t, err)
		require.Equal(t, 1, set.Version)
		_, err = d.SettingsSet(ctx, changed)
		require.Equal(t, apperr.Conflict, apperr.CodeOf(err), "the version was seen before the change")
		changed.Version, changed.GrowthPerPoint = 1, 3
		set, err = d.SettingsSet(ctx, changed)
		require.NoError(t, err)
		require.Equal(t, 2, set.Version)
		_, err = d.SettingsSet(ctx, changed)
		require.Equal(t, apperr.Conflict, apperr.CodeOf(err))

		_, marketer := d.NewStaff(t, auth.Console, d.Root, auth.Marketer)
		_, regional := d.NewStaff(t, auth.Console, d.Region, auth.Admin)
		for _, v := range []auth.Viewer{marketer, regional, d.shopper} {
			_, err = d.SettingsSet(testkit.As(t, v), points.Rules{PointsSettings: points.Defaults, Version: 2})
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		}
		for _, bad := range []func(*points.Rules){func(r *points.Rules) { r.PerYuan = -1 }, func(r *points.Rules) { r.PerYuan = 10_001 }, func(r *points.Rules) { r.PendingDays = 3651 },
			func(r *points.Rules) { r.ExpiryDays = -1 }, func(r *points.Rules) { r.GrowthPerPoint = 1001 }, func(r *points.Rules) { r.Rounding = "SIDEWAYS" }} {
			rules := points.Rules{PointsSettings: points.Defaults, Version: 2}
			bad(&rules)
			_, err = d.SettingsSet(ctx, rules)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err))
		}
		rules, err = d.Settings(ctx)
		require.NoError(t, err)
		require.Equal(t, *set, *rules)
		require.Equal(t, 2, d.Store.Client(ctx).AuditEntry.Query().CountX(d.system(t)))

		require.NoError(t, d.Earn(d.system(t), d.member.ID, 1, 101, d.Clock.Now()))
		require.NoError(t, d.Spend(d.system(t), d.member.ID, 2, 3), "three points at once, though nobody swept: 2.02 rounded up")
		d.Clock.Advance(100 * 365 * day)
		require.NoError(t, d.Return(d.system(t), 2, 3))
		require.Equal(t, [3]int64{3, 0, 0}, d.has(t), "for ever")
		require.EqualValues(t, 9, d.Store.Client(ctx).Member.GetX(d.system(t), d.member.ID).GrowthValue)
	})
}

func TestRounding(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		version := 0
		for rounding, want := range map[document.PointsRounding][]int64{document.RoundDown: {0, 0, 1}, document.RoundNearest: {0, 1, 1}, document.RoundUp: {1, 1, 1}} {
			rules := points.Rules{PointsSettings: points.Defaults, Version: version}
			rules.Rounding = rounding
			set, err := d.SettingsSet(testkit.As(t, d.admin), rules)
			require.NoError(t, err)
			version = set.Version
			for i, fen := range []int64{49, 50, 100} {
				before := d.has(t)[1]
				require.NoError(t, d.Earn(d.system(t), d.member.ID, int64(version*10+i), moneyOf(fen), d.Clock.Now()))
				require.Equal(t, want[i], d.has(t)[1]-before, "%s %d", rounding, fen)
			}
		}
	})
}
