package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/coupon"
	"dongxiao/domain/ledger"
	"dongxiao/domain/membercode"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/redemption"
	"dongxiao/domain/topup"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
)

const (
	// redeemers is how many members redeem in turn.
	redeemers = 10_000
	// redeemCallers is how many of them redeem at once.
	redeemCallers = 64
)

// redeemer redeems one coupon of a member and waits for its answer.
type redeemer func(ctx context.Context, code string, couponID int64, key string) error

// redeem is coupons that the brand and the store fund, redeemed at one store, beside one transaction with the same writes by SQL written by hand.
func redeem(ctx context.Context, e *environment) ([]result, error) {
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	ring, err := e.openKeyring(ctx, now)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	c, err := openRedeems(ctx, &spends{store: e.store, clock: now}, e.redis, ring, redeemers)
	if err != nil {
		return nil, err
	}
	for _, form := range []redeemer{c.confirm, c.plain.confirm} {
		if _, err := c.rate(ctx, form); err != nil {
			return nil, err
		}
	}
	shipped := side{done: &c.redeemed, statements: &e.statements}
	plain := side{done: &c.redeemed, statements: &c.plain.statements}
	value, baseline, err := e.alternate(func() (float64, error) {
		return shipped.turn(e, func() (float64, error) { return c.rate(ctx, c.confirm) })
	}, func() (float64, error) {
		return plain.turn(e, func() (float64, error) { return c.rate(ctx, c.plain.confirm) })
	})
	return []result{result{Name: "redeem", Value: value, Unit: "redemptions/s", Baseline: baseline, Goal: 0.7, Statements: shipped.each(), BaselineStatements: plain.each(),
		Note: fmt.Sprintf("at one store, against one transaction written by hand; CPU of each %.0f µs against %.0f", shipped.microseconds(), plain.microseconds())}.compare()}, err
}

// redeems is a brand whose members redeem coupons at one store.
type redeems struct {
	*spends
	templateID, ruleID int64
	service            *redemption.Service
	plain              *plainRedeems
	// coupons are those that were not redeemed yet, by the turn that redeems them.
	coupons chan held
	// redeemed counts the redemptions, made the coupons.
	redeemed, made atomic.Int64
}

// held is a coupon of the n-th member.
type held struct {
	couponID int64
	n        int
}

// openRedeems makes a brand with a store, a clerk, members, a template of which the brand pays 60 % and the store 40 %, and both ways to redeem.
func openRedeems(ctx context.Context, base *spends, r redis.UniversalClient, ring *keyring.Keyring, members int) (*redeems, error) {
	base.brandID, base.rootID, base.clerkID, base.personID = ids.Next(), ids.Next(), ids.Next(), ids.Next()
	c := &redeems{spends: base, coupons: make(chan held, 1_000_000)}
	if err := c.insertBrand(ctx); err != nil {
		return nil, err
	}
	if err := c.insertStores(ctx, 1); err != nil {
		return nil, err
	}
	if err := c.insertMembers(ctx, members); err != nil {
		return nil, err
	}
	if err := c.insertTemplate(ctx); err != nil {
		return nil, err
	}
	var err error
	if c.codec, err = membercode.New(ring.Ring().Secrets(keys.MemberCode, c.brandID)); err != nil {
		return nil, err
	}
	s := c.store
	cursors := func() *cursor.Codec { return cursor.New(ring.Ring().Secrets(keys.Cursor, 0)) }
	orgs, events := org.New(s, c.clock, cursors), memberevent.New(s, nil)
	clearings := clearing.New(clearing.Options{Store: s, Clock: c.clock, Orgs: orgs, Ledger: ledger.New(s), Cursors: cursors})
	coupons := coupon.New(coupon.Options{Store: s, Clock: c.clock, Redis: r, Orgs: orgs, Events: events, Clearing: clearings, Cursors: cursors, Log: slog.New(slog.DiscardHandler)})
	c.service = redemption.New(redemption.Options{Store: s, Clock: c.clock, Keyring: ring, Redis: r, Orgs: orgs, Events: events, Clearing: clearings, Cursors: cursors,
		Kinds: map[enum.RedemptionKind]redemption.Redeemable{enum.RedeemCoupon: coupons.Redeemable()}, Shifts: topup.Shifts{Store: s}})
	c.plain = &plainRedeems{redeems: c}
	return c, nil
}

// insertTemplate writes the template with its rule, and the stripes of what the brand and the store owe each other.
func (c *redeems) insertTemplate(ctx context.Context) error {
	system := auth.System(ctx, c.brandID)
	client := c.store.Client(system)
	rule, err := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, ReturnPolicy: enum.ReturnOnAny,
		Funders: []document.Funder{{OrgID: c.rootID, BasisPoints: 6000}, {OrgID: c.stores[0], BasisPoints: 4000}}}).Save(system)
	if err != nil {
		return err
	}
	now := c.clock.Now()
	template, err := client.CouponTemplate.Create().SetOrgID(c.rootID).SetName("立减10元").SetState(enum.TemplateActive).SetRuleID(rule.ID).SetTotalStock(100_000_000).
		SetStockLeft(100_000_000).SetMemberLimit(0).SetClaimStartsAt(now).SetClaimEndsAt(now.AddDate(0, 0, 1)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7).Save(system)
	if err != nil {
		return err
	}
	c.templateID, c.ruleID = template.ID, rule.ID
	accounts := table{into: "ledger_accounts (id, created_at, brand_id, asset, kind, owner_id, stripe)"}
	for _, owner := range []int64{c.rootID, c.stores[0]} {
		for stripe := range ledger.Stripes {
			accounts.add(ids.Next(), now, c.brandID, string(enum.AssetClearing), string(enum.AccountClearing), owner, stripe)
		}
	}
	return insert(ctx, c.store.DB(), "INSERT INTO "+accounts.into+" VALUES ", accounts.columns, accounts.args)
}

// give gives the members so many more coupons in all, one after the other.
func (c *redeems) give(ctx context.Context, n int) error {
	now := c.clock.Now()
	for n > 0 {
		rows := table{into: "coupons (id, created_at, brand_id, template_id, rule_id, member_id, code, state, source, claim_key, usable_from, expires_at)"}
		var made []held
		for range min(n, 1000) {
			id, number := ids.Next(), c.made.Add(1)
			h := held{id, int(number) % len(c.members)}
			made = append(made, h)
			rows.add(id, now, c.brandID, c.templateID, c.ruleID, c.members[h.n], fmt.Sprintf("%012d", number), string(enum.CouponEffective), string(enum.SourceStaff),
				fmt.Sprintf("given-%d", number), now.Add(-time.Hour), now.AddDate(0, 0, 7))
		}
		if err := insert(ctx, c.store.DB(), "INSERT INTO "+rows.into+" VALUES ", rows.columns, rows.args); err != nil {
			return err
		}
		for _, h := range made {
			c.coupons <- h
		}
		n -= len(made)
	}
	return nil
}

// confirm redeems through the service, as a clerk at the till does.
func (c *redeems) confirm(ctx context.Context, code string, couponID int64, key string) error {
	ctx = auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachStaff, BrandID: c.brandID, Face: auth.Staff, PersonID: c.personID,
		Assignments: []auth.Assignment{{OrgID: c.rootID, Role: auth.Clerk}}})
	_, err := c.service.Confirm(ctx, redemption.Confirmation{Shown: redemption.Shown{MemberCode: code}, StoreID: c.stores[0],
		Subjects: []ids.ID{{Kind: ids.Coupon, Value: couponID}}, Bill: redemption.Bill{Purchase: 5000}, IdempotencyKey: key})
	return err
}

// rate lets members redeem for a while, so many at once, and gives redemptions a second. Any refusal fails the benchmark.
func (c *redeems) rate(ctx context.Context, form redeemer) (float64, error) {
	if missing := int(window/time.Second+1)*5000 - len(c.coupons); missing > 0 {
		if err := c.give(ctx, missing); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	used := map[string]bool{}
	var mu sync.Mutex
	before, start := c.redeemed.Load(), time.Now()
	var wg sync.WaitGroup
	for range redeemCallers {
		wg.Go(func() {
			for time.Since(start) < window && ctx.Err() == nil && len(c.coupons) > redeemCallers {
				h := <-c.coupons
				code, err := c.codec.Issue(c.numbers[h.n], membercode.Redeem, c.clock.Now())
				mu.Lock()
				again := used[code.NonceKey]
				used[code.NonceKey] = true
				mu.Unlock()
				if again { // drawn before
					continue
				}
				if err == nil {
					err = form(ctx, code.Digits, h.couponID, fmt.Sprintf("redeem-%d", h.couponID))
				}
				if err != nil {
					cancel(err)
					return
				}
				c.redeemed.Add(1)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return float64(c.redeemed.Load()-before) / time.Since(start).Seconds(), nil
}
