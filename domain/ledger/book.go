package ledger

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

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

// Lock locks the member's accounts of an asset and reads the open lots, inside the caller's transaction. The accounts are made where the member has
// none yet. Lots that are not open and are given something back are added by Book.Reopen.
func (l *Ledger) Lock(ctx context.Context, memberID int64, asset enum.Asset) (*Book, error) {
	ctx = auth.WithinBrand(ctx)
	b := &Book{ledger: l, brandID: auth.FromContext(ctx).BrandID, MemberID: memberID}
	if err := b.readAccounts(ctx, asset); err != nil {
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
		if err := b.readAccounts(ctx, asset); err != nil {
			return nil, err
		}
	}
	query := store.Locked(l.store, l.store.Client(ctx).Lot.Query().Where(lot.MemberID(memberID), lot.KindIn(lotKinds[asset]...), lot.Or(lot.RemainingGT(0), lot.HeldGT(0))).
		Order(func(s *sql.Selector) {
			s.OrderExpr(sql.Expr(s.C(lot.FieldExpiresAt) + " IS NULL"))
		}, lot.ByExpiresAt(), lot.ByID()))
	var err error
	b.Lots, err = query.All(ctx)
	return b, err
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

func (b *Book) readAccounts(ctx context.Context, asset enum.Asset) error {
	query := store.Locked(b.ledger.store, b.ledger.store.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.KindIn(memberAccounts[asset]...), ledgeraccount.OwnerID(b.MemberID)).
		Order(ledgeraccount.ByID()))
	rows, err := query.All(ctx)
	if err != nil {
		return err
	}
	b.accounts = make(map[enum.AccountKind]*ent.LedgerAccount, len(rows))
	for _, row := range rows {
		b.accounts[row.Kind] = row
	}
	return nil
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
