package coupon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupontransfer"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// OfferedGift is what a link offers.
type OfferedGift struct {
	// Coupon is the giver's; whoever reads the link sees its template, rule and use window, never its code.
	Coupon *ent.Coupon
	// Giver is who offers it, and Own whether that is the viewer.
	Giver *ent.Member
	Own   bool
	// State is the transfer's at this moment.
	State enum.TransferState
	// UsableFrom and ExpiresAt are the coupon's use window, OfferExpiresAt the end of the offer.
	UsableFrom, ExpiresAt, OfferExpiresAt time.Time
}

// TransferStateAt is the state of a transfer at a moment: the stored one, except that an offer is over at its end before a sweep has written it down.
func TransferStateAt(t *ent.CouponTransfer, now time.Time) enum.TransferState {
	if t.State == enum.TransferOffered && !now.Before(t.ExpiresAt) {
		return enum.TransferExpired
	}
	return t.State
}

// GiftOf reads what a link offers, with three statements. Any member who has the link may call it. NOT_FOUND for a token that was never made.
func (s *Service) GiftOf(ctx context.Context, token string) (*OfferedGift, error) {
	if auth.FromContext(ctx).MemberID == 0 || !transferTokenForm.MatchString(token) {
		return nil, apperr.New(apperr.NotFound).At("token")
	}
	ctx = auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	t, err := client.CouponTransfer.Query().Where(coupontransfer.TokenHash(s.transferHash(auth.FromContext(ctx).BrandID, token))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound).At("token")
	}
	if err != nil {
		return nil, err
	}
	c, err := client.Coupon.Get(ctx, t.CouponID)
	if err != nil {
		return nil, err
	}
	giver, err := client.Member.Get(ctx, t.FromMemberID)
	if err != nil {
		return nil, err
	}
	g := &OfferedGift{Coupon: c, Giver: giver, Own: giver.ID == auth.FromContext(ctx).MemberID, State: TransferStateAt(t, s.Clock.Now()),
		UsableFrom: c.UsableFrom, ExpiresAt: c.ExpiresAt, OfferExpiresAt: t.ExpiresAt}
	if g.State == enum.TransferOffered && standingRefusal(giver.State) != nil {
		g.State = enum.TransferCancelled
	}
	return g, nil
}

// Transfers lists the offers that the viewer made, newest first. It is for members and gives FORBIDDEN, PAGE_SIZE_INVALID and CURSOR_INVALID.
func (s *Service) Transfers(ctx context.Context, first *int, after *string) (*listing.Page[*ent.CouponTransfer], error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).CouponTransfer.Query().Where(coupontransfer.FromMemberID(v.MemberID))
	list := listing.Of(s.Cursors(), v.BrandID, "viewer.couponTransfers", v.MemberID)
	var id int64
	if some, err := list.After(after, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(coupontransfer.IDLT(id))
	}
	rows, err := query.Order(ent.Desc(coupontransfer.FieldID)).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(t *ent.CouponTransfer) []any { return []any{t.ID} })
}

// ExpireTransfers brings coupons back that nobody accepted in time, at most limit of them, in what is swept, and tells how many. It is for the periodic sweep,
// which calls again while it gets work done; several servers may at once. Nobody can accept them before either.
func (s *Service) ExpireTransfers(ctx context.Context, limit int) (int, error) {
	ctx = swept(ctx)
	due, err := s.Store.Client(ctx).CouponTransfer.Query().Where(coupontransfer.StateEQ(enum.TransferOffered), coupontransfer.ExpiresAtLTE(s.Clock.Now())).
		Order(coupontransfer.ByExpiresAt()).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	done, faults := 0, error(nil)
	for _, row := range due {
		err := s.Store.WithTx(auth.System(ctx, row.BrandID), func(ctx context.Context) error { return s.endTransfer(ctx, row, enum.TransferExpired) })
		switch apperr.CodeOf(err) {
		case "":
			done++
		case apperr.TransferEnded: // somebody was faster
		default:
			faults = errors.Join(faults, fmt.Errorf("expire transfer %d: %w", row.ID, err))
		}
	}
	return done, faults
}

// endOffers ends open offers without bringing their coupons back, inside the transaction that revokes those.
func (s *Service) endOffers(ctx context.Context, which predicate.CouponTransfer) error {
	return s.Store.Client(ctx).CouponTransfer.Update().Where(which, coupontransfer.StateEQ(enum.TransferOffered)).
		SetState(enum.TransferCancelled).ClearOpenCouponID().SetEndedAt(s.Clock.Now()).Exec(ctx)
}
