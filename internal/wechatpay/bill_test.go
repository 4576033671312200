package wechatpay_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

// bill downloads a bill into a slice.
func (w *world) bill(day time.Time, kind wechatpay.BillKind) (rows []wechatpay.BillRow, err error) {
	err = w.client.DownloadBill(w.t.Context(), day, kind, func(row wechatpay.BillRow) error {
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func TestBills(t *testing.T) {
	for _, keys := range []string{wechatsim.PayKeysPublic, wechatsim.PayKeysCertificate} {
		t.Run(keys, func(t *testing.T) {
			w := start(t, keys)
			if now := time.Now().In(wechatpay.Beijing); now.Hour() == 23 && now.Minute() > 58 {
				require.NoError(t, w.Advance(t.Context(), 2*time.Minute)) // the day would change within the test
			}
			first := w.pay("T-00001", 20001)
			w.pay("T-00002", 5)
			_, err := w.refund("T-00001", "R-1", 101, 20001)
			require.NoError(t, err)
			for range 3 {
				w.notices.next()
			}
			_, err = w.bill(first.SuccessTime, wechatpay.BillPayments)
			kind(t, wechatpay.KindBusy, err)
			require.NoError(t, w.Advance(t.Context(), 34*time.Hour))

			payments, err := w.bill(first.SuccessTime, wechatpay.BillPayments)
			require.NoError(t, err)
			at := first.SuccessTime.UTC().Truncate(time.Second)
			require.Len(t, payments, 2)
			require.Equal(t, wechatpay.BillRow{
				At: at, AppID: appID, MerchantID: merchantID, OpenID: w.openID, TransactionID: first.TransactionID, OutTradeNo: "T-00001",
				State: wechatpay.TradePaid, Total: 20001, Attach: "attached",
			}, payments[0])
			require.Equal(t, "T-00002", payments[1].OutTradeNo)
			refunds, err := w.bill(first.SuccessTime, wechatpay.BillRefunds)
			require.NoError(t, err)
			require.Len(t, refunds, 1)
			refund, err := w.client.QueryRefund(t.Context(), "R-1")
			require.NoError(t, err)
			require.Equal(t, wechatpay.BillRow{
				At: at, AppID: appID, MerchantID: merchantID, OpenID: w.openID, TransactionID: first.TransactionID, OutTradeNo: "T-00001", State: wechatpay.TradeRefunded,
				Total: 20001, RefundID: refund.RefundID, OutRefundNo: "R-1", RefundStatus: wechatpay.RefundSucceeded, Refund: 101, Attach: "attached",
			}, refunds[0])

			t.Run("planted differences", func(t *testing.T) {
				require.NoError(t, w.ChangeBill(w.t.Context(), wechatsim.BillChange{MerchantID: merchantID, Number: "T-00002", Omit: true}))
				require.NoError(t, w.ChangeBill(w.t.Context(), wechatsim.BillChange{MerchantID: merchantID, Number: "T-00001", Amount: 20002}))
				payments, err := w.bill(first.SuccessTime, wechatpay.BillPayments)
				require.NoError(t, err)
				require.Len(t, payments, 1)
				require.Equal(t, int64(20002), int64(payments[0].Total))
			})
			t.Run("an error of the caller ends it", func(t *testing.T) {
				stop := errors.New("stop")
				require.Equal(t, stop, w.client.DownloadBill(w.t.Context(), first.SuccessTime, wechatpay.BillPayments, func(wechatpay.BillRow) error { return stop }))
			})
			t.Run("damaged", func(t *testing.T) {
				for _, mode := range []string{wechatsim.PayFaultNotJSON, wechatsim.PayFaultHuge, wechatsim.PayFaultEmpty} {
					require.NoError(t, w.FailPay(w.t.Context(), wechatsim.PayFault{Operation: wechatsim.PayBillFile, Mode: mode}))
					_, err := w.bill(first.SuccessTime, wechatpay.BillPayments)
					require.ErrorIs(t, err, wechatpay.ErrBill)
				}
				require.NoError(t, w.FailPay(w.t.Context(), wechatsim.PayFault{Operation: wechatsim.PayBillAddress, Mode: wechatsim.PayFaultEmpty}))
				_, err := w.bill(first.SuccessTime, wechatpay.BillPayments)
				require.ErrorIs(t, err, wechatpay.ErrBill)
				require.NoError(t, w.FailPay(w.t.Context(), wechatsim.PayFault{Operation: wechatsim.PayBillFile, Mode: wechatsim.PayFaultSystem}))
				_, err = w.bill(first.SuccessTime, wechatpay.BillPayments)
				kind(t, wechatpay.KindUnknown, err)
			})
		})
	}
}

func TestBillOfADayWithoutTransactions(t *testing.T) {
	w := start(t, wechatsim.PayKeysPublic)
	require.NoError(t, w.Advance(t.Context(), 34*time.Hour))
	_, err := w.bill(time.Now(), wechatpay.BillPayments)
	kind(t, wechatpay.KindNotFound, err)
	kind(t, wechatpay.KindRefused, w.client.DownloadBill(t.Context(), time.Now(), "ALL", nil))
}
