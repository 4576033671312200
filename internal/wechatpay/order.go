package wechatpay

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"

	"dongxiao/internal/money"
)

// currency is the only one that the merchants of this program settle in.
const currency = "CNY"

// TradeState is where an order stands at WeChat Pay.
type TradeState string

// The states that orders of mini-programs have.
const (
	// TradeUnpaid (NOTPAY): it may still be paid.
	TradeUnpaid TradeState = "NOTPAY"
	// TradePaid (SUCCESS): the money is the merchant's.
	TradePaid TradeState = "SUCCESS"
	// TradeRefunded (REFUND): paid, and a refund was asked for since, of a part or of all; how much, only the refunds tell.
	TradeRefunded TradeState = "REFUND"
	// TradeClosed (CLOSED): it was not paid and cannot be any more.
	TradeClosed TradeState = "CLOSED"
)

// Paid reports whether the order was paid, refunded since or not.
func (s TradeState) Paid() bool { return s == TradePaid || s == TradeRefunded }

// PrepayRequest is an order to be paid in a mini-program. A repeat of the same order must have the same values.
type PrepayRequest struct {
	// AppID is the mini-program, bound to the merchant; OpenID the payer in it.
	AppID, OpenID string
	// Description is shown to the payer; 1 to 127 characters.
	Description string
	// OutTradeNo is our number of the order, unique for the merchant for ever: 6 to 32 letters, digits, - and _.
	OutTradeNo string
	// Total is the price, at least 1.
	Total money.Fen
	// ExpiresAt is until when it may be paid; zero means WeChat Pay's seven days. It is cut to seconds.
	ExpiresAt time.Time
	// NotifyURL is where WeChat Pay reports the payment: http(s), reachable without login, no query, up to 255 characters.
	NotifyURL string
	// Attach comes back in notices, queries and bills; up to 128 characters, may be empty.
	Attach string
	// PayerIP is the payer's address, which WeChat Pay's risk control likes to know; may be empty.
	PayerIP string
}

// PaymentParameters are what wx.requestPayment takes, signed with the merchant's key.
type PaymentParameters struct {
	// PrepayID is good for two hours; ask with the same request again for a fresh one.
	PrepayID string
	// AppID is signed but not passed to wx.requestPayment.
	AppID string
	// TimeStamp (seconds), NonceStr, Package, SignType and PaySign are passed as they are.
	TimeStamp, NonceStr, Package, SignType, PaySign string
}

// Transaction is an order as WeChat Pay knows it. Whoever applies one compares MerchantID, AppID, OutTradeNo, OpenID, Total and
// Currency with what was ordered: neither a signature nor an answer says that they fit.
type Transaction struct {
	// MerchantID and AppID say whose order it is.
	MerchantID, AppID string
	// OutTradeNo is our number of the order.
	OutTradeNo string
	// TransactionID is WeChat Pay's number of the payment; empty while unpaid.
	TransactionID string
	// State is where it stands.
	State TradeState
	// OpenID is who paid; empty while unpaid.
	OpenID string
	// Total is the price and PayerTotal what the payer paid after coupons of WeChat Pay; both 0 where an unpaid order does not tell.
	Total, PayerTotal money.Fen
	// Currency is that of Total.
	Currency string
	// SuccessTime is when it was paid; zero while unpaid.
	SuccessTime time.Time
	// Attach is what the order was made with.
	Attach string
}

var (
	outTradeNoPattern    = regexp.MustCompile(`^[0-9A-Za-z_-]{6,32}$`)
	transactionPattern   = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	outRefundNoPattern   = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	transactionIDPattern = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
)

const (
	longestDescription = 127
	longestAttach      = 128
	longestNotifyURL   = 255
)

// Prepay makes the order at WeChat Pay, or finds it again, and gives what the mini-program needs to ask the payer for the money.
// Errors to tell apart: KindPaid, KindClosed, KindNumberUsed (the order exists with other values); after KindUnknown repeat.
func (c *Client) Prepay(ctx context.Context, r PrepayRequest) (PaymentParameters, error) {
	const operation = "prepay"
	switch {
	case !outTradeNoPattern.MatchString(r.OutTradeNo):
		return PaymentParameters{}, notSent(operation, "out_trade_no")
	case r.Total < 1:
		return PaymentParameters{}, notSent(operation, "amount.total")
	case r.AppID == "" || r.OpenID == "":
		return PaymentParameters{}, notSent(operation, "payer")
	case !between(r.Description, 1, longestDescription) || !between(r.Attach, 0, longestAttach):
		return PaymentParameters{}, notSent(operation, "description")
	case !between(r.NotifyURL, 1, longestNotifyURL):
		return PaymentParameters{}, notSent(operation, "notify_url")
	}
	sent := jsapi.PrepayRequest{
		Appid: &r.AppID, Mchid: &c.merchantID, Description: &r.Description, OutTradeNo: &r.OutTradeNo, NotifyUrl: &r.NotifyURL,
		Amount: &jsapi.Amount{Total: core.Int64(int64(r.Total)), Currency: core.String(currency)},
		Payer:  &jsapi.Payer{Openid: &r.OpenID},
	}
	if !r.ExpiresAt.IsZero() {
		sent.TimeExpire = core.Time(r.ExpiresAt.In(Beijing).Truncate(time.Second))
	}
	if r.Attach != "" {
		sent.Attach = &r.Attach
	}
	if r.PayerIP != "" {
		sent.SceneInfo = &jsapi.SceneInfo{PayerClientIp: &r.PayerIP}
	}
	var parameters PaymentParameters
	err := c.observed(ctx, operation, c.timeout, func(ctx context.Context) (*core.APIResult, error) {
		service := jsapi.JsapiApiService{Client: c.api}
		answer, result, err := service.PrepayWithRequestPayment(ctx, sent)
		if err != nil {
			return result, err
		}
		parameters = PaymentParameters{
			PrepayID: *answer.PrepayId, AppID: *answer.Appid, TimeStamp: *answer.TimeStamp, NonceStr: *answer.NonceStr,
			Package: *answer.Package, SignType: *answer.SignType, PaySign: *answer.PaySign,
		}
		return result, nil
	})
	return parameters, err
}

// QueryOrder asks for the order with our number. KindNotFound: it was never made there.
func (c *Client) QueryOrder(ctx context.Context, outTradeNo string) (Transaction, error) {
	const operation = "query order"
	if !outTradeNoPattern.MatchString(outTradeNo) {
		return Transaction{}, notSent(operation, "out_trade_no")
	}
	return c.queried(ctx, operation, func(ctx context.Context, service *jsapi.JsapiApiService) (*payments.Transaction, *core.APIResult, error) {
		return service.QueryOrderByOutTradeNo(ctx, jsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: &outTradeNo, Mchid: &c.merchantID})
	})
}

// QueryTransaction asks for the payment with WeChat Pay's number; only paid orders have one.
func (c *Client) QueryTransaction(ctx context.Context, transactionID string) (Transaction, error) {
	const operation = "query transaction"
	if !transactionIDPattern.MatchString(transactionID) {
		return Transaction{}, notSent(operation, "transaction_id")
	}
	return c.queried(ctx, operation, func(ctx context.Context, service *jsapi.JsapiApiService) (*payments.Transaction, *core.APIResult, error) {
		return service.QueryOrderById(ctx, jsapi.QueryOrderByIdRequest{TransactionId: &transactionID, Mchid: &c.merchantID})
	})
}

func (c *Client) queried(ctx context.Context, operation string,
	query func(context.Context, *jsapi.JsapiApiService) (*payments.Transaction, *core.APIResult, error),
) (found Transaction, err error) {
	err = c.observed(ctx, operation, c.timeout, func(ctx context.Context) (*core.APIResult, error) {
		answer, result, err := query(ctx, &jsapi.JsapiApiService{Client: c.api})
		if err != nil {
			return result, err
		}
		found, err = readTransaction(answer)
		return result, err
	})
	return found, err
}

// CloseOrder ends the order, so that it cannot be paid any more; closing a closed one succeeds. KindPaid: the payer was faster; ask
// for the order. KindNotFound: it was never made there, or not yet: a prepay call under way may still make it.
func (c *Client) CloseOrder(ctx context.Context, outTradeNo string) error {
	const operation = "close order"
	if !outTradeNoPattern.MatchString(outTradeNo) {
		return notSent(operation, "out_trade_no")
	}
	return c.observed(ctx, operation, c.timeout, func(ctx context.Context) (*core.APIResult, error) {
		service := jsapi.JsapiApiService{Client: c.api}
		result, err := service.CloseOrder(ctx, jsapi.CloseOrderRequest{OutTradeNo: &outTradeNo, Mchid: &c.merchantID})
		if err == nil && result.Response.StatusCode != http.StatusNoContent {
			err = errShape
		}
		return result, err
	})
}

// errShape says that an answer or a notice lacks what it must have.
var errShape = errors.New("unknown shape")

// readTransaction takes what is needed out of the SDK's type, all of whose fields may be missing.
func readTransaction(t *payments.Transaction) (Transaction, error) {
	out := Transaction{
		MerchantID: value(t.Mchid), AppID: value(t.Appid), OutTradeNo: value(t.OutTradeNo), TransactionID: value(t.TransactionId),
		State: TradeState(value(t.TradeState)), Attach: value(t.Attach),
	}
	if t.Payer != nil {
		out.OpenID = value(t.Payer.Openid)
	}
	if t.Amount != nil {
		out.Total, out.PayerTotal, out.Currency = money.Fen(value(t.Amount.Total)), money.Fen(value(t.Amount.PayerTotal)), value(t.Amount.Currency)
	}
	var err error
	if out.SuccessTime, err = readTime(value(t.SuccessTime)); err != nil {
		return Transaction{}, err
	}
	if !short(out.MerchantID, out.AppID, out.OutTradeNo, out.TransactionID, string(out.State), out.OpenID, out.Currency) ||
		!between(out.Attach, 0, longestAttach) || out.OutTradeNo == "" || out.State == "" || out.Total < 0 || out.PayerTotal < 0 {
		return Transaction{}, errShape
	}
	if out.State.Paid() && (out.TransactionID == "" || out.Total == 0 || out.SuccessTime.IsZero()) {
		return Transaction{}, errShape
	}
	return out, nil
}

// readTime reads a time that may be missing, into UTC.
func readTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errShape
	}
	return at.UTC(), nil
}

// value is what p points to, or nothing.
func value[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

func between(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= least && n <= most && utf8.ValidString(text)
}

// short reports whether each text is as short as all of WeChat Pay's numbers and names are.
func short(texts ...string) bool {
	for _, text := range texts {
		if len(text) > 128 || !utf8.ValidString(text) {
			return false
		}
	}
	return true
}
