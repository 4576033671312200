package app_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/coupon"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// two runs the test on both databases, each with two servers on one database and one Redis.
func two(t *testing.T, test func(t *testing.T, k *appkit.Kit, other *appkit.Server)) {
	for _, d := range []string{dialect.MySQL, dialect.SQLite} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			i := appkit.Install(t, d)
			k := appkit.NewKit(t, i, i.Serve(t, appkit.Options{}))
			test(t, k, i.Serve(t, appkit.Options{}))
		})
	}
}

// TestTwoServersBehaveAsOne: the shopper is on the first server, the staff on the second, and the subscription on either.
func TestTwoServersBehaveAsOne(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, k *appkit.Kit, other *appkit.Server) {
		journey(t, k, k.Server, other)
		journey(t, appkit.NewKit(t, k.Installation, k.Server), other, k.Server)
	})
}

// TestRaceForTheLastCoupons: 64 members on two servers race for ten coupons. Ten get one; the others are told that none is left; a winner's
// retry on the other server gets its own coupon; and what is put in stock again can be claimed within a second.
func TestRaceForTheLastCoupons(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, k *appkit.Kit, other *appkit.Server) {
		const members, stock = 64, 10
		template := k.NewTemplate(t, stock, 1)
		id := appkit.ID(ids.CouponTemplate, template.ID)
		shoppers := shoppers(t, k, other, members)
		marketer := k.NewStaff(t, auth.Console, k.Root, auth.Marketer)

		type outcome struct {
			key, coupon string
			codes       []string
			err         error
		}
		outcomes := make([]outcome, members)
		together(members, func(n int) {
			o := &outcomes[n]
			o.key = appkit.Key()
			r, err := shoppers[n].Try(t.Context(), "CouponClaim", vars{"input": vars{"templateId": id, "idempotencyKey": o.key}})
			if o.err = err; err == nil {
				o.coupon, _ = r.Look("couponClaim.coupon.id").(string)
				o.codes = r.UserCodes("couponClaim")
				if o.coupon == "" && len(o.codes) == 0 {
					o.err = fmt.Errorf("%s", r.Body)
				}
			}
		})
		winners := map[string]int{}
		for n, o := range outcomes {
			require.NoError(t, o.err)
			if o.coupon != "" {
				require.Empty(t, o.codes)
				winners[o.coupon] = n
				continue
			}
			require.Equal(t, []string{"OUT_OF_STOCK"}, o.codes)
		}
		require.Len(t, winners, stock, "each winner has a coupon of its own, and %d are refused", members-stock)
		ctx := k.System(t)
		require.Equal(t, stock, k.Store.Client(ctx).Coupon.Query().Where(coupon.TemplateID(template.ID)).CountX(ctx))
		require.Zero(t, k.Store.Client(ctx).CouponTemplate.GetX(ctx, template.ID).StockLeft)

		for won, n := range winners {
			elsewhere := other
			if shoppers[n].Server == other {
				elsewhere = k.Server
			}
			again := shoppers[n].On(elsewhere).Do(t, "CouponClaim", vars{"input": vars{"templateId": id, "idempotencyKey": outcomes[n].key}})
			require.Equal(t, won, again.String(t, "couponClaim.coupon.id"), "a winner's retry after the sell-out")
		}

		loser := shoppers[0]
		for n, o := range outcomes {
			if o.coupon == "" && shoppers[n].Server == other { // the restock happens on the first server
				loser = shoppers[n]
				break
			}
		}
		restocked := marketer.Do(t, "CouponTemplateRestock", vars{"input": vars{"id": id, "quantity": 1, "reason": "补货", "idempotencyKey": appkit.Key()}})
		require.Equal(t, 1, restocked.Number(t, "couponTemplateRestock.template.stockLeft"))
		at := time.Now()
		require.Eventually(t, func() bool {
			r, err := loser.Try(t.Context(), "CouponClaim", vars{"input": vars{"templateId": id, "idempotencyKey": appkit.Key()}})
			return err == nil && r.Look("couponClaim.coupon.id") != nil
		}, patience, 50*time.Millisecond)
		require.Less(t, time.Since(at), 2*time.Second, "a restock can be claimed within a second, on a machine that is busy with other tests")
		k.Verify(t)
	})
}

// patience is how long what must happen may take on a busy machine.
const patience = 15 * time.Second

// TestRaceOfOneMember: one member sends one claim 32 times with one key over two servers and gets one coupon 32 times.
func TestRaceOfOneMember(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, k *appkit.Kit, other *appkit.Server) {
		template := k.NewTemplate(t, 100, 1)
		shopper := k.Shopper(t)
		input := vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, template.ID), "idempotencyKey": appkit.Key()}}
		answers := make([]string, 32)
		together(len(answers), func(n int) {
			server := k.Server
			if n%2 == 1 {
				server = other
			}
			r, err := shopper.On(server).Try(t.Context(), "CouponClaim", input)
			if err != nil {
				answers[n] = err.Error()
				return
			}
			answers[n] = fmt.Sprint(r.Status, r.Data, r.Errors)
		})
		require.Contains(t, answers[0], "EFFECTIVE")
		for _, answer := range answers {
			require.Equal(t, answers[0], answer)
		}
		ctx := k.System(t)
		require.Equal(t, 1, k.Store.Client(ctx).Coupon.Query().Where(coupon.TemplateID(template.ID)).CountX(ctx))
		require.EqualValues(t, 99, k.Store.Client(ctx).CouponTemplate.GetX(ctx, template.ID).StockLeft)
		reused := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, k.NewTemplate(t, 1, 1).ID),
			"idempotencyKey": input["input"].(vars)["idempotencyKey"]}})
		require.Equal(t, []string{"IDEMPOTENCY_KEY_REUSED"}, reused.UserCodes("couponClaim"))
		k.Verify(t)
	})
}

// TestSuspendedClerkIsOutAtOnce: the manager suspends the clerk on one server; the other refuses the clerk within a second and closes the
// clerk's live socket within five.
func TestSuspendedClerkIsOutAtOnce(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, k *appkit.Kit, other *appkit.Server) {
		clerk := k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk).On(other)
		owner := k.NewStaff(t, auth.Portal, k.Store1, auth.Owner)
		require.Empty(t, clerk.Do(t, "Me", nil).Errors)
		live := clerk.Socket(t)

		suspended := owner.Do(t, "StaffStateSet", vars{"input": vars{"staffId": appkit.ID(ids.Staff, clerk.Staff.ID), "state": "SUSPENDED", "reason": "调查"}})
		at := time.Now()
		require.Equal(t, "SUSPENDED", suspended.String(t, "staffStateSet.staff.state"))
		time.Sleep(time.Second) // what the promise allows
		refused := clerk.Do(t, "Me", nil)
		require.Equal(t, http.StatusOK, refused.Status)
		require.Equal(t, "STAFF_SUSPENDED", refused.Code(), "%#v", refused)
		require.Nil(t, refused.Data)
		code, reason := live.Closed(t)
		require.Equal(t, 4403, code)
		require.Equal(t, "STAFF_SUSPENDED", reason)
		require.Less(t, time.Since(at), 5*time.Second)
		refreshed := clerk.SignedOut().Do(t, "TokenRefresh", vars{"input": vars{"refreshToken": clerk.RefreshToken}})
		require.Equal(t, []string{"STAFF_SUSPENDED"}, refreshed.UserCodes("tokenRefresh"), "%#v", refreshed)
		k.Verify(t)
	})
}

// shoppers signs n members in, half of them to each server.
func shoppers(t *testing.T, k *appkit.Kit, other *appkit.Server, n int) []*appkit.Client {
	t.Helper()
	clients, errs := make([]*appkit.Client, n), make([]error, n)
	together(n, func(n int) {
		if clients[n], errs[n] = k.NewShopper(t.Context()); errs[n] == nil && n%2 == 1 {
			clients[n] = clients[n].On(other)
		}
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	return clients
}

// together runs n calls at the same time.
func together(n int, call func(n int)) {
	var running sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		running.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	running.Wait()
}
