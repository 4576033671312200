package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// selects says whether the field being resolved is asked for the field at the path below it, so that a service reads what is long only where it is
// wanted.
func selects(ctx context.Context, path ...string) bool {
	operation := graphql.GetOperationContext(ctx)
	fields := graphql.CollectFieldsCtx(ctx, nil)
	for i, name := range path {
		var below []graphql.CollectedField
		found := false
		for _, f := range fields {
			if f.Name != name {
				continue
			}
			found = true
			if i+1 < len(path) {
				below = append(below, graphql.CollectFields(operation, f.Selections, nil)...)
			}
		}
		if !found {
			return false
		}
		fields = below
	}
	return true
}
