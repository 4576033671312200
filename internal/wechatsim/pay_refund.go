package wechatsim

import (
	"encoding/json"
	"time"
)

// States of a refund.
const (
	refundProcessing = "PROCESSING"
	refundSuccess    = "SUCCESS"
	refundClosed     = "CLOSED"
	refundAbnormal   = "ABNORMAL"
)

const (
	mostRefunds    = 50
	refundGap      = time.Minute
	refundDeadline = 365 * 24 * time.Hour
)

// refundRequest is the body of POST /v3/refund/domestic/refunds.
type refundRequest struct {
	TransactionID string `json:"transaction_id"`
	OutTradeNo    string `json:"out_trade_no"`
	OutRefundNo   string `json:"out_refund_no"`
	Reason        string `json:"reason"`
	NotifyURL     string `json:"notify_url"`
	FundsAccount  string `json:"funds_account"`
	Amount        struct {
		Refund   int64  `json:"refund"`
		Total    int64  `json:"total"`
		Currency string `json:"currency"`
		From     []struct {
			Account string `json:"account"`
			Amount  int64  `json:"amount"`
		} `json:"from"`
	} `json:"amount"`
	GoodsDetail []struct {
		MerchantGoodsID  string `json:"merchant_goods_id"`
		WechatpayGoodsID string `json:"wechatpay_goods_id"`
		GoodsName        string `json:"goods_name"`
		UnitPrice        int64  `json:"unit_price"`
		RefundAmount     int64  `json:"refund_amount"`
		RefundQuantity   int64  `json:"refund_quantity"`
	} `json:"goods_detail"`
}

// payRefund is a refund with what happened to it.
type payRefund struct {
	order     *payOrder
	request   refundRequest
	canonical string
	id        string
	status    string
	madeAt    time.Time
	endedAt   time.Time
	// frozen is the part that came out of the order's frozen money.
	frozen int64
}

// refundOrder is POST /v3/refund/domestic/refunds.
func (s *Simulator) refundOrder(c *payCall) payReply {
	var r refundRequest
	if refusal, ok := decodePay(c, &r); !ok {
		return refusal
	}
	c.entry.OutTradeNo, c.entry.OutRefundNo = r.OutTradeNo, r.OutRefundNo
	switch {
	case !outRefundNoPattern.MatchString(r.OutRefundNo):
		return refusePay(c, problemParameter, "out_refund_no 应为1到64个字符")
	case (r.TransactionID == "") == (r.OutTradeNo == ""):
		return refusePay(c, problemParameter, "transaction_id 和 out_trade_no 二选一")
	case !characters(r.Reason, 0, 80):
		return refusePay(c, problemParameter, "reason 过长")
	case r.NotifyURL != "" && !notifiable(r.NotifyURL, 256):
		return refusePay(c, problemParameter, "notify_url 应为不带参数的 http(s) 地址")
	case r.Amount.Refund < 1 || r.Amount.Currency != "CNY":
		return refusePay(c, problemParameter, "amount 有误")
	case r.FundsAccount != "" && r.FundsAccount != "AVAILABLE" && r.FundsAccount != "UNSETTLED":
		return refusePay(c, problemParameter, "funds_account 有误")
	}
	o := c.merchant.orders[r.OutTradeNo]
	if r.TransactionID != "" {
		if o = s.paying.transactions[r.TransactionID]; o != nil && o.merchant != c.merchant {
			o = nil
		}
	}
	if o == nil || o.transactionID == "" {
		return refusePay(c, problemNoResource, "订单不存在或未支付")
	}
	c.entry.OutTradeNo = o.request.OutTradeNo
	r.TransactionID, r.OutTradeNo = o.transactionID, o.request.OutTradeNo
	canonical, err := json.Marshal(r)
	if err != nil {
		return refusePay(c, problemParameter, "参数错误")
	}
	if known := c.merchant.refunds[r.OutRefundNo]; known != nil {
		if known.canonical != string(canonical) {
			return refusePay(c, problemRequest, "退款单号已使用，且参数与首次请求时不一致")
		}
		return payAnswer(known.answer())
	}
	if refusal, ok := s.checkRefund(c, o, r); !ok {
		return refusal
	}
	refund := &payRefund{order: o, request: r, canonical: string(canonical), id: s.digits("5030", 28), status: refundProcessing, madeAt: s.now()}
	refund.frozen = min(o.frozen, r.Amount.Refund)
	o.frozen -= refund.frozen
	c.merchant.move(accountFrozen, accountRefunding, refund.frozen)
	c.merchant.move(accountAvailable, accountRefunding, r.Amount.Refund-refund.frozen)
	o.state = tradeRefunded
	o.refunds = append(o.refunds, refund)
	c.merchant.refunds[r.OutRefundNo] = refund
	accepted := payAnswer(refund.answer())
	if c.merchant.RefundResult != refundProcessing {
		status := c.merchant.RefundResult
		s.after(time.Duration(c.merchant.RefundMilliseconds)*time.Millisecond, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if refund.status == refundProcessing {
				s.settle(refund, status)
			}
		})
	}
	return accepted
}

// checkRefund refuses what breaks a rule of refunds of the order.
func (s *Simulator) checkRefund(c *payCall, o *payOrder, r refundRequest) (payReply, bool) {
	no := func(problem payProblem, message string) (payReply, bool) {
		return refusePay(c, problem, message), false
	}
	var sum int64
	var count int
	var last time.Time
	for _, other := range o.refunds {
		if other.status != refundClosed {
			sum += other.request.Amount.Refund
			count++
		}
		last = other.madeAt
	}
	switch {
	case r.Amount.Total != o.paid:
		return no(problemParameter, "订单金额与原订单不一致")
	case r.Amount.Refund > o.paid-sum:
		return no(problemRequest, "累计退款金额超过订单金额")
	case s.now().Sub(o.paidAt) > refundDeadline:
		return no(problemRequest, "订单已经超过可退款的最大期限")
	case count >= mostRefunds:
		return no(problemRule, "部分退款次数超过限制")
	case !c.merchant.AnyRefundGap && !last.IsZero() && s.now().Sub(last) < refundGap:
		return no(problemFrequent, "同一订单的部分退款请间隔1分钟")
	case r.Amount.Refund-min(o.frozen, r.Amount.Refund) > c.merchant.accounts[accountAvailable]:
		return no(problemNotEnough, "可用余额不足")
	}
	return payReply{}, true
}

// queryRefund is GET /v3/refund/domestic/refunds/{out_refund_no}.
func (s *Simulator) queryRefund(c *payCall) payReply {
	c.entry.OutRefundNo = c.PathValue("out_refund_no")
	r := c.merchant.refunds[c.entry.OutRefundNo]
	if r == nil {
		return refusePay(c, problemNoResource, "退款单不存在")
	}
	c.entry.OutTradeNo = r.request.OutTradeNo
	return payAnswer(r.answer())
}

// answer is the refund as the API tells it; notices call the status refund_status.
func (r *payRefund) answer() map[string]any {
	fields := map[string]any{
		"refund_id": r.id, "out_refund_no": r.request.OutRefundNo, "transaction_id": r.order.transactionID, "out_trade_no": r.order.request.OutTradeNo,
		"channel": "ORIGINAL", "user_received_account": "支付用户零钱", "create_time": payTime(r.madeAt), "status": r.status, "funds_account": "AVAILABLE",
		"amount": map[string]any{
			"total": r.order.paid, "refund": r.request.Amount.Refund, "from": []any{}, "payer_total": r.order.paid, "payer_refund": r.request.Amount.Refund,
			"settlement_total": r.order.paid, "settlement_refund": r.request.Amount.Refund, "discount_refund": 0, "currency": "CNY",
		},
		"promotion_detail": []any{},
	}
	if r.status == refundSuccess {
		fields["success_time"] = payTime(r.endedAt)
	}
	return fields
}

// settle ends a refund, or revives an abnormal one, and reports it. The caller holds the lock.
func (s *Simulator) settle(r *payRefund, status string) {
	m, amount := r.order.merchant, r.request.Amount.Refund
	r.status, r.endedAt = status, s.now()
	switch status {
	case refundSuccess:
		m.move(accountRefunding, accountPayers, amount)
		m.refunded += amount
	case refundClosed:
		m.move(accountRefunding, accountFrozen, r.frozen)
		m.move(accountRefunding, accountAvailable, amount-r.frozen)
		r.order.frozen += r.frozen
		r.frozen = 0
	}
	if r.request.NotifyURL == "" {
		return
	}
	content := map[string]any{
		"mchid": m.MerchantID, "out_trade_no": r.order.request.OutTradeNo, "transaction_id": r.order.transactionID, "out_refund_no": r.request.OutRefundNo,
		"refund_id": r.id, "refund_status": status, "user_received_account": "支付用户零钱",
		"amount": map[string]any{"total": r.order.paid, "refund": amount, "payer_total": r.order.paid, "payer_refund": amount},
	}
	if status == refundSuccess {
		content["success_time"] = payTime(r.endedAt)
	}
	s.report(&payNotice{
		merchant: m, url: r.request.NotifyURL, eventType: "REFUND." + status, originalType: "refund",
		summary: map[string]string{refundSuccess: "退款成功", refundAbnormal: "退款异常", refundClosed: "退款关闭"}[status],
		number:  r.request.OutRefundNo, content: content,
	})
}
