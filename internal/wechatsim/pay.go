package wechatsim

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Which of WeChat Pay's keys sign for a merchant.
const (
	// PayKeysPublic is the public key (微信支付公钥), the only mode of new merchants: there are no certificates to be downloaded.
	PayKeysPublic = "public_key"
	// PayKeysCertificate is the platform certificates (平台证书), the mode of old merchants.
	PayKeysCertificate = "certificate"
	// PayKeysBoth is an old merchant on its way to the public key: answers are signed as the request asks, notices by turns.
	PayKeysBoth = "both"
)

// PayMerchant is an account of WeChat Pay (商户号). Registering it again replaces its settings and keeps its books.
type PayMerchant struct {
	MerchantID string `json:"mchid"`
	// CertificateSerial and PublicKey are those of the merchant's API certificate; PublicKey is PEM, a public key or the certificate.
	CertificateSerial string `json:"serial_no"`
	PublicKey         string `json:"public_key"`
	APIv3Key          string `json:"apiv3_key"`
	// AppIDs are the mini-programs that are bound to the account.
	AppIDs []string `json:"appids"`
	// Keys is one of the PayKeys constants; empty means PayKeysPublic.
	Keys string `json:"keys,omitempty"`
	// OldCodes spells error codes, and pairs them with statuses, as the documents of 2020 do.
	OldCodes bool `json:"old_codes,omitempty"`
	// RefundResult is how refunds end: SUCCESS (also when empty), ABNORMAL, CLOSED, or PROCESSING, which waits for /pay/refunds/settle.
	RefundResult string `json:"refund_result,omitempty"`
	// RefundMilliseconds is the real time until a refund ends.
	RefundMilliseconds int `json:"refund_milliseconds,omitempty"`
	// AnyRefundGap allows refunds of one order within a minute of each other.
	AnyRefundGap bool `json:"any_refund_gap,omitempty"`
	// CloseAfterSeconds is the age below which an order cannot be closed; the documents of 2020 ask for 300, newer ones for nothing.
	CloseAfterSeconds int `json:"close_after_seconds,omitempty"`
	// Unfrozen leaves payments available at once, as for apps without trade management; otherwise shipping information frees them.
	Unfrozen bool `json:"unfrozen,omitempty"`
}

// payMerchant is a merchant with its books.
type payMerchant struct {
	PayMerchant
	public   *rsa.PublicKey
	orders   map[string]*payOrder  // by out_trade_no
	again    []*payOrder           // what was paid for orders that were paid already
	refunds  map[string]*payRefund // by out_refund_no
	accounts map[string]int64      // what each account holds, in fen
	captured int64
	refunded int64
	signed   int // notices so far, for PayKeysBoth
}

// Accounts of a merchant. Every movement takes from one what it gives to another, so they sum to zero.
const (
	accountPayers    = "payers"    // outside; negative by what payers have paid and not got back
	accountFrozen    = "frozen"    // paid, waiting for shipping information
	accountAvailable = "available" // the merchant's to refund from or withdraw
	accountRefunding = "refunding" // on the way to payers
	accountBank      = "bank"      // withdrawn
)

func (m *payMerchant) move(from, to string, amount int64) {
	m.accounts[from] -= amount
	m.accounts[to] += amount
}

// payState is the merchant side of the simulator, guarded by the simulator's lock.
type payState struct {
	merchants    map[string]*payMerchant
	transactions map[string]*payOrder
	prepays      map[string]prepaid
	certificates []platformKey // the newest last
	nonces       map[string]time.Time
	notices      []*payNotice
	noticeFaults []*NoticeFault
	faults       []*PayFault
	journal      []PayEntry
	sequence     int
	bills        map[string]payBill
	billChanges  []BillChange
	// factor scales the gaps between the tries of a notice.
	factor float64
	// generation changes with each reset, so that timers set before do nothing.
	generation int
}

func newPayState(factor float64, generation int) payState {
	return payState{
		merchants: map[string]*payMerchant{}, transactions: map[string]*payOrder{}, prepays: map[string]prepaid{},
		certificates: []platformKey{platformCertificate()},
		nonces:       map[string]time.Time{}, bills: map[string]payBill{}, factor: factor, generation: generation,
	}
}

var (
	merchantPattern    = regexp.MustCompile(`^[0-9]{6,32}$`)
	serialPattern      = regexp.MustCompile(`^[0-9A-Fa-f]{1,64}$`)
	outTradeNoPattern  = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)
	outRefundNoPattern = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)
)

// registerMerchant adds a merchant or replaces its settings. The caller holds the lock.
func (s *Simulator) registerMerchant(merchant PayMerchant) error {
	public, err := merchantKey(merchant.PublicKey)
	if err != nil || !merchantPattern.MatchString(merchant.MerchantID) || !serialPattern.MatchString(merchant.CertificateSerial) || len(merchant.APIv3Key) != 32 {
		return badRequest("a merchant needs mchid (digits), serial_no (hexadecimal), public_key (PEM, RSA) and apiv3_key (32 characters)")
	}
	switch merchant.Keys {
	case "":
		merchant.Keys = PayKeysPublic
	case PayKeysPublic, PayKeysCertificate, PayKeysBoth:
	default:
		return badRequest("unknown keys %q", merchant.Keys)
	}
	switch merchant.RefundResult {
	case "":
		merchant.RefundResult = refundSuccess
	case refundSuccess, refundAbnormal, refundClosed, refundProcessing:
	default:
		return badRequest("unknown refund_result %q", merchant.RefundResult)
	}
	m := s.paying.merchants[merchant.MerchantID]
	if m == nil {
		m = &payMerchant{orders: map[string]*payOrder{}, refunds: map[string]*payRefund{}, accounts: map[string]int64{}}
		s.paying.merchants[merchant.MerchantID] = m
	}
	m.PayMerchant, m.public = merchant, public
	return nil
}

// merchantKey reads a public key or a certificate.
func merchantKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	var key any
	var err error
	if block.Type == "CERTIFICATE" {
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	} else {
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	public, ok := key.(*rsa.PublicKey)
	if err != nil || !ok {
		return nil, errors.New("no RSA key")
	}
	return public, nil
}

// payCall is one request to the merchant side, read whole and verified.
type payCall struct {
	*http.Request
	body     []byte
	merchant *payMerchant
	entry    *PayEntry
}

// payReply is what goes back.
type payReply struct {
	status int
	code   string
	number int
	body   []byte
	// unsigned marks the one success that is not signed, a bill's file.
	unsigned bool
}

func payAnswer(value any) payReply {
	body, err := json.Marshal(value)
	if err != nil {
		return payReply{status: http.StatusInternalServerError}
	}
	return payReply{status: http.StatusOK, body: body}
}

// payProblem is a way to refuse: the internal number that Request-Id ends in, and code and status by the newer and the older documents.
type payProblem struct {
	number    int
	code      string
	status    int
	oldCode   string
	oldStatus int
}

var (
	problemSign       = payProblem{268443699, "SIGN_ERROR", 401, "SIGN_ERROR", 401}
	problemParameter  = payProblem{268435458, "PARAM_ERROR", 400, "PARAM_ERROR", 400}
	problemRequest    = payProblem{268435460, "INVALID_REQUEST", 400, "INVALID_REQUEST", 400}
	problemRights     = payProblem{268435461, "NO_AUTH", 403, "NO_AUTH", 403}
	problemApp        = payProblem{268445527, "APPID_MCHID_NOT_MATCH", 400, "APPID_MCHID_NOT_MATCH", 400}
	problemOpenID     = payProblem{268435462, "PARAM_ERROR", 400, "OPENID_MISMATCH", 500}
	problemReentry    = payProblem{268498688, "INVALID_REQUEST", 400, "OUT_TRADE_NO_USED", 403}
	problemPaid       = payProblem{268449538, "ORDER_PAID", 400, "ORDERPAID", 400}
	problemClosed     = payProblem{268447914, "ORDER_CLOSED", 400, "ORDER_CLOSED", 400}
	problemNoOrder    = payProblem{268512771, "ORDER_NOT_EXIST", 404, "ORDERNOTEXIST", 404}
	problemNoResource = payProblem{268512772, "RESOURCE_NOT_EXISTS", 404, "RESOURCE_NOT_EXISTS", 404}
	problemNotEnough  = payProblem{268435463, "NOT_ENOUGH", 403, "NOT_ENOUGH", 403}
	problemRule       = payProblem{268435464, "RULE_LIMIT", 403, "RULELIMIT", 403}
	problemFrequent   = payProblem{268435465, "FREQUENCY_LIMITED", 429, "RATELIMIT_EXCEEDED", 429}
	problemSystem     = payProblem{268435466, "SYSTEM_ERROR", 500, "SYSTEMERROR", 500}
	problemNoBill     = payProblem{268435467, "NO_STATEMENT_EXIST", 400, "NO_STATEMENT_EXIST", 400}
	problemBillEarly  = payProblem{268435468, "STATEMENT_CREATING", 400, "STATEMENT_CREATING", 400}
)

// refusePay answers with a problem, in the spelling that the merchant is set to. Messages are for people.
func refusePay(c *payCall, problem payProblem, message string) payReply {
	code, status := problem.code, problem.status
	if c.merchant != nil && c.merchant.OldCodes {
		code, status = problem.oldCode, problem.oldStatus
	}
	out := payAnswer(map[string]any{"code": code, "message": message, "detail": map[string]any{"location": "body"}})
	out.status, out.code, out.number = status, code, problem.number
	return out
}

// decodePay reads the call's JSON strictly: unknown fields are refused, as WeChat Pay refuses extra parameters.
func decodePay(c *payCall, target any) (payReply, bool) {
	if err := decodeStrictly(c.body, target); err != nil {
		return refusePay(c, problemParameter, "输入源格式错误："+err.Error()), false
	}
	return payReply{}, true
}

// PayEntry is one request to the merchant side as the journal keeps it.
type PayEntry struct {
	Sequence int `json:"sequence"`
	// At is the virtual time at which it was answered.
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	// Operation is one of the Pay… constants of operations, empty for an unknown path.
	Operation  string `json:"operation"`
	MerchantID string `json:"mchid,omitempty"`
	// OutTradeNo and OutRefundNo are what it was about, where that is known.
	OutTradeNo  string `json:"out_trade_no,omitempty"`
	OutRefundNo string `json:"out_refund_no,omitempty"`
	// Verified says that the signature was right, otherwise Problem says what was wrong.
	Verified bool   `json:"verified"`
	Problem  string `json:"problem,omitempty"`
	// Processed is false where a fault or a wrong signature kept the request from being looked at.
	Processed bool `json:"processed"`
	// Status and Code are the answer's; Fault is the mode of the fault that hit it.
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	Fault  string `json:"fault,omitempty"`
}

func (s *Simulator) recordPay(entry PayEntry) {
	s.paying.sequence++
	entry.Sequence, entry.At = s.paying.sequence, s.now()
	if len(s.paying.journal) >= journalLength {
		s.paying.journal = append(s.paying.journal[:0], s.paying.journal[journalLength/2:]...)
	}
	s.paying.journal = append(s.paying.journal, entry)
}

// PayBooks are what WeChat Pay holds for a merchant, in fen. Captured is everything that was ever paid, Refunded what came back to payers;
// Captured − Refunded = Frozen + Available + Refunding + Withdrawn, always.
type PayBooks struct {
	MerchantID string         `json:"mchid"`
	Captured   int64          `json:"captured"`
	Refunded   int64          `json:"refunded"`
	Refunding  int64          `json:"refunding"`
	Frozen     int64          `json:"frozen"`
	Available  int64          `json:"available"`
	Withdrawn  int64          `json:"withdrawn"`
	Orders     []PayOrderBook `json:"orders"`
}

// PayOrderBook is one order of the books. Refunded counts refunds that ended in success, Refunding those accepted and not ended.
type PayOrderBook struct {
	AppID         string          `json:"appid"`
	OpenID        string          `json:"openid"`
	OutTradeNo    string          `json:"out_trade_no"`
	TransactionID string          `json:"transaction_id,omitempty"`
	State         string          `json:"trade_state"`
	Total         int64           `json:"total"`
	Paid          int64           `json:"paid"`
	Refunded      int64           `json:"refunded"`
	Refunding     int64           `json:"refunding"`
	Frozen        int64           `json:"frozen"`
	Shipments     int             `json:"shipments"`
	SuccessTime   time.Time       `json:"success_time,omitzero"`
	Refunds       []PayRefundBook `json:"refunds,omitempty"`
}

// PayRefundBook is one refund of the books.
type PayRefundBook struct {
	OutRefundNo string `json:"out_refund_no"`
	RefundID    string `json:"refund_id"`
	Status      string `json:"status"`
	Amount      int64  `json:"amount"`
}

// all are the merchant's orders by number, and then what was paid again.
func (m *payMerchant) all() []*payOrder {
	list := make([]*payOrder, 0, len(m.orders)+len(m.again))
	for _, number := range sortedKeys(m.orders) {
		list = append(list, m.orders[number])
	}
	return append(list, m.again...)
}

func (s *Simulator) payBooks(m *payMerchant) PayBooks {
	books := PayBooks{
		MerchantID: m.MerchantID, Captured: m.captured, Refunded: m.refunded, Refunding: m.accounts[accountRefunding], Frozen: m.accounts[accountFrozen],
		Available: m.accounts[accountAvailable], Withdrawn: m.accounts[accountBank], Orders: []PayOrderBook{},
	}
	for _, o := range m.all() {
		s.lapse(o)
		book := PayOrderBook{
			AppID: o.request.AppID, OpenID: o.request.Payer.OpenID, OutTradeNo: o.request.OutTradeNo, TransactionID: o.transactionID, State: o.state,
			Total: o.request.Amount.Total, Paid: o.paid, Frozen: o.frozen, Shipments: o.shipments, SuccessTime: o.paidAt,
		}
		for _, r := range o.refunds {
			book.Refunds = append(book.Refunds, PayRefundBook{OutRefundNo: r.request.OutRefundNo, RefundID: r.id, Status: r.status, Amount: r.request.Amount.Refund})
			switch r.status {
			case refundSuccess:
				book.Refunded += r.request.Amount.Refund
			case refundProcessing, refundAbnormal:
				book.Refunding += r.request.Amount.Refund
			}
		}
		books.Orders = append(books.Orders, book)
	}
	return books
}

// digits draws a number of n digits that begins with prefix.
func (s *Simulator) digits(prefix string, n int) string {
	return prefix + s.draw(n-len(prefix), "0123456789")
}

// requestID names an answer; the number at its end is the internal code of a refusal.
func (s *Simulator) requestID(number int) string {
	return "08" + s.draw(40, "0123456789ABCDEF") + "-" + strconv.Itoa(number)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
