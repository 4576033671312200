// Package points keeps members' points (积分): earned pending, spendable after a while, spent oldest first, expired, and taken back, with a debt where
// there are not enough. They live in the ledger's lots; this package says which lots change.
//
// Each act locks the member's row, then the member's accounts and lots of points, and first brings them up to now: what is due becomes spendable, pays
// a debt and expires. So no answer depends on when the sweep runs. Callers hold their own row (the order) before.
//
// What is earned for an order is pending until some days after its receipt. Points of a lot that were spent come back to that very lot. A debt exists only
// while nothing is spendable: the next points to come pay it.
package points

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	entmember "dongxiao/ent/member"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/store"
)

// Options of New.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Ledger  *ledger.Ledger
	Orgs    *org.Service
	Roots   *org.Roots
	Members *member.Service
	Events  *memberevent.Log
	// Cursors is asked for the codec of cursors anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
}

// Service keeps points.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// account is a member's points, locked and brought up to now.
type account struct {
	*ledger.Book
	member *ent.Member
	root   int64
}

// open locks a member's points inside the caller's transaction and brings them up to now. NOT_FOUND.
func (s *Service) open(ctx context.Context, memberID int64) (*account, error) {
	m, err := store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(entmember.ID(memberID))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, err
	}
	root, err := s.Roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	book, err := s.Ledger.Lock(ctx, memberID, enum.AssetPoints)
	if err != nil {
		return nil, err
	}
	a := &account{book, m, root}
	return a, s.settle(ctx, a)
}

// spendable are the lots that may be spent, soonest expiring first.
func (a *account) spendable() []*ent.Lot {
	var list []*ent.Lot
	for _, l := range a.Lots {
		if l.Kind == enum.LotPoints && l.Remaining > 0 {
			list = append(list, l)
		}
	}
	return list
}

// of is the other side of a posting, an account of the brand's org.
func (a *account) of(kind enum.AccountKind, amount int64) ledger.Entry {
	return ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: a.root}, Amount: amount}
}

// debt is a leg on the member's own debt.
func (a *account) debt(amount int64) ledger.Entry {
	return ledger.Entry{Account: ledger.Account{Kind: enum.AccountPointsDebt, OwnerID: a.MemberID}, Amount: amount}
}

// take plans to take n from lots in their order, and tells what they do not have.
func take(lots []*ent.Lot, n int64) (changes []ledger.LotChange, short int64) {
	for _, l := range lots {
		if n == 0 {
			break
		}
		part := min(n, l.Remaining)
		if part == 0 {
			continue
		}
		changes = append(changes, ledger.LotChange{Lot: l, Remaining: -part})
		n -= part
	}
	return changes, n
}

func within(ctx context.Context) context.Context { return auth.WithinBrand(ctx) }
