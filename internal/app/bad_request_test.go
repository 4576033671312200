package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/testkit/appkit"
)

// closed has the manners of production where a test can tell: only the front ends' own operations run, and nobody waits long.
var closed = appkit.Options{Arguments: []string{"--open-documents=off", "--read-header-timeout=300ms", "--read-timeout=1s",
	"--socket-init-timeout=300ms", "--wechat-timeout=500ms"}}

// secret stands in what is sent and must never come back.
const secret = "zq-must-not-be-echoed-qz"

// TestMalformedRequests: what is no GraphQL request is refused with the status that GraphQL over HTTP says, a code, and none of its own words.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	appkit.Each(t, closed, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		id := appkit.Manifest()["STOREFRONT"]["Me"].ID
		claim := appkit.Manifest()["STOREFRONT"]["CouponClaim"].ID
		big := fmt.Sprintf(`{"id":%q,"variables":{"x":%q}}`, id, strings.Repeat(secret, 20_000))
		get := func(query string) string { return "/graphql?" + query }
		type headers = map[string]string
		before := k.Rows(t)
		for name, c := range map[string]struct {
			method, path string
			header       headers
			body         io.Reader
			status       int
			code         string
		}{
			"no JSON":                   {body: strings.NewReader("{" + secret), status: 400, code: "BAD_REQUEST"},
			"empty":                     {body: strings.NewReader(""), status: 400, code: "BAD_REQUEST"},
			"a batch":                   {body: strings.NewReader(`[{"id":"` + id + `"}]`), status: 400, code: "BAD_REQUEST"},
			"text after it":             {body: strings.NewReader(`{"id":"` + id + `"} ` + secret), status: 400, code: "BAD_REQUEST"},
			"neither id nor text":       {body: strings.NewReader(`{"variables":{"x":"` + secret + `"}}`), status: 400, code: "BAD_REQUEST"},
			"variables no object":       {body: strings.NewReader(`{"id":"` + id + `","variables":["` + secret + `"]}`), status: 400, code: "BAD_REQUEST"},
			"nested deeply":             {body: strings.NewReader(`{"id":"` + id + `","variables":{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}`), status: 400, code: "BAD_REQUEST"},
			"no UTF-8":                  {body: strings.NewReader("{\"query\":\"{ viewer \xff\xfe " + secret + " }\"}"), status: 400, code: "BAD_REQUEST"},
			"a wrong name":              {body: strings.NewReader(`{"id":"` + id + `","operationName":"` + secret + ` "}`), status: 400, code: "BAD_REQUEST"},
			"too large":                 {body: strings.NewReader(big), status: 413, code: "BODY_TOO_LARGE"},
			"too large, length unknown": {body: io.MultiReader(strings.NewReader(big)), status: 413, code: "BODY_TOO_LARGE"},
			"no content type":           {header: headers{"Content-Type": ""}, body: strings.NewReader(secret), status: 415, code: "BAD_REQUEST"},
			"text/plain":                {header: headers{"Content-Type": "text/plain"}, body: strings.NewReader(`{"id":"` + id + `"}`), status: 415, code: "BAD_REQUEST"},
			"a form":                    {header: headers{"Content-Type": "application/x-www-form-urlencoded"}, body: strings.NewReader("id=" + id), status: 415, code: "BAD_REQUEST"},
			"another charset":           {header: headers{"Content-Type": "application/json; charset=gbk"}, body: strings.NewReader(`{"id":"` + id + `"}`), status: 415, code: "BAD_REQUEST"},
			"compressed":                {header: headers{"Content-Encoding": "gzip"}, body: strings.NewReader(secret), status: 415, code: "BAD_REQUEST"},
			"unknown answers":           {header: headers{"Accept": "text/html"}, body: strings.NewReader(`{"id":"` + id + `"}`), status: 406, code: "BAD_REQUEST"},
			"PUT":                       {method: "PUT", body: strings.NewReader(`{"id":"` + id + `"}`), status: 405, code: "BAD_REQUEST"},
			"GET of nothing":            {method: "GET", path: "/graphql", status: 400, code: "BAD_REQUEST"},
			"GET of a text":             {method: "GET", path: get("query=" + url.QueryEscape("{ viewer { app { "+secret+" } } }")), status: 400, code: "BAD_REQUEST"},
			"GET of a mutation":         {method: "GET", path: get("id=" + claim + "&variables=" + url.QueryEscape(`{"input":{"templateId":"cpt_1","idempotencyKey":"12345678"}}`)), status: 405, code: "BAD_REQUEST"},
			"GET of bad variables":      {method: "GET", path: get("id=" + id + "&variables=" + secret), status: 400, code: "BAD_REQUEST"},
			"variables that do not fit": {body: request(t, shopper, "CouponClaim", vars{"input": vars{"templateId": "cpt_1", "idempotencyKey": []string{secret}}}), status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
			"a number as a string":      {body: request(t, shopper, "NearbyStores", vars{"near": vars{"latitude": "25.04", "longitude": 102.71, "system": "GCJ02"}}), status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
			"an Int as a string":        {body: request(t, shopper, "Products", vars{"first": "3"}), status: 200, code: "GRAPHQL_VALIDATION_FAILED"},
			"a subscription by POST":    {body: request(t, shopper, "MemberEvents", nil), status: 406, code: "BAD_REQUEST"},
		} {
			header := http.Header{"Content-Type": {"application/json"}}
			for key, value := range c.header {
				if header.Set(key, value); value == "" {
					header[key] = nil
				}
			}
			method, path := c.method, c.path
			if method == "" {
				method = "POST"
			}
			if path == "" {
				path = "/graphql"
			}
			r, err := shopper.Send(t.Context(), method, path, c.body, header)
			require.NoError(t, err, name)
			require.Equal(t, c.status, r.Status, "%s: %#v", name, r)
			require.Equal(t, c.code, r.Code(), "%s: %#v", name, r)
			require.Nil(t, r.Data, name)
			require.NotContains(t, r.Body, secret, name)
			require.NotEmpty(t, r.Errors[0].Message, name)
			require.True(t, strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"), name)
		}
		require.Equal(t, before, k.Rows(t))
		require.NotContains(t, k.Server.Logs(), secret)
	})
}

// request is the body of an operation.
func request(t *testing.T, c *appkit.Client, operation string, variables vars) io.Reader {
	t.Helper()
	body, err := json.Marshal(c.Request(operation, variables))
	require.NoError(t, err)
	return bytes.NewReader(body)
}

// TestOnlyKnownOperationsRun: where documents are closed, a text, an unknown id, the operation of another front end and introspection are
// refused by POST, GET, event stream and socket.
func TestOnlyKnownOperationsRun(t *testing.T) {
	t.Parallel()
	appkit.Each(t, closed, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		requests := map[string]vars{
			"a text":                     {"query": "{ viewer { person { phone } } }"},
			"introspection":              {"query": "{ __schema { types { name } } }"},
			"__typename":                 {"query": "{ __typename }"},
			"no GraphQL":                 {"query": "}{" + secret},
			"an unknown id":              {"id": strings.Repeat("a", 64)},
			"another front end's":        {"id": appkit.Manifest()["STAFF"]["RedemptionConfirm"].ID},
			"a new text under an old id": {"id": appkit.Manifest()["STAFF"]["RedemptionConfirm"].ID, "query": "{ __typename }"},
		}
		before := k.Rows(t)
		socket := shopper.Socket(t)
		n := 0
		for name, request := range requests {
			body, err := json.Marshal(request)
			require.NoError(t, err)
			post := func(accept string) *appkit.Response {
				r, err := shopper.Send(t.Context(), "POST", "/graphql", bytes.NewReader(body), http.Header{"Content-Type": {"application/json"}, "Accept": {accept}})
				require.NoError(t, err)
				require.NotContains(t, r.Body, secret)
				return r
			}
			r := post("application/json")
			require.Equal(t, "OPERATION_NOT_ALLOWED", r.Code(), "%s: %#v", name, r)
			require.Equal(t, 200, r.Status)
			require.Nil(t, r.Data)
			r = post("application/graphql-response+json")
			require.Equal(t, "OPERATION_NOT_ALLOWED", r.Code(), "%s: %#v", name, r)
			require.Equal(t, 403, r.Status)
			r = post("text/event-stream")
			require.Contains(t, r.Body, `"code":"OPERATION_NOT_ALLOWED"`, name)
			require.NotContains(t, r.Body, `"data"`, name)
			if id, ok := request["id"].(string); ok && request["query"] == nil {
				r, err := shopper.Send(t.Context(), "GET", "/graphql?id="+id, nil, nil)
				require.NoError(t, err)
				require.Equal(t, "OPERATION_NOT_ALLOWED", r.Code(), "%s: %#v", name, r)
			}
			n++
			socket.Subscribe(t, fmt.Sprint(n), request)
			answer := socket.Next(t)
			require.Equal(t, "error", answer.Type, name)
			require.Equal(t, []string{"OPERATION_NOT_ALLOWED"}, answer.Codes(), name)
		}
		require.Equal(t, before, k.Rows(t))
		r, err := shopper.Send(t.Context(), "GET", "/graphql?id="+appkit.Manifest()["STOREFRONT"]["Me"].ID, nil, nil)
		require.NoError(t, err)
		require.Empty(t, r.Errors, "a known query may be asked for by address")
		require.Equal(t, "STOREFRONT", r.String(t, "viewer.app.face"))
	})
}

// TestDocumentsAreBounded: where documents are open, each of the bounds refuses with its own code before anything runs.
func TestDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		admin := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
		fragments := "query { viewer { ...f0 } }"
		for n := range 20 {
			fragments += fmt.Sprintf(" fragment f%d on Viewer { ...f%d ...f%d }", n, n+1, n+1)
		}
		fragments += " fragment f20 on Viewer { __typename }"
		before := k.Rows(t)
		socket := admin.Socket(t)
		n := 0
		for code, document := range map[string]string{
			"GRAPHQL_PARSE_FAILED":      "query { " + secret,
			"GRAPHQL_VALIDATION_FAILED": "query { nothingLikeThis }",
			"QUERY_TOO_DEEP":            "{ orgs { nodes " + strings.Repeat("{ parent ", 15) + "{ id }" + strings.Repeat("}", 15) + "} }",
			"QUERY_TOO_WIDE":            "{ viewer { app { " + strings.Repeat("id ", 600) + "} } }",
			"QUERY_TOO_MANY_ALIASES":    "{ " + aliases(60) + "}",
			"QUERY_TOO_MANY_DIRECTIVES": "{ viewer { app { id " + strings.Repeat("@include(if: true) ", 60) + "} } }",
			"QUERY_TOO_MANY_TOKENS":     "{ viewer { app { " + strings.Repeat("id ", 1100) + "} } }",
			"QUERY_TOO_COMPLEX":         "{ " + costly(20) + "}",
		} {
			r := admin.Do(t, document, nil)
			require.Equal(t, code, r.Code(), "%#v", r)
			require.Nil(t, r.Data)
			n++
			socket.Subscribe(t, fmt.Sprint(n), vars{"query": document})
			answer := socket.Next(t)
			require.Equal(t, "error", answer.Type)
			require.Equal(t, []string{code}, answer.Codes())
		}
		exploding := admin.Do(t, fragments, nil)
		require.Equal(t, "QUERY_TOO_WIDE", exploding.Code(), "%#v", exploding)
		cycle := admin.Do(t, "{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }", nil)
		require.Equal(t, "GRAPHQL_VALIDATION_FAILED", cycle.Code(), "%#v", cycle)
		require.Equal(t, before, k.Rows(t))
	})
}

func aliases(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "a%d: __typename ", i)
	}
	return text.String()
}

func costly(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "c%d: managedCouponTemplates(first: 100) { nodes { template { id rule { orgs { id } } } } } ", i)
	}
	return text.String()
}
