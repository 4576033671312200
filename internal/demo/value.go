package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/coupon"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/membercode"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	entmember "dongxiao/ent/member"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
)

// tierStores is how many of the first stores sell stored value, beside the one that closes.
const tierStores = 20

// bonusDays is how long the bonus of the demo's top-ups lasts.
const bonusDays = 90

// tier is a top-up tier of each of those stores.
type tier struct {
	name        string
	pay, bonus  money.Fen
	tasting     bool // a tasting bottle comes with it
	brandShares bool // the brand bears half of the bonus
}

var tiers = []tier{
	{name: "充1000送100", pay: 100_000, bonus: 10_000, tasting: true},
	{name: "充2000送300", pay: 200_000, bonus: 30_000},
	{name: "充3000送450", pay: 300_000, bonus: 45_000, brandShares: true},
	{name: "周年庆充500", pay: 50_000, tasting: true}, // ends before the demo's present
}

// The tiers that wallets are filled by.
const thousand, twoThousand, threeThousand, anniversary = 0, 1, 2, 3

// tiers writes the tiers, all active for half a year.
func (w *writer) tiers(ctx context.Context) error {
	w.tierOf = map[int64][]int64{}
	columns := []string{"id", "created_at", "brand_id", "org_id", "name", "state", "pay_fen", "terms", "member_limit", "person_limit", "starts_at", "ends_at", "version"}
	for i, shop := range w.stores {
		if i >= tierStores && i != len(w.stores)-1 {
			continue
		}
		for _, t := range tiers {
			terms := document.TopUpTerms{BonusFen: t.bonus, ScopeOrgID: w.root, Refund: document.TopUpRefundTerm{UnusedDays: 7}}
			if t.bonus > 0 {
				terms.BonusDays = bonusDays
			}
			if t.tasting {
				terms.Goods = []document.GoodsGift{{SKUID: w.tasting, Count: 1}}
			}
			if t.brandShares {
				terms.Funders = []document.Funder{{OrgID: w.root, BasisPoints: money.Whole / 2}, {OrgID: shop.id, BasisPoints: money.Whole / 2}}
			}
			text, err := json.Marshal(terms)
			if err != nil {
				return err
			}
			id, from := ids.Next(), w.now.AddDate(0, -6, 0)
			w.tierOf[shop.id] = append(w.tierOf[shop.id], id)
			if err := w.add(ctx, "top_up_tiers", columns, id, from, w.brand.ID, shop.id, t.name, string(enum.TierActive), int64(t.pay), string(text), 0, 0,
				from, w.now.AddDate(0, 6, 0), 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// tills is the demo's past, in which members topped up and paid: the services with a clock that is moved.
type tills struct {
	*writer
	clock     *clock.Manual
	orgs      *org.Service
	clearings *clearing.Service
	wallets   *wallet.Service
	topUps    *topup.Service
	members   []*ent.Member
	codes     *membercode.Codec
	keys      int
}

// value fills wallets through the services. The first members have topped up at the first store four months ago, and the bonus of that has expired; some topped
// up again since, and paid at other stores last month, whose statements are made: one is confirmed by both sides. The last store has closed since, and another
// answers for what its members have left. One shift was counted with a difference, and the first clerk's is open.
func (w *writer) value(ctx context.Context) error {
	ctx = auth.System(ctx, w.brand.ID)
	past := clock.NewManual(w.now)
	orgs, events, books, roots := org.New(w.Store, past, nil), memberevent.New(w.Store, nil), ledger.New(w.Store), org.NewRoots(w.Store)
	d := &tills{writer: w, clock: past, orgs: orgs, clearings: clearing.New(clearing.Options{Store: w.Store, Clock: past, Orgs: orgs})}
	d.wallets = wallet.New(wallet.Options{Store: w.Store, Clock: past, Keyring: w.Keyring, Ledger: books, Orgs: orgs, Roots: roots, Clearing: d.clearings, Events: events,
		Members: member.New(member.Options{Store: w.Store, Clock: past, Keyring: w.Keyring, Orgs: orgs, Events: events})})
	d.topUps = topup.New(topup.Options{Store: w.Store, Clock: past, Keyring: w.Keyring, Orgs: orgs, Ledger: books, Wallets: d.wallets, Events: events,
		Coupons: coupon.New(coupon.Options{Store: w.Store, Clock: past, Orgs: orgs, Events: events})})
	var err error
	if d.codes, err = membercode.New(w.Keyring.Ring().Secrets(keys.MemberCode, w.brand.ID)); err != nil {
		return err
	}
	if d.members, err = w.Store.Client(ctx).Member.Query().Where(entmember.NumberGTE(firstNumber)).Order(entmember.ByNumber()).Limit(18).All(ctx); err != nil {
		return err
	}
	zone, err := orgs.Zone(ctx)
	if err != nil {
		return err
	}
	today := w.now.In(zone)
	lastMonth := time.Date(today.Year(), today.Month(), 1, 12, 0, 0, 0, zone).AddDate(0, 0, -6)
	return d.live(ctx, lastMonth)
}

// live is the story, in the order of time; it pays on a day of last month.
func (d *tills) live(ctx context.Context, lastMonth time.Time) error {
	first, second, heir, closing := d.stores[0].id, d.stores[1].id, d.stores[len(d.stores)-2].id, d.stores[len(d.stores)-1].id
	if len(d.members) < 18 || second == closing {
		return nil
	}
	d.clock.Set(lastMonth.AddDate(0, 0, -bonusDays-10))
	for _, shift := range []struct {
		store      int64
		members    []*ent.Member
		difference money.Fen
	}{{first, d.members[:10], -500}, {second, d.members[10:14], 0}, {closing, d.members[14:18], 0}} {
		if err := d.shift(ctx, shift.store, thousand, shift.members, shift.difference); err != nil {
			return err
		}
	}
	d.clock.Set(lastMonth.AddDate(0, 0, -5))
	if _, err := d.wallets.ExpireBonus(ctx, len(d.members)); err != nil {
		return fmt.Errorf("let the demo's bonus expire: %w", err)
	}
	for _, again := range []struct {
		tier    int
		members []*ent.Member
	}{{anniversary, d.members[:4]}, {twoThousand, d.members[4:7]}, {threeThousand, d.members[7:9]}} {
		if err := d.shift(ctx, first, again.tier, again.members, 0); err != nil {
			return err
		}
	}
	for _, shop := range d.stores {
		if err := d.end(ctx, shop.id); err != nil {
			return err
		}
	}
	d.clock.Set(lastMonth)
	for i, pays := range []struct {
		member *ent.Member
		store  int64
	}{{d.members[1], second}, {d.members[4], second}, {d.members[7], second}, {d.members[10], first}, {d.members[14], first}, {d.members[2], first}, {d.members[5], second}} {
		amount := money.Fen(16_800 + 300*i)
		p, err := d.charge(ctx, pays.member, pays.store, amount)
		if err == nil && i == 6 { // one bottle was corked
			_, err = d.wallets.Refund(d.owner(ctx, pays.store), p.ID, amount/2, "一瓶有异味，退一半", d.key())
		}
		if err != nil {
			return fmt.Errorf("pay at the demo's stores: %w", err)
		}
	}
	return d.settle(ctx, first, second, heir, closing)
}

// settle makes last month's statements and confirms one, closes the store, and has one more payment and an open shift of today.
func (d *tills) settle(ctx context.Context, first, second, heir, closing int64) error {
	zone, err := d.orgs.Zone(ctx)
	if err != nil {
		return err
	}
	d.clock.Set(d.now)
	month := d.now.In(zone)
	last := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, zone).AddDate(0, 0, -1)
	if _, _, err := d.clearings.MakeMonth(d.as(ctx, d.financier, auth.Finance, d.root), last.Year()*100+int(last.Month())); err != nil {
		return fmt.Errorf("make the demo's statements: %w", err)
	}
	rows, err := d.Store.Client(ctx).ClearingStatement.Query().All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.FirstOrgID != min(first, second) || row.SecondOrgID != max(first, second) {
			continue
		}
		for _, side := range []int64{first, second} {
			if _, err := d.clearings.Confirm(d.owner(ctx, side), clearing.Confirmation{StatementID: row.ID, OrgID: side, FirstOwes: money.Fen(row.FirstOwesFen),
				SecondOwes: money.Fen(row.SecondOwesFen)}); err != nil {
				return fmt.Errorf("confirm the demo's statement: %w", err)
			}
		}
	}
	if _, err := d.orgs.Update(d.as(ctx, d.administrator, auth.Admin, d.root), org.UpdateInput{ID: closing, State: new(enum.OrgClosed), SuccessorID: &heir, Reason: "店面租约到期"}); err != nil {
		return fmt.Errorf("close the demo's last store: %w", err)
	}
	if _, err := d.charge(ctx, d.members[15], first, 12_800); err != nil {
		return fmt.Errorf("pay with value of the closed store: %w", err)
	}
	_, err = d.topUps.OpenShift(d.clerk(ctx, first), first, 20_000, d.key())
	return err
}

// shift has members top up with a tier in one shift of the store's clerk, in cash and by card in turn, which is counted with the difference.
func (d *tills) shift(ctx context.Context, store int64, tier int, members []*ent.Member, difference money.Fen) error {
	clerk, tenders := d.clerk(ctx, store), []enum.Tender{enum.TenderCash, enum.TenderCard}
	const float = money.Fen(20_000)
	opened, err := d.topUps.OpenShift(clerk, store, float, d.key())
	if err != nil {
		return fmt.Errorf("open a shift of the demo: %w", err)
	}
	count := topup.Count{Cash: float + difference}
	if difference != 0 {
		count.Explanation = "找零时多找了" + (-difference).Yuan() + "元"
	}
	for i, m := range members {
		code, err := d.codes.Issue(m.Number, membercode.Redeem, d.clock.Now())
		if err != nil {
			return err
		}
		tender := tenders[i%len(tenders)]
		if _, err := d.topUps.CreateAtTill(clerk, topup.TillTopUp{MemberCode: code.Digits, StoreID: store, TierID: d.tierOf[store][tier], Tender: tender, IdempotencyKey: d.key()}); err != nil {
			return fmt.Errorf("top a wallet of the demo up: %w", err)
		}
		if tender == enum.TenderCash {
			count.Cash += tiers[tier].pay
		} else {
			count.Card += tiers[tier].pay
		}
	}
	d.clock.Advance(8 * time.Hour)
	_, err = d.topUps.CloseShift(clerk, opened.ID, count, d.key())
	d.clock.Advance(-8 * time.Hour)
	return err
}

// end ends the anniversary's tier of a store that has it.
func (d *tills) end(ctx context.Context, store int64) error {
	if d.tierOf[store] == nil {
		return nil
	}
	_, err := d.topUps.SetTierState(d.owner(ctx, store), d.tierOf[store][anniversary], 1, enum.TierEnded, "周年庆结束")
	return err
}

// charge pays at a store with the member's pay code.
func (d *tills) charge(ctx context.Context, m *ent.Member, store int64, amount money.Fen) (*ent.WalletPayment, error) {
	code, err := d.wallets.NewPayCode(auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachMember, BrandID: d.brand.ID, Face: auth.Storefront, PersonID: m.PersonID, MemberID: m.ID}))
	if err != nil {
		return nil, err
	}
	return d.wallets.Charge(d.clerk(ctx, store), wallet.Charge{PayCode: code.Digits, StoreID: store, Amount: amount, IdempotencyKey: d.key()})
}

func (d *tills) key() string {
	d.keys++
	return fmt.Sprintf("demo-value-%04d", d.keys)
}

func (d *tills) clerk(ctx context.Context, store int64) context.Context {
	return d.as(ctx, d.crews[store].clerk, auth.Clerk, store)
}

func (d *tills) owner(ctx context.Context, store int64) context.Context {
	return d.as(ctx, d.crews[store].owner, auth.Owner, store)
}

// as is the context in which a person acts by a role at an org.
func (w *writer) as(ctx context.Context, person int64, role auth.Role, at int64) context.Context {
	return auth.NewContext(ctx, auth.Viewer{Reach: auth.ReachStaff, BrandID: w.brand.ID, Face: auth.Staff, PersonID: person, Assignments: []auth.Assignment{{OrgID: at, Role: role}}})
}
