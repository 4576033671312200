// Package topup sells stored value (储值充值): the tiers that orgs issue, top-ups by WeChat Pay and at the till, the shifts of tills, refunds of top-ups, what
// invoices need, and what is held in custody for members.
//
// A top-up's row decides: PENDING → PAID → REFUNDED, or PENDING → CLOSED. The value is made, withdrawn and given back by postings in the same transaction
// as the row that says so; money goes and comes through domain/payment or through the till's accounts.
//
// Locks are taken in this order: idempotency key, payment row (which domain/payment holds when it calls), top-up, refund, shift, wallet, the member's
// accounts and lots, the stripes of the ledger (value before money), limit counters, org row, member row.
package topup

import (
	"cmp"
	"context"
	"log/slog"
	"slices"

	"dongxiao/auth"
	"dongxiao/domain/coupon"
	"dongxiao/domain/ledger"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/payment"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	entorg "dongxiao/ent/org"
	"dongxiao/ent/staff"
	"dongxiao/ent/topup"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
)

// Options of New; all are needed.
type Options struct {
	Store    *store.Store
	Clock    clock.Clock
	Keyring  *keyring.Keyring
	Orgs     *org.Service
	Ledger   *ledger.Ledger
	Wallets  *wallet.Service
	Payments *payment.Service
	Coupons  *coupon.Service
	Events   *memberevent.Log
	// Cursors is asked for anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
	Links   *download.Links
	Log     *slog.Logger
}

// Service sells stored value and gives its price back.
type Service struct{ Options }

// New makes the service. It is what payments of the purpose TOP_UP pay for, so whoever makes it registers it there.
func New(o Options) *Service { return &Service{o} }

// lockTopUp reads a top-up and keeps it as it is until the commit; NOT_FOUND.
func (s *Service) lockTopUp(ctx context.Context, id int64) (*ent.TopUp, error) {
	row, err := store.Locked(s.Store, s.Store.Client(ctx).TopUp.Query().Where(topup.ID(id))).Only(ctx)
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	return row, err
}

// keepOpen keeps the org as it is until the commit, or refuses with STORE_CLOSED: what closes an org looks for value that it issued behind the same lock.
func (s *Service) keepOpen(ctx context.Context, orgID int64) error {
	n, err := s.Store.Client(ctx).Org.Update().Where(entorg.ID(orgID), entorg.StateEQ(enum.OrgActive)).SetState(enum.OrgActive).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.StoreClosed)
	}
	return err
}

// actor is the viewer's active staff row that gives the capability at the org: the row at the org itself before those above it. NOT_FOUND where there is none,
// also for staff who left since the token was made.
func (s *Service) actor(ctx context.Context, c auth.Capability, orgID int64) (*ent.Staff, error) {
	v := auth.FromContext(ctx)
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(v.PersonID), staff.StateEQ(enum.StaffActive), staff.OrgIDIn(v.OrgsWith(c)...)).All(ctx)
	if err != nil {
		return nil, err
	}
	elsewhere := func(row *ent.Staff) int {
		if row.OrgID == orgID {
			return 0
		}
		return 1
	}
	slices.SortFunc(rows, func(a, b *ent.Staff) int {
		return cmp.Or(cmp.Compare(elsewhere(a), elsewhere(b)), cmp.Compare(a.ID, b.ID))
	})
	for _, row := range rows {
		if !row.Role.Can(c) {
			continue
		}
		if covers, err := s.Orgs.Covers(ctx, []int64{row.OrgID}, orgID); err != nil {
			return nil, err
		} else if covers {
			return row, nil
		}
	}
	return nil, apperr.New(apperr.NotFound)
}

// maxReason is the longest reason, in characters.
const maxReason = 255
