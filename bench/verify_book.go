package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/ledger"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

const (
	// spendsEach is how often each member of a book has spent something, after one top-up at the till.
	spendsEach = 20
	// topUpFen and spendFen are the amounts of each.
	topUpFen, spendFen = 100_000, 1_000
)

// book is a brand whose books are written by hand, many rows at a time, as the services would have left them.
type book struct {
	store                               *store.Store
	brandID, storeID, staffID, personID int64
	tierID, shiftID, till               int64
	// accounts has the row of each stripe of the accounts of the store.
	accounts map[enum.AccountKind][ledger.Stripes]int64
	// rows are all that were written and entries those of the journal.
	rows, entries int
	now           time.Time
}

// openBook makes a brand with a store, a clerk whose shift is open, and the store's accounts.
func openBook(ctx context.Context, s *store.Store) (*book, error) {
	b := &book{store: s, brandID: ids.Next(), storeID: ids.Next(), staffID: ids.Next(), personID: ids.Next(), tierID: ids.Next(), shiftID: ids.Next(), till: ids.Next(),
		accounts: map[enum.AccountKind][ledger.Stripes]int64{}, now: time.Now().UTC().Truncate(time.Second)}
	operator := auth.Operator(ctx)
	if err := s.Client(operator).Brand.Create().SetID(b.brandID).SetCode(fmt.Sprintf("bench-%d", b.brandID)).SetName("基准").Exec(operator); err != nil {
		return nil, err
	}
	system := auth.System(ctx, b.brandID)
	client := s.Client(system)
	root := ids.Next()
	path := "/" + store.PathSegment(root) + "/"
	err := errors.Join(
		client.Org.Create().SetID(root).SetKind(enum.OrgBrand).SetPath(path).SetCode("root").SetName("总部").Exec(system),
		client.Org.Create().SetID(b.storeID).SetParentID(root).SetKind(enum.OrgStore).SetPath(path+store.PathSegment(b.storeID)+"/").SetCode("s1").SetName("一店").
			SetStoreType(enum.StoreLiquor).SetTier(enum.TierCore).Exec(system),
		client.Person.Create().SetID(b.personID).SetLimitSubject(b.personID).Exec(system),
		client.Staff.Create().SetID(b.staffID).SetOrgID(b.storeID).SetPersonID(b.personID).SetRole(auth.Clerk).SetName("店员").SetState(enum.StaffActive).Exec(system),
		client.TopUpTier.Create().SetID(b.tierID).SetOrgID(b.storeID).SetName("充1000").SetPayFen(topUpFen).SetTerms(b.terms()).
			SetState(enum.TierActive).SetStartsAt(b.now.AddDate(0, 0, -1)).SetEndsAt(b.now.AddDate(1, 0, 0)).Exec(system),
		client.TillShift.Create().SetID(b.shiftID).SetStoreID(b.storeID).SetStaffID(b.staffID).SetOpenStaffID(b.staffID).SetFloatFen(0).Exec(system),
		client.LedgerAccount.Create().SetID(b.till).SetAsset(enum.AssetMoney).SetKind(enum.AccountTillCash).SetOwnerID(b.shiftID).SetStripe(0).Exec(system),
	)
	for kind, asset := range map[enum.AccountKind]enum.Asset{enum.AccountPrincipalIssued: enum.AssetStoredValue, enum.AccountValueSpent: enum.AssetStoredValue,
		enum.AccountReceived: enum.AssetMoney} {
		var stripes [ledger.Stripes]int64
		for i := range stripes {
			stripes[i] = ids.Next()
			err = errors.Join(err, client.LedgerAccount.Create().SetID(stripes[i]).SetAsset(asset).SetKind(kind).SetOwnerID(b.storeID).SetStripe(i).Exec(system))
		}
		b.accounts[kind] = stripes
	}
	return b, err
}

// terms are those of the tier and of each top-up.
func (b *book) terms() document.TopUpTerms { return document.TopUpTerms{ScopeOrgID: b.storeID} }

func (b *book) termsJSON() []byte {
	text, err := json.Marshal(b.terms())
	if err != nil {
		panic(err) // it is made of numbers
	}
	return text
}

// table collects rows of one table.
type table struct {
	into    string
	columns int
	args    []any
}

func (t *table) add(row ...any) {
	t.columns = len(row)
	t.args = append(t.args, row...)
}

// chapter is the rows of some members.
type chapter struct {
	persons, members, wallets, accounts, topUps, lots, postings, entries, movements, payments table
	balances                                                                                  map[int64]int64
}

func newChapter() *chapter {
	return &chapter{
		persons:  table{into: "persons (id, created_at, brand_id, limit_subject)"},
		members:  table{into: "members (id, created_at, brand_id, person_id, number, state, first_channel, last_channel)"},
		wallets:  table{into: "wallets (id, created_at, brand_id, member_id, balance_fen)"},
		accounts: table{into: "ledger_accounts (id, created_at, brand_id, asset, kind, owner_id, stripe, balance)"},
		topUps: table{into: "top_ups (id, created_at, brand_id, wallet_id, member_id, org_id, tier_id, tender, state, pay_fen, bonus_fen, terms, staff_id, shift_id," +
			" paid_at)"},
		lots:      table{into: "lots (id, created_at, brand_id, member_id, kind, source_id, issuer_org_id, scope_org_id, amount, remaining)"},
		postings:  table{into: "ledger_postings (id, created_at, brand_id, kind, business_key, org_id, member_id, subject_id, occurred_at)"},
		entries:   table{into: "ledger_entries (id, created_at, brand_id, posting_id, account_id, amount, balance_after)"},
		movements: table{into: "lot_movements (id, created_at, brand_id, posting_id, lot_id, remaining_change, held_change, remaining_after, held_after)"},
		payments: table{into: "wallet_payments (id, created_at, brand_id, wallet_id, member_id, org_id, state, source, amount_fen, principal_fen, bonus_fen, captured_fen," +
			" staff_id, actor_id, idempotency_key, input_hash, captured_at)"},
		balances: map[int64]int64{},
	}
}

// grow adds members until the journal has about so many entries more.
func (b *book) grow(ctx context.Context, entries int) error {
	for goal := b.entries + entries; b.entries < goal; {
		c := newChapter()
		for range 100 {
			b.member(c)
		}
		if err := b.write(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// member adds a member who has topped up and spent.
func (b *book) member(c *chapter) {
	id, wallet, topUp, lot, principal := ids.Next(), ids.Next(), ids.Next(), ids.Next(), ids.Next()
	left := int64(topUpFen)
	c.persons.add(id, b.now, b.brandID, id)
	c.members.add(id, b.now, b.brandID, id, id, string(enum.MemberVisitor), string(enum.ChannelDirect), string(enum.ChannelDirect))
	c.wallets.add(wallet, b.now, b.brandID, id, topUpFen-spendsEach*spendFen)
	for _, kind := range []enum.AccountKind{enum.AccountPrincipal, enum.AccountBonus, enum.AccountPrincipalHeld, enum.AccountBonusHeld} {
		row, balance := ids.Next(), 0
		if kind == enum.AccountPrincipal {
			row, balance = principal, topUpFen-spendsEach*spendFen
		}
		c.accounts.add(row, b.now, b.brandID, string(enum.AssetStoredValue), string(kind), id, 0, balance)
	}
	c.topUps.add(topUp, b.now, b.brandID, wallet, id, b.storeID, b.tierID, string(enum.TenderCash), string(enum.TopUpPaid), topUpFen, 0, b.termsJSON(), b.staffID, b.shiftID, b.now)
	c.lots.add(lot, b.now, b.brandID, id, string(enum.LotPrincipal), topUp, b.storeID, b.storeID, topUpFen, topUpFen-spendsEach*spendFen)
	post := func(kind enum.PostingKind, key string, memberID any, subject, debit int64, after any, credit, amount int64) (postingID int64) {
		postingID = ids.Next()
		c.postings.add(postingID, b.now, b.brandID, string(kind), fmt.Sprintf("%s:%d", key, subject), b.storeID, memberID, subject, b.now)
		c.entries.add(ids.Next(), b.now, b.brandID, postingID, debit, amount, after)
		c.entries.add(ids.Next(), b.now, b.brandID, postingID, credit, -amount, nil)
		c.balances[credit] -= amount
		return postingID
	}
	move := func(postingID, change int64) {
		c.movements.add(ids.Next(), b.now, b.brandID, postingID, lot, change, 0, left, 0)
	}
	stripe := int(id) & (ledger.Stripes - 1)
	post(enum.PostTillReceipt, "TILL_RECEIPT", nil, topUp, b.till, nil, b.accounts[enum.AccountReceived][stripe], topUpFen)
	c.balances[b.till] += topUpFen
	move(post(enum.PostTopUp, "TOP_UP", id, topUp, principal, left, b.accounts[enum.AccountPrincipalIssued][stripe], topUpFen), topUpFen)
	for range spendsEach {
		payment := ids.Next()
		left -= spendFen
		c.payments.add(payment, b.now, b.brandID, wallet, id, b.storeID, string(enum.WalletPaymentCaptured), string(enum.WalletPaymentTill), spendFen, spendFen, 0, spendFen,
			b.staffID, b.personID, fmt.Sprintf("book-%d", payment), "", b.now)
		move(post(enum.PostSpend, "wallet-spend", id, payment, principal, left, b.accounts[enum.AccountValueSpent][stripe], -spendFen), -spendFen)
	}
}

// write writes a chapter, each table with one statement, and moves the balances of the store's accounts.
func (b *book) write(ctx context.Context, c *chapter) error {
	for _, t := range []*table{&c.persons, &c.members, &c.wallets, &c.accounts, &c.topUps, &c.lots, &c.postings, &c.entries, &c.movements, &c.payments} {
		if err := insert(ctx, b.store.DB(), "INSERT INTO "+t.into+" VALUES ", t.columns, t.args); err != nil {
			return err
		}
		b.rows += len(t.args) / t.columns
	}
	b.entries += len(c.entries.args) / c.entries.columns
	for row, amount := range c.balances {
		if _, err := b.store.DB().ExecContext(ctx, "UPDATE ledger_accounts SET balance = balance + ? WHERE id = ?", amount, row); err != nil {
			return err
		}
	}
	return nil
}
