package redemption

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

// Review says that a redemption which needs review was looked at and what was found; it waits no longer, see Awaits. Staff with ReverseRedemptions at the store
// call it, however long ago it was, but not for what they confirmed themselves, by whichever of their roles, nor for what was redeemed for them as members.
//
// One transaction changes the redemption (a conditional write) and the audit log. Refusals: NOT_FOUND, INVALID_INPUT (no note, or one that is too long), SELF_REVIEW, REDEMPTION_ALREADY_REVERSED, REDEMPTION_NOT_AWAITING_REVIEW.
func (s *Service) Review(ctx context.Context, id int64, note string) (*ent.Redemption, error) {
	note, err := text.Text(note, 1, maxReason, "note")
	if err != nil {
		return nil, err
	}
	v := auth.FromContext(ctx)
	err = s.Store.WithTx(auth.WithinBrand(ctx), func(within context.Context) error { return s.review(within, v, id, note) })
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Redemption.Get(ctx, id)
}

func (s *Service) review(ctx context.Context, v auth.Viewer, id int64, note string) error {
	client := s.Store.Client(ctx)
	row, err := store.Locked(s.Store, client.Redemption.Query().Where(redemption.ID(id))).Only(ctx)
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
	confirmed, err := client.Staff.Get(ctx, row.StaffID)
	if err != nil {
		return err
	}
	m, err := client.Member.Get(ctx, row.MemberID)
	if err != nil {
		return err
	}
	if m.PersonID == v.PersonID || confirmed.PersonID != nil && *confirmed.PersonID == v.PersonID {
		return apperr.New(apperr.SelfReview)
	}
	changed, err := client.Redemption.Update().Where(redemption.ID(id)).Where(awaits()...).
		SetReviewedAt(s.Clock.Now()).SetReviewedBy(by.ID).SetReviewNote(note).Save(ctx)
	switch {
	case err != nil:
		return err
	case changed != 1 && row.State != enum.RedemptionConfirmed:
		return apperr.New(apperr.RedemptionAlreadyReversed)
	case changed != 1:
		return apperr.New(apperr.RedemptionNotAwaiting)
	}
	return audit.Record(ctx, s.Store, audit.Change{OrgID: row.StoreID, Action: "redemptionReview", Subject: ids.ID{Kind: ids.Redemption, Value: id},
		Before: map[string]any{"awaitsReview": true}, After: map[string]any{"awaitsReview": false}, Reason: note})
}
