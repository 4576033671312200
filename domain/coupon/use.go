package coupon

import (
	"cmp"
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

const (
	// previewLimit is the most coupons that a preview shows.
	previewLimit = 50
	// previewRead bounds how many of the soonest-ending coupons a preview looks at.
	previewRead = 500
)

// Offer is what one coupon would be worth for a purchase at a store.
type Offer struct {
	Coupon *ent.Coupon
	Rule   document.CouponRule
	// Discount is what it takes off the purchase; 0 where it is refused.
	Discount money.Fen
	// Refusal says why it cannot be used; nil where it can.
	Refusal *apperr.Error
	// Template is what the coupon was made from.
	Template *ent.CouponTemplate
}

// Worth is what the rule takes off a purchase: never more than the purchase, and nothing below the threshold.
func Worth(rule document.CouponRule, purchase money.Fen) money.Fen {
	if rule.Kind != enum.CouponAmountOff || purchase < rule.ThresholdFen || purchase <= 0 {
		return 0
	}
	return min(rule.AmountFen, purchase)
}

// Preview weighs the member's coupons that are not used up for a purchase at the store now: usable ones first, the largest discount first, then
// the soonest-ending; at most 50. The caller has verified that the member is there. It changes nothing and takes four statements at most.
func (s *Service) Preview(ctx context.Context, memberID int64, store *org.Place, purchase money.Fen) ([]Offer, error) {
	ctx = auth.WithinBrand(ctx)
	now := s.Clock.Now()
	rows, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.MemberID(memberID),
		coupon.StateIn(enum.CouponPending, enum.CouponEffective), coupon.ExpiresAtGT(now)).
		Order(coupon.ByExpiresAt(), coupon.ByID()).Limit(previewRead).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	offers, err := s.weigh(ctx, rows, store, purchase, now)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(offers, func(a, b Offer) int {
		return cmp.Or(compareBools(a.Refusal != nil, b.Refusal != nil), cmp.Compare(b.Discount, a.Discount),
			a.Coupon.ExpiresAt.Compare(b.Coupon.ExpiresAt), cmp.Compare(a.Coupon.ID, b.Coupon.ID))
	})
	return offers[:min(len(offers), previewLimit)], nil
}

// Use uses one coupon of the member up, inside the caller's transaction: EFFECTIVE, or PENDING whose window has begun, becomes USED. The caller
// may redeem at the store and has verified that the member is there. Refusals: NOT_FOUND (also another member's), COUPON_ALREADY_USED,
// COUPON_EXPIRED, COUPON_NOT_EFFECTIVE, TEMPLATE_NOT_ACTIVE (withdrawn), COUPON_OUT_OF_SCOPE, COUPON_THRESHOLD_NOT_MET. The coupon's row is
// locked first, so that of two tills one gets COUPON_ALREADY_USED.
func (s *Service) Use(ctx context.Context, couponID, memberID int64, store *org.Place, purchase money.Fen) (Offer, error) {
	ctx = auth.WithinBrand(ctx)
	query := s.Store.Client(ctx).Coupon.Query().Where(coupon.ID(couponID), coupon.MemberID(memberID))
	if s.Store.Dialect() == dialect.MySQL {
		query = query.ForUpdate()
	}
	row, err := query.Only(ctx)
	if err != nil {
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		return Offer{}, err
	}
	now := s.Clock.Now()
	offers, err := s.weigh(ctx, []*ent.Coupon{row}, store, purchase, now)
	if err != nil {
		return Offer{}, err
	}
	offer := offers[0]
	if offer.Refusal != nil {
		return Offer{}, offer.Refusal
	}
	changed, err := s.Store.Client(ctx).Coupon.Update().Where(coupon.ID(couponID), coupon.MemberID(memberID),
		coupon.StateIn(enum.CouponPending, enum.CouponEffective), coupon.UsableFromLTE(now), coupon.ExpiresAtGT(now)).
		SetState(enum.CouponUsed).SetUsedAt(now).Save(ctx)
	if err == nil && changed != 1 {
		err = apperr.New(apperr.CouponAlreadyUsed)
	}
	row.State, row.UsedAt = enum.CouponUsed, &now
	return offer, err
}

// Return gives a used coupon back, inside the caller's transaction: USED becomes EFFECTIVE, or EXPIRED where its time is over, or REVOKED where the member has
// left. The caller has checked that the use may be undone and holds the member's row. It gives NOT_FOUND, and CONFLICT where the coupon is not used.
func (s *Service) Return(ctx context.Context, couponID int64, left bool) (*ent.Coupon, error) {
	ctx = auth.WithinBrand(ctx)
	row, err := s.Store.Client(ctx).Coupon.Get(ctx, couponID)
	if err != nil {
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		return nil, err
	}
	state := windowState(row.UsableFrom, row.ExpiresAt, s.Clock.Now())
	if left {
		state = enum.CouponRevoked
	}
	changed, err := s.Store.Client(ctx).Coupon.Update().Where(coupon.ID(couponID), coupon.StateEQ(enum.CouponUsed)).
		SetState(state).ClearUsedAt().Save(ctx)
	if err == nil && changed != 1 {
		err = apperr.New(apperr.Conflict)
	}
	row.State, row.UsedAt = state, nil
	return row, err
}

// weigh judges coupons at one store. ctx reaches the whole brand.
func (s *Service) weigh(ctx context.Context, rows []*ent.Coupon, store *org.Place, purchase money.Fen, now time.Time) ([]Offer, error) {
	ruleIDs, templateIDs := make([]int64, len(rows)), make([]int64, len(rows))
	for i, row := range rows {
		ruleIDs[i], templateIDs[i] = row.RuleID, row.TemplateID
	}
	rules, err := s.rules.of(ctx, distinct(ruleIDs))
	if err != nil {
		return nil, err
	}
	templateRows, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.IDIn(distinct(templateIDs)...)).All(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, auth.FromContext(ctx).BrandID)
	if err != nil {
		return nil, err
	}
	templates := make(map[int64]*ent.CouponTemplate, len(templateRows))
	for _, row := range templateRows {
		templates[row.ID] = row
	}
	offers := make([]Offer, len(rows))
	for i, row := range rows {
		rule, template := rules[row.RuleID], templates[row.TemplateID]
		scope := rule.Scope.OrgIDs
		if len(scope) == 0 {
			scope = []int64{template.OrgID}
		}
		covers, err := store.Covers(ctx, scope, true)
		if err != nil {
			return nil, err
		}
		offers[i] = Offer{Coupon: row, Rule: rule, Template: template}
		switch state := StateAt(row, now); {
		case state == enum.CouponUsed:
			offers[i].Refusal = apperr.New(apperr.CouponAlreadyUsed)
		case state == enum.CouponExpired:
			offers[i].Refusal = apperr.New(apperr.CouponExpired)
		case state != enum.CouponEffective:
			offers[i].Refusal = apperr.New(apperr.CouponNotEffective, "time", momentText(row.UsableFrom, zone))
		case template.State == enum.TemplateVoid:
			offers[i].Refusal = apperr.New(apperr.TemplateNotActive)
		case !covers:
			offers[i].Refusal = apperr.New(apperr.CouponOutOfScope)
		case purchase < rule.ThresholdFen:
			offers[i].Refusal = apperr.New(apperr.CouponThresholdNotMet, "threshold", rule.ThresholdFen.Yuan())
		default:
			offers[i].Discount = Worth(rule, purchase)
		}
	}
	return offers, nil
}

// distinct gives the ids sorted and each once.
func distinct(ids []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(ids))) }

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
