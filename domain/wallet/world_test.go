package wallet_test

import (
	"context"
	"fmt"
	"testing"

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
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
	"dongxiao/internal/testkit/valuekit"
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

// give sells the member a top-up of the first store that may be spent everywhere, unless change, which may be nil, says otherwise.
func (s *shop) give(t testing.TB, principal, bonus int64, change func(*valuekit.TopUp)) *ent.TopUp {
	t.Helper()
	in := valuekit.TopUp{MemberID: s.member.ID, StoreID: s.Store1.ID, ScopeOrgID: s.Root.ID, Principal: principal, Bonus: bonus, At: s.Clock.Now()}
	if change != nil {
		change(&in)
	}
	row, err := valuekit.Give(s.system, s.Store, s.Ledger, in)
	require.NoError(t, err)
	return row
}

// elsewhere has the second store issue a top-up.
func (s *shop) elsewhere(in *valuekit.TopUp) { in.StoreID = s.Store2.ID }

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
