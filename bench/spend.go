package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/membercode"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/wallet"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keyring"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

const (
	// spenders is how many members spend in turn; with so many, hardly anyone pays twice in the minute that pay codes are told apart by.
	spenders = 10_000
	// spendCallers is how many of them pay at once.
	spendCallers = 64
	// manyStores is over how many stores the spends are spread on the other side.
	manyStores = 1000
)

// spender makes one payment of a member at a store and waits for its answer.
type spender func(ctx context.Context, code string, storeID int64, amount money.Fen, key string) error

// walletSpend is members who pay from stored value at one store, beside others at a thousand stores, and beside the same effect by SQL written by hand.
func walletSpend(ctx context.Context, e *environment) ([]result, error) {
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	ring, err := e.openKeyring(ctx, now)
	if err != nil {
		return nil, err
	}
	defer ring.Close()
	hot, err := openSpends(ctx, e.store, now, ring, spenders, 1)
	if err != nil {
		return nil, err
	}
	spread, err := openSpends(ctx, e.store, now, ring, spenders, manyStores)
	if err != nil {
		return nil, err
	}
	for _, warm := range []func() (float64, error){
		func() (float64, error) { return hot.rate(ctx, hot.charge) }, func() (float64, error) { return spread.rate(ctx, spread.charge) },
		func() (float64, error) { return hot.rate(ctx, hot.plain.charge) },
	} {
		if _, err := warm(); err != nil {
			return nil, err
		}
	}
	atOne := side{done: &hot.spent, statements: &e.statements}
	atMany := side{done: &spread.spent, statements: &e.statements}
	value, baseline, err := e.alternate(func() (float64, error) {
		return atOne.turn(e, func() (float64, error) { return hot.rate(ctx, hot.charge) })
	},
		func() (float64, error) {
			return atMany.turn(e, func() (float64, error) { return spread.rate(ctx, spread.charge) })
		})
	if err != nil {
		return nil, err
	}
	against := result{Name: "wallet_spend", Value: value, Unit: "spends/s", Baseline: baseline, Goal: 0.8, Statements: atOne.each(), BaselineStatements: atMany.each(),
		Note: fmt.Sprintf("at one store against %d; CPU of each %.0f µs against %.0f", manyStores, atOne.microseconds(), atMany.microseconds())}.compare()
	shipped := side{done: &hot.spent, statements: &e.statements}
	plain := side{done: &hot.spent, statements: &hot.plain.statements}
	value, baseline, err = e.alternate(func() (float64, error) {
		return shipped.turn(e, func() (float64, error) { return hot.rate(ctx, hot.charge) })
	},
		func() (float64, error) {
			return plain.turn(e, func() (float64, error) { return hot.rate(ctx, hot.plain.charge) })
		})
	return []result{against, result{Name: "wallet_spend_plain", Value: value, Unit: "spends/s", Baseline: baseline, Goal: 0.7, Statements: shipped.each(),
		BaselineStatements: plain.each(), Note: fmt.Sprintf("at one store, against one transaction written by hand; CPU of each %.0f µs against %.0f",
			shipped.microseconds(), plain.microseconds())}.compare()}, err
}

// spends is a brand whose members pay from stored value that was issued where they pay.
type spends struct {
	store             *store.Store
	clock             clock.Clock
	brandID, rootID   int64
	clerkID, personID int64
	stores            []int64
	members, numbers  []int64
	codec             *membercode.Codec
	service           *wallet.Service
	plain             *plainSpends
	// spent counts the payments, turn whose turn it is.
	spent, turn atomic.Int64
}

// openSpends makes a brand with so many stores, a clerk of the brand who serves at all of them, members with value, and both ways to spend it.
func openSpends(ctx context.Context, s *store.Store, now clock.Clock, ring *keyring.Keyring, members, stores int) (*spends, error) {
	p := &spends{store: s, clock: now, brandID: ids.Next(), rootID: ids.Next(), clerkID: ids.Next(), personID: ids.Next()}
	if err := p.insertBrand(ctx); err != nil {
		return nil, err
	}
	if err := p.insertStores(ctx, stores); err != nil {
		return nil, err
	}
	if err := p.insertMembers(ctx, members); err != nil {
		return nil, err
	}
	var err error
	if p.codec, err = membercode.New(ring.Ring().Secrets(keys.MemberCode, p.brandID)); err != nil {
		return nil, err
	}
	cursors := func() *cursor.Codec { return cursor.New(ring.Ring().Secrets(keys.Cursor, 0)) }
	orgs, events := org.New(s, now, cursors), memberevent.New(s, nil)
	p.service = wallet.New(wallet.Options{Store: s, Clock: now, Keyring: ring, Ledger: ledger.New(s), Orgs: orgs, Roots: org.NewRoots(s),
		Members:  member.New(member.Options{Store: s, Clock: now, Keyring: ring, Orgs: orgs, Events: events}),
		Clearing: clearing.New(clearing.Options{Store: s, Clock: now, Orgs: orgs, Cursors: cursors}), Events: events, Cursors: cursors})
	p.plain = &plainSpends{db: s.DB(), clock: now, codec: p.codec, brandID: p.brandID, personID: p.personID}
	return p, nil
}

func (p *spends) insertBrand(ctx context.Context) error {
	operator := auth.Operator(ctx)
	if err := p.store.Client(operator).Brand.Create().SetID(p.brandID).SetCode(fmt.Sprintf("bench-%d", p.brandID)).SetName("基准").Exec(operator); err != nil {
		return err
	}
	system := auth.System(ctx, p.brandID)
	client := p.store.Client(system)
	return errors.Join(
		client.Org.Create().SetID(p.rootID).SetKind(enum.OrgBrand).SetPath("/"+store.PathSegment(p.rootID)+"/").SetCode("root").SetName("总部").Exec(system),
		client.Person.Create().SetID(p.personID).SetLimitSubject(p.personID).Exec(system),
		client.Staff.Create().SetID(p.clerkID).SetOrgID(p.rootID).SetPersonID(p.personID).SetRole(auth.Clerk).SetName("店员").SetState(enum.StaffActive).Exec(system),
	)
}

// insertStores writes stores and the stripes of what is spent there, as stores have them after their first days.
func (p *spends) insertStores(ctx context.Context, n int) error {
	now := time.Now().UTC()
	var stores, accounts []any
	for i := range n {
		id := ids.Next()
		p.stores = append(p.stores, id)
		stores = append(stores, id, now, p.brandID, p.rootID, string(enum.OrgStore), "/"+store.PathSegment(p.rootID)+"/"+store.PathSegment(id)+"/", fmt.Sprintf("s%d", i), "门店",
			string(enum.StoreLiquor), string(enum.TierCore))
		for stripe := range ledger.Stripes {
			accounts = append(accounts, ids.Next(), now, p.brandID, string(enum.AssetStoredValue), string(enum.AccountValueSpent), id, stripe)
		}
		if len(accounts) > 30_000 || i == n-1 {
			if err := insert(ctx, p.store.DB(), "INSERT INTO ledger_accounts (id, created_at, brand_id, asset, kind, owner_id, stripe) VALUES ", 7, accounts); err != nil {
				return err
			}
			accounts = nil
		}
	}
	return insert(ctx, p.store.DB(), "INSERT INTO orgs (id, created_at, brand_id, parent_id, kind, path, code, name, store_type, tier) VALUES ", 10, stores)
}

// valueEach is what each member has, in fen.
const valueEach = 400_000

// insertMembers writes members with a wallet, its accounts, and one lot that the store issued at which they pay.
func (p *spends) insertMembers(ctx context.Context, n int) error {
	const each = 1000
	now := time.Now().UTC()
	first := ids.Next() % 9_000_000_000
	for len(p.members) < n {
		persons, members, wallets := table{into: "persons (id, created_at, brand_id, limit_subject)"},
			table{into: "members (id, created_at, brand_id, person_id, number, state, first_channel, last_channel)"},
			table{into: "wallets (id, created_at, brand_id, member_id, balance_fen)"}
		accounts, lots := table{into: "ledger_accounts (id, created_at, brand_id, asset, kind, owner_id, stripe, balance)"},
			table{into: "lots (id, created_at, brand_id, member_id, kind, source_id, issuer_org_id, scope_org_id, amount, remaining)"}
		for range min(each, n-len(p.members)) {
			id, issuer, number := ids.Next(), p.storeOf(len(p.members)), first+int64(len(p.members))+1
			p.members, p.numbers = append(p.members, id), append(p.numbers, number)
			persons.add(id, now, p.brandID, id)
			members.add(id, now, p.brandID, id, number, string(enum.MemberVisitor), string(enum.ChannelDirect), string(enum.ChannelDirect))
			wallets.add(ids.Next(), now, p.brandID, id, valueEach)
			for _, kind := range []enum.AccountKind{enum.AccountPrincipal, enum.AccountBonus, enum.AccountPrincipalHeld, enum.AccountBonusHeld} {
				balance := 0
				if kind == enum.AccountPrincipal {
					balance = valueEach
				}
				accounts.add(ids.Next(), now, p.brandID, string(enum.AssetStoredValue), string(kind), id, 0, balance)
			}
			lots.add(ids.Next(), now, p.brandID, id, string(enum.LotPrincipal), id, issuer, issuer, valueEach, valueEach)
		}
		for _, t := range []table{persons, members, wallets, accounts, lots} {
			if err := insert(ctx, p.store.DB(), "INSERT INTO "+t.into+" VALUES ", t.columns, t.args); err != nil {
				return err
			}
		}
	}
	return nil
}

// storeOf is where the n-th member pays.
func (p *spends) storeOf(n int) int64 { return p.stores[n%len(p.stores)] }

// charge spends through the service, as a clerk at the till does.
func (p *spends) charge(ctx context.Context, code string, storeID int64, amount money.Fen, key string) error {
	ctx = auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachStaff, BrandID: p.brandID, Face: auth.Staff, PersonID: p.personID,
		Assignments: []auth.Assignment{{OrgID: p.rootID, Role: auth.Clerk}}})
	_, err := p.service.Charge(ctx, wallet.Charge{PayCode: code, StoreID: storeID, Amount: amount, IdempotencyKey: key})
	return err
}

// rate lets members pay for a while, so many at once, each as soon as another has paid, and gives spends a second. Any refusal fails the benchmark.
func (p *spends) rate(ctx context.Context, spend spender) (float64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	used := map[string]bool{}
	var mu sync.Mutex
	before, start := p.spent.Load(), time.Now()
	var wg sync.WaitGroup
	for range spendCallers {
		wg.Go(func() {
			for time.Since(start) < window && ctx.Err() == nil {
				turn := p.turn.Add(1)
				n := int(turn) % len(p.members)
				code, err := p.codec.IssuePay(p.numbers[n], 1, p.clock.Now())
				mu.Lock()
				again := used[code.NonceKey]
				used[code.NonceKey] = true
				mu.Unlock()
				if again { // drawn before
					continue
				}
				if err == nil {
					err = spend(ctx, code.Digits, p.storeOf(n), 100, fmt.Sprintf("spend-%08d", turn))
				}
				if err != nil {
					cancel(err)
					return
				}
				p.spent.Add(1)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	return float64(p.spent.Load()-before) / time.Since(start).Seconds(), nil
}
