// Package wechatpush takes what WeChat pushes to the server (消息推送), at /wechat/push/{app}.
package wechatpush

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"dongxiao/domain/identity"
)

// Path is where the handler is to be registered, for GET and POST.
const Path = "/wechat/push/{app}"

// maxBody is more than the largest push that is believed.
const maxBody = 64 << 10

// Pushes verifies pushes and carries them out.
type Pushes interface {
	CheckPushURL(ctx context.Context, wechatAppID, signature, timestamp, nonce, echo string) error
	Push(ctx context.Context, wechatAppID string, query url.Values, body []byte) error
}

// Handler answers WeChat: 403 to whoever is not WeChat, whatever the reason, and success to a push that was carried out, now or before. After a fault
// of ours it answers 503, so that WeChat sends the push again.
func Handler(pushes Pushes, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		app, query := r.PathValue("app"), r.URL.Query()
		answer, err := "success", error(nil)
		switch r.Method {
		case http.MethodGet:
			answer = query.Get("echostr")
			err = pushes.CheckPushURL(r.Context(), app, query.Get("signature"), query.Get("timestamp"), query.Get("nonce"), answer)
		case http.MethodPost:
			var body []byte
			if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err == nil {
				err = pushes.Push(r.Context(), app, query, body)
			} else {
				err = errors.Join(identity.ErrPushRefused, err)
			}
		default:
			w.Header().Set("Allow", "GET, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		switch {
		case errors.Is(err, identity.ErrPushRefused):
			log.WarnContext(r.Context(), "a push was refused", "error", err)
			w.WriteHeader(http.StatusForbidden)
		case err != nil:
			log.ErrorContext(r.Context(), "a push could not be carried out", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, answer)
		}
	})
}
