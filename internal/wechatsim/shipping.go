package wechatsim

import (
	"strings"
	"time"
)

// shippingRequest is the body of POST /wxa/sec/order/upload_shipping_info.
type shippingRequest struct {
	OrderKey struct {
		OrderNumberType int    `json:"order_number_type"`
		TransactionID   string `json:"transaction_id"`
		MerchantID      string `json:"mchid"`
		OutTradeNo      string `json:"out_trade_no"`
	} `json:"order_key"`
	LogisticsType  int            `json:"logistics_type"`
	DeliveryMode   int            `json:"delivery_mode"`
	IsAllDelivered *bool          `json:"is_all_delivered"`
	ShippingList   []shippingItem `json:"shipping_list"`
	UploadTime     string         `json:"upload_time"`
	Payer          struct {
		OpenID string `json:"openid"`
	} `json:"payer"`
}

type shippingItem struct {
	TrackingNo     string `json:"tracking_no"`
	ExpressCompany string `json:"express_company"`
	ItemDesc       string `json:"item_desc"`
	Contact        *struct {
		ConsignorContact string `json:"consignor_contact"`
		ReceiverContact  string `json:"receiver_contact"`
	} `json:"contact"`
}

const (
	logisticsExpress = 1
	deliveryUnified  = 1
	deliverySplit    = 2
	mostParcels      = 15
)

// uploadShipping is POST /wxa/sec/order/upload_shipping_info (发货信息录入). What it tells is sent unfreezes what was paid.
func (s *Simulator) uploadShipping(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var r shippingRequest
	if refusal, ok := s.decode(c, &r); !ok {
		return refusal
	}
	if refusal, ok := s.checkShipping(r); !ok {
		return refusal
	}
	uploadedAt, err := time.Parse(time.RFC3339, r.UploadTime)
	if err != nil {
		return s.refuse(268485216, "上传时间非法，请按照 RFC 3339 格式填写")
	}
	o := s.shippedOrder(c, r.OrderKey.OrderNumberType == 2, r.OrderKey.TransactionID, r.OrderKey.MerchantID, r.OrderKey.OutTradeNo)
	switch {
	case o == nil:
		return s.refuse(10060001, "支付单不存在")
	case o.request.Payer.OpenID != r.Payer.OpenID:
		return s.refuse(10060031, "该笔支付单不属于 openid 所指定的用户")
	case o.refundedWhole():
		return s.refuse(10060004, "支付单处于不可发货的状态")
	case o.shipments > 0 && !uploadedAt.After(o.uploadedAt):
		return s.refuse(10060023, "发货信息未更新")
	}
	again := o.shippedAll || o.shipments > 0 && (o.shipping.DeliveryMode != r.DeliveryMode || o.shipping.LogisticsType != r.LogisticsType)
	if again && o.reshipped {
		return s.refuse(10060003, "支付单已使用重新发货机会")
	}
	o.reshipped = o.reshipped || again
	o.shipments++
	o.shipping, o.uploadedAt = r, uploadedAt
	if r.DeliveryMode == deliveryUnified || *r.IsAllDelivered {
		o.shippedAll = true
		o.merchant.move(accountFrozen, accountAvailable, o.frozen)
		o.frozen = 0
	}
	out := answer(map[string]any{"errcode": 0, "errmsg": "ok"})
	out.about = r.Payer.OpenID
	return out
}

// checkShipping refuses what is wrong about the request alone.
func (s *Simulator) checkShipping(r shippingRequest) (reply, bool) {
	no := func(code int, message string) (reply, bool) { return s.refuse(code, message), false }
	switch {
	case r.OrderKey.OrderNumberType != 1 && r.OrderKey.OrderNumberType != 2:
		return no(268485194, "订单单号类型非法")
	case r.OrderKey.OrderNumberType == 2 && r.OrderKey.TransactionID == "":
		return no(268485195, "微信支付单号形式下 transaction_id 字段不能为空")
	case r.OrderKey.OrderNumberType == 1 && r.OrderKey.MerchantID == "":
		return no(268485196, "商户侧单号形式下 mchid 字段不能为空")
	case r.OrderKey.OrderNumberType == 1 && r.OrderKey.OutTradeNo == "":
		return no(268485197, "商户侧单号形式下 out_trade_no 字段不能为空")
	case r.LogisticsType < logisticsExpress || r.LogisticsType > 4:
		return no(10060005, "物流类型有误")
	case r.DeliveryMode != deliveryUnified && r.DeliveryMode != deliverySplit:
		return no(268485224, "发货模式非法")
	case r.DeliveryMode == deliverySplit && r.LogisticsType != logisticsExpress:
		return no(10060006, "非快递发货时不允许分拆发货")
	case r.DeliveryMode == deliverySplit && r.IsAllDelivered == nil:
		return no(10060007, "分拆发货模式下必须填写 is_all_delivered 字段")
	case len(r.ShippingList) > mostParcels:
		return no(10060024, "物流信息列表太长")
	case r.DeliveryMode == deliveryUnified && len(r.ShippingList) != 1:
		return no(268485228, "统一发货模式下，物流信息列表长度必须为 1")
	case len(r.ShippingList) == 0:
		return no(10060014, "参数错误")
	}
	for _, item := range r.ShippingList {
		switch {
		case item.ItemDesc == "":
			return no(10060008, "商品描述 item_desc 字段不能为空")
		case !characters(item.ItemDesc, 1, 120):
			return no(10060009, "商品描述 item_desc 字段太长")
		case len(item.ExpressCompany) > 128:
			return no(10060025, "物流公司编码太长")
		case len(item.TrackingNo) > 128:
			return no(10060026, "物流单号太长")
		case r.LogisticsType == logisticsExpress && item.TrackingNo == "":
			return no(268485226, "物流单号不能为空")
		case r.LogisticsType == logisticsExpress && item.ExpressCompany == "":
			return no(268485227, "物流公司编码不能为空")
		}
	}
	return reply{}, true
}

// shippedOrder finds a paid order of the calling app.
func (s *Simulator) shippedOrder(c *call, byTransaction bool, transactionID, merchantID, outTradeNo string) *payOrder {
	var o *payOrder
	if byTransaction {
		o = s.paying.transactions[transactionID]
	} else if m := s.paying.merchants[merchantID]; m != nil {
		o = m.orders[outTradeNo]
	}
	if o == nil || o.transactionID == "" || o.request.AppID != c.app.AppID {
		return nil
	}
	return o
}

func (o *payOrder) refundedWhole() bool {
	var sum int64
	for _, r := range o.refunds {
		if r.status != refundClosed {
			sum += r.request.Amount.Refund
		}
	}
	return sum == o.paid
}

// shippingState is POST /wxa/sec/order/get_order (查询订单发货状态).
func (s *Simulator) shippingState(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var r struct {
		TransactionID   string `json:"transaction_id"`
		MerchantID      string `json:"merchant_id"`
		SubMerchantID   string `json:"sub_merchant_id"`
		MerchantTradeNo string `json:"merchant_trade_no"`
	}
	if refusal, ok := s.decode(c, &r); !ok {
		return refusal
	}
	o := s.shippedOrder(c, r.TransactionID != "", r.TransactionID, r.MerchantID, r.MerchantTradeNo)
	if o == nil {
		return s.refuse(10060001, "支付单不存在")
	}
	state := 1
	switch {
	case o.refundedWhole():
		state = 5
	case o.shippedAll:
		state = 2
	}
	finished := 0
	if o.shippedAll {
		finished = 1
		if o.reshipped {
			finished = 2
		}
	}
	list, descriptions := []any{}, []string{}
	for _, item := range o.shipping.ShippingList {
		descriptions = append(descriptions, item.ItemDesc)
		list = append(list, map[string]any{
			"tracking_no": item.TrackingNo, "express_company": item.ExpressCompany, "goods_desc": item.ItemDesc, "upload_time": o.uploadedAt.Unix(),
		})
	}
	return answer(map[string]any{"errcode": 0, "errmsg": "ok", "order": map[string]any{
		"transaction_id": o.transactionID, "merchant_id": o.request.MerchantID, "sub_merchant_id": "", "merchant_trade_no": o.request.OutTradeNo,
		"description": strings.Join(descriptions, ";"), "paid_amount": o.paid, "openid": o.request.Payer.OpenID, "trade_create_time": o.madeAt.Unix(),
		"pay_time": o.paidAt.Unix(), "in_complaint": false, "order_state": state,
		"shipping": map[string]any{
			"delivery_mode": o.shipping.DeliveryMode, "logistics_type": o.shipping.LogisticsType, "finish_shipping": o.shippedAll, "finish_shipping_count": finished,
			"goods_desc": strings.Join(descriptions, ";"), "shipping_list": list,
		},
	}})
}

// tradeManaged is POST /wxa/sec/order/is_trade_managed: an app is, once it is bound to a merchant whose payments are frozen.
func (s *Simulator) tradeManaged(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var r struct {
		AppID string `json:"appid"`
	}
	if refusal, ok := s.decode(c, &r); !ok {
		return refusal
	}
	switch r.AppID {
	case "":
		return s.refuse(40097, "invalid args: appid")
	case c.app.AppID:
	default:
		return s.refuse(40013, "invalid appid")
	}
	managed := false
	for _, m := range s.paying.merchants {
		for _, bound := range m.AppIDs {
			managed = managed || bound == r.AppID && !m.Unfrozen
		}
	}
	return answer(map[string]any{"errcode": 0, "errmsg": "ok", "is_trade_managed": managed})
}
