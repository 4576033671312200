// Package cache keeps the encoded answers of public root fields, so that a screen that everybody opens is computed once in a few seconds.
//
// A root field that declares @cacheControl is always computed for a visitor of the viewer's app without a token, whoever asks and whether or not anything
// is kept: no answer can hold what is somebody's own, and everybody gets the same one. How long an answer may be served is its maxAge; nothing
// invalidates it earlier, since a message that would may be lost.
package cache

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/sync/singleflight"

	"dongxiao/auth"
	"dongxiao/internal/clock"
	"dongxiao/internal/memory"
)

const (
	// maxFragment is the length of the longest answer that is kept, in bytes.
	maxFragment = 256 << 10
	// share is how many bytes one of Options.Fragments stands for.
	share = 4 << 10
)

// Options of New.
type Options struct {
	// Fragments bounds how many answers are kept; one of more than 4 KiB counts for several, so it bounds their bytes too. 0 keeps nothing.
	Fragments int
	// Clock says when an answer is too old.
	Clock clock.Clock
	// Observe hears of every cached field that was asked for and whether its answer was there; nil for nobody.
	Observe func(field string, hit bool)
}

// Fragments is the cache, an extension of the server. It is safe for concurrent use.
type Fragments struct {
	options Options
	maxAge  map[string]time.Duration // of each root field that may be kept
	entries *memory.Cache[key, *fragment]
	flights singleflight.Group
}

// fragment is one encoded answer.
type fragment struct {
	encoded []byte
	maxAge  time.Duration
	expires time.Time
}

// MarshalGQL writes the answer.
func (f *fragment) MarshalGQL(w io.Writer) { _, _ = w.Write(f.encoded) }

var _ interface {
	graphql.HandlerExtension
	graphql.RootFieldInterceptor
} = (*Fragments)(nil)

// New makes a cache for the queries of the schema that declare @cacheControl.
func New(schema *ast.Schema, o Options) (*Fragments, error) {
	f := &Fragments{options: o, maxAge: map[string]time.Duration{}}
	for _, field := range schema.Query.Fields {
		d := field.Directives.ForName("cacheControl")
		if d == nil {
			continue
		}
		seconds, err := strconv.Atoi(d.Arguments.ForName("maxAge").Value.Raw)
		if err != nil || seconds < 1 {
			return nil, fmt.Errorf("cache: maxAge of %s is no number of seconds", field.Name)
		}
		f.maxAge[field.Name] = time.Duration(seconds) * time.Second
	}
	if o.Fragments == 0 {
		return f, nil
	}
	f.entries = memory.New[key](memory.Options[*fragment]{
		Size:     o.Fragments * share,
		Weight:   func(kept *fragment) int { return max(len(kept.encoded), share) },
		Lifetime: func(kept *fragment) time.Duration { return kept.maxAge },
	})
	return f, nil
}

// ExtensionName names the extension.
func (*Fragments) ExtensionName() string { return "FragmentCache" }

// Validate accepts every schema.
func (*Fragments) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptRootField answers from the cache where it can. Requests for the same answer wait for one of them to compute it; where that one fails, each
// computes its own, so that each has its own errors.
func (f *Fragments) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	operation := graphql.GetOperationContext(ctx)
	field := graphql.GetRootFieldContext(ctx).Field
	maxAge, ok := f.maxAge[field.Name]
	viewer := auth.FromContext(ctx)
	if !ok || operation.Operation.Operation != ast.Query || viewer.Reach == auth.ReachNothing {
		return next(ctx)
	}
	visitor := auth.Viewer{Reach: auth.ReachPublic, BrandID: viewer.BrandID, AppID: viewer.AppID, Face: viewer.Face}
	ctx = auth.NewContext(ctx, visitor)
	if f.entries == nil {
		return next(ctx)
	}
	k, ok := keyOf(ctx, operation, field, visitor)
	if !ok {
		return next(ctx)
	}
	if kept, ok := f.entries.Get(k); ok && f.options.Clock.Now().Before(kept.expires) {
		f.observe(field.Name, true)
		return kept
	}
	f.observe(field.Name, false)
	var own graphql.Marshaler
	shared, _, _ := f.flights.Do(string(k[:]), func() (any, error) {
		if kept, ok := f.entries.Get(k); ok && f.options.Clock.Now().Before(kept.expires) { // who was before us has just left
			return kept, nil
		}
		asked := f.options.Clock.Now()
		own = next(ctx)
		kept := encode(ctx, field.Alias, own)
		if kept == nil {
			return nil, nil
		}
		own = kept
		if len(kept.encoded) <= maxFragment {
			kept.maxAge, kept.expires = maxAge, asked.Add(maxAge)
			f.entries.Set(k, kept)
		}
		return kept, nil
	})
	if own != nil {
		return own
	}
	if kept, ok := shared.(*fragment); ok {
		return kept
	}
	return next(ctx)
}

func (f *Fragments) observe(field string, hit bool) {
	if f.options.Observe != nil {
		f.options.Observe(field, hit)
	}
}

// encode writes the answer of the root field out; nil where it has an error, which may come while it is written.
func encode(ctx context.Context, alias string, answer graphql.Marshaler) *fragment {
	if answer == nil || failed(ctx, alias) {
		return nil
	}
	var encoded bytes.Buffer
	answer.MarshalGQL(&encoded)
	if failed(ctx, alias) {
		return nil
	}
	return &fragment{encoded: bytes.Clone(encoded.Bytes())}
}

// failed says whether the response has an error at or below the root field, or one without a path, which may be its.
func failed(ctx context.Context, alias string) bool {
	for _, err := range graphql.GetErrors(ctx) {
		if len(err.Path) == 0 || err.Path[0] == ast.PathName(alias) {
			return true
		}
	}
	return false
}
