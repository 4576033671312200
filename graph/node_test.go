package graph

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/catalog"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/graph/generated"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
)

// nodes makes one row of each kind and gives the ids by name.
func nodes(t *testing.T, w *testkit.World, self auth.Viewer) map[string]ids.ID {
	t.Helper()
	ctx := auth.System(t.Context(), w.Brand.ID)
	c := w.Store.Client(ctx)
	member := c.Member.UpdateOneID(self.MemberID).SetHomeStoreID(w.Store1.ID).SaveX(ctx)
	rule := c.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 100}).SaveX(ctx)
	template := func(state enum.TemplateState) ids.ID {
		return c.CouponTemplate.Create().SetOrgID(w.Region.ID).SetName("券").SetState(state).SetRuleID(rule.ID).SetTotalStock(1).SetStockLeft(1).
			SetClaimStartsAt(w.Clock.Now()).SetClaimEndsAt(w.Clock.Now()).SetValidityKind(enum.ValidityAfterClaim).SaveX(ctx).NodeID()
	}
	page := func(slug string, state enum.PageState) ids.ID {
		return c.Page.Create().SetOrgID(w.Region.ID).SetSlug(slug).SetTitle("页").SetBlocks([]document.Block{}).SetState(state).SaveX(ctx).NodeID()
	}
	active := template(enum.TemplateActive)
	coupon := c.Coupon.Create().SetTemplateID(active.Value).SetRuleID(rule.ID).SetMemberID(member.ID).SetCode("c1").SetState(enum.CouponUsed).
		SetSource(enum.SourceClaim).SetClaimKey("k").SetUsableFrom(w.Clock.Now()).SetExpiresAt(w.Clock.Now()).SaveX(ctx)
	staff, _ := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
	redemption := c.Redemption.Create().SetKind(enum.RedeemCoupon).SetSubjectID(coupon.ID).SetMemberID(member.ID).SetStoreID(w.Store1.ID).SetStaffID(staff.ID).
		SetState(enum.RedemptionConfirmed).SetPurchaseFen(100).SetDiscountFen(10).SetIdempotencyKey("k").SaveX(ctx)
	product := c.Product.Create().SetCode("p").SetName("酒").SetSkuLine("classic").SetState(enum.ProductActive).SetCategory("白酒").SaveX(ctx)
	sku := c.SKU.Create().SetProductID(product.ID).SetCode("s").SetName("500 ml").SetMode(enum.SellInstant).SaveX(ctx)
	merchant := c.MerchantAccount.Create().SetOrgID(w.Store1.ID).SetActiveOrgID(w.Store1.ID).SetMerchantID("1900000001").SetName("一店").SetCertificateSerial("7").
		SetPrivateKeySealed([]byte("x")).SetAPIKeySealed([]byte("x")).SaveX(ctx)
	payment := c.Payment.Create().SetMerchantAccountID(merchant.ID).SetOrgID(w.Store1.ID).SetAppID(w.Apps[auth.Storefront].ID).SetPersonID(self.PersonID).
		SetMemberID(self.MemberID).SetPurpose(enum.PayTopUp).SetSubjectID(1).SetOutTradeNo("P1").SetDescription("充值").SetAmountFen(1).SetExpiresAt(w.Clock.Now()).SaveX(ctx)
	reconciliation := c.Reconciliation.Create().SetMerchantAccountID(merchant.ID).SetOrgID(w.Store1.ID).SetDay(20261121).SaveX(ctx)
	posting := c.LedgerPosting.Create().SetKind(enum.PostSpend).SetBusinessKey("spend:1").SetSubjectID(1).SetOccurredAt(w.Clock.Now()).SaveX(ctx)
	shift := c.TillShift.Create().SetStoreID(w.Store1.ID).SetStaffID(staff.ID).SetOpenStaffID(staff.ID).SetFloatFen(0).SaveX(ctx)
	terms := document.TopUpTerms{ScopeOrgID: w.Store1.ID}
	tier := func(state enum.TierState) ids.ID {
		return c.TopUpTier.Create().SetOrgID(w.Store1.ID).SetName("充10元").SetState(state).SetPayFen(1000).SetTerms(terms).SetStartsAt(w.Clock.Now()).
			SetEndsAt(w.Clock.Now().AddDate(1, 0, 0)).SaveX(ctx).NodeID()
	}
	wallet := c.Wallet.Create().SetMemberID(member.ID).SaveX(ctx)
	topUp := c.TopUp.Create().SetWalletID(wallet.ID).SetMemberID(member.ID).SetOrgID(w.Store1.ID).SetTierID(tier(enum.TierPaused).Value).SetTender(enum.TenderCash).
		SetState(enum.TopUpPaid).SetPayFen(1000).SetBonusFen(0).SetTerms(terms).SetStaffID(staff.ID).SetShiftID(shift.ID).SaveX(ctx)
	withdrawn := c.TopUpRefund.Create().SetTopUpID(topUp.ID).SetOpenTopUpID(topUp.ID).SetMemberID(member.ID).SetOrgID(w.Store1.ID).SetFault(enum.FaultUnused).
		SetState(enum.TopUpRefundRequested).SetAmountFen(1000).SetPrincipalFen(1000).SetBonusFen(0).SetReason("搬家").SetMadeBy(staff.ID).SaveX(ctx)
	return map[string]ids.ID{
		"cleared": c.ClearingLine.Create().SetKind(enum.ClearPrincipal).SetDebtorOrgID(w.Store2.ID).SetCreditorOrgID(w.Store1.ID).SetFaceFen(1).SetFeeFen(0).SetAmountFen(1).
			SetSubjectID(1).SetPostingID(posting.ID).SetPeriod(202611).SaveX(ctx).NodeID(),
		"clearing": c.ClearingStatement.Create().SetFirstOrgID(w.Store1.ID).SetSecondOrgID(w.Store2.ID).SetPeriod(202611).SetFirstOwesFen(0).SetSecondOwesFen(0).SetLines(0).
			SaveX(ctx).NodeID(),
		"merchant": merchant.NodeID(),
		"payment":  payment.NodeID(),
		"refund": c.PaymentRefund.Create().SetPaymentID(payment.ID).SetMerchantAccountID(merchant.ID).SetOrgID(w.Store1.ID).SetMemberID(self.MemberID).SetOutRefundNo("R1").
			SetCause(enum.CauseUnusable).SetSubjectID(payment.ID).SetAmountFen(1).SaveX(ctx).NodeID(),
		"reconciliation": reconciliation.NodeID(),
		"difference": c.ReconciliationDifference.Create().SetReconciliationID(reconciliation.ID).SetOrgID(w.Store1.ID).SetKind(enum.DifferenceAmount).SetNumber("P1").
			SetOursFen(1).SetTheirsFen(2).SaveX(ctx).NodeID(),
		"app":   w.Apps[auth.Staff].NodeID(),
		"audit": c.AuditEntry.Create().SetOrgID(w.Store1.ID).SetPersonID(0).SetAction("x").SetSubject("x").SaveX(ctx).NodeID(),
		"brand": w.Brand.NodeID(),
		"consent": c.Consent.Create().SetPersonID(self.PersonID).SetKind(enum.ConsentTerms).SetVersion("1").SetGranted(true).
			SetAppID(w.Apps[auth.Storefront].ID).SaveX(ctx).NodeID(),
		"coupon":          coupon.NodeID(),
		"template":        active,
		"template, draft": template(enum.TemplateDraft),
		"level":           c.Level.Create().SetRank(1).SetName("银卡").SetThreshold(0).SetBenefits([]document.Benefit{}).SaveX(ctx).NodeID(),
		"member":          member.NodeID(),
		"event":           c.MemberEvent.Create().SetMemberID(member.ID).SetSequence(1).SetKind(enum.EventCouponIssued).SaveX(ctx).NodeID(),
		"store":           w.Store1.NodeID(),
		"distributor":     w.Distributor.NodeID(),
		"page":            page("home", enum.PagePublished),
		"page, draft":     page("draft", enum.PageDraft),
		"person":          ids.ID{Kind: ids.Person, Value: self.PersonID},
		"product":         product.NodeID(),
		"redemption":      redemption.NodeID(),
		"sku":             sku.NodeID(),
		"session": c.Session.Create().SetPersonID(self.PersonID).SetAppID(w.Apps[auth.Storefront].ID).SetRefreshHash("h").SetRotatedAt(w.Clock.Now()).
			SetExpiresAt(w.Clock.Now()).SaveX(ctx).NodeID(),
		"staff": staff.NodeID(),
		"issue job": c.IssueJob.Create().SetTemplateID(active.Value).SetOrgID(w.Store1.ID).SetStaffID(staff.ID).SetAudience(document.Audience{}).SetReason("周年庆").
			SaveX(ctx).NodeID(),
		"tag":           c.Tag.Create().SetOrgID(w.Store1.ID).SetName("老客").SaveX(ctx).NodeID(),
		"territory":     c.Territory.Query().OnlyX(ctx).NodeID(),
		"shift":         shift.NodeID(),
		"tier":          tier(enum.TierActive),
		"tier, draft":   tier(enum.TierDraft),
		"top-up":        topUp.NodeID(),
		"top-up refund": withdrawn.NodeID(),
		"gift":          c.CouponTransfer.Create().SetCouponID(coupon.ID).SetFromMemberID(self.MemberID).SetTokenHash("h").SetExpiresAt(w.Clock.Now()).SaveX(ctx).NodeID(),
	}
}

func TestNode(t *testing.T) {
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		_, self := w.NewMember(t)
		_, other := w.NewMember(t)
		all := nodes(t, w, self)
		r := &Resolver{Database: w.Store, Clock: w.Clock, Catalog: catalog.New(w.Store, org.NewRoots(w.Store), func() *cursor.Codec { return nil })}
		foreign := *w
		foreign.Brand = w.NewBrand(t)
		foreign.Root = foreign.NewOrg(t, nil, enum.OrgBrand)
		foreign.Apps = map[auth.Face]*ent.App{auth.Console: w.Apps[auth.Console]}
		_, stranger := foreign.NewStaff(t, auth.Console, foreign.Root, auth.Admin)
		as := func(face auth.Face, at *ent.Org, role auth.Role) auth.Viewer {
			_, v := w.NewStaff(t, face, at, role)
			return v
		}
		published := []string{"brand", "level", "page", "product", "sku", "store", "template", "tier"}
		for name, c := range map[string]struct {
			viewer auth.Viewer
			sees   []string // besides what is published
		}{
			"the member":          {self, []string{"consent", "coupon", "event", "gift", "member", "payment", "person", "redemption", "refund", "session", "top-up", "top-up refund"}},
			"another member":      {other, nil},
			"a clerk":             {as(auth.Staff, w.Store1, auth.Clerk), []string{"member", "redemption", "territory"}},
			"a manager":           {as(auth.Staff, w.Store1, auth.Manager), []string{"cleared", "clearing", "issue job", "member", "redemption", "shift", "staff", "tag", "territory", "tier, draft", "top-up", "top-up refund"}},
			"an inspector":        {as(auth.Staff, w.Store1, auth.Inspector), []string{"territory"}},
			"the owner":           {as(auth.Portal, w.Store1, auth.Owner), []string{"audit", "cleared", "clearing", "difference", "issue job", "member", "merchant", "payment", "reconciliation", "redemption", "refund", "shift", "staff", "tag", "territory", "tier, draft", "top-up", "top-up refund"}},
			"the next store":      {as(auth.Portal, w.Store2, auth.Owner), []string{"cleared", "clearing"}},
			"another region":      {as(auth.Console, w.NewOrg(t, w.Root, enum.OrgRegion), auth.Admin), nil},
			"the distributor":     {as(auth.Mall, w.Distributor, auth.Owner), []string{"distributor", "redemption", "territory"}},
			"a regional marketer": {as(auth.Console, w.Region, auth.Marketer), []string{"issue job", "page, draft", "redemption", "tag", "template, draft", "territory"}},
			"the administrator": {as(auth.Console, w.Root, auth.Admin), []string{"app", "audit", "cleared", "clearing", "difference", "distributor", "issue job", "member", "merchant", "page, draft", "payment",
				"reconciliation", "redemption", "refund", "shift", "staff", "tag", "template, draft", "territory", "tier, draft", "top-up", "top-up refund"}},
		} {
			wanted := append(slices.Clone(published), c.sees...)
			slices.Sort(wanted)
			require.Equal(t, wanted, seen(t, r, c.viewer, all), name)
		}
		require.Empty(t, seen(t, r, stranger, all), "another brand")
		require.Empty(t, seen(t, r, auth.Viewer{}, all), "nobody")

		_, admin := w.NewStaff(t, auth.Console, w.Root, auth.Admin)
		for _, id := range []ids.ID{{}, {Kind: ids.Org, Value: 1}, {Kind: ids.Product, Value: 1}, {Kind: ids.SKU, Value: 1}, {Kind: ids.Invitation, Value: 1}} {
			node, err := r.node(testkit.As(t, admin), id)
			require.NoError(t, err)
			require.Nil(t, node)
		}
		// A type that is made a Node needs its row here.
		schema := generated.NewExecutableSchema(generated.Config{}).Schema()
		kinds := map[ids.Kind]bool{}
		for _, id := range all {
			kinds[id.Kind] = true
		}
		require.Len(t, kinds, len(schema.GetPossibleTypes(schema.Types["Node"])))
	})
}

// seen are the names of the nodes that the viewer gets.
func seen(t *testing.T, r *Resolver, v auth.Viewer, all map[string]ids.ID) []string {
	t.Helper()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		node, err := r.node(auth.NewContext(context.Background(), v), all[name])
		if v.BrandID == 0 && err != nil { // nobody has no catalog either
			continue
		}
		require.NoError(t, err, name)
		if node != nil {
			names = append(names, name)
		}
	}
	return names
}
