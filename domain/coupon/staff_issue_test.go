package coupon_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// atStore makes a template of the world's first store.
func atStore(w *testkit.World, change func(*ent.CouponTemplateCreate)) func(*ent.CouponTemplateCreate) {
	return func(c *ent.CouponTemplateCreate) {
		c.SetOrgID(w.Store1.ID).SetMemberLimit(0)
		stock(1000)(c)
		if change != nil {
			change(c)
		}
	}
}

// memberOf makes a member whose home store it is.
func memberOf(t testing.TB, w *testkit.World, store *ent.Org) *ent.Member {
	m, _ := w.NewMember(t)
	return w.Store.Client(system(t, w)).Member.UpdateOne(m).SetHomeStoreID(store.ID).SaveX(system(t, w))
}

func issueTo(template *ent.CouponTemplate, m *ent.Member, count int) coupon.StaffIssue {
	return coupon.StaffIssue{TemplateID: template.ID, MemberID: m.ID, Count: count, Reason: "久等了", IdempotencyKey: rand.Text()}
}

// Nobody is given a coupon whose days are over, by whatever way.
func TestNothingIsGivenThatIsOver(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		fixed := func(more func(*ent.CouponTemplateCreate)) *ent.CouponTemplate {
			return newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
				c.SetValidityKind(enum.ValidityFixed).SetValidFrom(testkit.Start.Add(-time.Hour)).SetValidUntil(testkit.Start.Add(time.Hour))
				if more != nil {
					more(c)
				}
			})
		}
		plain, event := fixed(nil), fixed(by(enum.CouponByTopUp, w.Root))
		m, _ := w.NewMember(t)
		staff := issuer(t, w, w.Root)
		job, err := s.CreateIssueJob(staff, jobOf(plain, coupon.Audience{}))
		require.NoError(t, err)
		w.Clock.Advance(time.Hour)
		_, err = s.Issue(staff, coupon.StaffIssue{TemplateID: plain.ID, MemberID: m.ID, Count: 1, Reason: "补偿", IdempotencyKey: "issue-key"})
		refused(t, apperr.TemplateNotActive, err)
		require.NoError(t, s.GiveFor(ctx, enum.CouponByTopUp, m.ID, w.Root.Path, "topup-event-1"))
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		reason, _ := coupon.StopOf(w.Store.Client(ctx).IssueJob.GetX(ctx, job.ID))
		require.Equal(t, coupon.StoppedWithTemplate, reason)
		require.Zero(t, w.Store.Client(ctx).Coupon.Query().CountX(ctx))
		require.EqualValues(t, 1_000, w.Store.Client(ctx).CouponTemplate.GetX(ctx, event.ID).StockLeft)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestIssueByStaff(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template, m := newTemplate(t, w, atStore(w, nil)), memberOf(t, w, w.Store1)
		_, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		clerk := testkit.As(t, v)
		in := issueTo(template, m, 2)
		given, err := s.Issue(clerk, in)
		require.NoError(t, err)
		require.Len(t, given, 2)
		for _, c := range given {
			kept := client.Coupon.GetX(ctx, c.ID)
			require.Equal(t, m.ID, kept.MemberID)
			require.Equal(t, enum.SourceStaff, kept.Source)
		}
		again, err := s.Issue(clerk, in)
		require.NoError(t, err)
		require.Len(t, again, 2)
		require.ElementsMatch(t, []int64{given[0].ID, given[1].ID}, []int64{again[0].ID, again[1].ID})
		changed := in
		changed.Count = 1
		_, err = s.Issue(clerk, changed)
		refused(t, apperr.IdempotencyKeyReused, err)
		consistent(t, w, template.ID, 2)
		require.EqualValues(t, 2, client.Member.GetX(ctx, m.ID).EventSequence)
		entry := client.AuditEntry.Query().Where(auditentry.Action("couponIssue")).OnlyX(ctx)
		require.Equal(t, "久等了", entry.Reason)
		require.Equal(t, w.Store1.ID, entry.OrgID)
		require.Equal(t, v.PersonID, entry.PersonID)
		require.EqualValues(t, 2, client.LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitStaffDay)).OnlyX(ctx).Count)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestIssueByStaffIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template, m := newTemplate(t, w, atStore(w, nil)), memberOf(t, w, w.Store1)
		ofBrand, limited := newTemplate(t, w, nil), newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(1) }))
		paused := newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetState(enum.TemplatePaused) }))
		few := newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetStockLeft(1).SetTotalStock(1) }))
		poor := newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetBudgetFen(1999).SetBudgetLeftFen(1999) }))
		over := newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetClaimEndsAt(testkit.Start.Add(-time.Hour)) }))
		frozen, elsewhere := memberOf(t, w, w.Store1), memberOf(t, w, w.Store2)
		client.Member.UpdateOne(frozen).SetState(enum.MemberFrozen).ExecX(ctx)
		row, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		self := client.Member.Create().SetPersonID(*row.PersonID).SetNumber(time.Now().UnixNano()).SetState(enum.MemberVisitor).SetHomeStoreID(w.Store1.ID).SaveX(ctx)
		_, neighbour := w.NewStaff(t, auth.Staff, w.Store2, auth.Manager)
		_, inspector := w.NewStaff(t, auth.Staff, w.Store1, auth.Inspector)
		_, marketer := w.NewStaff(t, auth.Console, w.Root, auth.Marketer)
		change := func(in coupon.StaffIssue, f func(*coupon.StaffIssue)) coupon.StaffIssue { f(&in); return in }
		for name, c := range map[string]struct {
			viewer auth.Viewer
			in     coupon.StaffIssue
			code   apperr.Code
		}{
			"of the brand":          {v, issueTo(ofBrand, m, 1), apperr.NotFound},
			"another store's staff": {neighbour, issueTo(template, m, 1), apperr.NotFound},
			"another store's guest": {v, issueTo(template, elsewhere, 1), apperr.NotFound},
			"an inspector":          {inspector, issueTo(template, m, 1), apperr.NotFound},
			"oneself":               {v, issueTo(template, self, 1), apperr.SelfIssue},
			"no template":           {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.TemplateID = 0 }), apperr.NotFound},
			"no member":             {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.MemberID = 5 }), apperr.NotFound},
			"nobody":                {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.MemberID = 0 }), apperr.InvalidInput},
			"both":                  {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.MemberCode = "1" }), apperr.InvalidInput},
			"none":                  {v, issueTo(template, m, 0), apperr.InvalidInput},
			"eleven":                {v, issueTo(template, m, 11), apperr.InvalidInput},
			"no reason":             {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.Reason = " " }), apperr.ReasonRequired},
			"a bad key":             {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.IdempotencyKey = "short" }), apperr.IdempotencyKeyInvalid},
			"a forged code":         {v, change(issueTo(template, m, 1), func(in *coupon.StaffIssue) { in.MemberID, in.MemberCode = 0, "0000" }), apperr.MemberCodeInvalid},
			"two where one may":     {v, issueTo(limited, m, 2), apperr.LimitReached},
			"paused":                {v, issueTo(paused, m, 1), apperr.TemplateNotActive},
			"two where one is left": {v, issueTo(few, m, 2), apperr.OutOfStock},
			"too dear":              {v, issueTo(poor, m, 2), apperr.BudgetExhausted},
			"frozen":                {v, issueTo(template, frozen, 1), apperr.MemberFrozen},
			"no right to it":        {auth.Viewer{Reach: auth.ReachStaff, BrandID: w.Brand.ID, PersonID: v.PersonID}, issueTo(template, m, 1), apperr.NotFound},
		} {
			_, err := s.Issue(testkit.As(t, c.viewer), c.in)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
		}
		require.Zero(t, client.Coupon.Query().CountX(ctx))
		require.Zero(t, client.LimitCounter.Query().CountX(ctx))
		require.Zero(t, client.IdempotencyKey.Query().CountX(ctx))
		for _, in := range []coupon.StaffIssue{issueTo(over, m, 1), issueTo(few, m, 1), issueTo(limited, m, 1)} {
			_, err := s.Issue(testkit.As(t, v), in)
			require.NoError(t, err)
		}
		_, err := s.Issue(testkit.As(t, marketer), issueTo(ofBrand, elsewhere, 1))
		require.NoError(t, err)
	})
}

func TestIssueByStaffIsSoManyADay(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		template, other := newTemplate(t, w, atStore(w, nil)), newTemplate(t, w, atStore(w, nil))
		_, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		clerk, m := testkit.As(t, v), memberOf(t, w, w.Store1)
		for range 5 {
			_, err := s.Issue(clerk, issueTo(template, m, 9))
			require.NoError(t, err)
		}
		_, err := s.Issue(clerk, issueTo(other, m, 6))
		refused(t, apperr.StaffLimitReached, err)
		consistent(t, w, other.ID, 0)
		_, err = s.Issue(clerk, issueTo(other, m, 5))
		require.NoError(t, err)
		_, err = s.Issue(clerk, issueTo(other, m, 1))
		refused(t, apperr.StaffLimitReached, err)
		w.Clock.Advance(24 * time.Hour)
		_, err = s.Issue(clerk, issueTo(other, m, 1))
		require.NoError(t, err)
	})
}

// Two of the staff, a claim and a gift at once on the last coupons: no more than there are, no staff above the day's.
func TestRaceStaffIssueAgainstClaims(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		servers := []*coupon.Service{newService(t, w), newService(t, w)}
		template := newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetTotalStock(20).SetStockLeft(20).SetMemberLimit(1) }))
		var clerks []context.Context
		for range 2 {
			_, v := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
			clerks = append(clerks, testkit.As(t, v))
		}
		guests := make([]*ent.Member, 16)
		for i := range guests {
			guests[i] = memberOf(t, w, w.Store1)
		}
		// Each guest is given one by both clerks and claims one: one of the three succeeds.
		o := race(48, func(i int) error {
			guest := guests[i/3]
			if i%3 < 2 {
				_, err := servers[i%3].Issue(clerks[i%3], issueTo(template, guest, 1))
				return err
			}
			_, err := servers[0].Claim(testkit.As(t, auth.Viewer{Reach: auth.ReachMember, BrandID: w.Brand.ID, Face: auth.Storefront, PersonID: guest.PersonID,
				MemberID: guest.ID}), template.ID, rand.Text())
			return err
		})
		require.Equal(t, outcome{"": 16, apperr.LimitReached: 32}, o)
		consistent(t, w, template.ID, 16)
		few := newTemplate(t, w, atStore(w, func(c *ent.CouponTemplateCreate) { c.SetTotalStock(3).SetStockLeft(3) }))
		o = race(32, func(i int) error {
			if i%2 == 0 {
				_, err := servers[0].Issue(clerks[i/2%2], issueTo(few, guests[i/2], 2))
				return err
			}
			guest := guests[i/2]
			_, err := servers[1].Claim(testkit.As(t, auth.Viewer{Reach: auth.ReachMember, BrandID: w.Brand.ID, Face: auth.Storefront, PersonID: guest.PersonID,
				MemberID: guest.ID}), few.ID, rand.Text())
			return err
		})
		require.Equal(t, 32, o[""]+o[apperr.OutOfStock])
		consistent(t, w, few.ID, w.Store.Client(system(t, w)).Coupon.Query().Where(entcoupon.TemplateID(few.ID)).CountX(system(t, w)))
	})
}
