package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/lot"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// Book is one member's accounts and open lots of one asset, locked until the transaction ends.
type Book struct {
	ledger   *Ledger
	brandID  int64
	MemberID int64
	// Lots are those of which something may be spent or is held, soonest expiring first (never last), then oldest first. Expired ones that were not
	// written off yet are among them.
	Lots []*ent.Lot

	accounts map[enum.AccountKind]*ent.LedgerAccount
}

// Lock locks the member's accounts of an asset and the open lots, inside the caller's transaction, and reads them as they are. The accounts are made where the
// member has none yet. Lots that are not open and are given something back are added by Book.Reopen.
func (l *Ledger) Lock(ctx context.Context, memberID int64, asset enum.Asset) (*Book, error) {
	ctx = auth.WithinBrand(ctx)
	b := &Book{ledger: l, brandID: auth.FromContext(ctx).BrandID, MemberID: memberID}
	if err := b.read(ctx, asset); err != nil {
		return nil, err
	}
	for _, kind := range memberAccounts[asset] {
		if b.accounts[kind] != nil {
			continue
		}
		_, err := l.insert(ctx, accountRow{b.brandID, Account{kind, memberID}, 0})
		if err != nil && !store.IsAnyDuplicate(err) {
			return nil, err
		}
	}
	if len(b.accounts) < len(memberAccounts[asset]) {
		if err := b.read(ctx, asset); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// lockSQL reads a member's accounts of an asset, of which there are four, each with the open lots that are part of it: a lot's kind is named as the account of what may
// be spent of it.
const lockSQL = "SELECT a.id, a.kind, a.balance, l.id, l.created_at, l.source_id, l.issuer_org_id, l.scope_org_id, l.funders, l.amount, l.remaining, l.held," +
	" l.available_at, l.expires_at, l.expired_at FROM ledger_accounts a LEFT JOIN lots l ON l.brand_id = a.brand_id AND l.member_id = a.owner_id AND l.kind = a.kind" +
	" AND (l.remaining > 0 OR l.held > 0) WHERE a.brand_id = ? AND a.kind IN (?, ?, ?, ?) AND a.owner_id = ? ORDER BY a.id, l.id"

// read reads and locks the accounts and the open lots with one statement.
func (b *Book) read(ctx context.Context, asset enum.Asset) error {
	kinds := memberAccounts[asset]
	rows, err := b.ledger.store.Client(ctx).QueryContext(ctx, lockSQL+b.ledger.store.ForUpdate(), b.brandID, kinds[0], kinds[1], kinds[2], kinds[3], b.MemberID)
	if err != nil {
		return err
	}
	defer rows.Close()
	b.accounts, b.Lots = make(map[enum.AccountKind]*ent.LedgerAccount, len(kinds)), nil
	for rows.Next() {
		account := &ent.LedgerAccount{BrandID: b.brandID, Asset: asset, OwnerID: b.MemberID}
		var id, source, issuer, scope, amount, remaining, held sql.Null[int64]
		var created, available, expires, expired sql.Null[time.Time]
		var funders []byte
		if err := rows.Scan(&account.ID, &account.Kind, &account.Balance, &id, &created, &source, &issuer, &scope, &funders, &amount, &remaining, &held,
			&available, &expires, &expired); err != nil {
			return err
		}
		b.accounts[account.Kind] = account
		if !id.Valid {
			continue
		}
		row := &ent.Lot{ID: id.V, BrandID: b.brandID, CreatedAt: created.V, MemberID: b.MemberID, Kind: enum.LotKind(account.Kind), SourceID: source.V, IssuerOrgID: issuer.V,
			ScopeOrgID: scope.V, Amount: amount.V, Remaining: remaining.V, Held: held.V, AvailableAt: orNil(available), ExpiresAt: orNil(expires), ExpiredAt: orNil(expired)}
		if len(funders) > 0 {
			if err := json.Unmarshal(funders, &row.Funders); err != nil {
				return fmt.Errorf("ledger: funders of lot %d: %w", row.ID, err)
			}
		}
		b.Lots = append(b.Lots, row)
	}
	slices.SortFunc(b.Lots, func(x, y *ent.Lot) int { return cmp.Or(byExpiry(x.ExpiresAt, y.ExpiresAt), cmp.Compare(x.ID, y.ID)) })
	return rows.Err()
}

// byExpiry orders times, none last.
func byExpiry(x, y *time.Time) int {
	switch {
	case x != nil && y != nil:
		return x.Compare(*y)
	case x != nil:
		return -1
	case y != nil:
		return 1
	}
	return 0
}

func orNil(t sql.Null[time.Time]) *time.Time {
	if !t.Valid {
		return nil
	}
	return &t.V
}

// Balance is what the account had when the book was locked.
func (b *Book) Balance(kind enum.AccountKind) int64 {
	if row := b.accounts[kind]; row != nil {
		return row.Balance
	}
	return 0
}

// Reopen reads lots of the member that may not be open any more and keeps them in the book, so that they can be given something back.
func (b *Book) Reopen(ctx context.Context, lotIDs ...int64) (map[int64]*ent.Lot, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := store.Locked(b.ledger.store, b.ledger.store.Client(ctx).Lot.Query().Where(lot.IDIn(lotIDs...), lot.MemberID(b.MemberID)).Order(lot.ByID())).All(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[int64]*ent.Lot, len(rows))
	for _, row := range b.Lots {
		known[row.ID] = row
	}
	found := make(map[int64]*ent.Lot, len(rows))
	for _, row := range rows {
		if known[row.ID] == nil {
			b.Lots = append(b.Lots, row)
			known[row.ID] = row
		}
		found[row.ID] = known[row.ID]
	}
	for _, id := range lotIDs {
		if found[id] == nil {
			return nil, fmt.Errorf("ledger: lot %d is not the member's", id)
		}
	}
	return found, nil
}

// row finds the number of an account row, making it where there is none.
func (l *Ledger) row(ctx context.Context, r accountRow) (int64, error) {
	if id, ok := l.rows.Load(r); ok {
		return id.(int64), nil
	}
	query := l.store.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.KindEQ(r.Kind), ledgeraccount.OwnerID(r.OwnerID), ledgeraccount.Stripe(r.stripe))
	id, err := query.Clone().OnlyID(ctx)
	if ent.IsNotFound(err) {
		if id, err = l.insert(ctx, r); store.IsAnyDuplicate(err) {
			// Another transaction made it after this one's snapshot was taken: only a locking read sees it.
			id, err = store.Locked(l.store, query).OnlyID(ctx)
		}
	}
	if err == nil {
		store.AfterCommit(ctx, func() { l.rows.Store(r, id) })
	}
	return id, err
}

func (l *Ledger) insert(ctx context.Context, r accountRow) (int64, error) {
	id := ids.Next()
	return id, l.store.Client(ctx).LedgerAccount.Create().SetID(id).SetAsset(assetOf[r.Kind]).SetKind(r.Kind).SetOwnerID(r.OwnerID).SetStripe(r.stripe).Exec(ctx)
}
