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
			installation := appkit.Install(t, d)
			killed := installation.Start(t)
			k := appkit.NewKit(t, installation, installation.Serve(t, appkit.Options{Quiet: true}))
			k.Server = &killed.Server
			require.NoError(t, installation.WeChat.ScaleNotices(t.Context(), 0.01))
			c := newCounter(t, k)

			const shoppers = 6
			var mu sync.Mutex
			var spent, returned int64
			topUps := map[string]bool{}
			var done atomic.Int64
			var over atomic.Bool
			var all sync.WaitGroup
			for n := range shoppers {
				shopper := k.Shopper(t)
				all.Go(func() {
					for turn := 0; !over.Load(); turn++ {
						key := func(what string) string { return fmt.Sprintf("kill-%s-%d-%d", what, n, turn) }
						topUp, refusal, err := c.buy(t.Context(), shopper, key("buy"))
						if err != nil {
							t.Errorf("top up: %v", err)
							return
						}
						mu.Lock()
						if refusal == "" {
							topUps[topUp] = true
						}
						mu.Unlock()
						store := k.Store1.ID
						if turn%2 == 1 {
							store = k.Store2.ID
						}
						// The money of the first top-up may not be there yet; then this is refused, and that is all.
						payment, refusal, err := c.spend(t.Context(), shopper, store, 20_000, key("spend"))
						if err != nil {
							t.Errorf("spend: %v", err)
							return
						}
						if refusal == "" {
							back, err := c.giveBack(t.Context(), payment, 5_000, key("back"))
							if err != nil || back.Look("walletRefund.refund.id") == nil {
								t.Errorf("give back: %v %v", err, back)
								return
							}
							mu.Lock()
							spent, returned = spent+20_000, returned+5_000
							mu.Unlock()
						}
						done.Add(1)
					}
				})
			}
			progress := func() {
				before := done.Load()
				require.Eventually(t, func() bool { return done.Load() > before+shoppers || t.Failed() }, 2*time.Minute, 5*time.Millisecond)
			}
			for range servers.Kills(t) {
				progress()
				killed.Kill()
				killed.Restart(t)
			}
			progress()
			over.Store(true)
			all.Wait()
			c.settled(t)

			ctx := c.System(t)
			client := k.Store.Client(ctx)
			paid := 0
			for _, topUp := range client.TopUp.Query().AllX(ctx) {
				if topUp.State == enum.TopUpPaid {
					paid++
				}
			}
			require.Equal(t, len(topUps), paid, "each top-up that was paid at WeChat is paid here, once")
			var captured, refunded int64
			for _, payment := range client.WalletPayment.Query().AllX(ctx) {
				captured, refunded = captured+payment.CapturedFen, refunded+payment.RefundedFen
			}
			require.Equal(t, []int64{spent, returned}, []int64{captured, refunded})
			k.Verify(t)
		})
	}
}
