package coupon

import (
	"context"
	"maps"
	"reflect"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// CreateInput is what Create needs.
type CreateInput struct {
	// OrgID issues the coupons.
	OrgID int64
	Terms
	IdempotencyKey string `json:"-"`
}

// Create makes a template in state DRAFT, with its rule. It is for whoever may write templates at the issuing org and at every other org that is to bear a share of
// what it takes off; template, rule, audit entry and key are written together. Refusals: NOT_FOUND (an org, goods or a template out of scope), STORE_CLOSED, INVALID_INPUT,
// TEMPLATE_INVALID, FUNDER_OUT_OF_REACH, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.CouponTemplate, error) {
	if err := s.Orgs.Require(ctx, auth.WriteTemplates, in.OrgID); err != nil {
		return nil, apperr.OfInput(err, "orgId")
	}
	zone, err := s.zone(ctx, auth.FromContext(ctx).BrandID)
	if err != nil {
		return nil, err
	}
	if err := in.check(in.OrgID, zone); err != nil {
		return nil, err
	}
	if err := s.reach(ctx, in.OrgID, &in.Terms, nil); err != nil {
		return nil, err
	}
	return s.insertTemplate(ctx, "couponTemplateCreate", in.OrgID, in.Terms, in.IdempotencyKey, in, nil)
}

// Duplicate makes a draft with the terms of a template at the same org under another name. It is for whoever may write templates there and at its funders; the claim and use
// windows are copied as they are, for the marketer to move. Refusals as for Create; what was true of the terms when they were written may not be any more.
func (s *Service) Duplicate(ctx context.Context, id int64, name, key string) (*ent.CouponTemplate, error) {
	template, terms, zone, err := s.writableTerms(ctx, id)
	if err != nil {
		return nil, err
	}
	terms.Name = name
	if err := terms.check(template.OrgID, zone); err != nil {
		return nil, err
	}
	if err := s.reach(ctx, template.OrgID, &terms, nil); err != nil {
		return nil, err
	}
	return s.insertTemplate(ctx, "couponTemplateDuplicate", template.OrgID, terms, key, []any{id, terms.Name}, map[string]any{"copyOf": subject(id).String()})
}

// insertTemplate writes a draft with checked terms. The first answer to a key is kept under what was asked for.
func (s *Service) insertTemplate(ctx context.Context, operation string, orgID int64, terms Terms, key string, asked any, note map[string]any) (*ent.CouponTemplate, error) {
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: operation, Key: key, Input: asked}
	id, _, err := idempotency.DoNew(ctx, s.Store, call, func(ctx context.Context, id int64) error {
		if err := s.lockTemplates(ctx, terms.ActivatedByID); err != nil {
			return err
		}
		if err := s.keepActivation(ctx, id, terms.ActivatedByID); err != nil {
			return err
		}
		client := s.Store.Client(ctx)
		rule, err := client.CouponRule.Create().SetRule(terms.Rule).Save(ctx)
		if err != nil {
			return err
		}
		create := client.CouponTemplate.Create().SetID(id).SetOrgID(orgID).SetState(enum.TemplateDraft).SetRuleID(rule.ID).
			SetTotalStock(terms.TotalStock).SetStockLeft(terms.TotalStock).SetBudgetFen(int64(unlimited(terms.Budget))).SetBudgetLeftFen(int64(unlimited(terms.Budget))).
			SetNillableValidFrom(terms.ValidFrom).SetNillableValidUntil(terms.ValidUntil).SetNillableActivatedByID(terms.ActivatedByID)
		terms.set(create.Mutation())
		if err := create.Exec(ctx); err != nil {
			return err
		}
		after := terms.fields()
		maps.Copy(after, note)
		return audit.Record(ctx, s.Store, audit.Change{OrgID: orgID, Action: operation, Subject: subject(id), After: after})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTemplate.Get(ctx, id)
}

// set writes the columns that a new template and a changed one have in common.
func (t *Terms) set(m *ent.CouponTemplateMutation) {
	m.SetName(t.Name)
	m.SetDescription(t.Description)
	m.SetDayStock(unlimited(t.DayStock))
	m.SetMemberLimit(unlimited(t.MemberLimit))
	m.SetMemberDayLimit(unlimited(t.MemberDayLimit))
	m.SetPersonLimit(unlimited(t.PersonLimit))
	m.SetClaimStartsAt(t.ClaimStartsAt)
	m.SetClaimEndsAt(t.ClaimEndsAt)
	m.SetValidityKind(t.ValidityKind)
	m.SetValidDays(unlimited(t.ValidDays))
	m.SetDelayDays(unlimited(t.DelayDays))
	m.SetEvent(t.Event)
}

// fields are the terms as the audit log keeps them.
func (t *Terms) fields() map[string]any {
	f := map[string]any{"name": t.Name, "description": t.Description, "rule": t.Rule, "totalStock": t.TotalStock, "dayStock": t.DayStock, "memberLimit": t.MemberLimit,
		"memberDayLimit": t.MemberDayLimit, "personLimit": t.PersonLimit, "claimStartsAt": t.ClaimStartsAt, "claimEndsAt": t.ClaimEndsAt, "validityKind": t.ValidityKind,
		"validFrom": t.ValidFrom, "validUntil": t.ValidUntil, "validDays": t.ValidDays, "delayDays": t.DelayDays, "budget": t.Budget, "event": t.Event}
	if t.ActivatedByID != nil {
		f["activatedBy"] = subject(*t.ActivatedByID).String()
	}
	return f
}

// UpdateInput is what Update needs.
type UpdateInput struct {
	ID int64
	// Version is the one that the viewer saw.
	Version int
	// Terms are the template as it is to be, all of it.
	Terms
}

// Update changes a template, for whoever may write templates at its org and at its funders: a draft in everything but its org, one that runs or is paused in the member's
// favour alone (see LessFavourable). Another rule is another row, and coupons that were issued keep theirs. Template, rule and audit entry are written together, and
// nothing where nothing changes. Refusals: those of Create but for keys, CONFLICT (another version), TEMPLATE_STATE_INVALID (in review, ended or withdrawn),
// TEMPLATE_LESS_FAVOURABLE.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.CouponTemplate, error) {
	template, before, zone, err := s.writableTerms(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	running := template.State == enum.TemplateActive || template.State == enum.TemplatePaused
	switch {
	case template.Version != in.Version:
		return nil, apperr.New(apperr.Conflict).At("input", "version")
	case !running && template.State != enum.TemplateDraft:
		return nil, apperr.New(apperr.TemplateStateInvalid, "state", template.State).At("input", "id")
	}
	if err := in.check(template.OrgID, zone); err != nil {
		return nil, err
	}
	if running {
		if field := LessFavourable(before, in.Terms); field != "" {
			return nil, apperr.New(apperr.TemplateLessFavourable, "field", field).At("input", field)
		}
	}
	if err := s.reach(ctx, template.OrgID, &in.Terms, &before); err != nil {
		return nil, err
	}
	was, is := changes(before.fields(), in.fields())
	if len(is) == 0 {
		return template, nil
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		if err := s.lockTemplates(ctx, &in.ID, in.ActivatedByID); err != nil {
			return err
		}
		if err := s.keepActivation(ctx, in.ID, in.ActivatedByID); err != nil {
			return err
		}
		if err := s.updateTemplate(ctx, template, before, in.Terms); err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "couponTemplateUpdate", Subject: subject(in.ID), Before: was, After: is})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTemplate.Get(ctx, in.ID)
}

// updateTemplate is one conditional write on the state and version that were judged. What was issued and promised meanwhile stays: stock and budget move by the difference.
func (s *Service) updateTemplate(ctx context.Context, template *ent.CouponTemplate, before, after Terms) error {
	client := s.Store.Client(ctx)
	update := client.CouponTemplate.Update().Where(coupontemplate.ID(template.ID), coupontemplate.Version(template.Version), coupontemplate.StateEQ(template.State))
	if !reflect.DeepEqual(before.Rule, after.Rule) {
		rule, err := client.CouponRule.Create().SetRule(after.Rule).Save(ctx)
		if err != nil {
			return err
		}
		update.SetRuleID(rule.ID)
	}
	after.set(update.Mutation())
	more := after.TotalStock - before.TotalStock
	update.AddTotalStock(more).AddStockLeft(more).AddVersion(1)
	if after.Budget == nil {
		update.SetBudgetFen(0).SetBudgetLeftFen(0)
	} else {
		moreBudget := int64(*after.Budget - unlimited(before.Budget))
		update.AddBudgetFen(moreBudget).AddBudgetLeftFen(moreBudget)
	}
	update.ClearValidFrom().ClearValidUntil().ClearActivatedByID()
	update.SetNillableValidFrom(after.ValidFrom).SetNillableValidUntil(after.ValidUntil).SetNillableActivatedByID(after.ActivatedByID)
	changed, err := update.Save(ctx)
	if err == nil && changed != 1 {
		err = apperr.New(apperr.Conflict).At("input", "version")
	}
	if err == nil && more > 0 {
		store.AfterCommit(ctx, func() { s.soldOut.clear(context.WithoutCancel(ctx), template.ID) })
	}
	return err
}

// changes keeps the fields that differ.
func changes(before, after map[string]any) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for name := range after {
		if !reflect.DeepEqual(before[name], after[name]) {
			was[name], is[name] = before[name], after[name]
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			was[name], is[name] = before[name], nil
		}
	}
	return was, is
}

// Restock adds stock to a template, which can be claimed at once. It is for whoever may write templates at the issuing org; stock, audit entry and
// key are written together. Refusals: NOT_FOUND, INVALID_INPUT, REASON_REQUIRED, TEMPLATE_STATE_INVALID (ended or withdrawn),
// IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) Restock(ctx context.Context, id, quantity int64, reason, key string) (*ent.CouponTemplate, error) {
	if quantity < 1 || quantity > maxStock {
		return nil, apperr.Invalid("quantity", "1–100000000")
	}
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	template, err := s.writable(ctx, auth.WriteTemplates, id)
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
		return apperr.Invalid("quantity", "totalStock ≤ 100000000")
	}
	store.AfterCommit(ctx, func() { s.soldOut.clear(context.WithoutCancel(ctx), template.ID) })
	return audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "couponTemplateRestock", Subject: subject(template.ID),
		Before: map[string]any{"totalStock": present.TotalStock - quantity}, After: map[string]any{"totalStock": present.TotalStock}, Reason: reason})
}

// writable reads a template at whose org the viewer holds the capability; otherwise it gives NOT_FOUND.
func (s *Service) writable(ctx context.Context, c auth.Capability, id int64) (*ent.CouponTemplate, error) {
	template, err := s.Store.Client(ctx).CouponTemplate.Get(auth.WithinBrand(ctx), id)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, c, template.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	return template, nil
}

// writableTerms reads a template that the viewer may write, its terms, and the brand's time zone.
func (s *Service) writableTerms(ctx context.Context, id int64) (*ent.CouponTemplate, Terms, *time.Location, error) {
	template, err := s.writable(ctx, auth.WriteTemplates, id)
	if err != nil {
		return nil, Terms{}, nil, err
	}
	rules, err := s.rules.of(auth.WithinBrand(ctx), []int64{template.RuleID})
	if err != nil {
		return nil, Terms{}, nil, err
	}
	zone, err := s.zone(ctx, template.BrandID)
	return template, termsOf(template, rules[template.RuleID]), zone, err
}

// lockTemplates locks the templates that are named, in the order of their ids.
func (s *Service) lockTemplates(ctx context.Context, ids ...*int64) error {
	var named []int64
	for _, id := range ids {
		if id != nil {
			named = append(named, *id)
		}
	}
	for _, id := range distinct(named) {
		query := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.ID(id))
		if _, err := store.Locked(s.Store, query).OnlyID(ctx); err != nil && !ent.IsNotFound(err) {
			return err
		}
	}
	return nil
}

func subject(templateID int64) ids.ID { return ids.ID{Kind: ids.CouponTemplate, Value: templateID} }
