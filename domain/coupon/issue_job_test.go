package coupon_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/identity"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/servers"
)

// issuer is staff who may issue in bulk at the org.
func issuer(t testing.TB, w *testkit.World, o *ent.Org) context.Context {
	_, v := w.NewStaff(t, auth.Console, o, auth.Marketer)
	return testkit.As(t, v)
}

// crowd makes so many members of the store with few statements.
func crowd(t testing.TB, w *testkit.World, store *ent.Org, n int) []int64 {
	ctx := system(t, w)
	client := w.Store.Client(ctx)
	persons, members := make([]*ent.PersonCreate, n), make([]*ent.MemberCreate, n)
	numbers := make([]int64, n)
	for i := range n {
		id := ids.Next()
		numbers[i] = id
		persons[i] = client.Person.Create().SetID(id).SetLimitSubject(id)
		members[i] = client.Member.Create().SetID(id).SetPersonID(id).SetNumber(id).SetState(enum.MemberVisitor).SetHomeStoreID(store.ID)
	}
	require.NoError(t, w.Store.WithTx(ctx, func(ctx context.Context) error {
		client := w.Store.Client(ctx)
		if err := client.Person.CreateBulk(persons...).Exec(ctx); err != nil {
			return err
		}
		return client.Member.CreateBulk(members...).Exec(ctx)
	}))
	return numbers
}

func jobOf(template *ent.CouponTemplate, audience coupon.Audience) coupon.IssueJobInput {
	return coupon.IssueJobInput{TemplateID: template.ID, Audience: audience, Reason: "周年庆", IdempotencyKey: rand.Text()}
}

func TestIssueJob(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(1000)(c); c.SetOrgID(w.Region.ID) })
		who := crowd(t, w, w.Store1, 600)
		w.NewMember(t) // of no store
		client.Member.UpdateOneID(who[7]).SetState(enum.MemberFrozen).ExecX(ctx)
		client.Member.UpdateOneID(who[8]).SetState(enum.MemberCancelled).SetCancelledAt(w.Clock.Now()).ClearHomeStoreID().ExecX(ctx)
		has := client.Member.GetX(ctx, who[9])
		_, err := s.Claim(testkit.As(t, auth.Viewer{Reach: auth.ReachMember, BrandID: w.Brand.ID, Face: auth.Storefront, PersonID: has.PersonID, MemberID: has.ID}), template.ID, "some-key")
		require.NoError(t, err)
		staff := issuer(t, w, w.Region)
		in := jobOf(template, coupon.Audience{})
		size, err := s.AudienceSize(staff, template.ID, in.Audience)
		require.NoError(t, err)
		require.Equal(t, 599, size)
		job, err := s.CreateIssueJob(staff, in)
		require.NoError(t, err)
		require.Equal(t, enum.IssueRunning, job.State)
		require.EqualValues(t, 599, job.Total)
		again, err := s.CreateIssueJob(staff, in)
		require.NoError(t, err)
		require.Equal(t, job.ID, again.ID)
		require.Equal(t, 1, client.AuditEntry.Query().Where(auditentry.Action("couponIssueJobCreate")).CountX(ctx))

		require.NoError(t, s.RunIssueJobs(system(t, w)))
		job, err = s.IssueJob(staff, job.ID)
		require.NoError(t, err)
		require.Equal(t, enum.IssueDone, job.State)
		require.EqualValues(t, 597, job.Issued)
		require.EqualValues(t, 2, job.Skipped)
		require.NotNil(t, job.FinishedAt)
		require.Equal(t, 597, client.Coupon.Query().Where(entcoupon.IssueJobID(job.ID), entcoupon.SourceEQ(enum.SourceBulk)).CountX(ctx))
		require.EqualValues(t, 1, client.Member.GetX(ctx, who[0]).EventSequence)
		consistent(t, w, template.ID, 598)
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		consistent(t, w, template.ID, 598)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)

		page, err := s.IssueJobs(staff, new(enum.IssueDone), nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 1)
		page, err = s.IssueJobs(staff, new(enum.IssueRunning), nil, nil)
		require.NoError(t, err)
		require.Empty(t, page.Nodes)
		_, err = s.IssueJob(issuer(t, w, w.NewOrg(t, w.Root, enum.OrgRegion)), job.ID)
		refused(t, apperr.NotFound, err)
		_, err = s.StopIssueJob(staff, job.ID, "太晚了")
		refused(t, apperr.IssueJobEnded, err)
	})
}

func TestAudiences(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		ofBrand, ofRegion := newTemplate(t, w, nil), newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetOrgID(w.Region.ID) })
		ofDistributor := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetOrgID(w.Distributor.ID) })
		first, second := memberOf(t, w, w.Store1), memberOf(t, w, w.Store2)
		homeless, _ := w.NewMember(t)
		farRegion := w.NewOrg(t, w.Root, enum.OrgRegion)
		farStore := w.NewOrg(t, farRegion, enum.OrgStore)
		far := memberOf(t, w, farStore)
		level := client.Level.Create().SetRank(1).SetName("银").SetThreshold(10).SetBenefits(nil).SaveX(ctx)
		client.Member.Update().Where().SetLevelID(level.ID).ExecX(ctx)
		client.Member.UpdateOne(second).ClearLevelID().ExecX(ctx)
		tag := client.Tag.Create().SetOrgID(w.Region.ID).SetName("常客").SaveX(ctx)
		brandTag := client.Tag.Create().SetOrgID(w.Root.ID).SetName("贵宾").SaveX(ctx)
		farTag := client.Tag.Create().SetOrgID(farRegion.ID).SetName("远客").SaveX(ctx)
		for _, m := range []*ent.Member{first, far} {
			client.MemberTag.Create().SetMemberID(m.ID).SetTagID(tag.ID).ExecX(ctx)
		}
		client.MemberTag.Create().SetMemberID(second.ID).SetTagID(brandTag.ID).ExecX(ctx)
		phone := "13900001234"
		client.Person.UpdateOneID(second.PersonID).SetPhoneHash(identity.PhoneHash(w.Keyring.Ring(), w.Brand.ID, phone)).ExecX(ctx)
		number := func(m *ent.Member) string { return strconv.FormatInt(m.Number, 10) }
		hq, regional := issuer(t, w, w.Root), issuer(t, w, w.Region)
		_, v := w.NewStaff(t, auth.Mall, w.Distributor, auth.Owner)
		distributor := testkit.As(t, v)
		_, v = w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		many := make([]int64, 101)
		for i := range many {
			many[i] = int64(i + 1)
		}
		for name, c := range map[string]struct {
			viewer   context.Context
			template *ent.CouponTemplate
			audience coupon.Audience
			size     int
			code     apperr.Code
		}{
			"the brand":              {hq, ofBrand, coupon.Audience{}, 4, ""},
			"a region":               {regional, ofRegion, coupon.Audience{}, 2, ""},
			"hq for a region":        {hq, ofRegion, coupon.Audience{}, 2, ""},
			"a distributor":          {distributor, ofDistributor, coupon.Audience{}, 1, ""},
			"a level":                {hq, ofBrand, coupon.Audience{LevelIDs: []int64{level.ID}}, 3, ""},
			"a store":                {hq, ofBrand, coupon.Audience{StoreIDs: []int64{w.Store2.ID, w.Store2.ID}}, 1, ""},
			"two stores and a level": {hq, ofBrand, coupon.Audience{StoreIDs: []int64{w.Store2.ID, farStore.ID}, LevelIDs: []int64{level.ID}}, 1, ""},
			"a tag":                  {hq, ofBrand, coupon.Audience{TagIDs: []int64{tag.ID}}, 2, ""},
			"a tag within":           {regional, ofRegion, coupon.Audience{TagIDs: []int64{tag.ID}}, 1, ""},
			"two tags":               {regional, ofRegion, coupon.Audience{TagIDs: []int64{tag.ID, brandTag.ID}}, 2, ""},
			"a list":                 {hq, ofBrand, coupon.Audience{Listed: []string{phone, number(second), " " + number(homeless), "99999", "13900009999"}}, 2, ""},
			"a list within":          {regional, ofRegion, coupon.Audience{Listed: []string{number(far), number(first)}}, 1, ""},
			"a list and a level":     {hq, ofBrand, coupon.Audience{Listed: []string{phone, number(first)}, LevelIDs: []int64{level.ID}}, 1, ""},
			"nobody":                 {hq, ofBrand, coupon.Audience{Listed: []string{"99999"}}, 0, ""},
			"a tag of elsewhere":     {regional, ofRegion, coupon.Audience{TagIDs: []int64{farTag.ID}}, 0, apperr.NotFound},
			"a store of elsewhere":   {regional, ofRegion, coupon.Audience{StoreIDs: []int64{farStore.ID}}, 0, apperr.NotFound},
			"no level":               {hq, ofBrand, coupon.Audience{LevelIDs: []int64{5}}, 0, apperr.NotFound},
			"the brand's for region": {regional, ofBrand, coupon.Audience{}, 0, apperr.NotFound},
			"a clerk":                {testkit.As(t, v), ofBrand, coupon.Audience{}, 0, apperr.NotFound},
			"an empty list":          {hq, ofBrand, coupon.Audience{Listed: []string{}}, 0, apperr.InvalidInput},
			"a name":                 {hq, ofBrand, coupon.Audience{Listed: []string{"张三"}}, 0, apperr.InvalidInput},
			"a sign":                 {hq, ofBrand, coupon.Audience{Listed: []string{"+"}}, 0, ""},
			"a long one":             {hq, ofBrand, coupon.Audience{Listed: []string{"139000012341390000123"}}, 0, apperr.InvalidInput},
			"too many":               {hq, ofBrand, coupon.Audience{Listed: make([]string, 5001)}, 0, apperr.InvalidInput},
			"too many tags":          {hq, ofBrand, coupon.Audience{TagIDs: many}, 0, apperr.InvalidInput},
		} {
			size, err := s.AudienceSize(c.viewer, c.template.ID, c.audience)
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			require.Equal(t, c.size, size, name)
			job, err := s.CreateIssueJob(c.viewer, jobOf(c.template, c.audience))
			if c.code == "" && c.size == 0 {
				c.code = apperr.AudienceEmpty
			}
			require.Equal(t, c.code, apperr.CodeOf(err), "%s: %v", name, err)
			if err != nil {
				continue
			}
			client.CouponTemplate.UpdateOne(c.template).SetMemberLimit(0).SetTotalStock(1000).AddStockLeft(100).ExecX(ctx)
			client.CouponTemplate.UpdateOne(c.template).SetStockLeft(1000 - int64(client.Coupon.Query().Where(entcoupon.TemplateID(c.template.ID)).CountX(ctx))).ExecX(ctx)
			_ = job
		}
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		for _, job := range client.IssueJob.Query().AllX(ctx) {
			require.Equal(t, enum.IssueDone, job.State)
			require.Equal(t, job.Total, job.Issued+job.Skipped)
		}
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

func TestIssueJobStops(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		crowd(t, w, w.Store1, 300)
		staff := issuer(t, w, w.Root)
		for name, c := range map[string]struct {
			change func(*ent.CouponTemplateCreate)
			reason coupon.StopReason
			issued int
		}{
			"stock":     {stock(260), coupon.StoppedOutOfStock, 260},
			"day stock": {func(c *ent.CouponTemplateCreate) { stock(1000)(c); c.SetDayStock(7) }, coupon.StoppedOutOfStock, 7},
			"budget":    {budget(251_999), coupon.StoppedByBudget, 251},
			"exactly":   {stock(300), "", 300},
		} {
			template := newTemplate(t, w, c.change)
			job, err := s.CreateIssueJob(staff, jobOf(template, coupon.Audience{}))
			require.NoError(t, err)
			require.NoError(t, s.RunIssueJobs(system(t, w)))
			job = client.IssueJob.GetX(ctx, job.ID)
			reason, note := coupon.StopOf(job)
			require.Equal(t, c.reason, reason, name)
			require.Empty(t, note)
			require.EqualValues(t, c.issued, job.Issued, name)
			require.Equal(t, c.reason != "", job.State == enum.IssueStopped)
			require.NotNil(t, job.FinishedAt)
			require.Equal(t, c.issued, client.Coupon.Query().Where(entcoupon.IssueJobID(job.ID)).CountX(ctx))
		}
		template := newTemplate(t, w, stock(1000))
		job, err := s.CreateIssueJob(staff, jobOf(template, coupon.Audience{}))
		require.NoError(t, err)
		client.CouponTemplate.UpdateOne(template).SetState(enum.TemplatePaused).ExecX(ctx)
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		reason, _ := coupon.StopOf(client.IssueJob.GetX(ctx, job.ID))
		require.Equal(t, coupon.StoppedWithTemplate, reason)
		_, err = s.CreateIssueJob(staff, jobOf(template, coupon.Audience{}))
		refused(t, apperr.TemplateNotActive, err)

		template = newTemplate(t, w, stock(1000))
		job, err = s.CreateIssueJob(staff, jobOf(template, coupon.Audience{}))
		require.NoError(t, err)
		_, err = s.StopIssueJob(issuer(t, w, w.Region), job.ID, "不归我管")
		refused(t, apperr.NotFound, err)
		_, err = s.StopIssueJob(staff, job.ID, "")
		refused(t, apperr.ReasonRequired, err)
		job, err = s.StopIssueJob(staff, job.ID, "发错人群了: 重来")
		require.NoError(t, err)
		reason, note := coupon.StopOf(job)
		require.Equal(t, coupon.StoppedByStaff, reason)
		require.Equal(t, "发错人群了: 重来", note)
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		consistent(t, w, template.ID, 0)
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}

// Three servers carry one job out at once: each member gets one coupon, and the job counts each once.
func TestRaceServersCarryOutOneJob(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		template := newTemplate(t, w, stock(2000))
		who := crowd(t, w, w.Store1, 1100)
		services := []*coupon.Service{newService(t, w), newService(t, w), newService(t, w)}
		job, err := services[0].CreateIssueJob(issuer(t, w, w.Root), jobOf(template, coupon.Audience{}))
		require.NoError(t, err)
		require.Equal(t, outcome{"": 3}, race(3, func(i int) error { return services[i].RunIssueJobs(system(t, w)) }))
		job = w.Store.Client(system(t, w)).IssueJob.GetX(system(t, w), job.ID)
		require.Equal(t, enum.IssueDone, job.State)
		require.EqualValues(t, len(who), job.Issued)
		require.Zero(t, job.Skipped)
		consistent(t, w, template.ID, len(who))
	})
}

// A job and 64 members who claim want the last coupons.
func TestRaceIssueJobAgainstClaimsOnTheLastStock(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, other := newService(t, w), newService(t, w)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(320)(c); c.SetBudgetFen(310_500).SetBudgetLeftFen(310_500) })
		crowd(t, w, w.Store1, 300)
		_, err := s.CreateIssueJob(issuer(t, w, w.Region), jobOf(newTemplate(t, w, nil), coupon.Audience{}))
		refused(t, apperr.NotFound, err)
		job, err := s.CreateIssueJob(issuer(t, w, w.Root), jobOf(template, coupon.Audience{}))
		require.NoError(t, err)
		callers := members(t, w, 64)
		o := race(65, func(i int) error {
			if i == 64 {
				return s.RunIssueJobs(system(t, w))
			}
			_, err := other.Claim(callers[i], template.ID, "some-key")
			return err
		})
		// The callers are in the audience too, and whoever came second found the limit or the end of the budget.
		require.Equal(t, 65, o[""]+o[apperr.BudgetExhausted]+o[apperr.LimitReached])
		job = w.Store.Client(system(t, w)).IssueJob.GetX(system(t, w), job.ID)
		require.NotEqual(t, enum.IssueRunning, job.State)
		consistent(t, w, template.ID, 310)
		_, left := left(t, w, template)
		require.EqualValues(t, 500, left)
	})
}

// The database is killed while a job runs, also in the middle of its transactions, and the job goes on where it was: nobody is left out and nobody gets two.
func TestKilledDatabaseLosesAndDoublesNothingOfAJob(t *testing.T) {
	t.Parallel()
	database, w := killable(t)
	s, ctx := newService(t, w), system(t, w)
	region := w.NewOrg(t, w.Root, enum.OrgRegion)
	shop := w.NewOrg(t, region, enum.OrgStore)
	w.Apps[auth.Console] = w.Apps[auth.Storefront]
	who := crowd(t, w, shop, 4000)
	template := newTemplate(t, w, stock(10_000))
	job, err := s.CreateIssueJob(issuer(t, w, w.Root), jobOf(template, coupon.Audience{}))
	require.NoError(t, err)
	running, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	working.Go(func() {
		for running.Err() == nil { // as the periodic job does, which comes again after a failure
			_ = s.RunIssueJobs(running)
			time.Sleep(5 * time.Millisecond)
		}
	})
	present := func() *ent.IssueJob { // nothing at the moment after a kill
		row, err := w.Store.Client(ctx).IssueJob.Get(ctx, job.ID)
		if err != nil {
			return &ent.IssueJob{}
		}
		return row
	}
	for kill := range servers.Kills(t) {
		require.Eventually(t, func() bool { return present().Issued >= min(int64(kill+1)*500, 3500) }, time.Minute, time.Millisecond, fmt.Sprint(kill))
		require.NoError(t, database.Kill())
		require.NoError(t, database.Restart(context.WithoutCancel(t.Context())))
	}
	require.Eventually(t, func() bool { return present().State == enum.IssueDone }, time.Minute, 5*time.Millisecond)
	stop()
	working.Wait()
	require.EqualValues(t, len(who), present().Issued)
	consistent(t, w, template.ID, len(who))
	testkit.Verify(t, w.Store)
}

// A job that stopped goes on from where it has got to, once what it stopped at is there again; nobody gets a second coupon, and nobody is left out.
func TestIssueJobResumes(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		who := crowd(t, w, w.Store1, 300)
		staff := issuer(t, w, w.Root)
		template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) { stock(260)(c); c.SetMemberLimit(0) })
		job, err := s.CreateIssueJob(staff, jobOf(template, coupon.Audience{}))
		require.NoError(t, err)
		_, err = s.ResumeIssueJob(staff, job.ID, "太早了")
		refused(t, apperr.IssueJobNotStopped, err)
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		require.Equal(t, enum.IssueStopped, client.IssueJob.GetX(ctx, job.ID).State)

		_, err = s.ResumeIssueJob(issuer(t, w, w.Region), job.ID, "不归我管")
		refused(t, apperr.NotFound, err)
		_, err = s.ResumeIssueJob(staff, job.ID, " ")
		refused(t, apperr.ReasonRequired, err)
		client.CouponTemplate.UpdateOneID(template.ID).SetState(enum.TemplatePaused).ExecX(ctx)
		_, err = s.ResumeIssueJob(staff, job.ID, "补货了")
		refused(t, apperr.TemplateNotActive, err)
		require.Equal(t, enum.IssueStopped, client.IssueJob.GetX(ctx, job.ID).State)
		client.CouponTemplate.UpdateOneID(template.ID).SetState(enum.TemplateActive).AddTotalStock(100).AddStockLeft(100).ExecX(ctx)
		resumed := race(8, func(int) error {
			_, err := s.ResumeIssueJob(staff, job.ID, "补货了")
			return err
		})
		require.Equal(t, outcome{"": 1, apperr.IssueJobNotStopped: 7}, resumed)
		job = client.IssueJob.GetX(ctx, job.ID)
		require.Equal(t, []any{enum.IssueRunning, "", (*time.Time)(nil), int64(260)}, []any{job.State, job.StopReason, job.FinishedAt, job.Issued})
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		job = client.IssueJob.GetX(ctx, job.ID)
		require.Equal(t, []any{enum.IssueDone, int64(300), int64(0)}, []any{job.State, job.Issued, job.Skipped})
		for _, id := range who {
			require.Equal(t, 1, client.Coupon.Query().Where(entcoupon.TemplateID(template.ID), entcoupon.MemberID(id)).CountX(ctx))
		}
		_, err = s.ResumeIssueJob(staff, job.ID, "再来一次")
		refused(t, apperr.IssueJobNotStopped, err)
		require.Equal(t, 1, client.AuditEntry.Query().Where(auditentry.Action("couponIssueJobResume")).CountX(ctx))
		testkit.VerifyBrand(t, w.Store, w.Brand.ID)
	})
}
