package testkit

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/store"
	"dongxiao/internal/verify"
)

// Verify proves the books at the end of a test that raced, failed or crashed something.
func Verify(t testing.TB, s *store.Store) {
	t.Helper()
	breaches, err := verify.Run(context.WithoutCancel(t.Context()), s, nil)
	require.NoError(t, err)
	require.Empty(t, breaches)
}
