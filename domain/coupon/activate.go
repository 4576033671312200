package coupon

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/redemption"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	entredemption "dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

// maxActivated is how many coupons one redemption gives at most.
const maxActivated = 10

// Activate gives the member whose coupon was redeemed at a store one coupon of each ACTIVE template of that store, or of an org above it, that the redeemed one's
// template activates (品牌券 + 门店券), inside the caller's transaction: once for a redemption, each with its own funders. What cannot be given, since it is
// out of stock for one or could only be used in days that are over, is said in the answer and does not hinder the redemption. It locks templates behind the member,
// see redemption.Service.
func (s *Service) Activate(ctx context.Context, used *ent.Coupon, redemptionID int64, at *org.Place) ([]redemption.Activation, error) {
	ctx = auth.WithinBrand(ctx)
	templates, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.ActivatedByID(used.TemplateID), coupontemplate.StateEQ(enum.TemplateActive),
		coupontemplate.OrgIDIn(at.Above()...)).Order(coupontemplate.ByID()).Limit(maxActivated).All(ctx)
	if err != nil || len(templates) == 0 {
		return nil, err
	}
	list := make([]redemption.Activation, len(templates))
	for i, template := range templates {
		list[i].Template = template
		given, err := s.Give(ctx, Gift{TemplateID: template.ID, MemberID: used.MemberID, Count: 1, Key: activation(redemptionID) + strconv.FormatInt(template.ID, 10),
			Source: enum.SourceActivated})
		refusal, refused := errors.AsType[*apperr.Error](err)
		switch {
		case refused && refusal.Code != apperr.Conflict: // a conflict may come after the first write
			list[i].Refusal = refusal
		case err != nil:
			return nil, err
		case len(given) == 1:
			list[i].Coupon = given[0]
		}
	}
	return list, nil
}

// Activated has the coupons that redemptions gave, and what they could not give, by redemption, as Activate answered. The caller has authorised the viewer for them.
func (s *Service) Activated(ctx context.Context, redemptions []*ent.Redemption) (map[int64][]redemption.Activation, error) {
	if len(redemptions) == 0 {
		return nil, nil
	}
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	of := make([]predicate.Coupon, len(redemptions))
	for i, row := range redemptions {
		of[i] = coupon.And(coupon.MemberID(row.MemberID), coupon.ClaimKeyHasPrefix(activation(row.ID)))
	}
	rows, err := client.Coupon.Query().Where(coupon.SourceEQ(enum.SourceActivated), coupon.Or(of...)).Order(coupon.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	var templateIDs []int64
	for _, row := range rows {
		templateIDs = append(templateIDs, row.TemplateID)
	}
	for _, r := range redemptions {
		for _, missed := range r.Unrewarded {
			templateIDs = append(templateIDs, missed.TemplateID)
		}
	}
	if len(templateIDs) == 0 {
		return nil, nil
	}
	templates, err := client.CouponTemplate.Query().Where(coupontemplate.IDIn(distinct(templateIDs)...)).All(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*ent.CouponTemplate, len(templates))
	for _, row := range templates {
		byID[row.ID] = row
	}
	given := make(map[int64][]redemption.Activation, len(redemptions))
	for _, row := range rows {
		for _, r := range redemptions {
			if row.MemberID == r.MemberID && strings.HasPrefix(row.ClaimKey, activation(r.ID)) {
				given[r.ID] = append(given[r.ID], redemption.Activation{Template: byID[row.TemplateID], Coupon: row})
			}
		}
	}
	for _, r := range redemptions {
		for _, missed := range r.Unrewarded {
			given[r.ID] = append(given[r.ID], redemption.Activation{Template: byID[missed.TemplateID], Refusal: apperr.New(apperr.Code(missed.Code))})
		}
		slices.SortFunc(given[r.ID], func(a, b redemption.Activation) int { return cmp.Compare(a.Template.ID, b.Template.ID) })
	}
	return given, nil
}

// Deactivate takes back the coupons that a redemption gave and that were neither used nor accepted by a friend, inside the transaction that undoes the redemption;
// see revoke. A friend who accepted one keeps it, for it was given in good faith. One that was used or is locked by an order stays so, and is revoked when it would come back
// (undone).
func (s *Service) Deactivate(ctx context.Context, r *ent.Redemption) error {
	_, err := s.revoke(auth.WithinBrand(ctx), []int64{r.MemberID}, coupon.ClaimKeyHasPrefix(activation(r.ID)), coupon.SourceEQ(enum.SourceActivated))
	return err
}

// undone says which of the coupons a redemption gave that was undone since. The caller holds the coupons' rows; the redemptions are read under lock, because one may
// be being undone at this moment.
func (s *Service) undone(ctx context.Context, rows ...*ent.Coupon) (map[int64]bool, error) {
	given := map[int64][]int64{}
	for _, row := range rows {
		number, _, _ := strings.Cut(strings.TrimPrefix(row.ClaimKey, activated), "-")
		if id, err := strconv.ParseInt(number, 10, 64); err == nil && row.Source == enum.SourceActivated {
			given[id] = append(given[id], row.ID)
		}
	}
	if len(given) == 0 {
		return nil, nil
	}
	causes, err := store.Locked(s.Store, s.Store.Client(ctx).Redemption.Query().Where(entredemption.IDIn(slices.Sorted(maps.Keys(given))...)).Order(entredemption.ByID())).All(ctx)
	gone := map[int64]bool{}
	for _, cause := range causes {
		for _, id := range given[cause.ID] {
			gone[id] = cause.State == enum.RedemptionReversed
		}
	}
	return gone, err
}

// activated begins the claim keys of all that redemptions give.
const activated = "activated-"

// activation begins the claim keys of what one redemption gives.
func activation(redemptionID int64) string {
	return activated + strconv.FormatInt(redemptionID, 10) + "-"
}
