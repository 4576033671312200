package wechatsim

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Requests of the control port about the merchant side, JSON over HTTP.
//
//	POST /pay/merchants         PayMerchant                        registers or replaces a merchant
//	GET  /pay/keys                                → PayKeys        what merchants verify with
//	POST /pay/rotate            {}                → PayKeys        a newer platform certificate signs from now on
//	POST /pay/pay               Payment           → PaymentResult  what wx.requestPayment does, up to the payer's password
//	POST /pay/fail              Payment                            the same, but the payer gives up: the order stays unpaid
//	POST /pay/expire            OrderRequest                       the order's time is over now
//	POST /pay/refunds/settle    SettleRequest                      ends a refund
//	POST /pay/withdraw          WithdrawRequest                    moves available money to the bank, so that refunds lack it
//	GET  /pay/books             ?mchid=           → PayBooks
//	GET  /pay/notices           ?mchid=           → Notices        oldest first
//	POST /pay/notices/factor    FactorRequest                      scales the waits between tries
//	POST /pay/notices/faults    NoticeFault                        the next new notices go wrong
//	POST /pay/notices/deliver   NoticeDelivery    → PushResult     sends one now
//	POST /pay/notices/release   ReleaseRequest    → ReleaseResult  sends those that are held, one after the other
//	POST /pay/bill-changes      BillChange                         bills differ from the books
//	POST /pay/chaos             PayFault                           the next requests go wrong
//	GET  /pay/journal           ?mchid= &operation= &after= → PayJournal
type (
	// PayKeys are the public sides of the simulator's keys, all PEM.
	PayKeys struct {
		PublicKeyID string `json:"public_key_id"`
		PublicKey   string `json:"public_key"`
		// Certificate is the newest platform certificate and Serial its number.
		Certificate string `json:"certificate"`
		Serial      string `json:"serial_no"`
	}
	// Payment is a call of wx.requestPayment in an app by one of its users.
	Payment struct {
		AppID  string `json:"appid"`
		User   string `json:"user,omitempty"`
		OpenID string `json:"openid,omitempty"`
		// The parameters of wx.requestPayment, as the app's server signed them.
		TimeStamp string `json:"timeStamp"`
		NonceStr  string `json:"nonceStr"`
		Package   string `json:"package"`
		SignType  string `json:"signType"`
		PaySign   string `json:"paySign"`
		// Amount, where it is set, is paid in place of what was ordered, which WeChat Pay never does.
		Amount int64 `json:"amount,omitempty"`
		// Late pays an order that is closed, as a payment does that was under way while it was closed.
		Late bool `json:"late,omitempty"`
		// Again pays an order that is paid, which makes a second transaction of one number, as WeChat Pay never should.
		Again bool `json:"again,omitempty"`
	}
	// PaymentResult is what the payment was recorded as.
	PaymentResult struct {
		OutTradeNo    string    `json:"out_trade_no"`
		TransactionID string    `json:"transaction_id"`
		SuccessTime   time.Time `json:"success_time"`
	}
	// OrderRequest names an order.
	OrderRequest struct {
		MerchantID string `json:"mchid"`
		OutTradeNo string `json:"out_trade_no"`
	}
	// SettleRequest ends a refund with SUCCESS, CLOSED or ABNORMAL; an abnormal one may be ended again.
	SettleRequest struct {
		MerchantID  string `json:"mchid"`
		OutRefundNo string `json:"out_refund_no"`
		Status      string `json:"status"`
	}
	// WithdrawRequest moves Amount fen; zero means all that is available.
	WithdrawRequest struct {
		MerchantID string `json:"mchid"`
		Amount     int64  `json:"amount,omitempty"`
	}
	// FactorRequest scales the waits between tries, those to come; 0.001 makes 15 ms of 15 s.
	FactorRequest struct {
		Factor float64 `json:"factor"`
	}
	// ReleaseRequest sends the notices of a merchant that are held, in the order in which they were made or turned round.
	ReleaseRequest struct {
		MerchantID string `json:"mchid"`
		Reverse    bool   `json:"reverse,omitempty"`
	}
	// ReleaseResult has the status of each answer; 0 where there was none.
	ReleaseResult struct {
		Statuses []int `json:"statuses"`
	}
	// Notices are a merchant's notices.
	Notices struct {
		Notices []Notice `json:"notices"`
	}
	// PayJournal has the entries asked for, oldest first.
	PayJournal struct {
		Entries []PayEntry `json:"entries"`
	}
)

func (s *Simulator) controlPay(mux *http.ServeMux) {
	mux.Handle("POST /pay/merchants", command(s.controlMerchant))
	mux.Handle("POST /pay/rotate", command(s.controlRotate))
	mux.Handle("POST /pay/pay", command(s.controlPayment))
	mux.Handle("POST /pay/fail", command(s.controlFail))
	mux.Handle("POST /pay/expire", command(s.controlExpire))
	mux.Handle("POST /pay/refunds/settle", command(s.controlSettle))
	mux.Handle("POST /pay/withdraw", command(s.controlWithdraw))
	mux.Handle("POST /pay/notices/factor", command(s.controlFactor))
	mux.Handle("POST /pay/notices/faults", command(s.controlNoticeFault))
	mux.Handle("POST /pay/notices/deliver", command(s.controlDeliver))
	mux.Handle("POST /pay/notices/release", command(s.controlRelease))
	mux.Handle("POST /pay/bill-changes", command(s.controlBillChange))
	mux.Handle("POST /pay/chaos", command(s.controlPayFault))
	mux.HandleFunc("GET /pay/keys", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		keys := s.payKeys()
		s.mu.Unlock()
		respond(w, http.StatusOK, keys)
	})
	mux.HandleFunc("GET /pay/books", s.serveBooks)
	mux.HandleFunc("GET /pay/notices", s.serveNotices)
	mux.HandleFunc("GET /pay/journal", s.servePayJournal)
}

var errNoMerchant = problem{http.StatusNotFound, "no such merchant is registered"}

func (s *Simulator) controlMerchant(_ context.Context, merchant PayMerchant) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return struct{}{}, s.registerMerchant(merchant)
}

func (s *Simulator) payKeys() PayKeys {
	newest := s.paying.certificates[len(s.paying.certificates)-1]
	return PayKeys{PublicKeyID: PayPublicKeyID, PublicKey: platformKeys().publicPEM, Certificate: newest.certificate, Serial: newest.serial}
}

func (s *Simulator) controlRotate(context.Context, struct{}) (PayKeys, error) {
	made, err := anotherCertificate()
	if err != nil {
		return PayKeys{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paying.certificates = append(s.paying.certificates, made)
	return s.payKeys(), nil
}

// payable finds the order that a payment is for and checks all that wx.requestPayment checks. The caller holds the lock.
func (s *Simulator) payable(p Payment) (*payOrder, error) {
	app, u, err := s.person(p.AppID, p.User, p.OpenID)
	if err != nil {
		return nil, err
	}
	id, _ := strings.CutPrefix(p.Package, "prepay_id=")
	found, known := s.paying.prepays[id]
	if !known {
		return nil, badRequest("requestPayment:fail no such prepay_id")
	}
	return found.order, s.mayPay(found.order, found.expiresAt, p, app.AppID, u.openID)
}

func (s *Simulator) mayPay(o *payOrder, expiresAt time.Time, p Payment, appID, openID string) error {
	s.lapse(o)
	late := p.Late && o.state == tradeClosed
	switch {
	case p.SignType != "RSA" || len(p.NonceStr) > 32 || p.NonceStr == "":
		return badRequest("requestPayment:fail signType or nonceStr")
	case !verifyRSA(o.merchant.public, p.AppID+"\n"+p.TimeStamp+"\n"+p.NonceStr+"\n"+p.Package+"\n", p.PaySign):
		return badRequest("requestPayment:fail 支付验证签名失败")
	case o.request.AppID != appID:
		return badRequest("requestPayment:fail the prepay_id is of another app")
	case o.request.Payer.OpenID != openID:
		return badRequest("requestPayment:fail 下单账号与支付账号不一致")
	case (o.state == tradePaid || o.state == tradeRefunded) != p.Again:
		return badRequest("requestPayment:fail 该订单已支付")
	case o.state == tradeClosed && !late:
		return badRequest("requestPayment:fail 该订单已关闭")
	case s.now().After(expiresAt) && !late:
		return badRequest("requestPayment:fail the prepay_id has expired")
	case p.Amount < 0:
		return badRequest("an amount is at least 1")
	}
	return nil
}

func (s *Simulator) controlPayment(_ context.Context, p Payment) (PaymentResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.payable(p)
	if err != nil {
		return PaymentResult{}, err
	}
	amount := o.request.Amount.Total
	if p.Amount > 0 {
		amount = p.Amount
	}
	if p.Again {
		o = &payOrder{merchant: o.merchant, request: o.request, canonical: o.canonical, madeAt: o.madeAt, expiresAt: o.expiresAt}
		o.merchant.again = append(o.merchant.again, o)
	}
	s.capture(o, amount)
	return PaymentResult{OutTradeNo: o.request.OutTradeNo, TransactionID: o.transactionID, SuccessTime: o.paidAt}, nil
}

func (s *Simulator) controlFail(_ context.Context, p Payment) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.payable(p)
	return struct{}{}, err
}

func (s *Simulator) controlExpire(_ context.Context, r OrderRequest) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.paying.merchants[r.MerchantID]
	if m == nil {
		return struct{}{}, errNoMerchant
	}
	o := m.orders[r.OutTradeNo]
	if o == nil || o.state != tradeUnpaid {
		return struct{}{}, badRequest("there is no unpaid order of this number")
	}
	o.expiresAt = s.now()
	s.lapse(o)
	return struct{}{}, nil
}

func (s *Simulator) controlSettle(_ context.Context, r SettleRequest) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.paying.merchants[r.MerchantID]
	if m == nil {
		return struct{}{}, errNoMerchant
	}
	refund := m.refunds[r.OutRefundNo]
	switch {
	case refund == nil || refund.status != refundProcessing && refund.status != refundAbnormal:
		return struct{}{}, badRequest("there is no refund of this number under way")
	case r.Status != refundSuccess && r.Status != refundClosed && r.Status != refundAbnormal:
		return struct{}{}, badRequest("status is SUCCESS, CLOSED or ABNORMAL")
	}
	s.settle(refund, r.Status)
	return struct{}{}, nil
}

func (s *Simulator) controlWithdraw(_ context.Context, r WithdrawRequest) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.paying.merchants[r.MerchantID]
	if m == nil {
		return struct{}{}, errNoMerchant
	}
	amount := r.Amount
	if amount == 0 {
		amount = m.accounts[accountAvailable]
	}
	if amount < 0 || amount > m.accounts[accountAvailable] {
		return struct{}{}, badRequest("no more can be withdrawn than is available")
	}
	m.move(accountAvailable, accountBank, amount)
	return struct{}{}, nil
}

func (s *Simulator) controlFactor(_ context.Context, r FactorRequest) (struct{}, error) {
	if !(r.Factor > 0 && r.Factor <= 1) {
		return struct{}{}, badRequest("factor is above 0 and at most 1")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paying.factor = r.Factor
	return struct{}{}, nil
}

func (s *Simulator) controlNoticeFault(_ context.Context, fault NoticeFault) (struct{}, error) {
	switch {
	case fault.Mode == NoticeDrop || fault.Mode == NoticeHold || spoiling[fault.Mode]:
	case fault.Mode == NoticeDelay && fault.Milliseconds >= 1 && fault.Milliseconds <= 600_000:
	case fault.Mode == NoticeDuplicate && fault.Copies >= 2 && fault.Copies <= 64:
	default:
		return struct{}{}, badRequest("unknown mode %q, or its milliseconds (1 to 600000) or copies (2 to 64) are missing", fault.Mode)
	}
	if fault.Times < 0 {
		return struct{}{}, badRequest("times is 1 or more")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paying.noticeFaults = append(s.paying.noticeFaults, &fault)
	return struct{}{}, nil
}

func (s *Simulator) controlDeliver(ctx context.Context, d NoticeDelivery) (PushResult, error) {
	var spoil *NoticeFault
	if d.Mode != "" {
		if !spoiling[d.Mode] || d.Replay {
			return PushResult{}, badRequest("unknown mode %q", d.Mode)
		}
		spoil = &NoticeFault{Mode: d.Mode, Fields: d.Fields}
	}
	s.mu.Lock()
	var found *payNotice
	for _, n := range s.paying.notices {
		if n.id == d.ID {
			found = n
		}
	}
	s.mu.Unlock()
	switch {
	case found == nil:
		return PushResult{}, problem{http.StatusNotFound, "no such notice"}
	case d.Replay:
		return s.replay(ctx, found)
	}
	return s.deliver(ctx, found, spoil)
}

func (s *Simulator) controlRelease(ctx context.Context, r ReleaseRequest) (ReleaseResult, error) {
	s.mu.Lock()
	var held []*payNotice
	for _, n := range s.paying.notices {
		if n.state == NoticeHeld && n.merchant.MerchantID == r.MerchantID {
			n.state = NoticePending
			held = append(held, n)
		}
	}
	s.mu.Unlock()
	if r.Reverse {
		for i, j := 0, len(held)-1; i < j; i, j = i+1, j-1 {
			held[i], held[j] = held[j], held[i]
		}
	}
	result := ReleaseResult{Statuses: []int{}}
	for _, n := range held {
		s.try(n)
		s.mu.Lock()
		result.Statuses = append(result.Statuses, n.lastStatus)
		s.mu.Unlock()
	}
	return result, ctx.Err()
}

func (s *Simulator) controlBillChange(_ context.Context, change BillChange) (struct{}, error) {
	if change.Number == "" || change.Omit == (change.Amount > 0) {
		return struct{}{}, badRequest("name the number and either omit or an amount")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paying.merchants[change.MerchantID] == nil {
		return struct{}{}, errNoMerchant
	}
	s.paying.billChanges = append(s.paying.billChanges, change)
	return struct{}{}, nil
}

func (s *Simulator) controlPayFault(_ context.Context, fault PayFault) (struct{}, error) {
	known := fault.Operation == ""
	for _, route := range payRoutes {
		known = known || route.operation == fault.Operation
	}
	if !known {
		return struct{}{}, badRequest("unknown operation %q", fault.Operation)
	}
	switch fault.Mode {
	case PayFaultError:
		if fault.Status < 400 || fault.Status > 599 {
			return struct{}{}, badRequest("status is 400 to 599")
		}
	case PayFaultSlow:
		if fault.Milliseconds < 1 || fault.Milliseconds > 60_000 {
			return struct{}{}, badRequest("milliseconds is 1 to 60000")
		}
	case PayFaultTimeout, PayFaultTimeoutAfter, PayFaultSystem, PayFaultSystemAfter, PayFaultFrequent, PayFaultWrongSignature, PayFaultWrongSerial,
		PayFaultStale, PayFaultProbe, PayFaultUnsigned, PayFaultEmpty, PayFaultNotJSON, PayFaultHuge:
	default:
		return struct{}{}, badRequest("unknown mode %q", fault.Mode)
	}
	if fault.Times < 0 {
		return struct{}{}, badRequest("times is 1 or more")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paying.faults = append(s.paying.faults, &fault)
	return struct{}{}, nil
}

func (s *Simulator) serveBooks(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	m := s.paying.merchants[r.URL.Query().Get("mchid")]
	var books PayBooks
	if m != nil {
		books = s.payBooks(m)
	}
	s.mu.Unlock()
	if m == nil {
		respond(w, http.StatusNotFound, map[string]string{"error": errNoMerchant.text})
		return
	}
	respond(w, http.StatusOK, books)
}

func (s *Simulator) serveNotices(w http.ResponseWriter, r *http.Request) {
	merchant := r.URL.Query().Get("mchid")
	found := Notices{Notices: []Notice{}}
	s.mu.Lock()
	for _, n := range s.paying.notices {
		if merchant == "" || merchant == n.merchant.MerchantID {
			found.Notices = append(found.Notices, Notice{
				ID: n.id, MerchantID: n.merchant.MerchantID, EventType: n.eventType, Number: n.number, State: n.state, Tries: n.tries, LastStatus: n.lastStatus,
			})
		}
	}
	s.mu.Unlock()
	respond(w, http.StatusOK, found)
}

func (s *Simulator) servePayJournal(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, err := strconv.Atoi(query.Get("after"))
	if err != nil && query.Get("after") != "" {
		respond(w, http.StatusBadRequest, map[string]string{"error": "after is a sequence number"})
		return
	}
	found := PayJournal{Entries: []PayEntry{}}
	s.mu.Lock()
	for _, entry := range s.paying.journal {
		if entry.Sequence > after && (query.Get("mchid") == "" || query.Get("mchid") == entry.MerchantID) && (query.Get("operation") == "" || query.Get("operation") == entry.Operation) {
			found.Entries = append(found.Entries, entry)
		}
	}
	s.mu.Unlock()
	respond(w, http.StatusOK, found)
}
