package graph

import (
	"context"
	"slices"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/graph/model"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// topUpErrors is the enum of the refusals of top-ups.
const topUpErrors = "TopUpErrorCode"

// tierInput is what a marketer sent.
func tierInput(in model.TopUpTierCreateInput) topup.TierInput {
	terms := document.TopUpTerms{BonusFen: in.Bonus, BonusDays: in.BonusDays, ScopeOrgID: in.ScopeOrgID.Of(ids.Org),
		Refund: document.TopUpRefundTerm{UnusedDays: in.RefundUnusedDays, MemberFaultByShare: in.MemberFaultByShare}}
	for _, f := range in.Funders {
		terms.Funders = append(terms.Funders, document.Funder{OrgID: f.OrgID.Of(ids.Org), BasisPoints: f.Share})
	}
	for _, c := range in.Coupons {
		terms.Coupons = append(terms.Coupons, document.CouponGift{TemplateID: c.TemplateID.Of(ids.CouponTemplate), Count: c.Count})
	}
	for _, g := range in.Goods {
		terms.Goods = append(terms.Goods, document.GoodsGift{SKUID: g.SkuID.Of(ids.SKU), Count: g.Count})
	}
	return topup.TierInput{OrgID: in.OrgID.Of(ids.Org), Name: in.Name, Pay: in.Pay, Terms: terms, MemberLimit: int64(in.MemberLimit), PersonLimit: int64(in.PersonLimit),
		StartsAt: in.StartsAt, EndsAt: in.EndsAt, IdempotencyKey: in.IdempotencyKey}
}

// topUpFilter narrows a list of staff.
func topUpFilter[S ~string](orgID *ids.ID, state *S) topup.Filter {
	f := topup.Filter{OrgID: numberOf(orgID, ids.Org)}
	if state != nil {
		f.State = string(*state)
	}
	return f
}

// isStaff says whether the viewer is staff, who see more of a refund and of who bears a bonus.
func isStaff(ctx context.Context) bool { return auth.FromContext(ctx).Reach == auth.ReachStaff }

// forStaff is a text that members do not see.
func forStaff(ctx context.Context, text string) *string {
	if !isStaff(ctx) {
		return nil
	}
	return &text
}

// coveredBy says whether the org is one of the orgs or below one of them.
func coveredBy(orgIDs []int64, o *ent.Org) bool {
	return slices.ContainsFunc(orgIDs, func(id int64) bool { return strings.Contains(o.Path, "/"+store.PathSegment(id)+"/") })
}

// scopesBeside are the orgs in which the tiers and top-ups of the list that is being answered may be spent, to be loaded together.
func scopesBeside(ctx context.Context) []int64 {
	var scopes []int64
	for _, t := range companions[ent.TopUpTier](ctx, nil) {
		scopes = append(scopes, t.Terms.ScopeOrgID)
	}
	for _, t := range companions[ent.TopUp](ctx, nil) {
		scopes = append(scopes, t.Terms.ScopeOrgID)
	}
	return scopes
}
