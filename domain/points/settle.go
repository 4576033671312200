package points

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/lot"
	"dongxiao/internal/ids"
)

// settle brings a locked account up to now: due pending points become spendable, with their growth value, what is spendable pays the debt, and what is
// past its time expires.
func (s *Service) settle(ctx context.Context, a *account) error {
	now := s.Clock.Now()
	for _, l := range slices.Clone(a.Lots) {
		if l.Kind == enum.LotPointsPending && l.Remaining > 0 && l.AvailableAt != nil && !l.AvailableAt.After(now) {
			if err := s.mature(ctx, a, l); err != nil {
				return err
			}
		}
	}
	if err := s.payDebt(ctx, a); err != nil {
		return err
	}
	for _, l := range a.spendable() {
		if l.ExpiresAt == nil || l.ExpiresAt.After(now) {
			continue
		}
		if _, err := a.Post(ctx, ledger.Posting{Kind: enum.PostPointsExpiry, Key: again("points-expiry", l.ID), SubjectID: l.ID, At: now,
			Lots: []ledger.LotChange{{Lot: l, Remaining: -l.Remaining}}, Entries: []ledger.Entry{a.of(enum.AccountPointsExpired, l.Remaining)}}); err != nil {
			return err
		}
	}
	return nil
}

// mature turns what is left of a pending lot into a lot of spendable points.
func (s *Service) mature(ctx context.Context, a *account, pending *ent.Lot) error {
	rules, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	grant := ledger.Grant{Kind: enum.LotPoints, SourceID: pending.SourceID, IssuerOrgID: pending.IssuerOrgID, ScopeOrgID: pending.ScopeOrgID, Amount: pending.Remaining,
		ExpiresAt: expiry(*pending.AvailableAt, rules.ExpiryDays)}
	if err := s.Members.EarnGrowth(ctx, a.MemberID, grant.Amount*rules.GrowthPerPoint); err != nil {
		return err
	}
	if err := s.tell(ctx, a); err != nil {
		return err
	}
	_, err = a.Post(ctx, ledger.Posting{Kind: enum.PostPointsMature, Key: fmt.Sprintf("points-mature:%d", pending.ID), SubjectID: pending.ID, At: *pending.AvailableAt,
		Lots: []ledger.LotChange{{Lot: pending, Remaining: -pending.Remaining}}, Grants: []ledger.Grant{grant}})
	return err
}

// payDebt takes what the member owes from what is spendable, oldest first.
func (s *Service) payDebt(ctx context.Context, a *account) error {
	owed := -a.Balance(enum.AccountPointsDebt)
	changes, short := take(a.spendable(), owed)
	if len(changes) == 0 {
		return nil
	}
	_, err := a.Post(ctx, ledger.Posting{Kind: enum.PostPointsDebt, Key: again("points-debt", a.MemberID), SubjectID: a.MemberID, At: s.Clock.Now(), Lots: changes,
		Entries: []ledger.Entry{a.debt(owed - short)}})
	return err
}

// tell tells the member that points came or went.
func (s *Service) tell(ctx context.Context, a *account) error {
	return s.Events.Append(ctx, a.MemberID, enum.EventPointsChanged, memberevent.About{})
}

// expiry is when points that are spendable from a moment expire; nil for never.
func expiry(from time.Time, days int) *time.Time {
	if days == 0 {
		return nil
	}
	at := from.AddDate(0, 0, days)
	return &at
}

// again is the business key of an act that may happen again to the same row; its lock and what is left say whether it does.
func again(act string, id int64) string { return fmt.Sprintf("%s:%d:%d", act, id, ids.Next()) }

// SettleDue brings the points of members up to now who have lots that are due, of all brands, at most limit lots, and tells how many lots were. A
// periodic job calls it until there are none; each member is a transaction, one that fails does not stop the others, and two at once do no harm.
func (s *Service) SettleDue(ctx context.Context, limit int) (int, error) {
	return s.settleDue(auth.Operator(ctx), limit)
}

func (s *Service) settleDue(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	due, err := s.Store.Client(ctx).Lot.Query().Where(lot.ExpiredAtIsNil(), lot.ExpiresAtLTE(now), lot.KindIn(enum.LotPoints, enum.LotPointsPending)).
		Order(lot.ByExpiresAt(), lot.ByID()).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	members := map[int64][]*ent.Lot{}
	var order []int64
	for _, l := range due {
		if members[l.MemberID] == nil {
			order = append(order, l.MemberID)
		}
		members[l.MemberID] = append(members[l.MemberID], l)
	}
	settled := 0
	var failures []error
	for _, id := range order {
		lots := members[id]
		if err := s.Store.WithTx(auth.System(ctx, lots[0].BrandID), func(ctx context.Context) error { return s.settleLots(ctx, id, lots) }); err != nil {
			failures = append(failures, fmt.Errorf("settle the points of member %s: %w", ids.Encode(ids.Member, id), err))
			continue
		}
		settled += len(lots)
	}
	return settled, errors.Join(failures...)
}

// settleLots brings the member's points up to now and marks the due lots, which are empty after that, so that no sweep looks at them again.
func (s *Service) settleLots(ctx context.Context, memberID int64, lots []*ent.Lot) error {
	if _, err := s.open(ctx, memberID); err != nil {
		return err
	}
	numbers := make([]int64, len(lots))
	for i, l := range lots {
		numbers[i] = l.ID
	}
	_, err := s.Store.Client(ctx).Lot.Update().Where(lot.IDIn(numbers...), lot.Remaining(0), lot.ExpiredAtIsNil()).SetExpiredAt(s.Clock.Now()).Save(ctx)
	return err
}
