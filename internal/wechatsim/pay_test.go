package wechatsim_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/wechatsim"
)

func TestPayRequestsAreVerifiedOnTheirRawBytes(t *testing.T) {
	c := startTill(t, nil)
	body := `{"mchid": "` + mchID + `"}` + "\n"
	path := "/v3/pay/transactions/out-trade-no/T-00001/close"
	used := goodSignature(body)
	response, _ := c.send(http.MethodPost, path, body, used.header(http.MethodPost, path), nil)
	require.Equal(t, http.StatusNotFound, response.StatusCode, "the signature is good, the order unknown")

	for name, change := range map[string]func(*signature){
		"another scheme":       func(s *signature) { s.scheme = "WECHATPAY2-SM2-WITH-SM3" },
		"nobody's number":      func(s *signature) { s.merchantID = otherMch },
		"another serial":       func(s *signature) { s.serial = "ABCDEF" },
		"nonce of before":      func(s *signature) { s.nonce = used.nonce },
		"long nonce":           func(s *signature) { s.nonce = strings.Repeat("x", 33) },
		"old":                  func(s *signature) { s.timestamp = strconv.FormatInt(time.Now().Unix()-301, 10) },
		"of the future":        func(s *signature) { s.timestamp = strconv.FormatInt(time.Now().Unix()+600, 10) },
		"time of words":        func(s *signature) { s.timestamp = "now" },
		"body without newline": func(s *signature) { s.body = strings.TrimSpace(body) },
		"another body":         func(s *signature) { s.body = strings.Replace(body, " ", "", 1) },
		"no base64":            func(s *signature) { s.signed = "%%%" },
		"nothing signed":       func(s *signature) { s.signed = "AAAA" },
	} {
		s := goodSignature(body)
		change(&s)
		response, data := c.send(http.MethodPost, path, body, s.header(http.MethodPost, path), nil)
		require.Equal(t, http.StatusUnauthorized, response.StatusCode, name)
		require.Contains(t, string(data), "SIGN_ERROR", name)
		require.Empty(t, response.Header.Get("Wechatpay-Signature"), "errors are not signed")
	}
	for _, authorization := range []string{"", "Bearer x", "WECHATPAY2-SHA256-RSA2048 ", `WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="1"`, `WECHATPAY2-SHA256-RSA2048 mchid=1`} {
		response, _ := c.send(http.MethodPost, path, body, authorization, nil)
		require.Equal(t, http.StatusUnauthorized, response.StatusCode, authorization)
	}
	// The signature covers the address as it was sent, with its query.
	s := goodSignature("")
	query := "/v3/pay/transactions/out-trade-no/T1-a_b%7Cc%2A?mchid=" + mchID
	response, _ = c.send(http.MethodGet, query, "", s.header(http.MethodGet, strings.ReplaceAll(strings.ReplaceAll(query, "%7C", "|"), "%2A", "*")), nil)
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	response, _ = c.send(http.MethodGet, query, "", goodSignature("").header(http.MethodGet, query), nil)
	require.Equal(t, http.StatusNotFound, response.StatusCode)

	journal, err := c.PayJournal(t.Context(), "", "")
	require.NoError(t, err)
	require.Len(t, journal, 20)
	verified := 0
	for _, entry := range journal {
		require.Equal(t, entry.Verified, entry.Processed)
		require.Equal(t, entry.Verified, entry.Problem == "")
		if entry.Verified {
			verified++
		}
	}
	require.Equal(t, 2, verified)
}

func TestAnswersAreSignedByTheKeyThatTheRequestNames(t *testing.T) {
	c := startTill(t, nil)
	c.prepaid("T-00001", 5)
	path := "/v3/pay/transactions/out-trade-no/T-00001?mchid=" + mchID
	ask := func(serial string) (int, string) {
		response, _ := c.send(http.MethodGet, path, "", goodSignature("").header(http.MethodGet, path), http.Header{"Wechatpay-Serial": {serial}})
		return response.StatusCode, response.Header.Get("Wechatpay-Serial")
	}
	for _, row := range []struct {
		keys, serial, want string
		status             int
	}{
		{wechatsim.PayKeysBoth, c.keys.PublicKeyID, c.keys.PublicKeyID, 200},
		{wechatsim.PayKeysBoth, c.keys.Serial, c.keys.Serial, 200},
		{wechatsim.PayKeysBoth, "ABCDEF", "", 400},
		{wechatsim.PayKeysPublic, c.keys.Serial, "", 400},
		{wechatsim.PayKeysPublic, "", c.keys.PublicKeyID, 200},
		{wechatsim.PayKeysCertificate, c.keys.PublicKeyID, "", 400},
		{wechatsim.PayKeysCertificate, "", c.keys.Serial, 200},
	} {
		require.NoError(t, c.RegisterMerchant(t.Context(), merchantOf(mchID, func(m *wechatsim.PayMerchant) { m.Keys = row.keys })))
		status, serial := ask(row.serial)
		require.Equal(t, row.status, status, row)
		require.Equal(t, row.want, serial, row)
	}
	require.NoError(t, c.RegisterMerchant(t.Context(), merchantOf(mchID, func(m *wechatsim.PayMerchant) { m.Keys = wechatsim.PayKeysPublic })))
	status, code, _ := c.call(http.MethodGet, "/v3/certificates", nil)
	require.Equal(t, []any{http.StatusNotFound, "RESOURCE_NOT_EXISTS"}, []any{status, code})
}

func TestPrepayRules(t *testing.T) {
	c := startTill(t, nil)
	for name, row := range map[string]struct {
		change func(fields)
		code   string
	}{
		"unknown field":        {func(o fields) { o["extra"] = 1 }, "PARAM_ERROR"},
		"unknown field inside": {func(o fields) { o["amount"] = fields{"total": 5, "currency": "CNY", "x": 1} }, "PARAM_ERROR"},
		"amount in yuan":       {func(o fields) { o["amount"] = fields{"total": 5.5, "currency": "CNY"} }, "PARAM_ERROR"},
		"amount as text":       {func(o fields) { o["amount"] = fields{"total": "5", "currency": "CNY"} }, "PARAM_ERROR"},
		"nothing to pay":       {func(o fields) { o["amount"] = fields{"total": 0, "currency": "CNY"} }, "PARAM_ERROR"},
		"dollars":              {func(o fields) { o["amount"] = fields{"total": 5, "currency": "USD"} }, "PARAM_ERROR"},
		"short number":         {func(o fields) { o["out_trade_no"] = "12345" }, "PARAM_ERROR"},
		"long number":          {func(o fields) { o["out_trade_no"] = strings.Repeat("1", 33) }, "PARAM_ERROR"},
		"blank in the number":  {func(o fields) { o["out_trade_no"] = "1234 56" }, "PARAM_ERROR"},
		"long description":     {func(o fields) { o["description"] = strings.Repeat("酒", 128) }, "PARAM_ERROR"},
		"query in the address": {func(o fields) { o["notify_url"] = "http://a.cn/?b=c" }, "PARAM_ERROR"},
		"no address":           {func(o fields) { o["notify_url"] = "notices" }, "PARAM_ERROR"},
		"time over":            {func(o fields) { o["time_expire"] = "2020-01-01T00:00:00+08:00" }, "PARAM_ERROR"},
		"time of words":        {func(o fields) { o["time_expire"] = "tomorrow" }, "PARAM_ERROR"},
		"another merchant":     {func(o fields) { o["mchid"] = otherMch }, "NO_AUTH"},
		"app not bound":        {func(o fields) { o["appid"] = otherID }, "APPID_MCHID_NOT_MATCH"},
		"unknown payer":        {func(o fields) { o["payer"] = fields{"openid": "oNobody"} }, "PARAM_ERROR"},
	} {
		order := c.order("T-00001", 5)
		row.change(order)
		status, code, _ := c.call(http.MethodPost, jsapi, order)
		require.GreaterOrEqual(t, status, 400, name)
		require.Equal(t, row.code, code, name)
	}
	books, err := c.Books(t.Context(), mchID)
	require.NoError(t, err)
	require.Empty(t, books.Orders)

	first := c.prepaid("T-00001", 5)
	require.NotEqual(t, first, c.prepaid("T-00001", 5), "a repeat gives a fresh prepay_id of the same order")
	status, code, _ := c.call(http.MethodPost, jsapi, c.order("T-00001", 6))
	require.Equal(t, []any{400, "INVALID_REQUEST"}, []any{status, code})
	changed := c.order("T-00001", 5)
	changed["time_expire"] = time.Now().Add(time.Hour).Format(time.RFC3339)
	_, code, _ = c.call(http.MethodPost, jsapi, changed)
	require.Equal(t, "INVALID_REQUEST", code, "the time cannot be changed")
}

func TestPaymentsAreCheckedAsWxRequestPaymentDoes(t *testing.T) {
	c := startTill(t, nil)
	id := c.prepaid("T-00001", 5)
	for name, change := range map[string]func(*wechatsim.Payment){
		"another's signature": func(p *wechatsim.Payment) { p.PaySign = signRSA("x") },
		"time not signed":     func(p *wechatsim.Payment) { p.TimeStamp = "1" },
		"no nonce":            func(p *wechatsim.Payment) { p.NonceStr = "" },
		"another type":        func(p *wechatsim.Payment) { p.SignType = "MD5" },
		"unknown order":       func(p *wechatsim.Payment) { p.Package = "prepay_id=wx" },
		"no prefix":           func(p *wechatsim.Payment) { p.Package = id },
		"another user":        func(p *wechatsim.Payment) { p.User = "somebody else" },
		"another app":         func(p *wechatsim.Payment) { p.AppID = otherID },
	} {
		payment := c.payment(id)
		change(&payment)
		_, err := c.Pay(t.Context(), payment)
		require.ErrorContains(t, err, "requestPayment:fail", name)
	}
	require.NoError(t, c.GiveUp(t.Context(), c.payment(id)))
	books, err := c.Books(t.Context(), mchID)
	require.NoError(t, err)
	require.Equal(t, "NOTPAY", books.Orders[0].State)
	_, err = c.Pay(t.Context(), c.payment(id))
	require.NoError(t, err)
	_, err = c.Pay(t.Context(), c.payment(id))
	require.ErrorContains(t, err, "该订单已支付")

	t.Run("times", func(t *testing.T) {
		older := c.prepaid("T-00002", 5)
		require.NoError(t, c.Advance(c.t.Context(), 2*time.Hour+time.Second))
		_, err := c.Pay(c.t.Context(), c.payment(older))
		require.ErrorContains(t, err, "prepay_id has expired")
		_, err = c.Pay(c.t.Context(), c.payment(c.prepaid("T-00002", 5)))
		require.NoError(t, err)

		left := c.prepaid("T-00003", 5)
		require.NoError(t, c.Advance(c.t.Context(), 7*24*time.Hour))
		_, err = c.Pay(c.t.Context(), c.payment(left))
		require.ErrorContains(t, err, "该订单已关闭")
		_, code, _ := c.call(http.MethodPost, jsapi, c.order("T-00003", 5))
		require.Equal(t, "ORDER_CLOSED", code)

		id := c.prepaid("T-00004", 5)
		require.NoError(t, c.Expire(c.t.Context(), mchID, "T-00004"))
		require.Error(t, c.Expire(c.t.Context(), mchID, "T-00004"))
		late := c.payment(id)
		late.Late, late.Amount = true, 4
		_, err = c.Pay(c.t.Context(), late)
		require.NoError(t, err)
		books, err := c.Books(c.t.Context(), mchID)
		require.NoError(t, err)
		require.Equal(t, []int64{5, 4}, []int64{books.Orders[3].Total, books.Orders[3].Paid})
	})
}

func TestCloseMayNeedAnAge(t *testing.T) {
	c := startTill(t, func(m *wechatsim.PayMerchant) { m.CloseAfterSeconds = 300 })
	c.prepaid("T-00001", 5)
	path := "/v3/pay/transactions/out-trade-no/T-00001/close"
	status, _, _ := c.call(http.MethodPost, path, fields{"mchid": mchID})
	require.Equal(t, http.StatusBadRequest, status)
	require.NoError(t, c.Advance(t.Context(), 5*time.Minute))
	for range 2 {
		status, _, _ = c.call(http.MethodPost, path, fields{"mchid": mchID})
		require.Equal(t, http.StatusNoContent, status)
	}
}

func TestRefundRules(t *testing.T) {
	c := startTill(t, func(m *wechatsim.PayMerchant) { m.RefundResult = "PROCESSING" })
	c.prepaid("T-unpaid", 5)
	status, code, _ := c.refund("T-unpaid", "R-1", 1, 5)
	require.Equal(t, []any{404, "RESOURCE_NOT_EXISTS"}, []any{status, code})
	c.paid("T-00001", 100)
	_, code, _ = c.refund("T-00001", "R-1", 101, 100)
	require.Equal(t, "INVALID_REQUEST", code)
	_, code, _ = c.refund("T-00001", "R-1", 1, 99)
	require.Equal(t, "PARAM_ERROR", code)
	_, code, _ = c.refund("T-00001", "R 1", 1, 100)
	require.Equal(t, "PARAM_ERROR", code)
	for i := range 50 {
		status, _, out := c.refund("T-00001", fmt.Sprintf("R-%d", i), 1, 100)
		require.Equal(t, []any{200, "PROCESSING"}, []any{status, out["status"]}, i)
		if i == 0 {
			status, code, _ = c.refund("T-00001", "R-x", 1, 100)
			require.Equal(t, []any{429, "FREQUENCY_LIMITED"}, []any{status, code})
		}
		require.NoError(t, c.Advance(t.Context(), time.Minute))
	}
	_, code, _ = c.refund("T-00001", "R-50", 1, 100)
	require.Equal(t, "RULE_LIMIT", code)
	status, _, _ = c.refund("T-00001", "R-7", 1, 100)
	require.Equal(t, 200, status, "a known number is answered all the same")
	require.NoError(t, c.SettleRefund(t.Context(), mchID, "R-7", "CLOSED"))
	require.Error(t, c.SettleRefund(t.Context(), mchID, "R-7", "SUCCESS"))
	status, _, _ = c.refund("T-00001", "R-50", 1, 100)
	require.Equal(t, 200, status, "a closed one does not count")

	c.paid("T-00002", 100)
	require.NoError(t, c.Advance(t.Context(), 365*24*time.Hour+time.Second))
	_, code, _ = c.refund("T-00002", "R-late", 1, 100)
	require.Equal(t, "INVALID_REQUEST", code)
}

func TestMerchantsDoNotSeeEachOther(t *testing.T) {
	c := startTill(t, nil)
	require.NoError(t, c.RegisterMerchant(t.Context(), merchantOf(otherMch, nil)))
	result, err := c.Pay(t.Context(), c.payment(c.prepaid("T-00001", 5)))
	require.NoError(t, err)
	for _, path := range []string{
		"/v3/pay/transactions/out-trade-no/T-00001?mchid=" + otherMch, "/v3/pay/transactions/id/" + result.TransactionID + "?mchid=" + otherMch,
		"/v3/pay/transactions/out-trade-no/T-00001?mchid=" + mchID, refunds + "/R-1",
	} {
		s := goodSignature("")
		s.merchantID = otherMch
		response, _ := c.send(http.MethodGet, path, "", s.header(http.MethodGet, path), nil)
		require.GreaterOrEqual(t, response.StatusCode, 400, path)
	}
	books, err := c.Books(t.Context(), otherMch)
	require.NoError(t, err)
	require.Empty(t, books.Orders)
	_, err = c.Books(t.Context(), "1900000999")
	require.ErrorContains(t, err, "404")
}

func TestPayControlMistakes(t *testing.T) {
	c := startTill(t, nil)
	for name, err := range map[string]error{
		"no number":       c.RegisterMerchant(t.Context(), merchantOf("", nil)),
		"no key":          c.RegisterMerchant(t.Context(), merchantOf(otherMch, func(m *wechatsim.PayMerchant) { m.PublicKey = "x" })),
		"short key":       c.RegisterMerchant(t.Context(), merchantOf(otherMch, func(m *wechatsim.PayMerchant) { m.APIv3Key = "x" })),
		"unknown keys":    c.RegisterMerchant(t.Context(), merchantOf(otherMch, func(m *wechatsim.PayMerchant) { m.Keys = "x" })),
		"unknown result":  c.RegisterMerchant(t.Context(), merchantOf(otherMch, func(m *wechatsim.PayMerchant) { m.RefundResult = "x" })),
		"unknown order":   c.Expire(t.Context(), mchID, "T-00001"),
		"unknown refund":  c.SettleRefund(t.Context(), mchID, "R-1", "SUCCESS"),
		"too much":        c.Withdraw(t.Context(), mchID, 1),
		"negative":        c.Withdraw(t.Context(), mchID, -1),
		"factor of zero":  c.ScaleNotices(t.Context(), 0),
		"factor above":    c.ScaleNotices(t.Context(), 2),
		"unknown mode":    c.FailPay(t.Context(), wechatsim.PayFault{Mode: "x"}),
		"unknown call":    c.FailPay(t.Context(), wechatsim.PayFault{Operation: "x", Mode: wechatsim.PayFaultTimeout}),
		"error of 200":    c.FailPay(t.Context(), wechatsim.PayFault{Mode: wechatsim.PayFaultError, Status: 200}),
		"unknown spoil":   c.FailNotices(t.Context(), wechatsim.NoticeFault{Mode: "x"}),
		"one copy":        c.FailNotices(t.Context(), wechatsim.NoticeFault{Mode: wechatsim.NoticeDuplicate, Copies: 1}),
		"no delay":        c.FailNotices(t.Context(), wechatsim.NoticeFault{Mode: wechatsim.NoticeDelay}),
		"nothing changed": c.ChangeBill(t.Context(), wechatsim.BillChange{MerchantID: mchID, Number: "T-00001"}),
	} {
		require.Error(t, err, name)
	}
	_, err := c.DeliverNotice(t.Context(), wechatsim.NoticeDelivery{ID: "EV-1"})
	require.ErrorContains(t, err, "404")
	require.NoError(t, c.Reset(t.Context()))
	_, err = c.Books(t.Context(), mchID)
	require.Error(t, err)
}

// TestBooksAlwaysBalance runs operations in any order; what was captured is refunded, on its way, frozen, available or withdrawn.
func TestBooksAlwaysBalance(t *testing.T) {
	c := startTill(t, func(m *wechatsim.PayMerchant) { m.RefundResult, m.AnyRefundGap = "PROCESSING", true })
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		before, err := c.Books(t.Context(), mchID)
		require.NoError(t, err)
		captured, refunded := before.Captured, before.Refunded
		for i := range rapid.IntRange(1, 2).Draw(r, "operations") {
			number := fmt.Sprintf("T-%04d-%d", round, i)
			total := int64(rapid.IntRange(1, 1000).Draw(r, "total"))
			c.paid(number, total)
			captured += total
			amount := int64(rapid.IntRange(1, 1200).Draw(r, "refund"))
			status, _, _ := c.refund(number, "R-"+number, amount, total)
			require.Equal(t, amount <= total, status == http.StatusOK)
			if status == http.StatusOK {
				end := rapid.SampledFrom([]string{"SUCCESS", "CLOSED", "ABNORMAL", ""}).Draw(r, "end")
				if end != "" {
					require.NoError(t, c.SettleRefund(t.Context(), mchID, "R-"+number, end))
				}
				if end == "SUCCESS" {
					refunded += amount
				}
			}
		}
		books, err := c.Books(t.Context(), mchID)
		require.NoError(t, err)
		require.Equal(t, captured, books.Captured)
		require.Equal(t, refunded, books.Refunded)
		require.Equal(t, books.Captured-books.Refunded, books.Frozen+books.Available+books.Refunding+books.Withdrawn)
		sum := wechatsim.PayBooks{}
		for _, o := range books.Orders {
			sum.Captured += o.Paid
			sum.Refunded += o.Refunded
			sum.Refunding += o.Refunding
			sum.Frozen += o.Frozen
			require.Equal(t, o.Paid, o.Refunded+o.Refunding+o.Frozen, o.OutTradeNo)
		}
		require.Equal(t, []int64{books.Captured, books.Refunded, books.Refunding, books.Frozen}, []int64{sum.Captured, sum.Refunded, sum.Refunding, sum.Frozen})
	})
}
