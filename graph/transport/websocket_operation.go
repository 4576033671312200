package transport

import (
	"context"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/internal/apperr"
)

// operation is one query, mutation or subscription of a socket.
type operation struct {
	id           string
	cancel       context.CancelFunc
	subscription bool        // known once the document is parsed; guarded by the socket's lock
	silent       atomic.Bool // its client has completed it: nothing of it is sent any more, because the id may be in use again
}

// silence ends the operation without another word.
func (o *operation) silence() {
	o.silent.Store(true)
	o.cancel()
}

// handleSubscribe starts an operation in its own goroutine.
func (s *socket) handleSubscribe(message incoming) error {
	start := graphql.Now()
	id, err := message.operationID()
	if err != nil {
		return err
	}
	params, refused := DecodeRequest(message.Payload)
	if refused != nil {
		return errInvalidMessage
	}
	params.Headers = s.headers
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}

	s.mu.Lock()
	authenticated, stopping := s.authenticated, s.stopping
	_, exists := s.active[id]
	full := len(s.active) >= s.options.MaxOperations || s.running >= 2*s.options.MaxOperations
	var o *operation
	var ctx context.Context
	if authenticated != nil && !exists && !full && !stopping {
		o = &operation{id: id}
		ctx, o.cancel = context.WithCancel(authenticated)
		s.active[id] = o
		s.running++
	}
	s.mu.Unlock()

	switch {
	case o != nil:
		s.tasks.Go(func() {
			defer s.finished()
			defer o.cancel()
			s.run(ctx, o, params)
		})
	case authenticated == nil:
		s.close(closeUnauthorized, "Unauthorized")
	case exists:
		s.close(closeSubscriberExists, "Subscriber already exists")
	case full:
		refused := apperr.New(apperr.TooManySubscriptions, "limit", s.options.MaxOperations)
		s.sendErrors(id, nil, present(authenticated, s.executor, refused))
	} // where the server is stopping, 1001 is about to follow
	return nil
}

// run executes the operation and sends its results. Whatever is refused before anything was executed is one error message; results,
// with errors inside or without, are next messages and a complete.
func (s *socket) run(ctx context.Context, o *operation, params *graphql.RawParams) {
	failed := execute(ctx, s.executor, params, func(kind ast.Operation) { s.parsed(o, kind) }, func(response []byte) error {
		return s.send(ctx, outgoing{reply(messageNext, o.id, response), o})
	})
	s.mu.Lock()
	if s.active[o.id] == o {
		delete(s.active, o.id)
	}
	s.mu.Unlock()
	if failed != nil {
		s.sendErrors(o.id, o, failed)
		return
	}
	_ = s.send(s.ctx, outgoing{reply(messageComplete, o.id, nil), o})
}

// parsed notes what kind of operation it is. A subscription does not begin any more where the server is stopping.
func (s *socket) parsed(o *operation, kind ast.Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.subscription = kind == ast.Subscription; o.subscription && s.stopping {
		o.silence()
	}
}

// sendErrors ends an operation with an error message, whose payload is the list of errors.
func (s *socket) sendErrors(id string, o *operation, failed *graphql.Response) {
	_ = s.send(s.ctx, outgoing{reply(messageError, id, mustMarshal(failed.Errors)), o})
}
