package coupon

import (
	"context"
	"fmt"

	"dongxiao/auth"
	"dongxiao/ent/coupon"
	"dongxiao/ent/enum"
)

// ExpireDue writes down that coupons ran out unused, at most limit of each state, in what is swept, and tells how many. It is for the periodic sweep,
// which calls again while it gets work done; several servers may at once. Nothing depends on it but lists of the stored state and counts: the use
// window decides at once. Budgets get back what expired coupons had been promised.
func (s *Service) ExpireDue(ctx context.Context, limit int) (int, error) {
	ctx = swept(ctx)
	now := s.Clock.Now()
	expired := 0
	for _, state := range []enum.CouponState{enum.CouponEffective, enum.CouponPending} {
		due, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.StateEQ(state), coupon.ExpiresAtLTE(now)).
			Order(coupon.ByExpiresAt()).Limit(limit).IDs(ctx)
		if err != nil || len(due) == 0 {
			if err != nil {
				return expired, fmt.Errorf("find coupons that ran out: %w", err)
			}
			continue
		}
		ended, err := s.end(ctx, enum.CouponExpired, coupon.IDIn(due...), coupon.StateEQ(state), coupon.ExpiresAtLTE(now))
		expired += len(ended)
		if err != nil {
			return expired, fmt.Errorf("expire coupons: %w", err)
		}
	}
	return expired, nil
}

// swept is what a sweep goes through: the brand within which the system calls it, and all brands otherwise.
func swept(ctx context.Context) context.Context {
	if auth.FromContext(ctx).Reach == auth.ReachBrand {
		return ctx
	}
	return auth.Operator(ctx)
}
