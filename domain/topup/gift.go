package topup

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/outbox"
)

// GiftTopic is the topic of the outbox under which the coupons of a paid top-up are given.
const GiftTopic = "top-up gifts"

type giftMessage struct {
	TopUpID int64 `json:"topUpId"`
}

const (
	// giftAttempts is after how many attempts, some quarter of an hour, coupons that a template has none of are asked for by the hour.
	giftAttempts = 10
	giftPause    = time.Hour
	// giftPatience is for how long after the payment they are.
	giftPatience = 90 * 24 * time.Hour
)

// Give gives the coupons that come with a top-up; the outbox calls it until it succeeds. The value was the member's before: a template without stock delays its
// coupons until there is some, for ninety days, and nothing else. What every top-up gives (the event TOP_UP) is given first and waits for nothing. Where the top-up was refunded or is being, nothing is given any more. A repeat gives nothing twice. Goods
// that come with a top-up stay in its terms, for pick-up orders to read.
func (s *Service) Give(ctx context.Context, m outbox.Message) error {
	var message giftMessage
	if err := json.Unmarshal(m.Payload, &message); err != nil {
		return fmt.Errorf("read what to give: %w", err)
	}
	if err := s.whileKept(ctx, message.TopUpID, s.giveForEvent); err != nil {
		return err
	}
	err := s.whileKept(ctx, message.TopUpID, func(ctx context.Context, t *ent.TopUp) error {
		gifts := slices.Clone(t.Terms.Coupons)
		slices.SortFunc(gifts, func(a, b document.CouponGift) int { return cmp.Compare(a.TemplateID, b.TemplateID) })
		for _, gift := range gifts {
			_, err := s.Coupons.Give(ctx, coupon.Gift{TemplateID: gift.TemplateID, MemberID: t.MemberID, Count: gift.Count,
				Key: giftKey(t.ID, gift.TemplateID), Source: enum.SourceEvent})
			if apperr.CodeOf(err) == apperr.MemberCancelled {
				return nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if code := apperr.CodeOf(err); m.Attempt >= giftAttempts && (code == apperr.OutOfStock || code == apperr.BudgetExhausted || code == apperr.TemplateNotActive) {
		return s.giveLater(ctx, message, err)
	}
	return err
}

// giveLater writes the message anew, so that the outbox does not give it up: what was paid for is owed until there is stock again. It gives the refusal where that
// has lasted too long.
func (s *Service) giveLater(ctx context.Context, message giftMessage, refusal error) error {
	return s.whileKept(ctx, message.TopUpID, func(ctx context.Context, t *ent.TopUp) error {
		now := s.Clock.Now()
		if t.PaidAt == nil || now.After(t.PaidAt.Add(giftPatience)) {
			return refusal
		}
		return outbox.Write(ctx, s.Store, now.Add(giftPause), GiftTopic, "", message)
	})
}

// whileKept acts in a transaction that holds the top-up, where it is paid and nobody wants it back.
func (s *Service) whileKept(ctx context.Context, topUpID int64, act func(ctx context.Context, t *ent.TopUp) error) error {
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		t, err := s.lockTopUp(ctx, topUpID)
		if err != nil {
			return err
		}
		if under, err := s.underRefund(ctx, t.ID); err != nil || under || t.State != enum.TopUpPaid {
			return err
		}
		return act(ctx, t)
	})
}

// giveForEvent gives the coupons that the issuing org, or one above it, gives for every top-up. What has run out is not waited for.
func (s *Service) giveForEvent(ctx context.Context, t *ent.TopUp) error {
	issuer, err := s.Store.Client(ctx).Org.Get(ctx, t.OrgID)
	if err != nil {
		return err
	}
	return s.Coupons.GiveFor(ctx, enum.CouponByTopUp, t.MemberID, issuer.Path, eventKey(t.ID))
}

// takeBackGifts revokes the coupons of a top-up that nobody used. Used ones stay used, and nothing is deducted for them.
func (s *Service) takeBackGifts(ctx context.Context, t *ent.TopUp) error {
	for _, gift := range t.Terms.Coupons {
		if err := s.Coupons.TakeBack(ctx, t.MemberID, gift.Count, giftKey(t.ID, gift.TemplateID)); err != nil {
			return err
		}
	}
	return s.Coupons.TakeBackFor(ctx, t.MemberID, eventKey(t.ID))
}

// eventKey begins the claim keys of the coupons that every top-up gives.
func eventKey(topUpID int64) string { return "topup-event-" + strconv.FormatInt(topUpID, 36) }

// giftKey begins the claim keys of the coupons of one template that come with a top-up.
func giftKey(topUpID, templateID int64) string {
	return "topup-" + strconv.FormatInt(topUpID, 36) + "-" + strconv.FormatInt(templateID, 36)
}
