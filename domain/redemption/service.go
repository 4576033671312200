package redemption

import (
	"cmp"
	"context"
	"slices"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/membercode"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// MaxPurchase is the largest purchase that a clerk may type, in fen.
const MaxPurchase money.Fen = 100_000_000

// Redeemable is a kind of benefit that is handed out at stores. Each domain that has one implements it, and app registers it. The methods run
// within the brand; the caller has verified that the viewer may redeem at the store and that the member is there.
type Redeemable interface {
	// Preview weighs what the member has and has not used up for what is bought at the store now, best first, at most 50. It changes nothing.
	Preview(ctx context.Context, memberID int64, store *org.Place, basket Basket) ([]*Option, error)
	// Use uses one up inside the transaction of ctx, by a conditional write, and answers what was used and what it takes off the purchase. It refuses with NOT_FOUND
	// where the member has no such thing, and with the codes of its own rules.
	Use(ctx context.Context, subjectID, memberID int64, store *org.Place, basket Basket) (*Option, error)
	// Return undoes Use inside the transaction of ctx, which holds the member's row; CONFLICT where it is not used. Where the member has left, nothing that
	// could be used comes back.
	Return(ctx context.Context, subjectID int64, left bool) error
}

// Service hands out benefits.
//
// Confirm locks in this order: idempotency key, member row, the code's nonce, the benefit, the redemption row, the stripes of the books. Reverse locks the
// member row, the redemption row, the benefit, the clearing lines, the stripes. Both hold the member row before they touch what is the member's, so neither waits for the other behind it.
type Service struct {
	Options
}

// Options of New; all are needed.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	Orgs    *org.Service
	Events  *memberevent.Log
	// Clearing books what the funders of a benefit owe the store.
	Clearing *clearing.Service
	// Cursors is asked for anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
	// Coupons are what is redeemed as enum.RedeemCoupon.
	Coupons Redeemable
}

// New makes the service.
func New(o Options) *Service { return &Service{o} }

// verify reads a rotating code of the viewer's brand; MEMBER_CODE_INVALID or MEMBER_CODE_EXPIRED.
func (s *Service) verify(ctx context.Context, digits string) (memberNumber int64, nonceKey string, err error) {
	codec, err := membercode.New(s.Keyring.Ring().Secrets(keys.MemberCode, auth.FromContext(ctx).BrandID))
	if err != nil {
		return 0, "", err
	}
	number, key, err := codec.Verify(digits, membercode.Redeem, s.Clock.Now())
	if err != nil {
		err = at(err, "input", "memberCode")
	}
	return number, key, err
}

// active gives the member whom a code named, or why nothing is redeemed for it.
func active(m *ent.Member, err error) (*ent.Member, error) {
	switch {
	case ent.IsNotFound(err):
		return nil, apperr.New(apperr.MemberCodeInvalid).At("input", "memberCode")
	case err != nil:
		return nil, err
	case m.State == enum.MemberFrozen:
		return nil, apperr.New(apperr.MemberFrozen)
	case m.State == enum.MemberCancelled:
		return nil, apperr.New(apperr.MemberCancelled)
	}
	return m, nil
}

// counter gives the store and the staff row by which the viewer redeems there: the row at the store itself before those above it. NOT_FOUND
// where there is none, also for staff who left since the token was made; STORE_CLOSED.
func (s *Service) counter(ctx context.Context, storeID int64) (*org.Place, *ent.Staff, error) {
	shop, clerk, err := s.staffAt(ctx, auth.RedeemCoupons, storeID)
	if err != nil {
		return nil, nil, at(err, "input", "storeId")
	}
	if shop.State != enum.OrgActive {
		return nil, nil, apperr.New(apperr.StoreClosed).At("input", "storeId")
	}
	return shop, clerk, nil
}

// staffAt gives the store and the viewer's active staff row that gives the capability there; NOT_FOUND where the viewer has none by the token or by the rows.
func (s *Service) staffAt(ctx context.Context, c auth.Capability, storeID int64) (*org.Place, *ent.Staff, error) {
	shop, err := s.Orgs.Place(ctx, storeID)
	if err != nil {
		return nil, nil, err
	}
	if err := shop.Require(ctx, c); err != nil {
		return nil, nil, err
	}
	v := auth.FromContext(ctx)
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(v.PersonID), staff.StateEQ(enum.StaffActive),
		staff.OrgIDIn(v.OrgsWith(c)...)).All(ctx)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(rows, func(a, b *ent.Staff) int {
		return cmp.Or(cmp.Compare(distance(a, storeID), distance(b, storeID)), cmp.Compare(a.ID, b.ID))
	})
	for _, row := range rows {
		if !row.Role.Can(c) {
			continue
		}
		covers, err := shop.Covers(ctx, []int64{row.OrgID}, c.AtServedStores())
		if err != nil {
			return nil, nil, err
		}
		if covers {
			return shop, row, nil
		}
	}
	return nil, nil, apperr.New(apperr.NotFound)
}

func distance(row *ent.Staff, storeID int64) int {
	if row.OrgID == storeID {
		return 0
	}
	return 1
}

func checkPurchase(purchase money.Fen) error {
	if purchase < 0 || purchase > MaxPurchase {
		return apperr.New(apperr.InvalidInput, "field", "purchase", "reason", "0–"+MaxPurchase.Yuan()).At("input", "purchase")
	}
	return nil
}

// at names the input field of a refusal that names none.
func at(err error, field ...string) error {
	if refusal, ok := err.(*apperr.Error); ok && len(refusal.Field) == 0 {
		return refusal.At(field...)
	}
	return err
}
