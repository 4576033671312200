package redemption

import (
	"context"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/clearing"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// maxReason is the largest number of letters of a reason.
const maxReason = 255

// Reverse undoes a redemption: CONFIRMED becomes REVERSED and the very coupon comes back, as EFFECTIVE or EXPIRED, or as REVOKED to a member who left; what the
// redemption gave is taken back, unless it was used or a friend has accepted it, and the member is told. Staff with ReverseRedemptions at the store call it within the brand's reversal_minutes, but not for themselves
// as the member. Of benefits that were redeemed together each is undone by itself.
//
// One transaction changes the redemption (a conditional write), the coupon, the member's events and the audit log, and takes back what other orgs owe the store for
// it, on the next statement where that was made. Refusals: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT (the reason is too long), SELF_REDEMPTION,
// REDEMPTION_ALREADY_REVERSED, REDEMPTION_WINDOW_CLOSED.
func (s *Service) Reverse(ctx context.Context, id int64, reason string) (*ent.Redemption, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	err = s.Store.WithTx(auth.WithinBrand(ctx), func(within context.Context) error { return s.reverse(within, v, id, reason) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Redemption.Get(ctx, id)
}

func (s *Service) reverse(ctx context.Context, v auth.Viewer, id int64, reason string) error {
	client := s.Store.Client(ctx)
	// What is read here before the locks never changes: member, store, time. The state is decided by the conditional write at the end.
	row, err := client.Redemption.Query().Where(redemption.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return apperr.New(apperr.NotFound).At("input", "id")
	}
	if err != nil {
		return err
	}
	_, by, err := s.staffAt(auth.NewContext(ctx, v), auth.ReverseRedemptions, row.StoreID)
	if err != nil {
		return apperr.OfInput(err, "id")
	}
	if row.State != enum.RedemptionConfirmed {
		return apperr.New(apperr.RedemptionAlreadyReversed)
	}
	brand, err := client.Brand.Get(ctx, row.BrandID)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	if !now.Before(row.CreatedAt.Add(time.Duration(brand.ReversalMinutes) * time.Minute)) {
		return apperr.New(apperr.RedemptionWindowClosed, "minutes", brand.ReversalMinutes)
	}
	m, err := store.Locked(s.Store, client.Member.Query().Where(member.ID(row.MemberID))).Only(ctx)
	if err != nil {
		return err
	}
	if m.PersonID == v.PersonID {
		return apperr.New(apperr.SelfRedemption)
	}
	// Of two at once the second waited for the member's row above; now its conditional write tells.
	changed, err := client.Redemption.Update().Where(redemption.ID(id), redemption.StateEQ(enum.RedemptionConfirmed)).
		SetState(enum.RedemptionReversed).ClearActiveSubjectID().SetReversedAt(now).SetReversedBy(by.ID).SetReverseReason(reason).Save(ctx)
	if err != nil {
		return err
	}
	if changed != 1 {
		return apperr.New(apperr.RedemptionAlreadyReversed)
	}
	// The member is told before the benefit comes back, because what is taken back for it is told as well and counts on from there.
	if err := s.Events.AppendLocked(ctx, m, enum.EventCouponReturned, memberevent.About{CouponID: row.SubjectID, RedemptionID: id}); err != nil {
		return err
	}
	if err := s.Kinds[row.Kind].Return(ctx, row, m.State == enum.MemberCancelled); err != nil {
		return err
	}
	s.announce(ctx, row.StoreID)
	err = audit.Record(ctx, s.Store, audit.Change{OrgID: row.StoreID, Action: "redemptionReverse", Subject: ids.ID{Kind: ids.Redemption, Value: id},
		Before: map[string]any{"state": enum.RedemptionConfirmed}, After: map[string]any{"state": enum.RedemptionReversed}, Reason: reason})
	if err != nil {
		return err
	}
	discount := money.Fen(row.DiscountFen)
	return s.Clearing.CouponReturned(ctx, clearing.CouponReturn{SubjectID: id, OrgID: row.StoreID, Key: strconv.FormatInt(id, 10), Standing: discount, Back: discount, At: now})
}
