package wallet

import (
	"context"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/membercode"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/member"
	"dongxiao/ent/walletpayment"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// ConfirmWithin is how long a member has to confirm a payment at the till.
const ConfirmWithin = 2 * time.Minute

// nonceOperation is the operation of the idempotency rows that use up pay codes; their actor is the member, their result the payment.
const nonceOperation = "payCode"

// Charge is what Charge needs.
type Charge struct {
	// PayCode has the digits that the member shows.
	PayCode        string
	StoreID        int64
	Amount         money.Fen
	IdempotencyKey string
}

// Charge takes an amount of a member's stored value at a store. Staff with ChargeWallets at the store call it, for a pay code that the member shows.
//
// One transaction uses up the code (a unique row of its nonce), chooses the lots and writes the payment with its posting, its clearing lines, the member's
// event and the audit entry. Up to the brand's amount it is captured at once; above it is held for two minutes, in which the member confirms or declines.
// Where the clerk has a shift open at the store's till, the payment is of it. The key is the payment's own: a repeat answers with the same payment, in its present state, though the code is old or used by then.
//
// Refusals: INVALID_INPUT, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, NOT_FOUND (the store is not the clerk's), STORE_CLOSED, PAY_CODE_INVALID (also
// one of another brand, or of before the wallet was issued anew), PAY_CODE_EXPIRED, PAY_CODE_USED, SELF_CHARGE, MEMBER_FROZEN, MEMBER_CANCELLED,
// WALLET_FROZEN, WALLET_CLOSED, WALLET_INSUFFICIENT with what can be used here.
func (s *Service) Charge(ctx context.Context, c Charge) (*ent.WalletPayment, error) {
	if c.Amount <= 0 || c.Amount > MaxPayment {
		return nil, invalidAmount(MaxPayment)
	}
	v := auth.FromContext(ctx)
	if !v.Can(auth.ChargeWallets) {
		return nil, apperr.New(apperr.NotFound).At("input", "storeId")
	}
	return s.once(ctx, v.PersonID, c.IdempotencyKey, c, func(ctx context.Context, hash string) (*ent.WalletPayment, error) {
		return s.charge(ctx, v, c, hash)
	})
}

func (s *Service) charge(ctx context.Context, v auth.Viewer, c Charge, hash string) (*ent.WalletPayment, error) {
	code, err := s.readPayCode(v.BrandID, c.PayCode)
	if err != nil {
		return nil, err
	}
	m, w, err := s.lockShown(ctx, v.BrandID, code.MemberNumber)
	if err == nil && (w == nil || !code.Of(w.Generation)) {
		return nil, apperr.New(apperr.PayCodeInvalid).At("input", "payCode")
	}
	if err != nil {
		return nil, err
	}
	at, err := s.counterAt(ctx, v, auth.ChargeWallets, c.StoreID)
	if err != nil {
		return nil, apperr.OfInput(err, "storeId")
	}
	if m.PersonID == v.PersonID {
		return nil, apperr.New(apperr.SelfCharge)
	}
	if err := takesPart(m); err != nil {
		return nil, err
	}
	if err := usable(w); err != nil {
		return nil, err
	}
	id := ids.Next()
	if err := s.useUp(ctx, m.ID, code.NonceKey, id); err != nil {
		return nil, err
	}
	d := draft{id: id, wallet: w, shop: at.shop, amount: c.Amount, state: enum.WalletPaymentCaptured, source: enum.WalletPaymentTill, staff: &at.clerkID, shift: at.shiftID,
		actorID: v.PersonID, key: c.IdempotencyKey, hash: hash}
	told := enum.EventWalletChanged
	if c.Amount > at.settings.ConfirmAboveFen {
		until := s.Clock.Now().Add(ConfirmWithin)
		d.state, d.expires, told = enum.WalletPaymentAwaiting, &until, enum.EventPaymentAwaits
	}
	p, err := s.pay(ctx, d, at.settings)
	if err != nil {
		return nil, err
	}
	if err := s.tell(ctx, m, p, told); err != nil {
		return nil, err
	}
	return p, s.record(ctx, p, "walletCharge", nil, map[string]any{"state": p.State, "amount": p.AmountFen, "member": ids.Encode(ids.Member, m.ID)}, "")
}

// lockShownSQL reads a member by the number that a pay code shows, with the wallet.
const lockShownSQL = "SELECT m.id, m.person_id, m.state, m.event_sequence, w.id, w.state, w.generation FROM members m" +
	" JOIN wallets w ON w.brand_id = m.brand_id AND w.member_id = m.id WHERE m.brand_id = ? AND m.number = ?"

// lockShown locks the member's row and then the wallet's with one statement; none where there is no such member, or no wallet.
func (s *Service) lockShown(ctx context.Context, brandID, number int64) (*ent.Member, *ent.Wallet, error) {
	rows, err := s.Store.Client(ctx).QueryContext(ctx, lockShownSQL+s.Store.ForUpdate(), brandID, number)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, nil, rows.Err()
	}
	m, w := &ent.Member{BrandID: brandID, Number: number}, &ent.Wallet{BrandID: brandID}
	err = rows.Scan(&m.ID, &m.PersonID, &m.State, &m.EventSequence, &w.ID, &w.State, &w.Generation)
	w.MemberID = m.ID
	s.Store.Known(ctx, brandID, member.Table, m.ID)
	return m, w, err
}

// once does a payment whose key is on its own row, which is unique. A repeat is refused for whatever reason, as the code that it shows is used, and then finds the
// first one's row; so do all but one of several calls with one key at once.
func (s *Service) once(ctx context.Context, actorID int64, key string, input any, act func(ctx context.Context, hash string) (*ent.WalletPayment, error)) (*ent.WalletPayment, error) {
	if err := idempotency.CheckKey(key); err != nil {
		return nil, err
	}
	hash, err := idempotency.Hash(input)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	var made *ent.WalletPayment
	refusal := s.Store.WithTx(ctx, func(ctx context.Context) (err error) {
		made, err = act(ctx, hash)
		return err
	})
	if refusal == nil {
		return made, nil
	}
	if first, err := s.first(ctx, actorID, key, hash); first != nil || apperr.CodeOf(err) == apperr.IdempotencyKeyReused {
		return first, err
	}
	return nil, refusal
}

// first is the payment that the key made; none where it made none. IDEMPOTENCY_KEY_REUSED where its input was another.
func (s *Service) first(ctx context.Context, actorID int64, key, hash string) (*ent.WalletPayment, error) {
	p, err := s.Store.Client(ctx).WalletPayment.Query().Where(walletpayment.ActorID(actorID), walletpayment.IdempotencyKey(key)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case p.InputHash != hash:
		return nil, apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
	}
	return p, nil
}

// readPayCode reads a rotating code; PAY_CODE_INVALID or PAY_CODE_EXPIRED.
func (s *Service) readPayCode(brandID int64, digits string) (membercode.PayCode, error) {
	codec, err := s.codec(brandID)
	if err != nil {
		return membercode.PayCode{}, err
	}
	code, err := codec.VerifyPay(digits, s.Clock.Now())
	switch apperr.CodeOf(err) {
	case apperr.MemberCodeInvalid:
		err = apperr.New(apperr.PayCodeInvalid).At("input", "payCode")
	case apperr.MemberCodeExpired:
		err = apperr.New(apperr.PayCodeExpired).At("input", "payCode")
	}
	return code, err
}

func (s *Service) codec(brandID int64) (*membercode.Codec, error) {
	return membercode.New(s.Keyring.Ring().Secrets(keys.MemberCode, brandID))
}

// useUp makes a code pass once: the row of its nonce is unique.
func (s *Service) useUp(ctx context.Context, memberID int64, nonceKey string, paymentID int64) error {
	err := s.Store.Client(ctx).IdempotencyKey.Create().SetActorID(memberID).SetOperation(nonceOperation).SetKey(nonceKey).SetInputHash("").SetResultID(paymentID).Exec(ctx)
	if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
		return apperr.New(apperr.PayCodeUsed).At("input", "payCode")
	}
	return err
}

// takesPart gives why nothing is done for a member; nil where it may be.
func takesPart(m *ent.Member) error {
	switch m.State {
	case enum.MemberFrozen:
		return apperr.New(apperr.MemberFrozen)
	case enum.MemberCancelled:
		return apperr.New(apperr.MemberCancelled)
	}
	return nil
}

// record writes a change of a payment into the audit log of the org where it is.
func (s *Service) record(ctx context.Context, p *ent.WalletPayment, action string, before, after map[string]any, reason string) error {
	return audit.Record(ctx, s.Store, audit.Change{OrgID: p.OrgID, Action: action, Subject: p.NodeID(), Before: before, After: after, Reason: reason})
}

func invalidAmount(most money.Fen) error {
	return apperr.Invalid("amount", "1–"+strconv.FormatInt(int64(most), 10))
}
