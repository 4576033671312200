package wechatpay

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/money"
)

// A bill of refunds with the columns in an order of its own, a comma in a text and a column that nobody knows.
const sample = "\ufeff交易时间,公众账号ID,商户号,微信订单号,商户订单号,用户标识,交易状态,微信退款单号,商户退款单号,退款状态,商品名称,商户数据包,新列,订单金额,申请退款金额\r\n" +
	"`2026-05-20 23:59:59,`wx1,`1900000109,`4200000001,`T-00001,`oA,`REFUND,`5030000001,`R-1,`SUCCESS,`酒, 一瓶,`a,b,`x,`200.01,`1.5\r\n" +
	"`2026-05-20 00:00:00,`wx1,`1900000109,`4200000002,`T-00002,`oB,`REFUND,`5030000002,`R-2,`CLOSED,`酒,`,`x,`3,`0.01\r\n" +
	"总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n" +
	"`2,`0.00,`1.51,`0.00,`0.00000,`0.00,`1.51\r\n"

func rows(text string, kind BillKind) (rows []BillRow, err error) {
	err = readBill(strings.NewReader(text), kind, func(row BillRow) error {
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func TestReadBill(t *testing.T) {
	t.Parallel()
	found, err := rows(sample, BillRefunds)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, []money.Fen{20001, 150, 300, 1}, []money.Fen{found[0].Total, found[0].Refund, found[1].Total, found[1].Refund})
	require.Equal(t, "a,b", found[0].Attach)
	require.Equal(t, "2026-05-20T15:59:59Z", found[0].At.Format("2006-01-02T15:04:05Z07:00"))

	for name, change := range map[string][2]string{
		"another sum":       {"`1.51\r\n", "`1.50\r\n"},
		"another count":     {"`2,`0.00", "`3,`0.00"},
		"another amount":    {"`200.01,`1.5", "`200.01,`1.6"},
		"three decimals":    {"`1.5\r\n", "`1.500\r\n"},
		"negative":          {"`0.01", "`-0.01"},
		"words":             {"`200.01", "`many"},
		"nothing":           {"`200.01", "`"},
		"endless":           {"`200.01", "`99999999999999999999"},
		"no time":           {"2026-05-20 00:00:00", "yesterday"},
		"no transaction":    {"`4200000001", "`"},
		"no refund":         {"`R-1", "`"},
		"one value more":    {"`oA", "`oA,`oA"},
		"one value less":    {",`oA", ""},
		"no sums":           {"`2,`0.00,`1.51,`0.00,`0.00000,`0.00,`1.51\r\n", ""},
		"lines after sums":  {"`1.51\r\n", "`1.51\r\n`\r\n"},
		"a row is missing":  {"`2026-05-20 00:00:00,`wx1,`1900000109,`4200000002,`T-00002,`oB,`REFUND,`5030000002,`R-2,`CLOSED,`酒,`,`x,`3,`0.01\r\n", ""},
		"a line is endless": {"酒, 一瓶", strings.Repeat("酒", longestBillLine)},
	} {
		text := strings.Replace(sample, change[0], change[1], 1)
		if name == "another sum" || name == "lines after sums" {
			text = sample[:strings.LastIndex(sample, change[0])] + change[1]
		}
		require.NotEqual(t, sample, text, name)
		_, err := rows(text, BillRefunds)
		require.ErrorIs(t, err, ErrBill, name)
	}
	for cut := range len(sample) - 2 { // the last line break may be missing
		_, err := rows(sample[:cut], BillRefunds)
		require.ErrorIs(t, err, ErrBill, cut)
	}
}

func FuzzReadBill(f *testing.F) {
	f.Add(sample, true)
	f.Add(sample, false)
	f.Add("", true)
	f.Fuzz(func(t *testing.T, text string, refunds bool) {
		kind := BillPayments
		if refunds {
			kind = BillRefunds
		}
		found, err := rows(text, kind)
		if err != nil && !errors.Is(err, ErrBill) {
			t.Fatal(err)
		}
		for _, row := range found {
			if row.Total < 0 || row.Refund < 0 || row.OutTradeNo == "" {
				t.Fatalf("%+v", row)
			}
		}
	})
}
