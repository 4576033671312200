// Package valuekit gives members stored value in tests of what does not sell it: with the tier, the shift, the money and the books of a top-up at a till, all of
// which the proof of the books looks for.
package valuekit

import (
	"context"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/wallet"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// TopUp is what a member pays in cash and gets.
type TopUp struct {
	MemberID int64
	// StoreID issues it, and ScopeOrgID is where it may be spent.
	StoreID, ScopeOrgID int64
	// Principal is what is paid, in fen, above 0; Bonus comes on top.
	Principal, Bonus int64
	// BonusExpiresAt is after At; nil for never.
	BonusExpiresAt *time.Time
	// Funders bear the bonus; the store alone where empty.
	Funders []document.Funder
	At      time.Time
}

// Give sells the top-up at the till of the store, with a tier, a clerk and a shift of its own, in one transaction of the brand's system context. It looks at no
// cap and no limit.
func Give(ctx context.Context, s *store.Store, books *ledger.Ledger, t TopUp) (row *ent.TopUp, err error) {
	err = s.WithTx(ctx, func(ctx context.Context) error {
		row, err = give(ctx, s, books, t)
		return err
	})
	return row, err
}

func give(ctx context.Context, s *store.Store, books *ledger.Ledger, t TopUp) (*ent.TopUp, error) {
	client := s.Client(ctx)
	walletID, err := moveWallet(ctx, client, t)
	if err != nil {
		return nil, err
	}
	person := ids.Next()
	if err := client.Person.Create().SetID(person).SetLimitSubject(person).Exec(ctx); err != nil {
		return nil, err
	}
	clerk, err := client.Staff.Create().SetOrgID(t.StoreID).SetRole(auth.Clerk).SetPersonID(person).SetName("店员").SetState(enum.StaffActive).Save(ctx)
	if err != nil {
		return nil, err
	}
	shift, err := client.TillShift.Create().SetStoreID(t.StoreID).SetStaffID(clerk.ID).SetOpenStaffID(clerk.ID).SetFloatFen(0).Save(ctx)
	if err != nil {
		return nil, err
	}
	terms := document.TopUpTerms{BonusFen: money.Fen(t.Bonus), Funders: t.Funders, ScopeOrgID: t.ScopeOrgID, Refund: document.TopUpRefundTerm{UnusedDays: 7}}
	tier, err := client.TopUpTier.Create().SetOrgID(t.StoreID).SetName("充值").SetState(enum.TierEnded).SetPayFen(t.Principal).SetTerms(terms).SetStartsAt(t.At).
		SetEndsAt(t.At.Add(time.Hour)).Save(ctx)
	if err != nil {
		return nil, err
	}
	row, err := client.TopUp.Create().SetCreatedAt(t.At).SetWalletID(walletID).SetMemberID(t.MemberID).SetOrgID(t.StoreID).SetTierID(tier.ID).
		SetTender(enum.TenderCash).SetState(enum.TopUpPaid).SetPayFen(t.Principal).SetBonusFen(t.Bonus).SetTerms(terms).SetStaffID(clerk.ID).SetShiftID(shift.ID).
		SetPaidAt(t.At).SetNillableBonusExpiresAt(t.BonusExpiresAt).Save(ctx)
	if err != nil {
		return nil, err
	}
	if err := book(ctx, books, t, row.ID); err != nil {
		return nil, err
	}
	_, err = books.Post(ctx, ledger.Posting{Kind: enum.PostTillReceipt, Key: fmt.Sprintf("TILL_RECEIPT:%d", row.ID), OrgID: t.StoreID, SubjectID: row.ID, At: t.At,
		Entries: []ledger.Entry{leg(enum.AccountTillCash, shift.ID, t.Principal), leg(enum.AccountReceived, t.StoreID, -t.Principal)}})
	return row, err
}

// moveWallet adds the value to the member's wallet, which it makes where there is none.
func moveWallet(ctx context.Context, client *ent.Client, t TopUp) (int64, error) {
	id, err := client.Wallet.Query().Where(wallet.MemberID(t.MemberID)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		id = ids.Next()
		err = client.Wallet.Create().SetID(id).SetMemberID(t.MemberID).Exec(ctx)
	}
	if err != nil {
		return 0, err
	}
	return id, client.Wallet.Update().Where(wallet.ID(id)).AddBalanceFen(t.Principal + t.Bonus).Exec(ctx)
}

// book makes the lots of the top-up.
func book(ctx context.Context, books *ledger.Ledger, t TopUp, id int64) error {
	locked, err := books.Lock(ctx, t.MemberID, enum.AssetStoredValue)
	if err != nil {
		return err
	}
	grant := ledger.Grant{Kind: enum.LotPrincipal, SourceID: id, IssuerOrgID: t.StoreID, ScopeOrgID: t.ScopeOrgID, Amount: t.Principal}
	p := ledger.Posting{Kind: enum.PostTopUp, Key: fmt.Sprintf("TOP_UP:%d", id), OrgID: t.StoreID, SubjectID: id, At: t.At, Grants: []ledger.Grant{grant},
		Entries: []ledger.Entry{leg(enum.AccountPrincipalIssued, t.StoreID, -t.Principal)}}
	if t.Bonus > 0 {
		grant.Kind, grant.Amount, grant.Funders, grant.ExpiresAt = enum.LotBonus, t.Bonus, t.Funders, t.BonusExpiresAt
		p.Grants = append(p.Grants, grant)
		p.Entries = append(p.Entries, leg(enum.AccountBonusIssued, t.StoreID, -t.Bonus))
	}
	_, err = locked.Post(ctx, p)
	return err
}

func leg(kind enum.AccountKind, owner, amount int64) ledger.Entry {
	return ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: owner}, Amount: amount}
}
