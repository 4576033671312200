package wechatpay_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
)

// inbox takes notices as a server does and answers 204 to those that it can read.
type inbox struct {
	t       *testing.T
	address string
	taken   chan wechatpay.Notice

	mu sync.Mutex
	// refuse is how many true notices are answered with 500 first.
	refuse int
	errors []error
}

func newInbox(t *testing.T, client *wechatpay.Client) *inbox {
	t.Helper()
	i := &inbox{t: t, taken: make(chan wechatpay.Notice, 1000)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wechatpay.MaxNotice))
		var notice wechatpay.Notice
		if err == nil {
			notice, err = client.ParseNotice(r.Context(), r.Header, body)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		switch {
		case errors.Is(err, wechatpay.ErrUnreadable):
			i.errors = append(i.errors, err)
			w.WriteHeader(http.StatusInternalServerError)
		case err != nil:
			i.errors = append(i.errors, err)
			w.WriteHeader(http.StatusUnauthorized)
		case i.refuse > 0:
			i.refuse--
			w.WriteHeader(http.StatusInternalServerError)
		default:
			i.taken <- notice
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(server.Close)
	i.address = server.URL + "/notices"
	return i
}

// next waits for a notice.
func (i *inbox) next() wechatpay.Notice {
	i.t.Helper()
	select {
	case notice := <-i.taken:
		return notice
	case <-time.After(30 * time.Second):
		require.FailNow(i.t, "no notice came")
		return wechatpay.Notice{}
	}
}

// wrong gives the errors so far and forgets them.
func (i *inbox) wrong() []error {
	i.mu.Lock()
	defer i.mu.Unlock()
	found := i.errors
	i.errors = nil
	return found
}

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
