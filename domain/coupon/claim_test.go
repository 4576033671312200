package coupon_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func TestClaim(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template := newService(t, w), newTemplate(t, w, nil)
		member, viewer := w.NewMember(t)
		ctx := testkit.As(t, viewer)
		row, err := s.Claim(ctx, template.ID, "first-key")
		require.NoError(t, err)
		require.Equal(t, member.ID, row.MemberID)
		require.Equal(t, template.ID, row.TemplateID)
		require.Equal(t, template.RuleID, row.RuleID)
		require.Equal(t, enum.CouponEffective, row.State)
		require.Equal(t, testkit.Start, row.UsableFrom)
		require.Equal(t, testkit.Start.AddDate(0, 0, 7), row.ExpiresAt)
		require.Regexp(t, "^[0-9A-HJKMNP-TV-Z]{12}$", row.Code)

		again, err := s.Claim(ctx, template.ID, "first-key")
		require.NoError(t, err)
		require.Equal(t, row.ID, again.ID)
		require.Equal(t, row.Code, again.Code)
		require.EqualValues(t, 9, row.Template.StockLeft)
		kept := w.Store.Client(ctx).Coupon.GetX(ctx, row.ID)
		require.Equal(t, row.String(), kept.String())

		_, err = s.Claim(ctx, template.ID, "second-key")
		refused(t, apperr.LimitReached, err)
		consistent(t, w, template.ID, 1)

		other := newTemplate(t, w, nil)
		_, err = s.Claim(ctx, other.ID, "first-key")
		refused(t, apperr.IdempotencyKeyReused, err)
		consistent(t, w, other.ID, 0)
		_, err = s.Claim(ctx, template.ID, "short")
		refused(t, apperr.IdempotencyKeyInvalid, err)
		_, err = s.Claim(ctx, 0, "third-key")
		refused(t, apperr.NotFound, err)
		_, err = s.Claim(ctx, 12345, "third-key")
		refused(t, apperr.NotFound, err)
		_, err = s.Claim(ctx, 12345, "first-key")
		refused(t, apperr.IdempotencyKeyReused, err)
		_, err = s.Claim(system(t, w), template.ID, "third-key")
		refused(t, apperr.Forbidden, err)
	})
}

func TestClaimOfAnotherBrandsTemplate(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template := newService(t, w), newTemplate(t, w, nil)
		stranger := testkit.New(t, w.Store.Dialect())
		_, err := newService(t, stranger).Claim(members(t, stranger, 1)[0], template.ID, "some-key")
		refused(t, apperr.NotFound, err)
		consistent(t, w, template.ID, 0)
		_ = s
	})
}

func TestClaimStatesOfTheTemplate(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		for state, code := range map[enum.TemplateState]apperr.Code{
			enum.TemplateDraft: apperr.NotFound, enum.TemplateReview: apperr.NotFound, enum.TemplateActive: "", enum.TemplatePaused: apperr.TemplateNotActive,
			enum.TemplateEnded: apperr.TemplateNotActive, enum.TemplateVoid: apperr.TemplateNotActive,
		} {
			template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetState(state) })
			_, err := s.Claim(members(t, w, 1)[0], template.ID, "some-key")
			refused(t, code, err)
		}
	})
}

func TestClaimAtTheBordersOfTheWindow(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		starts, ends := testkit.Start.Add(time.Hour), testkit.Start.Add(2*time.Hour)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetClaimStartsAt(starts).SetClaimEndsAt(ends) })
		for _, c := range []struct {
			now  time.Time
			code apperr.Code
		}{
			{starts.Add(-time.Microsecond), apperr.ClaimNotOpen}, {starts, ""}, {ends.Add(-time.Microsecond), ""}, {ends, apperr.ClaimEnded},
		} {
			w.Clock.Set(c.now)
			_, err := s.Claim(members(t, w, 1)[0], template.ID, "some-key")
			refused(t, c.code, err)
			if c.code == apperr.ClaimNotOpen {
				require.Equal(t, "2026-11-22 11:00", err.(*apperr.Error).Params["time"], "in the brand's time zone")
			}
		}
		consistent(t, w, template.ID, 2)
	})
}

func TestClaimByMembersInEveryState(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template := newService(t, w), newTemplate(t, w, nil)
		for state, code := range map[enum.MemberState]apperr.Code{
			enum.MemberVisitor: "", enum.MemberRegistered: "", enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled,
		} {
			member, viewer := w.NewMember(t)
			ctx := system(t, w)
			w.Store.Client(ctx).Member.UpdateOneID(member.ID).SetState(state).ExecX(ctx)
			_, err := s.Claim(testkit.As(t, viewer), template.ID, "some-key")
			refused(t, code, err)
		}
		consistent(t, w, template.ID, 2)
	})
}

func TestUseWindowOfAClaim(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		delayed := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetDelayDays(2).SetValidDays(3) })
		row, err := s.Claim(members(t, w, 1)[0], delayed.ID, "some-key")
		require.NoError(t, err)
		require.Equal(t, enum.CouponPending, row.State)
		require.Equal(t, testkit.Start.AddDate(0, 0, 2), row.UsableFrom)
		require.Equal(t, testkit.Start.AddDate(0, 0, 5), row.ExpiresAt)

		from, until := testkit.Start.Add(-time.Hour), testkit.Start.Add(48*time.Hour)
		fixed := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			c.SetValidityKind(enum.ValidityFixed).SetValidFrom(from).SetValidUntil(until).SetValidDays(0)
		})
		row, err = s.Claim(members(t, w, 1)[0], fixed.ID, "some-key")
		require.NoError(t, err)
		require.Equal(t, enum.CouponEffective, row.State)
		require.Equal(t, from, row.UsableFrom)
		require.Equal(t, until, row.ExpiresAt)
	})
}

func TestLimitsADayAndAPerson(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			c.SetMemberLimit(3).SetMemberDayLimit(1).SetPersonLimit(2).SetDayStock(2).SetClaimEndsAt(testkit.Start.AddDate(0, 0, 9))
		})
		ctx := members(t, w, 1)[0]
		claim := func(ctx context.Context, key string, code apperr.Code) {
			t.Helper()
			_, err := s.Claim(ctx, template.ID, key)
			refused(t, code, err)
		}
		claim(ctx, "day-one-a", "")
		claim(ctx, "day-one-b", apperr.LimitReached)
		// Midnight in China.
		w.Clock.Set(time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC).Add(-time.Microsecond))
		claim(ctx, "day-one-c", apperr.LimitReached)
		w.Clock.Advance(time.Microsecond)
		claim(ctx, "day-two-a", "")
		w.Clock.Advance(24 * time.Hour)
		claim(ctx, "day-three", apperr.LimitReached)

		others := members(t, w, 3)
		claim(others[0], "day-three", "")
		claim(others[1], "day-three", "")
		claim(others[2], "day-three", apperr.OutOfStock)
		w.Clock.Advance(24 * time.Hour)
		claim(others[2], "day-four-", "")

		// The same human after cancelling: another person whose limits count under the first.
		member, viewer := w.NewMember(t)
		system := system(t, w)
		first := auth.FromContext(ctx).PersonID
		w.Store.Client(system).Person.UpdateOneID(member.PersonID).SetLimitSubject(first).ExecX(system)
		claim(testkit.As(t, viewer), "day-four-", apperr.LimitReached)
		consistent(t, w, template.ID, 5)
		counters := w.Store.Client(system).LimitCounter.Query().Where(limitcounter.ScopeID(template.ID), limitcounter.KindEQ(enum.LimitTemplateDay)).
			Order(limitcounter.ByPeriod()).AllX(system)
		require.Len(t, counters, 4)
		require.Equal(t, 20261122, counters[0].Period)
		require.EqualValues(t, 2, counters[2].Count)
	})
}

func TestRaceForTheLastCoupons(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template, callers := newService(t, w), newTemplate(t, w, nil), members(t, w, 64)
		won := make([]*coupon.Claimed, len(callers))
		o := race(len(callers), func(i int) (err error) {
			won[i], err = s.Claim(callers[i], template.ID, "race-key")
			return err
		})
		require.Equal(t, outcome{"": 10, apperr.OutOfStock: 54}, o)
		consistent(t, w, template.ID, 10)

		// Everybody tries again: the winners get their coupon, the others none.
		again := race(len(callers), func(i int) error {
			row, err := s.Claim(callers[i], template.ID, "race-key")
			if err == nil && (won[i] == nil || won[i].ID != row.ID) {
				return fmt.Errorf("another coupon")
			}
			return err
		})
		require.Equal(t, o, again)
		consistent(t, w, template.ID, 10)
	})
}

func TestRaceOfOneClaim(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template, ctx := newService(t, w), newTemplate(t, w, nil), members(t, w, 1)[0]
		var mu sync.Mutex
		answers := map[string]int{}
		o := race(32, func(int) error {
			row, err := s.Claim(ctx, template.ID, "only-key")
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				answers[fmt.Sprint(row.ID, row.Code)]++
			}
			return err
		})
		require.Equal(t, outcome{"": 32}, o)
		require.Len(t, answers, 1)
		consistent(t, w, template.ID, 1)
	})
}

func TestRaceForALimit(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), members(t, w, 1)[0]
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(100)(c); c.SetMemberLimit(3) })
		o := race(32, func(i int) error {
			_, err := s.Claim(ctx, template.ID, fmt.Sprintf("limit-%02d", i))
			return err
		})
		require.Equal(t, outcome{"": 3, apperr.LimitReached: 29}, o)
		consistent(t, w, template.ID, 3)
	})
}

func TestRaceOfTwoServers(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		template, callers := newTemplate(t, w, stock(20)), members(t, w, 64)
		// Each caller asks both servers at once with the same key, as a client does after a time-out.
		o := race(2*len(callers), func(i int) error {
			_, err := servers[i%2].Claim(callers[i/2], template.ID, "race-key")
			return err
		})
		require.Equal(t, outcome{"": 40, apperr.OutOfStock: 88}, o)
		consistent(t, w, template.ID, 20)
	})
}

func TestRaceOfOneKeyForTwoTemplates(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, callers := newService(t, w), members(t, w, 32)
		templates := []*ent.CouponTemplate{newTemplate(t, w, stock(100)), newTemplate(t, w, stock(100))}
		o := race(2*len(callers), func(i int) error {
			_, err := s.Claim(callers[i/2], templates[i%2].ID, "same-key")
			return err
		})
		require.Equal(t, outcome{"": 32, apperr.IdempotencyKeyReused: 32}, o)
		ctx := system(t, w)
		n := w.Store.Client(ctx).Coupon.Query().Where(entcoupon.TemplateID(templates[0].ID)).CountX(ctx)
		consistent(t, w, templates[0].ID, n)
		consistent(t, w, templates[1].ID, 32-n)
	})
}

func TestRaceForManyTemplates(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, callers := newService(t, w), members(t, w, 16)
		var templates []*ent.CouponTemplate
		for range 4 {
			templates = append(templates, newTemplate(t, w, stock(8)))
		}
		o := race(len(callers)*len(templates), func(i int) error {
			_, err := s.Claim(callers[i/len(templates)], templates[i%len(templates)].ID, fmt.Sprintf("key-of-%d", i%len(templates)))
			return err
		})
		require.Equal(t, outcome{"": 32, apperr.OutOfStock: 32}, o)
		for _, template := range templates {
			consistent(t, w, template.ID, 8)
		}
	})
}

func TestRestockedIsClaimableAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		template, callers := newTemplate(t, w, stock(1)), members(t, w, 4)
		_, marketer := w.NewStaff(t, auth.Console, w.Root, auth.Marketer)
		for i, code := range []apperr.Code{"", apperr.OutOfStock, apperr.OutOfStock} {
			_, err := servers[0].Claim(callers[i], template.ID, "some-key")
			refused(t, code, err)
		}
		_, err := servers[1].Claim(callers[1], template.ID, "some-key")
		refused(t, apperr.OutOfStock, err)
		_, err = servers[1].Restock(testkit.As(t, marketer), template.ID, 2, "加量", "restock-1")
		require.NoError(t, err)
		for i, code := range []apperr.Code{"", "", "", apperr.OutOfStock} {
			_, err := servers[0].Claim(callers[i], template.ID, "some-key")
			refused(t, code, err)
		}
		consistent(t, w, template.ID, 3)
	})
}

func TestClaimWithoutRedis(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template, callers := newService(t, w), newTemplate(t, w, stock(1)), members(t, w, 3)
		require.NoError(t, w.Redis.Close())
		for i, code := range []apperr.Code{"", apperr.OutOfStock, apperr.OutOfStock} {
			_, err := s.Claim(callers[i], template.ID, "some-key")
			refused(t, code, err)
		}
		_, err := s.Claim(callers[0], template.ID, "some-key")
		require.NoError(t, err)
		consistent(t, w, template.ID, 1)
	})
}

func TestABatchThatRunsOutOfTime(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, template, ctx := newService(t, w), newTemplate(t, w, nil), members(t, w, 1)[0]
		_, err := s.Claim(ctx, template.ID, "warm-key") // The brand's time zone is known from here on.
		require.NoError(t, err)
		late, cancel := context.WithDeadline(t.Context(), time.Now())
		defer cancel()
		_, _, err = s.Commit(late, w.Brand.ID, template.ID, []coupon.Claim{coupon.NewClaim(auth.FromContext(ctx).MemberID, "some-key")})
		refused(t, apperr.Unavailable, err)
		consistent(t, w, template.ID, 1)
	})
}

func TestABatchTakesSixStatements(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, locks := newService(t, w), 0
		if w.Store.Dialect() == dialect.MySQL { // SQLite locks everything when the transaction begins
			locks = 1
		}
		_, err := s.Claim(members(t, w, 1)[0], newTemplate(t, w, nil).ID, "warm-key") // The brand's time zone is known from here on.
		require.NoError(t, err)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
			stock(1000)(c)
			c.SetMemberDayLimit(1).SetPersonLimit(1).SetDayStock(1000)
		})
		for _, n := range []int{1, 8, 64} {
			var claims []coupon.Claim
			for _, ctx := range members(t, w, n) {
				claims = append(claims, coupon.NewClaim(auth.FromContext(ctx).MemberID, "some-key"))
			}
			ctx, statements := store.CollectStatements(t.Context())
			rows, refusals, err := s.Commit(ctx, w.Brand.ID, template.ID, claims)
			require.NoError(t, err)
			require.Len(t, statements.List(), 5+locks)
			for i := range claims {
				require.NoError(t, refusals[i])
				require.NotNil(t, rows[i])
			}
			ctx, statements = store.CollectStatements(t.Context())
			_, _, err = s.Commit(ctx, w.Brand.ID, template.ID, claims)
			require.NoError(t, err)
			require.Len(t, statements.List(), 2+locks, "repeats write nothing")
		}
		consistent(t, w, template.ID, 73)
	})
}

func TestEveryRawStatementNamesTheBrand(t *testing.T) {
	t.Parallel()
	for _, statement := range coupon.RawStatements() {
		require.Contains(t, statement, "brand_id")
		for _, table := range []string{"coupons c", "members", "limit_counters", "persons", "redemptions r"} {
			if strings.Contains(statement, "FROM "+table) {
				require.Regexp(t, `brand_id = \?`, statement)
			}
		}
	}
}

// With many rows, one batch still reads a few rows by their keys.
func TestABatchReadsByKeys(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	s, template := newService(t, w), newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
		stock(1000)(c)
		c.SetMemberDayLimit(1).SetPersonLimit(1).SetDayStock(1000)
	})
	var claims []coupon.Claim
	for _, ctx := range members(t, w, 64) {
		claims = append(claims, coupon.NewClaim(auth.FromContext(ctx).MemberID, "some-key"))
	}
	_, _, err := s.Commit(t.Context(), w.Brand.ID, template.ID, claims)
	require.NoError(t, err)
	statement, args := coupon.CallersStatement(w.Brand.ID, template.ID, claims[:2])
	rows, err := w.Store.DB().QueryContext(t.Context(), "EXPLAIN "+statement, args...)
	require.NoError(t, err)
	defer rows.Close()
	read := map[string]string{}
	for rows.Next() {
		var id, selectType, table, access, possible, key, length, reference, count, extra sql.NullString
		require.NoError(t, rows.Scan(&id, &selectType, &table, &access, &possible, &key, &length, &reference, &count, &extra))
		if table.Valid && !strings.HasPrefix(table.String, "<") {
			read[table.String] = access.String
		}
	}
	require.NoError(t, rows.Err())
	require.Len(t, read, 7)
	for table, access := range read {
		require.Contains(t, []string{"const", "eq_ref", "ref"}, access, table)
	}
}
