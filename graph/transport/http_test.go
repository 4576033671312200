package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/graph/persisted"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

// TestAudit asks what the audits of npm's graphql-http ask of a server, under their ids.
func TestAudit(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	const typename = `{"query":"{ __typename }"`
	invalid := map[string]string{"object": `{"obj":"ect"}`, "number": `0`, "boolean": `false`, "array": `["array"]`, "string": `"string"`}
	type row struct {
		id, accept, body, contentType string
		status                        int
		errorsAllowed                 bool
		media                         string
	}
	rows := []row{
		{id: "22EB", accept: asResponse, body: typename + "}", media: asResponse},
		{id: "4655", accept: asJSON, body: typename + "}", media: asJSON},
		{id: "47DE", accept: "*/*", body: typename + "}", media: asJSON},
		{id: "80D8", body: typename + "}", media: asJSON},
		{id: "BF61", body: `{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}`, contentType: "application/json; charset=utf-8"},
		{id: "9ABE", body: typename + "}", contentType: "text/plain;charset=UTF-8", status: 415, errorsAllowed: true},
		{id: "A5BF", body: "", status: 400, errorsAllowed: true},
		{id: "423L", accept: asResponse, body: `{"notquery":"{ __typename }"}`, status: 400, errorsAllowed: true},
		{id: "8161", accept: asResponse, body: `{"operationName":"Query","query":"query Query { __typename }"}`},
		{id: "B8B3", accept: asJSON, body: `{"operationName":"Query","query":"query Query { __typename }"}`},
		{id: "2EA1", accept: asResponse, body: `{"query":"query Type($name: String!) { __type(name: $name) { name } }","variables":{"name":"sometype"}}`},
		{id: "28B9", accept: asJSON, body: `{"query":"query Type($name: String!) { __type(name: $name) { name } }","variables":{"name":"sometype"}}`},
		{id: "428F", accept: asResponse, body: typename + `,"extensions":{"some":"value"}}`},
		{id: "1B7A", accept: asJSON, body: typename + `,"extensions":{"some":"value"}}`},
		{id: "BCF8", accept: asJSON, body: `{ "not a JSON`, status: 400, errorsAllowed: true},
		{id: "B7N8", accept: asResponse, body: `{ "not a JSON`, status: 400, errorsAllowed: true},
		{id: "3E3A", body: `{"qeury":"{ __typename }"}`, status: 400, errorsAllowed: true},
		{id: "572B", accept: asJSON, body: `{"query":"{"}`, errorsAllowed: true},
		{id: "FDE2", accept: asJSON, body: `{"query":"{ 8f31403dfe404bccbb0e835f2629c6a7 }"}`, errorsAllowed: true},
		{id: "7B9B", accept: asJSON, body: `{"query":"query CoerceFailure($id: ID!){ __typename }","variables":{"id":null}}`, errorsAllowed: true},
		{id: "556A D586", accept: asResponse, body: `{"query":"{"}`, status: 400, errorsAllowed: true},
		{id: "74FF 5E5B", accept: asResponse, body: `{"query":"{ 8f31403dfe404bccbb0e835f2629c6a7 }"}`, status: 400, errorsAllowed: true},
		{id: "86EE", accept: asResponse, body: `{"query":"query CoerceFailure($id: ID!){ __typename }","variables":{"id":null}}`, status: 400, errorsAllowed: true},
		{id: "86EE, used", accept: asResponse, body: `{"query":"query CoerceFailure($id: ID!){ find(id: $id) { id } }","variables":{"id":null}}`, status: 400, errorsAllowed: true},
	}
	for _, parameter := range []string{"variables", "operationName", "extensions"} {
		rows = append(rows, row{id: "94B " + parameter, accept: asResponse, body: typename + `,"` + parameter + `":null}`},
			row{id: "022 " + parameter, accept: asJSON, body: typename + `,"` + parameter + `":null}`})
		for kind, value := range invalid {
			if fits := parameter == "operationName" && kind == "string" || parameter != "operationName" && kind == "object"; !fits {
				rows = append(rows, row{id: parameter + " is " + kind, body: typename + `,"` + parameter + `":` + value + `}`, status: 400, errorsAllowed: true})
			}
		}
	}
	for kind, value := range invalid {
		if kind != "string" {
			rows = append(rows, row{id: "LKJ " + kind, body: `{"query":` + value + `}`, status: 400, errorsAllowed: true})
		}
	}
	for _, row := range rows {
		t.Run(row.id, func(t *testing.T) {
			t.Parallel()
			headers := []string{}
			if row.accept != "" {
				headers = append(headers, "Accept", row.accept)
			}
			if row.contentType != "" {
				headers = append(headers, "Content-Type", row.contentType)
			}
			reply := server.post(t, row.body, headers...)
			if row.status == 0 {
				row.status = http.StatusOK
			}
			require.Equal(t, row.status, reply.status, reply.body)
			if row.media == "" {
				row.media = row.accept
			}
			require.Contains(t, reply.header.Get("Content-Type"), row.media)
			if row.errorsAllowed {
				require.NotEmpty(t, reply.Errors)
				require.NotEmpty(t, reply.code())
				require.NotContains(t, reply.body, `"data"`)
			} else {
				require.Empty(t, reply.Errors)
				require.NotEmpty(t, reply.Data)
			}
		})
	}
	mutation := server.ask(t, http.MethodGet, "/graphql?query="+url.QueryEscape("mutation { __typename }"), nil, "Accept", asResponse)
	require.Equal(t, http.StatusBadRequest, mutation.status, "9C48")
}

func TestResponse(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	reply := server.post(t, `{"query":"query Q { name x: find(id: 1) { id } }","operationName":"Q"}`)
	require.Equal(t, `{"data":{"name":"name","x":{"id":"id"}},"extensions":{"cost":{"requested":3,"limit":10000}}}`, reply.body)
	require.Equal(t, "application/json; charset=utf-8", reply.header.Get("Content-Type"))
	require.Equal(t, fmt.Sprint(len(reply.body)), reply.header.Get("Content-Length"))
	require.Equal(t, "no-store", reply.header.Get("Cache-Control"))
	require.Equal(t, "nosniff", reply.header.Get("X-Content-Type-Options"))
	require.Equal(t, "Accept, Accept-Language", reply.header.Get("Vary"))

	reply = server.post(t, `{"query":"{ name refused }"}`, "Accept", asResponse)
	require.Equal(t, http.StatusOK, reply.status, "partly executed")
	require.True(t, strings.HasPrefix(reply.body, `{"errors":[`), "errors first")
	require.JSONEq(t, `{"name":"name","refused":null}`, string(reply.Data))
}

// TestBadRequests: whatever the body is, nothing of it comes back.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	const marker = "MARKER"
	object := func(inner string) string { return `{"query":"{ name }","variables":{"a":` + inner + `}}` }
	for name, row := range map[string]struct {
		body   string
		status int
		code   apperr.Code
	}{
		"empty":               {"", 400, apperr.BadRequest},
		"spaces":              {" \n\t", 400, apperr.BadRequest},
		"text":                {`"MARKER"`, 400, apperr.BadRequest},
		"number":              {`7`, 400, apperr.BadRequest},
		"null":                {`null`, 400, apperr.BadRequest},
		"not JSON":            {`MARKER`, 400, apperr.BadRequest},
		"a batch":             {`[{"query":"{ name MARKER }"}]`, 400, apperr.BadRequest},
		"two objects":         {`{"query":"{ name }"}{"query":"{ MARKER }"}`, 400, apperr.BadRequest},
		"something after it":  {`{"query":"{ name }"} MARKER`, 400, apperr.BadRequest},
		"cut short":           {`{"query":"{ name }","MARKER":`, 400, apperr.BadRequest},
		"no query":            {`{"MARKER":1}`, 400, apperr.BadRequest},
		"empty query":         {`{"query":""}`, 400, apperr.BadRequest},
		"byte order mark":     {"\ufeff" + `{"query":"{ name }"}`, 400, apperr.BadRequest},
		"not UTF-8":           {`{"query":"{ name }","variables":{"a":"MARKER` + "\xff" + `"}}`, 400, apperr.BadRequest},
		"not UTF-8, a cut":    {`{"query":"{ name }","variables":{"a":"` + "\xe4\xb8" + `"}}`, 400, apperr.BadRequest},
		"deep":                {object(strings.Repeat("[", 40) + strings.Repeat("]", 40)), 400, apperr.BadRequest},
		"very deep":           {object(strings.Repeat(`{"a":`, 40_000)), 400, apperr.BadRequest},
		"many values":         {object("[1" + strings.Repeat(",1", 60_000) + "]"), 400, apperr.BadRequest},
		"many members":        {object("{" + strings.Repeat(`"a":1,`, 40_000) + `"b":1}`), 400, apperr.BadRequest},
		"too large":           {`{"query":"` + strings.Repeat("MARKER", 50_000) + `"}`, 413, apperr.BodyTooLarge},
		"too large, of space": {strings.Repeat(" ", transport.MaxRequest) + `{"query":"{ name }"}`, 413, apperr.BodyTooLarge},
		"a long name":         {`{"query":"{ name }","operationName":"` + strings.Repeat("M", 65) + `"}`, 400, apperr.BadRequest},
		"no name":             {`{"query":"{ name }","operationName":"MARKER<script>"}`, 400, apperr.BadRequest},
		"id is no hash":       {`{"id":"MARKER"}`, 200, apperr.BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []io.Reader{strings.NewReader(row.body), io.MultiReader(strings.NewReader(row.body))} { // the second is sent in chunks
				reply := server.ask(t, http.MethodPost, "/graphql", body, "Content-Type", "application/json")
				require.Equal(t, row.status, reply.status, reply.body)
				require.Equal(t, row.code, reply.code())
				require.NotContains(t, reply.body, marker)
				require.NotContains(t, reply.body, `"data"`)
				require.Less(t, len(reply.body), 400)
			}
		})
	}
	require.NotContains(t, server.logs.String(), marker)
}

func TestGoodRequests(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for name, body := range map[string]string{
		"same key twice":     `{"query":"{ nothing }","query":"{ name }"}`,
		"unknown members":    `{"query":"{ name }","documentId":null,"more":[1,2]}`,
		"space around":       " \n" + `{"query":"{ name }"}` + "\r\n ",
		"brackets in text":   `{"query":"{ name } # ` + strings.Repeat("[{", 100) + strings.Repeat(`,:\"`, 3000) + `"}`,
		"as large as can be": `{"query":"{ name }"` + strings.Repeat(" ", transport.MaxRequest-20) + `}`,
		"nested":             `{"query":"{ name }","variables":{"a":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}}`,
		"Chinese":            `{"query":"{ name }","variables":{"a":"动销 \ud83c\udfc3"}}`,
	} {
		reply := server.post(t, body)
		require.Equal(t, http.StatusOK, reply.status, name)
		require.Equal(t, `{"name":"name"}`, string(reply.Data), name)
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for contentType, status := range map[string]int{
		"application/json":                    200,
		"application/json; charset=utf-8":     200,
		"application/json; charset=\"UTF-8\"": 200,
		"Application/JSON":                    200,
		"application/json; charset=gbk":       415,
		"application/json; charset=utf-16":    415,
		"application/graphql":                 415,
		"application/graphql+json":            415,
		"application/x-www-form-urlencoded":   415,
		"multipart/form-data; boundary=x":     415,
		"text/plain":                          415,
		"application/json;;":                  415,
		"":                                    415,
	} {
		reply := server.post(t, `{"query":"{ name }"}`, "Content-Type", contentType)
		require.Equal(t, status, reply.status, contentType)
		if status != http.StatusOK {
			require.Equal(t, apperr.BadRequest, reply.code())
		}
	}
	require.Equal(t, 415, server.post(t, `{"query":"{ name }"}`, "Content-Encoding", "gzip").status)
	require.Equal(t, 200, server.post(t, `{"query":"{ name }"}`, "Content-Encoding", "identity").status)
}

func TestAccept(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for accept, media := range map[string]string{
		"*/*": asJSON, "application/*": asJSON, asJSON: asJSON, asResponse: asResponse, " ": asJSON,
		asResponse + ", " + asJSON:                     asResponse,
		asJSON + ", " + asResponse:                     asJSON,
		asResponse + ";q=0.5, " + asJSON + ";q=0.9":    asJSON,
		asResponse + "," + asJSON + ";q=0.9":           asResponse,
		"text/html, " + asResponse + ";charset=utf-8":  asResponse,
		asResponse + ";charset=utf-16, " + asJSON:      asJSON,
		"garbage;;, " + asResponse + ";q=x, */*;q=0.1": asJSON,
		"text/html,application/xhtml+xml,*/*;q=0.8":    asJSON,
		asResponse + ";q=0, */*":                       asJSON,
	} {
		reply := server.post(t, `{"query":"{ name }"}`, "Accept", accept)
		require.Equal(t, http.StatusOK, reply.status, accept)
		require.Equal(t, media+"; charset=utf-8", reply.header.Get("Content-Type"), accept)
	}
	for _, accept := range []string{"text/html", "image/*", asJSON + ";q=0", "garbage;;", asJSON + ";charset=gbk"} {
		reply := server.post(t, `{"query":"{ name }"}`, "Accept", accept)
		require.Equal(t, http.StatusNotAcceptable, reply.status, accept)
		require.Equal(t, apperr.BadRequest, reply.code())
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, http.MethodHead, "PROPFIND"} {
		reply := server.ask(t, method, "/graphql", nil)
		require.Equal(t, http.StatusMethodNotAllowed, reply.status, method)
		require.Equal(t, "GET, POST", reply.header.Get("Allow"), method)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	server := newCounter(t, nil)
	address := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return "/graphql?" + values.Encode()
	}
	apollo := fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, idOf(t, "STOREFRONT", "Find"))
	for name, row := range map[string]struct {
		address string
		status  int
		code    apperr.Code
	}{
		"by id":              {address("id", idOf(t, "STOREFRONT", "Name")), 200, ""},
		"in Apollo's form":   {address("extensions", apollo, "variables", `{"id":"7"}`, "operationName", "Find"), 200, ""},
		"variables missing":  {address("id", idOf(t, "STOREFRONT", "Find")), 400, apperr.ValidationFailed},
		"nothing":            {"/graphql", 400, apperr.BadRequest},
		"text":               {address("query", "query Name { name }"), 400, apperr.BadRequest},
		"text and id":        {address("query", "{ name }", "id", idOf(t, "STOREFRONT", "Name")), 400, apperr.BadRequest},
		"a mutation":         {address("id", idOf(t, "STOREFRONT", "Pay"), "variables", `{"input":{"name":"x"}}`), 405, apperr.BadRequest},
		"another face's":     {address("id", idOf(t, "STAFF", "StaffName")), 403, apperr.OperationNotAllowed},
		"variables a list":   {address("id", idOf(t, "STOREFRONT", "Find"), "variables", `["7"]`), 400, apperr.BadRequest},
		"variables too deep": {address("id", idOf(t, "STOREFRONT", "Find"), "variables", strings.Repeat(`{"a":`, 40)+"1"+strings.Repeat("}", 40)), 400, apperr.BadRequest},
		"extensions no JSON": {address("id", idOf(t, "STOREFRONT", "Find"), "extensions", `{`), 400, apperr.BadRequest},
		"bad escape":         {"/graphql?id=%zz", 400, apperr.BadRequest},
		"not UTF-8":          {"/graphql?id=%ff", 400, apperr.BadRequest},
	} {
		reply := server.ask(t, http.MethodGet, row.address, nil, "Accept", asResponse)
		require.Equal(t, row.status, reply.status, "%s: %s", name, reply.body)
		require.Equal(t, row.code, reply.code(), name)
		if row.status == http.StatusMethodNotAllowed {
			require.Equal(t, "POST", reply.header.Get("Allow"))
		}
	}
}

func TestProductionRunsTheAllowListOnly(t *testing.T) {
	t.Parallel()
	server := newCounter(t, nil)
	manifest, err := persisted.Manifest(counterClients)
	require.NoError(t, err)
	name, pay := manifest["STOREFRONT"]["Name"], manifest["STOREFRONT"]["Pay"]
	for body, row := range map[string]struct {
		status int
		code   apperr.Code
	}{
		`{"id":"` + name.ID + `"}`:                                                       {200, ""},
		`{"id":"` + pay.ID + `","variables":{"input":{"name":"x"}}}`:                     {200, ""},
		`{"query":` + fmt.Sprintf("%q", name.Body) + `}`:                                 {200, ""},
		`{"query":` + fmt.Sprintf("%q", name.Body) + `,"operationName":"Name"}`:          {200, ""},
		`{"id":"` + name.ID + `","operationName":"Other"}`:                               {400, apperr.ValidationFailed},
		`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + name.ID + `"}}}`: {200, ""},
		`{"query":"query Name { name }"}`:                                                {403, apperr.OperationNotAllowed},
		`{"query":"{"}`:                                                                  {403, apperr.OperationNotAllowed},
		`{"query":"{ __schema { types { name } } }"}`:                                    {403, apperr.OperationNotAllowed},
		`{"id":"` + persisted.ID("{ name }") + `"}`:                                      {403, apperr.OperationNotAllowed},
		`{"id":"` + manifest["STAFF"]["StaffName"].ID + `"}`:                             {403, apperr.OperationNotAllowed},
		`{"query":"{ name }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + persisted.ID("{ name }") + `"}}}`: {403, apperr.OperationNotAllowed},
	} {
		reply := server.post(t, body, "Accept", asResponse)
		require.Equal(t, row.status, reply.status, body)
		require.Equal(t, row.code, reply.code(), body)
		if row.code != "" {
			reply = server.post(t, body, "Accept", asJSON)
			require.Equal(t, http.StatusOK, reply.status, "well formed, so 200 as application/json")
			require.Equal(t, row.code, reply.code(), body)
		}
	}
}

func TestDevelopmentPersistsAutomatically(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	reference := `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + persisted.ID("{ name }") + `"}}`
	reply := server.post(t, "{"+reference+"}")
	require.Equal(t, apperr.PersistedNotFound, reply.code())
	require.Equal(t, "PersistedQueryNotFound", reply.Errors[0].Message)
	require.Empty(t, server.post(t, `{"query":"{ name }",`+reference+"}").Errors)
	require.Empty(t, server.post(t, "{"+reference+"}").Errors)
	require.Empty(t, server.ask(t, http.MethodGet, "/graphql?id="+idOf(t, "STAFF", "StaffName"), nil).Errors, "any face")
}

func TestSubscriptionsNeedAStream(t *testing.T) {
	t.Parallel()
	reply := newCounter(t, development).post(t, `{"query":"subscription { events }"}`)
	require.Equal(t, http.StatusNotAcceptable, reply.status)
	require.Equal(t, apperr.BadRequest, reply.code())
}

// FuzzDecodeRequest finds that no body makes the decoder panic, and that what it accepts is bounded.
func FuzzDecodeRequest(f *testing.F) {
	for _, body := range []string{``, `{}`, `{"query":"{ a }"}`, `{"id":"x","variables":{"a":[1,2,{"b":null}]}}`, `[{"query":""}]`, `{"query":"\ud800"}`,
		`{"query":"{ a }","operationName":"A","extensions":{"persistedQuery":{"version":1}}}`, "{\"query\":\"\xff\"}", `{"query":"a"}x`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request, refusal := transport.DecodeRequest(body)
		if refusal != nil {
			require.Equal(t, apperr.BadRequest, refusal.Code)
			require.Nil(t, request)
			return
		}
		require.LessOrEqual(t, len(request.OperationName), 64)
		require.True(t, request.Query != "" || request.Extensions["persistedQuery"] != nil)
	})
}

// hostileBodies are bodies that are meant to cost more than they look.
var hostileBodies = map[string]string{
	"too large":          `{"query":"` + strings.Repeat("x", 2*transport.MaxRequest) + `"}`,
	"deep":               `{"query":"{ name }","variables":` + strings.Repeat(`{"a":`, 50_000),
	"many values":        `{"query":"{ name }","variables":{"a":[` + strings.Repeat("1,", 120_000) + `1]}}`,
	"as many as allowed": `{"query":"query($f: Filter) { find(id: 1, filter: $f) { id } }","variables":{"f":{"name":"x","tags":[` + strings.Repeat(`"t",`, 4_900) + `{}]}}}`,
	"escapes":            `{"query":"` + strings.Repeat(`\u0041`, 40_000) + `"}`,
	"a long string":      `{"query":"{ name }","operationName":"` + strings.Repeat("x", 200_000) + `"}`,
	"a long number":      `{"query":"query($f: Int) { items(first: $f) { id } }","variables":{"f":` + strings.Repeat("9", 200_000) + `}}`,
	"a long variable":    `{"query":"query($f: ID!) { find(id: $f) { nothing } }","variables":{"f":"` + strings.Repeat("动", 80_000) + `"}}`,
	"not UTF-8":          `{"query":"{ name }","variables":{"a":"` + strings.Repeat("动", 80_000) + "\xff" + `"}}`,
	"nested fragments": `{"query":"query d{...f0}` + strings.Join(func() (list []string) {
		for i := range 25 {
			list = append(list, fmt.Sprintf("fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1))
		}
		return list
	}(), "") + `fragment f25 on Query{name}"}`,
}

func TestHostileBodiesAreRefused(t *testing.T) {
	t.Parallel()
	server := newCounter(t, development)
	for name, body := range hostileBodies {
		reply := server.post(t, body)
		require.Len(t, reply.Errors, 1, name)
		require.NotEmpty(t, reply.code(), name)
		require.NotEqual(t, apperr.Internal, reply.code(), name)
		require.Less(t, len(reply.body), 1000, name)
	}
}

// BenchmarkRefusal is the CPU time of refusing one hostile body, from the first byte to the answer: a few milliseconds at most.
func BenchmarkRefusal(b *testing.B) {
	server := newCounter(b, development)
	for name, body := range hostileBodies {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
				request.Header.Set("Content-Type", "application/json")
				server.Config.Handler.ServeHTTP(httptest.NewRecorder(), request)
			}
		})
	}
}
