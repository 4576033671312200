package payment

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"

	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatpay"
)

// Payable is what payments pay for. Each domain that takes money implements it, and app registers it under its purpose. The methods run inside the
// payment's transaction, as the system within the brand, with the payment's row locked; each is called once for what it tells. An error of another kind
// than *apperr.Error rolls back, and the call comes again.
type Payable interface {
	// Apply does what was paid for. False says that it cannot be done any more, and an *apperr.Error does so, too, and takes back what the call wrote: the
	// money goes back by itself then. What was paid is p.PaidFen, which is the amount unless staff accepted another one.
	Apply(ctx context.Context, p *ent.Payment) (applied bool, err error)
	// Close tells that what the payment is for will not be paid by it: it was closed unpaid, or its money goes back because Apply could not use it or staff
	// refunded a disputed payment. It may be told of what knows that already. Money that comes after a payment was closed is given back without asking Apply.
	Close(ctx context.Context, p *ent.Payment) error
	// RefundSettled tells that a refund which the payable asked for has succeeded (r.State is SUCCEEDED).
	RefundSettled(ctx context.Context, p *ent.Payment, r *ent.PaymentRefund) error
}

// Payers knows who people are in the brand's apps.
type Payers interface {
	// OpenID is the openid that the person has in the app; SIGN_IN_AGAIN where there is none.
	OpenID(ctx context.Context, personID, appID int64) (string, error)
	// HasOpenID narrows a query of the brand to rows whose person, in one column, has or had the openid in the app of another column.
	HasOpenID(brandID int64, openID, personColumn, appColumn string) func(*sql.Selector)
	// WeChatApp is the app with what is needed to call WeChat in its name.
	WeChatApp(ctx context.Context, appID int64) (wechat.App, error)
}

// Options of New; all are needed but the last.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	Redis   redis.UniversalClient
	Orgs    *org.Service
	Ledger  *ledger.Ledger
	Payers  Payers
	WeChat  *wechat.Client
	// Cursors is asked for anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
	Log     *slog.Logger
	// Pay are the settings that all merchant accounts share.
	Pay wechatpay.Options
	// BaseURL is the address under which WeChat Pay reaches this installation, without a trailing slash.
	BaseURL string
	// Alert is told what people must look into, by a word from a short list; nil for nobody.
	Alert func(kind string)
}

// Service takes payments.
type Service struct {
	Options
	payables map[enum.PaymentPurpose]Payable
	clients  *otter.Cache[clientKey, *wechatpay.Client]
	// receivers are accounts that were read within the last second, for their notices alone: keys that do not verify are read anew.
	receivers *otter.Cache[int64, receiver]
	// merchantIDs and appIDs are WeChat's numbers of merchant accounts and apps, by their rows: they never change.
	merchantIDs, appIDs sync.Map
	// nudges are notices that were stored by this server and are to be applied; what finds it full is swept.
	nudges chan *ent.PaymentNotice
}

// New makes the service; register payables before it works.
func New(o Options) *Service {
	return &Service{Options: o, payables: map[enum.PaymentPurpose]Payable{}, nudges: make(chan *ent.PaymentNotice, 1024),
		clients:   otter.Must(&otter.Options[clientKey, *wechatpay.Client]{MaximumSize: 10_000}),
		receivers: otter.Must(&otter.Options[int64, receiver]{MaximumSize: 10_000, ExpiryCalculator: otter.ExpiryWriting[int64, receiver](time.Second)})}
}

// Register names what a purpose pays for, before the first payment.
func (s *Service) Register(purpose enum.PaymentPurpose, p Payable) { s.payables[purpose] = p }

// Words for Alert.
const (
	alertDisputed = "disputed"        // money came that is not as ordered
	alertUnknown  = "unknown"         // WeChat tells of what is not ours
	alertReturned = "returned"        // money was given back by the system
	alertRefund   = "refund"          // WeChat refuses a refund, or it ended abnormally
	alertNotice   = "notice"          // a notice cannot be read, or is not applied although it was tried often
	alertShipping = "shipping"        // WeChat was not told of a delivery, so the money stays frozen
	alertBill     = "bill_difference" // the bill and the books differ
)

// alert tells people of what they must look into. It is called after the commit.
func (s *Service) alert(ctx context.Context, kind, message string, args ...any) {
	s.Log.ErrorContext(ctx, message, append([]any{"alert", kind}, args...)...)
	if s.Alert != nil {
		s.Alert(kind)
	}
}

// alertAfter is alert once the transaction of ctx has committed.
func (s *Service) alertAfter(ctx context.Context, kind, message string, args ...any) {
	store.AfterCommit(ctx, func() { s.alert(ctx, kind, message, args...) })
}

const (
	maxReason = 255
	maxNote   = 255
	maxName   = 64
)

// pause is how long after the n-th try the next one comes: first doubled with each, at most longest.
func pause(n int, first, longest time.Duration) time.Duration {
	return min(first<<min(n, 16), longest)
}
