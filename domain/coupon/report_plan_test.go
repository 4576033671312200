package coupon_test

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/testkit"
)

// plant gives the member so many coupons of the template, of which every other was used at the first store.
func plant(t *testing.T, w *testkit.World, template *ent.CouponTemplate, m *ent.Member, clerk *ent.Staff, n int) {
	t.Helper()
	ctx := system(t, w)
	client, now := w.Store.Client(ctx), w.Clock.Now()
	const chunk = 500
	for from := 0; from < n; from += chunk {
		creates := make([]*ent.CouponCreate, min(chunk, n-from))
		for i := range creates {
			name := strconv.FormatInt(template.ID, 36)[6:] + strconv.Itoa(from+i)
			creates[i] = client.Coupon.Create().SetTemplateID(template.ID).SetRuleID(template.RuleID).SetMemberID(m.ID).SetCode(name).SetSource(enum.SourceBulk).SetClaimKey("plan-" + name).
				SetUsableFrom(now).SetExpiresAt(now.Add(time.Hour)).SetState(enum.CouponEffective)
			if i%2 == 0 {
				creates[i].SetState(enum.CouponUsed).SetUsedAt(now)
			}
		}
		var used []*ent.RedemptionCreate
		for _, c := range client.Coupon.CreateBulk(creates...).SaveX(ctx) {
			if c.State == enum.CouponUsed {
				used = append(used, client.Redemption.Create().SetKind(enum.RedeemCoupon).SetSubjectID(c.ID).SetActiveSubjectID(c.ID).SetMemberID(m.ID).SetStoreID(w.Store1.ID).
					SetStaffID(clerk.ID).SetState(enum.RedemptionConfirmed).SetPurchaseFen(5000).SetDiscountFen(1000).SetIdempotencyKey("plan-"+c.Code))
			}
		}
		client.Redemption.CreateBulk(used...).SaveX(ctx)
	}
}

// Beside a template with many coupons, the report of one with few reads its own by their index, and what goes with them by keys.
func TestReportsReadByIndex(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		small, large := newTemplate(t, w, nil), newTemplate(t, w, nil)
		clerk, _ := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		m, _ := w.NewMember(t)
		plant(t, w, small, m, clerk, 20)
		plant(t, w, large, m, clerk, 2000)
		explain := explainSQLite
		if w.Store.Dialect() == dialect.MySQL {
			_, err := w.Store.DB().ExecContext(t.Context(), "ANALYZE TABLE coupons, redemptions, members, coupon_uses")
			require.NoError(t, err)
			explain = explainMySQL
		}
		for query, args := range coupon.ReportStatements(small) {
			explain(t, w.Store.DB(), query, args)
		}
	})
}

// explainMySQL runs the statement and looks at what was read.
func explainMySQL(t *testing.T, db *sql.DB, query string, args []any) {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), "ANALYZE "+query, args...)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, kind, table, access, possible, key, length, reference, planned, filtered, readFiltered, extra sql.NullString
		var read sql.NullFloat64
		require.NoError(t, rows.Scan(&id, &kind, &table, &access, &possible, &key, &length, &reference, &planned, &read, &filtered, &readFiltered, &extra))
		require.LessOrEqual(t, read.Float64, 20.0, "%s reads more of %s than the template's own: %s", access.String, table.String, query)
		if access.String == "ALL" {
			require.Contains(t, table.String, "<derived", query)
		}
	}
	require.NoError(t, rows.Err())
}

// scanned is a table that SQLite goes through from its beginning; what a statement has made itself may be.
var scanned = regexp.MustCompile(`SCAN (c|r|u|m|coupons)\b`)

func explainSQLite(t *testing.T, db *sql.DB, query string, args []any) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		require.NotRegexp(t, scanned, detail, query)
	}
	require.NoError(t, rows.Err())
}
