package observe

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"dongxiao/internal/apperr"
)

// other is the label of everything whose name a client chose.
const other = "other"

// durations are the buckets of all latencies, in seconds: from a cached answer to a request that gave up.
var durations = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// Metrics are the Prometheus metrics of one server, all named dongxiao_…, in a registry of their own. Labels come from bounded
// sets only. All methods may be called concurrently.
type Metrics struct {
	registry *prometheus.Registry
	known    map[string]bool

	requests      *prometheus.HistogramVec
	panics        prometheus.Counter
	operations    *prometheus.HistogramVec
	errors        *prometheus.CounterVec
	batches       *prometheus.HistogramVec
	batchTime     *prometheus.HistogramVec
	outboxLag     prometheus.Gauge
	outboxPending prometheus.Gauge
	jobs          *prometheus.HistogramVec
	statements    *prometheus.HistogramVec
	redis         *prometheus.HistogramVec
	wechat        *prometheus.HistogramVec
	sockets       *prometheus.GaugeVec
	subscriptions prometheus.Gauge
	caches        *prometheus.CounterVec
	payments      *prometheus.CounterVec
}

// NewMetrics makes the metrics. Operations are the names that get a label of their own: those of the persisted documents. Every
// other operation, whose name its sender chose, counts as "other".
func NewMetrics(operations []string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), known: make(map[string]bool, len(operations))}
	for _, name := range operations {
		m.known[name] = true
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dongxiao_" + name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(v)
		return v
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dongxiao_" + name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	gauge := func(name, help string) prometheus.Gauge {
		v := prometheus.NewGauge(prometheus.GaugeOpts{Name: "dongxiao_" + name, Help: help})
		m.registry.MustRegister(v)
		return v
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests = histogram("http_request_seconds", "HTTP requests by method, matched route and status.", durations, "method", "route", "status")
	m.panics = prometheus.NewCounter(prometheus.CounterOpts{Name: "dongxiao_http_panics_total", Help: "Panics that were recovered in HTTP handlers."})
	m.registry.MustRegister(m.panics)
	m.operations = histogram("operation_seconds", "GraphQL operations by name and kind of outcome (ok, refused, failed).", durations, "operation", "outcome")
	m.errors = counter("operation_errors_total", "Errors of GraphQL operations, userErrors included, by name and code.", "operation", "code")
	m.batches = histogram("batch_size", "Requests in one commit of a batcher.", []float64{1, 2, 4, 8, 16, 32, 64, 100}, "batcher")
	m.batchTime = histogram("batch_seconds", "Time of one commit of a batcher.", durations, "batcher")
	m.outboxLag = gauge("outbox_lag_seconds", "Age of the oldest due outbox row that is not done.")
	m.outboxPending = gauge("outbox_pending", "Outbox rows that are due and not done.")
	m.jobs = histogram("job_seconds", "Background jobs by kind and outcome (ok, failed).", durations, "kind", "outcome")
	m.statements = histogram("sql_statement_seconds", "SQL statements by verb and outcome (ok, failed).", durations, "verb", "outcome")
	m.redis = histogram("redis_command_seconds", "Redis commands by name and outcome (ok, failed); a pipeline counts as one.", durations, "command", "outcome")
	m.wechat = histogram("wechat_call_seconds", "Calls to WeChat by path and HTTP status; failed where there was no answer.", durations, "path", "status")
	m.sockets = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dongxiao_sockets", Help: "Open sockets and event streams by transport."}, []string{"transport"})
	m.registry.MustRegister(m.sockets)
	m.subscriptions = gauge("subscriptions", "Open subscriptions.")
	m.caches = counter("cache_reads_total", "Reads of a cache by outcome (hit, miss).", "cache", "outcome")
	m.payments = counter("payment_alerts_total", "What people must look into about payments, by kind.", "kind")
	return m
}

// Registry is where further collectors are registered.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// RegisterDatabase shows the connection pool of a database.
func (m *Metrics) RegisterDatabase(db *sql.DB, name string) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(db, name))
}

// OperationName is the label of an operation: its name where that is a known one, else "other". It is also what may be logged.
func (m *Metrics) OperationName(name string) string {
	if m.known[name] {
		return name
	}
	return other
}

// Operation counts one GraphQL operation. Codes are those of its errors and userErrors; none means that it succeeded.
func (m *Metrics) Operation(name string, took time.Duration, codes ...apperr.Code) {
	name = m.OperationName(name)
	outcome := "ok"
	for _, code := range codes {
		m.errors.WithLabelValues(name, string(code)).Inc()
		if code == apperr.Internal || code == apperr.Unavailable {
			outcome = "failed"
		} else if outcome == "ok" {
			outcome = "refused"
		}
	}
	m.operations.WithLabelValues(name, outcome).Observe(took.Seconds())
}

// Batch counts one commit of the batcher of that name, which carried size requests.
func (m *Metrics) Batch(batcher string, size int, took time.Duration) {
	m.batches.WithLabelValues(batcher).Observe(float64(size))
	m.batchTime.WithLabelValues(batcher).Observe(took.Seconds())
}

// Outbox tells how many outbox rows are due and how old the oldest is.
func (m *Metrics) Outbox(pending int, lag time.Duration) {
	m.outboxPending.Set(float64(pending))
	m.outboxLag.Set(max(0, lag.Seconds()))
}

// Job counts one background job.
func (m *Metrics) Job(kind string, took time.Duration, err error) {
	m.jobs.WithLabelValues(kind, outcome(err)).Observe(took.Seconds())
}

// Statement counts one SQL statement by its verb (SELECT, INSERT, …; anything else is "other").
func (m *Metrics) Statement(verb string, took time.Duration, err error) {
	switch verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK":
	default:
		verb = other
	}
	m.statements.WithLabelValues(verb, outcome(err)).Observe(took.Seconds())
}

// CacheRead counts one read of the cache of that name.
func (m *Metrics) CacheRead(cache string, hit bool) {
	result := "miss"
	if hit {
		result = "hit"
	}
	m.caches.WithLabelValues(cache, result).Inc()
}

// PaymentAlert counts something about payments that people must look into; kind is one of the payment domain's few words.
func (m *Metrics) PaymentAlert(kind string) { m.payments.WithLabelValues(kind).Inc() }

// SocketOpened counts a socket or event stream as open until the function that it returns is called.
func (m *Metrics) SocketOpened(transport string) (closed func()) {
	g := m.sockets.WithLabelValues(transport)
	g.Inc()
	return g.Dec
}

// SubscriptionOpened counts a subscription as open until the function that it returns is called.
func (m *Metrics) SubscriptionOpened() (closed func()) {
	m.subscriptions.Inc()
	return m.subscriptions.Dec
}

// WeChatTransport counts the calls that pass through next, by path and status. It keeps nothing else of a request, because the
// secrets of WeChat's API travel in its query.
func (m *Metrics) WeChatTransport(next http.RoundTripper) http.RoundTripper {
	return wechatTransport{metrics: m, next: next}
}

type wechatTransport struct {
	metrics *Metrics
	next    http.RoundTripper
}

func (t wechatTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	answer, err := t.next.RoundTrip(r)
	status := "failed"
	if err == nil {
		status = strconv.Itoa(answer.StatusCode)
	}
	t.metrics.wechat.WithLabelValues(r.URL.Path, status).Observe(time.Since(start).Seconds())
	return answer, err
}

// RedisHook counts the commands of a Redis client: client.AddHook(metrics.RedisHook()).
func (m *Metrics) RedisHook() redis.Hook { return redisHook{m} }

type redisHook struct{ metrics *Metrics }

func (h redisHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h redisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		start := time.Now()
		err := next(ctx, command)
		h.observe(command.Name(), start, err)
		return err
	}
}

func (h redisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		start := time.Now()
		err := next(ctx, commands)
		h.observe("pipeline", start, err)
		return err
	}
}

// observe counts a missing key as an answer.
func (h redisHook) observe(command string, start time.Time, err error) {
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	h.metrics.redis.WithLabelValues(command, outcome(err)).Observe(time.Since(start).Seconds())
}

// request counts one HTTP request.
func (m *Metrics) request(verb, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method(verb), route, strconv.Itoa(status)).Observe(took.Seconds())
}

func outcome(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}
