package persisted

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/internal/apperr"
)

const (
	automaticDocuments = 1000
	// automaticLength is the longest text, in bytes, that is kept for its hash.
	automaticLength = 16 << 10
)

// Options say whom the list binds.
type Options struct {
	// Open accepts every text and keeps texts under their hash (automatic persisted queries). For development only.
	Open bool
	// Face names the face of the request's app, as auth.Face; "" is a face without documents.
	Face func(ctx context.Context) string
	// Automatic keeps the texts of open mode, for servers that share them; by default each has its own, at most 1,000.
	Automatic graphql.Cache[string]
}

// Extension puts the allow-list before the executor, on every transport. A request names its operation by id in the form of
// Apollo's persisted queries,
//
//	"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "<id>"}}
//
// (transports write a bare "id" into it, see Refer), or carries the text. Codes: OPERATION_NOT_ALLOWED for what is not on the
// face's list, PERSISTED_QUERY_NOT_FOUND in open mode, BAD_REQUEST for a malformed id or one that is not its text's hash.
type Extension struct {
	list    *List
	options Options
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
} = (*Extension)(nil)

// NewExtension makes the extension; it must be used before the limits' Gate, which needs the text.
func NewExtension(list *List, options Options) *Extension {
	if options.Automatic == nil {
		options.Automatic = lru.New[string](automaticDocuments)
	}
	return &Extension{list: list, options: options}
}

// ExtensionName is the extension's name in gqlgen's lists.
func (e *Extension) ExtensionName() string { return "PersistedOperations" }

// Validate finds what is missing.
func (e *Extension) Validate(graphql.ExecutableSchema) error {
	if e.list == nil || (!e.options.Open && e.options.Face == nil) {
		return errors.New("persisted: a list and a face are needed")
	}
	return nil
}

// Refer writes an id into a request's parameters where the extension looks for it.
func Refer(request *graphql.RawParams, id string) {
	if request.Extensions == nil {
		request.Extensions = make(map[string]any, 1)
	}
	request.Extensions["persistedQuery"] = map[string]any{"version": 1, "sha256Hash": id}
}

// MutateOperationParameters fills in the text of a request that has an id, and refuses what may not run.
func (e *Extension) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	id, err := idOf(request)
	if err != nil {
		return gqlerror.Wrap(err)
	}
	if request.Query == "" && id == "" {
		return gqlerror.Wrap(apperr.New(apperr.BadRequest))
	}
	if e.options.Open {
		err = e.open(ctx, request, id)
	} else {
		err = e.listed(ctx, request, id)
	}
	if err != nil {
		return gqlerror.Wrap(err)
	}
	return nil
}

func (e *Extension) listed(ctx context.Context, request *graphql.RawParams, id string) *apperr.Error {
	face := e.options.Face(ctx)
	if request.Query != "" {
		document, ok := e.list.byBody[entry{face, request.Query}]
		if !ok {
			return apperr.New(apperr.OperationNotAllowed)
		}
		if id != "" && id != document.ID {
			return apperr.New(apperr.BadRequest)
		}
		return nil
	}
	document, ok := e.list.byID[entry{face, id}]
	if !ok {
		return apperr.New(apperr.OperationNotAllowed)
	}
	request.Query = document.Body
	return nil
}

func (e *Extension) open(ctx context.Context, request *graphql.RawParams, id string) *apperr.Error {
	if id == "" {
		return nil
	}
	if request.Query != "" {
		if ID(request.Query) != id {
			return apperr.New(apperr.BadRequest)
		}
		if len(request.Query) <= automaticLength {
			e.options.Automatic.Add(ctx, id, request.Query)
		}
		return nil
	}
	body, ok := e.list.anyFace[id]
	if !ok {
		body, ok = e.options.Automatic.Get(ctx, id)
	}
	if !ok {
		return apperr.New(apperr.PersistedNotFound)
	}
	request.Query = body
	return nil
}

// idOf reads the id of a request, "" without one.
func idOf(request *graphql.RawParams) (string, *apperr.Error) {
	value, ok := request.Extensions["persistedQuery"]
	if !ok || value == nil {
		return "", nil
	}
	reference, ok := value.(map[string]any)
	if !ok || !isOne(reference["version"]) {
		return "", apperr.New(apperr.BadRequest)
	}
	id, ok := reference["sha256Hash"].(string)
	if !ok || !wellFormed(id) {
		return "", apperr.New(apperr.BadRequest)
	}
	return id, nil
}

// isOne accepts 1 in each form that a JSON decoder gives.
func isOne(version any) bool {
	switch v := version.(type) {
	case int:
		return v == 1
	case float64:
		return v == 1
	case interface{ String() string }: // json.Number
		return v.String() == "1"
	}
	return false
}

func wellFormed(id string) bool {
	if len(id) != 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
