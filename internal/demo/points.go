package demo

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/points"
	entmember "dongxiao/ent/member"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// pointsMembers is how many members have points.
const pointsMembers = 12

// points gives the first members points through the service: earned two months ago and spendable since, some spent, and some of this week that are pending. The second
// one had spent points of a purchase that was given back, and owes them.
func (w *writer) points(ctx context.Context) error {
	ctx = auth.System(ctx, w.brand.ID)
	past := clock.NewManual(w.now.AddDate(0, 0, -60))
	orgs, events := org.New(w.Store, past, nil), memberevent.New(w.Store, nil)
	service := points.New(points.Options{Store: w.Store, Clock: past, Ledger: ledger.New(w.Store), Orgs: orgs, Roots: org.NewRoots(w.Store), Events: events,
		Members: member.New(member.Options{Store: w.Store, Clock: past, Keyring: w.Keyring, Orgs: orgs, Events: events})})
	numbers, err := w.Store.Client(ctx).Member.Query().Where(entmember.NumberGTE(firstNumber)).Order(entmember.ByNumber()).Limit(pointsMembers).IDs(ctx)
	if err != nil {
		return err
	}
	for i, id := range numbers {
		past.Set(w.now.AddDate(0, 0, -60))
		bought, paid := ids.Next(), money.Fen(49_800+i*10_000)
		if err := service.Earn(ctx, id, bought, paid, past.Now()); err != nil {
			return err
		}
		past.Set(w.now.AddDate(0, 0, -30))
		if err := service.Spend(ctx, id, ids.Next(), 200); err != nil {
			return err
		}
		past.Set(w.now.AddDate(0, 0, -2))
		if i == 1 {
			if err := service.ClawBack(ctx, bought, points.Part{Refunded: paid, Total: paid}); err != nil {
				return err
			}
			continue
		}
		if err := service.Earn(ctx, id, ids.Next(), 26_800, past.Now()); err != nil {
			return err
		}
	}
	return nil
}
