package wechatsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody bounds what either port reads.
const maxBody = 1 << 20

// call is one request to the API, read whole.
type call struct {
	query url.Values
	body  []byte
	app   *appState // known from the token; nil before authorise
}

// reply is what goes back.
type reply struct {
	status      int
	contentType string
	body        []byte
	errCode     int
	// about names the user concerned, for the journal.
	about string
}

// route is one endpoint.
type route struct {
	method string
	handle func(*Simulator, *call) reply
	// exclusive endpoints refuse a second request for the same user while one is under way.
	exclusive bool
}

// routes are the endpoints of the mini-program side by path; those of WeChat Pay are payRoutes.
var routes = map[string]route{
	"/sns/jscode2session":              {method: http.MethodGet, handle: (*Simulator).codeToSession},
	"/cgi-bin/token":                   {method: http.MethodGet, handle: (*Simulator).legacyToken},
	"/cgi-bin/stable_token":            {method: http.MethodPost, handle: (*Simulator).stableToken},
	"/wxa/business/getuserphonenumber": {method: http.MethodPost, handle: (*Simulator).phoneNumber},
	"/wxa/msg_sec_check":               {method: http.MethodPost, handle: (*Simulator).checkText},
	"/cgi-bin/message/subscribe/send":  {method: http.MethodPost, handle: (*Simulator).sendMessage, exclusive: true},
	"/wxa/getwxacodeunlimit":           {method: http.MethodPost, handle: (*Simulator).unlimitedQRCode},

	"/wxa/sec/order/upload_shipping_info": {method: http.MethodPost, handle: (*Simulator).uploadShipping},
	"/wxa/sec/order/get_order":            {method: http.MethodPost, handle: (*Simulator).shippingState},
	"/wxa/sec/order/is_trade_managed":     {method: http.MethodPost, handle: (*Simulator).tradeManaged},
}

// API is the handler that stands for api.weixin.qq.com and, below /v3/, for api.mch.weixin.qq.com.
func (s *Simulator) API() http.Handler {
	mux := http.NewServeMux()
	for pattern, endpoint := range payRoutes {
		mux.Handle(pattern, s.servePay(endpoint.operation, endpoint.handle))
	}
	mux.HandleFunc("/", s.serveAPI)
	return mux
}

func (s *Simulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	endpoint, ok := routes[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	body, whole := readBounded(r.Body, maxBody)
	if err != nil || !whole {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c := &call{query: query, body: body}
	entry := Entry{Method: r.Method, Path: r.URL.Path, Request: c.journalled()}

	s.mu.Lock()
	entry.AppID = s.appIDOf(c)
	fault := s.takeFault(r.URL.Path, entry.AppID)
	var refusal *reply
	if r.Method != endpoint.method {
		code, message := 43002, "require POST method"
		if endpoint.method == http.MethodGet {
			code, message = 43001, "require GET method"
		}
		refusal = new(s.refuse(code, message))
	} else if repeated(query) {
		refusal = new(s.refuse(40097, "invalid args: repeated query parameter"))
	}
	release := func() {}
	if refusal == nil && endpoint.exclusive {
		release, refusal = s.enter(c, entry.AppID)
	}
	s.mu.Unlock()
	defer release()

	if fault != nil {
		entry.Fault = fault.Mode
	}
	processed := refusal == nil && (fault == nil || fault.Mode == FaultSlow || fault.Mode == FaultTimeoutAfter)
	if processed && fault != nil && fault.Mode == FaultSlow && !wait(r.Context(), time.Duration(fault.Milliseconds)*time.Millisecond) {
		processed, fault = false, &Fault{Mode: FaultTimeout}
	}
	s.mu.Lock()
	var out reply
	switch {
	case refusal != nil:
		out = *refusal
	case processed:
		out = endpoint.handle(s, c)
	default:
		out = s.faulty(fault)
	}
	entry.Status, entry.ErrCode, entry.OpenID, entry.Processed = out.status, out.errCode, out.about, processed
	s.record(entry)
	s.mu.Unlock()

	if refusal == nil && fault != nil && (fault.Mode == FaultTimeout || fault.Mode == FaultTimeoutAfter) {
		wait(r.Context(), time.Minute)
		panic(http.ErrAbortHandler)
	}
	release() // before the caller hears of it and sends the next
	w.Header().Set("Content-Type", out.contentType)
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body)
}

// wait sleeps for d and reports false where ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// enter marks the message's receiver as being sent to, and refuses where they already are.
func (s *Simulator) enter(c *call, appID string) (release func(), refusal *reply) {
	var message struct {
		ToUser string `json:"touser"`
	}
	app := s.apps[appID]
	if app == nil || json.Unmarshal(c.body, &message) != nil || message.ToUser == "" {
		return func() {}, nil
	}
	if app.sending[message.ToUser] {
		return func() {}, new(s.refuse(43108, "concurrent message to the same user"))
	}
	app.sending[message.ToUser] = true
	released := false
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !released {
			released = true
			delete(app.sending, message.ToUser)
		}
	}, nil
}

// appIDOf finds out whose request it is, for faults and the journal.
func (s *Simulator) appIDOf(c *call) string {
	if id := c.query.Get("appid"); id != "" {
		return id
	}
	if token, ok := s.tokens[c.query.Get("access_token")]; ok {
		return token.app.AppID
	}
	var body struct {
		AppID string `json:"appid"`
	}
	_ = json.Unmarshal(c.body, &body)
	return body.AppID
}

// refuse is WeChat's way to say no: status 200 with an errcode and a request id in the message.
func (s *Simulator) refuse(code int, message string) reply {
	rid := s.draw(8, hexDigits) + "-" + s.draw(8, hexDigits) + "-" + s.draw(8, hexDigits)
	out := answer(map[string]any{"errcode": code, "errmsg": message + " rid: " + rid})
	out.errCode = code
	return out
}

// answer is a JSON success.
func answer(value any) reply {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return reply{status: http.StatusInternalServerError, contentType: "text/plain"}
	}
	return reply{status: http.StatusOK, contentType: "application/json; encoding=utf-8", body: bytes.TrimSpace(buffer.Bytes())}
}

// decode reads the call's JSON strictly into target; the second result is false, and the first a refusal, where it does not fit.
func (s *Simulator) decode(c *call, target any) (reply, bool) {
	if len(c.body) == 0 {
		return s.refuse(44002, "empty post data"), false
	}
	if err := decodeStrictly(c.body, target); err != nil {
		return s.refuse(47001, "data format error: "+err.Error()), false
	}
	return reply{}, true
}

// decodeStrictly refuses unknown fields and anything after the value.
func decodeStrictly(data []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

func repeated(query url.Values) bool {
	for _, values := range query {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

// journalled is the request as the journal keeps it: query and body in one map, without secrets and tokens.
func (c *call) journalled() map[string]any {
	fields := map[string]any{}
	if json.Unmarshal(c.body, &fields) != nil || fields == nil {
		fields = map[string]any{}
	}
	for name, values := range c.query {
		fields[name] = strings.Join(values, ",")
	}
	delete(fields, "secret")
	delete(fields, "access_token")
	return fields
}
