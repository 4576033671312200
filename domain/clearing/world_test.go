package clearing_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/wallet"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/valuekit"
)

// fee is what a store leaves to the issuer in these tests.
const fee money.BasisPoints = 100

// house is the clearing of one brand: members spend what the second store issued.
type house struct {
	*testkit.World
	*clearing.Service
	books *ledger.Ledger
	// one and other are owners of the two stores, finance works at the brand.
	one, other, finance auth.Viewer
	oneStaff            *ent.Staff
}

func open(t *testing.T, w *testkit.World) *house {
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	h := &house{World: w, books: ledger.New(w.Store), Service: clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: org.New(w.Store, w.Clock, cursors),
		Cursors: cursors})}
	h.oneStaff, h.one = w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
	_, h.other = w.NewStaff(t, auth.Portal, w.Store2, auth.Owner)
	_, h.finance = w.NewStaff(t, auth.Console, w.Root, auth.Finance)
	return h
}

func (h *house) system(t testing.TB) context.Context { return auth.System(t.Context(), h.Brand.ID) }

func entry(kind enum.AccountKind, owner, amount int64) ledger.Entry {
	return ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: owner}, Amount: amount}
}

// wallet gives a new member principal of the second store, and bonus that the brand and the second store pay for.
func (h *house) wallet(t testing.TB, principal, bonus int64) *ent.Member {
	t.Helper()
	member, _ := h.NewMember(t)
	in := valuekit.TopUp{MemberID: member.ID, StoreID: h.Store2.ID, ScopeOrgID: h.Root.ID, Principal: principal, Bonus: bonus, At: h.Clock.Now()}
	if bonus > 0 {
		in.Funders = []document.Funder{{OrgID: h.Root.ID, BasisPoints: 6000}, {OrgID: h.Store2.ID, BasisPoints: 4000}}
	}
	_, err := valuekit.Give(h.system(t), h.Store, h.books, in)
	require.NoError(t, err)
	return member
}

// spend spends of each of the member's lots at an org, and tells the payment and the movements.
func (h *house) spend(ctx context.Context, member *ent.Member, orgID int64, amounts ...int64) (payment int64, posted ledger.Posted, err error) {
	return h.spendAt(ctx, member, orgID, h.Clock.Now(), amounts...)
}

func (h *house) spendAt(ctx context.Context, member *ent.Member, orgID int64, at time.Time, amounts ...int64) (payment int64, posted ledger.Posted, err error) {
	payment = ids.Next()
	err = h.Store.WithTx(ctx, func(ctx context.Context) error {
		book, err := h.books.Lock(ctx, member.ID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		p := ledger.Posting{Kind: enum.PostSpend, Key: fmt.Sprintf("wallet-spend:%d", payment), OrgID: orgID, SubjectID: payment, At: at}
		var takes []clearing.Take
		var shares shares
		for i, amount := range amounts {
			if amount == 0 {
				continue
			}
			p.Lots = append(p.Lots, ledger.LotChange{Lot: book.Lots[i], Remaining: -amount})
			takes = append(takes, clearing.Take{Lot: book.Lots[i], Amount: amount})
			shares.add(book.Lots[i], amount)
		}
		debts, err := h.Debts(ctx, orgID, fee, takes)
		if err != nil {
			return err
		}
		p.Entries = append(clearing.Entries(debts), entry(enum.AccountValueSpent, orgID, shares.total()))
		if posted, err = book.Post(ctx, p); err != nil {
			return err
		}
		client := h.Store.Client(ctx)
		w, err := client.Wallet.Query().Where(wallet.MemberID(member.ID)).Only(ctx)
		if err != nil {
			return err
		}
		key := fmt.Sprint("spend-", payment)
		return errors.Join(h.Write(ctx, posted, payment, at, debts), client.Wallet.UpdateOne(w).AddBalanceFen(-shares.total()).Exec(ctx),
			client.WalletPayment.Create().SetID(payment).SetWalletID(w.ID).SetMemberID(member.ID).SetOrgID(orgID).SetState(enum.WalletPaymentCaptured).
				SetSource(enum.WalletPaymentTill).SetAmountFen(shares.total()).SetPrincipalFen(shares.principal).SetBonusFen(shares.bonus).SetCapturedFen(shares.total()).
				SetCapturedAt(at).SetActorID(member.PersonID).SetIdempotencyKey(key).SetInputHash("").Exec(ctx))
	})
	return payment, posted, err
}

// shares are what is spent or given back of principal and of bonus.
type shares struct{ principal, bonus int64 }

func (s *shares) add(lot *ent.Lot, amount int64) {
	if lot.Kind == enum.LotBonus {
		s.bonus += amount
	} else {
		s.principal += amount
	}
}

func (s shares) total() int64 { return s.principal + s.bonus }

// refund gives back some of what a payment took of each lot.
func (h *house) refund(ctx context.Context, member *ent.Member, orgID, payment int64, spent ledger.Posted, amounts ...int64) error {
	return h.Store.WithTx(ctx, func(ctx context.Context) error {
		book, err := h.books.Lock(ctx, member.ID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		id := ids.Next()
		p := ledger.Posting{Kind: enum.PostSpendRefund, Key: fmt.Sprintf("wallet-refund:%d", id), OrgID: orgID, SubjectID: id, ReversesID: spent.ID, At: h.Clock.Now()}
		var gives []clearing.Give
		var shares shares
		for i, amount := range amounts {
			if amount == 0 {
				continue
			}
			lots, err := book.Reopen(ctx, spent.Movements[i].Lot.ID)
			if err != nil {
				return err
			}
			lot := lots[spent.Movements[i].Lot.ID]
			p.Lots = append(p.Lots, ledger.LotChange{Lot: lot, Remaining: amount, ReversesID: spent.Movements[i].ID})
			gives = append(gives, clearing.Give{MovementID: spent.Movements[i].ID, Amount: amount})
			shares.add(lot, amount)
		}
		debts, err := h.Reversals(ctx, payment, gives)
		if err != nil {
			return err
		}
		p.Entries = append(clearing.Entries(debts), entry(enum.AccountValueSpent, orgID, -shares.total()))
		posted, err := book.Post(ctx, p)
		if err != nil {
			return err
		}
		client := h.Store.Client(ctx)
		return errors.Join(h.Write(ctx, posted, payment, h.Clock.Now(), debts),
			client.Wallet.Update().Where(wallet.MemberID(member.ID)).AddBalanceFen(shares.total()).Exec(ctx),
			client.WalletPayment.UpdateOneID(payment).AddRefundedFen(shares.total()).Exec(ctx),
			client.WalletRefund.Create().SetID(id).SetWalletPaymentID(payment).SetMemberID(member.ID).SetOrgID(orgID).SetAmountFen(shares.total()).
				SetPrincipalFen(shares.principal).SetBonusFen(shares.bonus).SetReason("退货").Exec(ctx))
	})
}

// month moves the clock into the next month, past the grace, and makes what statements are due.
func (h *house) month(t testing.TB) int {
	t.Helper()
	h.Clock.Advance(31 * 24 * 60 * 60 * 1e9)
	made, err := h.MakeDueIn(h.system(t), 100)
	require.NoError(t, err)
	return made
}

// statements are all of the brand, oldest first.
func (h *house) statements(t testing.TB) []*ent.ClearingStatement {
	return h.Store.Client(t.Context()).ClearingStatement.Query().Order(ent.Asc("id")).AllX(h.system(t))
}

// owes is what the second store owes the first on a statement, less what the first owes the second.
func (h *house) owes(s *ent.ClearingStatement) int64 {
	if s.FirstOrgID == h.Store2.ID {
		return s.FirstOwesFen - s.SecondOwesFen
	}
	return s.SecondOwesFen - s.FirstOwesFen
}

// confirm confirms for one of the stores what the statement says.
func (h *house) confirm(t testing.TB, v auth.Viewer, orgID int64, s *ent.ClearingStatement) (*ent.ClearingStatement, error) {
	return h.Confirm(testkit.As(t, v), clearing.Confirmation{StatementID: s.ID, OrgID: orgID, FirstOwes: money.Fen(s.FirstOwesFen), SecondOwes: money.Fen(s.SecondOwesFen)})
}

// lines are the lines of the brand, oldest first.
func (h *house) lines(t testing.TB) []*ent.ClearingLine {
	return h.Store.Client(t.Context()).ClearingLine.Query().Order(ent.Asc("id")).AllX(h.system(t))
}

// TestMain has properties walk fewer random ways than pure functions are given, because the steps of one are transactions; -rapid.checks says otherwise.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "25")
	flag.Parse()
	os.Exit(m.Run())
}
