package app_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// budgets are the most SQL statements that an operation of a front end may take where nothing public is cached. What never
// changes (the orgs of the apps, the rules of coupons) was read before.
var budgets = map[string]int{
	"STOREFRONT Home": 5, "STOREFRONT Me": 2, "STOREFRONT MyProfile": 4, "STOREFRONT Levels": 1, "STOREFRONT Products": 1,
	"STOREFRONT Product": 1, "STOREFRONT NearbyStores": 6, "STOREFRONT CouponCentre": 1, "STOREFRONT CouponQuote": 5, "STOREFRONT MyCoupons": 2,
	"STOREFRONT MissedEvents": 6, "STOREFRONT Sessions": 2, "STOREFRONT PersonalData": 8, "STOREFRONT MemberCode": 1,
	"STOREFRONT CouponGift": 5, "STOREFRONT MyCouponTransfers": 3, "STOREFRONT CouponTransferCreate": 14, "STOREFRONT CouponTransferAccept": 24, "STOREFRONT CouponTransferCancel": 16,
	"STAFF RedemptionPreview": 7, "STAFF RedemptionConfirm": 23, "STAFF Redemptions": 10, "CONSOLE StaffList": 4, "STAFF MemberLookup": 4,
	"CONSOLE CouponTemplates": 4, "CONSOLE CouponTemplate": 3, "CONSOLE Orgs": 3, "CONSOLE AuditLog": 4, "CONSOLE Redemptions": 8,
	"CONSOLE Territories": 4, "PORTAL TradeItems": 5, "MALL TradeItems": 5, "STOREFRONT CouponClaim": 6, "STOREFRONT HomeStoreSet": 7,
	"STOREFRONT ConsentDecide": 3,
	"STOREFRONT MyWallet":      5, "STOREFRONT MyWalletEntries": 6, "STOREFRONT MyWalletPayments": 4, "STOREFRONT MyWalletStatement": 2, "STOREFRONT PayCode": 4,
	"STAFF WalletCharge": 24, "STOREFRONT WalletPaymentConfirm": 26, "STAFF WalletPayment": 6, "STAFF WalletPayments": 7, "STAFF WalletRefund": 30,
	"PORTAL MemberWallet": 9, "CONSOLE StoredValueSettings": 1,
	"CONSOLE CouponReports": 5, "CONSOLE CouponFunnel": 5, "CONSOLE CouponUsers": 7, "STAFF StoreDay": 7, "STAFF StoreDayExport": 1, "STAFF RedemptionReverse": 30, "STAFF RedemptionReview": 15,
}

// recorder collects the statements of one operation, but for the look at what a person may still do: all requests of a second share one.
type recorder struct {
	mu         sync.Mutex
	statements []string
}

func (r *recorder) record(_ context.Context, statement string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !strings.Contains(statement, "FROM sessions s JOIN persons p") {
		r.statements = append(r.statements, statement)
	}
}

// take gives what was recorded and begins anew.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.statements
	r.statements = nil
	return taken
}

// TestStatementBudgets: each operation stays within its SQL statements, however many things it lists and however its goroutines run.
func TestStatementBudgets(t *testing.T) {
	t.Parallel()
	for _, d := range []string{dialect.MySQL, dialect.SQLite} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			i, r := appkit.Install(t, d), &recorder{}
			budgetsHold(t, appkit.NewKit(t, i, i.Serve(t, appkit.Options{Quiet: true, Statement: r.record, Arguments: []string{"--no-cache"}})), r)
		})
	}
}

func budgetsHold(t *testing.T, k *appkit.Kit, recorded *recorder) {
	shopper := k.Shopper(t)
	clerk := k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk)
	console := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
	owner, buyer := k.NewStaff(t, auth.Portal, k.Store1, auth.Owner), k.NewStaff(t, auth.Mall, k.Distributor, auth.Owner)
	store := appkit.ID(ids.Org, k.Store1.ID)
	var templates []string
	for range 5 {
		templates = append(templates, appkit.ID(ids.CouponTemplate, k.NewTemplate(t, 100, 10).ID))
	}
	product := appkit.ID(ids.Product, k.NewProduct(t, 12).ID)
	sku := shopper.Do(t, "Product", vars{"id": product}).String(t, "product.skus.0.id")
	claim := func() string {
		return shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": templates[0], "idempotencyKey": appkit.Key()}}).String(t, "couponClaim.coupon.id")
	}
	code := func() string { return shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits") }
	for n := range 4 { // something to list everywhere
		coupon := claim()
		clerk.Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": code(), "storeId": store, "couponIds": []any{coupon}, "purchase": 9000,
			"location": vars{"latitude": 39.9, "longitude": 116.4, "system": "GCJ02"}, "idempotencyKey": appkit.Key()}})
		if n > 1 {
			claim()
		}
	}
	_, memberID, _ := ids.Parse(shopper.Do(t, `{ viewer { member { id } } }`, nil).String(t, "viewer.member.id"))
	k.Store.Client(k.System(t)).Member.UpdateOneID(memberID).SetHomeStoreID(k.Store1.ID).ExecX(k.System(t))
	give(t, k, memberID, 1_000_000)
	payCode := func() string { return shopper.Do(t, "PayCode", nil).String(t, "payCodeIssue.code.digits") }
	charge := func(store string, fen int) *appkit.Response {
		return clerk.Do(t, "WalletCharge", vars{"input": vars{"payCode": payCode(), "storeId": store, "amount": fen, "idempotencyKey": appkit.Key()}})
	}
	spent, awaiting := charge(store, 1000).String(t, "walletCharge.payment.id"), charge(store, 20_001).String(t, "walletCharge.payment.id")
	manager := k.NewStaff(t, auth.Staff, k.Store1, auth.Manager)
	coupon, digits := claim(), code()
	template := console.Do(t, "CouponTemplate", vars{"id": templates[0]})
	require.Equal(t, 7, template.Number(t, "managedCouponTemplate.counts.issued"))

	friend := k.Shopper(t)
	offer := func() *appkit.Response {
		return shopper.Do(t, "CouponTransferCreate", vars{"input": vars{"couponId": claim(), "idempotencyKey": appkit.Key()}})
	}
	gift, other, mine := offer().String(t, "couponTransferCreate.token"), offer().String(t, "couponTransferCreate.transfer.id"), claim()

	confirmed := clerk.Do(t, "Redemptions", nil)
	redeemed, marked := confirmed.String(t, "redemptions.nodes.0.id"), confirmed.String(t, "redemptions.nodes.1.id")
	today := time.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)

	shopper.Do(t, "Home", vars{"near": kunming}) // what never changes is read once
	covered := map[string]bool{}
	for _, c := range []struct {
		client    *appkit.Client
		operation string
		variables vars
	}{
		{shopper, "Home", vars{"near": kunming}}, {shopper, "Me", nil}, {shopper, "MyProfile", nil}, {shopper, "Levels", nil}, {shopper, "Products", nil},
		{shopper, "Product", vars{"id": product}}, {shopper, "NearbyStores", vars{"near": kunming}}, {shopper, "CouponCentre", nil},
		{shopper, "CouponQuote", vars{"storeId": store, "lines": []any{vars{"skuId": sku, "quantity": 2}}}},
		{shopper, "MyCoupons", nil}, {shopper, "MissedEvents", nil}, {shopper, "Sessions", nil},
		{shopper, "PersonalData", nil}, {shopper, "MemberCode", nil},
		{clerk, "RedemptionPreview", vars{"input": vars{"memberCode": digits, "storeId": store, "purchase": 9000}}},
		{clerk, "RedemptionConfirm", vars{"input": vars{"memberCode": digits, "storeId": store, "couponIds": []any{coupon}, "purchase": 9000, "idempotencyKey": appkit.Key()}}},
		{manager, "RedemptionReview", vars{"input": vars{"id": marked, "note": "属实"}}},
		{clerk, "Redemptions", nil}, {console, "StaffList", nil}, {clerk, "MemberLookup", vars{"input": vars{"code": code()}}},
		{console, "CouponTemplates", nil}, {console, "CouponTemplate", vars{"id": templates[0]}}, {console, "Orgs", nil}, {console, "AuditLog", nil},
		{console, "Redemptions", nil}, {console, "Territories", nil}, {owner, "TradeItems", nil}, {buyer, "TradeItems", nil},
		{shopper, "CouponClaim", vars{"input": vars{"templateId": templates[1], "idempotencyKey": appkit.Key()}}},
		{friend, "CouponGift", vars{"token": gift}}, {shopper, "MyCouponTransfers", nil},
		{friend, "CouponTransferAccept", vars{"input": vars{"token": gift, "idempotencyKey": appkit.Key()}}},
		{shopper, "CouponTransferCancel", vars{"input": vars{"id": other}}},
		{shopper, "CouponTransferCreate", vars{"input": vars{"couponId": mine, "idempotencyKey": appkit.Key()}}},
		{shopper, "HomeStoreSet", vars{"input": vars{"storeId": store}}},
		{shopper, "MyWallet", nil}, {shopper, "MyWalletEntries", nil}, {shopper, "MyWalletPayments", nil}, {shopper, "MyWalletStatement", vars{"month": "2026-11"}}, {shopper, "PayCode", nil},
		{clerk, "WalletCharge", vars{"input": vars{"payCode": payCode(), "storeId": store, "amount": 1000, "idempotencyKey": appkit.Key()}}},
		{shopper, "WalletPaymentConfirm", vars{"input": vars{"id": awaiting}}}, {clerk, "WalletPayment", vars{"id": spent}}, {clerk, "WalletPayments", nil},
		{manager, "WalletRefund", vars{"input": vars{"paymentId": spent, "amount": 400, "reason": "退货", "idempotencyKey": appkit.Key()}}},
		{owner, "MemberWallet", vars{"memberId": appkit.ID(ids.Member, memberID)}}, {console, "StoredValueSettings", nil},
		{shopper, "ConsentDecide", vars{"input": vars{"kind": "MARKETING", "version": "1", "granted": true}}},
		{console, "CouponReports", nil}, {console, "CouponFunnel", vars{"templateId": templates[0], "by": "REGION"}}, {console, "CouponUsers", vars{"templateId": templates[0]}},
		{manager, "StoreDay", vars{"storeId": store, "date": today}}, {manager, "StoreDayExport", vars{"input": vars{"storeId": store, "date": today, "format": "CSV"}}},
		{manager, "RedemptionReverse", vars{"input": vars{"id": redeemed, "reason": "退货"}}},
	} {
		name := string(c.client.Face) + " " + c.operation
		covered[name] = true
		recorded.take()
		r := c.client.Do(t, c.operation, c.variables)
		taken := recorded.take()
		require.Empty(t, r.Errors, "%s: %#v", name, r)
		for field := range r.Data {
			require.Empty(t, r.UserCodes(field), "%s: %#v", name, r)
		}
		require.LessOrEqual(t, len(taken), budgets[name], "%s:\n%s", name, strings.Join(taken, "\n"))
	}
	require.Len(t, covered, len(budgets))
}
