package payment_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/domain/payment"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/paykit"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
	"dongxiao/rest/wechatpaynotice"
)

// simulated is the simulator of this process.
var simulated = sync.OnceValues(func() (*wechatsim.Remote, string) {
	s := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler), NoticeFactor: 0.001})
	return wechatsim.NewRemote(httptest.NewServer(s.Control()).URL), httptest.NewServer(s.API()).URL
})

// shop is a world in which Store1 takes money from a member, through the simulator.
type shop struct {
	*testkit.World
	payments  *payment.Service
	simulator *wechatsim.Remote
	merchant  wechatpay.Merchant
	account   *ent.MerchantAccount
	member    *ent.Member
	payer     auth.Viewer
	openID    string
	url       string
	goods     *goods
	admin     auth.Viewer
	finance   auth.Viewer

	mu     sync.Mutex
	alerts map[string]int
}

// goods is what is paid for; it counts what was committed.
type goods struct {
	mu       sync.Mutex
	applied  map[int64]int
	closed   map[int64]int
	refunded map[int64]int
	// gone says that nothing can be applied any more; refuse, that Apply answers with it.
	gone   bool
	refuse error
}

func (g *goods) count(ctx context.Context, counts map[int64]int, id int64) {
	store.AfterCommit(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		counts[id]++
	})
}

func (g *goods) Apply(ctx context.Context, p *ent.Payment) (bool, error) {
	g.mu.Lock()
	gone, refuse := g.gone, g.refuse
	g.mu.Unlock()
	if refuse != nil || gone {
		return false, refuse
	}
	g.count(ctx, g.applied, p.ID)
	return true, nil
}

func (g *goods) Close(ctx context.Context, p *ent.Payment) error {
	g.count(ctx, g.closed, p.ID)
	return nil
}

func (g *goods) RefundSettled(ctx context.Context, _ *ent.Payment, r *ent.PaymentRefund) error {
	g.count(ctx, g.refunded, r.ID)
	return nil
}

func (g *goods) counts(counts map[int64]int, id int64) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return counts[id]
}

// once waits until something was counted, which is after the commit, and proves that it was once.
func (x *shop) once(t *testing.T, counts map[int64]int, id int64) {
	t.Helper()
	require.Eventually(t, func() bool { return x.goods.counts(counts, id) > 0 }, 30*time.Second, time.Millisecond)
	require.Equal(t, 1, x.goods.counts(counts, id))
}

func newShop(t *testing.T, w *testkit.World, change func(*wechatsim.PayMerchant)) *shop {
	t.Helper()
	simulator, api := simulated()
	w.Clock.Set(time.Now()) // the simulator lives in real time
	return newShopAt(t, w, simulator, api, change)
}

// newShopAt is newShop with another simulator, whose time is the world's.
func newShopAt(t *testing.T, w *testkit.World, simulator *wechatsim.Remote, api string, change func(*wechatsim.PayMerchant)) *shop {
	t.Helper()
	x := &shop{World: w, simulator: simulator, alerts: map[string]int{}, goods: &goods{applied: map[int64]int{}, closed: map[int64]int{}, refunded: map[int64]int{}}}
	ctx := auth.System(t.Context(), w.Brand.ID)
	client := w.Store.Client(ctx)
	ring := w.Keyring.Ring()
	app := w.Apps[auth.Storefront]
	client.App.UpdateOne(app).SetSecretSealed(identity.SealAppSecret(ring, w.Brand.ID, "secret")).ExecX(ctx)
	require.NoError(t, simulator.Register(t.Context(), wechatsim.App{AppID: app.WechatAppID, Secret: "secret"}))
	x.member, x.payer = w.NewMember(t)
	user, err := simulator.Open(t.Context(), app.WechatAppID, rand.Text())
	require.NoError(t, err)
	x.openID = user.OpenID
	client.Identity.Create().SetPersonID(x.member.PersonID).SetAppID(app.ID).SetOpenidHash(ring.Hash("openid", w.Brand.ID, x.openID)).
		SetOpenidSealed(ring.Seal([]byte(x.openID), keys.AssociatedData("openid", w.Brand.ID))).ExecX(ctx)
	x.merchant = paykit.Merchant(t, simulator, []string{app.WechatAppID}, func(m *wechatsim.PayMerchant) {
		m.AnyRefundGap = true
		if change != nil {
			change(m)
		}
	})

	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	x.url = server.URL
	log := slog.New(slog.DiscardHandler)
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	calls, err := wechat.New(wechat.Options{BaseURL: api, Logger: log})
	require.NoError(t, err)
	x.payments = payment.New(payment.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Redis: w.Redis, Orgs: org.New(w.Store, w.Clock, cursors),
		Ledger: ledger.New(w.Store), WeChat: calls, Cursors: cursors, Log: log, BaseURL: server.URL,
		Payers: identity.New(identity.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Redis: w.Redis, WeChat: calls, Log: log}),
		Pay:    wechatpay.Options{BaseURL: api, Logger: log},
		Alert: func(kind string) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.alerts[kind]++
		}})
	x.payments.Register(enum.PayOrder, x.goods)
	mux.Handle(wechatpaynotice.Path, wechatpaynotice.Handler(x.payments, log))
	working, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { x.payments.Work(working) })
	t.Cleanup(func() { stop(); running.Wait() })

	_, x.admin = w.NewStaff(t, auth.Console, w.Root, auth.Admin)
	_, x.finance = w.NewStaff(t, auth.Console, w.Root, auth.Finance)
	x.account, err = x.payments.CreateMerchantAccount(testkit.As(t, x.admin), payment.NewMerchantAccount{OrgID: w.Store1.ID, MerchantID: x.merchant.ID, Name: "一店",
		Keys: keysOf(x.merchant), IdempotencyKey: rand.Text()})
	require.NoError(t, err)
	return x
}

func keysOf(m wechatpay.Merchant) payment.MerchantKeys {
	return payment.MerchantKeys{CertificateSerial: &m.CertificateSerial, PrivateKey: &m.PrivateKey, APIKey: &m.APIv3Key, PublicKeyID: &m.PublicKeyID, PublicKey: &m.PublicKey}
}

func (x *shop) system(t *testing.T) context.Context { return auth.System(t.Context(), x.Brand.ID) }

// alert waits until people were told of a kind n times; that is after the commit.
func (x *shop) alert(t *testing.T, kind string, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		return x.alerts[kind] == n
	}, 30*time.Second, 5*time.Millisecond, kind)
}

// create makes a payment of the member's at Store1 that lives for half an hour.
func (x *shop) create(t *testing.T, amount money.Fen) *ent.Payment {
	t.Helper()
	var made *ent.Payment
	require.NoError(t, x.Store.WithTx(x.system(t), func(ctx context.Context) (err error) {
		made, err = x.payments.Create(ctx, payment.NewPayment{Purpose: enum.PayOrder, SubjectID: x.member.ID, OrgID: x.Store1.ID, AppID: x.Apps[auth.Storefront].ID,
			PersonID: x.member.PersonID, MemberID: x.member.ID, Description: "充值 100 元", Amount: amount, ExpiresAt: x.Clock.Now().Add(30 * time.Minute)})
		return err
	}))
	return made
}

// prepared makes a payment and prepares it.
func (x *shop) prepared(t *testing.T, amount money.Fen) *payment.Prepared {
	t.Helper()
	p, err := x.payments.Prepare(testkit.As(t, x.payer), x.create(t, amount).ID)
	require.NoError(t, err)
	return p
}

func (x *shop) pay(t *testing.T, p *payment.Prepared) wechatsim.PaymentResult {
	t.Helper()
	result, err := paykit.Pay(t.Context(), x.simulator, p.Parameters, x.openID)
	require.NoError(t, err)
	return result
}

// paid is a payment that was paid and applied.
func (x *shop) paid(t *testing.T, amount money.Fen) *ent.Payment {
	t.Helper()
	p := x.prepared(t, amount)
	x.pay(t, p)
	x.await(t, p.Payment.ID, enum.PaymentPaid)
	return x.payment(t, p.Payment.ID)
}

func (x *shop) payment(t *testing.T, id int64) *ent.Payment {
	t.Helper()
	return x.Store.Client(t.Context()).Payment.GetX(x.system(t), id)
}

func (x *shop) await(t *testing.T, id int64, state enum.PaymentState) {
	t.Helper()
	require.Eventually(t, func() bool { return x.payment(t, id).State == state }, 30*time.Second, 5*time.Millisecond)
}

// due runs the sweeps once.
func (x *shop) due(t *testing.T) {
	t.Helper()
	ctx := x.system(t)
	for _, take := range []func(context.Context, int) (int, error){x.payments.ApplyDue, x.payments.CheckDue, x.payments.RefundDue} {
		_, err := take(ctx, 1000)
		require.NoError(t, err)
	}
}

// unapplied waits until every notice is applied.
func (x *shop) drained(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, n := range x.Store.Client(t.Context()).PaymentNotice.Query().AllX(x.system(t)) {
			if n.AppliedAt == nil {
				return false
			}
		}
		return true
	}, 30*time.Second, 5*time.Millisecond)
}

// balance is what an account of the ledger has.
func (x *shop) balance(t *testing.T, kind enum.AccountKind, owner int64) int64 {
	t.Helper()
	var sum int64
	for _, row := range x.Store.Client(t.Context()).LedgerAccount.Query().Where(ledgeraccount.KindEQ(kind), ledgeraccount.OwnerID(owner)).AllX(x.system(t)) {
		sum += row.Balance
	}
	return sum
}

// holds proves that the ledger, the rows and the simulator's books say the same.
func (x *shop) holds(t *testing.T, captured, refunded int64) {
	t.Helper()
	books, err := x.simulator.Books(t.Context(), x.merchant.ID)
	require.NoError(t, err)
	require.Equal(t, captured, books.Captured)
	require.Equal(t, refunded, books.Refunded)
	require.Equal(t, captured-refunded, x.balance(t, enum.AccountMerchant, x.account.ID))
	require.Equal(t, refunded-captured, x.balance(t, enum.AccountReceived, x.Store1.ID))
	testkit.VerifyBrand(t, x.Store, x.Brand.ID)
}

// refunds are the refunds of a payment, oldest first.
func (x *shop) refunds(t *testing.T, paymentID int64) []*ent.PaymentRefund {
	t.Helper()
	found, err := x.payments.RefundsOf(x.system(t), []int64{paymentID})
	require.NoError(t, err)
	return found[paymentID]
}
