package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
)

// audience is how many members an issue job serves.
var audience = flag.Int("audience", 200_000, "how many members bulk_issue issues coupons to")

// issues is a brand that issues in bulk, by jobs and by plain inserts.
type issues struct {
	*claims
	staffID int64
	// issued counts coupons, statements what the plain form sends.
	issued, statements atomic.Int64
}

// bulkIssue is an issue job to a whole brand, beside multi-row inserts of the same rows that ask for no rule.
func bulkIssue(ctx context.Context, e *environment) ([]result, error) {
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	c, err := openClaims(ctx, e.store, e.redis, now, *audience)
	if err != nil {
		return nil, err
	}
	defer c.service.Close(context.WithoutCancel(ctx))
	i, err := openIssues(ctx, c, e.redis)
	if err != nil {
		return nil, err
	}
	jobs, inserts := side{done: &i.issued, statements: &e.statements}, side{done: &i.issued, statements: &i.statements}
	value, baseline, err := e.alternate(func() (float64, error) { return jobs.turn(e, func() (float64, error) { return i.rate(ctx, i.job) }) },
		func() (float64, error) {
			return inserts.turn(e, func() (float64, error) { return i.rate(ctx, i.insert) })
		})
	fmt.Printf("  CPU a coupon: %.0f µs by a job, %.0f µs by inserts\n", jobs.microseconds(), inserts.microseconds())
	return []result{result{Name: "bulk_issue", Value: value, Unit: "coupons/s", Baseline: baseline, Goal: 0.3, Statements: jobs.each(), BaselineStatements: inserts.each(),
		Note: fmt.Sprintf("an audience of %d", *audience)}.compare()}, err
}

// openIssues gives a brand somebody who issues.
func openIssues(ctx context.Context, c *claims, r redis.UniversalClient) (*issues, error) {
	system := auth.System(ctx, c.brandID)
	staff, err := c.store.Client(system).Staff.Create().SetOrgID(c.orgID).SetRole(auth.Marketer).SetPersonID(c.members[0]).SetName("营销").SetState(enum.StaffActive).Save(system)
	if err != nil {
		return nil, err
	}
	slices.Sort(c.members)
	c.service = coupon.New(coupon.Options{Store: c.store, Clock: c.clock, Redis: r, Orgs: org.New(c.store, c.clock, nil), Events: memberevent.New(c.store, nil), Log: slog.New(slog.DiscardHandler)})
	return &issues{claims: c, staffID: staff.ID}, nil
}

// rate issues to everybody from a new template and gives coupons a second.
func (i *issues) rate(ctx context.Context, issue func(ctx context.Context, template *ent.CouponTemplate) error) (float64, error) {
	template, err := i.template(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := issue(auth.System(ctx, i.brandID), template); err != nil {
		return 0, err
	}
	i.issued.Add(int64(len(i.members)))
	return float64(len(i.members)) / time.Since(start).Seconds(), nil
}

// template is one of which nobody has a coupon yet, and each may have one.
func (i *issues) template(ctx context.Context) (*ent.CouponTemplate, error) {
	ctx = auth.System(ctx, i.brandID)
	client := i.store.Client(ctx)
	rule, err := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000}).Save(ctx)
	if err != nil {
		return nil, err
	}
	now := i.clock.Now()
	stock := int64(len(i.members))
	return client.CouponTemplate.Create().SetOrgID(i.orgID).SetName("周年券").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(stock).SetStockLeft(stock).
		SetMemberLimit(1).SetBudgetFen(1000 * stock).SetBudgetLeftFen(1000 * stock).SetClaimStartsAt(now.AddDate(0, 0, -1)).SetClaimEndsAt(now.AddDate(0, 0, 1)).
		SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).Save(ctx)
}

// job issues by a job.
func (i *issues) job(ctx context.Context, t *ent.CouponTemplate) error {
	job, err := i.store.Client(ctx).IssueJob.Create().SetTemplateID(t.ID).SetOrgID(i.orgID).SetStaffID(i.staffID).SetAudience(document.Audience{}).SetReason("周年庆").
		SetTotal(int64(len(i.members))).Save(ctx)
	if err != nil {
		return err
	}
	if err := i.service.RunIssueJobs(ctx); err != nil {
		return err
	}
	if job, err = i.store.Client(ctx).IssueJob.Get(ctx, job.ID); err == nil && (job.State != enum.IssueDone || job.Issued != int64(len(i.members))) {
		err = fmt.Errorf("the job has issued %d of %d and is %s", job.Issued, len(i.members), job.State)
	}
	return err
}

// insert writes the same rows without a question, as many members at a time: coupons, counters, numbers and events of the members, and the template. It is the fastest because
// it knows that everybody may have one.
func (i *issues) insert(ctx context.Context, t *ent.CouponTemplate) error {
	const each = 250
	now := i.clock.Now()
	jobID := ids.Next()
	done := int64(0)
	for len(i.members[done:]) > 0 {
		some := i.members[done:min(done+each, int64(len(i.members)))]
		if err := i.insertSome(ctx, t, jobID, some, now); err != nil {
			return err
		}
		done += int64(len(some))
	}
	err := i.store.Client(ctx).IssueJob.Create().SetID(jobID).SetTemplateID(t.ID).SetOrgID(i.orgID).SetStaffID(i.staffID).SetAudience(document.Audience{}).SetReason("周年庆").
		SetTotal(done).SetIssued(done).SetState(enum.IssueDone).SetLastMemberID(i.members[done-1]).SetFinishedAt(now).Exec(ctx)
	return err
}

func (i *issues) insertSome(ctx context.Context, t *ent.CouponTemplate, jobID int64, members []int64, now time.Time) error {
	tx, err := i.store.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	exec := func(query string, args ...any) {
		if err == nil {
			i.statements.Add(1)
			_, err = tx.ExecContext(ctx, query, args...)
		}
	}
	var coupons, counters, events, numbers []any
	key := fmt.Sprintf("job-%d", jobID)
	for _, id := range members {
		couponID := ids.Next()
		coupons = append(coupons, couponID, now, i.brandID, t.ID, t.RuleID, id, rand.Text()[:12], string(enum.CouponEffective), string(enum.SourceBulk), key, now, now.AddDate(0, 0, 7), jobID)
		counters = append(counters, ids.Next(), now, i.brandID, string(enum.LimitMemberTotal), t.ID, id, 0, 1)
		events = append(events, ids.Next(), now, i.brandID, id, string(enum.EventCouponIssued), couponID, id)
		numbers = append(numbers, id)
	}
	rows := func(row string) string { return row + strings.Repeat(", "+row, len(members)-1) }
	exec("INSERT INTO limit_counters (id, created_at, brand_id, kind, scope_id, subject_id, period, count) VALUES "+rows("(?, ?, ?, ?, ?, ?, ?, ?)"), counters...)
	exec("INSERT INTO coupons (id, created_at, brand_id, template_id, rule_id, member_id, code, state, source, claim_key, usable_from, expires_at, issue_job_id) VALUES "+
		rows("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), coupons...)
	exec("UPDATE members SET event_sequence = event_sequence + 1 WHERE id IN ("+rows("?")+")", numbers...)
	exec("INSERT INTO member_events (id, created_at, brand_id, member_id, kind, coupon_id, sequence) VALUES "+
		rows("(?, ?, ?, ?, ?, ?, (SELECT event_sequence FROM members WHERE id = ?))"), events...)
	exec("UPDATE coupon_templates SET stock_left = stock_left - ?, budget_left_fen = budget_left_fen - ? WHERE id = ?", len(members), 1000*len(members), t.ID)
	if err == nil {
		err = tx.Commit()
	}
	return err
}
