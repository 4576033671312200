package wallet

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/membercode"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/ledgerentry"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lot"
	"dongxiao/ent/wallet"
	"dongxiao/ent/walletpayment"
	"dongxiao/ent/walletrefund"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
	"dongxiao/internal/money"
)

// RefundsOf lists the refunds of payments, oldest first. The caller has authorised the viewer for the payments.
func (s *Service) RefundsOf(ctx context.Context, paymentIDs []int64) (map[int64][]*ent.WalletRefund, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).WalletRefund.Query().Where(walletrefund.WalletPaymentIDIn(paymentIDs...)).Order(walletrefund.ByID()).All(ctx)
	of := make(map[int64][]*ent.WalletRefund, len(paymentIDs))
	for _, id := range paymentIDs {
		of[id] = []*ent.WalletRefund{}
	}
	for _, row := range rows {
		of[row.WalletPaymentID] = append(of[row.WalletPaymentID], row)
	}
	return of, err
}

// BalancesOf is what members' wallets hold, principal and bonus with what is held; nothing for who has none. The caller has authorised the viewer for the members.
func (s *Service) BalancesOf(ctx context.Context, memberIDs []int64) (map[int64]money.Fen, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).Wallet.Query().Where(wallet.MemberIDIn(memberIDs...)).All(ctx)
	of := make(map[int64]money.Fen, len(memberIDs))
	for _, id := range memberIDs {
		of[id] = 0
	}
	for _, row := range rows {
		of[row.MemberID] = money.Fen(row.BalanceFen)
	}
	return of, err
}

// maxLots is how many lots of a wallet are shown.
const maxLots = 200

// Balance is what a wallet holds.
type Balance struct {
	// Principal and Bonus may be spent, Held is held for payments under way.
	Principal, Bonus, Held money.Fen
}

// Total is all that a wallet holds.
func (b Balance) Total() money.Fen { return b.Principal + b.Bonus + b.Held }

// PayCode is a rotating code as a client shows it.
type PayCode struct {
	Digits string
	// RefreshAt is when to ask for the next one; this one passes a little longer.
	RefreshAt time.Time
}

// Own gives the viewer's wallet and makes it where there is none yet. Members call it. NOT_FOUND for a viewer who is none.
func (s *Service) Own(ctx context.Context) (*ent.Wallet, error) {
	memberID := auth.FromContext(ctx).MemberID
	if memberID == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	return s.Open(ctx, memberID)
}

// OfMember gives a member's wallet; nil where the member has none. Staff with ReadWallets call it for members in their scope. It refuses with NOT_FOUND.
func (s *Service) OfMember(ctx context.Context, memberID int64) (*ent.Wallet, error) {
	if err := s.inScope(ctx, auth.ReadWallets, memberID); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	w, err := s.Store.Client(ctx).Wallet.Query().Where(wallet.MemberID(memberID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return w, err
}

// NewPayCode makes a rotating code to pay with at a store. It changes nothing. Members call it. Refusals: MEMBER_FROZEN, MEMBER_CANCELLED, WALLET_FROZEN,
// WALLET_CLOSED, RATE_LIMITED (the member has paid too often in this minute).
func (s *Service) NewPayCode(ctx context.Context) (PayCode, error) {
	m, err := s.member(ctx)
	if err != nil {
		return PayCode{}, err
	}
	if err := takesPart(m); err != nil {
		return PayCode{}, err
	}
	w, err := s.Open(ctx, m.ID)
	if err != nil {
		return PayCode{}, err
	}
	if err := usable(w); err != nil {
		return PayCode{}, err
	}
	codec, err := s.codec(m.BrandID)
	if err != nil {
		return PayCode{}, err
	}
	now := s.Clock.Now()
	for range drawn {
		code, err := codec.IssuePay(m.Number, w.Generation, now)
		if err != nil {
			return PayCode{}, err
		}
		within := auth.WithinBrand(ctx)
		used, err := s.Store.Client(within).IdempotencyKey.Query().Where(idempotencykey.ActorID(m.ID), idempotencykey.Operation(nonceOperation),
			idempotencykey.Key(code.NonceKey)).Exist(within)
		if err != nil || !used {
			return PayCode{Digits: code.Digits, RefreshAt: now.Add(membercode.Window)}, err
		}
	}
	return PayCode{}, apperr.New(apperr.RateLimited, "seconds", int(membercode.Window/time.Second))
}

// drawn is how many codes are drawn for one that was not used in this minute, of 250.
const drawn = 20

// BalanceOf is what the member's wallet holds, with one statement. The caller has authorised the viewer for the wallet.
func (s *Service) BalanceOf(ctx context.Context, memberID int64) (*Balance, error) {
	ctx = auth.WithinBrand(ctx)
	rows, err := s.Store.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.KindIn(inWallet...), ledgeraccount.OwnerID(memberID)).All(ctx)
	b := &Balance{}
	for _, row := range rows {
		switch row.Kind {
		case enum.AccountPrincipal:
			b.Principal = money.Fen(row.Balance)
		case enum.AccountBonus:
			b.Bonus = money.Fen(row.Balance)
		default:
			b.Held += money.Fen(row.Balance)
		}
	}
	return b, err
}

// inWallet are the accounts that a wallet's balance is the sum of.
var inWallet = []enum.AccountKind{enum.AccountPrincipal, enum.AccountBonus, enum.AccountPrincipalHeld, enum.AccountBonusHeld}

// LotsOf are the lots of which something may be spent or is held, soonest expiring first, at most 200. The caller has authorised the viewer for the wallet.
func (s *Service) LotsOf(ctx context.Context, memberID int64) ([]*ent.Lot, error) {
	ctx = auth.WithinBrand(ctx)
	return s.Store.Client(ctx).Lot.Query().Where(lot.MemberID(memberID), lot.KindIn(enum.LotPrincipal, enum.LotBonus), lot.Or(lot.RemainingGT(0), lot.HeldGT(0))).
		Order(func(s *sql.Selector) { s.OrderExpr(sql.Expr(s.C(lot.FieldExpiresAt) + " IS NULL")) }, lot.ByExpiresAt(), lot.ByID()).Limit(maxLots).All(ctx)
}

// Entry is one change of what a wallet holds.
type Entry struct {
	// Posting says when, where and for what.
	Posting *ent.LedgerPosting
	// Principal and Bonus are by how much they changed, with what is held.
	Principal, Bonus money.Fen
}

// changing are the postings that change what a wallet holds; what is held and given back stays in it.
var changing = []enum.PostingKind{enum.PostTopUp, enum.PostTopUpRefund, enum.PostTopUpRefundUndone, enum.PostSpend, enum.PostCapture, enum.PostSpendRefund, enum.PostBonusExpiry}

// EntriesOf lists what changed in a member's wallet, newest first. The caller has authorised the viewer for the wallet. PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) EntriesOf(ctx context.Context, memberID int64, first *int, after *string) (*listing.Page[*Entry], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "walletEntries", memberID)
	query := s.Store.Client(ctx).LedgerPosting.Query().Where(ledgerposting.MemberID(memberID), ledgerposting.KindIn(changing...))
	var id int64
	if found, err := list.After(after, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(ledgerposting.IDLT(id))
	}
	postings, err := query.Order(ledgerposting.ByID(sql.OrderDesc())).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]*Entry, len(postings))
	of, postingIDs := map[int64]*Entry{}, make([]int64, len(postings))
	for i, p := range postings {
		rows[i] = &Entry{Posting: p}
		of[p.ID], postingIDs[i] = rows[i], p.ID
	}
	if err := s.amounts(ctx, memberID, postingIDs, of); err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(e *Entry) []any { return []any{e.Posting.ID} })
}

// Kind is why it changed.
func (e *Entry) Kind() enum.PostingKind { return e.Posting.Kind }

// At is when it changed.
func (e *Entry) At() time.Time { return e.Posting.OccurredAt }

// PaymentID is the payment that spent; nil for other changes.
func (e *Entry) PaymentID() *int64 {
	if e.Kind() == enum.PostSpend || e.Kind() == enum.PostCapture {
		return &e.Posting.SubjectID
	}
	return nil
}

// RefundID is the refund that gave back; nil for other changes.
func (e *Entry) RefundID() *int64 {
	if e.Kind() == enum.PostSpendRefund {
		return &e.Posting.SubjectID
	}
	return nil
}

// amounts reads by how much postings changed the wallet.
func (s *Service) amounts(ctx context.Context, memberID int64, postingIDs []int64, of map[int64]*Entry) error {
	if len(postingIDs) == 0 {
		return nil
	}
	client := s.Store.Client(ctx)
	accounts, err := client.LedgerAccount.Query().Where(ledgeraccount.KindIn(inWallet...), ledgeraccount.OwnerID(memberID)).All(ctx)
	if err != nil {
		return err
	}
	kinds, accountIDs := map[int64]enum.AccountKind{}, make([]int64, len(accounts))
	for i, a := range accounts {
		kinds[a.ID], accountIDs[i] = a.Kind, a.ID
	}
	entries, err := client.LedgerEntry.Query().Where(ledgerentry.PostingIDIn(postingIDs...), ledgerentry.AccountIDIn(accountIDs...)).All(ctx)
	for _, e := range entries {
		if kind := kinds[e.AccountID]; kind == enum.AccountPrincipal || kind == enum.AccountPrincipalHeld {
			of[e.PostingID].Principal += money.Fen(e.Amount)
		} else {
			of[e.PostingID].Bonus += money.Fen(e.Amount)
		}
	}
	return err
}

// PaymentsOf lists a member's payments, newest first. The caller has authorised the viewer for the wallet. PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) PaymentsOf(ctx context.Context, w *ent.Wallet, first *int, after *string) (*listing.Page[*ent.WalletPayment], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "walletPaymentsOf", w.ID)
	query := s.Store.Client(ctx).WalletPayment.Query().Where(walletpayment.WalletID(w.ID))
	var id int64
	if found, err := list.After(after, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(walletpayment.IDLT(id))
	}
	rows, err := query.Order(walletpayment.ByID(sql.OrderDesc())).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(p *ent.WalletPayment) []any { return []any{p.ID} })
}

// Payments lists payments at the orgs at which the viewer has ReadWalletPayments, newest first, or at one of them and below. NOT_FOUND for an org that is not
// the viewer's, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Payments(ctx context.Context, orgID *int64, first *int, after *string) (*listing.Page[*ent.WalletPayment], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	query := s.Store.Client(ctx).WalletPayment.Query()
	var filter int64
	if orgID != nil {
		filter = *orgID
		if err := s.Orgs.Require(ctx, auth.ReadWalletPayments, filter); err != nil {
			return nil, apperr.Of(err, "orgId")
		}
		below, err := s.Store.Scope(ctx, walletpayment.FieldOrgID, []int64{filter}, false)
		if err != nil {
			return nil, err
		}
		query.Where(below)
	} else {
		inScope, err := s.Orgs.Scope(ctx, auth.ReadWalletPayments, walletpayment.FieldOrgID)
		if err != nil {
			return nil, err
		}
		query.Where(inScope)
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "walletPayments", filter)
	var createdAt time.Time
	var id int64
	if found, err := list.After(after, &createdAt, &id); err != nil {
		return nil, err
	} else if found {
		query.Where(walletpayment.Or(walletpayment.CreatedAtLT(createdAt), walletpayment.And(walletpayment.CreatedAt(createdAt), walletpayment.IDLT(id))))
	}
	rows, err := query.Order(walletpayment.ByCreatedAt(sql.OrderDesc()), walletpayment.ByID(sql.OrderDesc())).Limit(n + 1).All(within)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(p *ent.WalletPayment) []any { return []any{p.CreatedAt, p.ID} })
}

// errMonth is the refusal of a month that is none.
var errMonth = apperr.New(apperr.InvalidInput, "field", "month", "reason", "YYYY-MM").At("month")
