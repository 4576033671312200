package testkit

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/store"
	"dongxiao/internal/verify"
)

// Verify proves the books of all brands at the end of a test that raced, failed or crashed something and has the database for itself.
func Verify(t testing.TB, s *store.Store) {
	t.Helper()
	breaches, err := verify.Run(context.WithoutCancel(t.Context()), s, nil)
	require.NoError(t, err)
	require.Empty(t, breaches)
}

// VerifyBrand proves the books of one brand, where other tests use the database as well.
func VerifyBrand(t testing.TB, s *store.Store, brandID int64) {
	t.Helper()
	breaches, err := verify.RunBrand(context.WithoutCancel(t.Context()), s, brandID)
	require.NoError(t, err)
	require.Empty(t, breaches)
}

// verifyRaces proves the world's books at the end of every test with Race in its name, which therefore plants no books that are wrong. The run under the race
// detector leaves it out: it looks for races in the program, takes many times as long for each statement of the embedded database, and the run before it has proved the books.
func (w *World) verifyRaces(t testing.TB) {
	if !raceDetector && strings.Contains(t.Name(), "Race") {
		t.Cleanup(func() { VerifyBrand(t, w.Store, w.Brand.ID) })
	}
}
