package wechatpay

import (
	"net/http"
	"net/url"
)

// carriage is the HTTP client under the SDK's.
type carriage struct{ client http.Client }

// carrier prepares the caller's HTTP client, or one of our own.
func carrier(given *http.Client) carriage {
	var c carriage
	if given != nil {
		c.client = *given
	} else if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport := standard.Clone()
		transport.MaxIdleConnsPerHost = 64 // all calls go to one host
		transport.MaxResponseHeaderBytes = 64 << 10
		c.client.Transport = transport
	}
	if c.client.Transport == nil {
		c.client.Transport = http.DefaultTransport
	}
	// A redirect would carry the Authorization header to wherever it points.
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.client.Jar = nil
	return c
}

// to is the client that sends everything to base and reads at most limit bytes of an answer.
func (c carriage) to(base *url.URL, limit int64) *http.Client {
	client := c.client
	client.Transport = rewriting{base: base, limit: limit, next: c.client.Transport}
	return &client
}

// rewriting is a transport that sends requests for any host to base. The download address of a bill, too, which an answer names,
// can therefore lead nowhere else.
type rewriting struct {
	base  *url.URL
	limit int64
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t rewriting) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := request.Clone(request.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = t.base.Scheme, t.base.Host, ""
	response, err := t.next.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, t.limit)
	return response, nil
}
