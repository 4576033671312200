package main

import (
	"testing"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/testkit"
	"dongxiao/internal/verify"
)

// The book that is proved is right, and the proof looks at it.
func TestTheBookIsRight(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	b, err := openBook(t.Context(), w.Store)
	require.NoError(t, err)
	require.NoError(t, b.grow(t.Context(), 1))
	require.Equal(t, 100*(4+2*spendsEach), b.entries)
	ctx := auth.System(t.Context(), b.brandID)
	client := w.Store.Client(ctx)
	require.Equal(t, b.entries, client.LedgerEntry.Query().CountX(ctx))
	testkit.VerifyBrand(t, w.Store, b.brandID)
	totals := map[int64]int64{}
	for _, e := range client.LedgerEntry.Query().AllX(ctx) {
		totals[e.AccountID] += e.Amount
	}
	for _, a := range client.LedgerAccount.Query().AllX(ctx) {
		require.Equal(t, totals[a.ID], a.Balance, "%s", a.Kind)
	}
	for _, l := range client.Lot.Query().AllX(ctx) {
		require.EqualValues(t, topUpFen-spendsEach*spendFen, l.Remaining)
	}
	_, err = w.Store.DB().ExecContext(t.Context(), "DELETE FROM wallets WHERE brand_id = ? LIMIT 1", b.brandID)
	require.NoError(t, err)
	breaches, err := verify.RunBrand(t.Context(), w.Store, b.brandID)
	require.NoError(t, err)
	require.NotEmpty(t, breaches)
}
