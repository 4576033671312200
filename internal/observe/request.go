package observe

import (
	"context"
	"crypto/rand"
	"net/netip"
	"sync"

	"dongxiao/auth"
	"dongxiao/internal/apperr"
)

// request is what is known of one request. The inner handlers fill in what the outer one logs.
type request struct {
	id     string
	client netip.Addr

	mu        sync.Mutex // guards all below: fields of one operation resolve in parallel
	operation string
	code      apperr.Code
	viewer    auth.Viewer
}

type requestKey struct{}

func requestFrom(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// RequestID is the id of the request that ctx belongs to: the caller's X-Request-Id or one of ours. Empty outside of a request.
func RequestID(ctx context.Context) string {
	if r := requestFrom(ctx); r != nil {
		return r.id
	}
	return ""
}

// ClientIP is the address of whoever sent the request, as the trusted proxies tell. Invalid outside of a request.
func ClientIP(ctx context.Context) netip.Addr {
	if r := requestFrom(ctx); r != nil {
		return r.client
	}
	return netip.Addr{}
}

// WithRequestID gives background work an id of its own, so that its lines can be found together.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, &request{id: id})
}

// SetOperation tells the access log which operation the request carries out. Only names of known operations may be given, for a
// client chooses the name of any other.
func SetOperation(ctx context.Context, name string) {
	if r := requestFrom(ctx); r != nil {
		r.mu.Lock()
		r.operation = name
		r.mu.Unlock()
	}
}

// SetErrorCode tells the access log with which code the request was refused; the first one stays.
func SetErrorCode(ctx context.Context, code apperr.Code) {
	if r := requestFrom(ctx); r != nil {
		r.mu.Lock()
		if r.code == "" {
			r.code = code
		}
		r.mu.Unlock()
	}
}

// SetViewer tells the access log who asked, once that is known.
func SetViewer(ctx context.Context, v auth.Viewer) {
	if r := requestFrom(ctx); r != nil {
		r.mu.Lock()
		r.viewer = v
		r.mu.Unlock()
	}
}

// requestIDFrom accepts a caller's id of 8 to 64 letters, digits, dots, hyphens and underscores, and makes one otherwise.
func requestIDFrom(header []string) string {
	if len(header) == 1 && validRequestID(header[0]) {
		return header[0]
	}
	return rand.Text()
}

func validRequestID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
