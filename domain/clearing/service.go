// Package clearing keeps what orgs owe each other (清分) for stored value that was spent away from who must bear it, and for coupons that were used away from
// who funds them: lines as it happens and as it is taken back, and a statement for each pair of orgs and month, which both sides confirm. Money is never
// collected by the brand; a statement says what two orgs settle.
//
// A spend writes its lines in its own transaction:
//
//	debts, err := clearings.Debts(ctx, orgID, fee, takes)
//	posted, err := book.Post(ctx, ledger.Posting{…, Entries: append(entries, clearing.Entries(debts)...)})
//	err = clearings.Write(ctx, posted, paymentID, at, debts)
//
// and a refund the same with Reversals in place of Debts. The use of a coupon is booked by CouponUsed and taken back by CouponReturned. In the order of
// locks these lie behind the member's and the stripes: a statement's row, then its lines. Docs: docs/adr/0027-clearing-statements.md.
package clearing

import (
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/store"
)

// Options of New.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	Orgs  *org.Service
	// Ledger books what coupons make orgs owe; stored value is booked by who spends it.
	Ledger *ledger.Ledger
	// Cursors is asked for the codec of cursors anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
	Links   *download.Links
}

// Service keeps lines and statements.
type Service struct{ Options }

// New makes the service.
func New(o Options) *Service { return &Service{o} }
