package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// rowsLeft is everything that claims leave behind, with what differs by chance left out: ids and codes.
func (c *claims) rowsLeft(t *testing.T) (rows []string) {
	ctx := auth.System(t.Context(), c.brandID)
	client := c.store.Client(ctx)
	number := map[int64]int{0: -1}
	for i, id := range c.members {
		number[id] = i
	}
	for _, r := range client.Coupon.Query().AllX(ctx) {
		rows = append(rows, fmt.Sprint("coupon ", number[r.MemberID], r.ClaimKey, r.State, r.Source, r.CreatedAt.UTC(), r.UsableFrom.UTC(), r.ExpiresAt.UTC(), r.UsedAt, len(r.Code)))
	}
	for _, r := range client.LimitCounter.Query().AllX(ctx) {
		rows = append(rows, fmt.Sprint("counter ", r.Kind, number[r.SubjectID], r.Period, r.Count))
	}
	for _, r := range client.CouponTemplate.Query().AllX(ctx) {
		rows = append(rows, fmt.Sprint("template ", r.State, r.TotalStock, r.StockLeft, r.BudgetLeftFen, r.Version))
	}
	slices.Sort(rows)
	return rows
}

// Each way to claim gives the same answers to the same claims and leaves the same rows.
func TestTheBaselinesHoldTheSameRules(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	forms := []func(*claims) claimer{
		func(c *claims) claimer { return c.batched }, func(c *claims) claimer { return c.plain.lockFirst },
		func(c *claims) claimer { return c.plain.insertFirst }, func(c *claims) claimer { return c.plain.updateFirst },
	}
	var answers [][]string
	var rows [][]string
	for _, form := range forms {
		w.Clock.Set(testkit.Start)
		c, err := openClaims(t.Context(), w.Store, w.Redis, w.Clock, 6)
		require.NoError(t, err)
		claim := form(c)
		ctx := auth.System(t.Context(), c.brandID)
		client := c.store.Client(ctx)
		client.Member.UpdateOneID(c.members[4]).SetState(enum.MemberFrozen).ExecX(ctx)
		client.Member.UpdateOneID(c.members[5]).SetState(enum.MemberCancelled).ExecX(ctx)
		template, err := c.newTemplate(t.Context(), 100, 2)
		require.NoError(t, err)
		scarce, err := c.newTemplate(t.Context(), 4, 2)
		require.NoError(t, err)
		other, err := c.newTemplate(t.Context(), 10, 2)
		require.NoError(t, err)
		delayed, err := c.newTemplate(t.Context(), 10, 0)
		require.NoError(t, err)
		client.CouponTemplate.UpdateOneID(delayed).SetDelayDays(1).ExecX(ctx)
		paused, err := c.newTemplate(t.Context(), 10, 2)
		require.NoError(t, err)
		client.CouponTemplate.UpdateOneID(paused).SetState(enum.TemplatePaused).ExecX(ctx)
		var said []string
		ask := func(template int64, member int, key string) {
			err := claim(t.Context(), c.members[member], template, fmt.Sprintf("key-%s-%d", key, member))
			said = append(said, fmt.Sprint(key, member, apperr.CodeOf(err)))
		}
		for i, key := range []string{"aaaa", "aaaa", "bbbb", "cccc", "aaaa"} {
			for member := range c.members {
				ask(template, member, key)
				if i == 2 {
					w.Clock.Advance(time.Minute)
				}
			}
		}
		for _, key := range []string{"scarce-a", "scarce-b", "scarce-a"} {
			for member := range 4 {
				ask(scarce, member, key)
			}
		}
		ask(other, 0, "aaaa")
		ask(other, 0, "dddd")
		ask(delayed, 0, "eeee")
		ask(paused, 0, "ffff")
		ask(12345, 0, "gggg")
		w.Clock.Advance(25 * time.Hour)
		ask(other, 1, "hhhh")
		w.Clock.Advance(-72 * time.Hour)
		ask(other, 1, "hhhh")
		answers, rows = append(answers, said), append(rows, c.rowsLeft(t))
	}
	for i := range forms[1:] {
		require.Equal(t, answers[0], answers[i+1], i)
		require.Equal(t, rows[0], rows[i+1], i)
	}
	for _, answer := range []string{"aaaa0IDEMPOTENCY_KEY_REUSED", "cccc1LIMIT_REACHED", "aaaa4MEMBER_FROZEN", "aaaa5MEMBER_CANCELLED", "scarce-b3OUT_OF_STOCK",
		"ffff0TEMPLATE_NOT_ACTIVE", "gggg0NOT_FOUND", "hhhh1CLAIM_ENDED", "hhhh1CLAIM_NOT_OPEN", "scarce-a3"} {
		require.Contains(t, answers[0], answer)
	}
}

// All ways race for the last coupons without giving out one too many, several callers with one key among them.
func TestRaceOfTheBaselines(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	c, err := openClaims(t.Context(), w.Store, w.Redis, w.Clock, 40)
	require.NoError(t, err)
	for i, claim := range []claimer{c.batched, c.plain.lockFirst, c.plain.insertFirst, c.plain.updateFirst} {
		template, err := c.newTemplate(t.Context(), 10, 1)
		require.NoError(t, err)
		codes := make(chan apperr.Code, 80)
		for n := range cap(codes) {
			go func() {
				codes <- apperr.CodeOf(claim(context.WithoutCancel(t.Context()), c.members[n/2], template, fmt.Sprintf("race-%d-key", i)))
			}()
		}
		count := map[apperr.Code]int{}
		for range cap(codes) {
			count[<-codes]++
		}
		require.Equal(t, map[apperr.Code]int{"": 20, apperr.OutOfStock: 60}, count, i)
	}
	testkit.VerifyBrand(t, w.Store, c.brandID)
}

func TestResultsAreKeptBesideOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "latest.json")
	require.NoError(t, keep(path, []result{{Name: "a", Value: 1}, result{Name: "b", Value: 6, Baseline: 2}.compare()}))
	require.NoError(t, keep(path, []result{{Name: "a", Value: 2}}))
	require.NoError(t, keep(path, nil))
	require.ErrorContains(t, keep(filepath.Join(path, "x"), nil), "not a directory")
	require.Equal(t, 3.0, result{Value: 6, Baseline: 2}.compare().Ratio)
	require.Equal(t, 2.5, median([]float64{4, 1, 3, 2}))
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
}
