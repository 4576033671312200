// Package transport is how a GraphQL request enters: over HTTP (http*.go), as server-sent events and over websockets, with the same
// allow-list, limits, throttle and errors on each.
package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"dongxiao/graph/limits"
	"dongxiao/graph/persisted"
)

// Options assemble a server.
type Options struct {
	// Development accepts every document, answers introspection and adds the validator's own words to messages. Production (false)
	// accepts the allow-list of the caller's face only.
	Development bool
	// Operations is the allow-list.
	Operations *persisted.List
	// Automatic keeps development's automatic persisted queries; by default in the process.
	Automatic graphql.Cache[string]
	// Limits of a document; limits.Default() where zero.
	Limits limits.Limits
	// Throttle takes the cost of operations from their callers' buckets; nil for none.
	Throttle *limits.Throttle
	// Face names the face of the caller's app, as auth.Face.
	Face func(ctx context.Context) string
	// MaxBody bounds the body of a request in bytes; MaxRequest where zero.
	MaxBody int64
	// RequestID names the request in logs and INTERNAL errors.
	RequestID func(ctx context.Context) string
	// Logger hears of faults.
	Logger *slog.Logger
	// Away says whether an error is that the database was not there for the moment; none is where it is nil.
	Away func(error) bool
	// Streams are the transports of subscriptions, asked before HTTP: server-sent events, then websocket.
	Streams []graphql.Transport
}

// NewServer makes the GraphQL handler. Wrap it in Language and in what puts the caller into the context. It fails where a document of
// the allow-list does not fit the schema or the limits. Further extensions may be added with Use; they run after the limits.
func NewServer(es graphql.ExecutableSchema, o Options) (*handler.Server, error) {
	if o.Operations == nil || o.Face == nil || o.RequestID == nil || o.Logger == nil {
		return nil, errors.New("transport: Operations, Face, RequestID and Logger are needed")
	}
	if o.Limits == (limits.Limits{}) {
		o.Limits = limits.Default()
	}
	o.Limits.FreeIntrospection = o.Development
	gate, err := limits.NewGate(es.Schema(), o.Limits)
	if err != nil {
		return nil, err
	}
	for _, body := range o.Operations.Bodies() {
		if err := gate.Pin(body); err != nil {
			return nil, fmt.Errorf("the allow-list has a document that is not allowed: %w\n%s", err, body)
		}
	}
	presenter := Errors{Development: o.Development, RequestID: o.RequestID, Logger: o.Logger, Away: o.Away}
	server := handler.New(es)
	for _, stream := range o.Streams {
		server.AddTransport(stream)
	}
	server.AddTransport(HTTP{Errors: presenter, MaxBody: o.MaxBody})
	server.SetErrorPresenter(presenter.Present)
	server.SetRecoverFunc(presenter.Recover)
	server.SetQueryCache(gate)
	// The executor would parse only what the gate did not hand over, which does not happen; if it did, it keeps to the same bounds.
	server.SetParserTokenLimit(o.Limits.Tokens)
	server.SetValidationRulesFn(limits.Rules)
	server.SetDisableSuggestion(true)

	server.Use(persisted.NewExtension(o.Operations, persisted.Options{Open: o.Development, Face: o.Face, Automatic: o.Automatic}))
	server.Use(gate)
	if o.Throttle != nil {
		server.Use(o.Throttle)
	}
	if o.Development {
		server.Use(extension.Introspection{})
	}
	return server, nil
}
