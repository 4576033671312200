// Package ledger is the one double-entry journal (总账) of everything of value: stored value, points, what orgs owe each other, and money that came
// in. A posting is entries that sum to zero for each asset, and what it did to the lots of one member; both are written once and never changed.
//
// A member's accounts are the sums of the member's lots, so the entries on them follow from what happens to the lots: callers name lots and the
// other side. Whoever moves a member's value calls Lock, decides by what the Book says, and calls Book.Post, all in one transaction:
//
//	book, err := books.Lock(ctx, memberID, enum.AssetStoredValue)
//	… choose lots of book.Lots …
//	posted, err := book.Post(ctx, ledger.Posting{Kind: enum.PostSpend, Key: …, Lots: …, Entries: …})
//
// Locks are taken in this order: the member's accounts, the member's lots, and the stripes of the orgs' accounts by number, which Post writes with its
// last statement. A transaction books for one member only. Docs: docs/adr/0022-one-ledger.md.
package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/store"
)

// Stripes is how many rows a busy account of an org is spread over.
const Stripes = 16

// ErrPosted is the refusal of a business key that was posted before: what was to be booked has been.
var ErrPosted = errors.New("ledger: posted before")

// ErrInsufficient is the refusal to take more from a lot or an account than there is. After Lock a caller knows what there is, so it is a caller's fault.
var ErrInsufficient = errors.New("ledger: more was taken than there is")

// Ledger keeps the books of all brands; a context says which.
type Ledger struct {
	store *store.Store
	// rows has the number of each account row that is known to be durable: rows are never deleted, so it only saves looking them up.
	rows sync.Map // of accountRow to int64
	// stripe picks the stripe of a posting.
	stripe func() int
}

// New makes a ledger.
func New(s *store.Store) *Ledger {
	return &Ledger{store: s, stripe: func() int { return rand.IntN(Stripes) }}
}

// Account is one account of the viewer's brand.
type Account struct {
	Kind enum.AccountKind
	// OwnerID is a member, an org, a merchant account or a shift, as the kind says.
	OwnerID int64
}

// accountRow is the row of an account: its only one, or a stripe.
type accountRow struct {
	brandID int64
	Account
	stripe int
}

// Entry is one leg of a posting.
type Entry struct {
	Account
	// Amount is what the account gains, negative what it loses.
	Amount int64
}

// LotChange is what a posting does to one lot of the book.
type LotChange struct {
	Lot *ent.Lot
	// Remaining and Held are by how much what may be spent and what is held change.
	Remaining, Held int64
	// ReversesID is the movement that the change gives back; 0 for none.
	ReversesID int64
	// Until is when what the change holds is given back by itself, kept in the journal; nil where it holds nothing.
	Until *time.Time
}

// Grant is a lot that a posting makes.
type Grant struct {
	Kind enum.LotKind
	// SourceID is the top-up, or for points the row that earned them.
	SourceID                int64
	IssuerOrgID, ScopeOrgID int64
	Funders                 []document.Funder
	Amount                  int64
	AvailableAt, ExpiresAt  *time.Time
}

// Posting is one business act to book.
type Posting struct {
	Kind enum.PostingKind
	// Key names the act, unique in the brand: the kind and the number of its row, as a rule.
	Key string
	// OrgID is where it happened; 0 for no place.
	OrgID int64
	// SubjectID is the row that caused it.
	SubjectID int64
	// ReversesID is the posting that it reverses; 0 for none.
	ReversesID int64
	// At is when it happened in business.
	At time.Time
	// Lots and Grants are what it does to the member's lots; the member's entries follow from them.
	Lots   []LotChange
	Grants []Grant
	// Entries are the other legs: those of orgs, and those of a member's account without lots (a debt of points).
	Entries []Entry
}

// Movement is what a posting did to a lot.
type Movement struct {
	ID  int64
	Lot *ent.Lot
	// Remaining and Held are by how much they changed.
	Remaining, Held int64
}

// Posted is a posting that was written.
type Posted struct {
	ID int64
	// Movements are those of Lots, then those of Grants, in their order.
	Movements []Movement
}

// assetOf is the asset of each kind of account.
var assetOf = map[enum.AccountKind]enum.Asset{
	enum.AccountPrincipal: enum.AssetStoredValue, enum.AccountBonus: enum.AssetStoredValue, enum.AccountPrincipalHeld: enum.AssetStoredValue,
	enum.AccountBonusHeld: enum.AssetStoredValue, enum.AccountPrincipalIssued: enum.AssetStoredValue, enum.AccountBonusIssued: enum.AssetStoredValue,
	enum.AccountValueSpent: enum.AssetStoredValue, enum.AccountBonusExpired: enum.AssetStoredValue,
	enum.AccountPoints: enum.AssetPoints, enum.AccountPointsPending: enum.AssetPoints, enum.AccountPointsHeld: enum.AssetPoints,
	enum.AccountPointsDebt: enum.AssetPoints, enum.AccountPointsIssued: enum.AssetPoints, enum.AccountPointsSpent: enum.AssetPoints,
	enum.AccountPointsExpired: enum.AssetPoints,
	enum.AccountClearing:      enum.AssetClearing,
	enum.AccountMerchant:      enum.AssetMoney, enum.AccountTillCash: enum.AssetMoney, enum.AccountTillCard: enum.AssetMoney, enum.AccountReceived: enum.AssetMoney,
}

// memberAccounts are the accounts that a member has of an asset, in the order in which they are made.
var memberAccounts = map[enum.Asset][]enum.AccountKind{
	enum.AssetStoredValue: {enum.AccountPrincipal, enum.AccountBonus, enum.AccountPrincipalHeld, enum.AccountBonusHeld},
	enum.AssetPoints:      {enum.AccountPoints, enum.AccountPointsPending, enum.AccountPointsHeld, enum.AccountPointsDebt},
}

// remainingIn and heldIn are the accounts that a lot's two amounts are part of.
var (
	remainingIn = map[enum.LotKind]enum.AccountKind{enum.LotPrincipal: enum.AccountPrincipal, enum.LotBonus: enum.AccountBonus,
		enum.LotPoints: enum.AccountPoints, enum.LotPointsPending: enum.AccountPointsPending}
	heldIn = map[enum.LotKind]enum.AccountKind{enum.LotPrincipal: enum.AccountPrincipalHeld, enum.LotBonus: enum.AccountBonusHeld,
		enum.LotPoints: enum.AccountPointsHeld}
)

// striped says whether the account is busy enough for stripes: those of orgs and merchant accounts are, a shift's and a member's are not.
func (a Account) striped() bool {
	return !a.ofMember() && a.Kind != enum.AccountTillCash && a.Kind != enum.AccountTillCard
}

func (a Account) ofMember() bool {
	for _, kinds := range memberAccounts {
		for _, kind := range kinds {
			if kind == a.Kind {
				return true
			}
		}
	}
	return false
}

// legs sums the entries of a posting by account row and proves that they sum to zero for each asset. Legs that sum to nothing are left out.
func legs(p Posting, derived []Entry) ([]Entry, error) {
	sums, order := map[Account]int64{}, []Account{}
	totals := map[enum.Asset]int64{}
	for _, e := range append(derived, p.Entries...) {
		asset, ok := assetOf[e.Kind]
		if !ok || e.OwnerID == 0 {
			return nil, fmt.Errorf("ledger: %s has an entry on no account (%s of %d)", p.Key, e.Kind, e.OwnerID)
		}
		sum, fits := add(sums[e.Account], e.Amount)
		total, totalFits := add(totals[asset], e.Amount)
		if !fits || !totalFits {
			return nil, fmt.Errorf("ledger: %s overflows", p.Key)
		}
		if _, seen := sums[e.Account]; !seen {
			order = append(order, e.Account)
		}
		sums[e.Account], totals[asset] = sum, total
	}
	for asset, total := range totals {
		if total != 0 {
			return nil, fmt.Errorf("ledger: %s does not balance: %s by %d", p.Key, asset, total)
		}
	}
	list := make([]Entry, 0, len(order))
	for _, account := range order {
		if sums[account] != 0 {
			list = append(list, Entry{account, sums[account]})
		}
	}
	if len(list) < 2 {
		return nil, fmt.Errorf("ledger: %s moves nothing", p.Key)
	}
	return list, nil
}

// add is a + b, and whether it fits.
func add(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0) || b == 0
}
