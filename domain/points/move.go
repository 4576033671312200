package points

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lotmovement"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Earn gives a member pending points for the principal and WeChat money that was paid for a subject (an order), which was received at a moment: they are
// spendable some days after it. The order calls it once it is received, in its own transaction; to call it again for the subject changes nothing. Bonus
// earns nothing, so it is not part of the money. It refuses with NOT_FOUND.
func (s *Service) Earn(ctx context.Context, memberID, subjectID int64, paid money.Fen, receivedAt time.Time) error {
	ctx = within(ctx)
	rules, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	n, err := pointsFor(rules, paid)
	if err != nil || n == 0 {
		return err
	}
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, memberID)
		if err != nil {
			return err
		}
		available := receivedAt.AddDate(0, 0, rules.PendingDays)
		_, err = a.Post(ctx, ledger.Posting{Kind: enum.PostPointsEarn, Key: earnKey(subjectID), SubjectID: subjectID, At: receivedAt,
			Grants: []ledger.Grant{{Kind: enum.LotPointsPending, SourceID: subjectID, IssuerOrgID: a.root, ScopeOrgID: a.root, Amount: n,
				AvailableAt: &available, ExpiresAt: &available}},
			Entries: []ledger.Entry{a.of(enum.AccountPointsIssued, -n)}})
		return repeated(err)
	})
}

// Spend takes points for a subject (an order), soonest expiring first, in the caller's transaction, which holds the subject's row. To call it again for the
// subject changes nothing. It
// refuses with NOT_FOUND, MEMBER_FROZEN, MEMBER_CANCELLED and POINTS_INSUFFICIENT.
func (s *Service) Spend(ctx context.Context, memberID, subjectID, points int64) error {
	if points <= 0 {
		return fmt.Errorf("points: %d are spent", points)
	}
	return s.Store.WithTx(within(ctx), func(ctx context.Context) error {
		a, err := s.open(ctx, memberID)
		if err != nil {
			return err
		}
		if spend, err := s.posted(ctx, enum.PostPointsSpend, subjectID); err != nil || spend != nil {
			return err
		}
		switch a.member.State {
		case enum.MemberFrozen:
			return apperr.New(apperr.MemberFrozen)
		case enum.MemberCancelled:
			return apperr.New(apperr.MemberCancelled)
		}
		changes, short := take(a.spendable(), points)
		if short > 0 {
			return apperr.New(apperr.PointsInsufficient, "available", points-short)
		}
		_, err = a.Post(ctx, ledger.Posting{Kind: enum.PostPointsSpend, Key: spendKey(subjectID), SubjectID: subjectID, At: s.Clock.Now(), Lots: changes,
			Entries: []ledger.Entry{a.of(enum.AccountPointsSpent, points)}})
		return repeated(err)
	})
}

// Return gives points back that were spent for a subject, until total of them have been in all, last taken first, to the very lots with their old expiry: what
// has expired meanwhile expires at once, after a debt was paid with it. To call it again with the same total changes nothing. The order calls it in
// its own transaction. It refuses with NOT_FOUND where nothing was spent for the subject.
func (s *Service) Return(ctx context.Context, subjectID, total int64) error {
	return s.Store.WithTx(within(ctx), func(ctx context.Context) error {
		spend, err := s.posted(ctx, enum.PostPointsSpend, subjectID)
		if err != nil {
			return err
		}
		if spend == nil || spend.MemberID == nil {
			return apperr.New(apperr.NotFound)
		}
		a, err := s.open(ctx, *spend.MemberID)
		if err != nil {
			return err
		}
		before, err := s.soFar(ctx, enum.PostPointsReturn, subjectID)
		if err != nil || total <= before {
			return err
		}
		taken, err := s.Store.Client(ctx).LotMovement.Query().Where(lotmovement.PostingID(spend.ID)).Order(lotmovement.ByID(sql.OrderDesc())).All(ctx)
		if err != nil {
			return err
		}
		changes, err := giveBack(ctx, a, taken, before, total)
		if err != nil {
			return err
		}
		if _, err = a.Post(ctx, ledger.Posting{Kind: enum.PostPointsReturn, Key: totalKey(enum.PostPointsReturn, subjectID, total), SubjectID: subjectID,
			ReversesID: spend.ID, At: s.Clock.Now(), Lots: changes, Entries: []ledger.Entry{a.of(enum.AccountPointsSpent, before-total)}}); err != nil {
			return err
		}
		return s.settle(ctx, a)
	})
}

// giveBack plans to give back what lies between two totals of what movements took, the last one first.
func giveBack(ctx context.Context, a *account, taken []*ent.LotMovement, before, total int64) ([]ledger.LotChange, error) {
	numbers := make([]int64, len(taken))
	for i, m := range taken {
		numbers[i] = m.LotID
	}
	lots, err := a.Reopen(ctx, numbers...)
	if err != nil {
		return nil, err
	}
	var changes []ledger.LotChange
	at := int64(0)
	for _, m := range taken {
		end := at - m.RemainingChange
		if part := min(end, total) - max(at, before); part > 0 {
			changes = append(changes, ledger.LotChange{Lot: lots[m.LotID], Remaining: part, ReversesID: m.ID})
		}
		at = end
	}
	if total > at {
		return nil, fmt.Errorf("points: %d are given back of %d", total, at)
	}
	return changes, nil
}

// Part is how much of the money that earned points was given back by now, in all.
type Part struct {
	// Refunded is 0 to Total, and Total the money that was given to Earn.
	Refunded, Total money.Fen
}

// ClawBack takes points back that a subject earned, in proportion to the money that was given back in all; what is kept is rounded down. They are taken
// from the subject's pending points, then from its spendable ones, then from others, soonest expiring first; the rest is a debt that the next points pay. A
// subject that earned nothing has nothing to take, and to call it again with the same part changes nothing. The order calls it in its own transaction.
func (s *Service) ClawBack(ctx context.Context, subjectID int64, part Part) error {
	if part.Refunded < 0 || part.Total <= 0 || part.Refunded > part.Total {
		return fmt.Errorf("points: %d of %d is given back", part.Refunded, part.Total)
	}
	return s.Store.WithTx(within(ctx), func(ctx context.Context) error {
		earned, err := s.posted(ctx, enum.PostPointsEarn, subjectID)
		if err != nil || earned == nil || earned.MemberID == nil {
			return err
		}
		a, err := s.open(ctx, *earned.MemberID)
		if err != nil {
			return err
		}
		granted, err := s.Store.Client(ctx).LotMovement.Query().Where(lotmovement.PostingID(earned.ID)).Only(ctx)
		if err != nil {
			return err
		}
		total := granted.RemainingChange - share(granted.RemainingChange, int64(part.Total-part.Refunded), int64(part.Total))
		before, err := s.soFar(ctx, enum.PostPointsClawBack, subjectID)
		if err != nil || total <= before {
			return err
		}
		if err := s.tell(ctx, a); err != nil {
			return err
		}
		changes, short := take(a.forSubject(subjectID), total-before)
		entries := []ledger.Entry{a.of(enum.AccountPointsIssued, total-before)}
		if short > 0 {
			entries = append(entries, a.debt(-short))
		}
		_, err = a.Post(ctx, ledger.Posting{Kind: enum.PostPointsClawBack, Key: totalKey(enum.PostPointsClawBack, subjectID, total), SubjectID: subjectID,
			ReversesID: earned.ID, At: s.Clock.Now(), Lots: changes, Entries: entries})
		return err
	})
}

// forSubject are the lots in the order in which a claw-back takes: the subject's pending ones, its spendable ones, and the other spendable ones.
func (a *account) forSubject(subjectID int64) []*ent.Lot {
	var pending, own, others []*ent.Lot
	for _, l := range a.Lots {
		switch {
		case l.Remaining == 0:
		case l.Kind == enum.LotPointsPending && l.SourceID == subjectID:
			pending = append(pending, l)
		case l.Kind == enum.LotPoints && l.SourceID == subjectID:
			own = append(own, l)
		case l.Kind == enum.LotPoints:
			others = append(others, l)
		}
	}
	return slices.Concat(pending, own, others)
}

// posted is the one posting of a kind for a subject; nil where there is none.
func (s *Service) posted(ctx context.Context, kind enum.PostingKind, subjectID int64) (*ent.LedgerPosting, error) {
	row, err := s.Store.Client(ctx).LedgerPosting.Query().Where(ledgerposting.KindEQ(kind), ledgerposting.SubjectID(subjectID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

// repeated makes nothing of what was posted before.
func repeated(err error) error {
	if errors.Is(err, ledger.ErrPosted) {
		return nil
	}
	return err
}

// soFar is how much was given or taken back for a subject in all, which the keys of the postings tell. It is read as it is now, because a snapshot from before
// the member's lock may be old.
func (s *Service) soFar(ctx context.Context, kind enum.PostingKind, subjectID int64) (int64, error) {
	rows, err := store.Locked(s.Store, s.Store.Client(ctx).LedgerPosting.Query().Where(ledgerposting.KindEQ(kind), ledgerposting.SubjectID(subjectID))).All(ctx)
	if err != nil {
		return 0, err
	}
	most := int64(0)
	for _, row := range rows {
		total, err := strconv.ParseInt(row.BusinessKey[strings.LastIndexByte(row.BusinessKey, ':')+1:], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("points: posting %s: %w", ids.Encode(ids.LedgerPosting, row.ID), err)
		}
		most = max(most, total)
	}
	return most, nil
}

func earnKey(subjectID int64) string  { return fmt.Sprintf("points-earn:%d", subjectID) }
func spendKey(subjectID int64) string { return fmt.Sprintf("points-spend:%d", subjectID) }

// totalKey is the business key of an act that happens in parts: it ends in the total of the parts so far.
func totalKey(kind enum.PostingKind, subjectID, total int64) string {
	return fmt.Sprintf("%s:%d:%d", strings.ReplaceAll(strings.ToLower(string(kind)), "_", "-"), subjectID, total)
}
