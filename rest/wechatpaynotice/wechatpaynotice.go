// Package wechatpaynotice takes what WeChat Pay reports of payments and refunds (支付通知), at /wechat-pay/notices/{account}.
package wechatpaynotice

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"dongxiao/domain/payment"
	"dongxiao/internal/ids"
	"dongxiao/internal/wechatpay"
)

// Path is where the handler is to be registered, for POST.
const Path = "POST " + payment.NoticePath + "{account}"

// Notices verifies notices and keeps them.
type Notices interface {
	Receive(ctx context.Context, accountID int64, header http.Header, body []byte) error
}

// failed is the answer that makes WeChat Pay send a notice again; it tells a stranger nothing.
const failed = `{"code":"FAIL","message":"失败"}`

// Handler answers WeChat Pay: 204 to a notice that is kept for good, now or before; 401 to what is not believed, whatever the reason; 413 to what is too
// large, 503 after a fault of ours. It answers before the notice is applied, so nothing of our state makes WeChat Pay try again.
func Handler(notices Notices, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wechatpay.MaxNotice))
		if err != nil {
			status := http.StatusBadRequest
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				status = http.StatusRequestEntityTooLarge
			}
			refuse(w, status)
			return
		}
		account, ok := ids.Decode(ids.MerchantAccount, r.PathValue("account"))
		if !ok {
			refuse(w, http.StatusUnauthorized)
			return
		}
		err = notices.Receive(r.Context(), account, r.Header, body)
		switch {
		case errors.Is(err, payment.ErrRefused):
			refuse(w, http.StatusUnauthorized)
		case err != nil:
			log.ErrorContext(r.Context(), "a notice of WeChat Pay could not be kept", "error", err)
			refuse(w, http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, failed)
}
