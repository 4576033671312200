package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/graph/limits"
	"dongxiao/graph/persisted"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

var counterSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { name: String find(id: ID!, kind: Kind, filter: Filter): Item items(first: Int): [Item!]! refused: String broken: String gone: String argument: String }
	type Item { id: ID! name: String! items(first: Int): [Item!]! }
	type Mutation { pay(input: Filter!): String! boom: String }
	type Subscription { events: String! }
	enum Kind { WINE BEER }
	input Filter { name: String! below: Filter tags: [String!] }
`})

var counterClients = fstest.MapFS{
	"storefront/all.graphql": {Data: []byte(`query Name { name } query Find($id: ID!, $kind: Kind, $filter: Filter) { find(id: $id, kind: $kind, filter: $filter) { ...item } }
		fragment item on Item { id name } mutation Pay($input: Filter!) { pay(input: $input) } query Refused { refused } query Items($first: Int) { items(first: $first) { id items(first: $first) { id } } }`)},
	"staff/all.graphql": {Data: []byte(`query StaffName { name }`)},
}

// idOf is the id of a client's operation.
func idOf(t testing.TB, face, name string) string {
	t.Helper()
	manifest, err := persisted.Manifest(counterClients)
	require.NoError(t, err)
	require.Contains(t, manifest[face], name)
	return manifest[face][name].ID
}

// logs is a log that a test may read while requests run.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// counter is a GraphQL server over HTTP alone, whose resolvers answer by the name of a field.
type counter struct {
	*httptest.Server
	logs *logs
}

// newCounter starts a server until the test ends. Its callers are of the face STOREFRONT.
func newCounter(t testing.TB, change func(*transport.Options)) *counter {
	t.Helper()
	list, err := persisted.Load(counterClients, counterSchema)
	require.NoError(t, err)
	log := new(logs)
	options := transport.Options{
		Operations: list,
		Face:       func(context.Context) string { return "STOREFRONT" },
		RequestID:  func(context.Context) string { return "request-7" },
		Logger:     slog.New(slog.NewTextHandler(log, nil)),
	}
	if change != nil {
		change(&options)
	}
	server, err := transport.NewServer(&graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return counterSchema },
		ExecFunc:   executeCounter,
	}, options)
	require.NoError(t, err)
	result := &counter{httptest.NewServer(transport.Language(server)), log}
	t.Cleanup(result.Close)
	return result
}

func development(o *transport.Options) { o.Development = true }

// executeCounter does what the generated code would.
func executeCounter(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx).Operation
	return func(ctx context.Context) *graphql.Response {
		data, err := json.Marshal(values(ctx, operation.SelectionSet))
		if err != nil {
			panic(err)
		}
		return &graphql.Response{Data: data}
	}
}

// values resolves fields: each leaf is its own name, each list has one item.
func values(ctx context.Context, set ast.SelectionSet) map[string]any {
	result := make(map[string]any)
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.FragmentSpread:
			for name, value := range values(ctx, s.Definition.SelectionSet) {
				result[name] = value
			}
		case *ast.Field:
			ctx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: s.ObjectDefinition.Name, Field: graphql.CollectedField{Field: s}})
			result[s.Alias] = value(ctx, s)
		}
	}
	return result
}

func value(ctx context.Context, s *ast.Field) any {
	switch s.Name {
	case "boom":
		panic("the panic's own words")
	case "broken":
		graphql.AddError(ctx, errors.New("the database's own words"))
		return nil
	case "gone":
		graphql.AddError(ctx, context.Canceled)
		return nil
	case "refused":
		graphql.AddError(ctx, apperr.New(apperr.LimitReached, "limit", 3).At("input", "count").Because(errors.New("the cause's own words")))
		return nil
	case "argument": // gqlgen names the place of an argument that its scalar refuses so
		inner := graphql.WithPathContext(graphql.WithPathContext(ctx, graphql.NewPathWithField("input")), graphql.NewPathWithField("price"))
		graphql.AddError(ctx, graphql.ErrorOnPath(inner, errors.New("the scalar's own words")))
		return nil
	case "__schema", "__type":
		if graphql.GetOperationContext(ctx).DisableIntrospection {
			graphql.AddError(ctx, errors.New("introspection disabled"))
		}
		return nil
	}
	switch {
	case len(s.SelectionSet) == 0:
		return s.Name
	case s.Definition.Type.Elem != nil:
		return []any{values(ctx, s.SelectionSet)}
	}
	return values(ctx, s.SelectionSet)
}

// httpReply is an answer with its body read.
type httpReply struct {
	status int
	header http.Header
	body   string
	// errors, data and extensions of the body.
	Errors []struct {
		Message    string
		Path       []any
		Locations  []any
		Extensions map[string]any
	}
	Data       json.RawMessage
	Extensions map[string]any
}

// code is the code of the only error.
func (r httpReply) code() apperr.Code {
	if len(r.Errors) != 1 {
		return ""
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	return apperr.Code(code)
}

// ask sends one request; headers come in pairs.
func (c *counter) ask(t testing.TB, method, address string, body io.Reader, headers ...string) httpReply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+address, body)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.Client().Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	reply := httpReply{status: response.StatusCode, header: response.Header, body: string(text)}
	if method != http.MethodHead {
		require.NoError(t, json.Unmarshal(text, &reply), "%s", text)
	}
	return reply
}

// post sends JSON and accepts either of both media types.
func (c *counter) post(t testing.TB, body string, headers ...string) httpReply {
	t.Helper()
	return c.ask(t, http.MethodPost, "/graphql", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, headers...)...)
}

const (
	asJSON     = "application/json"
	asResponse = "application/graphql-response+json"
)

func TestNewServerRefuses(t *testing.T) {
	t.Parallel()
	list, err := persisted.Load(counterClients, counterSchema)
	require.NoError(t, err)
	es := &graphql.ExecutableSchemaMock{SchemaFunc: func() *ast.Schema { return counterSchema }}
	complete := transport.Options{Operations: list, Face: func(context.Context) string { return "" },
		RequestID: func(context.Context) string { return "" }, Logger: slog.Default()}
	_, err = transport.NewServer(es, complete)
	require.NoError(t, err)
	for name, change := range map[string]func(*transport.Options){
		"are needed":                     func(o *transport.Options) { o.Operations = nil },
		"Face":                           func(o *transport.Options) { o.Face = nil },
		"RequestID":                      func(o *transport.Options) { o.RequestID = nil },
		"Logger":                         func(o *transport.Options) { o.Logger = nil },
		"a document that is not allowed": func(o *transport.Options) { o.Limits = limits.Default(); o.Limits.Depth = 1 },
	} {
		options := complete
		change(&options)
		_, err := transport.NewServer(es, options)
		require.ErrorContains(t, err, name)
	}
}
