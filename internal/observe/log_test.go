package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"dongxiao/auth"
	"dongxiao/internal/apperr"
	"dongxiao/internal/observe"
)

// logged gives the fields of the one line that write logs.
func logged(t *testing.T, write func(*slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	write(observe.NewLogger(&out, slog.LevelInfo, true))
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line), out.String())
	return line
}

func TestLinesCarryWhatTheContextKnows(t *testing.T) {
	t.Parallel()
	ctx := auth.NewContext(t.Context(), auth.Viewer{BrandID: 1, AppID: 2, PersonID: 3, MemberID: 4, SessionID: 5})
	ctx = observe.WithRequestID(ctx, "relay-0001")
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}))
	line := logged(t, func(l *slog.Logger) { l.InfoContext(ctx, "hello") })
	for key, value := range map[string]any{
		"request_id": "relay-0001", "brand_id": 1.0, "app_id": 2.0, "person_id": 3.0, "member_id": 4.0, "session_id": 5.0, "trace_id": "01000000000000000000000000000000",
	} {
		require.Equal(t, value, line[key], key)
	}
	line = logged(t, func(l *slog.Logger) { l.With("a", 1).InfoContext(context.Background(), "hello") })
	require.Len(t, line, 4, "nothing is added where nothing is known: %v", line)
}

type sealed struct{ inner string }

func (s sealed) LogValue() slog.Value { return slog.GroupValue(slog.String("openid", s.inner)) }

type profile struct {
	Name  string
	Phone string            `json:"phone"`
	More  map[string]string `json:"more"`
}

func TestSecretsAreMaskedByName(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-value-never-shown"
	for _, name := range []string{
		"secret", "appSecret", "app_secret", "token", "access_token", "refreshToken", "Authorization", "session_key", "sessionKey", "phone", "member_phone",
		"openid", "openID", "union_id", "unionid", "code", "js_code", "phoneCode", "password", "Cookie", "Set-Cookie", "master_key", "encodingAESKey", strings.Repeat("long", 30),
	} {
		for what, write := range map[string]func(*slog.Logger){
			"attribute": func(l *slog.Logger) { l.Info("m", name, secret) },
			"with":      func(l *slog.Logger) { l.With(name, secret).Info("m") },
			"any":       func(l *slog.Logger) { l.Info("m", name, []string{secret}) },
			"group":     func(l *slog.Logger) { l.Info("m", slog.Group(name, "inner", secret)) },
			"in group":  func(l *slog.Logger) { l.WithGroup("g").Info("m", name, secret) },
			"map": func(l *slog.Logger) {
				l.Info("m", "all", map[string]any{"deep": []any{map[string]string{name: secret}}})
			},
			"header": func(l *slog.Logger) { l.Info("m", "headers", http.Header{name: {secret}}) },
			"query": func(l *slog.Logger) {
				l.Info("m", "error", fmt.Errorf("Get \"https://h/p?a=1&%s=%s\": EOF", name, secret))
			},
			"JSON text": func(l *slog.Logger) { l.Info("m", "body", `{"a":1,"`+name+`": "`+secret+`"}`) },
			"message":   func(l *slog.Logger) { l.Info("called with " + name + "=" + secret) },
		} {
			var out bytes.Buffer
			for _, asJSON := range []bool{true, false} {
				write(observe.NewLogger(&out, slog.LevelInfo, asJSON))
			}
			require.NotContains(t, out.String(), secret, "%s as %s", name, what)
			require.Contains(t, out.String(), "***")
		}
	}
}

func TestSecretsAreMaskedByLook(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Authorization: Bearer abc.def":                               "Authorization: ***",
		"got Bearer abcdef123, refused":                               "got ***, refused",
		"token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln is expired":  "token *** is expired",
		"dial mysql://root:hunter2@db:3306/x":                         "dial mysql://***@db:3306/x",
		"phone 13812345678 and +8613912345678":                        "phone 138****5678 and +86139****5678",
		"order 138123456789 took 12345678901":                         "order 138123456789 took 12345678901",
		`{\"session_key\":\"abc\",\"errcode\":0}`:                     `{\"session_key\":"***",\"errcode\":0}`,
		"https://api.weixin.qq.com/x?access_token=abc&grant_type=xyz": "https://api.weixin.qq.com/x?access_token=***&grant_type=xyz",
		"plain: 3 = 3, 10:30":                                         "plain: 3 = 3, 10:30",
	} {
		require.Equal(t, want, logged(t, func(l *slog.Logger) { l.Info("m", "text", text) })["text"])
		require.Equal(t, want, logged(t, func(l *slog.Logger) { l.Info("m", "error", errors.New(text)) })["error"])
		require.Equal(t, want, logged(t, func(l *slog.Logger) { l.Info(text) })["msg"])
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	t.Parallel()
	line := logged(t, func(l *slog.Logger) {
		l.Info("m", "count", 3, "error_code", "OUT_OF_STOCK", "code", apperr.OutOfStock, "max_tokens", 1000, "nothing", nil, "raw", []byte("abc"),
			"profile", profile{Name: "n", Phone: "13812345678", More: map[string]string{"openid": "o"}}, "viewer", sealed{"o"}, "bad", make(chan int))
	})
	require.Equal(t, 3.0, line["count"])
	require.Equal(t, "OUT_OF_STOCK", line["error_code"])
	require.Equal(t, "OUT_OF_STOCK", line["code"])
	require.Equal(t, 1000.0, line["max_tokens"])
	require.Nil(t, line["nothing"])
	require.Equal(t, "***", line["raw"])
	require.Equal(t, map[string]any{"Name": "n", "phone": "***", "more": map[string]any{"openid": "***"}}, line["profile"])
	require.Equal(t, map[string]any{"openid": "***"}, line["viewer"])
	require.Equal(t, "cannot be shown", line["bad"])
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{"", "a=b", `"token": "x\"y"`, "bearer", "eyJ", "13812345678", "86138123456789", "://a@", "\xff=\xfe", `\"secret\":\"x\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		logger := observe.NewLogger(&out, slog.LevelInfo, true)
		logger.Info(text, "text", text, "tree", map[string]string{text: text}, "secret", text)
		require.True(t, json.Valid(bytes.TrimSpace(out.Bytes())), "one line of JSON")
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
	})
}
