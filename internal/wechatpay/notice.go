package wechatpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"

	"dongxiao/internal/money"
)

// MaxNotice bounds the body of a notice, in bytes; WeChat Pay's are below 4 KiB.
const MaxNotice = 64 << 10

// Errors of ParseNotice. Answer all of them with status 401 (ErrUnreadable with 500), so that WeChat Pay sends a true notice again.
var (
	// ErrProbe is WeChat Pay's own test, a signature that is wrong on purpose (WECHATPAY/SIGNTEST/…). Refuse it and alert nobody.
	ErrProbe = errors.New("wechatpay: a test of signatures by WeChat Pay")
	// ErrNotVerified says that nothing shows that WeChat Pay sent it: a header is missing, the time is five minutes off or more, the
	// signature or its serial number is wrong, or it is too large.
	ErrNotVerified = errors.New("wechatpay: the notice is not verified")
	// ErrUnreadable says that WeChat Pay signed it, but it does not decrypt (a wrong APIv3 key) or lacks what it must have. Alert.
	ErrUnreadable = errors.New("wechatpay: the notice is verified but cannot be read")
)

// Notice is one event that WeChat Pay reported. The same one comes again until it is answered with 200 or 204, also in another order
// than things happened, and verifies again for five minutes: apply it once by EventID and by the state of what it is about.
type Notice struct {
	// EventID is the same in every repeat.
	EventID string
	// EventType is such as TRANSACTION.SUCCESS or REFUND.ABNORMAL.
	EventType string
	// CreatedAt is when WeChat Pay made it.
	CreatedAt time.Time
	// Transaction is set for a payment and Refund for a refund; both are nil for events of other kinds, which need no more than the
	// answer.
	Transaction *Transaction
	Refund      *Refund
}

// ParseNotice verifies and decrypts a notice: its headers and its body as it arrived, byte by byte. It keeps no state. The merchant's keys
// having signed and sealed it does not say that it is about this program's order: compare as Transaction and Refund tell.
func (c *Client) ParseNotice(ctx context.Context, header http.Header, body []byte) (Notice, error) {
	if len(body) > MaxNotice {
		return Notice{}, fmt.Errorf("%w: it is too large", ErrNotVerified)
	}
	if strings.HasPrefix(strings.TrimSpace(header.Get("Wechatpay-Signature")), "WECHATPAY/SIGNTEST/") {
		return Notice{}, ErrProbe
	}
	if kind := header.Get("Wechatpay-Signature-Type"); kind != "" && kind != "WECHATPAY2-SHA256-RSA2048" {
		return Notice{}, fmt.Errorf("%w: another kind of signature", ErrNotVerified)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if guarded(func() error {
		return c.notices.Validate(ctx, &http.Request{Header: header, Body: io.NopCloser(bytes.NewReader(body))})
	}) != nil {
		return Notice{}, fmt.Errorf("%w: header, time, serial number or signature", ErrNotVerified)
	}
	return c.readNotice(body)
}

// readNotice decrypts a body that WeChat Pay signed.
func (c *Client) readNotice(body []byte) (Notice, error) {
	var envelope struct {
		ID         string     `json:"id"`
		CreateTime time.Time  `json:"create_time"`
		EventType  string     `json:"event_type"`
		Resource   sealedText `json:"resource"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.ID == "" || envelope.EventType == "" || !short(envelope.ID, envelope.EventType) {
		return Notice{}, fmt.Errorf("%w: its envelope", ErrUnreadable)
	}
	text, err := c.open(envelope.Resource)
	if err != nil {
		return Notice{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	notice := Notice{EventID: envelope.ID, EventType: envelope.EventType, CreatedAt: envelope.CreateTime.UTC()}
	switch envelope.Resource.OriginalType {
	case "transaction":
		notice.Transaction, err = noticedTransaction(text)
	case "refund":
		notice.Refund, err = noticedRefund(text)
	}
	if err != nil {
		return Notice{}, fmt.Errorf("%w: its content", ErrUnreadable)
	}
	return notice, nil
}

func noticedTransaction(text []byte) (*Transaction, error) {
	var content payments.Transaction
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, err
	}
	transaction, err := readTransaction(&content)
	if err != nil {
		return nil, err
	}
	return &transaction, nil
}

// noticedRefund reads a refund as notices have it: the state is called refund_status there and status in answers.
func noticedRefund(text []byte) (*Refund, error) {
	var content struct {
		MerchantID    string `json:"mchid"`
		OutTradeNo    string `json:"out_trade_no"`
		TransactionID string `json:"transaction_id"`
		OutRefundNo   string `json:"out_refund_no"`
		RefundID      string `json:"refund_id"`
		Status        string `json:"refund_status"`
		SuccessTime   string `json:"success_time"`
		Amount        struct {
			Total       money.Fen `json:"total"`
			Refund      money.Fen `json:"refund"`
			PayerTotal  money.Fen `json:"payer_total"`
			PayerRefund money.Fen `json:"payer_refund"`
		} `json:"amount"`
	}
	if err := json.Unmarshal(text, &content); err != nil {
		return nil, err
	}
	refund := Refund{
		MerchantID: content.MerchantID, RefundID: content.RefundID, OutRefundNo: content.OutRefundNo, TransactionID: content.TransactionID,
		OutTradeNo: content.OutTradeNo, Status: RefundStatus(content.Status),
		Refund: content.Amount.Refund, Total: content.Amount.Total, PayerRefund: content.Amount.PayerRefund, PayerTotal: content.Amount.PayerTotal,
	}
	var err error
	if refund.SuccessTime, err = readTime(content.SuccessTime); err != nil {
		return nil, err
	}
	return &refund, refund.check()
}
