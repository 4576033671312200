package coupon

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/couponuse"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// What orders do with coupons, each inside the order's own transaction:
//
//	Price          → a quote, that holds nothing
//	Lock           → EFFECTIVE becomes LOCKED by the order, at the price that the order keeps
//	UseLocked      → the order is paid: LOCKED becomes USED, with a row for each use, and what the funders owe
//	Unlock         → the order is given up: LOCKED becomes EFFECTIVE, or EXPIRED where its time has passed meanwhile, or REVOKED where what gave it was undone
//	ReturnRefunded → something of the order was refunded: discounts are taken back, and coupons come back as their rules say
//
// A lock wins over everything that happens to the coupon meanwhile but its member's leaving: what expires, or whose template is withdrawn, while it is LOCKED can
// still be used by that order. Every act may be repeated: by the order's id it happens once. The member is told live of each (COUPON_CHANGED). Rows are locked in the order member, coupons (sorted), uses
// (sorted); the budgets' templates and the ledger's stripes come after them, so that an issue may be met in a deadlock, after which the transaction runs again.

// Purchase is what an order buys with coupons.
type Purchase struct {
	OrderID, MemberID int64
	// At is the store that sells.
	At *org.Place
	// Input is the basket: everything but OrgIDs, Now and Coupons.
	Input quote.Input
	// CouponIDs are those of a quote's uses; none for an order without coupons.
	CouponIDs []int64
}

// Lock holds the coupons for an order and answers the quote that the order keeps: it is computed under the locks, so that it is the price at which they are held.
// A repeat for the same order and coupons answers alike. Orders call it inside the transaction that makes the order. Refusals: NOT_FOUND (a coupon of somebody
// else), the codes of quote.Explanation (COUPON_LOCKED: another order has it) at couponIds, CONFLICT (the order holds other coupons), INVALID_INPUT.
func (s *Service) Lock(ctx context.Context, p Purchase) (*quote.Quote, error) {
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	wanted := distinct(p.CouponIDs)
	if _, err := s.holder(ctx, p.MemberID); err != nil {
		return nil, err
	}
	rows, err := s.held(ctx, coupon.Or(coupon.IDIn(wanted...), coupon.And(coupon.MemberID(p.MemberID), coupon.LockedByID(p.OrderID))))
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	var fresh []int64
	for _, row := range rows {
		mine := row.LockedByID != nil && *row.LockedByID == p.OrderID && row.State == enum.CouponLocked
		switch {
		case row.MemberID != p.MemberID:
			return nil, apperr.New(apperr.NotFound).At("input", "couponIds")
		case mine && !slices.Contains(wanted, row.ID):
			return nil, apperr.New(apperr.Conflict).At("input", "couponIds")
		case mine: // The lock wins over what has passed since.
			row.State = enum.CouponEffective
			if !now.Before(row.ExpiresAt) {
				row.ExpiresAt = now.Add(time.Microsecond)
			}
		default:
			fresh = append(fresh, row.ID)
		}
	}
	if len(rows) != len(wanted) {
		return nil, apperr.New(apperr.NotFound).At("input", "couponIds")
	}
	t, err := s.terms(ctx, rows, p.At)
	if err != nil {
		return nil, err
	}
	p.Input.Now = now
	q, err := t.price(p.Input, rows...)
	if err != nil {
		return nil, err
	}
	for _, e := range q.Explanations {
		if e.Refusal != nil {
			return nil, e.Refusal.At("input", "couponIds")
		}
	}
	if len(fresh) == 0 {
		return q, nil
	}
	n, err := client.Coupon.Update().Where(coupon.IDIn(fresh...), coupon.MemberID(p.MemberID), coupon.StateIn(enum.CouponPending, enum.CouponEffective),
		coupon.UsableFromLTE(now), coupon.ExpiresAtGT(now)).SetState(enum.CouponLocked).SetLockedByID(p.OrderID).Save(ctx)
	if err == nil && n != len(fresh) {
		err = apperr.New(apperr.CouponLocked).At("input", "couponIds")
	}
	if err != nil {
		return nil, err
	}
	return q, s.tellChanged(ctx, p.MemberID, fresh...)
}

// holder locks the member's row, before the member's coupons.
func (s *Service) holder(ctx context.Context, memberID int64) (*ent.Member, error) {
	m, err := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(member.ID(memberID))).Only(ctx)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	return m, err
}

// tellChanged tells the member, whose row the transaction holds, that coupons changed by an order.
func (s *Service) tellChanged(ctx context.Context, memberID int64, couponIDs ...int64) error {
	if len(couponIDs) == 0 {
		return nil
	}
	told := make([]memberevent.Told, len(couponIDs))
	for i, id := range couponIDs {
		told[i] = memberevent.Told{MemberID: memberID, About: memberevent.About{CouponID: id}}
	}
	return s.Events.AppendAll(ctx, enum.EventCouponChanged, s.Clock.Now(), told)
}

// held locks the coupons' rows, in the order of their ids.
func (s *Service) held(ctx context.Context, which ...predicate.Coupon) ([]*ent.Coupon, error) {
	return store.Locked(s.Store, s.Store.Client(ctx).Coupon.Query().Where(which...).Order(coupon.ByID())).All(ctx)
}

// UseLocked uses up what an order has locked: LOCKED becomes USED, with a row for each use that says what it took off each line (line 0 is the freight), and the funders owe
// the store their shares. The quote is that of Lock. Orders call it inside the transaction in which the order becomes paid; a repeat answers the same rows.
// It gives CONFLICT where the order does not hold exactly the quote's coupons any more, because the member has left.
func (s *Service) UseLocked(ctx context.Context, orderID int64, at *org.Place, q *quote.Quote) ([]*ent.CouponUse, error) {
	if len(q.Uses) == 0 {
		return nil, nil
	}
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	couponIDs := make([]int64, len(q.Uses))
	for i, use := range q.Uses {
		couponIDs[i] = use.CouponID
	}
	// A coupon's member never changes, so that it may be read before its row is locked.
	first, err := client.Coupon.Query().Where(coupon.IDIn(couponIDs...)).First(ctx)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return nil, err
	}
	if _, err := s.holder(ctx, first.MemberID); err != nil {
		return nil, err
	}
	rows, err := s.held(ctx, coupon.IDIn(couponIDs...))
	if err != nil {
		return nil, err
	}
	done, err := store.Locked(s.Store, client.CouponUse.Query().Where(couponuse.OrderID(orderID)).Order(couponuse.ByID())).All(ctx)
	if err != nil || len(done) > 0 {
		return done, err
	}
	now := s.Clock.Now()
	n, err := client.Coupon.Update().Where(coupon.IDIn(couponIDs...), coupon.StateEQ(enum.CouponLocked), coupon.LockedByID(orderID)).
		SetState(enum.CouponUsed).SetUsedAt(now).ClearLockedByID().Save(ctx)
	if err != nil {
		return nil, err
	}
	if n != len(couponIDs) {
		return nil, apperr.New(apperr.Conflict)
	}
	members := make(map[int64]int64, len(rows))
	for _, row := range rows {
		members[row.ID] = row.MemberID
	}
	creates := make([]*ent.CouponUseCreate, len(q.Uses))
	for i, use := range q.Uses {
		creates[i] = client.CouponUse.Create().SetID(ids.Next()).SetCreatedAt(now).SetCouponID(use.CouponID).SetActiveCouponID(use.CouponID).SetMemberID(members[use.CouponID]).
			SetOrderID(orderID).SetOrgID(at.ID).SetDiscountFen(int64(use.Discount)).SetLines(lineDiscounts(use))
	}
	uses, err := client.CouponUse.CreateBulk(creates...).Save(ctx)
	if err != nil {
		return nil, err
	}
	for i, use := range uses {
		if err := s.Clearing.CouponUsed(ctx, clearing.CouponUse{SubjectID: use.ID, Place: at, Shares: q.Uses[i].Shares, At: now}); err != nil {
			return nil, err
		}
	}
	return uses, s.tellChanged(ctx, first.MemberID, couponIDs...)
}

// lineDiscounts is what a use took off each line; what it took off the freight is line 0.
func lineDiscounts(use quote.Use) []document.LineDiscount {
	if use.Kind == enum.CouponFreight {
		return []document.LineDiscount{{DiscountFen: use.Discount}}
	}
	lines := []document.LineDiscount{}
	for _, on := range use.Lines {
		if on.Discount > 0 {
			lines = append(lines, document.LineDiscount{LineID: on.LineID, DiscountFen: on.Discount})
		}
	}
	return lines
}

// Unlock lets go of what an order has locked: it is EFFECTIVE again, or EXPIRED where its time has passed meanwhile, or REVOKED where the redemption that gave it was undone
// meanwhile. Orders call it inside the transaction in which the order is given up; where it holds nothing, nothing happens.
func (s *Service) Unlock(ctx context.Context, orderID, memberID int64) error {
	ctx = auth.WithinBrand(ctx)
	if _, err := s.holder(ctx, memberID); err != nil {
		return err
	}
	rows, err := s.held(ctx, coupon.MemberID(memberID), coupon.LockedByID(orderID), coupon.StateEQ(enum.CouponLocked))
	if err != nil || len(rows) == 0 {
		return err
	}
	gone, err := s.undone(ctx, rows...)
	if err != nil {
		return err
	}
	now, couponIDs := s.Clock.Now(), make([]int64, len(rows))
	for i, row := range rows {
		couponIDs[i] = row.ID
		state := windowState(row.UsableFrom, row.ExpiresAt, now)
		if gone[row.ID] {
			state = enum.CouponRevoked
		}
		if err := s.settle(ctx, row, state); err != nil {
			return err
		}
	}
	return s.tellChanged(ctx, memberID, couponIDs...)
}

// settle writes the state of a coupon that the transaction holds and that is LOCKED or USED no more. A promise that ends unused goes back to the budget.
func (s *Service) settle(ctx context.Context, row *ent.Coupon, state enum.CouponState) error {
	n, err := s.Store.Client(ctx).Coupon.Update().Where(coupon.ID(row.ID), coupon.StateEQ(row.State)).SetState(state).SetExpiresAt(row.ExpiresAt).
		ClearLockedByID().ClearUsedAt().Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	if err == nil && (state == enum.CouponExpired || state == enum.CouponRevoked) {
		err = s.giveBack(ctx, []*ent.Coupon{row})
	}
	return err
}

// Refunded is a refund of an order, as far as its coupons are concerned.
type Refunded struct {
	OrderID, MemberID int64
	// Quote is that of Lock, and Refund what it says of this refund: it tells how all refunds together stand, so that a repeat changes nothing.
	Quote  *quote.Quote
	Refund *quote.Refund
}

// ReturnRefunded takes back what refunded goods had of the order's coupons: of each discount what does not stand any more, of the funders' debts their shares of it. By its
// rule the very coupon comes back: ON_ANY with the first refund of goods in its scope, ON_FULL_REFUND once everything is refunded, NEVER not at all. It
// is EFFECTIVE again; one whose time has passed is EXPIRED, or, with days of grace, EFFECTIVE for so many days more; and it is REVOKED where the member has left, or the
// redemption that gave it was undone.
// Orders call it inside the transaction of the refund. It answers the uses as they are afterwards.
func (s *Service) ReturnRefunded(ctx context.Context, r Refunded) ([]*ent.CouponUse, error) {
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	m, err := s.holder(ctx, r.MemberID)
	if err != nil {
		return nil, err
	}
	couponIDs := make([]int64, len(r.Quote.Uses))
	for i, use := range r.Quote.Uses {
		couponIDs[i] = use.CouponID
	}
	rows, err := s.held(ctx, coupon.IDIn(couponIDs...))
	if err != nil {
		return nil, err
	}
	uses, err := store.Locked(s.Store, client.CouponUse.Query().Where(couponuse.OrderID(r.OrderID)).Order(couponuse.ByID())).All(ctx)
	if err != nil {
		return nil, err
	}
	if len(uses) != len(r.Quote.Uses) {
		return nil, fmt.Errorf("coupon: order %d has %d uses, and its quote has %d", r.OrderID, len(uses), len(r.Quote.Uses))
	}
	gone, err := s.undone(ctx, rows...)
	if err != nil {
		return nil, err
	}
	standing := standings(uses, r.Refund.Coupons)
	ruleIDs := make([]int64, len(rows))
	byID := make(map[int64]*ent.Coupon, len(rows))
	for i, row := range rows {
		ruleIDs[i], byID[row.ID] = row.RuleID, row
	}
	rules, err := s.rules.of(ctx, distinct(ruleIDs))
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, m.BrandID)
	if err != nil {
		return nil, err
	}
	var returned []int64
	for _, use := range uses {
		row := byID[use.CouponID]
		back := money.Fen(use.DiscountFen-use.ReturnedFen) - standing[use.CouponID]
		comes := use.ActiveCouponID != nil && comesBack(rules[row.RuleID].ReturnPolicy, r, use.CouponID)
		if back == 0 && !comes {
			continue
		}
		if err := s.takeBack(ctx, use, back, comes); err != nil {
			return nil, err
		}
		if comes {
			returned = append(returned, use.CouponID)
			if err := s.settle(ctx, row, returnedState(row, rules[row.RuleID].ReturnGraceDays, s.Clock.Now().In(zone), m.State == enum.MemberCancelled || gone[row.ID])); err != nil {
				return nil, err
			}
		}
	}
	return uses, s.tellChanged(ctx, r.MemberID, returned...)
}

// takeBack writes what of a use's discount went back, and whether the coupon itself does, and the funders' shares of it.
func (s *Service) takeBack(ctx context.Context, use *ent.CouponUse, back money.Fen, comes bool) error {
	now := s.Clock.Now()
	update := s.Store.Client(ctx).CouponUse.Update().Where(couponuse.ID(use.ID), couponuse.ReturnedFen(use.ReturnedFen)).AddReturnedFen(int64(back))
	if comes {
		update.Where(couponuse.ActiveCouponID(use.CouponID)).ClearActiveCouponID().SetReturnedAt(now)
	}
	n, err := update.Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return err
	}
	before := use.ReturnedFen
	use.ReturnedFen += int64(back)
	if comes {
		use.ActiveCouponID, use.ReturnedAt = nil, &now
	}
	return s.Clearing.CouponReturned(ctx, clearing.CouponReturn{SubjectID: use.ID, OrgID: use.OrgID, Key: strconv.FormatInt(use.ID, 10) + ":" + strconv.FormatInt(use.ReturnedFen, 10),
		Standing: money.Fen(use.DiscountFen - before), Back: back, At: now})
}

// standings is what stands of each discount after a refund. Where deductions are shared anew among coupons that were withdrawn, one may have a part that was taken
// back of it before: the others bear it, for what was taken back stays so. The sum is the refund's.
func standings(uses []*ent.CouponUse, after []quote.Standing) map[int64]money.Fen {
	stands, room := make(map[int64]money.Fen, len(uses)), make(map[int64]money.Fen, len(uses))
	var over money.Fen
	for _, use := range uses {
		before := money.Fen(use.DiscountFen - use.ReturnedFen)
		for _, a := range after {
			if a.CouponID == use.CouponID {
				stands[use.CouponID] = min(a.Discount, before)
				over += a.Discount - stands[use.CouponID]
			}
		}
		room[use.CouponID] = before - stands[use.CouponID]
	}
	for _, a := range after {
		if !a.BelowThreshold {
			continue
		}
		part := min(over, room[a.CouponID])
		stands[a.CouponID] += part
		over -= part
	}
	return stands
}

// comesBack says whether the refunds so far give the coupon back.
func comesBack(policy enum.ReturnPolicy, r Refunded, couponID int64) bool {
	back := make(map[int64]int64, len(r.Refund.Refunded.Lines))
	for _, line := range r.Refund.Refunded.Lines {
		back[line.LineID] = line.Quantity
	}
	switch policy {
	case enum.ReturnOnFullRefund:
		return !slices.ContainsFunc(r.Quote.Lines, func(line quote.PricedLine) bool { return back[line.LineID] < line.Quantity })
	case enum.ReturnOnAny:
		i := slices.IndexFunc(r.Quote.Uses, func(use quote.Use) bool { return use.CouponID == couponID })
		return i >= 0 && slices.ContainsFunc(r.Quote.Uses[i].Lines, func(on quote.UseLine) bool { return back[on.LineID] > 0 })
	}
	return false
}

// returnedState is the state in which a coupon comes back; days of grace move its end. now is in the brand's time zone.
func returnedState(row *ent.Coupon, graceDays int, now time.Time, left bool) enum.CouponState {
	switch {
	case left:
		return enum.CouponRevoked
	case graceDays > 0 && !now.Before(row.ExpiresAt):
		row.ExpiresAt = now.AddDate(0, 0, graceDays).UTC()
	}
	return windowState(row.UsableFrom, row.ExpiresAt, now)
}
