package demo

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	entmember "dongxiao/ent/member"
	"dongxiao/internal/clock"
)

// exchangeCodes is how many codes were printed for the tasting, PJH-2026-0001 and so on.
const exchangeCodes = 100

// giver is the demo's last days, in which members exchanged codes and gave coupons to friends, and staff issued some: the services with a clock that is moved.
type giver struct {
	*writer
	clock   *clock.Manual
	coupons *coupon.Service
	members []*ent.Member
	keys    int
}

// giving has codes exchanged and coupons given through the services: of the offers to friends one was accepted, one taken back, one has expired, and the shopper's is open. One
// issue job of the first store is done, and one of the brand was stopped.
func (w *writer) giving(ctx context.Context) error {
	ctx = auth.System(ctx, w.brand.ID)
	past := clock.NewManual(w.now.AddDate(0, 0, -2))
	orgs, events := org.New(w.Store, past, nil), memberevent.New(w.Store, nil)
	g := &giver{writer: w, clock: past, coupons: coupon.New(coupon.Options{Store: w.Store, Clock: past, Orgs: orgs, Events: events, Keyring: w.Keyring,
		Members: member.New(member.Options{Store: w.Store, Clock: past, Keyring: w.Keyring, Orgs: orgs, Events: events}), Log: slog.New(slog.DiscardHandler)})}
	var err error
	g.members, err = w.Store.Client(ctx).Member.Query().Where(entmember.NumberGTE(firstNumber)).Order(entmember.ByNumber()).Limit(8).All(ctx)
	if err != nil || len(g.members) < 8 {
		return err
	}
	if err := g.friends(ctx); err != nil {
		return fmt.Errorf("give the demo's coupons to friends: %w", err)
	}
	if err := g.jobs(ctx); err != nil {
		return fmt.Errorf("issue the demo's coupons: %w", err)
	}
	return nil
}

// friends exchanges codes for the tasting and gives some of the coupons away.
func (g *giver) friends(ctx context.Context) error {
	codes := make([]string, exchangeCodes)
	for i := range codes {
		codes[i] = fmt.Sprintf("PJH-2026-%04d", i+1)
	}
	marketer := g.as(ctx, g.marketer, auth.Marketer, g.root)
	if _, _, err := g.coupons.ImportCodes(marketer, g.tastingTemplate.id, "秋季品鉴会", codes, g.key()); err != nil {
		return err
	}
	got := make([]*ent.Coupon, 5) // by the shopper and four others
	for i := range got {
		var err error
		if got[i], err = g.coupons.Exchange(g.member(ctx, i), codes[i], g.key()); err != nil {
			return err
		}
	}
	offer := func(i int) (*coupon.Transfer, error) {
		return g.coupons.OfferTransfer(g.member(ctx, i), got[i].ID, g.key())
	}
	g.clock.Set(g.now.Add(-25 * time.Hour))
	for _, pair := range [][2]int{{1, 5}, {2, 0}} { // the friends are another member and the shopper
		offered, err := offer(pair[0])
		if err == nil {
			_, err = g.coupons.AcceptTransfer(g.member(ctx, pair[1]), offered.Token, g.key())
		}
		if err != nil {
			return err
		}
	}
	back, err := offer(3)
	if err == nil {
		_, err = g.coupons.CancelTransfer(g.member(ctx, 3), back.ID)
	}
	if err != nil {
		return err
	}
	if _, err := offer(4); err != nil {
		return err
	}
	g.clock.Set(g.now)
	if _, err := g.coupons.ExpireTransfers(ctx, len(got)); err != nil {
		return err
	}
	_, err = offer(0)
	return err
}

// jobs issues the banquet coupon to some members of the first store, and stops an issue of the brand before it began.
func (g *giver) jobs(ctx context.Context) error {
	shop := g.stores[0].id
	regulars, err := g.Store.Client(ctx).Member.Query().Where(entmember.HomeStoreID(shop)).Order(entmember.ByNumber()).Limit(20).All(ctx)
	if err != nil {
		return err
	}
	listed := make([]string, len(regulars))
	for i, m := range regulars {
		listed[i] = strconv.FormatInt(m.Number, 10)
	}
	if len(listed) > 0 {
		_, err := g.coupons.CreateIssueJob(g.as(ctx, g.crews[shop].owner, auth.Owner, shop), coupon.IssueJobInput{TemplateID: g.banquetTemplate.id,
			Audience: coupon.Audience{Listed: listed}, Reason: "老客办宴席", IdempotencyKey: g.key()})
		if err == nil {
			err = g.coupons.RunIssueJobs(ctx)
		}
		if err != nil {
			return err
		}
	}
	marketer := g.as(ctx, g.marketer, auth.Marketer, g.root)
	job, err := g.coupons.CreateIssueJob(marketer, coupon.IssueJobInput{TemplateID: g.tastingTemplate.id, Reason: "品鉴会邀请", IdempotencyKey: g.key()})
	if err == nil {
		_, err = g.coupons.StopIssueJob(marketer, job.ID, "品鉴会改期")
	}
	return err
}

func (g *giver) key() string {
	g.keys++
	return fmt.Sprintf("demo-giving-%04d", g.keys)
}

// member is the context in which one of the members acts.
func (g *giver) member(ctx context.Context, i int) context.Context {
	m := g.members[i]
	return auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachMember, BrandID: g.brand.ID, Face: auth.Storefront, PersonID: m.PersonID, MemberID: m.ID})
}
