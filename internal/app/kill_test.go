package app_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/ent/enum"
	"dongxiao/ent/topup"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit/appkit"
	"dongxiao/internal/testkit/servers"
)

// The server is killed outright, again and again, while shoppers top up, pay and get something back, and while WeChat goes on telling of their
// payments. Whoever got no answer asks again with the same key. In the end what was answered is there once, the books are right, and they
// have what WeChat's have.
func TestKilledServerLosesNoValue(t *testing.T) {
	t.Parallel()
	for _, d := range []string{dialect.MySQL, dialect.SQLite} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			installation := appkit.Own(t, d)
			killed := installation.Start(t)
			k := appkit.NewKit(t, installation, installation.Serve(t, appkit.Options{Quiet: true}))
			k.Server = &killed.Server
			require.NoError(t, installation.WeChat.ScaleNotices(t.Context(), 0.01))
			c := newCounter(t, k)

			l := c.load(t, "kill")
			for range servers.Kills(t) {
				l.progress(t)
				killed.Kill()
				killed.Restart(t)
			}
			l.finish(t)
		})
	}
}

// MariaDB is restarted and killed, and Redis is emptied and restarted, while shoppers top up, pay and get something back. The server goes on, nobody is told of a
// fault of ours but that the service is busy, and whoever asks again with the same key gets what there is once.
func TestKilledDatabaseLosesNoValue(t *testing.T) {
	t.Parallel()
	redis, err := servers.Redis(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = redis.Stop() })
	database, err := servers.MariaDB(t.Context(), servers.Options{Durable: true})
	require.NoError(t, err)
	t.Cleanup(func() { _ = database.Stop() })
	require.NoError(t, database.CreateDatabase(t.Context(), "dongxiao"))
	installation := appkit.Fresh(t, database.URL("dongxiao"), redis.URL(), dialect.MySQL)
	k := appkit.NewKit(t, installation, installation.Serve(t, appkit.Options{Migrate: true}))
	require.NoError(t, installation.WeChat.ScaleNotices(t.Context(), 0.01))
	c := newCounter(t, k)
	l := c.load(t, "database")
	for n := range servers.Kills(t) {
		l.progress(t)
		require.NoError(t, redis.FlushAll(t.Context()))
		l.progress(t)
		if n%2 == 0 {
			require.NoError(t, database.Kill())
		}
		require.NoError(t, database.Restart(t.Context()))
		l.progress(t)
		require.NoError(t, redis.Restart(t.Context()))
	}
	l.finish(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Logf("what was not answered: %v", c.faults)
	require.NotEmpty(t, c.faults, "nobody noticed that the database was away")
	for code := range c.faults {
		require.Equal(t, string(apperr.Unavailable), code, "%v", c.faults)
	}
}

// load is shoppers who top up, pay and get something back until they are told to stop.
type load struct {
	*counter
	over atomic.Bool
	done atomic.Int64
	all  sync.WaitGroup

	sums            sync.Mutex
	spent, returned int64
	topUps          map[string]bool
}

// crowd is how many shoppers a load has.
const crowd = 6

// load starts shoppers whose keys begin with the name.
func (c *counter) load(t *testing.T, name string) *load {
	t.Helper()
	l := &load{counter: c, topUps: map[string]bool{}}
	for n := range crowd {
		shopper := c.Shopper(t)
		l.all.Go(func() {
			for turn := 0; !l.over.Load(); turn++ {
				if err := l.turn(t, shopper, turn, fmt.Sprintf("%s-%d-%d", name, n, turn)); err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				l.done.Add(1)
			}
		})
	}
	return l
}

// turn is one of a shopper's: a top-up, a payment at one of the stores and a part of it back.
func (l *load) turn(t *testing.T, shopper *appkit.Client, turn int, key string) error {
	topUp, refusal, err := l.buy(t.Context(), shopper, key+"-buy")
	if err != nil {
		return fmt.Errorf("top up: %w", err)
	}
	if refusal == "" {
		l.sums.Lock()
		l.topUps[topUp] = true
		l.sums.Unlock()
	}
	store := l.Store1.ID
	if turn%2 == 1 {
		store = l.Store2.ID
	}
	// The money of the first top-up may not be there yet; then this is refused, and that is all.
	payment, refusal, err := l.spend(t.Context(), shopper, store, 20_000, key+"-spend")
	if err != nil || refusal != "" {
		return err
	}
	back, err := l.giveBack(t.Context(), payment, 5_000, key+"-back")
	if err != nil || back.Look("walletRefund.refund.id") == nil {
		return fmt.Errorf("give back: %w %v", err, back)
	}
	l.sums.Lock()
	defer l.sums.Unlock()
	l.spent, l.returned = l.spent+20_000, l.returned+5_000
	return nil
}

// progress waits until each shopper has had about one more turn.
func (l *load) progress(t *testing.T) {
	t.Helper()
	before := l.done.Load()
	require.Eventually(t, func() bool { return l.done.Load() > before+crowd || t.Failed() }, 2*time.Minute, 5*time.Millisecond)
}

// finish stops the shoppers and proves that what was answered is there once: here, and at WeChat Pay.
func (l *load) finish(t *testing.T) {
	t.Helper()
	l.progress(t)
	l.over.Store(true)
	l.all.Wait()
	l.settled(t)
	ctx := l.System(t)
	client := l.Store.Client(ctx)
	paid := client.TopUp.Query().Where(topup.StateEQ(enum.TopUpPaid)).CountX(ctx)
	require.Equal(t, len(l.topUps), paid, "each top-up that was paid at WeChat is paid here, once")
	var captured, refunded int64
	for _, payment := range client.WalletPayment.Query().AllX(ctx) {
		captured, refunded = captured+payment.CapturedFen, refunded+payment.RefundedFen
	}
	require.Equal(t, []int64{l.spent, l.returned}, []int64{captured, refunded})
	l.Verify(t)
}
