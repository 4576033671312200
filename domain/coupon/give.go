package coupon

import (
	"context"
	"strconv"

	"entgo.io/ent/dialect"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// Give issues coupons of a template to a member as the consequence of something (source EVENT), inside the caller's transaction. They come out of the template's
// stock; claim windows and limits of claims do not count. The key, at most 56 characters, names the reason: with it the member gets the coupons once, and a
// repeat gives none. It answers the coupons that are new. Domains call it for members whom they promised coupons. Refusals: NOT_FOUND, TEMPLATE_NOT_ACTIVE,
// OUT_OF_STOCK, MEMBER_CANCELLED. It locks the template's row, then the member's.
func (s *Service) Give(ctx context.Context, templateID, memberID int64, count int, key string) ([]*ent.Coupon, error) {
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	n, err := client.CouponTemplate.Update().Where(coupontemplate.ID(templateID), coupontemplate.StateEQ(enum.TemplateActive),
		coupontemplate.StockLeftGTE(int64(count))).AddStockLeft(-int64(count)).Save(ctx)
	if err != nil {
		return nil, err
	}
	template, err := client.CouponTemplate.Get(ctx, templateID)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, err
	}
	query := client.Member.Query().Where(member.ID(memberID))
	if s.Store.Dialect() == dialect.MySQL {
		query = query.ForUpdate()
	}
	m, err := query.Only(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, template.BrandID)
	if err != nil {
		return nil, err
	}
	given, err := client.Coupon.Query().Where(coupon.MemberID(memberID), coupon.ClaimKeyIn(giftKeys(key, count)...)).Exist(ctx)
	switch {
	case err != nil:
		return nil, err
	case given && n == 1:
		return nil, client.CouponTemplate.Update().Where(coupontemplate.ID(templateID)).AddStockLeft(int64(count)).Exec(ctx)
	case given:
		return nil, nil
	case m.State == enum.MemberCancelled:
		return nil, apperr.New(apperr.MemberCancelled)
	case template.State != enum.TemplateActive:
		return nil, apperr.New(apperr.TemplateNotActive)
	case n != 1:
		return nil, apperr.New(apperr.OutOfStock)
	}
	b := newBook(template, s.Clock.Now(), zone)
	from, until := b.useWindow()
	rows := make([]*ent.CouponCreate, count)
	for i, claimKey := range giftKeys(key, count) {
		rows[i] = client.Coupon.Create().SetID(ids.Next()).SetCreatedAt(b.now).SetTemplateID(templateID).SetRuleID(template.RuleID).SetMemberID(memberID).
			SetCode(newCode()).SetState(windowState(from, until, b.now)).SetSource(enum.SourceEvent).SetClaimKey(claimKey).SetUsableFrom(from).SetExpiresAt(until)
	}
	made, err := client.Coupon.CreateBulk(rows...).Save(ctx)
	if err == nil && template.StockLeft == 0 {
		store.AfterCommit(ctx, func() { s.soldOut.mark(context.WithoutCancel(ctx), templateID) })
	}
	return made, err
}

// TakeBack revokes the coupons that the member got by Give with the key and that were not used, inside the caller's transaction. What is locked by an order
// stays locked, and what was used stays used. Stock does not come back: a coupon that was issued stays counted.
func (s *Service) TakeBack(ctx context.Context, memberID int64, count int, key string) error {
	ctx = auth.WithinBrand(ctx)
	return s.Store.Client(ctx).Coupon.Update().Where(coupon.MemberID(memberID), coupon.ClaimKeyIn(giftKeys(key, count)...),
		coupon.StateIn(enum.CouponPending, enum.CouponEffective)).SetState(enum.CouponRevoked).Exec(ctx)
}

// giftKeys are the claim keys of so many coupons that have one reason.
func giftKeys(key string, count int) []string {
	keys := make([]string, count)
	for i := range keys {
		keys[i] = key + "-" + strconv.Itoa(i+1)
	}
	return keys
}
