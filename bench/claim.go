package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// shoppers is how many members claim in turn; in a window each has about one turn.
const shoppers = 30_000

// claimer makes one claim and waits for its answer.
type claimer func(ctx context.Context, memberID, templateID int64, key string) error

// claimHot is 256 callers on one template, and beside it the same over HTTP and GraphQL.
func claimHot(ctx context.Context, e *environment) ([]result, error) {
	const callers = 256
	results, err := compareClaims(ctx, e, "claim_hot", callers, 5)
	if err != nil {
		return nil, err
	}
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	overHTTP, err := claimOverHTTP(ctx, e, now, callers)
	return append(results, overHTTP), err
}

// claimFew is 8 callers on one template.
func claimFew(ctx context.Context, e *environment) ([]result, error) {
	return compareClaims(ctx, e, "claim_few", 8, 0.9)
}

// compareClaims measures the service against the fastest of the plain forms.
func compareClaims(ctx context.Context, e *environment, name string, callers int, goal float64) ([]result, error) {
	databaseClock, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return nil, err
	}
	defer databaseClock.Close()
	c, err := openClaims(ctx, e.store, e.redis, databaseClock, shoppers)
	if err != nil {
		return nil, err
	}
	defer c.service.Close(context.WithoutCancel(ctx))
	for _, warm := range []claimer{c.batched, c.plain.lockFirst, c.plain.insertFirst, c.plain.updateFirst} {
		if _, err := c.rate(ctx, callers, window/4, warm); err != nil {
			return nil, err
		}
	}
	fastest, best, note := claimer(nil), 0.0, []string{}
	for _, form := range []struct {
		name  string
		claim claimer
	}{{"lock first", c.plain.lockFirst}, {"insert first", c.plain.insertFirst}, {"update first", c.plain.updateFirst}} {
		rate, err := c.rate(ctx, callers, window, form.claim)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", form.name, err)
		}
		note = append(note, fmt.Sprintf("%s %.0f/s", form.name, rate))
		if rate > best {
			fastest, best = form.claim, rate
		}
	}
	fmt.Println("  unbatched:", strings.Join(note, ", "))

	batched := side{done: &c.claims, statements: &e.statements}
	unbatched := side{done: &c.claims, statements: &c.plain.statements}
	value, baseline, err := e.alternate(func() (float64, error) {
		return batched.turn(e, func() (float64, error) { return c.rate(ctx, callers, window, c.batched) })
	},
		func() (float64, error) {
			return unbatched.turn(e, func() (float64, error) { return c.rate(ctx, callers, window, fastest) })
		})
	fmt.Printf("  CPU a claim: %.0f µs batched, %.0f µs unbatched\n", batched.microseconds(), unbatched.microseconds())
	return []result{result{Name: name, Value: value, Unit: "claims/s", Baseline: baseline, Goal: goal, Statements: batched.each(),
		BaselineStatements: unbatched.each(), Note: strings.Join(note, ", ")}.compare()}, err
}

// claims is a brand whose members claim.
type claims struct {
	store   *store.Store
	clock   clock.Clock
	brandID int64
	orgID   int64
	members []int64
	service *coupon.Service
	plain   *plain
	// claims counts the claims that succeeded, turn whose turn it is.
	claims, turn atomic.Int64
}

// openClaims makes a brand with members and both ways to claim.
func openClaims(ctx context.Context, s *store.Store, r redis.UniversalClient, now clock.Clock, members int) (*claims, error) {
	c := &claims{store: s, clock: now, brandID: ids.Next(), orgID: ids.Next()}
	c.plain = &plain{db: s.DB(), clock: now, brandID: c.brandID}
	if err := c.insertBrand(ctx); err != nil {
		return nil, err
	}
	if err := c.insertMembers(ctx, members); err != nil {
		return nil, err
	}
	c.service = coupon.New(coupon.Options{Store: s, Clock: now, Redis: r, Log: slog.New(slog.DiscardHandler)})
	return c, nil
}

func (c *claims) insertBrand(ctx context.Context) error {
	operator := auth.Operator(ctx)
	if err := c.store.Client(operator).Brand.Create().SetID(c.brandID).SetCode(fmt.Sprintf("bench-%d", c.brandID)).SetName("基准").Exec(operator); err != nil {
		return err
	}
	system := auth.System(ctx, c.brandID)
	return c.store.Client(system).Org.Create().SetID(c.orgID).SetKind(enum.OrgBrand).SetPath("/" + store.PathSegment(c.orgID) + "/").
		SetCode("root").SetName("总部").Exec(system)
}

// insertMembers writes members with one statement for each thousand.
func (c *claims) insertMembers(ctx context.Context, n int) error {
	const each = 1000
	now := time.Now().UTC()
	for len(c.members) < n {
		var persons, members []any
		for range min(each, n-len(c.members)) {
			id := ids.Next()
			persons = append(persons, id, now, c.brandID, id)
			members = append(members, id, now, c.brandID, id, id, string(enum.MemberVisitor), string(enum.ChannelDirect), string(enum.ChannelDirect))
			c.members = append(c.members, id)
		}
		if err := insert(ctx, c.store.DB(), "INSERT INTO persons (id, created_at, brand_id, limit_subject) VALUES ", 4, persons); err != nil {
			return err
		}
		if err := insert(ctx, c.store.DB(), "INSERT INTO members (id, created_at, brand_id, person_id, number, state, first_channel, last_channel) VALUES ", 8, members); err != nil {
			return err
		}
	}
	return nil
}

// amountOff is what a coupon of the benchmark takes off.
const amountOff money.Fen = 1000

// newTemplate makes a template whose claim window is open, with every rule that there is: stock in all and by day, limits by member, day and human (none for 0), a
// budget, hours and funders.
func (c *claims) newTemplate(ctx context.Context, stock int64, memberLimit int) (int64, error) {
	ctx = auth.System(ctx, c.brandID)
	client := c.store.Client(ctx)
	days := map[time.Weekday][]hours.Period{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		days[day] = []hours.Period{{Open: 8 * 60, Close: 22 * 60}}
	}
	weekly, err := hours.New(days)
	if err != nil {
		return 0, err
	}
	rule, err := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: amountOff, Hours: weekly, StackLimit: 1,
		Funders: []document.Funder{{OrgID: c.orgID, BasisPoints: money.Whole}}, ReturnPolicy: enum.ReturnOnFullRefund, Repricing: enum.RepriceKeep}).Save(ctx)
	if err != nil {
		return 0, err
	}
	now, budget := c.clock.Now(), stock*int64(amountOff)
	template, err := client.CouponTemplate.Create().SetOrgID(c.orgID).SetName("秒杀券").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(stock).
		SetStockLeft(stock).SetDayStock(stock).SetMemberLimit(memberLimit).SetMemberDayLimit(memberLimit).SetPersonLimit(memberLimit).
		SetBudgetFen(budget).SetBudgetLeftFen(budget).SetClaimStartsAt(now.AddDate(0, 0, -1)).SetClaimEndsAt(now.AddDate(0, 0, 1)).
		SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).Save(ctx)
	if err != nil {
		return 0, err
	}
	return template.ID, nil
}

// batched claims through the service.
func (c *claims) batched(ctx context.Context, memberID, templateID int64, key string) error {
	ctx = auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachMember, BrandID: c.brandID, Face: auth.Storefront, PersonID: memberID, MemberID: memberID})
	_, err := c.service.Claim(ctx, templateID, key)
	return err
}

// rate lets so many callers claim from a new template for a while, each as soon as it has its answer, and gives claims a second. Every claim is of
// the next member under a new key; any refusal fails the benchmark.
func (c *claims) rate(ctx context.Context, callers int, length time.Duration, claim claimer) (float64, error) {
	template, err := c.newTemplate(ctx, 100_000_000, 1000)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	before, start := c.claims.Load(), time.Now()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for time.Since(start) < length && ctx.Err() == nil {
				turn := c.turn.Add(1)
				if err := claim(ctx, c.members[int(turn)%len(c.members)], template, fmt.Sprintf("bench-%08d", turn)); err != nil {
					cancel(err)
					return
				}
				c.claims.Add(1)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return float64(c.claims.Load()-before) / time.Since(start).Seconds(), nil
}
