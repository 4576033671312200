package main

import (
	"fmt"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/testkit"
)

// The job and the plain inserts leave the same rows, and books that are right.
func TestThePlainIssueLeavesTheSameRows(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	var rows [][]string
	for _, plain := range []bool{false, true} {
		c, err := openClaims(t.Context(), w.Store, w.Redis, w.Clock, 300)
		require.NoError(t, err)
		i, err := openIssues(t.Context(), c, w.Redis)
		require.NoError(t, err)
		issue := i.job
		if plain {
			issue = i.insert
		}
		for range 2 {
			_, err = i.rate(t.Context(), issue)
			require.NoError(t, err)
		}
		ctx := auth.System(t.Context(), c.brandID)
		left := c.rowsLeft(t)
		for n, row := range left { // the key is the job's
			var prefix string
			if _, err := fmt.Sscanf(row, "coupon %s", &prefix); err == nil {
				left[n] = "a coupon"
			}
		}
		for _, e := range c.store.Client(ctx).MemberEvent.Query().AllX(ctx) {
			left = append(left, fmt.Sprint("event ", e.Kind, e.Sequence, e.CouponID != nil))
		}
		for _, m := range c.store.Client(ctx).Member.Query().AllX(ctx) {
			left = append(left, fmt.Sprint("member ", m.EventSequence))
		}
		for _, j := range c.store.Client(ctx).IssueJob.Query().AllX(ctx) {
			left = append(left, fmt.Sprint("job ", j.State, j.Total, j.Issued, j.Skipped, j.LastMemberID == c.members[len(c.members)-1]))
		}
		testkit.VerifyBrand(t, w.Store, c.brandID)
		rows = append(rows, left)
	}
	require.Len(t, rows[0], 2*300*3+300+2+2)
	require.ElementsMatch(t, rows[0], rows[1])
}
