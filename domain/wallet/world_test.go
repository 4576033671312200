package wallet_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// shop is a brand with the wallet service, a member with a wallet, and a clerk and a manager at the first store.
type shop struct {
	*testkit.World
	*wallet.Service
	member                 *ent.Member
	shopper, clerk, second auth.Viewer
	manager                auth.Viewer
	system                 context.Context
	keys                   int
}

func open(t testing.TB, w *testkit.World) *shop {
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	events := memberevent.New(w.Store, nil)
	orgs := org.New(w.Store, w.Clock, cursors)
	members := member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Orgs: orgs, Events: events})
	s := &shop{World: w, system: auth.System(t.Context(), w.Brand.ID)}
	s.Service = wallet.New(wallet.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Ledger: ledger.New(w.Store), Orgs: orgs, Roots: org.NewRoots(w.Store), Members: members,
		Clearing: clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: orgs, Cursors: cursors}), Events: events, Cursors: cursors})
	members.OnLeave(s.Service)
	s.member, s.shopper = w.NewMember(t)
	_, s.clerk = w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
	_, s.second = w.NewStaff(t, auth.Staff, w.Store2, auth.Clerk)
	_, s.manager = w.NewStaff(t, auth.Staff, w.Store1, auth.Manager)
	_, err := s.Open(s.system, s.member.ID)
	require.NoError(t, err)
	return s
}

// value is a lot to be given.
type value struct {
	kind    enum.LotKind
	amount  int64
	issuer  *ent.Org
	scope   *ent.Org
	expires *time.Time
	funders []document.Funder
}

// give books value as a top-up does; the books' proof wants a top-up for each, so there is one.
func (s *shop) give(t testing.TB, m *ent.Member, lots ...value) {
	t.Helper()
	require.NoError(t, s.tryGive(m, lots...))
}

func (s *shop) tryGive(m *ent.Member, lots ...value) error {
	return s.Store.WithTx(s.system, func(ctx context.Context) error {
		id := ids.Next()
		p := ledger.Posting{Kind: enum.PostTopUp, Key: fmt.Sprintf("top-up:%d", id), SubjectID: id, At: s.Clock.Now()}
		var total money.Fen
		for _, v := range lots {
			issuer, scope := v.issuer, v.scope
			if issuer == nil {
				issuer = s.Store1
			}
			if scope == nil {
				scope = s.Root
			}
			kind := enum.AccountPrincipalIssued
			if v.kind == enum.LotBonus {
				kind = enum.AccountBonusIssued
			}
			total += money.Fen(v.amount)
			p.OrgID = issuer.ID
			p.Grants = append(p.Grants, ledger.Grant{Kind: v.kind, SourceID: id, IssuerOrgID: issuer.ID, ScopeOrgID: scope.ID, Amount: v.amount, ExpiresAt: v.expires, Funders: v.funders})
			p.Entries = append(p.Entries, ledger.Entry{Account: ledger.Account{Kind: kind, OwnerID: issuer.ID}, Amount: -v.amount})
		}
		if _, err := s.Move(ctx, m.ID, total, 0); err != nil {
			return err
		}
		book, err := s.Ledger.Lock(ctx, m.ID, enum.AssetStoredValue)
		if err != nil {
			return err
		}
		_, err = book.Post(ctx, p)
		return err
	})
}

func (s *shop) as(t testing.TB, v auth.Viewer) context.Context { return testkit.As(t, v) }

func (s *shop) key() string { s.keys++; return fmt.Sprintf("key-%06d-%d", s.keys, ids.Next()) }

func (s *shop) code(t testing.TB) string {
	t.Helper()
	code, err := s.NewPayCode(s.as(t, s.shopper))
	require.NoError(t, err)
	return code.Digits
}

// charge charges the member at the first store.
func (s *shop) charge(t testing.TB, amount money.Fen) (*ent.WalletPayment, error) {
	t.Helper()
	return s.Charge(s.as(t, s.clerk), wallet.Charge{PayCode: s.code(t), StoreID: s.Store1.ID, Amount: amount, IdempotencyKey: s.key()})
}

func (s *shop) mustCharge(t testing.TB, amount money.Fen) *ent.WalletPayment {
	t.Helper()
	p, err := s.charge(t, amount)
	require.NoError(t, err)
	return p
}

// holds requires what the wallet has: principal and bonus to be spent, and what is held.
func (s *shop) holds(t testing.TB, principal, bonus, held money.Fen) {
	t.Helper()
	b, err := s.BalanceOf(s.system, s.member.ID)
	require.NoError(t, err)
	require.Equal(t, &wallet.Balance{Principal: principal, Bonus: bonus, Held: held}, b)
	w, err := s.Open(s.system, s.member.ID)
	require.NoError(t, err)
	require.EqualValues(t, principal+bonus+held, w.BalanceFen)
}

// set changes settings of the brand from the defaults.
func (s *shop) set(t testing.TB, change func(*document.StoredValueSettings)) {
	t.Helper()
	settings := wallet.Defaults
	change(&settings)
	_, version, err := s.SettingsOf(s.system)
	require.NoError(t, err)
	_, admin := s.NewStaff(t, auth.Console, s.Root, auth.Admin)
	require.NoError(t, s.SetSettings(s.as(t, admin), settings, version))
}

func refused(t testing.TB, code apperr.Code, err error) {
	t.Helper()
	require.Equal(t, code, apperr.CodeOf(err), "%v", err)
}
