package transport

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/internal/apperr"
)

// execute runs one operation of a socket or a stream and hands its responses, encoded, to emit, until there are no more, emit fails or
// ctx ends. started hears what kind of operation it is before it begins. What is refused before anything was executed, the start of a
// subscription included, is returned instead. No panic leaves it.
func execute(ctx context.Context, executor graphql.GraphExecutor, params *graphql.RawParams, started func(ast.Operation),
	emit func(response []byte) error) (failed *graphql.Response) {
	var operation *graphql.OperationContext
	err := guarded(ctx, func() error {
		defer func() {
			if operation == nil || operation.RecoverFunc == nil {
				return // guarded logs it
			}
			if panicked := recover(); panicked != nil {
				failed = present(ctx, executor, operation.RecoverFunc(ctx, panicked))
			}
		}()
		ctx = graphql.StartOperationTrace(ctx)
		var errs gqlerror.List
		operation, errs = executor.CreateOperationContext(ctx, params)
		ctx = graphql.WithOperationContext(ctx, operation)
		if len(errs) > 0 {
			failed = executor.DispatchError(ctx, errs)
			return nil
		}
		started(operation.Operation.Operation)
		responses, ctx := executor.DispatchOperation(ctx, operation)
		for first := true; ctx.Err() == nil; first = false {
			response := responses(ctx)
			if response == nil {
				return nil
			}
			if first && len(response.Data) == 0 && len(response.Errors) > 0 {
				failed = response
				return nil
			}
			// Encoded before the next is asked for: gqlgen uses one buffer for all events of a subscription.
			if emit(encode(response)) != nil {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		failed = present(ctx, executor, err)
	}
	return failed
}

// present makes the response of an error that the executor has not seen: in the language of ctx, with its code.
func present(ctx context.Context, executor graphql.GraphExecutor, err error) (response *graphql.Response) {
	if !graphql.HasOperationContext(ctx) {
		ctx = graphql.WithOperationContext(ctx, &graphql.OperationContext{RecoverFunc: graphql.DefaultRecover})
	}
	if guarded(ctx, func() error {
		response = executor.DispatchError(ctx, gqlerror.List{gqlerror.Wrap(err)})
		return nil
	}) != nil || response == nil {
		internal := apperr.New(apperr.Internal)
		response = &graphql.Response{Errors: gqlerror.List{{
			Message:    internal.Message(LanguageOf(ctx)),
			Extensions: map[string]any{"code": string(internal.Code)},
		}}}
	}
	return response
}
