package explorer_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/rest/explorer"
)

var local = regexp.MustCompile(`(?:src|href)="([^"]+)"`)

// answer asks the handler as a browser on this machine does, with headers in pairs of name and value.
func answer(t *testing.T, handler http.Handler, method, target string, headers ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	request.Host = "127.0.0.1:8080"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(content)
}

func TestPageLoadsOnlyItsOwnFiles(t *testing.T) {
	t.Parallel()
	handler := explorer.Handler(explorer.Config{})
	page := body(t, answer(t, handler, http.MethodGet, "/"))
	require.NotContains(t, page, "://")
	require.NotContains(t, page, "<script>", "the content security policy refuses inline scripts")

	types := map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	}
	found := local.FindAllStringSubmatch(page, -1)
	require.Len(t, found, 9)
	for _, match := range found {
		name := match[1]
		require.True(t, strings.HasPrefix(name, "/explorer/"), name)
		response := answer(t, handler, http.MethodGet, name)
		require.Equal(t, http.StatusOK, response.StatusCode, name)
		require.Equal(t, types[name[strings.LastIndex(name, "."):]], response.Header.Get("Content-Type"), name)
		content := body(t, response)
		require.NotEmpty(t, content)
		require.NotContains(t, content, "sourceMappingURL", name)
		require.NotRegexp(t, `@import|url\(\s*["']?(?:https?:)?//`, content, name)
		require.Subset(t, allowedHosts, hosts(t, content), name)
	}
}

// allowedHosts are the names of XML namespaces, and of pages that texts of React and GraphiQL link to; no file is loaded from them.
var allowedHosts = []string{
	"", "www.w3.org", "github.com", "codemirror.net", "commonmark.org", "en.wikipedia.org", "reactjs.org",
}

func hosts(t *testing.T, content string) []string {
	t.Helper()
	names := []string{}
	for _, address := range regexp.MustCompile("https?://[A-Za-z0-9.:-]*").FindAllString(content, -1) {
		parsed, err := url.Parse(address)
		require.NoError(t, err)
		names = append(names, parsed.Hostname())
	}
	return names
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	handler := explorer.Handler(explorer.Config{})
	for target, status := range map[string]int{
		"/": 200, "/explorer/explorer.js": 200, "/explorer/graphiql/graphiql.css": 200, "/explorer/sign-ins.json": 200,
		"/explorer/graphiql/LICENSES.txt": 200,
		"/explorer/":                      404, "/explorer/graphiql/": 404, "/explorer/graphiql/README.md": 404, "/explorer/index.html": 404, "/other": 404,
	} {
		response := answer(t, handler, http.MethodGet, target)
		require.Equal(t, status, response.StatusCode, target)
		policy := response.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'self'", target)
		require.Contains(t, policy, "script-src 'self';", target)
		require.NotContains(t, policy, "http", target)
		require.NotContains(t, policy, "unsafe-eval", target)
		require.Equal(t, "DENY", response.Header.Get("X-Frame-Options"), target)
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), target)
		require.Equal(t, "same-origin", response.Header.Get("Cross-Origin-Resource-Policy"), target)
		require.Empty(t, response.Header.Get("Access-Control-Allow-Origin"), target)
	}
	require.Equal(t, http.StatusMethodNotAllowed, answer(t, handler, http.MethodPost, "/").StatusCode)
	require.Equal(t, http.StatusMethodNotAllowed, answer(t, handler, http.MethodPost, "/explorer/sign-ins.json").StatusCode)
}

func TestAssetsAreCachedByTheirHash(t *testing.T) {
	t.Parallel()
	handler := explorer.Handler(explorer.Config{})
	first := answer(t, handler, http.MethodGet, "/explorer/graphiql/graphiql.js")
	tag := first.Header.Get("ETag")
	require.Regexp(t, `^"[0-9a-f]{32}"$`, tag)
	require.Equal(t, "no-cache", first.Header.Get("Cache-Control"))

	again := answer(t, handler, http.MethodGet, "/explorer/graphiql/graphiql.js", "If-None-Match", tag)
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	require.Empty(t, body(t, again))

	other := answer(t, handler, http.MethodGet, "/explorer/graphiql/react.js", "If-None-Match", tag)
	require.Equal(t, http.StatusOK, other.StatusCode)
	require.Equal(t, "no-store", answer(t, handler, http.MethodGet, "/explorer/sign-ins.json").Header.Get("Cache-Control"))
}

func TestSignInsAreMadeAtEachRequest(t *testing.T) {
	t.Parallel()
	calls := 0
	handler := explorer.Handler(explorer.Config{
		WebsocketPath: "/socket",
		SignIns: func(context.Context) ([]explorer.SignIn, error) {
			calls++
			return []explorer.SignIn{
				{Face: auth.Storefront, Title: "顾客 · Shopper 林小满", AppID: "wx1", Token: strings.Repeat("t", calls), Operations: []explorer.Example{{Name: "Home", Document: "query Home { brand { name } }"}}},
				{Face: auth.Staff, Title: "店员 · Clerk", AppID: "wx2", Token: "clerk"},
			}, nil
		},
	})
	require.Zero(t, calls)
	for want := 1; want <= 2; want++ {
		response := answer(t, handler, http.MethodGet, "/explorer/sign-ins.json")
		require.Equal(t, "application/json", response.Header.Get("Content-Type"))
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(body(t, response)), &got))
		require.Equal(t, map[string]any{
			"graphqlPath": "/graphql", "websocketPath": "/socket",
			"signIns": []any{
				map[string]any{
					"face": "STOREFRONT", "title": "顾客 · Shopper 林小满", "appId": "wx1", "token": strings.Repeat("t", want),
					"operations": []any{map[string]any{"name": "Home", "description": "", "document": "query Home { brand { name } }", "variables": ""}},
				},
				map[string]any{"face": "STAFF", "title": "店员 · Clerk", "appId": "wx2", "token": "clerk", "operations": []any{}},
			},
		}, got)
	}
}

func TestSignInsThatFailTellNothingOfTheCause(t *testing.T) {
	t.Parallel()
	handler := explorer.Handler(explorer.Config{SignIns: func(context.Context) ([]explorer.SignIn, error) {
		return nil, errors.New("secret cause")
	}})
	response := answer(t, handler, http.MethodGet, "/explorer/sign-ins.json")
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.NotContains(t, body(t, response), "secret")
}

func TestOnlyLocalNamesAreAnswered(t *testing.T) {
	t.Parallel()
	handler := explorer.Handler(explorer.Config{SignIns: func(context.Context) ([]explorer.SignIn, error) {
		return []explorer.SignIn{{Title: "t", Token: "secret"}}, nil
	}})
	for host, status := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "shop.localhost:8080": 200, "127.0.0.1": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "[::1]": 200, "192.168.1.7:8080": 200,
		"": 403, "rebinding.example": 403, "rebinding.example:8080": 403, "localhost.example": 403, "127.0.0.1.example:8080": 403, "notlocalhost": 403, ":8080": 403,
	} {
		response := answer(t, handler, http.MethodGet, "/explorer/sign-ins.json", "Host", host)
		require.Equal(t, status, response.StatusCode, host)
		require.Equal(t, status == 200, strings.Contains(body(t, response), "secret"), host)
	}
}
