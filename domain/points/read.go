package points

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/ledgerentry"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lot"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// maxLots is how many lots an account shows.
const maxLots = 100

// Account is what a member has of points.
type Account struct {
	MemberID int64
	// Balance may be spent, Pending may be later, and Debt is paid by the next points to come; none is negative.
	Balance, Pending, Debt int64
	// Lots are the open ones, soonest expiring first, pending ones by when they become spendable; at most 100.
	Lots []*ent.Lot
}

// Of reads a member's points for the member itself, and for staff with LOOK_UP_MEMBERS in whose scope it is; nil for others.
func (s *Service) Of(ctx context.Context, m *ent.Member) (*Account, error) {
	if auth.FromContext(ctx).MemberID != m.ID {
		if _, err := s.Members.InScope(ctx, auth.LookUpMembers, m.ID); err != nil {
			if apperr.CodeOf(err) == apperr.NotFound {
				err = nil
			}
			return nil, err
		}
	}
	return s.Account(ctx, m.ID)
}

// Account reads a member's points as they are now: what has expired is left out, though it may not be written off yet. The caller has the member.
func (s *Service) Account(ctx context.Context, memberID int64) (*Account, error) {
	ctx = within(ctx)
	client, now := s.Store.Client(ctx), s.Clock.Now()
	a := &Account{MemberID: memberID}
	var sums []struct {
		Kind  enum.LotKind `json:"kind"`
		Total int64        `json:"total"`
	}
	open := []func(*sql.Selector){lot.MemberID(memberID), lot.RemainingGT(0), lot.Or(lot.KindEQ(enum.LotPointsPending),
		lot.And(lot.KindEQ(enum.LotPoints), lot.Or(lot.ExpiresAtIsNil(), lot.ExpiresAtGT(now))))}
	query := client.Lot.Query()
	for _, narrow := range open {
		query.Where(narrow)
	}
	if err := query.Clone().GroupBy(lot.FieldKind).Aggregate(ent.As(ent.Sum(lot.FieldRemaining), "total")).Scan(ctx, &sums); err != nil {
		return nil, err
	}
	for _, sum := range sums {
		if sum.Kind == enum.LotPoints {
			a.Balance = sum.Total
		} else {
			a.Pending = sum.Total
		}
	}
	debt, err := client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountPointsDebt), ledgeraccount.OwnerID(memberID)).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range debt {
		a.Debt -= row.Balance
	}
	a.Lots, err = query.Order(func(q *sql.Selector) { q.OrderExpr(sql.Expr(q.C(lot.FieldExpiresAt) + " IS NULL")) }, lot.ByExpiresAt(), lot.ByID()).Limit(maxLots).All(ctx)
	return a, err
}

// Entry is what one act did to a member's points.
type Entry struct {
	Posting *ent.LedgerPosting
	// Points, Pending and Debt are by how much they changed; Balance is what could be spent after it, where that changed.
	Points, Pending, Debt int64
	Balance               *int64
}

// Kind is what happened.
func (e *Entry) Kind() enum.PostingKind { return e.Posting.Kind }

// At is when it happened.
func (e *Entry) At() time.Time { return e.Posting.OccurredAt }

// kinds are the acts that a member's points have.
var kinds = []enum.PostingKind{enum.PostPointsEarn, enum.PostPointsMature, enum.PostPointsSpend, enum.PostPointsReturn, enum.PostPointsClawBack, enum.PostPointsExpiry,
	enum.PostPointsAdjust, enum.PostPointsDebt}

// Entries lists what happened to a member's points, newest first. The caller has the member. PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Entries(ctx context.Context, memberID int64, first *int, after *string) (*listing.Page[*Entry], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	ctx = within(ctx)
	client := s.Store.Client(ctx)
	query := client.LedgerPosting.Query().Where(ledgerposting.MemberID(memberID), ledgerposting.KindIn(kinds...))
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "points", memberID)
	var id int64
	if found, err := list.After(after, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(ledgerposting.IDLT(id))
	}
	postings, err := query.Order(ledgerposting.ByID(sql.OrderDesc())).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := client.LedgerAccount.Query().Where(ledgeraccount.OwnerID(memberID), ledgeraccount.AssetEQ(enum.AssetPoints),
		ledgeraccount.KindIn(enum.AccountPoints, enum.AccountPointsPending, enum.AccountPointsDebt)).All(ctx)
	if err != nil {
		return nil, err
	}
	kindOf := make(map[int64]enum.AccountKind, len(accounts))
	numbers := make([]int64, len(accounts))
	for i, row := range accounts {
		kindOf[row.ID], numbers[i] = row.Kind, row.ID
	}
	entries, of := make([]*Entry, len(postings)), make(map[int64]*Entry, len(postings))
	ids := make([]int64, len(postings))
	for i, p := range postings {
		entries[i] = &Entry{Posting: p}
		of[p.ID], ids[i] = entries[i], p.ID
	}
	legs, err := client.LedgerEntry.Query().Where(ledgerentry.PostingIDIn(ids...), ledgerentry.AccountIDIn(numbers...)).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, leg := range legs {
		switch e := of[leg.PostingID]; kindOf[leg.AccountID] {
		case enum.AccountPoints:
			e.Points, e.Balance = leg.Amount, leg.BalanceAfter
		case enum.AccountPointsPending:
			e.Pending = leg.Amount
		case enum.AccountPointsDebt:
			e.Debt = -leg.Amount
		}
	}
	return listing.Cut(list, entries, n, func(e *Entry) []any { return []any{e.Posting.ID} })
}
