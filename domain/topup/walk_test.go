package topup_test

import (
	"context"
	"encoding/json"
	"flag"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/brandsetting"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// walks is how many random ways are walked on the embedded database; a third of them on MariaDB.
var walks = flag.Int("walks", 24, "random ways through the model of the wallet")

// Whatever is topped up, spent, held, captured, released, given back, frozen and left to expire, in any order and by whatever way the brand spends, the wallet
// has after each step what a list of heaps has, and the books of all sum to nothing.
func TestModelOfTheWallet(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newWalker(t, w)
		left, failed := *walks, false
		if w.Store.Dialect() == dialect.MySQL {
			left = (*walks + 2) / 3
		}
		rapid.Check(t, func(r *rapid.T) {
			if left--; left < 0 && !failed {
				return
			}
			defer func() { failed = failed || r.Failed() }()
			x.walk(t, r)
		})
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// walker is a shop with all services of the wallet, and the purse that the member's wallet is compared with.
type walker struct {
	*shop
	pay     *wallet.Service
	second  context.Context // a clerk at the second store
	manager context.Context
	tiers   []*ent.TopUpTier

	rapid   *rapid.T
	t       *testing.T
	way     way
	purse   *purse
	pending []*ent.TopUp
	orders  int64
}

// balanceCap is the largest balance of the model's wallets.
const balanceCap = 15_000

func newWalker(t *testing.T, w *testkit.World) *walker {
	t.Helper()
	x := &walker{shop: open(t, w), t: t}
	cursors := func() *cursor.Codec { return cursor.New([][]byte{[]byte("a secret of thirty-two bytes ....")}) }
	orgs, events := org.New(w.Store, w.Clock, cursors), memberevent.New(w.Store, nil)
	x.pay = wallet.New(wallet.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Ledger: x.books, Orgs: orgs, Roots: org.NewRoots(w.Store), Events: events, Cursors: cursors,
		Members:  member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Orgs: orgs, Events: events}),
		Clearing: clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: orgs, Cursors: cursors, Ledger: x.books})})
	_, v := w.NewStaff(t, auth.Staff, w.Store2, auth.Clerk)
	x.second = testkit.As(t, v)
	x.manager = x.staff(t, w.Region, auth.Manager)
	_, err := x.OpenShift(x.till, w.Store1.ID, 0, key())
	require.NoError(t, err)
	for _, terms := range []struct {
		pay, bonus money.Fen
		days       int
	}{{3_000, 700, 2}, {1_000, 0, 0}, {2_000, 333, 0}, {999, 1_000, 5}} {
		x.tiers = append(x.tiers, x.tier(t, func(in *topup.TierInput) {
			in.Pay, in.Terms.BonusFen, in.Terms.BonusDays = terms.pay, terms.bonus, terms.days
		}))
	}
	return x
}

// spends sets how the brand spends.
func (x *walker) spends(r *rapid.T) {
	x.way = way{rapid.SampledFrom([]enum.SpendOrder{enum.SpendSoonestExpiring, enum.SpendPrincipalFirst, enum.SpendBonusFirst, enum.SpendProportional}).Draw(r, "order"),
		rapid.SampledFrom([]int64{10_000, 10_000, 3_333, 0}).Draw(r, "bonus cap")}
	settings := wallet.Defaults
	settings.SpendOrder, settings.BonusCap, settings.BalanceCapFen, settings.ConfirmAboveFen, settings.ClearingFee = x.way.order, money.BasisPoints(x.way.cap), balanceCap, 1_500, 100
	document, err := json.Marshal(settings)
	require.NoError(r, err)
	n, err := x.client().BrandSetting.Update().Where(brandsetting.KindEQ(enum.SettingStoredValue)).SetDocument(document).Save(x.ctx)
	require.NoError(r, err)
	if n == 0 {
		require.NoError(r, x.client().BrandSetting.Create().SetKind(enum.SettingStoredValue).SetDocument(document).Exec(x.ctx))
	}
}

func (x *walker) walk(t *testing.T, r *rapid.T) {
	x.rapid, x.purse, x.pending = r, &purse{}, nil
	x.Clock.Set(testkit.Start) // tiers end
	m, viewer := x.NewMember(t)
	x.member, x.shopper = x.client().Member.UpdateOne(m).SetHomeStoreID(x.Store1.ID).SaveX(x.ctx), testkit.As(t, viewer)
	x.spends(r)
	_, err := x.pay.Open(x.ctx, m.ID)
	require.NoError(r, err)
	acts := map[string]func(){"top up": x.topUp, "pay": x.settlePending, "give up": x.giveUp, "top up at the till": x.topUpAtTill, "charge": x.charge, "answer": x.answer, "hold": x.hold,
		"capture": x.capture, "release": x.release, "give back": x.giveBack, "wait": x.wait, "sweep": x.sweep, "freeze": x.freeze, "reissue": x.reissue,
		"another way": func() { x.spends(r) }}
	x.topUpAtTill()
	for range rapid.IntRange(1, 30).Draw(r, "steps") {
		acts[rapid.SampledFrom([]string{"top up", "pay", "pay", "give up", "top up at the till", "top up at the till", "charge", "charge", "answer", "hold", "hold", "capture", "capture", "release",
			"give back", "give back", "give back", "wait", "sweep", "freeze", "reissue", "another way"}).Draw(r, "act")]()
		x.compare()
	}
}

// compare requires that the wallet has what the purse has: each lot, the balance, what is kept for top-ups, and no fen more or less in the books of all.
func (x *walker) compare() {
	var have, want [][2]int64
	for _, l := range x.client().Lot.Query().Where(lot.MemberID(x.member.ID)).Order(lot.ByID()).AllX(x.ctx) {
		have = append(have, [2]int64{l.Remaining, l.Held})
	}
	for _, h := range x.purse.heaps {
		want = append(want, [2]int64{h.left, h.held})
	}
	require.Equal(x.rapid, want, have)
	balance, err := x.pay.BalanceOf(x.ctx, x.member.ID)
	require.NoError(x.rapid, err)
	require.Equal(x.rapid, &wallet.Balance{Principal: money.Fen(x.purse.sum(false)), Bonus: money.Fen(x.purse.sum(true)), Held: money.Fen(x.purse.held())}, balance)
	row, err := x.pay.Open(x.ctx, x.member.ID)
	require.NoError(x.rapid, err)
	require.Equal(x.rapid, [2]int64{x.purse.total(), x.purse.waiting}, [2]int64{row.BalanceFen, row.PendingFen})
	require.Equal(x.rapid, x.purse.frozen, row.State == enum.WalletFrozen)
	sums := map[enum.Asset]int64{}
	for _, a := range x.client().LedgerAccount.Query().AllX(x.ctx) {
		sums[a.Asset] += a.Balance
	}
	for asset, sum := range sums {
		require.Zero(x.rapid, sum, asset)
	}
}

// refusal is the code by which value is refused; "" where it fits.
func (x *walker) refusal(value int64) apperr.Code {
	switch {
	case x.purse.frozen:
		return apperr.WalletFrozen
	case value > 0 && x.purse.total()+x.purse.waiting+value > balanceCap:
		return apperr.BalanceCapExceeded
	}
	return ""
}

// came adds the heaps of a top-up that was paid now.
func (x *walker) came(tier *ent.TopUpTier) {
	x.purse.heaps = append(x.purse.heaps, &heap{left: tier.PayFen})
	if tier.Terms.BonusFen > 0 {
		bonus := &heap{bonus: true, left: int64(tier.Terms.BonusFen)}
		if tier.Terms.BonusDays > 0 {
			bonus.expires = x.Clock.Now().AddDate(0, 0, tier.Terms.BonusDays)
		}
		x.purse.heaps = append(x.purse.heaps, bonus)
	}
}

func worth(tier *ent.TopUpTier) int64 { return tier.PayFen + int64(tier.Terms.BonusFen) }

func (x *walker) drawTier() *ent.TopUpTier { return rapid.SampledFrom(x.tiers).Draw(x.rapid, "tier") }

func (x *walker) topUp() {
	tier := x.drawTier()
	row, err := x.Create(x.shopper, tier.ID, key())
	want := x.refusal(worth(tier))
	require.Equal(x.rapid, want, apperr.CodeOf(err), "%v", err)
	if err == nil {
		x.pending, x.purse.waiting = append(x.pending, row), x.purse.waiting+worth(tier)
	}
}

// takePending takes a top-up that was not paid yet off the list; nil where there is none.
func (x *walker) takePending() (*ent.TopUp, *ent.TopUpTier) {
	if len(x.pending) == 0 {
		return nil, nil
	}
	i := rapid.IntRange(0, len(x.pending)-1).Draw(x.rapid, "which")
	row := x.pending[i]
	x.pending = append(x.pending[:i:i], x.pending[i+1:]...)
	for _, tier := range x.tiers {
		if tier.ID == row.TierID {
			x.purse.waiting -= worth(tier)
			return row, tier
		}
	}
	panic("a top-up without a tier")
}

func (x *walker) settlePending() {
	if row, tier := x.takePending(); row != nil {
		require.NoError(x.rapid, x.settle(*row.PaymentID))
		require.NoError(x.rapid, x.settle(*row.PaymentID))
		x.came(tier)
	}
}

func (x *walker) giveUp() {
	if row, _ := x.takePending(); row != nil {
		require.NoError(x.rapid, x.expire(*row.PaymentID))
	}
}

func (x *walker) topUpAtTill() {
	tier := x.drawTier()
	x.Clock.Advance(time.Minute) // for a fresh code
	_, err := x.atTill(x.t, tier, rapid.SampledFrom([]enum.Tender{enum.TenderCash, enum.TenderCard}).Draw(x.rapid, "tender"))
	want := x.refusal(worth(tier))
	require.Equal(x.rapid, want, apperr.CodeOf(err), "%v", err)
	if err == nil {
		x.came(tier)
	}
}

func (x *walker) amount() int64 { return rapid.Int64Range(1, 3_000).Draw(x.rapid, "amount") }

// drawStore is one of the two stores, with a clerk of it: the second issued nothing.
func (x *walker) drawStore() (*ent.Org, context.Context) {
	if rapid.Bool().Draw(x.rapid, "elsewhere") {
		return x.Store2, x.second
	}
	return x.Store1, x.till
}

// requireRefused says whether the purse refuses a payment, and requires that the wallet did the same.
func (x *walker) requireRefused(parts []taken, err error) bool {
	want := x.refusal(0)
	if want == "" && parts == nil {
		want = apperr.WalletInsufficient
	}
	require.Equal(x.rapid, want, apperr.CodeOf(err), "%v", err)
	return want != ""
}

func (x *walker) charge() {
	amount := x.amount()
	at, clerk := x.drawStore()
	x.Clock.Advance(time.Minute)
	code, err := x.pay.NewPayCode(x.shopper)
	var p *ent.WalletPayment
	if err == nil {
		p, err = x.pay.Charge(clerk, wallet.Charge{PayCode: code.Digits, StoreID: at.ID, Amount: money.Fen(amount), IdempotencyKey: key()})
	}
	parts := x.purse.take(x.way, amount, x.Clock.Now())
	if x.requireRefused(parts, err) {
		return
	}
	s := &slip{id: p.ID, till: true, shared: x.way.order == enum.SpendProportional, state: p.State, amount: amount, parts: parts}
	s.spend(amount > 1_500)
	if amount > 1_500 {
		s.expires = x.Clock.Now().Add(wallet.ConfirmWithin)
	} else {
		s.captured = amount
	}
	require.Equal(x.rapid, amount > 1_500, p.State == enum.WalletPaymentAwaiting)
	x.purse.slips = append(x.purse.slips, s)
}

// slipIn is a slip in one of the states; nil where there is none.
func (x *walker) slipIn(states ...enum.WalletPaymentState) *slip {
	var list []*slip
	for _, s := range x.purse.slips {
		for _, state := range states {
			if s.state == state {
				list = append(list, s)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return rapid.SampledFrom(list).Draw(x.rapid, "slip")
}

// answer is the member's, to what waits at the till.
func (x *walker) answer() {
	s := x.slipIn(enum.WalletPaymentAwaiting)
	if s == nil {
		return
	}
	if rapid.Bool().Draw(x.rapid, "no") {
		_, err := x.pay.Decline(x.shopper, s.id)
		require.NoError(x.rapid, err)
		s.release(enum.WalletPaymentDeclined)
		return
	}
	_, err := x.pay.Confirm(x.shopper, s.id, "")
	if x.purse.frozen || !x.Clock.Now().Before(s.expires) {
		require.Contains(x.rapid, []apperr.Code{apperr.WalletFrozen, apperr.PaymentExpired}, apperr.CodeOf(err))
		return
	}
	require.NoError(x.rapid, err)
	s.capture(s.amount)
}

func (x *walker) hold() {
	amount := x.amount()
	at, _ := x.drawStore()
	x.orders++
	until := x.Clock.Now().Add(time.Duration(rapid.IntRange(1, 50).Draw(x.rapid, "hours")) * time.Hour)
	p, err := x.pay.Hold(x.ctx, wallet.Order{MemberID: x.member.ID, OrgID: at.ID, ID: x.orders, Amount: money.Fen(amount), ExpiresAt: until})
	parts := x.purse.take(x.way, amount, x.Clock.Now())
	if x.requireRefused(parts, err) {
		return
	}
	s := &slip{id: p.ID, shared: x.way.order == enum.SpendProportional, state: enum.WalletPaymentHeld, amount: amount, expires: until, parts: parts}
	s.spend(true)
	x.purse.slips = append(x.purse.slips, s)
}

func (x *walker) capture() {
	s := x.slipIn(enum.WalletPaymentHeld)
	if s == nil {
		return
	}
	n := s.amount
	if rapid.Bool().Draw(x.rapid, "a part") {
		n = rapid.Int64Range(1, s.amount).Draw(x.rapid, "part")
	}
	for range 2 { // the second changes nothing
		_, err := x.pay.Capture(x.ctx, s.id, money.Fen(n))
		require.NoError(x.rapid, err)
	}
	s.capture(n)
}

func (x *walker) release() {
	s := x.slipIn(enum.WalletPaymentHeld)
	if s == nil {
		return
	}
	_, err := x.pay.Release(x.ctx, s.id)
	require.NoError(x.rapid, err)
	s.release(enum.WalletPaymentReleased)
}

func (x *walker) giveBack() {
	s := x.slipIn(enum.WalletPaymentCaptured)
	if s == nil {
		return
	}
	n := rapid.Int64Range(1, s.amount).Draw(x.rapid, "back")
	var err error
	if s.till {
		_, err = x.pay.Refund(x.manager, s.id, money.Fen(n), "退货", key())
	} else {
		_, err = x.pay.RefundOrder(x.ctx, s.id, money.Fen(n), "退货")
	}
	if n > s.captured-s.back {
		require.Equal(x.rapid, apperr.RefundExceedsPaid, apperr.CodeOf(err))
		return
	}
	require.NoError(x.rapid, err)
	s.giveBack(n)
}

func (x *walker) wait() {
	x.Clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(x.rapid, "hours")) * time.Hour)
}

func (x *walker) sweep() {
	for _, due := range []func(context.Context, int) (int, error){x.pay.ExpireHolds, x.pay.ExpireBonus} {
		_, err := due(x.ctx, 1_000)
		require.NoError(x.rapid, err)
	}
	x.purse.sweep(x.Clock.Now())
}

func (x *walker) freeze() {
	var err error
	if x.purse.frozen {
		_, err = x.pay.Unfreeze(x.manager, x.member.ID, "找到了")
	} else {
		_, err = x.pay.Lost(x.shopper)
	}
	require.NoError(x.rapid, err)
	x.purse.frozen = !x.purse.frozen
}

func (x *walker) reissue() {
	_, err := x.pay.Reissue(x.manager, x.member.ID, "补办")
	require.NoError(x.rapid, err)
	x.purse.frozen = false
}
