package coupon

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
)

// terms are what coupons promise, and all else that pricing with them at one store needs to know.
type terms struct {
	rules     map[int64]document.CouponRule
	templates map[int64]*ent.CouponTemplate
	// covering are the orgs whose coupons hold at the store.
	covering []int64
	zone     *time.Location
}

// terms reads the terms of coupons at a store: three statements at most, none for rules that are kept. ctx reaches the whole brand. Both the till and orders
// price by them.
func (s *Service) terms(ctx context.Context, rows []*ent.Coupon, at *org.Place) (*terms, error) {
	ruleIDs, templateIDs := make([]int64, len(rows)), make([]int64, len(rows))
	for i, row := range rows {
		ruleIDs[i], templateIDs[i] = row.RuleID, row.TemplateID
	}
	rules, err := s.rules.of(ctx, distinct(ruleIDs))
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.IDIn(distinct(templateIDs)...)).All(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, auth.FromContext(ctx).BrandID)
	if err != nil {
		return nil, err
	}
	t := &terms{rules: rules, templates: make(map[int64]*ent.CouponTemplate, len(list)), zone: zone}
	for _, row := range list {
		t.templates[row.ID] = row
	}
	scopes := make([][]int64, len(rows))
	for i, row := range rows {
		if scopes[i] = rules[row.RuleID].Scope.OrgIDs; len(scopes[i]) == 0 {
			scopes[i] = []int64{t.templates[row.TemplateID].OrgID}
		}
	}
	t.covering, err = at.Covering(ctx, scopes...)
	return t, err
}

// coupon is a row as quotes know it.
func (t *terms) coupon(row *ent.Coupon) quote.Coupon {
	template := t.templates[row.TemplateID]
	return quote.Coupon{ID: row.ID, RuleID: row.RuleID, Rule: t.rules[row.RuleID], OrgID: template.OrgID, State: row.State, UsableFrom: row.UsableFrom,
		ExpiresAt: row.ExpiresAt, Withdrawn: template.State == enum.TemplateVoid}
}

// price prices what is bought with the coupons, which are among those whose terms these are. The caller gives all of in but OrgIDs and Coupons; a coupon that the
// caller's own order has locked comes as EFFECTIVE.
func (t *terms) price(in quote.Input, rows ...*ent.Coupon) (*quote.Quote, error) {
	in.OrgIDs, in.Now = t.covering, in.Now.In(t.zone)
	in.Coupons = make([]quote.Coupon, len(rows))
	for i, row := range rows {
		in.Coupons[i] = t.coupon(row)
	}
	return quote.Price(in)
}
