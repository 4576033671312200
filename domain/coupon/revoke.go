package coupon

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/memberevent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/coupontransfer"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/predicate"
	"dongxiao/internal/store"
)

// Coupons are taken back (收回) where what gave them is undone, and where their template is withdrawn. What an order has LOCKED is left to the order, and what was used or
// accepted by a friend stays so.

// revocable are the states of coupons that are taken back.
var revocable = []enum.CouponState{enum.CouponPending, enum.CouponEffective, enum.CouponTransferring}

// revoke takes back those of the members' coupons that the predicates name and that are revocable, in one transaction, or within the caller's: they become REVOKED,
// what of them is offered to a friend can be accepted no more, promises go back to the budgets, and the members are told (COUPON_CHANGED). It gives how many they were. Stock does
// not come back: a coupon that was issued stays counted. It locks the members, then the coupons, then their offers. ctx reaches the whole brand.
func (s *Service) revoke(ctx context.Context, memberIDs []int64, which ...predicate.Coupon) (revoked int, err error) {
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		holders := s.Store.Client(ctx).Member.Query().Where(member.IDIn(memberIDs...)).Order(member.ByID())
		if _, err := store.Locked(s.Store, holders).IDs(ctx); err != nil {
			return err
		}
		rows, err := s.end(ctx, enum.CouponRevoked, append(which, coupon.MemberIDIn(memberIDs...), coupon.StateIn(revocable...))...)
		if revoked = len(rows); err != nil || revoked == 0 {
			return err
		}
		ids, told := make([]int64, revoked), make([]memberevent.Told, revoked)
		for i, c := range rows {
			ids[i], told[i] = c.ID, memberevent.Told{MemberID: c.MemberID, About: memberevent.About{CouponID: c.ID}}
		}
		if err := s.endOffers(ctx, coupontransfer.OpenCouponIDIn(ids...)); err != nil {
			return err
		}
		return s.Events.AppendAll(ctx, enum.EventCouponChanged, s.Clock.Now(), told)
	})
	return revoked, err
}

// RevokeWithdrawn takes back the coupons of templates that are VOID, at most limit of each template, in what is swept, and tells how many. It is for the periodic
// sweep, which calls again while it gets work done; several servers may at once. Nobody can use or accept them before either; what an order held, or a redemption
// that was undone had used, is found once it is let go.
func (s *Service) RevokeWithdrawn(ctx context.Context, limit int) (int, error) {
	ctx = swept(ctx)
	templates, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.StateEQ(enum.TemplateVoid), func(q *sql.Selector) {
		c, states := sql.Table(coupon.Table), make([]any, len(revocable))
		for i, state := range revocable {
			states[i] = string(state)
		}
		q.Where(sql.Exists(sql.Select(c.C(coupon.FieldID)).From(c).Where(sql.And(sql.ColumnsEQ(c.C(coupon.FieldBrandID), q.C(coupontemplate.FieldBrandID)),
			sql.ColumnsEQ(c.C(coupon.FieldTemplateID), q.C(coupontemplate.FieldID)), sql.In(c.C(coupon.FieldState), states...)))))
	}).Order(coupontemplate.ByID()).Limit(limit).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("find templates that were withdrawn: %w", err)
	}
	done, faults := 0, error(nil)
	for _, t := range templates {
		n, err := s.revokeSome(auth.System(ctx, t.BrandID), t.ID, min(limit, jobChunk))
		done += n
		if err != nil {
			faults = errors.Join(faults, fmt.Errorf("take back coupons of template %d: %w", t.ID, err))
		}
	}
	return done, faults
}

// revokeSome takes back so many coupons of a template. What is found before the locks is looked at again behind them.
func (s *Service) revokeSome(ctx context.Context, templateID int64, limit int) (int, error) {
	rows, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.TemplateID(templateID), coupon.StateIn(revocable...)).Limit(limit).All(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	ids, memberIDs := make([]int64, len(rows)), make([]int64, len(rows))
	for i, c := range rows {
		ids[i], memberIDs[i] = c.ID, c.MemberID
	}
	return s.revoke(ctx, distinct(memberIDs), coupon.IDIn(ids...))
}
