package coupon

import (
	"context"
	"regexp"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/coupontransfer"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/store"
)

// A gift (转赠) moves a coupon from a member to a friend by a link. Everything that happens to one holds the giver's row (an acceptance the template's
// before it, and the friend's beside it, in the order of their ids); then come the coupon and the transfer. So offer, take-back, acceptance, expiry and erasure of one gift happen one after the other.
//
// A coupon that came as a gift is not given on: what is passed from hand to hand is sold, and the giver whom a brand knows would be lost.

const (
	// transferTime is how long a friend may accept, at most until the coupon's own end.
	transferTime = 24 * time.Hour
	// transferTokenLength is how many of 64 letters the secret in a link has: 144 bits.
	transferTokenLength = 24
)

var transferTokenForm = regexp.MustCompile(`^[0-9A-Za-z_-]{24}$`)

// Transfer is a coupon that its member offers to a friend.
type Transfer struct {
	*ent.CouponTransfer
	// Token is the secret of the link; it is shown to the giver alone and not kept.
	Token string
}

// OfferTransfer makes a link by which a friend gets the viewer's coupon: PENDING or EFFECTIVE becomes TRANSFERRING. It is for members and their own coupons.
// Coupon, transfer, the member's event and the key are written together; a repeat with the same key gets the same transfer and token. Refusals: NOT_FOUND,
// COUPON_NOT_TRANSFERABLE (by its rule, because it was a gift itself, or taken back), COUPON_TRANSFERRING, COUPON_TRANSFERRED, COUPON_ALREADY_USED,
// COUPON_EXPIRED, COUPON_LOCKED, TEMPLATE_NOT_ACTIVE (withdrawn), MEMBER_FROZEN, MEMBER_CANCELLED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) OfferTransfer(ctx context.Context, couponID int64, key string) (*Transfer, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: "couponTransferCreate", Key: key, Input: couponID}
	id, _, err := idempotency.DoNew(auth.WithinBrand(ctx), s.Store, call, func(ctx context.Context, id int64) error {
		return s.offerTransfer(ctx, id, v.MemberID, couponID)
	})
	if err != nil {
		return nil, err
	}
	row, err := s.Store.Client(ctx).CouponTransfer.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return &Transfer{row, s.transferToken(v.BrandID, id)}, nil
}

func (s *Service) offerTransfer(ctx context.Context, id, memberID, couponID int64) error {
	client := s.Store.Client(ctx)
	m, err := store.Locked(s.Store, client.Member.Query().Where(member.ID(memberID))).Only(ctx)
	if err != nil {
		return err
	}
	if refusal := standingRefusal(m.State); refusal != nil {
		return refusal
	}
	c, err := store.Locked(s.Store, client.Coupon.Query().Where(coupon.ID(couponID), coupon.MemberID(memberID))).Only(ctx)
	if ent.IsNotFound(err) {
		return apperr.New(apperr.NotFound).At("input", "couponId")
	}
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	if err := s.transferable(ctx, c, now); err != nil {
		return apperr.OfInput(err, "couponId")
	}
	n, err := client.Coupon.Update().Where(coupon.ID(couponID), coupon.MemberID(memberID), coupon.StateEQ(c.State), coupon.ExpiresAtGT(now)).
		SetState(enum.CouponTransferring).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return err
	}
	until := now.Add(transferTime)
	if c.ExpiresAt.Before(until) {
		until = c.ExpiresAt
	}
	brandID := auth.FromContext(ctx).BrandID
	if err := client.CouponTransfer.Create().SetID(id).SetCreatedAt(now).SetCouponID(couponID).SetOpenCouponID(couponID).SetFromMemberID(memberID).
		SetTokenHash(s.transferHash(brandID, s.transferToken(brandID, id))).SetState(enum.TransferOffered).SetExpiresAt(until).Exec(ctx); err != nil {
		return err
	}
	return s.Events.AppendLocked(ctx, m, enum.EventCouponChanged, memberevent.About{CouponID: couponID})
}

// transferable refuses a coupon that cannot be offered.
func (s *Service) transferable(ctx context.Context, c *ent.Coupon, now time.Time) error {
	switch StateAt(c, now) {
	case enum.CouponTransferring:
		return apperr.New(apperr.CouponTransferring)
	case enum.CouponTransferred:
		return apperr.New(apperr.CouponTransferred)
	case enum.CouponUsed:
		return apperr.New(apperr.CouponAlreadyUsed)
	case enum.CouponExpired:
		return apperr.New(apperr.CouponExpired)
	case enum.CouponLocked:
		return apperr.New(apperr.CouponLocked)
	case enum.CouponRevoked:
		return apperr.New(apperr.CouponNotTransferable)
	}
	rules, err := s.rules.of(ctx, []int64{c.RuleID})
	if err != nil {
		return err
	}
	if !rules[c.RuleID].Transferable || c.OriginID != nil {
		return apperr.New(apperr.CouponNotTransferable)
	}
	return s.inForce(ctx, c.TemplateID)
}

// inForce refuses with TEMPLATE_NOT_ACTIVE where the template was withdrawn.
func (s *Service) inForce(ctx context.Context, templateID int64) error {
	t, err := s.Store.Client(ctx).CouponTemplate.Get(ctx, templateID)
	if err == nil && t.State == enum.TemplateVoid {
		err = apperr.New(apperr.TemplateNotActive)
	}
	return err
}

// AcceptTransfer gives the viewer what a link offers, once: the giver's coupon becomes TRANSFERRED, and the viewer gets a new one of source GIFT with the
// same rule and use window. It is for members. Stock and limits of claims are as before, because no coupon came into the world. Coupons, transfer, both
// members' events and the key are written together. Whoever accepted it already, gets the same coupon again. Refusals: NOT_FOUND, TRANSFER_OWN,
// TRANSFER_ENDED (accepted by somebody else, taken back, expired, or the giver is frozen or gone), TEMPLATE_NOT_ACTIVE (withdrawn), MEMBER_FROZEN,
// MEMBER_CANCELLED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) AcceptTransfer(ctx context.Context, token, key string) (*ent.Coupon, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	if !transferTokenForm.MatchString(token) {
		return nil, apperr.New(apperr.NotFound).At("input", "token")
	}
	hash := s.transferHash(v.BrandID, token)
	call := idempotency.Call{ActorID: v.PersonID, Operation: "couponTransferAccept", Key: key, Input: hash}
	id, _, err := idempotency.Do(auth.WithinBrand(ctx), s.Store, call, func(ctx context.Context) (int64, error) {
		return s.acceptTransfer(ctx, hash, v.MemberID)
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Coupon.Get(ctx, id)
}

func (s *Service) acceptTransfer(ctx context.Context, hash string, memberID int64) (couponID int64, err error) {
	client := s.Store.Client(ctx)
	// What is read before the locks never changes: giver and coupon.
	t, err := client.CouponTransfer.Query().Where(coupontransfer.TokenHash(hash)).Only(ctx)
	if ent.IsNotFound(err) {
		return 0, apperr.New(apperr.NotFound).At("input", "token")
	}
	if err != nil {
		return 0, err
	}
	if t.FromMemberID == memberID {
		return 0, apperr.New(apperr.TransferOwn)
	}
	before, err := client.Coupon.Get(ctx, t.CouponID)
	if err != nil {
		return 0, err
	}
	if _, err := store.Locked(s.Store, client.CouponTemplate.Query().Where(coupontemplate.ID(before.TemplateID))).Only(ctx); err != nil {
		return 0, err
	}
	held := map[int64]*ent.Member{}
	for _, id := range distinct([]int64{memberID, t.FromMemberID}) {
		if held[id], err = store.Locked(s.Store, client.Member.Query().Where(member.ID(id))).Only(ctx); err != nil {
			return 0, err
		}
	}
	giver, friend := held[t.FromMemberID], held[memberID]
	c, err := store.Locked(s.Store, client.Coupon.Query().Where(coupon.ID(t.CouponID))).Only(ctx)
	if err != nil {
		return 0, err
	}
	if t, err = store.Locked(s.Store, client.CouponTransfer.Query().Where(coupontransfer.ID(t.ID))).Only(ctx); err != nil {
		return 0, err
	}
	now := s.Clock.Now()
	switch {
	case t.State == enum.TransferAccepted && *t.ToMemberID == memberID:
		return *t.AcceptedCouponID, nil
	case t.State != enum.TransferOffered, !now.Before(t.ExpiresAt), standingRefusal(giver.State) != nil:
		return 0, apperr.New(apperr.TransferEnded)
	}
	gifts, err := s.Give(ctx, Gift{TemplateID: c.TemplateID, MemberID: memberID, Count: 1, Key: "transfer-" + strconv.FormatInt(t.ID, 10), Source: enum.SourceGift,
		Origin: c})
	if err != nil {
		return 0, err
	}
	gift := gifts[0]
	n, err := client.Coupon.Update().Where(coupon.ID(c.ID), coupon.StateEQ(enum.CouponTransferring)).SetState(enum.CouponTransferred).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return 0, err
	}
	n, err = client.CouponTransfer.Update().Where(coupontransfer.ID(t.ID), coupontransfer.StateEQ(enum.TransferOffered), coupontransfer.ExpiresAtGT(now)).
		SetState(enum.TransferAccepted).ClearOpenCouponID().SetToMemberID(memberID).SetAcceptedCouponID(gift.ID).SetEndedAt(now).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return 0, err
	}
	if err := s.Events.AppendLocked(ctx, giver, enum.EventCouponTransferred, memberevent.About{CouponID: c.ID}); err != nil {
		return 0, err
	}
	return gift.ID, s.Events.AppendLocked(ctx, friend, enum.EventCouponIssued, memberevent.About{CouponID: gift.ID})
}

// CancelTransfer takes an offer back: the coupon is the viewer's to use again, where its time is not over. It is for the member who made it; to take back again
// changes nothing. Coupon, transfer and the member's event are written together. Refusals: NOT_FOUND, TRANSFER_ENDED (accepted or expired).
func (s *Service) CancelTransfer(ctx context.Context, id int64) (*ent.CouponTransfer, error) {
	row, err := s.Store.Client(ctx).CouponTransfer.Get(ctx, id)
	if ent.IsNotFound(err) || err == nil && row.FromMemberID != auth.FromContext(ctx).MemberID {
		return nil, apperr.New(apperr.NotFound).At("input", "id")
	}
	if err != nil {
		return nil, err
	}
	err = s.Store.WithTx(auth.WithinBrand(ctx), func(ctx context.Context) error { return s.endTransfer(ctx, row, enum.TransferCancelled) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).CouponTransfer.Get(ctx, id)
}

// endTransfer brings the coupon of an offer back, for the reason of the state; once. TRANSFER_ENDED where it ended otherwise, or is due to expire and is to be
// taken back. The coupon comes back as it went: that its time is over meanwhile is for the sweep of coupons to write down, as of any other.
func (s *Service) endTransfer(ctx context.Context, t *ent.CouponTransfer, state enum.TransferState) error {
	client := s.Store.Client(ctx)
	m, err := store.Locked(s.Store, client.Member.Query().Where(member.ID(t.FromMemberID))).Only(ctx)
	if err != nil {
		return err
	}
	c, err := store.Locked(s.Store, client.Coupon.Query().Where(coupon.ID(t.CouponID))).Only(ctx)
	if err != nil {
		return err
	}
	if t, err = store.Locked(s.Store, client.CouponTransfer.Query().Where(coupontransfer.ID(t.ID))).Only(ctx); err != nil {
		return err
	}
	now := s.Clock.Now()
	due := !now.Before(t.ExpiresAt)
	switch {
	case t.State == state:
		return nil
	case t.State != enum.TransferOffered, due != (state == enum.TransferExpired):
		return apperr.New(apperr.TransferEnded)
	}
	back := enum.CouponEffective
	if now.Before(c.UsableFrom) {
		back = enum.CouponPending
	}
	n, err := client.Coupon.Update().Where(coupon.ID(c.ID), coupon.StateEQ(enum.CouponTransferring)).SetState(back).Save(ctx)
	if err == nil && n == 1 {
		n, err = client.CouponTransfer.Update().Where(coupontransfer.ID(t.ID), coupontransfer.StateEQ(enum.TransferOffered)).SetState(state).
			ClearOpenCouponID().SetEndedAt(now).Save(ctx)
	}
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	if err != nil {
		return err
	}
	return s.Events.AppendLocked(ctx, m, enum.EventCouponChanged, memberevent.About{CouponID: c.ID})
}

// standingRefusal says why a member in the state neither gives nor gets coupons; nil where it may.
func standingRefusal(state enum.MemberState) error {
	switch state {
	case enum.MemberFrozen:
		return apperr.New(apperr.MemberFrozen)
	case enum.MemberCancelled:
		return apperr.New(apperr.MemberCancelled)
	}
	return nil
}

// transferToken is the secret of a link: made anew from the transfer's id whenever the giver asks with the key, and kept nowhere.
func (s *Service) transferToken(brandID, id int64) string {
	return s.Keyring.Ring().Hash("coupon transfer token", brandID, strconv.FormatInt(id, 10))[:transferTokenLength]
}

// transferHash is how the row knows its secret.
func (s *Service) transferHash(brandID int64, token string) string {
	return s.Keyring.Ring().Hash("coupon transfer", brandID, token)
}
