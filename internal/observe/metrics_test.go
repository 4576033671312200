package observe_test

import (
	"database/sql"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
	"dongxiao/internal/observe"
)

func TestOperationsOfUnknownNameShareOneLabel(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics([]string{"Home", "CouponClaim"})
	m.Operation("Home", time.Millisecond)
	m.Operation("CouponClaim", time.Millisecond, apperr.OutOfStock)
	m.Operation("CouponClaim", time.Millisecond, apperr.OutOfStock, apperr.Internal)
	m.Operation("Evil1", time.Millisecond)
	m.Operation("Evil2", time.Millisecond)
	text := scrape(t, m)
	for _, line := range []string{
		`dongxiao_operation_seconds_count{operation="Home",outcome="ok"} 1`,
		`dongxiao_operation_seconds_count{operation="CouponClaim",outcome="refused"} 1`,
		`dongxiao_operation_seconds_count{operation="CouponClaim",outcome="failed"} 1`,
		`dongxiao_operation_seconds_count{operation="other",outcome="ok"} 2`,
		`dongxiao_operation_errors_total{code="OUT_OF_STOCK",operation="CouponClaim"} 2`,
		`dongxiao_operation_errors_total{code="INTERNAL",operation="CouponClaim"} 1`,
	} {
		require.Contains(t, text, line)
	}
	require.NotContains(t, text, "Evil")
	require.Equal(t, "other", m.OperationName("Evil1"))
	require.Equal(t, "Home", m.OperationName("Home"))
}

func TestMechanismsAreMeasured(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics(nil)
	m.Batch("claims", 64, time.Millisecond)
	m.Outbox(3, 2*time.Second)
	m.Job("expire_coupons", time.Millisecond, nil)
	m.Job("expire_coupons", time.Millisecond, errTest)
	m.Statement("SELECT", time.Millisecond, nil)
	m.Statement("DROP TABLE x", time.Millisecond, errTest)
	m.CacheRead("fragments", true)
	m.CacheRead("fragments", false)
	closed := m.SocketOpened("websocket")
	m.SocketOpened("sse")()
	m.SubscriptionOpened()
	text := scrape(t, m)
	for _, line := range []string{
		`dongxiao_batch_size_bucket{batcher="claims",le="64"} 1`,
		`dongxiao_batch_size_bucket{batcher="claims",le="32"} 0`,
		`dongxiao_outbox_pending 3`, `dongxiao_outbox_lag_seconds 2`,
		`dongxiao_job_seconds_count{kind="expire_coupons",outcome="ok"} 1`, `dongxiao_job_seconds_count{kind="expire_coupons",outcome="failed"} 1`,
		`dongxiao_sql_statement_seconds_count{outcome="ok",verb="SELECT"} 1`, `dongxiao_sql_statement_seconds_count{outcome="failed",verb="other"} 1`,
		`dongxiao_cache_reads_total{cache="fragments",outcome="hit"} 1`, `dongxiao_cache_reads_total{cache="fragments",outcome="miss"} 1`,
		`dongxiao_sockets{transport="websocket"} 1`, `dongxiao_sockets{transport="sse"} 0`, `dongxiao_subscriptions 1`,
		"go_goroutines ",
	} {
		require.Contains(t, text, line)
	}
	closed()
	require.Contains(t, scrape(t, m), `dongxiao_sockets{transport="websocket"} 0`)
	m.RegisterDatabase(&sql.DB{}, "main")
	require.Contains(t, scrape(t, m), `go_sql_open_connections{db_name="main"} 0`)
}

func TestWeChatCallsAreCountedWithoutTheirQuery(t *testing.T) {
	t.Parallel()
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer far.Close()
	m := observe.NewMetrics(nil)
	client := http.Client{Transport: m.WeChatTransport(http.DefaultTransport)}
	answer, err := client.Get(far.URL + "/sns/jscode2session?secret=private")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	far.Close()
	_, err = client.Get(far.URL + "/sns/jscode2session?secret=private")
	require.Error(t, err)
	text := scrape(t, m)
	require.Contains(t, text, `dongxiao_wechat_call_seconds_count{path="/sns/jscode2session",status="202"} 1`)
	require.Contains(t, text, `dongxiao_wechat_call_seconds_count{path="/sns/jscode2session",status="failed"} 1`)
	require.NotContains(t, text, "private")
}

func TestRedisCommandsAreCounted(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics(nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	client := redis.NewClient(&redis.Options{Addr: listener.Addr().String(), MaxRetries: -1, DialerRetries: 1})
	defer client.Close()
	client.AddHook(m.RedisHook())
	require.Error(t, client.Get(t.Context(), "private").Err())
	_, err = client.Pipelined(t.Context(), func(p redis.Pipeliner) error { return p.Incr(t.Context(), "private").Err() })
	require.Error(t, err)
	text := scrape(t, m)
	require.Contains(t, text, `dongxiao_redis_command_seconds_count{command="get",outcome="failed"} 1`)
	require.Contains(t, text, `dongxiao_redis_command_seconds_count{command="pipeline",outcome="failed"} 1`)
	require.NotContains(t, text, "private")
}

func TestAdminHandler(t *testing.T) {
	t.Parallel()
	handler := observe.AdminHandler(observe.NewMetrics(nil))
	for path, status := range map[string]int{
		"/metrics": 200, "/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/symbol": 200, "/debug/pprof/cmdline": 403, "/": 404, "/graphql": 404,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, status, w.Code, path)
	}
}
