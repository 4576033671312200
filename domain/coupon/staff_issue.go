package coupon

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

const (
	// maxAtOnce is the most coupons of one issue by staff.
	maxAtOnce = 10
	// staffDayLimit is the most coupons that one member of staff gives to members on one day at the expense of one org. A goodwill gesture is for the guest who
	// complains; who has more to give has an audience, and an issue job that names it.
	staffDayLimit = 50
)

// Members is what issuing needs to know of members.
type Members interface {
	// Managed is the member if it is in the scope in which the viewer holds the capability, otherwise NOT_FOUND.
	Managed(ctx context.Context, c auth.Capability, memberID int64) (*ent.Member, error)
	// LookUpByCode finds the member who shows the rotating code.
	LookUpByCode(ctx context.Context, digits string) (*ent.Member, error)
	// Named finds the members of the brand that have these phones and membership numbers, each once, in no order.
	Named(ctx context.Context, names []string) ([]int64, error)
}

// StaffIssue is what Issue needs.
type StaffIssue struct {
	TemplateID int64
	// MemberID or MemberCode names the member.
	MemberID   int64
	MemberCode string
	// Count is 1 to 10.
	Count          int
	Reason         string
	IdempotencyKey string
}

// Issue gives coupons to one member. Staff with ISSUE_COUPONS at the template's org, or above it, call it: nobody gives at the expense of an org that is not
// theirs. The member is in their scope, or shows a rotating code. Stock, budget and the limits per member, human and day count, the claim window does not. One
// transaction makes the coupons, the member's events, the count of the staff's day, and the audit entry. A repeat with the same key answers the same coupons.
//
// Refusals: NOT_FOUND (template or member out of scope), INVALID_INPUT, REASON_REQUIRED, MEMBER_CODE_INVALID, MEMBER_CODE_EXPIRED, SELF_ISSUE, STAFF_LIMIT_REACHED
// (50 a day), TEMPLATE_NOT_ACTIVE, MEMBER_FROZEN, MEMBER_CANCELLED, LIMIT_REACHED, OUT_OF_STOCK, BUDGET_EXHAUSTED, IDEMPOTENCY_KEY_REUSED,
// IDEMPOTENCY_KEY_INVALID.
func (s *Service) Issue(ctx context.Context, in StaffIssue) ([]*ent.Coupon, error) {
	switch {
	case in.Count < 1 || in.Count > maxAtOnce:
		return nil, apperr.Invalid("count", "1–"+strconv.Itoa(maxAtOnce))
	case (in.MemberID == 0) == (in.MemberCode == ""):
		return nil, apperr.Invalid("memberId", "memberId | memberCode")
	}
	var err error
	if in.Reason, err = text.Reason(in.Reason, maxReason); err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	within := auth.WithinBrand(ctx)
	key := in.IdempotencyKey
	in.IdempotencyKey = ""
	call := idempotency.Call{ActorID: v.PersonID, Operation: "couponIssue", Key: key, Input: in}
	var given []*ent.Coupon
	var firstID int64
	var repeated bool
	for range commitAttempts {
		firstID, repeated, err = idempotency.Do(within, s.Store, call, func(ctx context.Context) (_ int64, err error) {
			given, err = s.issueTo(ctx, v, in)
			if err != nil {
				return 0, err
			}
			return given[0].ID, nil
		})
		if !errors.Is(err, errStale) {
			break
		}
	}
	if err != nil || !repeated {
		return given, err
	}
	first, err := s.Store.Client(within).Coupon.Get(within, firstID)
	if err != nil {
		return nil, err
	}
	reason := first.ClaimKey[:strings.LastIndexByte(first.ClaimKey, ':')+1]
	return s.Store.Client(within).Coupon.Query().Where(coupon.MemberID(first.MemberID), coupon.ClaimKeyHasPrefix(reason)).Order(coupon.ByClaimKey()).All(within)
}

// Issuable lists the active templates of orgs at which the viewer holds ISSUE_COUPONS, newest first, those without stock left too. It gives PAGE_SIZE_INVALID and
// CURSOR_INVALID.
func (s *Service) Issuable(ctx context.Context, first *int, after *string) (*listing.Page[*ent.CouponTemplate], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	inScope, err := s.Orgs.Scope(ctx, auth.IssueCoupons, coupontemplate.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.StateEQ(enum.TemplateActive), inScope)
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "issuableCoupons")
	var id int64
	if some, err := list.After(after, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(coupontemplate.IDLT(id))
	}
	rows, err := query.Order(ent.Desc(coupontemplate.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(t *ent.CouponTemplate) []any { return []any{t.ID} })
}

// issueTo is the transaction of Issue. The template's row is locked before anything is read, so that nothing that is read is older than the lock.
func (s *Service) issueTo(ctx context.Context, v auth.Viewer, in StaffIssue) ([]*ent.Coupon, error) {
	template, err := store.Locked(s.Store, s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.ID(in.TemplateID))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound).At("input", "templateId")
	}
	if err != nil {
		return nil, err
	}
	viewer := auth.NewContext(ctx, v)
	if err := s.Orgs.Require(viewer, auth.IssueCoupons, template.OrgID); err != nil {
		return nil, apperr.OfInput(err, "templateId")
	}
	var m *ent.Member
	if in.MemberID != 0 {
		m, err = s.Members.Managed(viewer, auth.IssueCoupons, in.MemberID)
		err = apperr.OfInput(err, "memberId")
	} else {
		m, err = s.Members.LookUpByCode(viewer, in.MemberCode)
		if refusal, ok := errors.AsType[*apperr.Error](err); ok {
			err = refusal.At("input", "memberCode")
		}
	}
	if err != nil {
		return nil, err
	}
	if m.PersonID == v.PersonID {
		return nil, apperr.New(apperr.SelfIssue)
	}
	key := "staff-" + strconv.FormatInt(ids.Next(), 36)
	given, err := s.give(ctx, Gift{TemplateID: template.ID, MemberID: m.ID, Count: in.Count, Key: key, Source: enum.SourceStaff}, ways[enum.SourceStaff])
	if err != nil {
		return nil, err
	}
	if err := s.countStaffDay(ctx, v.PersonID, template, in.Count); err != nil {
		return nil, err
	}
	public := make([]string, len(given))
	for i, c := range given {
		public[i] = ids.Encode(ids.Coupon, c.ID)
	}
	return given, audit.Record(ctx, s.Store, audit.Change{OrgID: template.OrgID, Action: "couponIssue", Subject: subject(template.ID), Reason: in.Reason,
		After: map[string]any{"member": ids.Encode(ids.Member, m.ID), "coupons": public}})
}

// countStaffDay counts what one person gives on one day at the expense of the template's org, under guard. The row is inserted first: an update of a row that is not
// there would lock the gap that others insert into.
func (s *Service) countStaffDay(ctx context.Context, personID int64, template *ent.CouponTemplate, count int) error {
	zone, err := s.zone(ctx, template.BrandID)
	if err != nil {
		return err
	}
	day := dayOf(s.Clock.Now(), zone)
	client := s.Store.Client(ctx)
	err = client.LimitCounter.Create().SetKind(enum.LimitStaffDay).SetScopeID(template.OrgID).SetSubjectID(personID).SetPeriod(day).SetCount(int64(count)).Exec(ctx)
	if !store.IsAnyDuplicate(err) {
		return err
	}
	n, err := client.LimitCounter.Update().Where(limitcounter.KindEQ(enum.LimitStaffDay), limitcounter.ScopeID(template.OrgID), limitcounter.SubjectID(personID),
		limitcounter.Period(day), limitcounter.CountLTE(staffDayLimit-int64(count))).AddCount(int64(count)).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.StaffLimitReached, "limit", strconv.Itoa(staffDayLimit))
	}
	return err
}
