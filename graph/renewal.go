package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/internal/apperr"
)

type expiredKey struct{}

// WithExpiredToken says that the request came with an access token that was ours and has expired.
func WithExpiredToken(ctx context.Context) context.Context {
	return context.WithValue(ctx, expiredKey{}, true)
}

// Renewal refuses operations with an expired token as TOKEN_EXPIRED, but for those that begin or renew a session: clients send their last token
// with these as well.
type Renewal struct{}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationContextMutator
} = Renewal{}

// ExtensionName names the extension.
func (Renewal) ExtensionName() string { return "Renewal" }

// Validate accepts every schema.
func (Renewal) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext looks at the root fields.
func (Renewal) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if ctx.Value(expiredKey{}) == nil {
		return nil
	}
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query", "Mutation", "Subscription"}) {
		if !beforeApp[field.Name] {
			return gqlerror.Wrap(apperr.New(apperr.TokenExpired))
		}
	}
	return nil
}
