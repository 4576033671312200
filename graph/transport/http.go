package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"dongxiao/internal/apperr"
)

// HTTP answers GraphQL over HTTP as its specification says: POST of application/json, and GET of persisted queries. It stands in
// for gqlgen's POST and GET, which read bodies of any size, echo malformed ones and put "data": null into refusals.
//
// A refusal has status 200 as application/json, as the specification wants it where the request was well formed, and the status of
// its code as application/graphql-response+json. It supports every request and so comes last in the server's list.
type HTTP struct {
	// Errors presents what fails before there is an operation.
	Errors Errors
	// MaxBody bounds a body in bytes: default MaxRequest.
	MaxBody int64
}

var _ graphql.Transport = HTTP{}

// Supports is true: what no transport before it took is answered here, if only by a status.
func (h HTTP) Supports(*http.Request) bool { return true }

// Do answers one request.
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	answer := &answer{w: w, media: mediaJSON}
	defer func() {
		if panicked := recover(); panicked != nil {
			if panicked == http.ErrAbortHandler {
				panic(panicked)
			}
			h.refuse(answer, r, http.StatusInternalServerError, h.Errors.Recover(r.Context(), panicked))
		}
	}()
	start := graphql.Now()
	request, status, refusal := h.read(answer, r)
	if refusal != nil {
		h.refuse(answer, r, status, refusal)
		return
	}
	request.Headers = r.Header
	request.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}

	operation, errs := exec.CreateOperationContext(r.Context(), request)
	ctx := graphql.WithOperationContext(r.Context(), operation)
	if errs != nil {
		answer.send(exec.DispatchError(ctx, errs), 0)
		return
	}
	switch kind := operation.Operation.Operation; {
	case kind == ast.Subscription: // to be asked for as text/event-stream
		h.refuse(answer, r, http.StatusNotAcceptable, apperr.New(apperr.BadRequest))
		return
	case kind == ast.Mutation && r.Method == http.MethodGet:
		w.Header().Set("Allow", http.MethodPost)
		h.refuse(answer, r, http.StatusMethodNotAllowed, apperr.New(apperr.BadRequest))
		return
	}
	responses, ctx := exec.DispatchOperation(ctx, operation)
	answer.send(responses(ctx), 0)
}

// Refuse answers a request that is refused before it is read, with the status and form that Do would give the refusal.
func (h HTTP) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	answer := &answer{w: w, media: mediaJSON}
	if media, acceptable := negotiate(r.Header.Get("Accept")); acceptable {
		answer.media = media
	}
	h.refuse(answer, r, 0, err)
}

// read gets the request out of the body or the address, or the status and refusal where that fails.
func (h HTTP) read(answer *answer, r *http.Request) (*graphql.RawParams, int, *apperr.Error) {
	malformed := apperr.New(apperr.BadRequest)
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		answer.w.Header().Set("Allow", "GET, POST")
		return nil, http.StatusMethodNotAllowed, malformed
	}
	media, acceptable := negotiate(r.Header.Get("Accept"))
	if !acceptable {
		return nil, http.StatusNotAcceptable, malformed
	}
	answer.media = media
	if r.Method == http.MethodGet {
		request, refusal := decodeURL(r.URL.RawQuery)
		return request, statusOf(refusal), refusal
	}
	if encoding := r.Header.Get("Content-Encoding"); !isJSON(r.Header.Get("Content-Type")) || (encoding != "" && encoding != "identity") {
		return nil, http.StatusUnsupportedMediaType, malformed
	}
	most := positive(h.MaxBody, MaxRequest)
	if r.ContentLength > most {
		return nil, http.StatusRequestEntityTooLarge, apperr.New(apperr.BodyTooLarge)
	}
	body, err := io.ReadAll(http.MaxBytesReader(answer.w, r.Body, most))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, http.StatusRequestEntityTooLarge, apperr.New(apperr.BodyTooLarge)
		}
		return nil, http.StatusBadRequest, malformed
	}
	request, refusal := DecodeRequest(body)
	return request, statusOf(refusal), refusal
}

// refuse answers what never became an operation.
func (h HTTP) refuse(answer *answer, r *http.Request, status int, err error) {
	answer.send(&graphql.Response{Errors: gqlerror.List{h.Errors.Present(r.Context(), err)}}, status)
}

// answer is the one response to a request.
type answer struct {
	w     http.ResponseWriter
	media string
}

// send writes the response; status 0 means the one that its errors ask for.
func (a *answer) send(response *graphql.Response, status int) {
	if response == nil {
		response = &graphql.Response{}
	}
	body := encode(response)
	if status == 0 {
		status = http.StatusOK
		if len(response.Data) == 0 && a.media == mediaResponse {
			status = statusOfAll(response.Errors)
		}
	}
	header := a.w.Header()
	header.Set("Content-Type", a.media+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Add("Vary", "Accept, Accept-Language")
	if seconds := retryAfter(response.Errors); seconds != "" {
		header.Set("Retry-After", seconds)
	}
	a.w.WriteHeader(status)
	_, _ = a.w.Write(body)
}

// encode writes the response with errors first, as the GraphQL specification advises, and without a data entry where execution did not
// begin. Data is JSON already and is copied as it is: to have encoding/json compact it again would cost more than all the rest.
func encode(response *graphql.Response) []byte {
	var body bytes.Buffer
	body.Grow(len(response.Data) + 256)
	separator := byte('{')
	entry := func(name string, value []byte) {
		body.WriteByte(separator)
		body.WriteString(`"` + name + `":`)
		body.Write(value)
		separator = ','
	}
	if len(response.Errors) > 0 {
		entry("errors", mustMarshal(response.Errors))
	}
	if len(response.Data) > 0 {
		entry("data", response.Data)
	}
	if len(response.Extensions) > 0 {
		entry("extensions", mustMarshal(response.Extensions))
	}
	if separator == '{' {
		return []byte("{}")
	}
	body.WriteByte('}')
	return body.Bytes()
}

// mustMarshal encodes what the server itself made; a failure is a fault, recovered in Do.
func mustMarshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// statusOfAll is the status of the first error.
func statusOfAll(errs gqlerror.List) int {
	if len(errs) == 0 {
		return http.StatusOK
	}
	code, _ := errs[0].Extensions["code"].(string)
	return statusOfCode(apperr.Code(code))
}

func statusOf(refusal *apperr.Error) int {
	if refusal == nil {
		return http.StatusOK
	}
	return statusOfCode(refusal.Code)
}

// statusOfCode is the HTTP status of a request that failed before execution.
func statusOfCode(code apperr.Code) int {
	switch code {
	case apperr.Internal:
		return http.StatusInternalServerError
	case apperr.Unavailable:
		return http.StatusServiceUnavailable
	case apperr.RateLimited:
		return http.StatusTooManyRequests
	case apperr.BodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case apperr.Unauthenticated, apperr.TokenExpired:
		return http.StatusUnauthorized
	case apperr.Forbidden, apperr.OperationNotAllowed:
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// retryAfter is the number of seconds that a RATE_LIMITED names.
func retryAfter(errs gqlerror.List) string {
	for _, err := range errs {
		if err.Extensions["code"] == string(apperr.RateLimited) {
			params, _ := err.Extensions["params"].(map[string]string)
			return params["seconds"]
		}
	}
	return ""
}
