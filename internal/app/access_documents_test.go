package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit/appkit"
)

// TestAccessOfDocuments: where the allow-list holds, every face runs the documents of its own front end, by id and by text, and no other, over
// every transport. The table testdata/access-documents.txt says which faces run which operation.
func TestAccessOfDocuments(t *testing.T) {
	t.Parallel()
	i := appkit.Install(t, dialect.SQLite)
	k := appkit.NewKit(t, i, i.Serve(t, appkit.Options{Arguments: []string{"--open-documents=off", "--cost-burst=10000000", "--cost-per-minute=600000000"}}))
	clients := []*appkit.Client{k.Shopper(t), k.NewStaff(t, auth.Mall, k.Distributor, auth.Owner), k.NewStaff(t, auth.Portal, k.Store1, auth.Owner),
		k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk), k.NewStaff(t, auth.Console, k.Root, auth.Admin)}
	require.Len(t, appkit.Manifest(), len(clients), "a new face needs a client here")

	accepted := map[string][]string{}
	for _, c := range clients {
		own := map[string]bool{}
		for _, document := range appkit.Manifest()[string(c.Face)] {
			own[document.ID] = true
		}
		require.NotEmpty(t, own, c.Face)
		for name, ask := range transports(t, c) {
			text := appkit.Manifest()[string(c.Face)]["Me"].Body
			for _, request := range []vars{c.Request("Me", nil), {"query": text}} {
				r := ask(request)
				if _, isText := request["query"]; isText && name == "GET" {
					require.Equal(t, string(apperr.BadRequest), r.Code(), "GET takes ids only")
					continue
				}
				require.NotNil(t, r.Look("viewer.app.id"), "%s over %s: %#v", c.Face, name, r)
			}
			for _, other := range []vars{{"query": text + " "}, {"query": "{ viewer { app { id } } }"}, {"query": "{ __schema { queryType { name } } }"},
				{"query": text, "id": strings.Repeat("0", 64)}, {"id": strings.Repeat("0", 64)}} {
				r := ask(other)
				require.Contains(t, []string{string(apperr.OperationNotAllowed), string(apperr.BadRequest)}, r.Code(), "%s over %s: %#v", c.Face, name, other)
				require.Nil(t, r.Data)
			}
			for face, documents := range appkit.Manifest() {
				for operation, document := range documents {
					// The name of another operation keeps what is accepted from running.
					for _, request := range []vars{{"id": document.ID, "operationName": "Other"}, {"query": document.Body, "operationName": "Other"}} {
						if _, isText := request["query"]; isText && name == "GET" {
							continue
						}
						r := ask(request)
						require.Nil(t, r.Data, "%s over %s: %s of %s", c.Face, name, operation, face)
						require.NotEmpty(t, r.Code(), "%s over %s: %s of %s: %#v", c.Face, name, operation, face, r)
						require.Equal(t, own[document.ID], r.Code() != string(apperr.OperationNotAllowed), "%s over %s: %s of %s: %#v", c.Face, name, operation, face, r)
					}
					row := fmt.Sprintf("%-22s %s", operation, document.ID[:8])
					if own[document.ID] && !slices.Contains(accepted[row], string(c.Face)) {
						accepted[row] = append(accepted[row], string(c.Face))
					}
				}
			}
		}
	}
	var b strings.Builder
	for _, row := range slices.Sorted(maps.Keys(accepted)) {
		fmt.Fprintf(&b, "%s %s\n", row, strings.Join(accepted[row], ", "))
	}
	golden(t, "access-documents.txt", b.String())
}

// transports are the ways to send a client's request and get its answer.
func transports(t *testing.T, c *appkit.Client) map[string]func(vars) *appkit.Response {
	send := func(method, path string, body []byte, header http.Header) *appkit.Response {
		r, err := c.Send(t.Context(), method, path, bytes.NewReader(body), header)
		require.NoError(t, err)
		return r
	}
	encode := func(request vars) []byte {
		body, err := json.Marshal(request)
		require.NoError(t, err)
		return body
	}
	var socket *appkit.Socket
	messages := 0
	return map[string]func(vars) *appkit.Response{
		"POST": func(request vars) *appkit.Response {
			return send(http.MethodPost, "/graphql", encode(request), http.Header{"Content-Type": {"application/json"}})
		},
		"GET": func(request vars) *appkit.Response {
			query := url.Values{}
			for name, value := range request {
				query.Set(name, value.(string))
			}
			return send(http.MethodGet, "/graphql?"+query.Encode(), nil, nil)
		},
		"SSE": func(request vars) *appkit.Response {
			r := send(http.MethodPost, "/graphql", encode(request), http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}})
			_, event, streamed := strings.Cut(r.Body, "event: next\ndata: ")
			if !streamed {
				return r
			}
			event, _, _ = strings.Cut(event, "\n")
			answer := &appkit.Response{Status: r.Status, Body: r.Body}
			require.NoError(t, json.Unmarshal([]byte(event), answer))
			return answer
		},
		"websocket": func(request vars) *appkit.Response {
			if messages%40 == 0 { // more of one socket would be read slowly
				if socket != nil {
					require.NoError(t, socket.Close())
				}
				socket = c.Socket(t)
			}
			messages++
			id := fmt.Sprint(messages)
			socket.Subscribe(t, id, request)
			m := socket.Next(t)
			if m.Type == "error" {
				answer := &appkit.Response{Body: string(m.Payload)}
				require.NoError(t, json.Unmarshal(m.Payload, &answer.Errors))
				return answer
			}
			answer := m.Response()
			require.Equal(t, "complete", socket.Next(t).Type)
			return answer
		},
	}
}
