package topup

import (
	"context"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/sku"
	"dongxiao/ent/topuptier"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/text"
)

// Bounds of a tier.
const (
	maxName      = 64
	maxBonusDays = 3650
	maxLimit     = 1000
	maxGifts     = 10
	maxGiftCount = 20
	maxFunders   = 10
	// leastUnusedDays is within how many days the law lets a consumer take the principal back.
	leastUnusedDays = 7
	maxUnusedDays   = 365
	maxPeriod       = 10 * 366 * 24 * time.Hour
)

// TierInput is what CreateTier needs.
type TierInput struct {
	// OrgID issues: it takes the money and owes the value.
	OrgID int64
	Name  string
	// Pay is the price in fen; price and bonus fit under the brand's cap of a balance.
	Pay money.Fen
	// Terms are what the tier promises; each top-up keeps a copy.
	Terms document.TopUpTerms
	// MemberLimit and PersonLimit are how often one member and one human may buy it; 0 for no limit.
	MemberLimit, PersonLimit int64
	// StartsAt and EndsAt are the window [start, end) in which it is offered.
	StartsAt, EndsAt time.Time
	IdempotencyKey   string `json:"-"`
}

// CreateTier makes a tier in state DRAFT. It is for whoever may write tiers at the issuing org, and at every other org that is to bear a share of the bonus,
// and who may write the templates of the coupons that it gives. Tier, audit entry and key are written together. What a member pays and gets never changes
// afterwards. Refusals: NOT_FOUND (an org, template or SKU out of scope), INVALID_INPUT, STORE_CLOSED, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_INVALID.
func (s *Service) CreateTier(ctx context.Context, in TierInput) (*ent.TopUpTier, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := s.mayPromise(ctx, in); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "topUpTierCreate", Key: in.IdempotencyKey, Input: in}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) {
		row, err := s.Store.Client(ctx).TopUpTier.Create().SetCreatedAt(s.Clock.Now()).SetOrgID(in.OrgID).SetName(in.Name).SetState(enum.TierDraft).
			SetPayFen(int64(in.Pay)).SetTerms(in.Terms).SetMemberLimit(in.MemberLimit).SetPersonLimit(in.PersonLimit).SetStartsAt(in.StartsAt).SetEndsAt(in.EndsAt).Save(ctx)
		if err != nil {
			return 0, err
		}
		if err := s.keepOpen(ctx, in.OrgID); err != nil {
			return 0, apperr.OfInput(err, "orgId")
		}
		return row.ID, audit.Record(ctx, s.Store, audit.Change{OrgID: in.OrgID, Action: "topUpTierCreate", Subject: tierSubject(row.ID),
			After: map[string]any{"name": in.Name, "pay": in.Pay, "terms": in.Terms, "memberLimit": in.MemberLimit, "personLimit": in.PersonLimit,
				"startsAt": in.StartsAt, "endsAt": in.EndsAt}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUpTier.Get(ctx, id)
}

// check refuses what can be refused without the database, with the field named, and brings the input into its one form.
func (in *TierInput) check() (err error) {
	if in.Name, err = text.Line(in.Name, 1, maxName, "name"); err != nil {
		return err
	}
	in.StartsAt, in.EndsAt = in.StartsAt.UTC().Truncate(time.Microsecond), in.EndsAt.UTC().Truncate(time.Microsecond)
	t := in.Terms
	switch {
	case in.Pay < 1 || in.Pay > maxPay:
		return apperr.Invalid("pay", "1–"+maxPay.Yuan())
	case t.BonusFen < 0 || t.BonusFen > maxPay:
		return apperr.Invalid("bonus", "0–"+maxPay.Yuan())
	case t.BonusDays < 0 || t.BonusDays > maxBonusDays || t.BonusFen == 0 && t.BonusDays != 0:
		return apperr.Invalid("bonusDays", "0–3650")
	case t.Refund.UnusedDays < leastUnusedDays || t.Refund.UnusedDays > maxUnusedDays:
		return apperr.Invalid("refundUnusedDays", "7–365")
	case in.MemberLimit < 0 || in.MemberLimit > maxLimit:
		return apperr.Invalid("memberLimit", "0–1000")
	case in.PersonLimit < 0 || in.PersonLimit > maxLimit:
		return apperr.Invalid("personLimit", "0–1000")
	case in.StartsAt.Year() < 2020 || in.EndsAt.Year() > 9998:
		return apperr.Invalid("startsAt", "2020–9998")
	case !in.EndsAt.After(in.StartsAt) || in.EndsAt.Sub(in.StartsAt) > maxPeriod:
		return apperr.Invalid("endsAt", "startsAt < endsAt")
	}
	if err := checkGifts(t); err != nil {
		return err
	}
	return checkFunders(t)
}

// maxPay bounds price and bonus before the brand's cap does.
const maxPay money.Fen = 10_000_000

func checkGifts(t document.TopUpTerms) error {
	if len(t.Coupons) > maxGifts {
		return apperr.Invalid("coupons", "≤ 10")
	}
	if len(t.Goods) > maxGifts {
		return apperr.Invalid("goods", "≤ 10")
	}
	seen := map[int64]bool{}
	for _, c := range t.Coupons {
		if c.Count < 1 || c.Count > maxGiftCount || seen[c.TemplateID] {
			return apperr.Invalid("coupons", "1–20")
		}
		seen[c.TemplateID] = true
	}
	clear(seen)
	for _, g := range t.Goods {
		if g.Count < 1 || g.Count > maxGiftCount || seen[g.SKUID] {
			return apperr.Invalid("goods", "1–20")
		}
		seen[g.SKUID] = true
	}
	return nil
}

func checkFunders(t document.TopUpTerms) error {
	var sum money.BasisPoints
	seen := map[int64]bool{}
	for _, f := range t.Funders {
		if f.BasisPoints < 1 || f.BasisPoints > money.Whole || seen[f.OrgID] {
			return apperr.Invalid("funders", "1–10000")
		}
		sum += f.BasisPoints
		seen[f.OrgID] = true
	}
	if len(t.Funders) > maxFunders || len(t.Funders) > 0 && (sum != money.Whole || t.BonusFen == 0) {
		return apperr.Invalid("funders", "Σ = 10000")
	}
	return nil
}

// mayPromise checks with the database what the tier promises in whose name.
func (s *Service) mayPromise(ctx context.Context, in TierInput) error {
	if err := s.Orgs.Require(ctx, auth.WriteTopUpTiers, in.OrgID); err != nil {
		return apperr.OfInput(err, "orgId")
	}
	settings, err := s.Wallets.Settings(auth.WithinBrand(ctx))
	if err != nil {
		return err
	}
	counted := in.Pay
	if !settings.CapCountsPrincipalAlone {
		counted += in.Terms.BonusFen
	}
	if counted > settings.BalanceCapFen {
		return apperr.Invalid("pay", "≤ "+settings.BalanceCapFen.Yuan())
	}
	if within, err := s.Orgs.Covers(ctx, []int64{in.Terms.ScopeOrgID}, in.OrgID); err != nil {
		return err
	} else if !within {
		return apperr.Invalid("scopeOrgId", "scope ⊇ issuer")
	}
	for _, f := range in.Terms.Funders {
		if f.OrgID == in.OrgID {
			continue
		}
		if err := s.Orgs.Require(ctx, auth.WriteTopUpTiers, f.OrgID); err != nil {
			return apperr.OfInput(err, "funders")
		}
		if open, err := s.Orgs.AllWithin(ctx, []int64{f.OrgID}, f.OrgID); err != nil {
			return err
		} else if !open {
			return apperr.OfInput(apperr.New(apperr.StoreClosed), "funders")
		}
	}
	return s.gifts(ctx, in.Terms)
}

// gifts refuses gifts that do not exist, and coupons of orgs at which the viewer may not write templates.
func (s *Service) gifts(ctx context.Context, t document.TopUpTerms) error {
	within := auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	for _, c := range t.Coupons {
		template, err := client.CouponTemplate.Query().Where(coupontemplate.ID(c.TemplateID), coupontemplate.StateNotIn(enum.TemplateEnded, enum.TemplateVoid)).Only(within)
		if ent.IsNotFound(err) {
			err = apperr.New(apperr.NotFound)
		}
		if err == nil {
			err = s.Orgs.Require(ctx, auth.WriteTemplates, template.OrgID)
		}
		if err != nil {
			return apperr.OfInput(err, "coupons")
		}
	}
	for _, g := range t.Goods {
		if found, err := client.SKU.Query().Where(sku.ID(g.SKUID)).Exist(within); err != nil {
			return err
		} else if !found {
			return apperr.OfInput(apperr.New(apperr.NotFound), "goods")
		}
	}
	return nil
}

// TierUpdate is what UpdateTier needs; nil stays as it is.
type TierUpdate struct {
	ID int64
	// Version is the one that the viewer saw.
	Version          int
	Name             *string
	StartsAt, EndsAt *time.Time
}

// UpdateTier changes a tier's name and window, for whoever may write tiers at its org. Row and audit entry are written together. Refusals: NOT_FOUND,
// INVALID_INPUT, CONFLICT (another version), TIER_STATE_INVALID (it has ended).
func (s *Service) UpdateTier(ctx context.Context, in TierUpdate) (*ent.TopUpTier, error) {
	tier, err := s.writableTier(ctx, in.ID, in.Version)
	if err != nil {
		return nil, err
	}
	if tier.State == enum.TierEnded {
		return nil, apperr.New(apperr.TierStateInvalid, "state", tier.State).At("input", "id")
	}
	changed := TierInput{OrgID: tier.OrgID, Name: tier.Name, Pay: money.Fen(tier.PayFen), Terms: tier.Terms, MemberLimit: tier.MemberLimit, PersonLimit: tier.PersonLimit,
		StartsAt: tier.StartsAt, EndsAt: tier.EndsAt}
	if in.Name != nil {
		changed.Name = *in.Name
	}
	if in.StartsAt != nil {
		changed.StartsAt = *in.StartsAt
	}
	if in.EndsAt != nil {
		changed.EndsAt = *in.EndsAt
	}
	if err := changed.check(); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		n, err := s.Store.Client(ctx).TopUpTier.Update().Where(topuptier.ID(tier.ID), topuptier.Version(in.Version), topuptier.StateEQ(tier.State)).
			SetName(changed.Name).SetStartsAt(changed.StartsAt).SetEndsAt(changed.EndsAt).AddVersion(1).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict).At("input", "version")
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: tier.OrgID, Action: "topUpTierUpdate", Subject: tierSubject(tier.ID),
			Before: map[string]any{"name": tier.Name, "startsAt": tier.StartsAt, "endsAt": tier.EndsAt},
			After:  map[string]any{"name": changed.Name, "startsAt": changed.StartsAt, "endsAt": changed.EndsAt}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUpTier.Get(ctx, tier.ID)
}

// SetTierState activates, pauses or ends a tier, for whoever may write tiers at its org; the version is the one that the viewer saw. Row and audit entry are
// written together. Top-ups under way are not touched. Refusals: NOT_FOUND, CONFLICT (another version), TIER_STATE_INVALID, REASON_REQUIRED (to pause or
// end), INVALID_INPUT, STORE_CLOSED (to activate at a closed org).
func (s *Service) SetTierState(ctx context.Context, id int64, version int, state enum.TierState, reason string) (*ent.TopUpTier, error) {
	reason, err := text.ReasonWhere(slices.Contains(needsReason, state), reason, maxReason)
	if err != nil {
		return nil, err
	}
	tier, err := s.writableTier(ctx, id, version)
	if err != nil {
		return nil, err
	}
	if !mayFollow(tier.State, state) {
		return nil, apperr.New(apperr.TierStateInvalid, "state", tier.State).At("input", "state")
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		n, err := s.Store.Client(ctx).TopUpTier.Update().Where(topuptier.ID(id), topuptier.Version(version), topuptier.StateEQ(tier.State)).
			SetState(state).AddVersion(1).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict).At("input", "version")
		}
		if state == enum.TierActive {
			if err := s.keepOpen(ctx, tier.OrgID); err != nil {
				return apperr.OfInput(err, "id")
			}
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: tier.OrgID, Action: "topUpTierStateSet", Subject: tierSubject(id),
			Before: map[string]any{"state": tier.State}, After: map[string]any{"state": state}, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUpTier.Get(ctx, id)
}

// writableTier reads a tier that the viewer may change; NOT_FOUND, or CONFLICT where it has another version.
func (s *Service) writableTier(ctx context.Context, id int64, version int) (*ent.TopUpTier, error) {
	tier, err := s.Store.Client(ctx).TopUpTier.Get(auth.WithinBrand(ctx), id)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.WriteTopUpTiers, tier.OrgID)
	}
	switch {
	case err != nil:
		return nil, apperr.OfInput(err, "id")
	case tier.Version != version:
		return nil, apperr.New(apperr.Conflict).At("input", "version")
	}
	return tier, nil
}

func tierSubject(id int64) ids.ID { return ids.ID{Kind: ids.TopUpTier, Value: id} }
