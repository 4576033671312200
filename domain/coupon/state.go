package coupon

import (
	"context"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/text"
)

// transitions is the whole table of changes of a template's state that a marketer may make by SetState; Submit and Review make the others, and what is nowhere is refused.
var transitions = map[enum.TemplateState][]enum.TemplateState{
	enum.TemplateDraft:  {enum.TemplateVoid},
	enum.TemplateReview: {enum.TemplateDraft, enum.TemplateVoid},
	enum.TemplateActive: {enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid},
	enum.TemplatePaused: {enum.TemplateActive, enum.TemplateEnded, enum.TemplateVoid},
	enum.TemplateEnded:  {enum.TemplateVoid},
}

// needsReason has the states whose cause members will ask about.
var needsReason = []enum.TemplateState{enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid}

// Submit sends a draft to review: DRAFT becomes REVIEW. It is for whoever may write templates at the issuing org. The first reason to reject it is gone with it. Refusals:
// NOT_FOUND, CONFLICT (another version), TEMPLATE_STATE_INVALID.
func (s *Service) Submit(ctx context.Context, id int64, version int) (*ent.CouponTemplate, error) {
	template, err := s.writable(ctx, auth.WriteTemplates, id)
	if err != nil {
		return nil, err
	}
	return s.move(ctx, "couponTemplateSubmit", template, version, []enum.TemplateState{enum.TemplateDraft}, enum.TemplateReview, "",
		func(u *ent.CouponTemplateUpdate) { u.SetSubmittedBy(auth.FromContext(ctx).PersonID) })
}

// Review approves what another person sent to review, and REVIEW becomes ACTIVE, or rejects it, and it is DRAFT again. It is for whoever may review templates at the
// issuing org. Refusals: NOT_FOUND, CONFLICT (another version), TEMPLATE_STATE_INVALID, REVIEWER_IS_SUBMITTER, REASON_REQUIRED (to reject), INVALID_INPUT.
func (s *Service) Review(ctx context.Context, id int64, version int, approve bool, reason string) (*ent.CouponTemplate, error) {
	reason, err := text.ReasonWhere(!approve, reason, maxReason)
	if err != nil {
		return nil, err
	}
	template, err := s.writable(ctx, auth.ReviewTemplates, id)
	if err != nil {
		return nil, err
	}
	reviewer := auth.FromContext(ctx).PersonID
	if template.Version == version && template.State == enum.TemplateReview && template.SubmittedBy != nil && *template.SubmittedBy == reviewer {
		return nil, apperr.New(apperr.ReviewerIsSubmitter).At("input", "id")
	}
	state := enum.TemplateActive
	if !approve {
		state = enum.TemplateDraft
	}
	return s.move(ctx, "couponTemplateReview", template, version, []enum.TemplateState{enum.TemplateReview}, state, reason,
		func(u *ent.CouponTemplateUpdate) { u.SetReviewedBy(reviewer) })
}

// SetState takes a template back from review, pauses it, lets it run again, ends or withdraws it. It is for whoever may write templates at the issuing org; the version is the
// one that the viewer saw. State and audit entry are written together. Coupons of a template that is VOID cannot be used any more, but for those that an order has
// LOCKED: whoever is paying for what was priced with the coupon gets it, and once unlocked it is as unusable as the others. Refusals: NOT_FOUND, CONFLICT
// (another version), TEMPLATE_STATE_INVALID, REASON_REQUIRED (to pause, end or withdraw), INVALID_INPUT.
func (s *Service) SetState(ctx context.Context, id int64, version int, state enum.TemplateState, reason string) (*ent.CouponTemplate, error) {
	reason, err := text.ReasonWhere(slices.Contains(needsReason, state), reason, maxReason)
	if err != nil {
		return nil, err
	}
	template, err := s.writable(ctx, auth.WriteTemplates, id)
	if err != nil {
		return nil, err
	}
	var from []enum.TemplateState
	for before, after := range transitions {
		if slices.Contains(after, state) {
			from = append(from, before)
		}
	}
	return s.move(ctx, "couponTemplateStateSet", template, version, from, state, reason, func(*ent.CouponTemplateUpdate) {})
}

// move is one conditional write of a template's state, with its audit entry.
func (s *Service) move(ctx context.Context, action string, template *ent.CouponTemplate, version int, from []enum.TemplateState, to enum.TemplateState, reason string,
	more func(*ent.CouponTemplateUpdate)) (*ent.CouponTemplate, error) {
	switch {
	case template.Version != version:
		return nil, apperr.New(apperr.Conflict).At("input", "version")
	case !slices.Contains(from, template.State):
		return nil, apperr.New(apperr.TemplateStateInvalid, "state", template.State).At("input", "id")
	}
	ctx = auth.WithinBrand(ctx)
	err := s.Store.WithTx(ctx, func(ctx context.Context) error {
		update := s.Store.Client(ctx).CouponTemplate.Update().
			Where(coupontemplate.ID(template.ID), coupontemplate.StateEQ(template.State), coupontemplate.Version(version)).
			SetState(to).SetStateReason(reason).AddVersion(1)
		more(update)
		changed, err := update.Save(ctx)
		if err != nil {
			return err
		}
		if changed != 1 {
			return apperr.New(apperr.Conflict).At("input", "version")
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: action, Subject: subject(template.ID),
			Before: map[string]any{"state": template.State}, After: map[string]any{"state": to}, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTemplate.Get(ctx, template.ID)
}

// StateAt is the state of a coupon at a moment: the stored one, except that the use window decides between PENDING, EFFECTIVE and EXPIRED before a
// sweep has written it down.
func StateAt(c *ent.Coupon, now time.Time) enum.CouponState {
	if c.State != enum.CouponPending && c.State != enum.CouponEffective {
		return c.State
	}
	return windowState(c.UsableFrom, c.ExpiresAt, now)
}

// windowState is the state of a coupon that nobody has touched.
func windowState(usableFrom, expiresAt, now time.Time) enum.CouponState {
	switch {
	case !now.Before(expiresAt):
		return enum.CouponExpired
	case now.Before(usableFrom):
		return enum.CouponPending
	}
	return enum.CouponEffective
}
