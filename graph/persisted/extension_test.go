package persisted

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
)

type faceKey struct{}

func faceOf(ctx context.Context) string { face, _ := ctx.Value(faceKey{}).(string); return face }

func reference(version any, id any) map[string]any {
	return map[string]any{"persistedQuery": map[string]any{"version": version, "sha256Hash": id}}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	list, err := Load(clients, schema)
	require.NoError(t, err)
	manifest, err := Manifest(clients)
	require.NoError(t, err)
	product, staffMe := manifest["STOREFRONT"]["Product"], manifest["STAFF"]["Me"]
	unknown := ID("{ me { name } }")

	type row struct {
		open       bool
		face       string
		query      string
		extensions map[string]any
		code       apperr.Code
		want       string
	}
	for name, row := range map[string]row{
		"by id":                      {face: "STOREFRONT", extensions: reference(1, product.ID), want: product.Body},
		"by text":                    {face: "STOREFRONT", query: product.Body, want: product.Body},
		"by text and id":             {face: "STOREFRONT", query: product.Body, extensions: reference(json.Number("1"), product.ID), want: product.Body},
		"text and another's id":      {face: "STOREFRONT", query: product.Body, extensions: reference(1, staffMe.ID), code: apperr.BadRequest},
		"another face's id":          {face: "STAFF", extensions: reference(1, product.ID), code: apperr.OperationNotAllowed},
		"another face's text":        {face: "STAFF", query: product.Body, code: apperr.OperationNotAllowed},
		"no face":                    {extensions: reference(1, product.ID), code: apperr.OperationNotAllowed},
		"unknown id":                 {face: "STOREFRONT", extensions: reference(1, unknown), code: apperr.OperationNotAllowed},
		"unknown text":               {face: "STOREFRONT", query: "{ me { name } }", code: apperr.OperationNotAllowed},
		"unknown text with its hash": {face: "STOREFRONT", query: "{ me { name } }", extensions: reference(1, unknown), code: apperr.OperationNotAllowed},
		"a listed text and more":     {face: "STOREFRONT", query: product.Body + "query X { me { name } }", code: apperr.OperationNotAllowed},
		"nothing":                    {face: "STOREFRONT", code: apperr.BadRequest},
		"null reference and nothing": {face: "STOREFRONT", extensions: map[string]any{"persistedQuery": nil}, code: apperr.BadRequest},
		"version 2":                  {face: "STOREFRONT", extensions: reference(2, product.ID), code: apperr.BadRequest},
		"version as text":            {face: "STOREFRONT", extensions: reference("1", product.ID), code: apperr.BadRequest},
		"no version":                 {face: "STOREFRONT", extensions: reference(nil, product.ID), code: apperr.BadRequest},
		"reference is text":          {face: "STOREFRONT", extensions: map[string]any{"persistedQuery": product.ID}, code: apperr.BadRequest},
		"id is a number":             {face: "STOREFRONT", extensions: reference(1, 7), code: apperr.BadRequest},
		"id too short":               {face: "STOREFRONT", extensions: reference(1, "abc"), code: apperr.BadRequest},
		"id in capitals":             {face: "STOREFRONT", extensions: reference(1, strings.ToUpper(product.ID)), code: apperr.BadRequest},
		"open, any text":             {open: true, query: "{ x }", want: "{ x }"},
		"open, by id of any face":    {open: true, extensions: reference(1, product.ID), want: product.Body},
		"open, unknown id":           {open: true, extensions: reference(1.0, unknown), code: apperr.PersistedNotFound},
		"open, hash of another text": {open: true, query: "{ x }", extensions: reference(1, unknown), code: apperr.BadRequest},
		"open, nothing":              {open: true, code: apperr.BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			extension := NewExtension(list, Options{Open: row.open, Face: faceOf})
			require.NoError(t, extension.Validate(nil))
			request := &graphql.RawParams{Query: row.query, Extensions: row.extensions}
			failure := extension.MutateOperationParameters(context.WithValue(t.Context(), faceKey{}, row.face), request)
			if row.code != "" {
				require.NotNil(t, failure)
				require.Equal(t, row.code, apperr.CodeOf(failure))
				require.Equal(t, row.query, request.Query, "nothing to execute was put there")
				return
			}
			require.Nil(t, failure)
			require.Equal(t, row.want, request.Query)
		})
	}
}

func TestAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	list, err := Load(clients, schema)
	require.NoError(t, err)
	shared := graphql.MapCache[string]{}
	extension := NewExtension(list, Options{Open: true, Automatic: shared})
	query := "{ me { name } }"
	ask := func(text, id string) (*graphql.RawParams, apperr.Code) {
		request := &graphql.RawParams{Query: text}
		Refer(request, id)
		if err := extension.MutateOperationParameters(t.Context(), request); err != nil {
			return request, apperr.CodeOf(err)
		}
		return request, ""
	}
	_, code := ask("", ID(query))
	require.Equal(t, apperr.PersistedNotFound, code)
	_, code = ask(query, ID(query))
	require.Empty(t, code)
	request, code := ask("", ID(query))
	require.Empty(t, code)
	require.Equal(t, query, request.Query)

	long := query + strings.Repeat(" ", automaticLength)
	_, code = ask(long, ID(long))
	require.Empty(t, code)
	_, code = ask("", ID(long))
	require.Equal(t, apperr.PersistedNotFound, code, "too long to keep")
	require.Len(t, shared, 1)
}

func TestExtensionNeedsItsOptions(t *testing.T) {
	t.Parallel()
	require.Error(t, NewExtension(nil, Options{Open: true}).Validate(nil))
	require.Error(t, NewExtension(&List{}, Options{}).Validate(nil))
}
