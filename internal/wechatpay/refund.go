package wechatpay

import (
	"context"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"dongxiao/internal/money"
)

// RefundStatus is where a refund stands at WeChat Pay.
type RefundStatus string

// The states of a refund.
const (
	// RefundProcessing: accepted; the result comes by notice or query.
	RefundProcessing RefundStatus = "PROCESSING"
	// RefundSucceeded (SUCCESS): the payer has the money.
	RefundSucceeded RefundStatus = "SUCCESS"
	// RefundClosed: it did not happen and never will under this number; only now may a new number be used.
	RefundClosed RefundStatus = "CLOSED"
	// RefundAbnormal: the money left the merchant but did not reach the payer (a bank card that is gone): somebody must see to it on
	// the merchant platform.
	RefundAbnormal RefundStatus = "ABNORMAL"
)

// RefundRequest asks to give money back. WeChat Pay allows 50 refunds of one order, a minute apart, within 365 days of payment.
type RefundRequest struct {
	// OutTradeNo is the order's number; TransactionID is WeChat Pay's of the payment, which is exact even where one order was paid twice. One of the two is
	// given.
	OutTradeNo, TransactionID string
	// OutRefundNo is our number of the refund: 1 to 64 letters, digits, - and _. The same number is the same refund, however often it
	// is asked for; a new number pays again.
	OutRefundNo string
	// Reason is shown to the payer, except for a part of at most one yuan; up to 80 characters, may be empty.
	Reason string
	// NotifyURL is where the result is reported; empty means that only a query tells. A repeat must have the same values as the first request.
	NotifyURL string
	// Refund is how much, at least 1; Total is the whole order's price, which must be as it was ordered.
	Refund, Total money.Fen
}

// Refund is a refund as WeChat Pay knows it. Whoever applies one compares MerchantID (where known), OutTradeNo, Refund and Total.
type Refund struct {
	// MerchantID is the account; only notices name it, answers leave it empty.
	MerchantID string
	// RefundID is WeChat Pay's number, OutRefundNo ours.
	RefundID, OutRefundNo string
	// TransactionID and OutTradeNo are those of the payment.
	TransactionID, OutTradeNo string
	// Status is where it stands.
	Status RefundStatus
	// SuccessTime is when the payer got the money; zero before.
	SuccessTime time.Time
	// Refund is what goes back and Total the order's price; PayerRefund and PayerTotal are those without coupons of WeChat Pay.
	Refund, Total, PayerRefund, PayerTotal money.Fen
}

const longestReason = 80

// Refund asks for a refund, or finds it again under its number. The answer is acceptance, mostly RefundProcessing. Errors to tell
// apart: KindNotEnough and KindBusy (repeat later with the same number), KindRefused; after KindUnknown query or repeat with the same
// number.
func (c *Client) Refund(ctx context.Context, r RefundRequest) (Refund, error) {
	const operation = "refund"
	switch {
	case r.TransactionID == "" && !outTradeNoPattern.MatchString(r.OutTradeNo):
		return Refund{}, notSent(operation, "out_trade_no")
	case r.TransactionID != "" && (r.OutTradeNo != "" || !transactionPattern.MatchString(r.TransactionID)):
		return Refund{}, notSent(operation, "transaction_id")
	case !outRefundNoPattern.MatchString(r.OutRefundNo):
		return Refund{}, notSent(operation, "out_refund_no")
	case r.Refund < 1 || r.Refund > r.Total:
		return Refund{}, notSent(operation, "amount.refund")
	case !between(r.Reason, 0, longestReason):
		return Refund{}, notSent(operation, "reason")
	case !between(r.NotifyURL, 0, longestNotifyURL):
		return Refund{}, notSent(operation, "notify_url")
	}
	sent := refunddomestic.CreateRequest{
		OutRefundNo: &r.OutRefundNo,
		Amount:      &refunddomestic.AmountReq{Refund: core.Int64(int64(r.Refund)), Total: core.Int64(int64(r.Total)), Currency: core.String(currency)},
	}
	if r.TransactionID != "" {
		sent.TransactionId = &r.TransactionID
	} else {
		sent.OutTradeNo = &r.OutTradeNo
	}
	if r.Reason != "" {
		sent.Reason = &r.Reason
	}
	if r.NotifyURL != "" {
		sent.NotifyUrl = &r.NotifyURL
	}
	return c.refunded(ctx, operation, func(ctx context.Context, service *refunddomestic.RefundsApiService) (*refunddomestic.Refund, *core.APIResult, error) {
		return service.Create(ctx, sent)
	})
}

// QueryRefund asks for the refund with our number. KindNotFound: it was never asked for.
func (c *Client) QueryRefund(ctx context.Context, outRefundNo string) (Refund, error) {
	const operation = "query refund"
	if !outRefundNoPattern.MatchString(outRefundNo) {
		return Refund{}, notSent(operation, "out_refund_no")
	}
	return c.refunded(ctx, operation, func(ctx context.Context, service *refunddomestic.RefundsApiService) (*refunddomestic.Refund, *core.APIResult, error) {
		return service.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: &outRefundNo})
	})
}

func (c *Client) refunded(ctx context.Context, operation string,
	call func(context.Context, *refunddomestic.RefundsApiService) (*refunddomestic.Refund, *core.APIResult, error),
) (Refund, error) {
	var found Refund
	err := c.observed(ctx, operation, c.timeout, func(ctx context.Context) (*core.APIResult, error) {
		answer, result, err := call(ctx, &refunddomestic.RefundsApiService{Client: c.api})
		if err != nil {
			return result, err
		}
		found = Refund{
			RefundID: value(answer.RefundId), OutRefundNo: value(answer.OutRefundNo), TransactionID: value(answer.TransactionId), OutTradeNo: value(answer.OutTradeNo),
			Status: RefundStatus(value(answer.Status)), SuccessTime: value(answer.SuccessTime),
		}
		if a := answer.Amount; a != nil {
			found.Refund, found.Total = money.Fen(value(a.Refund)), money.Fen(value(a.Total))
			found.PayerRefund, found.PayerTotal = money.Fen(value(a.PayerRefund)), money.Fen(value(a.PayerTotal))
		}
		return result, found.check()
	})
	if err != nil {
		return Refund{}, err
	}
	return found, nil
}

// check refuses a refund that lacks what each must have, and brings its time into UTC.
func (r *Refund) check() error {
	if !r.SuccessTime.IsZero() {
		r.SuccessTime = r.SuccessTime.UTC()
	}
	if !short(r.MerchantID, r.RefundID, r.OutRefundNo, r.TransactionID, r.OutTradeNo, string(r.Status)) ||
		r.RefundID == "" || r.OutRefundNo == "" || r.TransactionID == "" || r.OutTradeNo == "" || r.Status == "" ||
		r.Refund < 1 || r.Total < r.Refund || r.PayerRefund < 0 || r.PayerTotal < 0 {
		return errShape
	}
	return nil
}
