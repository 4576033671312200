package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// Post books an act that moves no member's value: money that came in or went back, as a rule. It is the caller's transaction. ErrPosted where the key
// was posted before; the transaction can go on then.
func (l *Ledger) Post(ctx context.Context, p Posting) (Posted, error) {
	if len(p.Lots) > 0 || len(p.Grants) > 0 {
		return Posted{}, fmt.Errorf("ledger: %s moves a member's value without a book", p.Key)
	}
	return l.post(auth.WithinBrand(ctx), nil, p)
}

// Post books an act that moves the member's value, inside the transaction that locked the book. The book and its lots tell what there is after it. ErrPosted
// where the key was posted before: nothing was changed then, in the books or in b. ErrInsufficient where more is taken than there is.
func (b *Book) Post(ctx context.Context, p Posting) (Posted, error) {
	return b.ledger.post(auth.WithinBrand(ctx), b, p)
}

func (l *Ledger) post(ctx context.Context, b *Book, p Posting) (Posted, error) {
	derived, err := b.entries(p)
	if err != nil {
		return Posted{}, err
	}
	entries, err := legs(p, derived)
	if err != nil {
		return Posted{}, err
	}
	posted := Posted{ID: ids.Next()}
	memberID := int64(0)
	if b != nil {
		memberID = b.MemberID
	}
	_, err = l.store.Client(ctx).ExecContext(ctx, insertPosting, posted.ID, written(), auth.FromContext(ctx).BrandID, string(p.Kind), p.Key, orNull(p.OrgID), orNull(memberID),
		p.SubjectID, orNull(p.ReversesID), p.At)
	if store.IsDuplicate(err, ledgerposting.Table, "business_key") {
		err = ErrPosted
	}
	if err != nil {
		return Posted{}, err
	}
	if b != nil {
		if posted.Movements, err = b.move(ctx, posted.ID, p); err != nil {
			return Posted{}, err
		}
	}
	return posted, l.enter(ctx, b, posted.ID, entries)
}

// entries are the member's legs that follow from the lots.
func (b *Book) entries(p Posting) ([]Entry, error) {
	var list []Entry
	leg := func(accounts map[enum.LotKind]enum.AccountKind, kind enum.LotKind, amount int64) error {
		if amount == 0 {
			return nil
		}
		account, ok := accounts[kind]
		if !ok {
			return fmt.Errorf("ledger: %s holds %s", p.Key, kind)
		}
		list = append(list, Entry{Account{account, b.MemberID}, amount})
		return nil
	}
	for _, c := range p.Lots {
		if err := leg(remainingIn, c.Lot.Kind, c.Remaining); err != nil {
			return nil, err
		}
		if err := leg(heldIn, c.Lot.Kind, c.Held); err != nil {
			return nil, err
		}
	}
	for _, g := range p.Grants {
		if g.Amount <= 0 {
			return nil, fmt.Errorf("ledger: %s grants %d", p.Key, g.Amount)
		}
		if err := leg(remainingIn, g.Kind, g.Amount); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// move changes and makes lots, and writes the movements.
func (b *Book) move(ctx context.Context, postingID int64, p Posting) ([]Movement, error) {
	if err := b.changeLots(ctx, p); err != nil {
		return nil, err
	}
	client, now := b.ledger.store.Client(ctx), written()
	movements := make([]Movement, 0, len(p.Lots)+len(p.Grants))
	var args []any
	write := func(m Movement, reversesID *int64, expiresAt *time.Time) {
		movements = append(movements, m)
		args = append(args, m.ID, now, b.brandID, postingID, m.Lot.ID, m.Remaining, m.Held, m.Lot.Remaining, m.Lot.Held, reversesID, expiresAt)
	}
	for _, c := range p.Lots {
		c.Lot.Remaining, c.Lot.Held = c.Lot.Remaining+c.Remaining, c.Lot.Held+c.Held
		var reversesID *int64
		if c.ReversesID != 0 {
			reversesID = &c.ReversesID
		}
		write(Movement{ids.Next(), c.Lot, c.Remaining, c.Held}, reversesID, c.Until)
	}
	lots := make([]*ent.LotCreate, len(p.Grants))
	for i, g := range p.Grants {
		made := &ent.Lot{ID: ids.Next(), BrandID: b.brandID, MemberID: b.MemberID, Kind: g.Kind, SourceID: g.SourceID, IssuerOrgID: g.IssuerOrgID, ScopeOrgID: g.ScopeOrgID,
			Funders: g.Funders, Amount: g.Amount, Remaining: g.Amount, AvailableAt: g.AvailableAt, ExpiresAt: g.ExpiresAt}
		lots[i] = client.Lot.Create().SetID(made.ID).SetMemberID(b.MemberID).SetKind(g.Kind).SetSourceID(g.SourceID).SetIssuerOrgID(g.IssuerOrgID).
			SetScopeOrgID(g.ScopeOrgID).SetAmount(g.Amount).SetRemaining(g.Amount).SetNillableAvailableAt(g.AvailableAt).SetNillableExpiresAt(g.ExpiresAt)
		if len(g.Funders) > 0 {
			lots[i].SetFunders(g.Funders)
		}
		b.Lots = append(b.Lots, made)
		write(Movement{ids.Next(), made, g.Amount, 0}, nil, g.ExpiresAt)
	}
	if len(lots) > 0 {
		if err := client.Lot.CreateBulk(lots...).Exec(ctx); err != nil {
			return nil, err
		}
	}
	if len(movements) == 0 {
		return nil, nil
	}
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	_, err := client.ExecContext(ctx, insertMovements+row+strings.Repeat(", "+row, len(movements)-1), args...)
	return movements, err
}

// The rows of the journal are written with one statement each. They go around the data layer, which would look up each row's links: the accounts and lots
// are those of the book, which were read within the brand, and the org and the posting that is reversed are of rows that the caller read within it.
const (
	insertPosting = "INSERT INTO ledger_postings (id, created_at, brand_id, kind, business_key, org_id, member_id, subject_id, reverses_id, occurred_at)" +
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	insertMovements = "INSERT INTO lot_movements (id, created_at, brand_id, posting_id, lot_id, remaining_change, held_change, remaining_after, held_after," +
		" reverses_id, expires_at) VALUES "
	insertEntries = "INSERT INTO ledger_entries (id, created_at, brand_id, posting_id, account_id, amount, balance_after) VALUES "
)

// orNull is an id, or NULL for none.
func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// written is when a row is written, cut to what a column keeps.
func written() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// changeLots changes all lots with one statement, each under guard. What was given back to a lot that was written off makes it due to be written off again.
func (b *Book) changeLots(ctx context.Context, p Posting) error {
	if len(p.Lots) == 0 {
		return nil
	}
	changes := slices.Clone(p.Lots)
	slices.SortFunc(changes, func(x, y LotChange) int { return cmp.Compare(x.Lot.ID, y.Lot.ID) })
	var remaining, held strings.Builder
	var remainingArgs, heldArgs, numbers []any
	for i, c := range changes {
		if i > 0 && c.Lot.ID == changes[i-1].Lot.ID || !slices.Contains(b.Lots, c.Lot) {
			return fmt.Errorf("ledger: %s changes a lot twice, or one that is not of the book", p.Key)
		}
		left, fits := add(c.Lot.Remaining, c.Remaining)
		kept, keptFits := add(c.Lot.Held, c.Held)
		if !fits || !keptFits || left < 0 || kept < 0 || left > c.Lot.Amount || kept > c.Lot.Amount-left {
			return ErrInsufficient
		}
		remaining.WriteString(" WHEN ? THEN ?")
		held.WriteString(" WHEN ? THEN ?")
		remainingArgs, heldArgs = append(remainingArgs, c.Lot.ID, c.Remaining), append(heldArgs, c.Lot.ID, c.Held)
		numbers = append(numbers, c.Lot.ID)
	}
	r, h := "CASE id"+remaining.String()+" ELSE 0 END", "CASE id"+held.String()+" ELSE 0 END"
	expired := "CASE WHEN remaining + " + r + " > 0 THEN NULL ELSE expired_at END"
	if p.Kind == enum.PostBonusExpiry || p.Kind == enum.PostPointsExpiry {
		expired = "?"
	}
	args := slices.Clone(remainingArgs)
	if expired == "?" {
		args = []any{p.At}
	}
	// MySQL assigns from left to right, SQLite all at once: expired_at comes first, while remaining is what it was on both.
	args = slices.Concat(args, remainingArgs, heldArgs, []any{b.brandID, b.MemberID}, numbers, remainingArgs, heldArgs)
	result, err := b.ledger.store.Client(ctx).ExecContext(ctx, "UPDATE lots SET expired_at = "+expired+", remaining = remaining + "+r+", held = held + "+h+
		" WHERE brand_id = ? AND member_id = ? AND id IN (?"+strings.Repeat(", ?", len(numbers)-1)+") AND remaining + "+r+" >= 0 AND held + "+h+" >= 0", args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(numbers)) {
		return cmp.Or(err, ErrInsufficient)
	}
	return nil
}

// enter writes the entries and, last of all, moves the balances with one statement: the stripes of busy accounts are held for as short as can be.
func (l *Ledger) enter(ctx context.Context, b *Book, postingID int64, entries []Entry) error {
	client := l.store.Client(ctx)
	brandID, stripe := auth.FromContext(ctx).BrandID, l.stripe()
	now, rows := written(), make([]any, 0, 7*len(entries))
	type change struct{ account, amount int64 }
	changes := make([]change, len(entries))
	for i, e := range entries {
		if e.ofMember() {
			account := (*ent.LedgerAccount)(nil)
			if b != nil && e.OwnerID == b.MemberID {
				account = b.accounts[e.Kind]
			}
			if account == nil {
				return fmt.Errorf("ledger: %s of %d is not in the book", e.Kind, e.OwnerID)
			}
			after, fits := add(account.Balance, e.Amount)
			if !fits || (after < 0) != (e.Kind == enum.AccountPointsDebt) && after != 0 {
				return ErrInsufficient
			}
			account.Balance = after
			rows = append(rows, ids.Next(), now, brandID, postingID, account.ID, e.Amount, after)
			changes[i] = change{account.ID, e.Amount}
			continue
		}
		at := accountRow{brandID, e.Account, 0}
		if e.striped() {
			at.stripe = stripe
		}
		id, err := l.row(ctx, at)
		if err != nil {
			return err
		}
		rows = append(rows, ids.Next(), now, brandID, postingID, id, e.Amount, nil)
		changes[i] = change{id, e.Amount}
	}
	const row = "(?, ?, ?, ?, ?, ?, ?)"
	if _, err := client.ExecContext(ctx, insertEntries+row+strings.Repeat(", "+row, len(entries)-1), rows...); err != nil {
		return err
	}
	slices.SortFunc(changes, func(x, y change) int { return cmp.Compare(x.account, y.account) })
	var cases strings.Builder
	var caseArgs, numbers []any
	for _, c := range changes {
		cases.WriteString(" WHEN ? THEN ?")
		caseArgs, numbers = append(caseArgs, c.account, c.amount), append(numbers, c.account)
	}
	raise := "CASE id" + cases.String() + " ELSE 0 END"
	args := slices.Concat(caseArgs, []any{brandID}, numbers, caseArgs, caseArgs)
	result, err := client.ExecContext(ctx, "UPDATE ledger_accounts SET balance = balance + "+raise+" WHERE brand_id = ? AND id IN (?"+strings.Repeat(", ?", len(numbers)-1)+
		") AND CASE WHEN kind IN ("+guardedKinds+") THEN balance + "+raise+" WHEN kind = 'POINTS_DEBT' THEN -(balance + "+raise+") ELSE 0 END >= 0", args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(numbers)) {
		return cmp.Or(err, ErrInsufficient)
	}
	return nil
}

// guardedKinds are the accounts that are never below zero.
const guardedKinds = "'PRINCIPAL', 'BONUS', 'PRINCIPAL_HELD', 'BONUS_HELD', 'POINTS', 'POINTS_PENDING', 'POINTS_HELD'"
