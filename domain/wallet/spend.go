package wallet

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgerposting"
	"dongxiao/ent/lotmovement"
	"dongxiao/ent/member"
	"dongxiao/ent/predicate"
	"dongxiao/ent/wallet"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// MaxPayment is the largest payment with stored value, in fen.
const MaxPayment money.Fen = 100_000_000

// draft is a payment to be made, whose member and wallet are locked.
type draft struct {
	id      int64
	wallet  *ent.Wallet
	shop    *ent.Org
	amount  money.Fen
	state   enum.WalletPaymentState // CAPTURED, or held
	source  enum.WalletPaymentSource
	subject *int64
	staff   *int64
	shift   *int64 // the till shift; nil for none
	actorID int64
	key     string
	hash    string
	expires *time.Time
}

// pay chooses lots for a payment, books it and writes its row, inside the transaction that locked the member and the wallet. Both ways of spending, at the
// till and for an order, go through here.
func (s *Service) pay(ctx context.Context, d draft, settings document.StoredValueSettings) (*ent.WalletPayment, error) {
	book, err := s.Ledger.Lock(ctx, d.wallet.MemberID, enum.AssetStoredValue)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	takes, err := Allocate(book.Lots, d.amount, settings.SpendOrder, settings.BonusCap, d.shop.Path, now)
	if err != nil {
		return nil, err
	}
	id := d.id
	row := &ent.WalletPayment{ID: id, CreatedAt: now, BrandID: d.wallet.BrandID, WalletID: d.wallet.ID, MemberID: d.wallet.MemberID, OrgID: d.shop.ID, State: d.state, Source: d.source,
		SubjectID: d.subject, AmountFen: int64(d.amount), StaffID: d.staff, ShiftID: d.shift, ActorID: d.actorID, IdempotencyKey: d.key, InputHash: d.hash, ExpiresAt: d.expires}
	p := ledger.Posting{Kind: enum.PostHold, Key: businessKey("wallet-hold", id, settings.SpendOrder == enum.SpendProportional), OrgID: d.shop.ID, SubjectID: id, At: now}
	shares := map[enum.LotKind]int64{}
	for _, take := range takes {
		shares[take.Lot.Kind] += take.Amount
		p.Lots = append(p.Lots, ledger.LotChange{Lot: take.Lot, Remaining: -take.Amount, Held: take.Amount, Until: d.expires})
	}
	row.PrincipalFen, row.BonusFen = shares[enum.LotPrincipal], shares[enum.LotBonus]
	if d.state != enum.WalletPaymentCaptured {
		if _, err := book.Post(ctx, p); err != nil {
			return nil, err
		}
		return row, s.insertPayment(ctx, row)
	}
	p.Kind, p.Key = enum.PostSpend, businessKey("wallet-spend", id, settings.SpendOrder == enum.SpendProportional)
	for i := range p.Lots {
		p.Lots[i].Held, p.Lots[i].Until = 0, nil
	}
	if err := s.settle(ctx, book, p, id, takes, settings.ClearingFee); err != nil {
		return nil, err
	}
	row.CapturedFen, row.CapturedAt = int64(d.amount), &now
	return row, s.insertPayment(ctx, row)
}

// insertPaymentSQL goes around the data layer, which would look up each row's links: all of them were read within the brand.
const insertPaymentSQL = "INSERT INTO wallet_payments (id, created_at, brand_id, wallet_id, member_id, org_id, state, source, subject_id, amount_fen, principal_fen, bonus_fen," +
	" captured_fen, refunded_fen, staff_id, shift_id, actor_id, idempotency_key, input_hash, expires_at, captured_at)" +
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

func (s *Service) insertPayment(ctx context.Context, p *ent.WalletPayment) error {
	_, err := s.Store.Client(ctx).ExecContext(ctx, insertPaymentSQL, p.ID, p.CreatedAt, p.BrandID, p.WalletID, p.MemberID, p.OrgID, string(p.State), string(p.Source), p.SubjectID,
		p.AmountFen, p.PrincipalFen, p.BonusFen, p.CapturedFen, p.RefundedFen, p.StaffID, p.ShiftID, p.ActorID, p.IdempotencyKey, p.InputHash, p.ExpiresAt, p.CapturedAt)
	if err == nil {
		s.Store.Known(ctx, p.BrandID, walletpayment.Table, p.ID)
	}
	return err
}

// settle books what is spent in the end, a SPEND or a CAPTURE of the takes: the org where it is spent, the clearing between the orgs, and the wallet's balance.
func (s *Service) settle(ctx context.Context, book *ledger.Book, p ledger.Posting, paymentID int64, takes []Take, fee money.BasisPoints) error {
	spent, borne := int64(0), make([]clearing.Take, len(takes))
	for i, take := range takes {
		spent += take.Amount
		borne[i] = clearing.Take{Lot: take.Lot, Amount: take.Amount}
	}
	debts, err := s.Clearing.Debts(ctx, p.OrgID, fee, borne)
	if err != nil {
		return err
	}
	p.Entries = append(clearing.Entries(debts), ledger.Entry{Account: ledger.Account{Kind: enum.AccountValueSpent, OwnerID: p.OrgID}, Amount: spent})
	if err := s.change(ctx, book.MemberID, -money.Fen(spent)); err != nil {
		return err
	}
	posted, err := book.Post(ctx, p)
	if err != nil {
		return err
	}
	return s.Clearing.Write(ctx, posted, paymentID, p.At, debts)
}

// capture spends amount of what the payment holds and gives the rest back to its lots, inside the transaction that has changed the payment's state and locked
// the member and the wallet. What was taken first is spent first; where the spend was proportional, each lot spends its share.
func (s *Service) capture(ctx context.Context, p *ent.WalletPayment, amount money.Fen, now time.Time) error {
	book, hold, held, err := s.held(ctx, p)
	if err != nil {
		return err
	}
	parts := make([]int64, len(held))
	for i, m := range held {
		parts[i] = m.HeldChange
	}
	parts, err = inParts(int64(amount), parts, shared(hold.BusinessKey))
	if err != nil {
		return err
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	lots, err := lotsOf(ctx, book, held)
	if err != nil {
		return err
	}
	posting := ledger.Posting{Kind: enum.PostCapture, Key: businessKey("wallet-capture", p.ID, shared(hold.BusinessKey)), OrgID: p.OrgID, SubjectID: p.ID, ReversesID: hold.ID, At: now}
	var takes []Take
	for i, m := range held {
		posting.Lots = append(posting.Lots, ledger.LotChange{Lot: lots[m.LotID], Remaining: m.HeldChange - parts[i], Held: -m.HeldChange, ReversesID: m.ID})
		if parts[i] > 0 {
			takes = append(takes, Take{lots[m.LotID], parts[i]})
		}
	}
	return s.settle(ctx, book, posting, p.ID, takes, settings.ClearingFee)
}

// release gives what the payment holds back to its lots, inside the transaction that has changed the payment's state and locked the member and the wallet. The
// posting's key names the state in which the payment ended.
func (s *Service) release(ctx context.Context, p *ent.WalletPayment, ended enum.WalletPaymentState, now time.Time) error {
	book, hold, held, err := s.held(ctx, p)
	if err != nil {
		return err
	}
	lots, err := lotsOf(ctx, book, held)
	if err != nil {
		return err
	}
	posting := ledger.Posting{Kind: enum.PostRelease, Key: businessKey("wallet-"+strings.ToLower(string(ended)), p.ID, false), OrgID: p.OrgID, SubjectID: p.ID, ReversesID: hold.ID, At: now}
	for _, m := range held {
		posting.Lots = append(posting.Lots, ledger.LotChange{Lot: lots[m.LotID], Remaining: m.HeldChange, Held: -m.HeldChange, ReversesID: m.ID})
	}
	_, err = book.Post(ctx, posting)
	return err
}

// held locks the member's book and reads what the payment holds, in the order in which it was taken.
func (s *Service) held(ctx context.Context, p *ent.WalletPayment) (*ledger.Book, *ent.LedgerPosting, []*ent.LotMovement, error) {
	book, err := s.Ledger.Lock(ctx, p.MemberID, enum.AssetStoredValue)
	if err != nil {
		return nil, nil, nil, err
	}
	hold, moved, err := s.moved(ctx, p.ID, enum.PostHold)
	return book, hold, moved, err
}

// moved reads the payment's posting of one of the kinds, of which it has one, and its movements, in the order in which lots were taken.
func (s *Service) moved(ctx context.Context, paymentID int64, kinds ...enum.PostingKind) (*ent.LedgerPosting, []*ent.LotMovement, error) {
	client := s.Store.Client(ctx)
	posting, err := client.LedgerPosting.Query().Where(ledgerposting.KindIn(kinds...), ledgerposting.SubjectID(paymentID)).Only(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("wallet: posting of payment %d: %w", paymentID, err)
	}
	rows, err := client.LotMovement.Query().Where(lotmovement.PostingID(posting.ID)).Order(lotmovement.ByID()).All(ctx)
	return posting, rows, err
}

// lotsOf are the lots of movements, as the book has them.
func lotsOf(ctx context.Context, book *ledger.Book, movements []*ent.LotMovement) (map[int64]*ent.Lot, error) {
	lotIDs := make([]int64, len(movements))
	for i, m := range movements {
		lotIDs[i] = m.LotID
	}
	return book.Reopen(ctx, lotIDs...)
}

// inParts takes amount of the parts, one after the other, or of each its share by the largest remainder where they are shared. It refuses with CONFLICT
// where they are less.
func inParts(amount int64, parts []int64, shared bool) ([]int64, error) {
	var total int64
	for _, part := range parts {
		total += part
	}
	if amount <= 0 || amount > total {
		return nil, apperr.New(apperr.Conflict)
	}
	taken := make([]int64, len(parts))
	if shared {
		split, err := money.Split(money.Fen(amount), parts)
		for i := range split {
			taken[i] = int64(split[i])
		}
		return taken, err
	}
	for i, part := range parts {
		taken[i] = min(part, amount)
		amount -= taken[i]
	}
	return taken, nil
}

// sharedMark ends the business keys of proportional spends: a part of them is given back, or captured, by shares, however the brand spends by then.
const sharedMark = ":shared"

func businessKey(act string, id int64, shared bool) string {
	key := act + ":" + strconv.FormatInt(id, 10)
	if shared {
		key += sharedMark
	}
	return key
}

func shared(businessKey string) bool { return strings.HasSuffix(businessKey, sharedMark) }

// change adds to the wallet's balance under guard; the caller has locked the wallet's row.
func (s *Service) change(ctx context.Context, memberID int64, by money.Fen) error {
	n, err := s.Store.Client(ctx).Wallet.Update().Where(wallet.MemberID(memberID), atLeast(wallet.FieldBalanceFen, by)).AddBalanceFen(int64(by)).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	return err
}

// lockMember locks a member's row until the transaction ends.
func (s *Service) lockMember(ctx context.Context, which predicate.Member) (*ent.Member, error) {
	return store.Locked(s.Store, s.Store.Client(ctx).Member.Query().Where(which)).Only(ctx)
}

// lockBoth locks the member's row and then the wallet's.
func (s *Service) lockBoth(ctx context.Context, memberID int64) (*ent.Member, *ent.Wallet, error) {
	m, err := s.lockMember(ctx, member.ID(memberID))
	if err != nil {
		return nil, nil, err
	}
	w, err := s.lock(ctx, memberID)
	return m, w, err
}

// end moves a payment out of a state in which it holds value, by a conditional write that locks its row, and releases what it holds.
func (s *Service) end(ctx context.Context, p *ent.WalletPayment, from, to enum.WalletPaymentState, more ...predicate.WalletPayment) error {
	now := s.Clock.Now()
	n, err := s.Store.Client(ctx).WalletPayment.Update().Where(walletpayment.ID(p.ID), walletpayment.StateEQ(from)).Where(more...).
		SetState(to).SetEndedAt(now).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return s.stateRefusal(ctx, p.ID)
	}
	m, _, err := s.lockBoth(ctx, p.MemberID)
	if err != nil {
		return err
	}
	if err := s.release(ctx, p, to, now); err != nil {
		return err
	}
	return s.tell(ctx, m, p, enum.EventWalletChanged)
}

// stateRefusal says why the payment's state does not allow what was tried.
func (s *Service) stateRefusal(ctx context.Context, paymentID int64) error {
	p, err := s.locked(ctx, paymentID) // the transaction's snapshot may be from before the state changed
	switch {
	case err != nil:
		return err
	case p.State == enum.WalletPaymentExpired, holds(p.State):
		return apperr.New(apperr.PaymentExpired)
	}
	return apperr.New(apperr.PaymentStateInvalid, "state", p.State)
}

// holds says whether a payment in the state holds value.
func holds(state enum.WalletPaymentState) bool {
	return state == enum.WalletPaymentAwaiting || state == enum.WalletPaymentHeld
}

// tell tells a member whose row is locked of the payment.
func (s *Service) tell(ctx context.Context, m *ent.Member, p *ent.WalletPayment, kind enum.MemberEventKind) error {
	return s.Events.AppendLocked(ctx, m, kind, memberevent.About{WalletPaymentID: p.ID})
}
