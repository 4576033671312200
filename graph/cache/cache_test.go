package cache_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"entgo.io/ent/dialect"
	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/org"
	"dongxiao/domain/page"
	"dongxiao/ent/enum"
	"dongxiao/graph"
	"dongxiao/graph/cache"
	"dongxiao/graph/generated"
	"dongxiao/graph/persisted"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

// site is a server with the cache in front of the real resolvers.
type site struct {
	*testkit.World
	handler http.Handler
	// fail makes every resolver below the hook fail while it is set.
	fail         atomic.Bool
	hits, misses atomic.Int64
	// entered is told each time the field hook runs a cached field's own resolver, and holds it until release is closed.
	entered chan struct{}
	release chan struct{}
}

func newSite(t *testing.T, fragments int) *site {
	t.Helper()
	w := testkit.New(t, dialect.SQLite)
	s := &site{World: w}
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	roots := org.NewRoots(w.Store)
	orgs := org.New(w.Store, w.Clock, cursors)
	r := &graph.Resolver{Database: w.Store, Clock: w.Clock, Keyring: w.Keyring, Cursors: cursors, Orgs: orgs,
		Catalog: catalog.New(w.Store, roots, cursors), Pages: page.New(w.Store, orgs, roots)}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: r, Directives: r.Directives()})
	operations, err := persisted.Load(fstest.MapFS{}, schema.Schema())
	require.NoError(t, err)
	server, err := transport.NewServer(schema, transport.Options{Development: true, Operations: operations,
		Face:      func(ctx context.Context) string { return string(auth.FromContext(ctx).Face) },
		RequestID: func(context.Context) string { return "request" }, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	fragmentCache, err := cache.New(schema.Schema(), cache.Options{Fragments: fragments, Clock: w.Clock, Observe: func(_ string, hit bool) {
		if hit {
			s.hits.Add(1)
		} else {
			s.misses.Add(1)
		}
	}})
	require.NoError(t, err)
	server.Use(fragmentCache)
	server.AroundResponses(r.WithLoaders)
	server.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		if f := graphql.GetFieldContext(ctx); f.Object == "Query" {
			if s.entered != nil {
				s.entered <- struct{}{}
				<-s.release
			}
		} else if s.fail.Load() && f.Field.Name == "name" {
			return nil, apperr.New(apperr.Unavailable)
		}
		return next(ctx)
	})
	s.handler = transport.Language(server)
	for i := range 3 {
		ctx := auth.System(t.Context(), w.Brand.ID)
		p := w.Store.Client(ctx).Product.Create().SetCode(fmt.Sprint(i)).SetName(fmt.Sprintf("云岭春 %d", i)).SetCategory("白酒").
			SetSkuLine("classic").SetState(enum.ProductActive).SetPosition(i).SaveX(ctx)
		sku := w.Store.Client(ctx).SKU.Create().SetProductID(p.ID).SetCode(fmt.Sprint(i)).SetName("500 毫升").SetMode(enum.SellInstant).SaveX(ctx)
		w.Store.Client(ctx).Price.Create().SetSkuID(sku.ID).SetOrgID(w.Root.ID).SetKind(enum.PriceRetail).SetPriceFen(100).ExecX(ctx)
	}
	return s
}

// visitor comes from the brand's STOREFRONT.
func (s *site) visitor() auth.Viewer {
	return auth.Viewer{Reach: auth.ReachPublic, BrandID: s.Brand.ID, AppID: s.Apps[auth.Storefront].ID, Face: auth.Storefront}
}

type answer struct {
	body       string
	statements int
}

// ask runs the document as the viewer; each may be given request headers as name and value.
func (s *site) ask(t testing.TB, v auth.Viewer, document string, variables map[string]any, headers ...string) answer {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	require.NoError(t, err)
	ctx, statements := store.CollectStatements(auth.NewContext(context.Background(), v))
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	var response struct{ Data, Errors json.RawMessage }
	require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &response))
	return answer{body: string(response.Data) + string(response.Errors), statements: len(statements.List())}
}

// rename changes what a fresh answer would show.
func (s *site) rename(t *testing.T, name string) {
	ctx := auth.System(t.Context(), s.Brand.ID)
	s.Store.Client(ctx).Product.Update().SetName(name).ExecX(ctx)
}

const products = `{ products(first: 2) { nodes { id name skus { price { price listPrice } stock } } pageInfo { hasNextPage endCursor } } }`

func TestTheSameFieldIsServedTheSameBytesUntilItsAge(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	first := s.ask(t, s.visitor(), products, nil)
	require.Contains(t, first.body, "云岭春 0")
	require.Positive(t, first.statements)
	s.rename(t, "新名")
	_, member := s.NewMember(t)
	for _, v := range []auth.Viewer{s.visitor(), member} {
		again := s.ask(t, v, products, nil)
		require.Equal(t, first.body, again.body)
		require.Zero(t, again.statements)
	}
	s.Clock.Advance(5*time.Second - time.Millisecond)
	require.Equal(t, first.body, s.ask(t, s.visitor(), products, nil).body)
	s.Clock.Advance(time.Millisecond)
	fresh := s.ask(t, s.visitor(), products, nil)
	require.Contains(t, fresh.body, "新名")
	require.NotContains(t, fresh.body, "云岭春")
}

func TestWhatAnswersDependOnKeepsThemApart(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	other := *s.World
	other.Brand = s.NewBrand(t)
	other.Root = other.NewOrg(t, nil, enum.OrgBrand)
	elsewhere := auth.Viewer{Reach: auth.ReachPublic, BrandID: other.Brand.ID, AppID: 0, Face: auth.Storefront}
	portal := s.visitor()
	portal.AppID = s.Apps[auth.Portal].ID
	document := `query($n: Int, $c: String, $price: Boolean! = true, $stock: Boolean! = false) { products(first: $n, category: $c) {
		nodes { name skus { price @include(if: $price) { price } stock @skip(if: $stock) } } } }`
	for _, question := range []struct {
		name      string
		v         auth.Viewer
		document  string
		variables map[string]any
		headers   []string
	}{
		{"default", s.visitor(), document, nil, nil},
		{"argument", s.visitor(), document, map[string]any{"n": 1}, nil},
		{"another argument", s.visitor(), document, map[string]any{"c": "白酒"}, nil},
		{"null", s.visitor(), document, map[string]any{"c": nil}, nil},
		{"text that looks like another argument", s.visitor(), document, map[string]any{"c": "白酒\x00first"}, nil},
		{"not included", s.visitor(), document, map[string]any{"price": false}, nil},
		{"skipped", s.visitor(), document, map[string]any{"stock": true}, nil},
		{"language", s.visitor(), document, nil, []string{"Accept-Language", "en"}},
		{"app", portal, document, nil, nil},
		{"brand", elsewhere, document, nil, nil},
		{"field", s.visitor(), `{ product(id: "prd_x") { name } }`, nil, nil},
		{"alias below", s.visitor(), `{ products { nodes { title: name skus { price { price } stock } } } }`, nil, nil},
		{"order below", s.visitor(), `{ products { nodes { skus { stock price { price } } name } } }`, nil, nil},
	} {
		misses := s.misses.Load()
		first := s.ask(t, question.v, question.document, question.variables, question.headers...)
		require.Equal(t, misses+1, s.misses.Load(), question.name)
		hits := s.hits.Load()
		again := s.ask(t, question.v, question.document, question.variables, question.headers...)
		require.Equal(t, hits+1, s.hits.Load(), question.name)
		require.Equal(t, first.body, again.body, question.name)
		require.Zero(t, again.statements, question.name)
	}
	require.JSONEq(t, `{"products":{"nodes":[]}}`, s.ask(t, elsewhere, document, nil).body)
	require.NotContains(t, s.ask(t, s.visitor(), document, map[string]any{"stock": true}).body, "stock")
}

func TestSpellingsOfOneFieldShareAnAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	first := s.ask(t, s.visitor(), `{ products(first: 2) { nodes { name } } }`, nil)
	for _, same := range []string{
		`query($category: String) { products(first: 2, category: $category) { nodes { name } } }`,
		`query($n: Int = 2) { products(first: $n) { nodes { name } } }`,
		`query Named($yes: Boolean! = true) { products(first: 2) { nodes { name @include(if: $yes) id @skip(if: $yes) } } __typename @skip(if: $yes) }`,
	} {
		again := s.ask(t, s.visitor(), same, nil)
		require.Equal(t, first.body, again.body, same)
		require.Zero(t, again.statements, same)
	}
	shelf := s.ask(t, s.visitor(), `{ shelf: products(first: 2) { nodes { name } } }`, nil)
	require.Zero(t, shelf.statements, "the alias of the root is outside of the answer")
	require.Equal(t, strings.Replace(first.body, "products", "shelf", 1), shelf.body)
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	s.fail.Store(true)
	failed := s.ask(t, s.visitor(), products, nil)
	require.Contains(t, failed.body, string(apperr.Unavailable))
	s.fail.Store(false)
	good := s.ask(t, s.visitor(), products, nil)
	require.NotContains(t, good.body, "errors")
	require.Contains(t, good.body, "云岭春 0")

	// A refusal of one field keeps what succeeded beside it, and only that.
	document := `{ bad: products(first: 101) { nodes { name } } good: page(slug: "home") { title } other: product(id: "prd_x") { name } }`
	for range 2 {
		require.Contains(t, s.ask(t, s.visitor(), document, nil).body, string(apperr.PageSizeInvalid))
	}
	require.EqualValues(t, 2, s.hits.Load(), "good and other")
}

func TestNobodyIsRefusedBeforeTheCache(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	nobody := s.visitor()
	nobody.Reach = auth.ReachNothing
	s.ask(t, s.visitor(), products, nil)
	require.Contains(t, s.ask(t, nobody, products, nil).body, string(apperr.AppUnknown))
}

func TestPersonalFieldsAreNeverKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	_, owner := s.NewStaff(t, auth.Portal, s.Store1, auth.Owner)
	for range 3 {
		require.Positive(t, s.ask(t, owner, `{ tradeItems { nodes { ownStock } } }`, nil).statements)
	}
	require.Zero(t, s.hits.Load()+s.misses.Load())
}

// A draft is in the scope of the administrator's rows, and must be in nobody's cached answer; nor may it be with the cache off.
func TestWhoAsksDoesNotChangeWhatIsComputed(t *testing.T) {
	t.Parallel()
	for _, fragments := range []int{0, 100} {
		s := newSite(t, fragments)
		_, admin := s.NewStaff(t, auth.Console, s.Root, auth.Admin)
		visitor := s.visitor()
		visitor.AppID = admin.AppID
		document := `{ page(slug: "home") { title org { id name } } products { nodes { name } } }`
		ctx := auth.System(t.Context(), s.Brand.ID)
		s.Store.Client(ctx).Page.Create().SetOrgID(s.Root.ID).SetSlug("home").SetTitle("首页").SetBlocks(nil).SetState(enum.PagePublished).ExecX(ctx)
		require.Equal(t, s.ask(t, admin, document, nil).body, s.ask(t, visitor, document, nil).body)
	}
}

func TestOffKeepsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for range 3 {
		require.Positive(t, s.ask(t, s.visitor(), products, nil).statements)
	}
}

func TestRaceForOneAnswerComputesItOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	s.ask(t, s.visitor(), `{ products(first: 1) { nodes { id } } }`, nil) // the root org is known
	s.entered, s.release = make(chan struct{}, 64), make(chan struct{})
	var all sync.WaitGroup
	answers := make([]answer, 32)
	for i := range answers {
		all.Go(func() { answers[i] = s.ask(t, s.visitor(), products, nil) })
	}
	<-s.entered
	for s.misses.Load() < 33 { // all wait for the first
		time.Sleep(time.Millisecond)
	}
	close(s.release)
	all.Wait()
	statements := 0
	for _, a := range answers {
		require.Equal(t, answers[0].body, a.body)
		require.Contains(t, a.body, "云岭春 0")
		statements += a.statements
	}
	require.Equal(t, 1, statements)
}

func TestRaceForAFailingAnswerGivesEachItsError(t *testing.T) {
	t.Parallel()
	s := newSite(t, 100)
	s.fail.Store(true)
	var all sync.WaitGroup
	answers := make([]answer, 32)
	for i := range answers {
		all.Go(func() { answers[i] = s.ask(t, s.visitor(), products, nil) })
	}
	all.Wait()
	for _, a := range answers {
		require.Contains(t, a.body, string(apperr.Unavailable))
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, 16)
	for i := range 300 {
		s.ask(t, s.visitor(), fmt.Sprintf(`{ products(category: "c%d") { nodes { name } } }`, i), nil)
	}
	require.Eventually(t, func() bool {
		before := s.hits.Load()
		for i := range 300 {
			s.ask(t, s.visitor(), fmt.Sprintf(`{ products(category: "c%d") { nodes { name } } }`, i), nil)
		}
		return s.hits.Load()-before <= 40
	}, 20*time.Second, time.Millisecond)
}
