package coupon

import (
	"context"
	"strconv"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
)

// Gift is what Give gives: so many coupons of one template to one member.
type Gift struct {
	TemplateID, MemberID int64
	Count                int
	// Key, at most 56 characters, names the reason: with it the member gets the coupons once. Claims cannot have it, see giftKeys.
	Key string
	// Source decides what counts. The template must be ACTIVE and have stock and budget, and days left on which its coupons can be used, except for GIFT, and nobody who left gets anything. With EXCHANGE and
	// STAFF the limits per member, human and day count, with EXCHANGE the claim window too. A frozen member gets nothing but by EVENT. The member is told by the
	// event COUPON_ISSUED, except with EXCHANGE and GIFT, who asked for it himself.
	Source enum.CouponSource
	// Origin is the coupon that a friend gives, for GIFT alone: the new one has its rule and use window, and stock and budget stay as they are. Only a
	// template that was withdrawn refuses it. The caller makes the origin TRANSFERRED in the same transaction.
	Origin *ent.Coupon
}

// Give issues coupons inside the caller's transaction, all of them or none; a repeat with the same key gives none. It answers the coupons that are new. Domains
// call it for members whom they have authorised. Refusals, before anything is written: NOT_FOUND, TEMPLATE_NOT_ACTIVE, CLAIM_NOT_OPEN, CLAIM_ENDED,
// MEMBER_FROZEN, MEMBER_CANCELLED, LIMIT_REACHED, OUT_OF_STOCK, BUDGET_EXHAUSTED, IDEMPOTENCY_KEY_REUSED (with another template). It locks the template's row,
// then the member's, then the counters.
func (s *Service) Give(ctx context.Context, gift Gift) ([]*ent.Coupon, error) {
	w := ways[gift.Source]
	w.origin = gift.Origin
	return s.give(auth.WithinBrand(ctx), gift, w)
}

// give is Give by a way. ctx reaches the whole brand.
func (s *Service) give(ctx context.Context, gift Gift, w way) ([]*ent.Coupon, error) {
	claims := make([]claim, gift.Count)
	for i, key := range giftKeys(gift.Key, gift.Count) {
		claims[i] = claim{gift.MemberID, key}
	}
	b, err := s.openBook(ctx, gift.TemplateID, claims, w)
	if err != nil {
		return nil, err
	}
	for _, c := range claims {
		if _, err := b.decide(c); err != nil {
			return nil, err
		}
	}
	if err := s.write(ctx, b); err != nil {
		return nil, stale(err)
	}
	s.soldOutAfter(ctx, b)
	return b.issued, nil
}

// stale makes CONFLICT of a batch that found its own reads out of date, for whoever cannot begin its transaction anew.
func stale(err error) error {
	if err == errStale {
		return apperr.New(apperr.Conflict).Because(err)
	}
	return err
}

// TakeBack revokes the coupons that the member got by Give with the key and that were not used, inside the caller's transaction; see revoke.
func (s *Service) TakeBack(ctx context.Context, memberID int64, count int, key string) error {
	_, err := s.revoke(auth.WithinBrand(ctx), []int64{memberID}, coupon.ClaimKeyIn(giftKeys(key, count)...))
	return err
}

// giftKeys are the claim keys of so many coupons that have one reason. A colon is in no key that a member may choose for a claim, so that nobody can take one before.
func giftKeys(key string, count int) []string {
	keys := make([]string, count)
	for i := range keys {
		keys[i] = key + ":" + strconv.Itoa(i+1)
	}
	return keys
}
