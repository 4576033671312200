package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/ent"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit/servers"
	"dongxiao/internal/verify"
)

// plant is one value in one column of one row that breaks a rule.
type plant struct {
	check string
	// table, row and column say what is written over; row is a name of the world.
	table, row, column string
	value              any
	// shown is the row that the breach names; the row itself where it is empty.
	shown string
}

// planted breaks each rule that is about more than one reference or word; some in several ways.
var planted = []plant{
	{"coupon stock", "coupon_templates", "coupon_templates", "stock_left", 6, ""},
	{"coupon stock", "coupon_templates", "draft", "stock_left", -1, ""},
	{"coupon member counter", "limit_counters", "limit_counters", "count", 2, "members"},
	{"coupon member counter", "limit_counters", "limit_counters", "period", 20261122, "members"},
	{"coupon member counter without coupons", "coupons", "coupons", "source", "EVENT", "limit_counters"},
	{"coupon stock", "coupons", "coupons", "source", "GIFT", "coupon_templates"},
	{"coupon event counter", "limit_counters", "event person", "count", 2, ""},
	{"coupon event counter", "coupons", "by event", "source", "ACTIVATED", "event person"},
	{"issue job", "issue_jobs", "issue_jobs", "issued", 0, ""},
	{"issue job", "issue_jobs", "issue_jobs", "last_member_id", 0, ""},
	{"issue job", "issue_jobs", "issue_jobs", "skipped", -1, ""},
	{"issue job coupons", "coupons", "in bulk", "issue_job_id", nil, ""},
	{"issue job coupons", "coupons", "by event", "issue_job_id", "issue_jobs", ""},
	{"issue job coupons", "coupons", "in bulk", "template_id", "coupon_templates", ""},
	{"issue job state", "issue_jobs", "issue_jobs", "finished_at", nil, ""},
	{"issue job state", "issue_jobs", "issue_jobs", "state", "STOPPED", ""},
	{"issue job state", "issue_jobs", "issue_jobs", "stop_reason", "STAFF:", ""},
	{"staff day", "limit_counters", "staff day", "count", 51, ""},
	{"limit counter", "limit_counters", "staff day", "period", 0, ""},
	{"coupon budget", "coupon_templates", "with a budget", "budget_left_fen", 8999, ""},
	{"coupon budget", "coupon_templates", "with a budget", "budget_left_fen", -1, ""},
	{"coupon budget", "coupon_templates", "with a budget", "budget_fen", 9000, ""},
	{"coupon budget", "coupons", "by event", "state", "EXPIRED", "with a budget"},
	{"coupon budget", "coupons", "ended unused", "state", "EFFECTIVE", "with a budget"},
	{"coupon member limit", "coupon_templates", "coupon_templates", "member_limit", 2, "limit_counters"},
	{"coupon member day limit", "coupon_templates", "coupon_templates", "member_day_limit", 2, "member day"},
	{"coupon person limit", "coupon_templates", "coupon_templates", "person_limit", 2, "person total"},
	{"coupon person counter", "limit_counters", "person total", "count", 4, ""},
	{"coupon day stock", "coupon_templates", "coupon_templates", "day_stock", 2, "template day"},
	{"coupon day counters", "limit_counters", "template day", "count", 4, ""},
	{"coupon day counters", "limit_counters", "member day", "count", 4, ""},
	{"limit counter", "limit_counters", "person total", "count", -1, ""},
	{"limit counter", "limit_counters", "template day", "period", 0, ""},
	{"limit counter", "limit_counters", "template day", "subject_id", 5, ""},
	{"coupon of a draft", "coupon_templates", "draft", "stock_left", 9, ""},
	{"coupon template window", "coupon_templates", "draft", "claim_ends_at", start, ""},
	{"coupon template window", "coupon_templates", "draft", "validity_kind", "FIXED", ""},
	{"coupon used", "coupons", "coupons", "state", "USED", ""},
	{"coupon used", "coupons", "used", "used_at", nil, ""},
	{"coupon used", "redemptions", "redemptions", "active_subject_id", nil, "used"},
	{"coupon not used", "coupons", "coupons", "used_at", start, ""},
	{"redemption of a used coupon", "coupons", "used", "state", "LOCKED", "redemptions"},
	{"redemption of a used coupon", "coupons", "used", "state", "EFFECTIVE", "redemptions"},
	{"redemption state", "redemptions", "redemptions", "state", "REVERSED", ""},
	{"redemption state", "redemptions", "undone", "state", "CONFIRMED", ""},
	{"redemption state", "redemptions", "undone", "reversed_by", nil, ""},
	{"redemption state", "redemptions", "undone", "reverse_reason", "", ""},
	{"redemption member", "redemptions", "redemptions", "member_id", "other member", ""},
	{"redemption amount", "redemptions", "redemptions", "discount_fen", -1, ""},
	{"redemption amount", "redemptions", "redemptions", "discount_fen", 5001, ""},
	{"redemption store", "redemptions", "redemptions", "staff_id", "other clerk", ""},
	{"redemption store", "redemptions", "redemptions", "store_id", "region", ""},
	{"redemption reverser", "redemptions", "undone", "reversed_by", "other clerk", ""},
	{"redemption for oneself", "members", "members", "person_id", "clerk's person", "redemptions"},
	{"coupon window", "coupons", "coupons", "expires_at", start.Add(-1e9), ""},
	{"member events", "members", "members", "event_sequence", 2, ""},
	{"member events", "members", "members", "event_sequence", 4, ""},
	{"member events", "member_events", "member_events", "sequence", 5, "members"},
	{"member event subject", "member_events", "member_events", "member_id", "other member", ""},
	{"member event subject", "coupons", "returned", "member_id", "other member", "member_events"},
	{"member event subject", "member_events", "member_events", "coupon_id", "coupons", ""},
	{"member event subject", "member_events", "member_events", "redemption_id", nil, ""},
	{"idempotency keys", "idempotency_keys", "idempotency_keys", "result_id", 0, ""},
	{"redemption keys", "idempotency_keys", "idempotency_keys", "result_id", 5, ""},
	{"wallet payment keys", "idempotency_keys", "idempotency_keys", "operation", "payCode", ""},
	{"wallet payment keys", "idempotency_keys", "idempotency_keys", "operation", "walletRefund", ""},
	{"outbox", "outbox_messages", "outbox_messages", "state", "DONE", ""},
	{"outbox", "outbox_messages", "outbox_messages", "done_at", start, ""},
	{"outbox", "outbox_messages", "done", "done_at", nil, ""},
	{"outbox", "outbox_messages", "dead", "attempts", 0, ""},
	{"org path", "orgs", "orgs", "path", "/elsewhere/s1/", ""},
	{"org path", "orgs", "root", "path", "/a/root/", ""},
	{"org path twice", "orgs", "other store", "path", "orgs", "other store"},
	{"org place", "orgs", "orgs", "parent_id", "other store", ""},
	{"org place", "orgs", "orgs", "parent_id", nil, ""},
	{"territory", "territories", "territories", "distributor_id", "region", ""},
	{"price", "prices", "prices", "price_fen", -1, ""},
	{"stock", "stocks", "stocks", "quantity", -1, ""},
	{"erased persons", "persons", "erased", "nickname", "张三", ""},
	{"erased persons", "persons", "erased", "gender", "MALE", ""},
	{"erased persons", "persons", "erased", "phone_hash", "h", ""},
	{"erased identities", "identities", "erased identity", "openid_hash", "x", ""},
	{"erased identities", "identities", "erased identity", "session_key_sealed", []byte("x"), ""},
	{"erased sessions", "sessions", "erased session", "revoked_at", nil, ""},
	{"erased sessions", "sessions", "erased session", "device", "iPhone", ""},
	{"erased roles", "staff", "erased role", "state", "ACTIVE", ""},
	{"erased roles", "staff", "erased role", "name", "张三", ""},
	{"erased members", "members", "erased member", "state", "VISITOR", ""},
	{"cancelled members", "members", "erased member", "growth_value", 1, ""},
	{"cancelled members", "members", "members", "cancelled_at", start, ""},
	{"coupons of cancelled members", "members", "members", "state", "CANCELLED", "coupons"},
	{"coupons of cancelled members", "coupons", "coupons", "member_id", "erased member", ""},
	{"registered members", "members", "members", "registered_at", nil, ""},
	{"registered members", "persons", "persons", "phone_hash", nil, "members"},
	{"member stores", "members", "members", "home_store_id", "region", ""},
	{"member stores", "members", "members", "home_store_id", nil, ""},
	{"member stores", "members", "members", "guide_id", "other clerk", ""},
	{"person limit subject", "persons", "persons", "limit_subject", 5, ""},
	{"staff", "staff", "staff", "person_id", nil, ""},
	{"staff", "staff", "invited", "person_id", "persons", ""},
	{"staff", "staff", "invited", "invitation_hash", nil, ""},
	{"session", "sessions", "sessions", "revoked_reason", "SIGNED_OUT", ""},
	{"growth", "members", "members", "growth_value", -1, ""},
}

// TestEveryCheckFindsItsBreach plants one breach after the other in books that are right, and takes each back.
func TestEveryCheckFindsItsBreach(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]store.Options{
		"mysql":  {Dialect: dialect.MySQL, DSN: servers.NewDatabase(t)},
		"sqlite": {Dialect: dialect.SQLite, DSN: servers.NewSQLite(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), options)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			require.NoError(t, s.Migrate(t.Context(), nil))
			here, elsewhere := world(t, s, "here"), world(t, s, "elsewhere")
			require.Empty(t, run(t, s))
			unproved := map[string]bool{}
			for _, check := range verify.Names() {
				require.False(t, unproved[check], "two checks have the name %s", check)
				unproved[check] = true
			}
			for _, p := range slices.Concat(references(elsewhere), planted, plantedGifts, plantedOrders, plantedClearings, plantedCouponClearings, plantedTopUps, plantedPayments, plantedValue,
				plantedPostings) {
				find(t, s, here, elsewhere, p)
				delete(unproved, p.check)
			}
			require.Empty(t, unproved, "checks for which no breach is planted")
			require.Empty(t, run(t, s), "what was planted was taken back")
		})
	}
}

// references breaks the checks that there is one of for each reference, each brand and each word: by a row of another brand, a brand that there is not,
// and a word that nobody knows.
func references(elsewhere rows) []plant {
	var list []plant
	for _, check := range verify.Names() {
		switch kind, place, _ := strings.Cut(check, " "); {
		case kind == "link":
			table, column, _ := strings.Cut(place, ".")
			for entity, rule := range ent.Tenancies {
				if ent.Tables[entity] == table {
					list = append(list, plant{check, table, table, column, elsewhere[ent.Tables[rule.Links[column]]], ""})
				}
			}
		case strings.HasPrefix(check, "brand of "):
			table := strings.TrimPrefix(check, "brand of ")
			list = append(list, plant{check, table, table, "brand_id", 5, ""})
		case kind == "word":
			table, column, _ := strings.Cut(place, ".")
			list = append(list, plant{check, table, table, column, "SURPRISED", ""})
		}
	}
	return list
}

// find plants p, expects the breach that names the row, from the proof of all brands and from that of its brand alone, and takes p back.
func find(t *testing.T, s *store.Store, here, elsewhere rows, p plant) {
	t.Helper()
	id, value := here[p.row], p.value
	require.NotZero(t, id, "%+v", p)
	name, named := value.(string)
	if other, ok := here[name]; named && ok {
		value = other
		if p.column == "path" {
			require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT path FROM orgs WHERE id = ?", other).Scan(&value))
		}
	}
	var before any
	require.NoError(t, s.DB().QueryRowContext(t.Context(), "SELECT "+p.column+" FROM "+p.table+" WHERE id = ?", id).Scan(&before))
	set := func(value any) {
		t.Helper()
		result, err := s.DB().ExecContext(t.Context(), "UPDATE "+p.table+" SET "+p.column+" = ? WHERE id = ?", value, id)
		require.NoError(t, err, "%+v", p)
		n, err := result.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	}
	set(value)
	breaches, err := verify.RunOne(t.Context(), s, p.check, 0)
	require.NoError(t, err)
	within, err := verify.RunOne(t.Context(), s, p.check, brandOf(p, here))
	require.NoError(t, err)
	without, err := verify.RunOne(t.Context(), s, p.check, elsewhere["brands"])
	require.NoError(t, err)
	set(before)
	if p.shown != "" {
		id = here[p.shown]
	}
	require.Len(t, breaches, 1, "%+v", p)
	require.Len(t, within, 1, "%+v", p)
	require.ElementsMatch(t, breaches[0].Shown, within[0].Shown, "%+v", p)
	require.Empty(t, without, "%+v", p)
	require.Equal(t, p.check, breaches[0].Check)
	require.NotEmpty(t, breaches[0].Rule)
	require.Len(t, breaches[0].Shown, breaches[0].Rows)
	require.Contains(t, strings.Join(breaches[0].Shown, "\n"), fmt.Sprintf("brand %d, row %d: ", brandOf(p, here), id), "%+v", p)
}

// brandOf is the brand that the breach names.
func brandOf(p plant, here rows) int64 {
	if brand, ok := p.value.(int); ok && p.column == "brand_id" {
		return int64(brand)
	}
	return here["brands"]
}

func run(t *testing.T, s *store.Store) []verify.Breach {
	t.Helper()
	told := 0
	breaches, err := verify.Run(t.Context(), s, func(number, of int, name string) {
		told++
		require.Equal(t, told, number)
		require.Equal(t, verify.Names()[number-1], name)
		require.Len(t, verify.Names(), of)
	})
	require.NoError(t, err)
	require.Len(t, verify.Names(), told)
	return breaches
}
