package wechatsim

import (
	"bytes"
	"mime"
	"net/http"
	"time"
)

// Operations of the merchant side, as faults and the journal name them.
const (
	PayPrepay           = "prepay"
	PayQueryOrder       = "query_order"
	PayQueryTransaction = "query_transaction"
	PayCloseOrder       = "close_order"
	PayRefundOrder      = "refund"
	PayQueryRefund      = "query_refund"
	PayCertificates     = "certificates"
	PayBillAddress      = "bill"
	PayBillFile         = "bill_file"
)

type payRoute struct {
	operation string
	handle    func(*Simulator, *payCall) payReply
}

// payRoutes are the endpoints of the merchant side. Any other path below /v3/ is refused.
var payRoutes = map[string]payRoute{
	"POST /v3/pay/transactions/jsapi":                             {PayPrepay, (*Simulator).prepay},
	"GET /v3/pay/transactions/out-trade-no/{out_trade_no}":        {PayQueryOrder, (*Simulator).queryOrder},
	"GET /v3/pay/transactions/id/{transaction_id}":                {PayQueryTransaction, (*Simulator).queryTransaction},
	"POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close": {PayCloseOrder, (*Simulator).closeOrder},
	"POST /v3/refund/domestic/refunds":                            {PayRefundOrder, (*Simulator).refundOrder},
	"GET /v3/refund/domestic/refunds/{out_refund_no}":             {PayQueryRefund, (*Simulator).queryRefund},
	"GET /v3/certificates":                                        {PayCertificates, (*Simulator).listCertificates},
	"GET /v3/bill/tradebill":                                      {PayBillAddress, (*Simulator).makeBill},
	"GET /v3/billdownload/file":                                   {PayBillFile, (*Simulator).billFile},
	"/v3/":                                                        {"", (*Simulator).unknownPay},
}

// Modes of PayFault. Those that say so are carried out all the same, and only the answer goes wrong.
const (
	// PayFaultTimeout never answers; PayFaultTimeoutAfter carries out and never answers.
	PayFaultTimeout      = "timeout"
	PayFaultTimeoutAfter = "timeout_after"
	// PayFaultSystem answers 500 SYSTEM_ERROR; PayFaultSystemAfter carries out and answers the same.
	PayFaultSystem      = "system_error"
	PayFaultSystemAfter = "system_error_after"
	// PayFaultFrequent answers 429 FREQUENCY_LIMITED.
	PayFaultFrequent = "frequency_limited"
	// PayFaultError answers with the fault's Status and Code.
	PayFaultError = "error"
	// PayFaultWrongSignature, PayFaultWrongSerial, PayFaultStale, PayFaultProbe (a WECHATPAY/SIGNTEST/ signature) and PayFaultUnsigned
	// carry out and spoil the signature of the answer.
	PayFaultWrongSignature = "wrong_signature"
	PayFaultWrongSerial    = "wrong_serial"
	PayFaultStale          = "stale"
	PayFaultProbe          = "signtest"
	PayFaultUnsigned       = "unsigned"
	// PayFaultEmpty carries out and answers {}, signed; PayFaultNotJSON answers a signed page; PayFaultHuge sends 8 MiB, signed.
	PayFaultEmpty   = "empty"
	PayFaultNotJSON = "notjson"
	PayFaultHuge    = "huge"
	// PayFaultSlow carries out after Milliseconds.
	PayFaultSlow = "slow"
)

// PayFault makes the next verified requests of a merchant go wrong. Several are used up in their order.
type PayFault struct {
	// Operation and MerchantID limit it; empty means any.
	Operation  string `json:"operation,omitempty"`
	MerchantID string `json:"mchid,omitempty"`
	// Times is how many requests it hits; zero means one.
	Times int    `json:"times,omitempty"`
	Mode  string `json:"mode"`
	// Status and Code are the answer of PayFaultError.
	Status int    `json:"status,omitempty"`
	Code   string `json:"code,omitempty"`
	// Milliseconds is the delay of PayFaultSlow in real time.
	Milliseconds int `json:"milliseconds,omitempty"`
}

// before says whether the fault keeps the request from being carried out.
func (f *PayFault) before() bool {
	switch f.Mode {
	case PayFaultTimeout, PayFaultSystem, PayFaultFrequent, PayFaultError, PayFaultNotJSON, PayFaultHuge:
		return true
	}
	return false
}

func (p *payState) takeFault(operation, merchantID string) *PayFault {
	for i, fault := range p.faults {
		if fault.Operation != "" && fault.Operation != operation || fault.MerchantID != "" && fault.MerchantID != merchantID {
			continue
		}
		if fault.Times--; fault.Times <= 0 {
			p.faults = append(p.faults[:i:i], p.faults[i+1:]...)
		}
		return fault
	}
	return nil
}

// servePay makes a handler of an endpoint: it verifies, lets faults happen, carries out, signs and keeps the journal.
func (s *Simulator) servePay(operation string, handle func(*Simulator, *payCall) payReply) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, whole := readBounded(r.Body, maxBody)
		c := &payCall{Request: r, body: body, entry: &PayEntry{Method: r.Method, Path: r.URL.Path, Operation: operation}}
		if !whole {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		var reply payReply
		var fault *PayFault
		wrong := s.authenticate(c)
		s.mu.Lock()
		var key platformKey
		if wrong != nil {
			c.entry.Problem = wrong.Error()
			reply = refusePay(c, problemSign, "签名错误："+wrong.Error())
		} else {
			c.entry.Verified = true
			key, reply = s.formOf(c)
			fault = s.paying.takeFault(operation, c.merchant.MerchantID)
		}
		s.mu.Unlock()

		if fault != nil {
			c.entry.Fault = fault.Mode
			if fault.Mode == PayFaultSlow && !wait(r.Context(), time.Duration(fault.Milliseconds)*time.Millisecond) {
				fault = &PayFault{Mode: PayFaultTimeout}
			}
		}
		s.mu.Lock()
		if reply.status == 0 && (fault == nil || !fault.before()) {
			reply, c.entry.Processed = handle(s, c), true
		}
		if fault != nil {
			reply = s.spoil(c, fault, reply)
		}
		c.entry.Status, c.entry.Code = reply.status, reply.code
		nonce, id := s.draw(32, base62), s.requestID(reply.number)
		s.recordPay(*c.entry)
		s.mu.Unlock()

		if fault != nil && (fault.Mode == PayFaultTimeout || fault.Mode == PayFaultTimeoutAfter) {
			wait(r.Context(), time.Minute)
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Request-Id", id)
		if reply.status < 300 && !reply.unsigned {
			for name, values := range s.answerHeader(key, fault, nonce, reply.body) {
				w.Header()[name] = values
			}
		}
		if len(reply.body) > 0 && !reply.unsigned {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		w.WriteHeader(reply.status)
		_, _ = w.Write(reply.body)
	})
}

// formOf checks what every request must have and finds the key that signs the answer; the reply is a refusal, or empty.
func (s *Simulator) formOf(c *payCall) (platformKey, payReply) {
	key, known := s.paying.signingKey(c.merchant, c.Header.Get("Wechatpay-Serial"))
	if !known {
		return key, refusePay(c, problemParameter, "Wechatpay-Serial 不是该商户可用的平台证书或公钥")
	}
	if c.Header.Get("User-Agent") == "" || c.Header.Get("Accept") == "" {
		return key, refusePay(c, problemParameter, "缺少 User-Agent 或 Accept")
	}
	if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); c.Method == http.MethodPost && (err != nil || kind != "application/json") {
		return key, refusePay(c, problemParameter, "Content-Type 必须是 application/json")
	}
	if repeated(c.URL.Query()) {
		return key, refusePay(c, problemParameter, "重复的参数")
	}
	return key, payReply{}
}

// spoil changes the answer as the fault wants.
func (s *Simulator) spoil(c *payCall, fault *PayFault, reply payReply) payReply {
	switch fault.Mode {
	case PayFaultSystem, PayFaultSystemAfter:
		return refusePay(c, problemSystem, "系统错误，请用相同参数重新调用")
	case PayFaultFrequent:
		return refusePay(c, problemFrequent, "频率限制")
	case PayFaultError:
		return refusePay(c, payProblem{0, fault.Code, fault.Status, fault.Code, fault.Status}, "simulated")
	case PayFaultEmpty:
		if reply.status == http.StatusOK {
			reply.body = []byte("{}")
		}
	case PayFaultNotJSON:
		return payReply{status: http.StatusOK, body: []byte("<html><body>网络繁忙</body></html>")}
	case PayFaultHuge:
		return payReply{status: http.StatusOK, body: append([]byte(`{"x":"`), bytes.Repeat([]byte("x"), 8<<20)...)}
	}
	return reply
}

// answerHeader signs an answer, wrongly where the fault wants.
func (s *Simulator) answerHeader(key platformKey, fault *PayFault, nonce string, body []byte) http.Header {
	at := time.Now()
	mode := ""
	if fault != nil {
		mode = fault.Mode
	}
	switch mode {
	case PayFaultStale:
		return platformHeader(key, at.Add(-10*time.Minute), nonce, body)
	case PayFaultWrongSignature:
		return platformHeader(key, at, nonce, append([]byte("x"), body...))
	case PayFaultUnsigned:
		return nil
	}
	header := platformHeader(key, at, nonce, body)
	switch mode {
	case PayFaultWrongSerial:
		header.Set("Wechatpay-Serial", wrongSerial)
	case PayFaultProbe:
		header.Set("Wechatpay-Signature", probeSignature+header.Get("Wechatpay-Signature"))
	}
	return header
}

const (
	// wrongSerial names no key.
	wrongSerial = "1234567890ABCDEF1234567890ABCDEF12345678"
	// probeSignature begins WeChat Pay's own tests of how merchants verify.
	probeSignature = "WECHATPAY/SIGNTEST/"
)

func (s *Simulator) unknownPay(c *payCall) payReply {
	return refusePay(c, problemNoResource, "接口不存在")
}

// listCertificates is GET /v3/certificates.
func (s *Simulator) listCertificates(c *payCall) payReply {
	if c.merchant.Keys == PayKeysPublic {
		return refusePay(c, problemNoResource, "无可用的平台证书，请在商户平台申请使用微信支付公钥")
	}
	list := []any{}
	for _, certificate := range s.paying.certificates {
		nonce := s.draw(12, base62)
		list = append(list, map[string]any{
			"serial_no": certificate.serial, "effective_time": payTime(certificate.from), "expire_time": payTime(certificate.until),
			"encrypt_certificate": map[string]any{
				"algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": "certificate",
				"ciphertext": seal256(c.merchant.APIv3Key, nonce, "certificate", []byte(certificate.certificate)),
			},
		})
	}
	return payAnswer(map[string]any{"data": list})
}

// payTime writes a time as WeChat Pay does.
func payTime(at time.Time) string { return at.In(china).Format(time.RFC3339) }
