package demo_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/payment"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/clearingstatement"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/exchangecode"
	"dongxiao/ent/issuejob"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/lot"
	"dongxiao/ent/org"
	"dongxiao/ent/tillshift"
	"dongxiao/ent/topuptier"
	"dongxiao/internal/clock"
	"dongxiao/internal/config"
	"dongxiao/internal/demo"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/servers"
	"dongxiao/internal/wechatpay"
	"dongxiao/internal/wechatsim"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]store.Options{
		"mysql":  {Dialect: dialect.MySQL, DSN: servers.NewDatabase(t)},
		"sqlite": {Dialect: dialect.SQLite, DSN: servers.NewSQLite(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), options)
			require.NoError(t, err)
			t.Cleanup(func() { _ = s.Close() })
			require.NoError(t, s.Migrate(t.Context(), nil))
			c, err := config.Parse()
			require.NoError(t, err)
			master, err := c.Master()
			require.NoError(t, err)
			now := clock.NewManual(testkit.Start)
			k, err := keyring.Open(t.Context(), s, master, now, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			t.Cleanup(k.Close)
			simulator := wechatsim.New(wechatsim.Config{Logger: slog.New(slog.DiscardHandler)})
			control := httptest.NewServer(simulator.Control())
			t.Cleanup(control.Close)
			users := &demo.SignIns{Simulator: wechatsim.NewRemote(control.URL)}
			last := 0
			loader := &demo.Loader{Store: s, Clock: now, Keyring: k, Merchant: users.Merchant, Progress: func(done, total int) {
				require.GreaterOrEqual(t, done, last)
				require.LessOrEqual(t, done, total)
				last = done
			}}
			size := demo.Size{Distributors: 40, Stores: 200, Members: 1_000}
			brand, err := loader.Load(t.Context(), size)
			require.NoError(t, err)

			ctx := auth.System(context.Background(), brand.ID)
			require.Equal(t, 1_000, s.Client(ctx).Member.Query().CountX(ctx))
			require.Equal(t, 200, s.Client(ctx).Org.Query().Where(org.KindEQ(enum.OrgStore)).CountX(ctx))
			require.Equal(t, 38, s.Client(ctx).Org.Query().Where(org.KindEQ(enum.OrgRegion)).CountX(ctx))
			for _, template := range s.Client(ctx).CouponTemplate.Query().Where(coupontemplate.StateEQ(enum.TemplateActive)).AllX(ctx) {
				require.GreaterOrEqual(t, template.StockLeft, int64(0))
			}
			coupons(t, ctx, s.Client(ctx))
			debts := s.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountPointsDebt), ledgeraccount.BalanceLT(0)).AllX(ctx)
			require.Len(t, debts, 1, "a member with a debt of points")
			require.EqualValues(t, -200, debts[0].Balance)
			storedValue(t, ctx, s.Client(ctx))
			testkit.Verify(t, s)
			require.Equal(t, 200, s.Client(ctx).MerchantAccount.Query().CountX(ctx))
			require.NoError(t, users.RegisterMerchants(t.Context(), s, k.Ring(), brand.ID))
			for _, account := range s.Client(ctx).MerchantAccount.Query().Limit(3).AllX(ctx) {
				m, err := payment.OpenMerchant(k.Ring(), account)
				require.NoError(t, err)
				_, err = wechatpay.New(m, wechatpay.Options{})
				require.NoError(t, err)
				books, err := users.Simulator.Books(t.Context(), account.MerchantID)
				require.NoError(t, err)
				require.Empty(t, books.Orders)
			}
			_, err = loader.Load(t.Context(), size)
			require.ErrorContains(t, err, "already")
		})
	}
}

// coupons requires what DOMAIN tells of the demo's coupons.
func coupons(t *testing.T, ctx context.Context, client *ent.Client) {
	t.Helper()
	require.Equal(t, 24, client.CouponTemplate.Query().CountX(ctx))
	newcomer := client.CouponTemplate.Query().Where(coupontemplate.EventEQ(enum.CouponByRegistration)).OnlyX(ctx)
	require.Equal(t, 200, client.Coupon.Query().Where(coupon.TemplateID(newcomer.ID), coupon.SourceEQ(enum.SourceEvent)).CountX(ctx))
	returning := client.CouponTemplate.Query().Where(coupontemplate.ActivatedByIDNotNil()).AllX(ctx)
	require.Len(t, returning, 20)
	for _, template := range returning {
		funders := client.CouponRule.GetX(ctx, template.RuleID).Rule.Funders
		require.Len(t, funders, 2)
		require.EqualValues(t, 6_000, funders[0].BasisPoints)
		require.Equal(t, template.OrgID, funders[1].OrgID)
		require.Equal(t, "开瓶扫码立减10元", client.CouponTemplate.GetX(ctx, *template.ActivatedByID).Name)
	}
	soon := client.Coupon.Query().Where(coupon.SourceEQ(enum.SourceClaim)).OnlyX(ctx)
	require.Equal(t, "00:00:00", soon.ExpiresAt.In(time.FixedZone("Asia/Shanghai", 8*3600)).Format(time.TimeOnly))
	require.Less(t, soon.ExpiresAt.Sub(testkit.Start), 24*time.Hour)
	for _, code := range client.Coupon.Query().Select(coupon.FieldCode).StringsX(ctx) {
		require.Regexp(t, "^[0-9A-HJKMNP-TV-Z]{12}$", code, "a clerk can type it")
	}
	giving(t, ctx, client)
}

// giving requires what the demo has of exchange codes, gifts and issue jobs.
func giving(t *testing.T, ctx context.Context, client *ent.Client) {
	t.Helper()
	require.Equal(t, 100, client.ExchangeCode.Query().CountX(ctx))
	require.Equal(t, 5, client.ExchangeCode.Query().Where(exchangecode.CouponIDNotNil()).CountX(ctx))
	transfers := map[enum.TransferState]int{}
	for _, row := range client.CouponTransfer.Query().AllX(ctx) {
		transfers[row.State]++
		if row.State == enum.TransferOffered {
			require.Equal(t, testkit.Start.Add(24*time.Hour), row.ExpiresAt)
		}
	}
	require.Equal(t, map[enum.TransferState]int{enum.TransferOffered: 1, enum.TransferAccepted: 2, enum.TransferCancelled: 1, enum.TransferExpired: 1}, transfers)
	jobs := client.IssueJob.Query().Order(issuejob.ByID()).AllX(ctx)
	require.Len(t, jobs, 2)
	require.Equal(t, []enum.IssueJobState{enum.IssueDone, enum.IssueStopped}, []enum.IssueJobState{jobs[0].State, jobs[1].State})
	require.Positive(t, jobs[0].Issued)
	require.EqualValues(t, jobs[0].Issued, client.Coupon.Query().Where(coupon.SourceEQ(enum.SourceBulk)).CountX(ctx))
	require.EqualValues(t, 1_000, jobs[1].Total)
}

// storedValue requires what DOMAIN tells of the demo's stored value.
func storedValue(t *testing.T, ctx context.Context, client *ent.Client) {
	t.Helper()
	lots := client.Lot.Query().Where(lot.KindIn(enum.LotPrincipal, enum.LotBonus)).AllX(ctx)
	of, expired := map[int64]int{}, map[int64]int{}
	for _, l := range lots {
		of[l.MemberID]++
		if l.Kind == enum.LotBonus && l.ExpiredAt != nil && l.Remaining == 0 {
			expired[l.MemberID]++
		}
	}
	require.Len(t, of, 18, "members with stored value")
	three := 0
	for id, n := range of {
		require.Equal(t, 1, expired[id], "a bonus lot that is expired")
		if n == 3 {
			three++
		}
	}
	require.Equal(t, 4, three, "wallets with three lots of which one expired")
	require.Equal(t, 21*3, client.TopUpTier.Query().Where(topuptier.StateEQ(enum.TierActive)).CountX(ctx))
	require.Equal(t, 21, client.TopUpTier.Query().Where(topuptier.StateEQ(enum.TierEnded)).CountX(ctx))

	closed := client.Org.Query().Where(org.StateEQ(enum.OrgClosed)).OnlyX(ctx)
	require.NotNil(t, closed.SuccessorID)
	left := 0
	for _, l := range lots {
		if l.IssuerOrgID == closed.ID && l.Remaining > 0 {
			left++
		}
	}
	require.Equal(t, 4, left, "lots of the closed store with value")

	require.Equal(t, 1, client.ClearingStatement.Query().Where(clearingstatement.StateEQ(enum.StatementConfirmed)).CountX(ctx))
	require.Equal(t, 1, client.ClearingStatement.Query().Where(clearingstatement.StateEQ(enum.StatementIssued), clearingstatement.Or(
		clearingstatement.FirstOrgID(closed.ID), clearingstatement.SecondOrgID(closed.ID))).CountX(ctx))
	require.Equal(t, 1, client.ClearingLine.Query().Where(clearingline.StatementIDIsNil(), clearingline.DebtorOrgID(*closed.SuccessorID)).CountX(ctx), "what the successor owes")
	require.Equal(t, 6, client.TillShift.Query().Where(tillshift.StateEQ(enum.ShiftClosed)).CountX(ctx))
	require.Equal(t, 1, client.TillShift.Query().Where(tillshift.StateEQ(enum.ShiftOpen)).CountX(ctx))
	require.Equal(t, 1, client.TillShift.Query().Where(tillshift.ExplanationNEQ("")).CountX(ctx))
}

func BenchmarkLoadSmallOnSQLite(b *testing.B) {
	for b.Loop() {
		s, err := store.Open(b.Context(), store.Options{Dialect: dialect.SQLite, DSN: servers.NewSQLite(b)})
		require.NoError(b, err)
		require.NoError(b, s.Migrate(b.Context(), nil))
		c, err := config.Parse()
		require.NoError(b, err)
		master, err := c.Master()
		require.NoError(b, err)
		k, err := keyring.Open(b.Context(), s, master, clock.NewManual(testkit.Start), slog.New(slog.DiscardHandler))
		require.NoError(b, err)
		_, err = (&demo.Loader{Store: s, Clock: clock.NewManual(testkit.Start), Keyring: k}).Load(b.Context(), demo.Small)
		require.NoError(b, err)
		k.Close()
		require.NoError(b, s.Close())
	}
}
