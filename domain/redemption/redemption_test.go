package redemption_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/coupon"
	"dongxiao/domain/ledger"
	"dongxiao/domain/member"
	"dongxiao/domain/membercode"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/org"
	"dongxiao/domain/redemption"
	"dongxiao/domain/topup"
	"dongxiao/domain/wallet"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	entredemption "dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/money"
	"dongxiao/internal/pubsub"
	"dongxiao/internal/testkit"
)

// till is a world with the services of one server, a member with a way to show codes, and a clerk of Store1.
type till struct {
	*testkit.World
	redemptions *redemption.Service
	clearings   *clearing.Service
	wallets     *wallet.Service
	coupons     *coupon.Service
	events      *memberevent.Log
	member      *ent.Member
	shopper     auth.Viewer
	clerkRow    *ent.Staff
	clerk       auth.Viewer
	manager     auth.Viewer
	// shown are the codes so far: there are a thousand of a member in a minute, so two may be the same one.
	shown map[string]bool
}

func newTill(t *testing.T, w *testkit.World) *till {
	t.Helper()
	broker := pubsub.New(w.Redis, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = broker.Close(context.Background()) })
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	orgs := org.New(w.Store, w.Clock, cursors)
	coupons := coupon.New(coupon.Options{Store: w.Store, Clock: w.Clock, Redis: w.Redis, Orgs: orgs, Events: memberevent.New(w.Store, broker), Cursors: cursors,
		Keyring: w.Keyring, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { _ = coupons.Close(context.Background()) })
	x := &till{World: w, coupons: coupons, events: memberevent.New(w.Store, broker), shown: map[string]bool{}}
	books, roots := ledger.New(w.Store), org.NewRoots(w.Store)
	x.clearings = clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: orgs, Ledger: books, Cursors: cursors})
	members := member.New(member.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Orgs: orgs, Events: x.events})
	x.wallets = wallet.New(wallet.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Ledger: books, Orgs: orgs, Roots: roots, Members: members,
		Clearing: x.clearings, Events: x.events, Cursors: cursors})
	x.redemptions = redemption.New(redemption.Options{Store: w.Store, Clock: w.Clock, Keyring: w.Keyring, Redis: w.Redis, Orgs: orgs, Events: x.events, Broker: broker,
		Catalog: catalog.New(w.Store, roots, cursors), Clearing: x.clearings, Cursors: cursors, StoredValue: x.wallets, Shifts: topup.Shifts{Store: w.Store},
		Kinds: map[enum.RedemptionKind]redemption.Redeemable{enum.RedeemCoupon: coupons.Redeemable()}})
	x.member, x.shopper = w.NewMember(t)
	x.clerkRow, x.clerk = w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
	_, x.manager = w.NewStaff(t, auth.Staff, w.Store1, auth.Manager)
	return x
}

func (x *till) system(t *testing.T) context.Context { return auth.System(t.Context(), x.Brand.ID) }

// template is an active template of the org: 10 yuan off.
func (x *till) template(t *testing.T, issuer *ent.Org, change func(*document.CouponRule)) *ent.CouponTemplate {
	t.Helper()
	ctx, client := x.system(t), x.Store.Client(t.Context())
	rule := document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000, Funders: []document.Funder{{OrgID: x.Root.ID, BasisPoints: 10_000}}, ReturnPolicy: enum.ReturnOnAny}
	if change != nil {
		change(&rule)
	}
	row := client.CouponRule.Create().SetRule(rule).SaveX(ctx)
	now := x.Clock.Now()
	return client.CouponTemplate.Create().SetOrgID(issuer.ID).SetName("满减券").SetState(enum.TemplateActive).SetRuleID(row.ID).SetTotalStock(1000).
		SetStockLeft(1000).SetMemberLimit(0).SetClaimStartsAt(now).SetClaimEndsAt(now.Add(24 * time.Hour)).SetValidityKind(enum.ValidityAfterClaim).
		SetValidDays(30).SaveX(ctx)
}

// give gives the member an effective coupon of the template, usable for 30 days.
func (x *till) give(t *testing.T, template *ent.CouponTemplate, to *ent.Member) *ent.Coupon {
	t.Helper()
	return x.giveCoded(t, template, to, rand.Text()[:12])
}

// giveCoded is give with a certain code.
func (x *till) giveCoded(t *testing.T, template *ent.CouponTemplate, to *ent.Member, code string) *ent.Coupon {
	t.Helper()
	now := x.Clock.Now()
	x.Store.Client(t.Context()).CouponTemplate.UpdateOne(template).AddStockLeft(-1).ExecX(x.system(t))
	return x.Store.Client(t.Context()).Coupon.Create().SetTemplateID(template.ID).SetRuleID(template.RuleID).SetMemberID(to.ID).SetCode(code).
		SetState(enum.CouponEffective).SetSource(enum.SourceEvent).SetClaimKey(rand.Text()).SetUsableFrom(now).SetExpiresAt(now.AddDate(0, 0, 30)).SaveX(x.system(t))
}

// code is a code of the member that was not shown before.
func (x *till) code(t *testing.T, of *ent.Member) string {
	t.Helper()
	codec, err := membercode.New(x.Keyring.Ring().Secrets(keys.MemberCode, x.Brand.ID))
	require.NoError(t, err)
	for {
		code, err := codec.Issue(of.Number, membercode.Redeem, x.Clock.Now())
		require.NoError(t, err)
		if !x.shown[code.Digits] {
			x.shown[code.Digits] = true
			return code.Digits
		}
	}
}

func (x *till) confirmation(t *testing.T, c *ent.Coupon) redemption.Confirmation {
	t.Helper()
	return redemption.Confirmation{Shown: redemption.Shown{MemberCode: x.code(t, x.member)}, StoreID: x.Store1.ID, Subjects: coupons(c.ID), Bill: redemption.Bill{Purchase: 5000}, IdempotencyKey: rand.Text()}
}

// coupons are the ids of coupons.
func coupons(numbers ...int64) []ids.ID {
	list := make([]ids.ID, len(numbers))
	for i, n := range numbers {
		list[i] = ids.ID{Kind: ids.Coupon, Value: n}
	}
	return list
}

// confirm confirms one coupon.
func (x *till) confirm(t *testing.T, s *redemption.Service, viewer auth.Viewer, c redemption.Confirmation) (*ent.Redemption, error) {
	done, err := s.Confirm(testkit.As(t, viewer), c)
	if err != nil {
		return nil, err
	}
	return done.Results[0].Redemption, nil
}

// preview weighs the member's coupons for an amount.
func (x *till) preview(t *testing.T, viewer auth.Viewer, code string, storeID int64, purchase money.Fen) (*ent.Member, []*redemption.Option, error) {
	offers, err := x.redemptions.Preview(testkit.As(t, viewer), redemption.Shown{MemberCode: code}, storeID, redemption.Bill{Purchase: purchase})
	if err != nil {
		return nil, nil, err
	}
	return offers.Member, offers.Options, nil
}

// books are the rows that a redemption writes.
type books struct {
	redemptions, confirmed, used, keys, events, audits int
}

func (x *till) books(t *testing.T) books {
	t.Helper()
	ctx, client := x.system(t), x.Store.Client(t.Context())
	used := 0
	for _, c := range client.Coupon.Query().AllX(ctx) {
		if c.State == enum.CouponUsed {
			require.NotNil(t, c.UsedAt)
			used++
		} else {
			require.Nil(t, c.UsedAt)
		}
	}
	b := books{
		redemptions: client.Redemption.Query().CountX(ctx),
		confirmed:   client.Redemption.Query().Where(entredemption.StateEQ(enum.RedemptionConfirmed), entredemption.ActiveSubjectIDNotNil()).CountX(ctx),
		used:        used,
		keys:        client.IdempotencyKey.Query().Where(idempotencykey.OperationIn("redemptionConfirm", "memberCode")).CountX(ctx),
		events:      client.MemberEvent.Query().CountX(ctx),
		audits:      client.AuditEntry.Query().Where(auditentry.ActionIn("redemptionConfirm", "redemptionReverse", "redemptionReview")).CountX(ctx),
	}
	require.Equal(t, b.confirmed, b.used, "one confirmed redemption per used coupon")
	sequences := 0
	for _, m := range client.Member.Query().AllX(ctx) {
		sequences += int(m.EventSequence)
	}
	require.Equal(t, b.events, sequences, "events are numbered without gaps")
	return b
}

// refused checks the code and that nothing changed.
func (x *till) refused(t *testing.T, viewer auth.Viewer, c redemption.Confirmation, code apperr.Code) {
	t.Helper()
	before := x.books(t)
	_, err := x.confirm(t, x.redemptions, viewer, c)
	require.Equal(t, code, apperr.CodeOf(err), "%v", err)
	require.Equal(t, before, x.books(t))
}

func TestJourney(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		small := x.give(t, x.template(t, x.Root, nil), x.member)
		large := x.give(t, x.template(t, x.Region, func(r *document.CouponRule) { r.AmountFen, r.ThresholdFen = 3000, 5000 }), x.member)
		far := x.give(t, x.template(t, x.Root, func(r *document.CouponRule) { r.Scope.OrgIDs = []int64{x.Store2.ID} }), x.member)
		events, err := x.events.Follow(testkit.As(t, x.shopper), nil)
		require.NoError(t, err)

		digits := x.code(t, x.member)
		for range 2 { // looking does not use the code up
			m, options, err := x.preview(t, x.clerk, digits, x.Store1.ID, 5000)
			require.NoError(t, err)
			require.Equal(t, x.member.ID, m.ID)
			require.Len(t, options, 3)
			require.Equal(t, large.ID, options[0].Coupon.ID)
			require.Equal(t, money.Fen(3000), options[0].Discount)
			require.Equal(t, small.ID, options[1].Coupon.ID)
			require.Nil(t, options[1].Refusal)
			require.Equal(t, far.ID, options[2].Coupon.ID)
			require.Equal(t, apperr.CouponOutOfScope, options[2].Refusal.Code)
		}
		require.Zero(t, x.books(t))

		c := redemption.Confirmation{Shown: redemption.Shown{MemberCode: digits}, StoreID: x.Store1.ID, Subjects: coupons(large.ID), Bill: redemption.Bill{Purchase: 5000}, IdempotencyKey: "first-of-all"}
		row, err := x.confirm(t, x.redemptions, x.clerk, c)
		require.NoError(t, err)
		require.Equal(t, enum.RedemptionConfirmed, row.State)
		require.Equal(t, []int64{large.ID, x.member.ID, x.Store1.ID, x.clerkRow.ID, 5000, 3000},
			[]int64{row.SubjectID, row.MemberID, row.StoreID, row.StaffID, row.PurchaseFen, row.DiscountFen})
		require.Equal(t, x.Clock.Now(), row.CreatedAt.UTC())
		require.Equal(t, -1, row.DistanceMetres)
		require.False(t, row.NeedsReview)
		require.Equal(t, books{redemptions: 1, confirmed: 1, used: 1, keys: 2, events: 1, audits: 1}, x.books(t))

		select {
		case e := <-events:
			require.EqualValues(t, 1, e.Sequence)
			require.Equal(t, enum.EventCouponRedeemed, e.Kind)
			require.Equal(t, row.ID, *e.RedemptionID)
			require.Equal(t, large.ID, *e.CouponID)
		case <-time.After(20 * time.Second):
			require.FailNow(t, "the member was not told")
		}
		page, err := x.redemptions.List(testkit.As(t, x.clerk), nil, false, nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 1)
		require.Equal(t, row.ID, page.Nodes[0].ID)

		// The screenshot of the code, and then a new code for the used coupon.
		c.IdempotencyKey, c.Subjects = rand.Text(), coupons(small.ID)
		x.refused(t, x.clerk, c, apperr.MemberCodeUsed)
		x.refused(t, x.clerk, x.confirmation(t, large), apperr.CouponAlreadyUsed)
		m, options, err := x.preview(t, x.clerk, x.code(t, x.member), x.Store1.ID, 500)
		require.NoError(t, err)
		require.Equal(t, x.member.ID, m.ID)
		require.Len(t, options, 2)
		require.Equal(t, money.Fen(500), options[0].Discount, "never more than the purchase")
	})
}

func TestConfirmRepeated(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		template := x.template(t, x.Root, nil)
		c := x.confirmation(t, x.give(t, template, x.member))
		row, err := x.confirm(t, x.redemptions, x.clerk, c)
		require.NoError(t, err)
		before := x.books(t)

		x.Clock.Advance(10 * time.Minute)
		again, err := x.confirm(t, x.redemptions, x.clerk, c)
		require.NoError(t, err, "the code is used and old by now")
		require.Equal(t, row.ID, again.ID)
		require.Equal(t, before, x.books(t))

		changed := c
		changed.Bill.Purchase++
		x.refused(t, x.clerk, changed, apperr.IdempotencyKeyReused)
		other := x.confirmation(t, x.give(t, template, x.member))
		other.IdempotencyKey = c.IdempotencyKey
		x.refused(t, x.clerk, other, apperr.IdempotencyKeyReused)
		_, err = x.redemptions.Reverse(testkit.As(t, x.manager), row.ID, "误操作")
		require.NoError(t, err)
		again, err = x.confirm(t, x.redemptions, x.clerk, c)
		require.NoError(t, err)
		require.Equal(t, row.ID, again.ID)
		require.Equal(t, enum.RedemptionReversed, again.State, "in its present state")

		// The remembered keys are forgotten after some weeks; the redemption row still knows its own.
		x.Store.Client(t.Context()).IdempotencyKey.Delete().ExecX(x.system(t))
		other.MemberCode = x.code(t, x.member)
		x.refused(t, x.clerk, other, apperr.IdempotencyKeyReused)
	})
}

// A refusal is not remembered: the same key may be tried again.
func TestConfirmAfterRefusal(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		c := x.confirmation(t, x.give(t, x.template(t, x.Root, func(r *document.CouponRule) { r.ThresholdFen = 10_000 }), x.member))
		x.refused(t, x.clerk, c, apperr.CouponThresholdNotMet)
		c.Bill.Purchase = 10_000
		_, err := x.confirm(t, x.redemptions, x.clerk, c)
		require.NoError(t, err, "neither key nor code was used up")
	})
}

func TestConfirmRefuses(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		x := newTill(t, w)
		ctx, client := x.system(t), x.Store.Client(t.Context())
		template := x.template(t, x.Root, nil)
		given := x.give(t, template, x.member)
		stranger, _ := x.NewMember(t)
		_, elsewhere := x.NewStaff(t, auth.Staff, x.Store2, auth.Clerk)
		_, guide := x.NewStaff(t, auth.Staff, x.Store1, auth.Guide)
		leftRow, left := x.NewStaff(t, auth.Staff, x.Store1, auth.Clerk)
		client.Staff.UpdateOne(leftRow).SetState(enum.StaffSuspended).ExecX(ctx)
		client.Staff.Create().SetOrgID(x.Store1.ID).SetRole(auth.Clerk).SetPersonID(x.member.PersonID).SetName("店员").SetState(enum.StaffActive).ExecX(ctx)
		self := x.clerk
		self.PersonID = x.member.PersonID
		closed := x.NewOrg(t, x.Region, enum.OrgStore)
		client.Org.UpdateOne(closed).SetState(enum.OrgClosed).ExecX(ctx)
		_, closedClerk := x.NewStaff(t, auth.Staff, closed, auth.Clerk)

		otherBrand := x.clerk
		otherBrand.BrandID = x.NewBrand(t).ID
		expired := x.give(t, template, x.member)
		client.Coupon.UpdateOne(expired).SetExpiresAt(x.Clock.Now()).ExecX(ctx)
		soon := x.Clock.Now().Add(time.Hour)
		early := client.Coupon.Create().SetTemplateID(template.ID).SetRuleID(template.RuleID).SetMemberID(x.member.ID).SetCode(rand.Text()[:12]).SetState(enum.CouponPending).
			SetSource(enum.SourceClaim).SetClaimKey(rand.Text()).SetUsableFrom(soon).SetExpiresAt(soon.Add(time.Hour)).SaveX(ctx)
		void := x.template(t, x.Root, nil)
		withdrawn := x.give(t, void, x.member)
		client.CouponTemplate.UpdateOne(void).SetState(enum.TemplateVoid).ExecX(ctx)

		for name, row := range map[string]struct {
			viewer auth.Viewer
			change func(*redemption.Confirmation)
			code   apperr.Code
		}{
			"no key":                {x.clerk, func(c *redemption.Confirmation) { c.IdempotencyKey = "" }, apperr.IdempotencyKeyInvalid},
			"a long key":            {x.clerk, func(c *redemption.Confirmation) { c.IdempotencyKey = string(make([]byte, 65)) }, apperr.IdempotencyKeyInvalid},
			"a negative purchase":   {x.clerk, func(c *redemption.Confirmation) { c.Bill.Purchase = -1 }, apperr.InvalidInput},
			"a huge purchase":       {x.clerk, func(c *redemption.Confirmation) { c.Bill.Purchase = redemption.MaxPurchase + 1 }, apperr.InvalidInput},
			"no code":               {x.clerk, func(c *redemption.Confirmation) { c.MemberCode = "" }, apperr.MemberCodeInvalid},
			"a guessed code":        {x.clerk, func(c *redemption.Confirmation) { c.MemberCode = "90123456789012345678" }, apperr.MemberCodeInvalid},
			"another store's clerk": {elsewhere, nil, apperr.NotFound},
			"another store":         {x.clerk, func(c *redemption.Confirmation) { c.StoreID = x.Store2.ID }, apperr.NotFound},
			"no store":              {x.clerk, func(c *redemption.Confirmation) { c.StoreID = 0 }, apperr.NotFound},
			"a region":              {x.clerk, func(c *redemption.Confirmation) { c.StoreID = x.Region.ID }, apperr.NotFound},
			"a guide":               {guide, nil, apperr.NotFound},
			"a clerk who left":      {left, nil, apperr.NotFound},
			"another brand's clerk": {otherBrand, nil, apperr.MemberCodeInvalid},
			"a closed store":        {closedClerk, func(c *redemption.Confirmation) { c.StoreID = closed.ID }, apperr.StoreClosed},
			"oneself":               {self, nil, apperr.SelfRedemption},
			"no coupon":             {x.clerk, func(c *redemption.Confirmation) { c.Subjects = coupons(0) }, apperr.NotFound},
			"another's coupon":      {x.clerk, func(c *redemption.Confirmation) { c.Subjects = coupons(x.give(t, template, stranger).ID) }, apperr.NotFound},
			"an expired coupon":     {x.clerk, func(c *redemption.Confirmation) { c.Subjects = coupons(expired.ID) }, apperr.CouponExpired},
			"a coupon too early":    {x.clerk, func(c *redemption.Confirmation) { c.Subjects = coupons(early.ID) }, apperr.CouponNotEffective},
			"a withdrawn coupon":    {x.clerk, func(c *redemption.Confirmation) { c.Subjects = coupons(withdrawn.ID) }, apperr.TemplateNotActive},
			"a look-up code": {x.clerk, func(c *redemption.Confirmation) {
				codec, err := membercode.New(x.Keyring.Ring().Secrets(keys.MemberCode, x.Brand.ID))
				require.NoError(t, err)
				code, err := codec.Issue(x.member.Number, membercode.LookUp, x.Clock.Now())
				require.NoError(t, err)
				c.MemberCode = code.Digits
			}, apperr.MemberCodeInvalid},
			"a code of nobody": {x.clerk, func(c *redemption.Confirmation) {
				c.MemberCode = x.code(t, &ent.Member{Number: 1})
			}, apperr.MemberCodeInvalid},
		} {
			c := x.confirmation(t, given)
			if row.change != nil {
				row.change(&c)
			}
			t.Run(name, func(t *testing.T) { x.refused(t, row.viewer, c, row.code) })
		}

		old := x.confirmation(t, given)
		x.Clock.Advance(2 * time.Minute)
		x.refused(t, x.clerk, old, apperr.MemberCodeExpired)
		for state, code := range map[enum.MemberState]apperr.Code{enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled} {
			client.Member.UpdateOneID(x.member.ID).SetState(state).ExecX(ctx)
			x.refused(t, x.clerk, x.confirmation(t, given), code)
			_, _, err := x.preview(t, x.clerk, x.code(t, x.member), x.Store1.ID, 0)
			require.Equal(t, code, apperr.CodeOf(err))
		}
		client.Member.UpdateOneID(x.member.ID).SetState(enum.MemberRegistered).ExecX(ctx)
		_, err := x.confirm(t, x.redemptions, x.clerk, x.confirmation(t, given))
		require.NoError(t, err, "everything was as it should be but for what was named")
	})
}
