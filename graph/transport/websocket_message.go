package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"dongxiao/internal/apperr"
)

// The messages of the protocol.
const (
	messageInit      = "connection_init"
	messageAck       = "connection_ack"
	messagePing      = "ping"
	messagePong      = "pong"
	messageSubscribe = "subscribe"
	messageNext      = "next"
	messageError     = "error"
	messageComplete  = "complete"
)

// maxOperationID bounds an operation's id, in characters. Client libraries send UUIDs or short counters.
const maxOperationID = 128

// errInvalidMessage closes the socket with 4400.
var errInvalidMessage = errors.New("transport: invalid message")

// incoming is a client's message. Unknown members are ignored, as the protocol leaves room for them.
type incoming struct {
	Type    string          `json:"type"`
	ID      *string         `json:"id"`
	Payload json.RawMessage `json:"payload"`
}

// reply writes a message of ours; id and payload may be empty. The payload is JSON already and is copied as it is.
func reply(kind, id string, payload []byte) []byte {
	data := make([]byte, 0, len(payload)+len(id)+64)
	data = append(data, `{"type":"`+kind+`"`...)
	if id != "" {
		data = append(append(data, `,"id":`...), mustMarshal(id)...)
	}
	if len(payload) > 0 {
		data = append(append(data, `,"payload":`...), payload...)
	}
	return append(data, '}')
}

// handle does what one message asks. It never blocks on anything but the write queue.
func (s *socket) handle(data []byte) {
	var message incoming
	err := json.Unmarshal(data, &message)
	if err == nil {
		switch message.Type {
		case messageInit:
			err = s.handleInit(message)
		case messagePing:
			err = s.handlePing(message)
		case messagePong:
			_, err = message.object()
		case messageSubscribe:
			err = s.handleSubscribe(message)
		case messageComplete:
			err = s.handleComplete(message)
		default:
			err = errInvalidMessage
		}
	}
	if err != nil {
		s.close(closeBadRequest, "Invalid message")
	}
}

// object decodes the payload, which is an object wherever the protocol has one; nil where there is none.
func (m incoming) object() (map[string]any, error) {
	if len(m.Payload) == 0 || bytes.Equal(m.Payload, []byte("null")) {
		return nil, nil
	}
	var payload map[string]any
	if !decodeObject(m.Payload, &payload) {
		return nil, errInvalidMessage
	}
	return payload, nil
}

// operationID gives the id of an operation's message.
func (m incoming) operationID() (string, error) {
	if m.ID == nil || *m.ID == "" || utf8.RuneCountInString(*m.ID) > maxOperationID {
		return "", errInvalidMessage
	}
	return *m.ID, nil
}

// handleInit authenticates the socket beside the reader, so that a second connection_init, an early subscribe and a client that
// leaves are noticed meanwhile.
func (s *socket) handleInit(message incoming) error {
	payload, err := message.object()
	if err != nil {
		return err
	}
	s.mu.Lock()
	repeated := s.initialised
	s.initialised = true
	s.mu.Unlock()
	if repeated {
		s.close(closeTooManyInits, "Too many initialisation requests")
		return nil
	}
	s.tasks.Go(func() { s.initialise(payload) })
	return nil
}

func (s *socket) initialise(payload map[string]any) {
	ctx := s.ctx
	if language, ok := payload["language"].(string); ok {
		ctx = WithLanguage(ctx, apperr.ParseLanguage(language))
	}
	if s.options.InitFunc != nil {
		err := guarded(ctx, func() (err error) {
			ctx, err = s.options.InitFunc(ctx, payload)
			return err
		})
		if err != nil {
			s.refuse(err)
			return
		}
	}
	s.mu.Lock()
	s.authenticated = ctx
	s.mu.Unlock()
	if s.send(s.ctx, outgoing{data: reply(messageAck, "", nil)}) != nil {
		return
	}
	watched, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	if err := s.options.lifetime.watch(watched); err != nil {
		s.refuse(err)
	}
}

// handlePing answers with the ping's own payload.
func (s *socket) handlePing(message incoming) error {
	payload, err := message.object()
	if err != nil {
		return err
	}
	if payload == nil {
		message.Payload = nil
	}
	_ = s.send(s.ctx, outgoing{data: reply(messagePong, "", message.Payload)})
	return nil
}

// handleComplete stops an operation. An unknown id is no error: the operation's own end may have crossed this message.
func (s *socket) handleComplete(message incoming) error {
	id, err := message.operationID()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.active[id]; o != nil {
		delete(s.active, id)
		o.silence()
	}
	return nil
}
