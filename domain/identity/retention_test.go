package identity_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/ent/session"
	"dongxiao/internal/testkit"
)

func TestDeleteEndedSessions(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.System(t.Context(), w.Brand.ID)
		person := w.NewPerson(t)
		open := func(expiresAt time.Time) int64 {
			return w.Store.Client(ctx).Session.Create().SetPersonID(person.ID).SetAppID(w.Apps[auth.Storefront].ID).SetRefreshHash(rand.Text()).
				SetRotatedAt(expiresAt).SetExpiresAt(expiresAt).SaveX(ctx).ID
		}
		long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		w.Clock.Set(long.AddDate(0, 0, 30).Add(time.Second))
		open(long)
		kept := open(long.Add(time.Second))
		require.NoError(t, (&identity.Service{Options: identity.Options{Store: w.Store, Clock: w.Clock}}).DeleteEndedSessions(t.Context()))
		require.Equal(t, []int64{kept}, w.Store.Client(ctx).Session.Query().Where(session.PersonID(person.ID)).IDsX(ctx))
	})
}
