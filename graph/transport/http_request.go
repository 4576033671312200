package transport

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"dongxiao/graph/persisted"
	"dongxiao/internal/apperr"
)

const (
	// MaxRequest is the most bytes of one request over HTTP where HTTP and SSE are not told otherwise, and of an address.
	MaxRequest = 256 << 10
	// maxNesting is the most arrays and objects inside one another, maxValues the most values in a request: a megabyte of brackets
	// or of tiny numbers costs far more to decode than to count. The longest list of the API has 5,000, and what is around it some more.
	maxNesting = 32
	maxValues  = 6000
	// maxNumber is the most characters of a number, true, false or null.
	maxNumber = 64
	maxName   = 64
)

// parameters is a request as a client writes it.
type parameters struct {
	ID            string         `json:"id"`
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// DecodeRequest reads one GraphQL request: {"id" or "query", "operationName", "variables", "extensions"}. It accepts one JSON object
// of valid UTF-8 and nothing after it (no batches), bounds its nesting and its number of values before it decodes them, and leaves
// an id where the allow-list looks for it. Every failure is BAD_REQUEST and says nothing of the body; the caller bounds its length.
func DecodeRequest(body []byte) (*graphql.RawParams, *apperr.Error) {
	var p parameters
	if !decodeObject(body, &p) {
		return nil, apperr.New(apperr.BadRequest)
	}
	return p.request()
}

func (p parameters) request() (*graphql.RawParams, *apperr.Error) {
	if (p.Query == "" && p.ID == "" && p.Extensions["persistedQuery"] == nil) || !isName(p.OperationName) {
		return nil, apperr.New(apperr.BadRequest)
	}
	request := &graphql.RawParams{Query: p.Query, OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions}
	if p.ID != "" {
		persisted.Refer(request, p.ID)
	}
	return request, nil
}

// decodeURL reads the request of a GET: id, operationName, variables and extensions. A query's text is refused, since only
// persisted operations may be asked for by address.
func decodeURL(raw string) (*graphql.RawParams, *apperr.Error) {
	if len(raw) > MaxRequest {
		return nil, apperr.New(apperr.BodyTooLarge)
	}
	values, err := url.ParseQuery(raw)
	if err != nil || values.Has("query") || !utf8.ValidString(values.Get("id")) {
		return nil, apperr.New(apperr.BadRequest)
	}
	p := parameters{ID: values.Get("id"), OperationName: values.Get("operationName")}
	for name, target := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if text := values.Get(name); text != "" && !decodeObject([]byte(text), target) {
			return nil, apperr.New(apperr.BadRequest)
		}
	}
	return p.request()
}

// decodeObject decodes a JSON object within the bounds; numbers stay as written.
func decodeObject(text []byte, target any) bool {
	if !utf8.Valid(text) || !bounded(text) {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(target) != nil {
		return false
	}
	_, err := decoder.Token()
	return err == io.EOF
}

// bounded counts brackets, separators and the characters of numbers outside of strings, and finds that the text is an object.
func bounded(text []byte) bool {
	nesting, values, number := 0, 0, 0
	inString := false
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !inString && (c == '.' || c == '-' || c == '+' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
			number++
		} else {
			number = 0
		}
		switch {
		case inString:
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
		case c == '"':
			inString = true
		case c == '{', c == '[':
			nesting++
			values++
		case c == '}', c == ']':
			nesting--
		case c == ',', c == ':':
			values++
		}
		if nesting > maxNesting || values > maxValues || number > maxNumber {
			return false
		}
	}
	return true
}

// isName says whether text is a GraphQL name of bearable length, or empty.
func isName(text string) bool {
	if len(text) > maxName {
		return false
	}
	for i, c := range []byte(text) {
		letter := c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
