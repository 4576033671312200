package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	entmember "dongxiao/ent/member"
	"dongxiao/ent/org"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

func TestMigrationFilesWereNotChanged(t *testing.T) {
	t.Parallel()
	require.NoError(t, store.CheckMigrationFiles("../../ent/migrate/mysql"))
	require.NoError(t, store.CheckMigrationFiles("../../ent/migrate/sqlite"))
}

func TestRaceGuardedCounterUnderContention(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.System(t.Context(), w.Brand.ID)
		_, viewer := w.NewMember(t)
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				err := w.Store.WithTx(ctx, func(ctx context.Context) error {
					return w.Store.Client(ctx).Member.UpdateOneID(viewer.MemberID).AddGrowthValue(1).Exec(ctx)
				})
				require.NoError(t, err)
			})
		}
		wg.Wait()
		require.EqualValues(t, 32, w.Store.Client(ctx).Member.GetX(ctx, viewer.MemberID).GrowthValue)
	})
}

// Writes outside a transaction wait for their turn as transactions do, however long it takes.
func TestRaceWriteOutsideTransaction(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.System(t.Context(), w.Brand.ID)
		_, viewer := w.NewMember(t)
		grow := func(ctx context.Context) error {
			return w.Store.Client(ctx).Member.UpdateOneID(viewer.MemberID).AddGrowthValue(1).Exec(ctx)
		}
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				if i%2 == 0 {
					assert.NoError(t, grow(ctx))
				} else {
					assert.NoError(t, w.Store.WithTx(ctx, grow))
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 64, w.Store.Client(ctx).Member.GetX(ctx, viewer.MemberID).GrowthValue)
	})
}

// A caller that goes on after the database has broken a deadlock neither writes outside its transaction nor commits half of it.
func TestRaceSwallowedDeadlock(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.System(t.Context(), w.Brand.ID)
		_, one := w.NewMember(t)
		_, other := w.NewMember(t)
		grow := func(ctx context.Context, member int64) error {
			return w.Store.Client(ctx).Member.UpdateOneID(member).AddGrowthValue(1).Exec(ctx)
		}
		var both, wg sync.WaitGroup
		both.Add(2)
		for _, order := range [][2]int64{{one.MemberID, other.MemberID}, {other.MemberID, one.MemberID}} {
			wg.Go(func() {
				attempts := 0
				assert.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
					if err := grow(ctx, order[0]); err != nil {
						return err
					}
					if attempts++; attempts == 1 && w.Store.Dialect() == dialect.MySQL { // SQLite has one writer, so that nobody would come
						both.Done()
						both.Wait()
					}
					_ = grow(ctx, order[1])
					_ = w.Store.Client(ctx).Tag.Create().SetOrgID(w.Root.ID).SetName(fmt.Sprint(order[0])).Exec(ctx)
					return nil
				}))
			})
		}
		wg.Wait()
		for _, member := range []int64{one.MemberID, other.MemberID} {
			require.EqualValues(t, 2, w.Store.Client(ctx).Member.GetX(ctx, member).GrowthValue)
		}
		require.Equal(t, 2, w.Store.Client(ctx).Tag.Query().CountX(ctx))
	})
}

func TestWithTxRollsBackAndRunsAfterCommit(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		ctx := auth.System(t.Context(), w.Brand.ID)
		boom, committed := errors.New("boom"), false
		err := w.Store.WithTx(ctx, func(ctx context.Context) error {
			store.AfterCommit(ctx, func() { committed = true })
			w.Store.Client(ctx).Tag.Create().SetOrgID(w.Root.ID).SetName("x").ExecX(ctx)
			return boom
		})
		require.ErrorIs(t, err, boom)
		require.False(t, committed)
		require.Zero(t, w.Store.Client(ctx).Tag.Query().CountX(ctx))
	})
}

func TestTenancy(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		other := testkit.New(t, w.Store.Dialect())
		_, shopper := w.NewMember(t)
		_, foreign := other.NewMember(t)
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		_, distributor := w.NewStaff(t, auth.Mall, w.Distributor, auth.Owner)
		client := w.Store.Client(t.Context())

		t.Run("nobody sees nothing", func(t *testing.T) {
			require.Zero(t, client.Org.Query().CountX(t.Context()))
			require.Error(t, client.Tag.Create().SetOrgID(w.Root.ID).SetName("x").Exec(t.Context()))
		})
		t.Run("a member sees itself and what is public", func(t *testing.T) {
			ctx := testkit.As(t, shopper)
			require.Equal(t, 1, client.Member.Query().CountX(ctx))
			require.Equal(t, 4, client.Org.Query().CountX(ctx), "the distributor is not public")
			_, err := client.Member.Get(ctx, foreign.MemberID)
			require.True(t, ent.IsNotFound(err))
			require.Zero(t, client.Staff.Query().CountX(ctx))
		})
		t.Run("a member changes only its own", func(t *testing.T) {
			ctx := testkit.As(t, shopper)
			require.True(t, ent.IsNotFound(client.Member.UpdateOneID(foreign.MemberID).SetGrowthValue(9).Exec(ctx)))
			require.Zero(t, client.Org.Update().SetName("mine").SaveX(ctx))
		})
		t.Run("staff sees its subtree", func(t *testing.T) {
			ctx := testkit.As(t, clerk)
			_, colleague := w.NewStaff(t, auth.Staff, w.Store1, auth.Guide)
			_, stranger := w.NewStaff(t, auth.Staff, w.Store2, auth.Guide)
			_ = colleague
			require.Equal(t, 2, client.Staff.Query().CountX(ctx))
			require.Zero(t, client.Person.Query().CountX(testkit.As(t, stranger))-1)
		})
		t.Run("a distributor sees the stores it serves", func(t *testing.T) {
			ctx := testkit.As(t, distributor)
			w.NewStaff(t, auth.Staff, w.Store2, auth.Owner)
			for _, s := range client.Staff.Query().AllX(ctx) {
				require.Contains(t, []int64{w.Store1.ID, w.Distributor.ID}, s.OrgID)
			}
			require.Equal(t, 1, client.Org.Query().Where(org.KindEQ(enum.OrgDistributor)).CountX(ctx))
		})
		t.Run("links stay within the brand", func(t *testing.T) {
			ctx := auth.System(t.Context(), w.Brand.ID)
			require.ErrorContains(t, client.Tag.Create().SetOrgID(other.Root.ID).SetName("x").Exec(ctx), "its brand does not have")
			require.ErrorContains(t, client.Tag.Create().SetBrandID(other.Brand.ID).SetOrgID(other.Root.ID).SetName("x").Exec(ctx), "another brand")
		})
		t.Run("what a transaction has seen is not proved again", func(t *testing.T) {
			ctx, statements := store.CollectStatements(auth.System(t.Context(), w.Brand.ID))
			require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
				client := w.Store.Client(ctx)
				member := client.Member.Query().Where(entmember.ID(shopper.MemberID)).OnlyX(ctx)
				for _, name := range []string{"one", "two"} {
					tag := client.Tag.Create().SetOrgID(w.Root.ID).SetName(name).SaveX(ctx)
					client.MemberTag.Create().SetMemberID(member.ID).SetTagID(tag.ID).ExecX(ctx)
				}
				return nil
			}))
			require.Len(t, statements.List(), 6, "the member, the org's proof, and the four rows")

			err := w.Store.WithTx(ctx, func(ctx context.Context) error {
				operator := auth.Operator(ctx)
				other := w.Store.Client(ctx).Org.Query().Where(org.ID(other.Root.ID)).OnlyX(operator)
				return w.Store.Client(ctx).Tag.Create().SetOrgID(other.ID).SetName("three").Exec(ctx)
			})
			require.ErrorContains(t, err, "its brand does not have", "an operator sees all brands")
			err = w.Store.WithTx(ctx, func(ctx context.Context) error {
				client := w.Store.Client(ctx)
				tag := client.Tag.Create().SetOrgID(w.Root.ID).SetName("four").SaveX(ctx)
				client.Tag.DeleteOne(tag).ExecX(ctx)
				return client.MemberTag.Create().SetMemberID(shopper.MemberID).SetTagID(tag.ID).Exec(ctx)
			})
			require.ErrorContains(t, err, "its brand does not have", "it is gone again")
		})
		t.Run("journals stay", func(t *testing.T) {
			ctx := auth.System(t.Context(), w.Brand.ID)
			c := client.Consent.Create().SetPersonID(shopper.PersonID).SetAppID(shopper.AppID).SetKind(enum.ConsentTerms).SetVersion("1").SetGranted(true).SaveX(ctx)
			require.Error(t, client.Consent.DeleteOne(c).Exec(ctx))
		})
	})
}
