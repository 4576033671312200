package verify_test

import (
	"encoding/json"
	"testing"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// start is when everything in the world begins.
var start = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

// rows has the id of a row under a name, or of a row of a table under the table's name.
type rows map[string]int64

// world makes one brand whose books are right, with at least one row in every table, and names its rows.
func world(t *testing.T, s *store.Store, code string) rows {
	t.Helper()
	brand := s.Client(auth.Operator(t.Context())).Brand.Create().SetCode(code).SetName("云岭春酒业").SaveX(auth.Operator(t.Context()))
	ctx := auth.System(t.Context(), brand.ID)
	client := s.Client(ctx)
	r := rows{"brands": brand.ID}
	org := func(parent *ent.Org, kind enum.OrgKind, code string) *ent.Org {
		id := ids.Next()
		create := client.Org.Create().SetID(id).SetKind(kind).SetCode(code).SetName(code)
		path := "/"
		if parent != nil {
			create.SetParentID(parent.ID)
			path = parent.Path
		}
		return create.SetPath(path + store.PathSegment(id) + "/").SaveX(ctx)
	}
	root := org(nil, enum.OrgBrand, "root")
	region := org(root, enum.OrgRegion, "region")
	shop, other, distributor := org(region, enum.OrgStore, "s1"), org(region, enum.OrgStore, "s2"), org(root, enum.OrgDistributor, "d1")
	r["orgs"], r["root"], r["region"], r["other store"], r["distributor"] = shop.ID, root.ID, region.ID, other.ID, distributor.ID
	app := client.App.Create().SetOrgID(root.ID).SetFace(auth.Storefront).SetWechatAppID("wx" + code).SetName(code).SetSecretSealed([]byte("x")).SaveX(ctx)
	r["apps"] = app.ID
	r["territories"] = client.Territory.Create().SetStoreID(shop.ID).SetDistributorID(distributor.ID).SetSkuLine("classic").SaveX(ctx).ID
	r["pages"] = client.Page.Create().SetOrgID(root.ID).SetSlug("home").SetTitle("首页").SetState(enum.PagePublished).SetBlocks([]document.Block{}).SaveX(ctx).ID
	product := client.Product.Create().SetCode("P1").SetName("云岭春").SetCategory("白酒").SetSkuLine("classic").SetState(enum.ProductActive).SaveX(ctx)
	sku := client.SKU.Create().SetProductID(product.ID).SetCode("S1").SetName("500 ml").SetMode(enum.SellInstant).SaveX(ctx)
	r["products"], r["skus"] = product.ID, sku.ID
	r["prices"] = client.Price.Create().SetSkuID(sku.ID).SetOrgID(root.ID).SetKind(enum.PriceRetail).SetPriceFen(100).SaveX(ctx).ID
	r["stocks"] = client.Stock.Create().SetSkuID(sku.ID).SetOrgID(shop.ID).SetQuantity(5).SaveX(ctx).ID
	level := client.Level.Create().SetRank(1).SetName("银卡").SetThreshold(0).SetBenefits([]document.Benefit{}).SaveX(ctx)
	r["levels"] = level.ID

	person := func(name string) *ent.Person {
		id := ids.Next()
		r[name] = id
		create := client.Person.Create().SetID(id).SetLimitSubject(id)
		if name == "erased" {
			return create.SetState(enum.PersonErased).SetErasedAt(start).SaveX(ctx)
		}
		return create.SetNickname(name).SetPhoneHash(name).SetPhoneTail("0000").SaveX(ctx)
	}
	clerkPerson := person("clerk's person")
	role := func(org *ent.Org, role auth.Role, p *ent.Person) *ent.Staff {
		return client.Staff.Create().SetOrgID(org.ID).SetRole(role).SetPersonID(p.ID).SetName("小李").SetState(enum.StaffActive).SetInvitedBy(clerkPerson.ID).SaveX(ctx)
	}
	clerk := role(shop, auth.Clerk, clerkPerson)
	r["staff"] = clerk.ID
	r["manager's role"] = role(region, auth.Manager, person("manager")).ID
	r["other clerk"] = role(other, auth.Clerk, person("other clerk's person")).ID
	r["invited"] = client.Staff.Create().SetOrgID(shop.ID).SetRole(auth.Clerk).SetName("小王").SetState(enum.StaffInvited).SetInvitationHash(code).
		SetInvitationExpiresAt(start.Add(time.Hour)).SaveX(ctx).ID

	gone := person("erased")
	r["erased role"] = client.Staff.Create().SetOrgID(shop.ID).SetRole(auth.Clerk).SetPersonID(gone.ID).SetName("").SetState(enum.StaffRevoked).SaveX(ctx).ID
	member := func(p *ent.Person, number int64) *ent.MemberCreate {
		return client.Member.Create().SetPersonID(p.ID).SetNumber(brand.ID%1e9*10 + number)
	}
	r["erased member"] = member(gone, 1).SetState(enum.MemberCancelled).SetCancelledAt(start).SaveX(ctx).ID
	mine := person("persons")
	m := member(mine, 2).SetState(enum.MemberRegistered).SetRegisteredAt(start).SetHomeStoreID(shop.ID).SetGuideID(clerk.ID).SetFirstStoreID(shop.ID).
		SetLastStoreID(shop.ID).SetLevelID(level.ID).SetEventSequence(3).SaveX(ctx)
	r["members"] = m.ID
	r["other member"] = member(person("other member's person"), 3).SetState(enum.MemberVisitor).SaveX(ctx).ID
	identity := client.Identity.Create().SetAppID(app.ID)
	r["identities"] = identity.SetPersonID(mine.ID).SetOpenidHash("h").SetOpenidSealed([]byte("x")).SetSessionKeySealed([]byte("x")).SaveX(ctx).ID
	r["erased identity"] = client.Identity.Create().SetAppID(app.ID).SetPersonID(gone.ID).SetFormerOpenidHash("f").SaveX(ctx).ID
	session := func(p *ent.Person) *ent.SessionCreate {
		return client.Session.Create().SetPersonID(p.ID).SetAppID(app.ID).SetRefreshHash("h").SetRotatedAt(start).SetExpiresAt(start.Add(time.Hour))
	}
	r["sessions"] = session(mine).SetDevice("iPhone").SaveX(ctx).ID
	r["erased session"] = session(gone).SetRevokedAt(start).SetRevokedReason("ERASED").SaveX(ctx).ID
	r["consents"] = client.Consent.Create().SetPersonID(mine.ID).SetKind(enum.ConsentPrivacy).SetVersion("1").SetGranted(true).SetAppID(app.ID).SaveX(ctx).ID
	tag := client.Tag.Create().SetOrgID(shop.ID).SetName("常客").SaveX(ctx)
	r["tags"] = tag.ID
	r["member_tags"] = client.MemberTag.Create().SetMemberID(m.ID).SetTagID(tag.ID).SaveX(ctx).ID
	r["audit_entries"] = client.AuditEntry.Create().SetOrgID(shop.ID).SetPersonID(clerkPerson.ID).SetAction("orgUpdate").SetSubject("x").SaveX(ctx).ID

	coupons(t, s, r)
	value(t, s, r)
	couponWays(t, s, r)
	couponClearings(t, s, r)
	orders(t, s, r)
	return r
}

// coupons adds the books of coupons to a world: a template that has given three to one member, of which one was used, and one used and returned.
func coupons(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx := auth.System(t.Context(), r["brands"])
	client := s.Client(ctx)
	rule := client.CouponRule.Create().SetRule(document.CouponRule{Kind: enum.CouponAmountOff, AmountFen: 1000,
		Funders: []document.Funder{{OrgID: r["root"], BasisPoints: 6000}, {OrgID: r["orgs"], BasisPoints: 4000}}}).SaveX(ctx)
	r["coupon_rules"] = rule.ID
	template := func() *ent.CouponTemplateCreate {
		return client.CouponTemplate.Create().SetOrgID(r["root"]).SetName("立减10元").SetRuleID(rule.ID).SetTotalStock(10).SetClaimStartsAt(start).
			SetClaimEndsAt(start.Add(time.Hour)).SetValidityKind(enum.ValidityAfterClaim).SetValidDays(7)
	}
	given := template().SetState(enum.TemplateActive).SetStockLeft(7).SetMemberLimit(5).SetMemberDayLimit(5).SetPersonLimit(5).SetDayStock(5).SaveX(ctx)
	r["coupon_templates"] = given.ID
	r["draft"] = template().SetStockLeft(10).SaveX(ctx).ID
	coupon := func(key string) *ent.CouponCreate {
		return client.Coupon.Create().SetTemplateID(given.ID).SetRuleID(rule.ID).SetMemberID(r["members"]).SetCode(key).SetState(enum.CouponEffective).
			SetSource(enum.SourceClaim).SetClaimKey(key).SetUsableFrom(start).SetExpiresAt(start.Add(time.Hour))
	}
	used := coupon("used").SetState(enum.CouponUsed).SetUsedAt(start).SaveX(ctx)
	returned := coupon("returned").SaveX(ctx)
	r["used"], r["returned"], r["coupons"] = used.ID, returned.ID, coupon("open").SaveX(ctx).ID
	count := func(kind enum.LimitKind, subject int64, day int) int64 {
		return client.LimitCounter.Create().SetKind(kind).SetScopeID(given.ID).SetSubjectID(subject).SetPeriod(day).SetCount(3).SaveX(ctx).ID
	}
	const day = 20261122
	r["limit_counters"], r["member day"] = count(enum.LimitMemberTotal, r["members"], 0), count(enum.LimitMemberDay, r["members"], day)
	r["person total"], r["template day"] = count(enum.LimitPersonTotal, r["persons"], 0), count(enum.LimitTemplateDay, 0, day)
	redemption := func(c *ent.Coupon) *ent.RedemptionCreate {
		return client.Redemption.Create().SetKind(enum.RedeemCoupon).SetSubjectID(c.ID).SetMemberID(r["members"]).SetStoreID(r["orgs"]).SetStaffID(r["staff"]).
			SetPurchaseFen(5000).SetDiscountFen(1000).SetIdempotencyKey(c.Code)
	}
	inForce := redemption(used).SetState(enum.RedemptionConfirmed).SetActiveSubjectID(used.ID).SaveX(ctx)
	undone := redemption(returned).SetState(enum.RedemptionReversed).SetReversedAt(start).SetReversedBy(r["manager's role"]).SetReverseReason("退货").SaveX(ctx)
	r["redemptions"], r["undone"] = inForce.ID, undone.ID
	for i, e := range []struct {
		kind               enum.MemberEventKind
		coupon, redemption int64
	}{{enum.EventCouponRedeemed, used.ID, inForce.ID}, {enum.EventCouponRedeemed, returned.ID, undone.ID}, {enum.EventCouponReturned, returned.ID, undone.ID}} {
		r["member_events"] = client.MemberEvent.Create().SetMemberID(r["members"]).SetSequence(int64(i + 1)).SetKind(e.kind).SetCouponID(e.coupon).
			SetRedemptionID(e.redemption).SaveX(ctx).ID
	}
	remember := func(operation, key string, result int64) int64 {
		return client.IdempotencyKey.Create().SetActorID(r["clerk's person"]).SetOperation(operation).SetKey(key).SetInputHash("h").SetResultID(result).SaveX(ctx).ID
	}
	r["idempotency_keys"] = remember("redemptionConfirm", "used", inForce.ID)
	remember("memberCode", "nonce", inForce.ID)
	remember("wechatPush", "about nobody", r["apps"])
	message := func() *ent.OutboxMessageCreate {
		return client.OutboxMessage.Create().SetTopic("couponRedeemed").SetPayload(json.RawMessage(`{}`)).SetDueAt(start)
	}
	r["outbox_messages"] = message().SaveX(ctx).ID
	r["done"] = message().SetState(enum.OutboxDone).SetAttempts(1).SetDoneAt(start).SaveX(ctx).ID
	r["dead"] = message().SetState(enum.OutboxDead).SetAttempts(20).SetLastError("no answer").SaveX(ctx).ID
}
