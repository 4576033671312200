package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/graph/limits"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

func TestErrorsOfResolvers(t *testing.T) {
	t.Parallel()
	for _, mode := range []func(*transport.Options){development, nil} {
		server := newCounter(t, mode)
		reply := server.post(t, `{"id":"`+idOf(t, "STOREFRONT", "Refused")+`"}`)
		require.Equal(t, http.StatusOK, reply.status)
		require.Equal(t, "已达领取上限（3 张）。", reply.Errors[0].Message)
		require.Equal(t, map[string]any{"code": "LIMIT_REACHED", "field": []any{"input", "count"}, "params": map[string]any{"limit": "3"}}, reply.Errors[0].Extensions)
		require.Equal(t, []any{"refused"}, reply.Errors[0].Path)

		reply = server.post(t, `{"id":"`+idOf(t, "STOREFRONT", "Refused")+`"}`, "Accept-Language", "en-GB,zh;q=0.5")
		require.Equal(t, "You have reached the limit of 3.", reply.Errors[0].Message)
		require.NotContains(t, reply.body, "own words")
	}
}

func TestFaultsAreLoggedAndHidden(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	reply := server.post(t, `{"query":"query Q { name broken }","operationName":"Q"}`, "Accept", asResponse, "Accept-Language", "en")
	require.Equal(t, http.StatusOK, reply.status)
	require.Equal(t, apperr.Internal, reply.code())
	require.Equal(t, map[string]any{"code": "INTERNAL", "requestId": "request-7"}, reply.Errors[0].Extensions)
	require.NotContains(t, reply.body, "own words")
	log := server.logs.String()
	for _, part := range []string{"level=ERROR", "request_id=request-7", "path=broken", "the database's own words", "operation=Q"} {
		require.Contains(t, log, part)
	}

	reply = server.post(t, `{"query":"{ gone }"}`)
	require.Equal(t, apperr.Unavailable, reply.code())
	require.Contains(t, server.logs.String(), "level=WARN")
}

func TestPanicsAreLoggedAndHidden(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for _, accept := range []string{asJSON, asResponse} {
		reply := server.post(t, `{"query":"mutation { boom }"}`, "Accept", accept)
		require.Equal(t, http.StatusInternalServerError, reply.status)
		require.Equal(t, apperr.Internal, reply.code())
		require.Equal(t, "request-7", reply.Errors[0].Extensions["requestId"])
		require.Contains(t, reply.header.Get("Content-Type"), accept)
		require.NotContains(t, reply.body, "own words")
	}
	log := server.logs.String()
	require.Contains(t, log, "the panic's own words")
	require.Contains(t, log, "executeCounter", "with its stack")
	require.Equal(t, 2, strings.Count(log, "level=ERROR"), "once each")
}

// TestArgumentsThatAScalarRefuses: gqlgen reports them as errors of the field, with the argument's place at the end of the path.
func TestArgumentsThatAScalarRefuses(t *testing.T) {
	t.Parallel()
	reply := newCounter(t, development).post(t, `{"query":"{ argument }"}`)
	require.Equal(t, apperr.ValidationFailed, reply.code())
	require.Equal(t, []any{"argument"}, reply.Errors[0].Path)
	require.Equal(t, []any{"input", "price"}, reply.Errors[0].Extensions["field"])
}

func TestDocumentErrors(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for query, row := range map[string]struct {
		code    apperr.Code
		message string
	}{
		`{ name`:                               {apperr.ParseFailed, "The GraphQL document cannot be parsed. Expected"},
		`{ nam }`:                              {apperr.ValidationFailed, `The GraphQL document does not fit the schema. Cannot query field "nam" on type "Query".`},
		`{ find(idd: 1) { id } }`:              {apperr.ValidationFailed, `Unknown argument "idd"`},
		`{ find(id: 1, kind: WIN) { id } }`:    {apperr.ValidationFailed, `does not exist in "Kind" enum`},
		`{ find(id: 1) }`:                      {apperr.ValidationFailed, "must have a selection"},
		`{ ...f } fragment f on Qery { name }`: {apperr.ValidationFailed, `Unknown type "Qery"`},
	} {
		reply := server.post(t, fmt.Sprintf(`{"query":%q}`, query), "Accept-Language", "en")
		require.Equal(t, row.code, reply.code(), query)
		require.Contains(t, reply.Errors[0].Message, row.message)
		require.NotEmpty(t, reply.Errors[0].Locations)
		require.NotContains(t, reply.body, "Did you mean")
	}
	reply := server.post(t, `{"query":"{ name`+strings.Repeat("x", 2000)+` }"}`)
	require.Less(t, len(reply.body), 800, "quoted in part")
}

func TestVariablesThatDoNotFit(t *testing.T) {
	t.Parallel()
	server := newCounter(t, nil)
	for variables, field := range map[string][]any{
		`{}`:                           {"id"},
		`{"id":null}`:                  {"id"},
		`{"id":"1","kind":"MARKER"}`:   {"kind"},
		`{"id":"1","filter":{}}`:       {"filter", "name"},
		`{"id":"1","filter":"MARKER"}`: {"filter"},
		`{"id":"1","filter":{"name":"x","below":{"name":["MARKER"]}}}`:              {"filter", "below", "name"},
		`{"id":"1","filter":{"name":"x","tags":["a",null]}}`:                        {"filter", "tags", "1"},
		`{"id":"1","filter":{"name":"x","` + strings.Repeat("MARKER", 50) + `":1}}`: {"filter"},
	} {
		reply := server.post(t, `{"id":"`+idOf(t, "STOREFRONT", "Find")+`","variables":`+variables+`}`, "Accept", asResponse)
		require.Equal(t, http.StatusBadRequest, reply.status)
		require.Equal(t, apperr.ValidationFailed, reply.code())
		require.Equal(t, field, reply.Errors[0].Extensions["field"], variables)
		require.Equal(t, "查询语句与接口定义不符。", reply.Errors[0].Message)
		require.NotContains(t, reply.body, "MARKER")
	}
}

func TestLimitsOverHTTP(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for query, code := range map[string]apperr.Code{
		"{ items" + strings.Repeat("{ items", 13) + "{ id }" + strings.Repeat("}", 14): apperr.QueryTooDeep,
		"{" + strings.Repeat("name ", 501) + "}":                                       apperr.QueryTooWide,
		"{" + strings.Repeat("x: name ", 51) + "}":                                     apperr.QueryTooManyAliases,
		"{ name " + strings.Repeat("@skip(if: false) ", 51) + "}":                      apperr.QueryTooManyDirectives,
		"{" + strings.Repeat("name ", 1001) + "}":                                      apperr.QueryTooManyTokens,
		"{ items(first: 100) { items(first: 100) { id } } }":                           apperr.QueryTooComplex,
	} {
		reply := server.post(t, fmt.Sprintf(`{"query":%q}`, query), "Accept", asResponse)
		require.Equal(t, http.StatusBadRequest, reply.status)
		require.Equal(t, code, reply.code())
		if code == apperr.QueryTooComplex {
			require.Equal(t, map[string]any{"requested": 10101.0, "limit": 10000.0}, reply.Extensions["cost"], "told on refusal too")
		}
	}
}

func TestThrottleOverHTTP(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"}) // nobody there: the server counts alone
	t.Cleanup(func() { _ = client.Close() })
	server := newCounter(t, func(o *transport.Options) {
		o.Throttle = limits.NewThrottle(client, limits.ThrottleOptions{PerSecond: 1, Burst: 500, Logger: o.Logger,
			Key: func(context.Context) string { return "brand:person" }})
	})
	body := `{"id":"` + idOf(t, "STOREFRONT", "Items") + `","variables":{"first":15}}` // 1 + 15 × (1 + 1 + 15)
	reply := server.post(t, body, "Accept", asResponse)
	require.Equal(t, http.StatusOK, reply.status)
	cost := reply.Extensions["cost"].(map[string]any)
	require.Equal(t, 256.0, cost["requested"])
	require.InDelta(t, 244.0, cost["available"], 30)

	reply = server.post(t, body, "Accept", asResponse, "Accept-Language", "en")
	require.Equal(t, http.StatusTooManyRequests, reply.status)
	require.Equal(t, apperr.RateLimited, reply.code())
	seconds := reply.Errors[0].Extensions["params"].(map[string]any)["seconds"]
	require.Equal(t, seconds, reply.header.Get("Retry-After"))
	require.Contains(t, reply.Errors[0].Message, fmt.Sprintf("again in %s s", seconds))
	require.Contains(t, reply.Extensions, "cost")
}

func TestIntrospectionIsForDevelopment(t *testing.T) {
	t.Parallel()
	query := `{"query":"{ __schema { types { name } } }"}`
	require.Empty(t, newCounter(t, development).post(t, query).Errors)
	require.Equal(t, apperr.OperationNotAllowed, newCounter(t, nil).post(t, query).code())
}

func TestPresent(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	presenter := transport.Errors{RequestID: func(context.Context) string { return "r" }, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	ctx := transport.WithLanguage(t.Context(), apperr.English)
	require.Nil(t, presenter.Present(ctx, nil))

	presented := presenter.Present(ctx, fmt.Errorf("wrapped: %w", apperr.New(apperr.NotFound).Because(errors.New("own words"))))
	require.Equal(t, "Not found; it may have been removed.", presented.Message)
	require.Empty(t, log.String(), "a refusal is no fault")

	presented = presenter.Present(ctx, apperr.New(apperr.Internal).Because(errors.New("own words")))
	require.Equal(t, "r", presented.Extensions["requestId"])
	require.Contains(t, log.String(), "own words")

	presented = presenter.Present(ctx, gqlerror.Errorf("own words"))
	require.Equal(t, "INTERNAL", presented.Extensions["code"])
	require.NotContains(t, presented.Message, "own words")

	presented = presenter.Present(ctx, &gqlerror.Error{Message: "own words", Rule: "SomeRule"})
	require.Equal(t, "GRAPHQL_VALIDATION_FAILED", presented.Extensions["code"])
	require.NotContains(t, presented.Message, "own words", "production")

	lost := errors.New("connection refused at 10.0.0.7")
	presenter.Away = func(err error) bool { return errors.Is(err, lost) }
	presented = presenter.Present(ctx, fmt.Errorf("wrapped: %w", lost))
	require.Equal(t, "UNAVAILABLE", presented.Extensions["code"])
	require.NotContains(t, presented.Message, "10.0.0.7")

	log.Reset()
	presented = presenter.Present(ctx, presenter.Recover(ctx, "own words"))
	require.Equal(t, "INTERNAL", presented.Extensions["code"])
	require.Equal(t, 1, strings.Count(log.String(), "level=ERROR"))
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	require.Equal(t, apperr.Chinese, transport.LanguageOf(t.Context()))
	require.Equal(t, apperr.English, transport.LanguageOf(transport.WithLanguage(t.Context(), apperr.English)))
}
