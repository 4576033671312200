package wechatsim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"
)

// States of an order.
const (
	tradeUnpaid   = "NOTPAY"
	tradePaid     = "SUCCESS"
	tradeRefunded = "REFUND"
	tradeClosed   = "CLOSED"
)

const (
	prepayLife   = 2 * time.Hour
	orderLife    = 7 * 24 * time.Hour
	leastLife    = time.Minute
	longestLife  = 90 * 24 * time.Hour
	longestTotal = 100_000_000_00
)

// prepayRequest is the body of POST /v3/pay/transactions/jsapi.
type prepayRequest struct {
	AppID         string `json:"appid"`
	MerchantID    string `json:"mchid"`
	Description   string `json:"description"`
	OutTradeNo    string `json:"out_trade_no"`
	TimeExpire    string `json:"time_expire"`
	Attach        string `json:"attach"`
	NotifyURL     string `json:"notify_url"`
	GoodsTag      string `json:"goods_tag"`
	SupportFapiao bool   `json:"support_fapiao"`
	Amount        struct {
		Total    int64  `json:"total"`
		Currency string `json:"currency"`
	} `json:"amount"`
	Payer struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
	Detail *struct {
		CostPrice   int64  `json:"cost_price"`
		InvoiceID   string `json:"invoice_id"`
		GoodsDetail []struct {
			MerchantGoodsID  string `json:"merchant_goods_id"`
			WechatpayGoodsID string `json:"wechatpay_goods_id"`
			GoodsName        string `json:"goods_name"`
			Quantity         int64  `json:"quantity"`
			UnitPrice        int64  `json:"unit_price"`
		} `json:"goods_detail"`
	} `json:"detail"`
	SceneInfo *struct {
		PayerClientIP string `json:"payer_client_ip"`
		DeviceID      string `json:"device_id"`
		StoreInfo     *struct {
			ID       string `json:"id"`
			Name     string `json:"name"`
			AreaCode string `json:"area_code"`
			Address  string `json:"address"`
		} `json:"store_info"`
	} `json:"scene_info"`
	SettleInfo *struct {
		ProfitSharing bool `json:"profit_sharing"`
	} `json:"settle_info"`
}

// payOrder is an order with what happened to it.
type payOrder struct {
	merchant *payMerchant
	request  prepayRequest
	// canonical is the request as JSON; a repeat must be equal.
	canonical string
	state     string
	madeAt    time.Time
	expiresAt time.Time

	transactionID string
	paidAt        time.Time
	// paid is the amount that was paid, which is the request's unless a test made it otherwise; frozen is what of it awaits shipping.
	paid, frozen int64
	refunds      []*payRefund

	shipments  int
	shippedAll bool
	reshipped  bool
	uploadedAt time.Time
	shipping   shippingRequest
}

// prepaid is a prepay_id.
type prepaid struct {
	order     *payOrder
	expiresAt time.Time
}

// prepay is POST /v3/pay/transactions/jsapi.
func (s *Simulator) prepay(c *payCall) payReply {
	var r prepayRequest
	if refusal, ok := decodePay(c, &r); !ok {
		return refusal
	}
	c.entry.OutTradeNo = r.OutTradeNo
	if refusal, ok := s.checkPrepay(c, r); !ok {
		return refusal
	}
	canonical, err := json.Marshal(r)
	if err != nil {
		return refusePay(c, problemParameter, "参数错误")
	}
	o := c.merchant.orders[r.OutTradeNo]
	if o == nil {
		o = &payOrder{merchant: c.merchant, request: r, canonical: string(canonical), state: tradeUnpaid, madeAt: s.now(), expiresAt: s.now().Add(orderLife)}
		if r.TimeExpire != "" {
			at, err := time.Parse(time.RFC3339, r.TimeExpire)
			if err != nil || !at.After(s.now()) {
				return refusePay(c, problemParameter, "time_expire 不是将来的 RFC3339 时间")
			}
			o.expiresAt = s.now().Add(min(max(at.Sub(s.now()), leastLife), longestLife))
		}
		c.merchant.orders[r.OutTradeNo] = o
	}
	s.lapse(o)
	switch {
	case o.state == tradePaid || o.state == tradeRefunded:
		return refusePay(c, problemPaid, "该订单已支付")
	case o.state == tradeClosed:
		return refusePay(c, problemClosed, "该订单已关闭")
	case o.canonical != string(canonical):
		return refusePay(c, problemReentry, "请求重入时，参数与首次请求时不一致")
	}
	id := "wx" + s.now().In(china).Format("20060102150405") + s.draw(20, hexDigits)
	s.paying.prepays[id] = prepaid{o, s.now().Add(prepayLife)}
	return payAnswer(map[string]any{"prepay_id": id})
}

// checkPrepay refuses what WeChat Pay refuses about a request alone.
func (s *Simulator) checkPrepay(c *payCall, r prepayRequest) (payReply, bool) {
	no := func(problem payProblem, message string) (payReply, bool) {
		return refusePay(c, problem, message), false
	}
	app := s.apps[r.AppID]
	switch {
	case r.MerchantID != c.merchant.MerchantID:
		return no(problemRights, "商户号与签名的商户号不一致")
	case app == nil || !slices.Contains(c.merchant.AppIDs, r.AppID):
		return no(problemApp, "appid和mch_id不匹配")
	case app.users[r.Payer.OpenID] == nil:
		return no(problemOpenID, "无效的openid")
	case !outTradeNoPattern.MatchString(r.OutTradeNo):
		return no(problemParameter, "out_trade_no 应为6到32个字符")
	case !characters(r.Description, 1, 127), !characters(r.Attach, 0, 128), !characters(r.GoodsTag, 0, 32):
		return no(problemParameter, "description、attach 或 goods_tag 过长")
	case r.Amount.Total < 1 || r.Amount.Total > longestTotal:
		return no(problemParameter, "amount.total 应为不小于1的整数")
	case r.Amount.Currency != "" && r.Amount.Currency != "CNY":
		return no(problemParameter, "amount.currency 只支持CNY")
	case !notifiable(r.NotifyURL, 255):
		return no(problemParameter, "notify_url 应为不带参数的 http(s) 地址")
	case r.SceneInfo != nil && (r.SceneInfo.PayerClientIP == "" || len(r.SceneInfo.PayerClientIP) > 45):
		return no(problemParameter, "scene_info.payer_client_ip 有误")
	}
	return payReply{}, true
}

func characters(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= least && n <= most && utf8.ValidString(text)
}

// notifiable says whether WeChat Pay would take an address for notices.
func notifiable(address string, longest int) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= longest && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}

// lapse closes an unpaid order whose time is over.
func (s *Simulator) lapse(o *payOrder) {
	if o.state == tradeUnpaid && !s.now().Before(o.expiresAt) {
		o.state = tradeClosed
	}
}

// queryOrder is GET /v3/pay/transactions/out-trade-no/{out_trade_no}.
func (s *Simulator) queryOrder(c *payCall) payReply {
	c.entry.OutTradeNo = c.PathValue("out_trade_no")
	return s.queried(c, c.merchant.orders[c.entry.OutTradeNo])
}

// queryTransaction is GET /v3/pay/transactions/id/{transaction_id}.
func (s *Simulator) queryTransaction(c *payCall) payReply {
	o := s.paying.transactions[c.PathValue("transaction_id")]
	if o != nil && o.merchant != c.merchant {
		o = nil
	}
	if o != nil {
		c.entry.OutTradeNo = o.request.OutTradeNo
	}
	return s.queried(c, o)
}

func (s *Simulator) queried(c *payCall, o *payOrder) payReply {
	query := c.URL.Query()
	if len(query) != 1 || query.Get("mchid") != c.merchant.MerchantID {
		return refusePay(c, problemParameter, "mchid 与签名的商户号不一致")
	}
	if o == nil {
		return refusePay(c, problemNoOrder, "订单不存在")
	}
	s.lapse(o)
	return payAnswer(o.transaction())
}

// transaction is the order as queries and notices tell it.
func (o *payOrder) transaction() map[string]any {
	fields := map[string]any{
		"appid": o.request.AppID, "mchid": o.request.MerchantID, "out_trade_no": o.request.OutTradeNo, "attach": o.request.Attach,
		"trade_state": o.state, "promotion_detail": []any{},
	}
	if o.transactionID == "" {
		fields["trade_state_desc"] = map[string]string{tradeUnpaid: "订单未支付", tradeClosed: "订单已关闭"}[o.state]
		fields["amount"] = map[string]any{"total": o.request.Amount.Total, "payer_currency": "CNY"}
		fields["payer"] = map[string]any{}
		return fields
	}
	fields["trade_state_desc"] = map[string]string{tradePaid: "支付成功", tradeRefunded: "订单发生过退款，退款详情请查询退款单"}[o.state]
	fields["trade_type"], fields["bank_type"] = "JSAPI", "OTHERS"
	fields["transaction_id"], fields["success_time"] = o.transactionID, payTime(o.paidAt)
	fields["payer"] = map[string]any{"openid": o.request.Payer.OpenID}
	fields["amount"] = map[string]any{"total": o.paid, "payer_total": o.paid, "currency": "CNY", "payer_currency": "CNY"}
	return fields
}

// closeOrder is POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close.
func (s *Simulator) closeOrder(c *payCall) payReply {
	c.entry.OutTradeNo = c.PathValue("out_trade_no")
	var r struct {
		MerchantID string `json:"mchid"`
	}
	if refusal, ok := decodePay(c, &r); !ok {
		return refusal
	}
	if r.MerchantID != c.merchant.MerchantID {
		return refusePay(c, problemRights, "商户号与签名的商户号不一致")
	}
	o := c.merchant.orders[c.entry.OutTradeNo]
	if o == nil {
		return refusePay(c, problemNoOrder, "订单不存在")
	}
	s.lapse(o)
	switch {
	case o.state == tradePaid || o.state == tradeRefunded:
		return refusePay(c, problemPaid, "该订单已支付")
	case o.state == tradeUnpaid && s.now().Sub(o.madeAt) < time.Duration(c.merchant.CloseAfterSeconds)*time.Second:
		return refusePay(c, problemRequest, "订单生成后不能马上调用关单接口")
	}
	o.state = tradeClosed
	return payReply{status: http.StatusNoContent}
}

// capture pays an order and reports it. The caller has checked that it may be paid.
func (s *Simulator) capture(o *payOrder, amount int64) {
	o.state, o.transactionID, o.paidAt, o.paid = tradePaid, s.digits("4200", 28), s.now(), amount
	s.paying.transactions[o.transactionID] = o
	m := o.merchant
	m.captured += amount
	if m.Unfrozen {
		m.move(accountPayers, accountAvailable, amount)
	} else {
		m.move(accountPayers, accountFrozen, amount)
		o.frozen = amount
	}
	s.report(&payNotice{
		merchant: m, url: o.request.NotifyURL, eventType: "TRANSACTION.SUCCESS", originalType: "transaction", summary: "支付成功",
		number: o.request.OutTradeNo, content: o.transaction(),
	})
}
