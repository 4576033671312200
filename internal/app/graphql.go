package app

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	"dongxiao/auth"
	"dongxiao/graph"
	"dongxiao/graph/cache"
	"dongxiao/graph/limits"
	"dongxiao/graph/persisted"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
	"dongxiao/internal/observe"
	"dongxiao/internal/store"
)

// appHeader names the app of a caller without a token, by its WeChat app id; with a token it must be the token's.
const appHeader = "Dongxiao-App"

// openGraphQL makes the GraphQL server with its transports.
func (a *App) openGraphQL(schema graphql.ExecutableSchema, operations *persisted.List) (err error) {
	c := a.Config.Limits
	a.websocket = &transport.Websocket{InitFunc: a.openSocket, Recheck: a.Identity.Recheck, Now: a.Clock.Now, InitTimeout: a.Config.SocketInitTimeout,
		MaxMessageBytes: c.MaxSocketMessage, MaxOperations: c.MaxSubscriptions, MaxSockets: c.MaxSockets}
	a.events = &transport.SSE{Recheck: a.Identity.Recheck, Now: a.Clock.Now, MaxStreams: c.MaxSockets, MaxBody: c.MaxBody}
	bounds := limits.Default()
	bounds.Length, bounds.Depth, bounds.Width, bounds.Aliases, bounds.Directives = c.MaxDocument, c.MaxDepth, c.MaxFields, c.MaxAliases, c.MaxDirectives
	bounds.Tokens, bounds.Cost = c.MaxTokens, c.MaxCost
	a.graphQL, err = transport.NewServer(schema, transport.Options{
		Development: a.Config.OpenDocumentsOn(),
		Operations:  operations,
		Limits:      bounds,
		MaxBody:     c.MaxBody,
		Throttle: limits.NewThrottle(a.Redis, limits.ThrottleOptions{PerSecond: c.CostPerMinute / 60, Burst: c.CostBurst,
			Key: bucket, Logger: a.Log}),
		Face:      func(ctx context.Context) string { return string(auth.FromContext(ctx).Face) },
		RequestID: observe.RequestID,
		Logger:    a.Log,
		Away:      store.Away,
		Streams:   []graphql.Transport{a.events, a.websocket},
	})
	if err != nil {
		return err
	}
	kept := 0
	if a.Config.Cache {
		kept = a.Config.CacheFragments
	}
	fragments, err := cache.New(schema.Schema(), cache.Options{Fragments: kept, Clock: a.Clock,
		Observe: func(_ string, hit bool) { a.Metrics.CacheRead("fragments", hit) }})
	if err != nil {
		return err
	}
	a.graphQL.Use(graph.Renewal{})
	a.graphQL.Use(fragments)
	a.graphQL.AroundRootFields(a.limitSignIns())
	a.graphQL.AroundResponses(a.observeOperation)
	a.graphQL.AroundResponses(a.WithLoaders)
	return nil
}

// bucket names who pays for an operation: the person, or without one the address, within the brand.
func bucket(ctx context.Context) string {
	v := auth.FromContext(ctx)
	if v.PersonID != 0 {
		return strconv.FormatInt(v.BrandID, 36) + ":p" + strconv.FormatInt(v.PersonID, 36)
	}
	return strconv.FormatInt(v.BrandID, 36) + ":a" + observe.ClientIP(ctx).String()
}

// observeOperation measures each operation, gives it a span, and tells the access log its name. Variables are in neither: they hold codes,
// tokens and phone numbers.
func (a *App) observeOperation(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	operation := graphql.GetOperationContext(ctx)
	name := a.Metrics.OperationName(operation.OperationName)
	ctx, span := otel.Tracer("dongxiao/graphql").Start(ctx, name)
	defer span.End()
	response := next(ctx)
	if response == nil {
		return nil
	}
	observe.SetOperation(ctx, name)
	var codes []apperr.Code
	for _, e := range response.Errors {
		code, ok := e.Extensions["code"].(apperr.Code)
		if !ok {
			code = apperr.Internal
		}
		codes = append(codes, code)
		observe.SetErrorCode(ctx, code)
		span.SetAttributes(attribute.String("graphql.error.code", string(code)))
	}
	a.Metrics.Operation(operation.OperationName, time.Since(operation.Stats.OperationStart), codes...)
	return response
}

// authenticate puts the viewer into the request's context. A request without token and app goes on as nobody: signing in names the app itself.
func (a *App) authenticate(next http.Handler) http.Handler {
	early := transport.HTTP{Errors: transport.Errors{Development: !a.Config.Production(), RequestID: observe.RequestID, Logger: a.Log, Away: store.Away}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" { // a socket authenticates in connection_init
			next.ServeHTTP(w, r)
			return
		}
		token := ""
		if header := r.Header.Get("Authorization"); header != "" {
			scheme, rest, _ := strings.Cut(header, " ")
			if token = strings.TrimSpace(rest); !strings.EqualFold(scheme, "Bearer") || token == "" {
				early.Refuse(w, r, apperr.New(apperr.Unauthenticated))
				return
			}
		}
		ctx, expiry, err := a.Identity.Authenticate(r.Context(), token, r.Header.Get(appHeader))
		if apperr.CodeOf(err) == apperr.TokenExpired { // what may run is told by graph.Renewal
			ctx, err = graph.WithExpiredToken(ctx), nil
		}
		if err != nil {
			observe.SetErrorCode(r.Context(), apperr.CodeOf(err))
			early.Refuse(w, r, err)
			return
		}
		observe.SetViewer(ctx, auth.FromContext(ctx))
		if !expiry.IsZero() {
			ctx = transport.WithExpiry(ctx, expiry)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// openSocket authenticates a websocket from connection_init {authorization: "Bearer …", app: "wx…"} and bounds the sockets of one person.
func (a *App) openSocket(ctx context.Context, payload map[string]any) (context.Context, error) {
	authorization, _ := payload["authorization"].(string)
	appID, _ := payload["app"].(string)
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if authorization != "" && !ok {
		return nil, apperr.New(apperr.Unauthenticated)
	}
	authenticated, expiry, err := a.Identity.Authenticate(ctx, token, appID)
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(authenticated)
	if !v.SignedIn() {
		return nil, apperr.New(apperr.Unauthenticated)
	}
	if !a.sockets.open(authenticated, v.PersonID, a.Config.Limits.MaxSocketsPerPerson) {
		return nil, apperr.New(apperr.TooManySubscriptions, "limit", a.Config.Limits.MaxSocketsPerPerson)
	}
	return transport.WithExpiry(authenticated, expiry), nil
}

// socketCounter counts the sockets of each person on this server.
type socketCounter struct {
	mu    sync.Mutex
	count map[int64]int
}

// open counts a socket until its context ends; false where the person has as many as it may.
func (s *socketCounter) open(ctx context.Context, personID int64, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == nil {
		s.count = map[int64]int{}
	}
	if s.count[personID] >= limit {
		return false
	}
	s.count[personID]++
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.count[personID]--; s.count[personID] == 0 {
			delete(s.count, personID)
		}
	})
	return true
}
