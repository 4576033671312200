package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"dongxiao/auth"
	"dongxiao/graph/generated"
	"dongxiao/internal/apperr"
)

// Directives are the run-time directives of the schema: who may ask for a root field.
func (r *Resolver) Directives() generated.DirectiveRoot {
	return generated.DirectiveRoot{Auth: r.auth, Public: public}
}

// public lets in whoever names a registered app or carries a token.
func public(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if auth.FromContext(ctx).Reach == auth.ReachNothing && !beforeApp[graphql.GetFieldContext(ctx).Field.Name] {
		return nil, apperr.New(apperr.AppUnknown)
	}
	return next(ctx)
}

// beforeApp are the public fields whose input names the app or the session itself.
var beforeApp = map[string]bool{"signIn": true, "tokenRefresh": true, "consoleSignInStart": true, "consoleSignInComplete": true}

// auth lets in signed-in viewers of the faces, with the capability where one is asked for.
func (r *Resolver) auth(ctx context.Context, _ any, next graphql.Resolver, faces []auth.Face, can *auth.Capability, phone bool) (any, error) {
	v := auth.FromContext(ctx)
	switch {
	case !v.SignedIn():
		return nil, apperr.New(apperr.Unauthenticated)
	case !slices.Contains(faces, v.Face), can != nil && !v.Can(*can):
		return nil, apperr.New(apperr.Forbidden)
	}
	if phone {
		bound, err := r.Identity.PhoneBound(ctx)
		if err != nil {
			return nil, err
		}
		if !bound {
			return nil, apperr.New(apperr.PhoneRequired)
		}
	}
	return next(ctx)
}
