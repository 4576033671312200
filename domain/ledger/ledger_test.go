package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/internal/testkit"
)

// books is a ledger with a member, in the context of the brand.
type books struct {
	*testkit.World
	*ledger.Ledger
	ctx    context.Context
	member int64
}

func open(t *testing.T, w *testkit.World) *books {
	member, _ := w.NewMember(t)
	return &books{w, ledger.New(w.Store), auth.System(t.Context(), w.Brand.ID), member.ID}
}

// do posts what decide makes of the locked book.
func (b *books) do(decide func(book *ledger.Book) ledger.Posting) (posted ledger.Posted, err error) {
	err = b.Store.WithTx(b.ctx, func(ctx context.Context) error {
		book, err := b.Lock(ctx, b.member, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		posted, err = book.Post(ctx, decide(book))
		return err
	})
	return posted, err
}

func (b *books) topUp(key string, principal, bonus int64, expires *time.Time) (ledger.Posted, error) {
	return b.do(func(*ledger.Book) ledger.Posting {
		p := ledger.Posting{Kind: enum.PostTopUp, Key: key, OrgID: b.Store1.ID, SubjectID: 1, At: b.Clock.Now()}
		grant := ledger.Grant{SourceID: 1, IssuerOrgID: b.Store1.ID, ScopeOrgID: b.Root.ID}
		grant.Kind, grant.Amount = enum.LotPrincipal, principal
		p.Grants = append(p.Grants, grant)
		p.Entries = append(p.Entries, ledger.Entry{Account: ledger.Account{Kind: enum.AccountPrincipalIssued, OwnerID: b.Store1.ID}, Amount: -principal})
		if bonus > 0 {
			grant.Kind, grant.Amount, grant.ExpiresAt = enum.LotBonus, bonus, expires
			p.Grants = append(p.Grants, grant)
			p.Entries = append(p.Entries, ledger.Entry{Account: ledger.Account{Kind: enum.AccountBonusIssued, OwnerID: b.Store1.ID}, Amount: -bonus})
		}
		return p
	})
}

// change takes or gives back of the book's first lot.
func (b *books) change(key string, kind enum.PostingKind, remaining, held, spent int64) error {
	_, err := b.do(func(book *ledger.Book) ledger.Posting {
		p := ledger.Posting{Kind: kind, Key: key, OrgID: b.Store1.ID, SubjectID: 1, At: b.Clock.Now(),
			Lots: []ledger.LotChange{{Lot: book.Lots[0], Remaining: remaining, Held: held}}}
		if spent != 0 {
			p.Entries = []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountValueSpent, OwnerID: b.Store1.ID}, Amount: spent}}
		}
		return p
	})
	return err
}

func (b *books) balance(t *testing.T, kind enum.AccountKind, owner int64) int64 {
	t.Helper()
	var total int64
	for _, row := range b.Store.Client(b.ctx).LedgerAccount.Query().Where(ledgeraccount.KindEQ(kind), ledgeraccount.OwnerID(owner)).AllX(b.ctx) {
		total += row.Balance
	}
	return total
}

func TestPost(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		b := open(t, w)
		expires := w.Clock.Now().Add(time.Hour)
		posted, err := b.topUp("one", 1000, 100, &expires)
		require.NoError(t, err)
		require.Len(t, posted.Movements, 2)
		require.EqualValues(t, 1000, b.balance(t, enum.AccountPrincipal, b.member))
		require.EqualValues(t, -100, b.balance(t, enum.AccountBonusIssued, b.Store1.ID))

		_, err = b.topUp("one", 1000, 100, &expires)
		require.ErrorIs(t, err, ledger.ErrPosted)
		require.ErrorIs(t, b.change("two", enum.PostSpend, -101, 0, 101), ledger.ErrInsufficient, "the bonus expires first and is the book's first lot")
		require.NoError(t, b.change("hold", enum.PostHold, -60, 60, 0))
		require.EqualValues(t, 40, b.balance(t, enum.AccountBonus, b.member))
		require.EqualValues(t, 60, b.balance(t, enum.AccountBonusHeld, b.member))
		require.NoError(t, b.change("capture", enum.PostCapture, 10, -60, 50))
		require.EqualValues(t, 50, b.balance(t, enum.AccountValueSpent, b.Store1.ID))
		require.ErrorContains(t, b.change("unbalanced", enum.PostSpend, -1, 0, 2), "does not balance")

		client := b.Store.Client(b.ctx)
		require.Equal(t, 3, client.LedgerPosting.Query().CountX(b.ctx))
		require.Equal(t, 4, client.LotMovement.Query().CountX(b.ctx))
		totals := map[int64]int64{}
		for _, e := range client.LedgerEntry.Query().AllX(b.ctx) {
			totals[e.AccountID] += e.Amount
		}
		for _, account := range client.LedgerAccount.Query().AllX(b.ctx) {
			require.Equal(t, totals[account.ID], account.Balance, "%s", account.Kind)
		}
		for _, lot := range client.Lot.Query().AllX(b.ctx) {
			require.Zero(t, lot.Held)
			require.Equal(t, map[enum.LotKind]int64{enum.LotPrincipal: 1000, enum.LotBonus: 50}[lot.Kind], lot.Remaining)
		}
	})
}

func TestExpiryWritesOffOnceMore(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		b := open(t, w)
		expires := w.Clock.Now().Add(time.Hour)
		_, err := b.topUp("one", 1000, 100, &expires)
		require.NoError(t, err)
		require.NoError(t, b.change("hold", enum.PostHold, -60, 60, 0))
		first := func() *ent.Lot {
			return b.Store.Client(b.ctx).Lot.Query().AllX(b.ctx)[1]
		}
		_, err = b.do(func(book *ledger.Book) ledger.Posting {
			return ledger.Posting{Kind: enum.PostBonusExpiry, Key: "expiry", SubjectID: book.Lots[0].ID, At: b.Clock.Now(),
				Lots:    []ledger.LotChange{{Lot: book.Lots[0], Remaining: -40}},
				Entries: []ledger.Entry{{Account: ledger.Account{Kind: enum.AccountBonusExpired, OwnerID: b.Store1.ID}, Amount: 40}}}
		})
		require.NoError(t, err)
		require.NotNil(t, first().ExpiredAt)
		require.NoError(t, b.change("release", enum.PostRelease, 60, -60, 0))
		require.Nil(t, first().ExpiredAt, "what was held came back and is due to be written off")
		require.EqualValues(t, 60, first().Remaining)
	})
}
