// Package apperr is the one error type that reaches a client and the one list of codes (codes.go).
//
// A domain service refuses by returning an *Error: the transaction rolls back and the resolver shows the refusal as data
// (userErrors) or, for authentication, validation and internal faults, as a top-level GraphQL error. Any other error is a fault
// of ours: it is logged with the request id and shown as INTERNAL.
package apperr

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Error is a refusal that a user can understand and act on.
type Error struct {
	// Code is the stable, documented name of the refusal.
	Code Code
	// Field is the path of the input that caused it, in GraphQL names (input, phoneCode); empty where no single field did.
	Field []string
	// Params fill the {placeholders} of the message.
	Params map[string]string

	cause error
}

// New makes a refusal. Params come in pairs of name and value and fill the message's {placeholders}.
func New(code Code, params ...any) *Error {
	e := &Error{Code: code}
	if len(params) > 0 {
		e.Params = make(map[string]string, len(params)/2)
		for i := 0; i+1 < len(params); i += 2 {
			e.Params[fmt.Sprint(params[i])] = fmt.Sprint(params[i+1])
		}
	}
	return e
}

// Invalid is INVALID_INPUT at a field below input, where a dot goes one level down; reason says what may stand there, in signs that need no language.
func Invalid(field, reason string) *Error {
	return New(InvalidInput, "field", field, "reason", reason).At(append([]string{"input"}, strings.Split(field, ".")...)...)
}

// OfInput names the field below input of a refusal that names none; other errors and nil stay as they are.
func OfInput(err error, field ...string) error {
	return Of(err, append([]string{"input"}, field...)...)
}

// Of is OfInput with the whole path, for the arguments of a query.
func Of(err error, path ...string) error {
	if refusal, ok := errors.AsType[*Error](err); ok && len(refusal.Field) == 0 {
		return refusal.Naming(path...)
	}
	return err
}

// At returns a copy of e that names the input field it is about.
func (e *Error) At(field ...string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Naming is At for a refusal that was made where the field's name was not known: its message names the field too, below input where it is.
func (e *Error) Naming(field ...string) *Error {
	c := e.At(field...)
	if _, ok := c.Params["field"]; ok {
		c.Params = maps.Clone(c.Params)
		c.Params["field"] = strings.TrimPrefix(strings.Join(field, "."), "input.")
	}
	return c
}

// Because returns a copy of e that keeps cause for the log; the cause is never shown to a client.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is the English message behind its code, for logs.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message(English)
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is compare codes, so that a caller may write errors.Is(err, apperr.New(apperr.NotFound)).
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Message is the sentence for the user in lang, with the placeholders filled.
func (e *Error) Message(lang Language) string {
	m, ok := messages[e.Code]
	if !ok {
		m = messages[Internal]
	}
	text := m.zh
	if lang == English {
		text = m.en
	}
	for k, v := range e.Params {
		if words, ok := reasons[v]; ok && k == "reason" {
			if v = words.zh; lang == English {
				v = words.en
			}
		}
		text = strings.ReplaceAll(text, "{"+k+"}", v)
	}
	return text
}

// CodeOf gives the code of the refusal in err's chain: Internal for any other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Language is a language in which messages are written.
type Language string

// The languages of messages. Chinese is the default.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// ParseLanguage picks the language from an Accept-Language header: English where it is preferred to Chinese, otherwise Chinese.
func ParseLanguage(acceptLanguage string) Language {
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch tag = strings.ToLower(tag); {
		case strings.HasPrefix(tag, "zh"):
			return Chinese
		case strings.HasPrefix(tag, "en"):
			return English
		}
	}
	return Chinese
}
