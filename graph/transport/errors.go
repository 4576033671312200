package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/internal/apperr"
)

// persistedNotFound is the message by which Apollo's clients know that they shall send the text; it is not translated.
const persistedNotFound = "PersistedQueryNotFound"

// detailLength is the most bytes of the parser's or validator's own words in a message.
const detailLength = 300

// Errors turns errors into what a client may see: a sentence in its language and extensions {code, field?, params?, requestId?}.
type Errors struct {
	// Development adds the parser's and validator's own words, which quote the document, to the sentence.
	Development bool
	// RequestID names the request in the answer to an INTERNAL, as in the log.
	RequestID func(ctx context.Context) string
	// Logger hears of every error that is not a refusal.
	Logger *slog.Logger
	// Away, where it is set, says whether an error is that the database was not there for the moment: the client sees UNAVAILABLE and may try again, with the
	// same idempotency key.
	Away func(error) bool
}

// fault is a recovered panic: it was logged with its stack and is not logged again.
type fault struct{}

func (fault) Error() string { return "panic" }

// Present is the server's graphql.ErrorPresenterFunc.
func (e Errors) Present(ctx context.Context, err error) *gqlerror.Error {
	if err == nil {
		return nil
	}
	var located *gqlerror.Error
	if !errors.As(err, &located) {
		located = &gqlerror.Error{Path: graphql.GetPath(ctx)}
	}
	path, argument := splitPath(ctx, located.Path)

	if refusal, ok := errors.AsType[*apperr.Error](err); ok {
		if refusal.Code == apperr.Internal {
			return e.internal(ctx, err, located, path)
		}
		if len(refusal.Field) == 0 && len(argument) > 0 {
			refusal = refusal.Naming(argument...)
		}
		return e.refusal(ctx, refusal, located, path)
	}
	switch code, _ := located.Extensions["code"].(string); {
	case code == errcode.ParseFailed:
		return e.detailed(ctx, apperr.New(apperr.ParseFailed), located)
	case code == errcode.ValidationFailed, located.Rule != "":
		return e.detailed(ctx, apperr.New(apperr.ValidationFailed).At(variable(located.Path)...), located)
	case len(argument) > 0: // a value that its scalar or enum refuses
		presented := e.detailed(ctx, apperr.New(apperr.ValidationFailed).At(argument...), located)
		presented.Path = path
		return presented
	}
	return e.internal(ctx, err, located, path)
}

func (e Errors) refusal(ctx context.Context, refusal *apperr.Error, located *gqlerror.Error, path ast.Path) *gqlerror.Error {
	message := refusal.Message(LanguageOf(ctx))
	if refusal.Code == apperr.PersistedNotFound {
		message = persistedNotFound
	}
	extensions := map[string]any{"code": string(refusal.Code)}
	if len(refusal.Field) > 0 {
		extensions["field"] = refusal.Field
	}
	if len(refusal.Params) > 0 {
		extensions["params"] = refusal.Params
	}
	return &gqlerror.Error{Message: message, Path: path, Locations: located.Locations, Extensions: extensions}
}

// detailed is a refusal of the document itself. Its path would point into the document's variables, so it becomes the field.
func (e Errors) detailed(ctx context.Context, refusal *apperr.Error, located *gqlerror.Error) *gqlerror.Error {
	presented := e.refusal(ctx, refusal, located, nil)
	if e.Development && located.Message != "" {
		detail := located.Message
		if len(detail) > detailLength {
			detail = strings.ToValidUTF8(detail[:detailLength], "") + "…"
		}
		presented.Message += " " + detail
	}
	return presented
}

func (e Errors) internal(ctx context.Context, err error, located *gqlerror.Error, path ast.Path) *gqlerror.Error {
	code := apperr.Internal
	switch {
	case errors.Is(err, fault{}):
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		code = apperr.Unavailable
		e.Logger.WarnContext(ctx, "graphql: request ended before its answer", e.about(ctx, path, err)...)
	case e.Away != nil && e.Away(err):
		code = apperr.Unavailable
		e.Logger.WarnContext(ctx, "graphql: what the answer needs is away", e.about(ctx, path, err)...)
	default:
		e.Logger.ErrorContext(ctx, "graphql: internal error", e.about(ctx, path, err)...)
	}
	presented := e.refusal(ctx, apperr.New(code), located, path)
	presented.Extensions["requestId"] = e.RequestID(ctx)
	return presented
}

func (e Errors) about(ctx context.Context, path ast.Path, err error) []any {
	attributes := []any{"request_id", e.RequestID(ctx), "path", path.String(), "error", err}
	if graphql.HasOperationContext(ctx) {
		attributes = append(attributes, "operation", graphql.GetOperationContext(ctx).OperationName)
	}
	return attributes
}

// Recover is the server's graphql.RecoverFunc: it logs the panic with its stack; the client sees an INTERNAL.
func (e Errors) Recover(ctx context.Context, panicked any) error {
	e.Logger.ErrorContext(ctx, "graphql: panic", "request_id", e.RequestID(ctx), "panic", fmt.Sprint(panicked),
		"stack", string(debug.Stack()))
	return fault{}
}

// splitPath separates the response path from what gqlgen appends to it while it reads arguments: input, its fields, indexes.
func splitPath(ctx context.Context, path ast.Path) (ast.Path, []string) {
	field := graphql.GetFieldContext(ctx)
	if field == nil || field.Args != nil {
		return path, nil
	}
	response := field.Path()
	if len(path) <= len(response) {
		return path, nil
	}
	return response, names(path[len(response):])
}

// variable is the place of a refused variable, without the validator's leading "variable".
func variable(path ast.Path) []string {
	if len(path) < 2 || path[0] != ast.PathElement(ast.PathName("variable")) {
		return nil
	}
	return names(path[1:])
}

// names writes a path as strings, bounded: its last element may be a name of the client's own invention.
func names(path ast.Path) []string {
	var result []string
	for _, element := range path {
		name := fmt.Sprint(element)
		if len(name) > maxName {
			break
		}
		result = append(result, name)
	}
	return result
}
