package wechatsim

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the digest that WeChat Pay gives of a bill
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	billLife = 5 * time.Minute
	// billHour is when, in the morning after, the bill of a day can be had.
	billHour = 10
)

// BillChange makes bills differ from the books, so that a reconciliation has something to find.
type BillChange struct {
	MerchantID string `json:"mchid"`
	// Number is the out_trade_no, or the out_refund_no of a refund.
	Number string `json:"number"`
	// Omit leaves the row out; otherwise Amount replaces the order's total, or the refund's amount, in fen.
	Omit   bool  `json:"omit,omitempty"`
	Amount int64 `json:"amount,omitempty"`
}

type payBill struct {
	merchant  *payMerchant
	text      []byte
	expiresAt time.Time
}

var (
	billCommon  = []string{"交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额"}
	billRefund  = []string{"微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"}
	billColumns = map[string][]string{
		"ALL":     slices.Concat(billCommon, billRefund, []string{"商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注"}),
		"SUCCESS": slices.Concat(billCommon, []string{"商品名称", "商户数据包", "手续费", "费率", "订单金额", "费率备注"}),
		"REFUND":  slices.Concat(billCommon, []string{"退款申请时间", "退款成功时间"}, billRefund, []string{"商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注"}),
	}
	billSums = []string{"总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额", "申请退款总金额"}
)

// makeBill is GET /v3/bill/tradebill.
func (s *Simulator) makeBill(c *payCall) payReply {
	query := c.URL.Query()
	kind := query.Get("bill_type")
	if kind == "" {
		kind = "ALL"
	}
	day, err := time.ParseInLocation(time.DateOnly, query.Get("bill_date"), china)
	for name := range query {
		if name != "bill_date" && name != "bill_type" {
			return refusePay(c, problemParameter, "未知参数 "+name)
		}
	}
	if err != nil || billColumns[kind] == nil {
		return refusePay(c, problemParameter, "bill_date 或 bill_type 有误")
	}
	if s.now().Before(day.Add(24*time.Hour + billHour*time.Hour)) {
		return refusePay(c, problemBillEarly, "账单生成中")
	}
	text, rows := s.billText(c.merchant, day, kind)
	if rows == 0 {
		return refusePay(c, problemNoBill, "账单文件不存在")
	}
	for token, bill := range s.paying.bills {
		if s.now().After(bill.expiresAt) {
			delete(s.paying.bills, token)
		}
	}
	token := s.draw(40, base62)
	s.paying.bills[token] = payBill{c.merchant, text, s.now().Add(billLife)}
	digest := sha1.Sum(text) //nolint:gosec // see import
	return payAnswer(map[string]any{
		"hash_type": "SHA1", "hash_value": hex.EncodeToString(digest[:]), "download_url": "https://api.mch.weixin.qq.com/v3/billdownload/file?token=" + token,
	})
}

// billFile is GET /v3/billdownload/file, whose answer is not signed.
func (s *Simulator) billFile(c *payCall) payReply {
	bill, ok := s.paying.bills[c.URL.Query().Get("token")]
	if !ok || bill.merchant != c.merchant || s.now().After(bill.expiresAt) {
		return refusePay(c, problemNoResource, "下载地址已失效")
	}
	return payReply{status: http.StatusOK, body: bill.text, unsigned: true}
}

// billText writes the bill of a day: names, rows whose values begin with a back-tick, names of sums, sums. Amounts are in yuan.
func (s *Simulator) billText(m *payMerchant, day time.Time, kind string) (text []byte, rows int) {
	var out bytes.Buffer
	out.WriteString("\ufeff" + strings.Join(billColumns[kind], ",") + "\r\n")
	var total, refunded int64
	write := func(values map[string]string) {
		rows++
		for i, name := range billColumns[kind] {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString("`" + values[name])
		}
		out.WriteString("\r\n")
	}
	within := func(at time.Time) bool { return !at.Before(day) && at.Before(day.Add(24*time.Hour)) }
	for _, o := range m.all() {
		if o.transactionID == "" {
			continue
		}
		if kind != "REFUND" && within(o.paidAt) {
			if amount, listed := s.billed(m, o.request.OutTradeNo, o.paid); listed {
				total += amount
				values := o.billValues()
				values["交易状态"], values["应结订单金额"], values["订单金额"] = "SUCCESS", yuan(amount), yuan(amount)
				write(values)
			}
		}
		for _, r := range o.refunds {
			if kind == "SUCCESS" || !within(r.madeAt) {
				continue
			}
			if amount, listed := s.billed(m, r.request.OutRefundNo, r.request.Amount.Refund); listed {
				refunded += amount
				values := o.billValues()
				values["交易状态"], values["订单金额"], values["应结订单金额"] = "REFUND", yuan(o.paid), "0.00"
				values["退款申请时间"], values["微信退款单号"], values["商户退款单号"] = billTime(r.madeAt), r.id, r.request.OutRefundNo
				values["退款金额"], values["申请退款金额"], values["退款类型"], values["退款状态"] = yuan(amount), yuan(amount), "ORIGINAL", r.status
				if r.status == refundSuccess {
					values["退款成功时间"] = billTime(r.endedAt)
				}
				write(values)
			}
		}
	}
	out.WriteString(strings.Join(billSums, ",") + "\r\n")
	fmt.Fprintf(&out, "`%d,`%s,`%s,`0.00,`0.00000,`%s,`%s\r\n", rows, yuan(total), yuan(refunded), yuan(total), yuan(refunded))
	return out.Bytes(), rows
}

func (o *payOrder) billValues() map[string]string {
	return map[string]string{
		"交易时间": billTime(o.paidAt), "公众账号ID": o.request.AppID, "商户号": o.request.MerchantID, "特约商户号": "0", "微信订单号": o.transactionID,
		"商户订单号": o.request.OutTradeNo, "用户标识": o.request.Payer.OpenID, "交易类型": "JSAPI", "付款银行": "OTHERS", "货币种类": "CNY", "代金券金额": "0.00",
		"微信退款单号": "0", "商户退款单号": "0", "退款金额": "0.00", "充值券退款金额": "0.00", "商品名称": o.request.Description, "商户数据包": o.request.Attach,
		"手续费": "0.00000", "费率": "0.60%", "申请退款金额": "0.00",
	}
}

// billed is the amount that bills show for a number, and whether they show it at all.
func (s *Simulator) billed(m *payMerchant, number string, amount int64) (int64, bool) {
	for _, change := range s.paying.billChanges {
		if change.MerchantID == m.MerchantID && change.Number == number {
			return change.Amount, !change.Omit
		}
	}
	return amount, true
}

func billTime(at time.Time) string { return at.In(china).Format(time.DateTime) }

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
