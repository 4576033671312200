package coupon

import (
	"context"

	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/coupontransfer"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// A template's budget (预算) bounds what its coupons take off together. Each coupon takes its promise out of it when it is issued, and gives it back when it ends
// without having been used: EXPIRED or REVOKED. What is used keeps its promise, also where it took off less, and a coupon that a friend gets takes that of
// the one it was. So budget − left = Σ promise of the coupons that are not EXPIRED, REVOKED or TRANSFERRED, at every commit.

// promise is the most that a coupon of the rule can take off; false where nothing bounds it.
func promise(rule document.CouponRule) (money.Fen, bool) {
	most := rule.AmountFen
	switch rule.Kind {
	case enum.CouponPercentOff:
		most = rule.CapFen
	case enum.CouponAmountOff, enum.CouponFreight:
	default:
		most = 0
	}
	return most, most > 0
}

// promiseOf is promise of the rule by its id. ctx reaches the whole brand.
func (s *Service) promiseOf(ctx context.Context, ruleID int64) (money.Fen, bool, error) {
	rules, err := s.rules.of(ctx, []int64{ruleID})
	if err != nil {
		return 0, false, err
	}
	most, bounded := promise(rules[ruleID])
	return most, bounded, nil
}

// giveBack gives the promises of coupons that have ended unused back to their templates' budgets, inside the transaction that ended them. Templates without a
// budget are left alone. A template's row comes before its coupons in the order of locks; who ended the coupons first may meet an issue in a deadlock, after
// which the transaction runs again.
func (s *Service) giveBack(ctx context.Context, ended []*ent.Coupon) error {
	templateIDs := make([]int64, len(ended))
	for i, c := range ended {
		templateIDs[i] = c.TemplateID
	}
	templateIDs, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.IDIn(distinct(templateIDs)...), coupontemplate.BudgetFenGT(0)).
		Order(coupontemplate.ByID()).IDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range templateIDs {
		var sum money.Fen
		for _, c := range ended {
			if c.TemplateID != id {
				continue
			}
			most, _, err := s.promiseOf(ctx, c.RuleID)
			if err != nil {
				return err
			}
			sum += most
		}
		if err := s.Store.Client(ctx).CouponTemplate.Update().Where(coupontemplate.ID(id)).AddBudgetLeftFen(int64(sum)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// end ends coupons unused: those that the predicates name become EXPIRED or REVOKED in one transaction, their promises go back, and it gives them as they were.
// The predicates name the states in which a coupon may be ended. ctx reaches the whole brand.
func (s *Service) end(ctx context.Context, state enum.CouponState, which ...predicate.Coupon) (ended []*ent.Coupon, err error) {
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		ended, err = store.Locked(s.Store, client.Coupon.Query().Where(which...).Order(coupon.ByID())).All(ctx)
		if err != nil || len(ended) == 0 {
			return err
		}
		ids := make([]int64, len(ended))
		for i, c := range ended {
			ids[i] = c.ID
		}
		if err := client.Coupon.Update().Where(coupon.IDIn(ids...)).SetState(state).ClearLockedByID().Exec(ctx); err != nil {
			return err
		}
		return s.giveBack(ctx, ended)
	})
	return ended, err
}

// openStates are the states of a coupon that could still be used.
var openStates = []enum.CouponState{enum.CouponPending, enum.CouponEffective, enum.CouponLocked, enum.CouponTransferring}

// Leave revokes what members who leave could still use, and ends what they offer to friends (member.Leaver); promises go back to the budgets.
func (s *Service) Leave(ctx context.Context, memberIDs []int64) error {
	if err := s.endOffers(ctx, coupontransfer.FromMemberIDIn(memberIDs...)); err != nil {
		return err
	}
	_, err := s.end(ctx, enum.CouponRevoked, coupon.MemberIDIn(memberIDs...), coupon.StateIn(openStates...))
	return err
}
