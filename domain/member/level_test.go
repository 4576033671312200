package member_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/member"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

const days = 24 * time.Hour

// endPeriods ends what is due in the test's brand.
func (d *desk) endPeriods(t *testing.T, want int) {
	t.Helper()
	ended, err := member.EndPeriodsIn(d.Service, d.system, 100)
	require.NoError(t, err)
	require.Equal(t, want, ended)
}

func TestGrowthAdd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, _ := d.NewMember(t)
		bronze, silver, gold := d.level(1, 0, 30), d.level(2, 100, 60), d.level(3, 1000, 90)
		admin := d.admin(t, d.Root)
		key := 0
		add := func(growth int64) {
			t.Helper()
			key++
			_, err := d.GrowthAdd(admin, member.GrowthAdd{MemberID: m.ID, Growth: growth, Reason: "补录", IdempotencyKey: "key-0000-" + strconv.Itoa(key)})
			require.NoError(t, err)
		}
		expect := func(growth int64, level int64, ends time.Time, events int) {
			t.Helper()
			got := d.member(m.ID)
			require.Equal(t, growth, got.GrowthValue)
			require.Equal(t, level, *got.LevelID)
			require.Equal(t, ends, got.LevelPeriodEndsAt.UTC())
			require.Len(t, d.events(m.ID), events)
		}
		add(99)
		expect(99, bronze.ID, testkit.Start.Add(30*days), 1)
		d.Clock.Advance(days)
		add(1)
		expect(100, silver.ID, testkit.Start.Add(61*days), 2)
		add(-40)
		expect(60, silver.ID, testkit.Start.Add(61*days), 2)
		add(-100)
		expect(0, silver.ID, testkit.Start.Add(61*days), 2)
		add(100_000_000)
		expect(100_000_000, gold.ID, testkit.Start.Add(91*days), 3)
		d.client().Member.UpdateOneID(m.ID).SetGrowthValue(1_999_999_999).ExecX(d.system)
		add(2)
		expect(2_000_000_000, gold.ID, testkit.Start.Add(91*days), 3)
		for _, e := range d.events(m.ID) {
			require.Equal(t, enum.EventLevelChanged, e.Kind)
		}
		entries := d.audited("memberGrowthAdd")
		require.Len(t, entries, 6)
		require.Equal(t, "补录", entries[0].Reason)
		require.JSONEq(t, "60", string(entries[2].After["growthValue"]))
		require.Equal(t, d.Root.ID, entries[0].OrgID)
	})
}

func TestGrowthAddRefuses(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, _ := d.NewMember(t)
		d.level(1, 10, 30)
		admin := d.admin(t, d.Root)
		good := member.GrowthAdd{MemberID: m.ID, Growth: 5, Reason: "补录", IdempotencyKey: "key-12345"}
		for want, change := range map[apperr.Code][]func(*member.GrowthAdd){
			apperr.InvalidInput: {func(g *member.GrowthAdd) { g.Growth = 0 }, func(g *member.GrowthAdd) { g.Growth = 100_000_001 }, func(g *member.GrowthAdd) { g.Growth = -100_000_001 },
				func(g *member.GrowthAdd) { g.Reason = "a\x00" }},
			apperr.ReasonRequired:        {func(g *member.GrowthAdd) { g.Reason = " " }},
			apperr.NotFound:              {func(g *member.GrowthAdd) { g.MemberID = 0 }},
			apperr.IdempotencyKeyInvalid: {func(g *member.GrowthAdd) { g.IdempotencyKey = "short" }, func(g *member.GrowthAdd) { g.IdempotencyKey = "钥匙钥匙钥匙钥匙" }},
		} {
			for _, f := range change {
				in := good
				f(&in)
				_, err := d.GrowthAdd(admin, in)
				code(t, want, err)
			}
		}
		_, err := d.GrowthAdd(d.admin(t, d.Region), good)
		code(t, apperr.NotFound, err)
		for state, want := range map[enum.MemberState]apperr.Code{enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled} {
			d.client().Member.UpdateOneID(m.ID).SetState(state).ExecX(d.system)
			_, err := d.GrowthAdd(admin, good)
			code(t, want, err)
		}
		require.Zero(t, d.member(m.ID).GrowthValue)
		require.Empty(t, d.audited("memberGrowthAdd"))
		require.Zero(t, d.client().IdempotencyKey.Query().CountX(d.system), "a refusal is not remembered")

		d.client().Member.UpdateOneID(m.ID).SetState(enum.MemberRegistered).ExecX(d.system)
		for range 3 {
			got, err := d.GrowthAdd(admin, good)
			require.NoError(t, err)
			require.EqualValues(t, 5, got.GrowthValue)
		}
		require.Nil(t, d.member(m.ID).LevelID, "below the first level")
		require.Equal(t, testkit.Start.Add(30*days), d.member(m.ID).LevelPeriodEndsAt.UTC(), "the first growth begins the first period")
		other := good
		other.Growth = 6
		_, err = d.GrowthAdd(admin, other)
		code(t, apperr.IdempotencyKeyReused, err)
		require.Len(t, d.audited("memberGrowthAdd"), 1)
	})
}

func TestRaceGrowthAdd(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, _ := d.NewMember(t)
		for i := range 4 {
			d.level(i+1, int64(i*10), 30)
		}
		admin := d.admin(t, d.Root)
		got := race(32, func(i int) error {
			_, err := d.GrowthAdd(admin, member.GrowthAdd{MemberID: m.ID, Growth: 1, Reason: "x", IdempotencyKey: "race-0000-" + strconv.Itoa(i)})
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, got)
		require.EqualValues(t, 32, d.member(m.ID).GrowthValue)
		require.Len(t, d.events(m.ID), 4, "each level once")
		require.Len(t, d.audited("memberGrowthAdd"), 32)

		got = race(32, func(int) error {
			_, err := d.GrowthAdd(admin, member.GrowthAdd{MemberID: m.ID, Growth: 1, Reason: "x", IdempotencyKey: "race-same-key"})
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, got, "one key is one growth and 32 equal answers")
		require.EqualValues(t, 33, d.member(m.ID).GrowthValue)
	})
}

func TestEndPeriods(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		bronze, silver := d.level(1, 0, 30), d.level(2, 100, 60)
		admin := d.admin(t, d.Root)
		join := func(growth int64) int64 {
			m, _ := d.NewMember(t)
			_, err := d.GrowthAdd(admin, member.GrowthAdd{MemberID: m.ID, Growth: growth, Reason: "x", IdempotencyKey: "join-" + strconv.FormatInt(m.ID, 10)})
			require.NoError(t, err)
			return m.ID
		}
		falls, keeps := join(100), join(150)
		_, err := d.GrowthAdd(admin, member.GrowthAdd{MemberID: falls, Growth: -1, Reason: "x", IdempotencyKey: "falls-01"})
		require.NoError(t, err)

		d.Clock.Set(testkit.Start.Add(60*days - time.Microsecond))
		d.endPeriods(t, 0)
		require.EqualValues(t, 150, d.member(keeps).GrowthValue, "not yet")
		d.Clock.Set(testkit.Start.Add(60*days + time.Hour))
		d.endPeriods(t, 2)
		d.endPeriods(t, 0)
		require.Equal(t, bronze.ID, *d.member(falls).LevelID)
		require.Equal(t, testkit.Start.Add(90*days), d.member(falls).LevelPeriodEndsAt.UTC(), "the new period begins at the end of the old one")
		require.Len(t, d.events(falls), 2)
		require.Equal(t, silver.ID, *d.member(keeps).LevelID)
		require.Equal(t, testkit.Start.Add(120*days), d.member(keeps).LevelPeriodEndsAt.UTC())
		require.Len(t, d.events(keeps), 1, "nothing changed, nothing to tell")
		require.Zero(t, d.member(keeps).GrowthValue)

		late := testkit.Start.Add(1000 * days)
		d.Clock.Set(late)
		d.endPeriods(t, 2)
		require.Equal(t, bronze.ID, *d.member(keeps).LevelID)
		require.Equal(t, late.Add(30*days), d.member(keeps).LevelPeriodEndsAt.UTC(), "a late job costs nobody a period")
		require.NoError(t, d.Erase(d.system, d.member(keeps).PersonID))
		require.Nil(t, d.member(keeps).LevelPeriodEndsAt)
	})
}

func TestEndPeriodBelowTheFirstLevel(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.level(1, 10, 30)
		m, _ := d.NewMember(t)
		_, err := d.GrowthAdd(d.admin(t, d.Root), member.GrowthAdd{MemberID: m.ID, Growth: 10, Reason: "x", IdempotencyKey: "join-0001"})
		require.NoError(t, err)
		for range 2 {
			d.Clock.Advance(30 * days)
			d.endPeriods(t, 1)
		}
		got := d.member(m.ID)
		require.Nil(t, got.LevelID)
		require.Nil(t, got.LevelPeriodEndsAt)
		require.Len(t, d.events(m.ID), 2)
	})
}

func TestEndPeriodsOfAllBrands(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		gold := d.level(1, 10, 30)
		m, _ := d.NewMember(t)
		// Long before the clocks of the other tests, so that nobody else's period ends.
		d.Clock.Set(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC))
		d.client().Member.UpdateOneID(m.ID).SetLevelID(gold.ID).SetLevelPeriodEndsAt(d.Clock.Now()).ExecX(d.system)
		ended, err := d.EndPeriods(t.Context(), 100)
		require.NoError(t, err)
		require.Equal(t, 1, ended)
		require.Nil(t, d.member(m.ID).LevelID)
	})
}

func TestRaceEndPeriods(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.level(1, 0, 30)
		gold := d.level(2, 10, 30)
		admin := d.admin(t, d.Root)
		m, _ := d.NewMember(t)
		d.client().Member.UpdateOneID(m.ID).SetLevelID(gold.ID).SetGrowthValue(5).SetLevelPeriodEndsAt(testkit.Start.Add(days)).ExecX(d.system)
		d.Clock.Advance(2 * days)
		race(16, func(i int) error {
			if i%4 != 0 {
				_, err := member.EndPeriodsIn(d.Service, d.system, 100)
				return err
			}
			_, err := d.GrowthAdd(admin, member.GrowthAdd{MemberID: m.ID, Growth: 1, Reason: "x", IdempotencyKey: "race-0000-" + strconv.Itoa(i)})
			return err
		})
		got := d.member(m.ID)
		require.LessOrEqual(t, got.GrowthValue, int64(4), "the period ended once")
		require.Equal(t, testkit.Start.Add(31*days), got.LevelPeriodEndsAt.UTC())
		require.Len(t, d.events(m.ID), 1)
	})
}

func TestLevels(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		second, first := d.level(2, 100, 30), d.level(1, 0, 30)
		levels, err := d.Levels(testkit.As(t, auth.Viewer{Reach: auth.ReachPublic, BrandID: d.Brand.ID}))
		require.NoError(t, err)
		require.Len(t, levels, 2)
		require.Equal(t, []int64{first.ID, second.ID}, []int64{levels[0].ID, levels[1].ID})
		require.Equal(t, "生日礼", levels[0].Benefits[0].Title)
	})
}
