package graph

import (
	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/graph/model"
	"dongxiao/internal/ids"
)

// positive turns the zero that a column keeps for no limit into null.
func positive(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// afterClaim shows days only where the use window is counted from the claim.
func afterClaim(template *ent.CouponTemplate, days int) *int {
	if template.ValidityKind != enum.ValidityAfterClaim {
		return nil
	}
	return &days
}

// templateInput decodes the ids of a new template.
func templateInput(input model.CouponTemplateCreateInput) coupon.CreateInput {
	scope := make([]int64, len(input.ScopeOrgIds))
	for i, id := range input.ScopeOrgIds {
		scope[i] = id.Of(ids.Org)
	}
	return coupon.CreateInput{OrgID: input.OrgID.Of(ids.Org), Name: input.Name, Description: input.Description, Amount: input.Amount,
		Threshold: input.Threshold, ScopeOrgIDs: scope, TotalStock: int64(input.TotalStock), MemberLimit: input.MemberLimit,
		ClaimStartsAt: input.ClaimStartsAt, ClaimEndsAt: input.ClaimEndsAt, ValidityKind: input.ValidityKind, ValidFrom: input.ValidFrom,
		ValidUntil: input.ValidUntil, ValidDays: input.ValidDays, DelayDays: input.DelayDays, IdempotencyKey: input.IdempotencyKey}
}
