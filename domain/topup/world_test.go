package topup_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/ledger"
	"dongxiao/domain/membercode"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/payment"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	entmember "dongxiao/ent/member"
	entpayment "dongxiao/ent/payment"
	"dongxiao/ent/paymentrefund"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// shop is a world in which Store1 issues stored value.
type shop struct {
	*testkit.World
	*topup.Service
	ctx      context.Context // the brand itself
	member   *ent.Member
	shopper  context.Context
	clerk    *ent.Staff
	till     context.Context // the clerk
	owner    context.Context
	finance  context.Context
	payments *payment.Service
	wallets  *wallet.Service
	books    *ledger.Ledger
}

func open(t testing.TB, w *testkit.World) *shop {
	cursors := func() *cursor.Codec { return cursor.New([][]byte{[]byte("a secret of thirty-two bytes ....")}) }
	log := slog.New(slog.DiscardHandler)
	orgs, books := org.New(w.Store, w.Clock, cursors), ledger.New(w.Store)
	x := &shop{World: w, ctx: auth.System(t.Context(), w.Brand.ID), books: books}
	x.wallets = wallet.New(wallet.Options{Store: w.Store, Clock: w.Clock, Ledger: books})
	x.payments = payment.New(payment.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Redis: w.Redis, Orgs: orgs, Ledger: books, Cursors: cursors, Log: log})
	coupons := coupon.New(coupon.Options{Store: w.Store, Clock: w.Clock, Redis: w.Redis, Orgs: orgs, Events: memberevent.New(w.Store, nil), Cursors: cursors, Log: log})
	t.Cleanup(func() { require.NoError(t, coupons.Close(context.WithoutCancel(t.Context()))) })
	x.Service = topup.New(topup.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Orgs: orgs, Ledger: books, Wallets: x.wallets, Payments: x.payments,
		Coupons: coupons, Events: memberevent.New(w.Store, nil), Cursors: cursors, Log: log})
	member, viewer := w.NewMember(t)
	x.member, x.shopper = member, testkit.As(t, viewer)
	clerk, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
	x.clerk, x.till = clerk, testkit.As(t, v)
	x.owner = x.staff(t, w.Store1, auth.Owner)
	x.finance = x.staff(t, w.Region, auth.Finance)
	x.account(t, w.Store1)
	return x
}

// staff is a new staff member of the org.
func (x *shop) staff(t testing.TB, at *ent.Org, role auth.Role) context.Context {
	_, v := x.NewStaff(t, auth.Console, at, role)
	return testkit.As(t, v)
}

// account gives the org an active merchant account.
func (x *shop) account(t testing.TB, o *ent.Org) {
	x.World.Store.Client(x.ctx).MerchantAccount.Create().SetOrgID(o.ID).SetActiveOrgID(o.ID).SetMerchantID("19" + rand.Text()[:8]).SetName("门店").
		SetCertificateSerial("00").SetPrivateKeySealed([]byte("x")).SetAPIKeySealed([]byte("x")).SaveX(x.ctx)
}

func (x *shop) client() *ent.Client { return x.World.Store.Client(x.ctx) }

// input is 充1000送100 of Store1, whose bonus lasts 90 days and which may be spent in the region.
func (x *shop) input() topup.TierInput {
	return topup.TierInput{OrgID: x.Store1.ID, Name: "充1000送100", Pay: 100_000, StartsAt: testkit.Start.Add(-time.Hour), EndsAt: testkit.Start.AddDate(1, 0, 0),
		IdempotencyKey: key(), Terms: document.TopUpTerms{BonusFen: 10_000, BonusDays: 90, ScopeOrgID: x.Region.ID, Refund: document.TopUpRefundTerm{UnusedDays: 7}}}
}

// tier is that tier, active.
func (x *shop) tier(t testing.TB, change func(*topup.TierInput)) *ent.TopUpTier {
	in := x.input()
	if change != nil {
		change(&in)
	}
	admin := x.staff(t, x.Root, auth.Admin)
	tier, err := x.CreateTier(admin, in)
	require.NoError(t, err)
	tier, err = x.SetTierState(admin, tier.ID, tier.Version, enum.TierActive, "")
	require.NoError(t, err)
	return tier
}

// settle does with a payment what a notice of success does: once, whatever comes twice.
func (x *shop) settle(p int64) error {
	return x.World.Store.WithTx(x.ctx, func(ctx context.Context) error {
		client := x.World.Store.Client(ctx)
		now := x.Clock.Now()
		n, err := client.Payment.Update().Where(entpayment.ID(p), entpayment.StateIn(enum.PaymentPending, enum.PaymentClosed)).SetState(enum.PaymentPaid).
			SetPaidAt(now).SetTransactionID(fmt.Sprint(p)).ClearCheckAt().Modify(func(u *sql.UpdateBuilder) { u.Set(entpayment.FieldPaidFen, sql.Expr("amount_fen")) }).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		row := client.Payment.GetX(ctx, p)
		outcome := enum.OutcomeApplied
		if row.ClosedAt != nil {
			outcome = enum.OutcomeReturned
		} else if applied, err := x.Apply(ctx, row); err != nil {
			return err
		} else if !applied {
			outcome = enum.OutcomeReturned
		}
		update := client.Payment.UpdateOneID(p).SetOutcome(outcome)
		if outcome == enum.OutcomeReturned {
			update.SetRefundingFen(row.PaidFen)
			client.PaymentRefund.Create().SetPaymentID(p).SetMerchantAccountID(row.MerchantAccountID).SetOrgID(row.OrgID).SetMemberID(*row.MemberID).
				SetOutRefundNo(rand.Text()).SetCause(enum.CauseUnusable).SetSubjectID(p).SetAmountFen(row.PaidFen).SetCheckAt(now).SaveX(ctx)
		}
		update.ExecX(ctx)
		_, err = x.books.Post(ctx, ledger.Posting{Kind: enum.PostPayment, Key: fmt.Sprintf("PAYMENT:%d", p), OrgID: row.OrgID, SubjectID: p, At: now, Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: enum.AccountMerchant, OwnerID: row.MerchantAccountID}, Amount: row.PaidFen},
			{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: row.OrgID}, Amount: -row.PaidFen}}})
		return err
	})
}

// expire does with a payment what its time-out does.
func (x *shop) expire(p int64) error {
	return x.World.Store.WithTx(x.ctx, func(ctx context.Context) error {
		client := x.World.Store.Client(ctx)
		n, err := client.Payment.Update().Where(entpayment.ID(p), entpayment.StateEQ(enum.PaymentPending)).SetState(enum.PaymentClosed).SetClosedAt(x.Clock.Now()).
			ClearCheckAt().Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		return x.Close(ctx, client.Payment.GetX(ctx, p))
	})
}

// returned does with the refund of a payment what a notice of its success does.
func (x *shop) returned(refund int64) error {
	return x.World.Store.WithTx(x.ctx, func(ctx context.Context) error {
		client := x.World.Store.Client(ctx)
		row := client.PaymentRefund.GetX(ctx, refund)
		client.Payment.UpdateOneID(row.PaymentID).AddRefundedFen(row.AmountFen).ExecX(ctx)
		n, err := client.PaymentRefund.Update().Where(paymentrefund.ID(refund), paymentrefund.StateEQ(enum.RefundRequested)).SetState(enum.RefundSucceeded).
			SetSucceededAt(x.Clock.Now()).SetWechatRefundID(fmt.Sprint(refund)).ClearCheckAt().Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		row = client.PaymentRefund.GetX(ctx, refund)
		p := client.Payment.GetX(ctx, row.PaymentID)
		paid := client.LedgerPosting.Query().Where(ledgerposting.BusinessKey(fmt.Sprintf("PAYMENT:%d", row.PaymentID))).OnlyIDX(ctx)
		if _, err := x.books.Post(ctx, ledger.Posting{Kind: enum.PostPaymentRefund, Key: fmt.Sprintf("PAYMENT_REFUND:%d", refund), OrgID: row.OrgID, SubjectID: refund,
			ReversesID: paid, At: x.Clock.Now(), Entries: []ledger.Entry{
				{Account: ledger.Account{Kind: enum.AccountMerchant, OwnerID: row.MerchantAccountID}, Amount: -row.AmountFen},
				{Account: ledger.Account{Kind: enum.AccountReceived, OwnerID: row.OrgID}, Amount: row.AmountFen}}}); err != nil {
			return err
		}
		return x.RefundSettled(ctx, p, row)
	})
}

// paid is a top-up of the shopper that was paid by WeChat Pay.
func (x *shop) paid(t testing.TB, tier *ent.TopUpTier) *ent.TopUp {
	row, err := x.Create(x.shopper, tier.ID, key())
	require.NoError(t, err)
	require.NoError(t, x.settle(*row.PaymentID))
	return x.client().TopUp.GetX(x.ctx, row.ID)
}

// spend takes so much of the member's value at Store1, the soonest expiring first.
func (x *shop) spend(amount money.Fen) error {
	return x.World.Store.WithTx(x.ctx, func(ctx context.Context) error {
		w, err := x.wallets.Move(ctx, x.member.ID, -amount, 0)
		if err != nil {
			return err
		}
		book, err := x.books.Lock(ctx, x.member.ID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		takes, err := wallet.Allocate(book.Lots, amount, enum.SpendSoonestExpiring, money.Whole, x.Store1.Path, x.Clock.Now())
		if err != nil {
			return err
		}
		id, now, shares := ids.Next(), x.Clock.Now(), map[enum.LotKind]int64{}
		p := ledger.Posting{Kind: enum.PostSpend, Key: fmt.Sprintf("wallet-spend:%d", id), OrgID: x.Store1.ID, SubjectID: id, At: now,
			Entries: []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountValueSpent, OwnerID: x.Store1.ID}, Amount: int64(amount)}}}
		for _, take := range takes {
			p.Lots = append(p.Lots, ledger.LotChange{Lot: take.Lot, Remaining: -take.Amount})
			shares[take.Lot.Kind] += take.Amount
		}
		if _, err = book.Post(ctx, p); err != nil {
			return err
		}
		return x.World.Store.Client(ctx).WalletPayment.Create().SetID(id).SetWalletID(w.ID).SetMemberID(x.member.ID).SetOrgID(x.Store1.ID).SetState(enum.WalletPaymentCaptured).
			SetSource(enum.WalletPaymentTill).SetAmountFen(int64(amount)).SetPrincipalFen(shares[enum.LotPrincipal]).SetBonusFen(shares[enum.LotBonus]).SetCapturedFen(int64(amount)).
			SetCapturedAt(now).SetActorID(x.member.PersonID).SetIdempotencyKey(rand.Text()).SetInputHash("").Exec(ctx)
	})
}

// wallet is the shopper's wallet: balance and room that is kept.
func (x *shop) wallet(t testing.TB) (balance, pending int64) {
	row, err := x.wallets.Open(x.ctx, x.member.ID)
	require.NoError(t, err)
	return row.BalanceFen, row.PendingFen
}

// code is a fresh rotating code of the member.
func (x *shop) code(t testing.TB, m *ent.Member) string {
	codec, err := membercode.New(x.Keyring.Ring().Secrets(keys.MemberCode, x.Brand.ID))
	require.NoError(t, err)
	row := x.client().Member.Query().Where(entmember.ID(m.ID)).OnlyX(x.ctx)
	code, err := codec.Issue(row.Number, membercode.Redeem, x.Clock.Now())
	require.NoError(t, err)
	return code.Digits
}

func key() string { return rand.Text() }

func refused(t testing.TB, code apperr.Code, err error) {
	t.Helper()
	require.Equal(t, code, apperr.CodeOf(err), "%v", err)
}

// race runs the calls at once and counts their answers by refusal, "" for a success.
func race(n int, call func(i int) error) map[apperr.Code]int {
	outcomes := map[apperr.Code]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := call(i)
			mu.Lock()
			defer mu.Unlock()
			outcomes[apperr.CodeOf(err)]++
		})
	}
	wg.Wait()
	return outcomes
}
