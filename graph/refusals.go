package graph

import (
	"context"
	"errors"

	"dongxiao/ent"
	"dongxiao/graph/generated"
	"dongxiao/graph/model"
	"dongxiao/graph/transport"
	"dongxiao/internal/apperr"
)

// refusable has, for each error code enum of the schema, the codes that a payload may carry as data.
var refusable = func() map[string]map[apperr.Code]bool {
	enums := map[string]map[apperr.Code]bool{}
	for name, definition := range generated.NewExecutableSchema(generated.Config{}).Schema().Types {
		if len(definition.EnumValues) == 0 {
			continue
		}
		enums[name] = map[apperr.Code]bool{}
		for _, value := range definition.EnumValues {
			enums[name][apperr.Code(value.Name)] = true
		}
	}
	return enums
}()

// refuse turns a service's refusal into the userErrors of a payload whose codes are of the enum. Any other error, and a refusal that the enum
// does not have, goes to the top level. Without an error it is an empty list.
func refuse(ctx context.Context, enum string, err error) ([]*model.UserError, error) {
	if err == nil {
		return []*model.UserError{}, nil
	}
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	refusal, ok := errors.AsType[*apperr.Error](err)
	if !ok || !refusable[enum][refusal.Code] {
		return nil, err
	}
	return []*model.UserError{{Code: refusal.Code, Message: refusal.Message(transport.LanguageOf(ctx)), Field: refusal.Field}}, nil
}

// missing turns NOT_FOUND into null, which is how a query answers for what is not there or not the viewer's.
func missing[T any](value *T, err error) (*T, error) {
	if ent.IsNotFound(err) || apperr.CodeOf(err) == apperr.NotFound {
		return nil, nil
	}
	return value, err
}
