// Package wechat calls the server side of WeChat mini-programs (微信小程序服务端接口) and verifies what WeChat pushes.
//
// The rules it keeps, because the protocol makes them easy to break: the app secret travels in query strings, so no URL is ever
// logged, traced or put into an error; business errors come with status 200, so every answer's errcode is read; every answer is
// bounded in size and every call in time, token fetch and retries included. Errors are *Error (WeChat answered with an errcode) or
// wrap ErrUnavailable (it did not answer as it should); Refusal turns both into what a user may see.
package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/singleflight"
)

// DefaultBaseURL is where WeChat serves the API.
const DefaultBaseURL = "https://api.weixin.qq.com"

const (
	defaultTimeout = 5 * time.Second
	maxJSONAnswer  = 64 << 10
	maxImageAnswer = 2 << 20
)

// pauses are the waits before a busy WeChat is asked again; after the last one its answer stands.
var pauses = []time.Duration{50 * time.Millisecond, 150 * time.Millisecond}

var tracer = otel.Tracer("dongxiao/internal/wechat")

// App is the mini-program in whose name a call is made.
type App struct {
	// AppID is public: it is in every mini-program's package.
	AppID string
	// Secret is the AppSecret. It never appears in logs or errors.
	Secret string
}

// String shows the app id only, so that a printed App does not give the secret away.
func (a App) String() string { return a.AppID }

// GoString is String for %#v.
func (a App) GoString() string { return "wechat.App(" + a.AppID + ")" }

// LogValue shows the app id only.
func (a App) LogValue() slog.Value { return slog.StringValue(a.AppID) }

// Options are the settings of a Client; the zero value calls the real WeChat without a shared token cache.
type Options struct {
	// BaseURL replaces DefaultBaseURL, for the simulator. It is http or https, without query.
	BaseURL string
	// HTTPClient carries the calls; nil means one of our own. Redirects are never followed. Its transport must not record
	// URLs (tracing transports do): they hold secrets. The client makes its own spans.
	HTTPClient *http.Client
	// Redis shares access tokens between servers, sealed under the app's secret. It may be nil and may fail: WeChat's stable
	// tokens make it an optimisation only.
	Redis redis.UniversalClient
	// Logger gets one warning for each failed call; nil means slog.Default().
	Logger *slog.Logger
	// Timeout bounds a whole call with its token fetch and retries; zero means 5 s.
	Timeout time.Duration
}

// Client calls WeChat for any number of apps. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	http    *http.Client
	redis   redis.UniversalClient
	logger  *slog.Logger
	timeout time.Duration

	flights singleflight.Group
	mu      sync.Mutex
	tokens  map[App]heldToken
}

// New makes a Client, or says which option is wrong.
func New(options Options) (*Client, error) {
	address := options.BaseURL
	if address == "" {
		address = DefaultBaseURL
	}
	base, err := url.Parse(address)
	if err != nil || (base.Scheme != "https" && base.Scheme != "http") || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("wechat: the base URL must be http(s)://host without user, query or fragment")
	}
	var carrier http.Client
	if options.HTTPClient != nil {
		carrier = *options.HTTPClient
	} else if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport := standard.Clone()
		transport.MaxIdleConnsPerHost = 64 // all calls go to one host; the default of 2 would open a connection for nearly each
		transport.MaxResponseHeaderBytes = 64 << 10
		carrier.Transport = transport
	}
	carrier.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	carrier.Jar = nil
	c := &Client{base: base, http: &carrier, redis: options.Redis, logger: options.Logger, timeout: options.Timeout, tokens: map[App]heldToken{}}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	return c, nil
}

// request is one HTTP request; its query and body may hold secrets and are never shown.
type request struct {
	method, path string
	query        url.Values
	body         any
	limit        int64
}

// answer is what came back with status 200.
type answer struct {
	contentType string
	body        []byte
}

// observed runs one public operation: bounded in time, traced, and logged where it fails.
func (c *Client) observed(ctx context.Context, app App, operation string, run func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	ctx, span := tracer.Start(ctx, "wechat "+operation, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("wechat.appid", app.AppID)))
	defer span.End()
	start := time.Now()
	err := run(ctx)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if e.Operation == "" {
			e.Operation = operation
		}
		span.SetAttributes(attribute.Int("wechat.errcode", e.ErrCode))
	} else {
		err = fmt.Errorf("wechat %s: %w", operation, err)
	}
	span.SetStatus(codes.Error, err.Error())
	c.logger.WarnContext(ctx, "wechat call failed", "operation", operation, "app", app, "duration", time.Since(start), "error", err)
	return err
}

// exchange sends r and gives the answer to read; while WeChat says that it is busy it pauses and asks again, a few times.
func (c *Client) exchange(ctx context.Context, r request, read func(answer) error) error {
	for attempt := 0; ; attempt++ {
		a, err := c.send(ctx, r)
		if err == nil {
			err = read(a)
		}
		if attempt == len(pauses) || !HasCode(err, CodeBusy, CodeConcurrentSend) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pauses[attempt]):
		}
	}
}

// withToken is exchange with app's access token in the query. A token that WeChat no longer takes is replaced once.
func (c *Client) withToken(ctx context.Context, app App, r request, read func(answer) error) error {
	rejected := ""
	for {
		token, err := c.stableToken(ctx, app, rejected)
		if err != nil {
			return err
		}
		r.query = url.Values{"access_token": {token}}
		err = c.exchange(ctx, r, read)
		if rejected != "" || !HasCode(err, codeCredentialInvalid, codeTokenInvalid, codeTokenExpired) {
			return err
		}
		rejected = token
	}
}

// send makes the request and reads the bounded answer. Whatever goes wrong wraps ErrUnavailable.
func (c *Client) send(ctx context.Context, r request) (answer, error) {
	var body io.Reader
	if r.body != nil {
		var buffer bytes.Buffer
		encoder := json.NewEncoder(&buffer)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(r.body); err != nil {
			return answer{}, unavailable("the request cannot be encoded", nil)
		}
		body = &buffer
	}
	address := c.base.JoinPath(r.path)
	address.RawQuery = r.query.Encode()
	request, err := http.NewRequestWithContext(ctx, r.method, address.String(), body)
	if err != nil {
		return answer{}, unavailable("the request cannot be made", nil)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, unavailable("no answer", withoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer{}, unavailable(fmt.Sprintf("status %d", response.StatusCode), nil)
	}
	limit := r.limit
	if limit == 0 {
		limit = maxJSONAnswer
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return answer{}, unavailable("the answer broke off", withoutURL(err))
	}
	if int64(len(data)) > limit {
		return answer{}, unavailable("the answer is too large", nil)
	}
	return answer{contentType: response.Header.Get("Content-Type"), body: data}, nil
}

// withoutURL keeps the reason of a *url.Error and drops its URL, which holds secrets.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// into is a reader of JSON answers: an errcode becomes an *Error, anything else is decoded into target. The content type is not
// asked, since WeChat sends some JSON as text/plain.
func into(target any) func(answer) error {
	return func(a answer) error {
		var envelope struct {
			ErrCode int    `json:"errcode"`
			ErrMsg  string `json:"errmsg"`
		}
		if err := json.Unmarshal(a.body, &envelope); err != nil {
			return unavailable("the answer is not JSON", nil)
		}
		if envelope.ErrCode != 0 {
			return newError(envelope.ErrCode, envelope.ErrMsg)
		}
		if target == nil {
			return nil
		}
		if err := json.Unmarshal(a.body, target); err != nil {
			return unavailable("the answer has an unknown shape", nil)
		}
		return nil
	}
}
