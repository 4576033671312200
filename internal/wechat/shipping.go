package wechat

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"
)

// What a mini-program sells is paid for through WeChat Pay, and the money stays frozen until the app has told WeChat that the goods
// are on their way (小程序发货信息管理). Codes of these calls that callers may want to tell apart with HasCode.
const (
	// CodePaymentUnknown: WeChat knows no such payment of this app, or not yet: it may take some seconds after paying.
	CodePaymentUnknown = 10060001
	// CodeReshipped: the payment's shipping was told twice already; no more is possible and the money is not frozen. Final.
	CodeReshipped = 10060003
	// CodeNotShippable: the payment is refunded or closed. Final.
	CodeNotShippable = 10060004
	// CodePayerDiffers: the payment is another user's. Final.
	CodePayerDiffers = 10060031

	codeShippingUnchanged = 10060023
)

// Logistics is how the buyer gets what was paid for.
type Logistics int

// The ways that WeChat knows.
const (
	LogisticsExpress Logistics = 1 + iota
	LogisticsCity
	// LogisticsVirtual is for what needs no transport, such as a top-up.
	LogisticsVirtual
	LogisticsPickUp
)

// Shipping tells that all of a payment is on its way, in one parcel.
type Shipping struct {
	// TransactionID is WeChat Pay's number of the payment, OpenID its payer in the app.
	TransactionID, OpenID string
	Logistics             Logistics
	// Description is what was bought, shown to the payer; it is shortened to 120 characters.
	Description string
	// ExpressCompany (WeChat's code, such as SF) and TrackingNumber are needed for LogisticsExpress.
	ExpressCompany, TrackingNumber string
	// At orders the uploads of a payment: the same or an older one changes nothing. Take the time of the event, not of the call, and a
	// repeated upload is harmless; a payment's shipping can be changed only once.
	At time.Time
}

const longestItem = 120

// UploadShipping tells WeChat that the goods are on their way, which unfreezes the money. A repeat of the same upload succeeds.
func (c *Client) UploadShipping(ctx context.Context, app App, s Shipping) error {
	description := s.Description
	if utf8.RuneCountInString(description) > longestItem {
		description = string([]rune(description)[:longestItem-1]) + "…"
	}
	item := map[string]any{"item_desc": description}
	if s.Logistics == LogisticsExpress {
		item["express_company"], item["tracking_no"] = s.ExpressCompany, s.TrackingNumber
	}
	const unified = 1
	body := map[string]any{
		"order_key":      map[string]any{"order_number_type": 2, "transaction_id": s.TransactionID},
		"logistics_type": s.Logistics, "delivery_mode": unified, "shipping_list": []any{item}, "upload_time": s.At.Format(rfc3339Milliseconds),
		"payer": map[string]any{"openid": s.OpenID},
	}
	return c.observed(ctx, app, "upload_shipping_info", func(ctx context.Context) error {
		err := c.withToken(ctx, app, request{method: http.MethodPost, path: "/wxa/sec/order/upload_shipping_info", body: body}, into(nil))
		if HasCode(err, codeShippingUnchanged) {
			return nil
		}
		return err
	})
}

const rfc3339Milliseconds = "2006-01-02T15:04:05.000Z07:00"

// ShippingState is where a payment stands in WeChat's trade management.
type ShippingState int

// The states of a payment.
const (
	ShippingAwaited ShippingState = 1 + iota
	ShippingTold
	ShippingReceived
	ShippingFinished
	ShippingRefunded
	// ShippingUnsettled says that the money is on its way to the merchant.
	ShippingUnsettled
)

// ShippingOf asks where the payment stands. CodePaymentUnknown: it is none of this app's.
func (c *Client) ShippingOf(ctx context.Context, app App, transactionID string) (ShippingState, error) {
	var found struct {
		Order struct {
			State ShippingState `json:"order_state"`
		} `json:"order"`
	}
	err := c.observed(ctx, app, "get_order", func(ctx context.Context) error {
		body := map[string]string{"transaction_id": transactionID}
		if err := c.withToken(ctx, app, request{method: http.MethodPost, path: "/wxa/sec/order/get_order", body: body}, into(&found)); err != nil {
			return err
		}
		if found.Order.State < ShippingAwaited {
			return unavailable("the answer has no state", nil)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return found.Order.State, nil
}

// TradeManaged tells whether the app is under trade management, so that payments in it are frozen until UploadShipping.
func (c *Client) TradeManaged(ctx context.Context, app App) (bool, error) {
	var found struct {
		Managed *bool `json:"is_trade_managed"`
	}
	err := c.observed(ctx, app, "is_trade_managed", func(ctx context.Context) error {
		body := map[string]string{"appid": app.AppID}
		if err := c.withToken(ctx, app, request{method: http.MethodPost, path: "/wxa/sec/order/is_trade_managed", body: body}, into(&found)); err != nil {
			return err
		}
		if found.Managed == nil {
			return unavailable("the answer does not tell", nil)
		}
		return nil
	})
	return err == nil && *found.Managed, err
}
