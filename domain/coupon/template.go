package coupon

import (
	"context"
	"slices"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Create makes a template in state DRAFT, with its rule. It is for whoever may write templates at the issuing org; template, rule, audit entry and
// key are written together. The issuing org pays for the whole of it. Refusals: NOT_FOUND (an org out of scope), INVALID_INPUT, TEMPLATE_INVALID,
// IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.CouponTemplate, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := s.Orgs.Require(ctx, auth.WriteTemplates, in.OrgID); err != nil {
		return nil, at(err, "orgId")
	}
	ctx = auth.WithinBrand(ctx)
	if ok, err := s.Orgs.AllWithin(ctx, in.ScopeOrgIDs, in.OrgID); err != nil {
		return nil, err
	} else if !ok {
		return nil, apperr.New(apperr.NotFound).At("input", "scopeOrgIds")
	}
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "couponTemplateCreate", Key: in.IdempotencyKey, Input: in}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return s.insertTemplate(ctx, in) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTemplate.Get(ctx, id)
}

func (s *Service) insertTemplate(ctx context.Context, in CreateInput) (int64, error) {
	client := s.Store.Client(ctx)
	rule, err := client.CouponRule.Create().SetRule(document.CouponRule{
		Kind: enum.CouponAmountOff, AmountFen: in.Amount, ThresholdFen: in.Threshold,
		Scope:        document.CouponScope{OrgIDs: in.ScopeOrgIDs},
		Funders:      []document.Funder{{OrgID: in.OrgID, BasisPoints: money.Whole}},
		ReturnPolicy: enum.ReturnOnFullRefund,
	}).Save(ctx)
	if err != nil {
		return 0, err
	}
	create := client.CouponTemplate.Create().SetOrgID(in.OrgID).SetName(in.Name).SetDescription(in.Description).SetState(enum.TemplateDraft).
		SetRuleID(rule.ID).SetTotalStock(in.TotalStock).SetStockLeft(in.TotalStock).SetMemberLimit(0).
		SetClaimStartsAt(in.ClaimStartsAt).SetClaimEndsAt(in.ClaimEndsAt).SetValidityKind(in.ValidityKind).
		SetNillableValidFrom(in.ValidFrom).SetNillableValidUntil(in.ValidUntil).SetNillableValidDays(in.ValidDays).SetNillableDelayDays(in.DelayDays)
	if in.MemberLimit != nil {
		create.SetMemberLimit(*in.MemberLimit)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return 0, err
	}
	return row.ID, audit.Record(ctx, s.Store, audit.Change{OrgID: in.OrgID, Action: "couponTemplateCreate", Subject: subject(row.ID),
		After: map[string]any{"name": in.Name, "amount": in.Amount, "threshold": in.Threshold, "totalStock": in.TotalStock, "memberLimit": in.MemberLimit,
			"claimStartsAt": in.ClaimStartsAt, "claimEndsAt": in.ClaimEndsAt}})
}

// SetState moves a template along the table of states. It is for whoever may write templates at the issuing org; the version is the one that the
// viewer saw. State and audit entry are written together. Refusals: NOT_FOUND, CONFLICT (another version), TEMPLATE_STATE_INVALID,
// REASON_REQUIRED (to pause or end), INVALID_INPUT.
func (s *Service) SetState(ctx context.Context, id int64, version int, state enum.TemplateState, reason string) (*ent.CouponTemplate, error) {
	if err := checkReason(&reason, slices.Contains(needsReason, state)); err != nil {
		return nil, err
	}
	template, err := s.writable(ctx, id)
	if err != nil {
		return nil, err
	}
	if template.Version != version {
		return nil, apperr.New(apperr.Conflict).At("input", "version")
	}
	if !mayFollow(template.State, state) {
		return nil, apperr.New(apperr.TemplateStateInvalid, "state", template.State).At("input", "state")
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		changed, err := s.Store.Client(ctx).CouponTemplate.Update().
			Where(coupontemplate.ID(id), coupontemplate.StateEQ(template.State), coupontemplate.Version(version)).
			SetState(state).AddVersion(1).Save(ctx)
		if err != nil {
			return err
		}
		if changed != 1 {
			return apperr.New(apperr.Conflict).At("input", "version")
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "couponTemplateStateSet", Subject: subject(id),
			Before: map[string]any{"state": template.State}, After: map[string]any{"state": state}, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTemplate.Get(ctx, id)
}

// Restock adds stock to a template, which can be claimed at once. It is for whoever may write templates at the issuing org; stock, audit entry and
// key are written together. Refusals: NOT_FOUND, INVALID_INPUT, REASON_REQUIRED, TEMPLATE_STATE_INVALID (ended or withdrawn),
// IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) Restock(ctx context.Context, id, quantity int64, reason, key string) (*ent.CouponTemplate, error) {
	if quantity < 1 || quantity > maxStock {
		return nil, invalid("quantity", "1–100000000")
	}
	if err := checkReason(&reason, true); err != nil {
		return nil, err
	}
	template, err := s.writable(ctx, id)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "couponTemplateRestock", Key: key, Input: []any{id, quantity, reason}}
	_, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return id, s.addStock(ctx, template, quantity, reason) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTemplate.Get(ctx, id)
}

func (s *Service) addStock(ctx context.Context, template *ent.CouponTemplate, quantity int64, reason string) error {
	client := s.Store.Client(ctx)
	changed, err := client.CouponTemplate.Update().
		Where(coupontemplate.ID(template.ID), coupontemplate.StateNotIn(enum.TemplateEnded, enum.TemplateVoid), coupontemplate.TotalStockLTE(maxStock-quantity)).
		AddTotalStock(quantity).AddStockLeft(quantity).AddVersion(1).Save(ctx)
	if err != nil {
		return err
	}
	present, err := client.CouponTemplate.Get(ctx, template.ID)
	if err != nil {
		return err
	}
	switch {
	case changed == 1:
	case present.State == enum.TemplateEnded || present.State == enum.TemplateVoid:
		return apperr.New(apperr.TemplateStateInvalid, "state", present.State)
	default:
		return invalid("quantity", "totalStock ≤ 100000000")
	}
	store.AfterCommit(ctx, func() { s.soldOut.clear(context.WithoutCancel(ctx), template.ID) })
	return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "couponTemplateRestock", Subject: subject(template.ID),
		Before: map[string]any{"totalStock": present.TotalStock - quantity}, After: map[string]any{"totalStock": present.TotalStock}, Reason: reason})
}

// writable reads a template that the viewer may change; otherwise it gives NOT_FOUND.
func (s *Service) writable(ctx context.Context, id int64) (*ent.CouponTemplate, error) {
	template, err := s.Store.Client(ctx).CouponTemplate.Get(auth.WithinBrand(ctx), id)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.WriteTemplates, template.OrgID)
	}
	if err != nil {
		return nil, at(err, "id")
	}
	return template, nil
}

func subject(templateID int64) ids.ID { return ids.ID{Kind: ids.CouponTemplate, Value: templateID} }

// at names the field of the input in a refusal.
func at(err error, field string) error {
	if refusal, ok := err.(*apperr.Error); ok {
		return refusal.At("input", field)
	}
	return err
}
