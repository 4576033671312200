package wechatsim

import (
	"context"
	"net/http"
	"net/url"
)

// RegisterMerchant adds a merchant of WeChat Pay or replaces its settings; its books stay.
func (r *Remote) RegisterMerchant(ctx context.Context, merchant PayMerchant) error {
	return r.do(ctx, http.MethodPost, "/pay/merchants", merchant, nil)
}

// PayKeys tells what merchants verify the simulator's signatures with.
func (r *Remote) PayKeys(ctx context.Context) (keys PayKeys, err error) {
	err = r.do(ctx, http.MethodGet, "/pay/keys", nil, &keys)
	return keys, err
}

// RotateCertificate makes a newer platform certificate, which signs from now on.
func (r *Remote) RotateCertificate(ctx context.Context) (keys PayKeys, err error) {
	err = r.do(ctx, http.MethodPost, "/pay/rotate", struct{}{}, &keys)
	return keys, err
}

// Pay is wx.requestPayment by a user who pays. The error is that of a wrong paySign, an order that is closed, and so on.
func (r *Remote) Pay(ctx context.Context, payment Payment) (result PaymentResult, err error) {
	err = r.do(ctx, http.MethodPost, "/pay/pay", payment, &result)
	return result, err
}

// GiveUp is wx.requestPayment by a user who does not pay; the error is as that of Pay.
func (r *Remote) GiveUp(ctx context.Context, payment Payment) error {
	return r.do(ctx, http.MethodPost, "/pay/fail", payment, nil)
}

// Expire ends the time of an unpaid order.
func (r *Remote) Expire(ctx context.Context, merchantID, outTradeNo string) error {
	return r.do(ctx, http.MethodPost, "/pay/expire", OrderRequest{MerchantID: merchantID, OutTradeNo: outTradeNo}, nil)
}

// SettleRefund ends a refund with SUCCESS, CLOSED or ABNORMAL.
func (r *Remote) SettleRefund(ctx context.Context, merchantID, outRefundNo, status string) error {
	return r.do(ctx, http.MethodPost, "/pay/refunds/settle", SettleRequest{MerchantID: merchantID, OutRefundNo: outRefundNo, Status: status}, nil)
}

// Withdraw moves available money to the bank; zero means all of it.
func (r *Remote) Withdraw(ctx context.Context, merchantID string, amount int64) error {
	return r.do(ctx, http.MethodPost, "/pay/withdraw", WithdrawRequest{MerchantID: merchantID, Amount: amount}, nil)
}

// Books are what WeChat Pay holds for a merchant.
func (r *Remote) Books(ctx context.Context, merchantID string) (books PayBooks, err error) {
	err = r.do(ctx, http.MethodGet, "/pay/books?"+url.Values{"mchid": {merchantID}}.Encode(), nil, &books)
	return books, err
}

// Notices lists a merchant's notices, oldest first.
func (r *Remote) Notices(ctx context.Context, merchantID string) ([]Notice, error) {
	var found Notices
	err := r.do(ctx, http.MethodGet, "/pay/notices?"+url.Values{"mchid": {merchantID}}.Encode(), nil, &found)
	return found.Notices, err
}

// ScaleNotices scales the waits between the tries of notices, those to come; 0.001 makes 15 ms of 15 s.
func (r *Remote) ScaleNotices(ctx context.Context, factor float64) error {
	return r.do(ctx, http.MethodPost, "/pay/notices/factor", FactorRequest{Factor: factor}, nil)
}

// FailNotices makes the next new notices go wrong.
func (r *Remote) FailNotices(ctx context.Context, fault NoticeFault) error {
	return r.do(ctx, http.MethodPost, "/pay/notices/faults", fault, nil)
}

// DeliverNotice sends a known notice now, once, and gives the answer.
func (r *Remote) DeliverNotice(ctx context.Context, delivery NoticeDelivery) (result PushResult, err error) {
	err = r.do(ctx, http.MethodPost, "/pay/notices/deliver", delivery, &result)
	return result, err
}

// ReleaseNotices sends a merchant's notices that are held, one after the other, and gives the statuses of the answers.
func (r *Remote) ReleaseNotices(ctx context.Context, merchantID string, reverse bool) ([]int, error) {
	var result ReleaseResult
	err := r.do(ctx, http.MethodPost, "/pay/notices/release", ReleaseRequest{MerchantID: merchantID, Reverse: reverse}, &result)
	return result.Statuses, err
}

// ChangeBill makes bills differ from the books.
func (r *Remote) ChangeBill(ctx context.Context, change BillChange) error {
	return r.do(ctx, http.MethodPost, "/pay/bill-changes", change, nil)
}

// FailPay makes the next requests to the merchant side go wrong.
func (r *Remote) FailPay(ctx context.Context, fault PayFault) error {
	return r.do(ctx, http.MethodPost, "/pay/chaos", fault, nil)
}

// PayJournal lists the requests of a merchant by operation; either may be empty for all.
func (r *Remote) PayJournal(ctx context.Context, merchantID, operation string) ([]PayEntry, error) {
	var journal PayJournal
	err := r.do(ctx, http.MethodGet, "/pay/journal?"+url.Values{"mchid": {merchantID}, "operation": {operation}}.Encode(), nil, &journal)
	return journal.Entries, err
}
