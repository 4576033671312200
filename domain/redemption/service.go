package redemption

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
	"dongxiao/internal/money"
	"dongxiao/internal/pubsub"
	"dongxiao/internal/store"
)

// Redeemable is a kind of benefit that is handed out at stores. Each domain that has one implements it, and app registers it under its kind. The methods run
// within the brand; the caller has verified that the viewer may redeem at the store and that the member is there.
type Redeemable interface {
	// Subject is the kind of id that names one.
	Subject() ids.Kind
	// Preview weighs what the member has and has not used up for what is bought at the store now, best first, at most 50, and the best of them together. With only it
	// looks at that one. It changes nothing.
	Preview(ctx context.Context, memberID int64, only *int64, at *org.Place, basket Basket) (options, best []*Option, err error)
	// Use uses some up together inside the transaction of ctx, by a conditional write, and answers what each takes off, in their order. Where one cannot be, it says so
	// in its option and nothing is used: NOT_FOUND where the member has no such thing, and the codes of its own rules.
	Use(ctx context.Context, subjectIDs []int64, memberID int64, at *org.Place, basket Basket) ([]*Option, error)
	// Reward gives the member what the redemption of one earns, at the end of the transaction of ctx. What cannot be given is no error.
	Reward(ctx context.Context, used *Option, redemptionID int64, at *org.Place) ([]Activation, error)
	// Rewards are what redemptions gave and, by what is noted of them, could not give, by redemption.
	Rewards(ctx context.Context, redemptions []*ent.Redemption) (map[int64][]Activation, error)
	// Return undoes Use and takes back what Reward gave and was not used, telling the member, inside the transaction of ctx, which holds the member's row; CONFLICT where
	// it is not used. Where the member has left, nothing that could be used comes back.
	Return(ctx context.Context, r *ent.Redemption, left bool) error
}

// StoredValue is paid with at the same counter, by pay code. The wallet implements it by its own rules, rights and keys.
type StoredValue interface {
	// OfferPayCode says what may be taken for a pay code at a store; it changes nothing.
	OfferPayCode(ctx context.Context, payCode string, storeID int64) (*Value, error)
	// ChargePayCode takes an amount, or holds it until the member confirms.
	ChargePayCode(ctx context.Context, payCode string, storeID int64, amount money.Fen, key string) (*ent.WalletPayment, error)
	// TakenAt is what was taken at a store in [from, until), less what was given back since.
	TakenAt(ctx context.Context, storeID int64, from, until time.Time) ([]Taken, error)
}

// Shifts says in which shift staff stands at the till of a store now; nil for none.
type Shifts interface {
	ShiftOf(ctx context.Context, staffID, storeID int64) (*int64, error)
}

// Service hands out benefits.
//
// Confirm locks in this order: idempotency key, member row, the code's nonce, the benefits (sorted), the redemption rows, the templates of rewards, the stripes of
// the books. Reverse locks the member row, the redemption row, the benefits, the clearing lines, the stripes. Review locks the redemption row alone. The first two hold the member row before they touch what is
// the member's, so neither waits for the other behind it. A reward's template comes after the member, against the order of whoever issues coupons: where
// the same member claims of that very template at that moment, one of the two transactions runs again.
type Service struct {
	Options
	limiter    *redis_rate.Limiter
	followPoll time.Duration
}

// Options of New; all are needed.
type Options struct {
	Store   *store.Store
	Clock   clock.Clock
	Keyring *keyring.Keyring
	// Redis counts typed codes.
	Redis   redis.UniversalClient
	Orgs    *org.Service
	Events  *memberevent.Log
	Catalog *catalog.Service
	// Broker tells those who follow a store; nil for commands, which nobody follows.
	Broker *pubsub.Broker
	// Clearing books what the funders of a benefit owe the store.
	Clearing *clearing.Service
	// Cursors is asked for anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
	// Kinds are what is redeemed.
	Kinds       map[enum.RedemptionKind]Redeemable
	StoredValue StoredValue
	// Links make the addresses of exports.
	Links  *download.Links
	Shifts Shifts
}

// New makes the service.
func New(o Options) *Service { return &Service{o, redis_rate.NewLimiter(o.Redis), followPoll} }

func limitKey(brandID int64, name string, of any) string {
	return fmt.Sprintf("typed-coupon:%d:%s:%v", brandID, name, of)
}

// kindOf finds the kind that is named by such ids.
func (s *Service) kindOf(subject ids.Kind) (enum.RedemptionKind, Redeemable, bool) {
	for kind, redeemable := range s.Kinds {
		if redeemable.Subject() == subject {
			return kind, redeemable, true
		}
	}
	return "", nil, false
}

// counter gives the store and the staff row by which the viewer redeems there: the row at the store itself before those above it. NOT_FOUND
// where there is none, also for staff who left since the token was made; STORE_CLOSED.
func (s *Service) counter(ctx context.Context, storeID int64) (*org.Place, *ent.Staff, error) {
	shop, clerk, err := s.staffAt(ctx, auth.RedeemCoupons, storeID)
	if err != nil {
		return nil, nil, apperr.OfInput(err, "storeId")
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
