// Package observe shows what the server does: logs without secrets, metrics, traces, and the HTTP middleware that gives every
// request its id, its access log line and a net under panics.
package observe

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"dongxiao/auth"
)

// NewLogger writes to w: JSON lines, or text for people. Each line carries the request's id, the viewer's ids and the trace's id
// where its context has them (use the …Context methods), and no line shows a secret: see redact.go for what is masked by name.
func NewLogger(w io.Writer, level slog.Level, json bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if json {
		return slog.New(contextHandler{slog.NewJSONHandler(w, options)})
	}
	return slog.New(contextHandler{slog.NewTextHandler(w, options)})
}

// contextHandler adds what the context of a line knows.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if id := RequestID(ctx); id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	record.AddAttrs(viewerAttrs(auth.FromContext(ctx))...)
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

// viewerAttrs are the viewer's database keys; they mean nothing outside.
func viewerAttrs(v auth.Viewer) []slog.Attr {
	var attrs []slog.Attr
	for _, id := range []struct {
		key   string
		value int64
	}{{"brand_id", v.BrandID}, {"app_id", v.AppID}, {"person_id", v.PersonID}, {"member_id", v.MemberID}, {"session_id", v.SessionID}} {
		if id.value != 0 {
			attrs = append(attrs, slog.Int64(id.key, id.value))
		}
	}
	return attrs
}
