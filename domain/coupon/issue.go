package coupon

import (
	"context"
	"time"

	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/internal/store"
)

// way is by which way coupons are issued, and what counts there. Every coupon there is was made by openBook, book.decide and write, whatever its way.
type way struct {
	source enum.CouponSource
	// window says that the template's claim window counts, limits that its limits per member, human and day do.
	window, limits bool
	// frozen says that a frozen member gets one too: it was promised.
	frozen bool
	// tell says that the member is told, because it did not ask.
	tell bool
	// once says that one human gets one only in the period, by its event: a year, or 0 for all time.
	once   bool
	period int
	// jobID is the issue job; 0 for none.
	jobID int64
	// origin is the coupon that a friend gives: the new one has its rule and use window, and neither stock nor budget are asked.
	origin *ent.Coupon
}

// ways are what counts for each source.
var ways = map[enum.CouponSource]way{
	enum.SourceClaim:     {source: enum.SourceClaim, window: true, limits: true},
	enum.SourceExchange:  {source: enum.SourceExchange, window: true, limits: true},
	enum.SourceStaff:     {source: enum.SourceStaff, limits: true, tell: true},
	enum.SourceBulk:      {source: enum.SourceBulk, limits: true, tell: true},
	enum.SourceEvent:     {source: enum.SourceEvent, frozen: true, tell: true},
	enum.SourceActivated: {source: enum.SourceActivated, tell: true},
	enum.SourceGift:      {source: enum.SourceGift},
}

// openBook locks the template and the claims' members and reads how they stand, inside the caller's transaction, in the order template, members (sorted).
func (s *Service) openBook(ctx context.Context, templateID int64, claims []claim, w way) (*book, error) {
	template, err := store.Locked(s.Store, s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.ID(templateID))).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, err
	}
	if template == nil {
		b := newBook(nil, w, s.Clock.Now(), time.UTC)
		b.first, err = s.first(ctx, claims)
		return b, err
	}
	zone, err := s.zone(ctx, template.BrandID)
	if err != nil {
		return nil, err
	}
	b := newBook(template, w, s.Clock.Now(), zone)
	if template.BudgetFen > 0 && w.origin == nil {
		var promised bool
		if b.promise, promised, err = s.promiseOf(ctx, template.RuleID); err != nil {
			return nil, err
		}
		b.unpromised = !promised
	}
	return b, s.readCallers(ctx, b, claims)
}

// write keeps what the book decided: the counters under guard, the coupons, stock and budget, and what members are told. Where nothing was issued it does
// nothing.
func (s *Service) write(ctx context.Context, b *book) error {
	won := int64(len(b.issued))
	if won == 0 {
		return nil
	}
	if len(b.raised) > 0 {
		if err := s.raiseCounters(ctx, b); err != nil {
			return err
		}
	}
	if err := s.insertCoupons(ctx, b); err != nil {
		return err
	}
	if b.way.tell {
		told := make([]memberevent.Told, won)
		for i, c := range b.issued {
			told[i] = memberevent.Told{MemberID: c.MemberID, About: memberevent.About{CouponID: c.ID}}
		}
		if err := s.Events.AppendAll(ctx, enum.EventCouponIssued, b.now, told); err != nil {
			return err
		}
	}
	if b.way.origin != nil {
		return nil
	}
	update := s.Store.Client(ctx).CouponTemplate.Update().Where(coupontemplate.ID(b.template.ID), coupontemplate.StockLeftGTE(won)).AddStockLeft(-won)
	cost := won * int64(b.promise)
	if b.template.BudgetFen > 0 {
		update.Where(coupontemplate.BudgetLeftFenGTE(cost)).AddBudgetLeftFen(-cost)
	}
	changed, err := update.Save(ctx)
	if err == nil && changed != 1 {
		err = errStale
	}
	b.template.StockLeft -= won
	b.template.BudgetLeftFen -= cost
	return err
}

// soldOutAfter marks the template as sold out for claims once the transaction of ctx is durable, where the book has issued the last one.
func (s *Service) soldOutAfter(ctx context.Context, b *book) {
	if len(b.issued) > 0 && b.template.StockLeft == 0 {
		store.AfterCommit(ctx, func() { s.soldOut.mark(context.WithoutCancel(ctx), b.template.ID) })
	}
}
