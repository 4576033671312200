package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// couponStates are the states of the shopper's coupons of each template.
func couponStates(t *testing.T, shopper *appkit.Client) map[string][]string {
	t.Helper()
	states := map[string][]string{}
	for _, node := range shopper.Do(t, "MyCoupons", vars{"first": 50}).List(t, "viewer.coupons.nodes") {
		c := node.(map[string]any)
		template := c["template"].(map[string]any)["id"].(string)
		states[template] = append(states[template], c["state"].(string))
	}
	return states
}

// told counts what the shopper was told, by kind.
func told(t *testing.T, shopper *appkit.Client) map[string]int {
	t.Helper()
	kinds := map[string]int{}
	for _, node := range shopper.Do(t, "MissedEvents", vars{"first": 20}).List(t, "viewer.events.nodes") {
		kinds[node.(map[string]any)["kind"].(string)]++
	}
	return kinds
}

const soon, often = 30 * time.Second, 50 * time.Millisecond

// TestTopUpCouponsComeAndGo takes a top-up from WeChat's payment to its refund: what it gave is the shopper's meanwhile, and is taken back from the shopper and from the way to
// a friend.
func TestTopUpCouponsComeAndGo(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		c, client := newCounter(t, k), k.Store.Client(k.System(t))
		admin := k.NewStaff(t, auth.Console, k.Root, auth.Admin)
		event, gift := k.NewTemplate(t, 10, 1), k.NewTemplate(t, 10, 1)
		client.CouponTemplate.UpdateOne(event).SetEvent(enum.CouponByTopUp).ExecX(k.System(t))
		eventID, giftID := appkit.ID(ids.CouponTemplate, event.ID), appkit.ID(ids.CouponTemplate, gift.ID)
		made := admin.Do(t, "TopUpTierCreate", vars{"input": vars{"orgId": appkit.ID(ids.Org, k.Store1.ID), "name": "充1000送两张券", "pay": 100_000, "bonus": 0,
			"scopeOrgId": appkit.ID(ids.Org, k.Root.ID), "coupons": []any{vars{"templateId": giftID, "count": 2}}, "startsAt": time.Now().Add(-time.Hour),
			"endsAt": time.Now().Add(24 * time.Hour), "idempotencyKey": appkit.Key()}})
		c.tier = made.String(t, "topUpTierCreate.tier.id")
		active := admin.Do(t, "TopUpTierStateSet", vars{"input": vars{"id": c.tier, "version": made.Number(t, "topUpTierCreate.tier.version"), "state": "ACTIVE"}})
		require.Empty(t, active.UserCodes("topUpTierStateSet"), active)

		shopper, friend := k.Shopper(t), k.Shopper(t)
		topUp, refusal, err := c.buy(t.Context(), shopper, appkit.Key())
		require.NoError(t, err)
		require.Empty(t, refusal)
		require.Eventually(t, func() bool {
			return client.Coupon.Query().Where(coupon.SourceEQ(enum.SourceEvent)).CountX(k.System(t)) == 3
		}, soon, often)
		require.Equal(t, 3, told(t, shopper)["COUPON_ISSUED"])
		require.Equal(t, map[string][]string{eventID: {"EFFECTIVE"}, giftID: {"EFFECTIVE", "EFFECTIVE"}}, couponStates(t, shopper))
		mine := shopper.Do(t, "MyCoupons", vars{"first": 50})
		tokens := []string{}
		for i := range 2 {
			offered := shopper.Do(t, "CouponTransferCreate", vars{"input": vars{"couponId": mine.String(t, fmt.Sprintf("viewer.coupons.nodes.%d.id", i)), "idempotencyKey": appkit.Key()}})
			tokens = append(tokens, offered.String(t, "couponTransferCreate.token"))
		}

		offer := admin.Do(t, "TopUpRefundPreview", vars{"input": vars{"topUpId": topUp, "fault": "UNUSED"}})
		refund := admin.Do(t, "TopUpRefundRequest", vars{"input": vars{"topUpId": topUp, "fault": "UNUSED", "amount": offer.Number(t, "topUpRefundPreview.offer.amount"),
			"reason": "七天内未使用", "idempotencyKey": appkit.Key()}})
		if refund.String(t, "topUpRefundRequest.refund.state") == "REQUESTED" {
			require.Equal(t, 2, told(t, shopper)["COUPON_CHANGED"], "nothing is taken back before somebody else has looked")
			checker := k.NewStaff(t, auth.Console, k.Root, auth.Finance)
			checked := checker.Do(t, "TopUpRefundCheck", vars{"input": vars{"id": refund.String(t, "topUpRefundRequest.refund.id"), "approve": true, "idempotencyKey": appkit.Key()}})
			require.Empty(t, checked.UserCodes("topUpRefundCheck"), checked)
		}
		require.Equal(t, map[string][]string{eventID: {"REVOKED"}, giftID: {"REVOKED", "REVOKED"}}, couponStates(t, shopper))
		require.Equal(t, 2+3, told(t, shopper)["COUPON_CHANGED"], "two offers, and three taken back")
		for _, token := range tokens {
			accepted := friend.Do(t, "CouponTransferAccept", vars{"input": vars{"token": token, "idempotencyKey": appkit.Key()}})
			require.Equal(t, []string{"TRANSFER_ENDED"}, accepted.UserCodes("couponTransferAccept"))
		}
		require.Empty(t, couponStates(t, friend))
		k.Verify(t)
	})
}

// TestCouponsFromStaff: a clerk gives a coupon to whoever shows a code at the till, a marketer one to each of a long list; a job that was stopped goes on; and what a marketer
// withdraws is gone from the member's coupons.
func TestCouponsFromStaff(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper, clerk := k.Shopper(t), k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk)
		marketer := k.NewStaff(t, auth.Console, k.Root, auth.Marketer)
		ofStore, ofBrand := k.NewTemplate(t, 10, 1), k.NewTemplate(t, 10, 0)
		_, err := k.Store.DB().ExecContext(t.Context(), "UPDATE coupon_templates SET org_id = ? WHERE id = ?", k.Store1.ID, ofStore.ID)
		require.NoError(t, err)
		issue := func(template *ent.CouponTemplate, digits, key string) *appkit.Response {
			return clerk.Do(t, "CouponIssue", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, template.ID), "memberCode": digits, "reason": "久等了", "idempotencyKey": key}})
		}
		digits, key := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits"), appkit.Key()
		given := issue(ofStore, digits, key)
		first := given.String(t, "couponIssue.coupons.0.id")
		require.Regexp(t, `^\*{8}.{4}$`, given.String(t, "couponIssue.coupons.0.code"), "staff do not see the code")
		require.Equal(t, first, issue(ofStore, digits, key).String(t, "couponIssue.coupons.0.id"))
		require.Equal(t, first, shopper.Do(t, "MyCoupons", nil).String(t, "viewer.coupons.nodes.0.id"))
		require.Equal(t, map[string]int{"COUPON_ISSUED": 1}, told(t, shopper))
		for name, c := range map[string]struct {
			template *ent.CouponTemplate
			digits   string
			code     string
		}{
			"one is the limit":        {ofStore, digits, "LIMIT_REACHED"},
			"the brand's":             {ofBrand, digits, "NOT_FOUND"},
			"digits that are no code": {ofStore, digits[:len(digits)-1] + string('0'+(digits[len(digits)-1]-'0'+1)%10), "MEMBER_CODE_INVALID"},
			"no digits":               {ofStore, "会员码", "MEMBER_CODE_INVALID"},
		} {
			require.Equal(t, []string{c.code}, issue(c.template, c.digits, appkit.Key()).UserCodes("couponIssue"), name)
		}

		// A list of 5,000, of which one is a member here; the job is stopped and goes on.
		listed := make([]any, 5_000)
		for i := range listed {
			listed[i] = fmt.Sprintf("1%010d", i)
		}
		listed[4_999] = shopper.Do(t, "MyProfile", nil).String(t, "viewer.member.number")
		job := marketer.Do(t, "CouponIssueJobCreate", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, ofBrand.ID), "audience": vars{"listed": listed},
			"reason": "老客回馈", "idempotencyKey": appkit.Key()}})
		require.Equal(t, 5_000, job.Number(t, "couponIssueJobCreate.job.total"), "%.200s", job.Body)
		id := job.String(t, "couponIssueJobCreate.job.id")
		done := func() bool {
			return marketer.Do(t, "CouponIssueJob", vars{"id": id}).String(t, "couponIssueJob.state") == "DONE"
		}
		stopped := marketer.Do(t, "CouponIssueJobStop", vars{"input": vars{"id": id, "reason": "等一下"}})
		if len(stopped.UserCodes("couponIssueJobStop")) == 0 { // it was not faster
			resumed := marketer.Do(t, "CouponIssueJobResume", vars{"input": vars{"id": id, "reason": "可以了"}})
			require.Equal(t, "RUNNING", resumed.String(t, "couponIssueJobResume.job.state"))
		}
		require.Eventually(t, done, soon, often)
		result := marketer.Do(t, "CouponIssueJob", vars{"id": id})
		require.Equal(t, 1, result.Number(t, "couponIssueJob.issued"))
		require.Equal(t, 4_999, result.Number(t, "couponIssueJob.skipped"))
		resumed := marketer.Do(t, "CouponIssueJobResume", vars{"input": vars{"id": id, "reason": "再来"}})
		require.Equal(t, []string{"ISSUE_JOB_NOT_STOPPED"}, resumed.UserCodes("couponIssueJobResume"))

		withdrawn := marketer.Do(t, "CouponTemplateStateSet", vars{"input": vars{"id": appkit.ID(ids.CouponTemplate, ofBrand.ID), "version": 1, "state": "VOID", "reason": "发错了"}})
		require.Empty(t, withdrawn.UserCodes("couponTemplateStateSet"), withdrawn)
		require.Eventually(t, func() bool {
			return k.Store.Client(t.Context()).Coupon.Query().Where(coupon.StateEQ(enum.CouponRevoked)).CountX(k.System(t)) == 1
		}, soon, often)
		require.Equal(t, map[string]int{"COUPON_ISSUED": 2, "COUPON_CHANGED": 1}, told(t, shopper))
		require.Equal(t, map[string][]string{appkit.ID(ids.CouponTemplate, ofBrand.ID): {"REVOKED"}, appkit.ID(ids.CouponTemplate, ofStore.ID): {"EFFECTIVE"}}, couponStates(t, shopper))
		k.Verify(t)
	})
}

// refusalOf is the field below input and the sentence of an answer's only refusal, be it data or an error of the request.
func refusalOf(t *testing.T, r *appkit.Response, mutation string) (field, message string) {
	t.Helper()
	if len(r.Errors) == 1 {
		return strings.Join(r.Errors[0].Extensions.Field[1:], "."), r.Errors[0].Message
	}
	list := r.List(t, mutation+".userErrors")
	require.Len(t, list, 1, r.Body)
	refusal := list[0].(map[string]any)
	path := []string{}
	for _, name := range refusal["field"].([]any)[1:] {
		path = append(path, name.(string))
	}
	return strings.Join(path, "."), refusal["message"].(string)
}

// TestTemplateRefusalsNameTheField: what a marketer wrote wrongly is told at its field, in the language of the request.
func TestTemplateRefusalsNameTheField(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		marketer := k.NewStaff(t, auth.Console, k.Root, auth.Marketer)
		root := appkit.ID(ids.Org, k.Root.ID)
		now := time.Now().UTC().Truncate(time.Second)
		before := k.Rows(t)
		for name, c := range map[string]struct {
			change         vars
			field, message string
		}{
			"windows":       {vars{"claimEndsAt": now.Add(-time.Hour).Format(time.RFC3339)}, "claimEndsAt", "券模板填写有误：领取结束时间须晚于领取开始时间。"},
			"99 %":          {vars{"funders": []any{vars{"orgId": root, "share": 9_900}}}, "funders", "券模板填写有误：各出资方的比例相加须正好是 100 %。"},
			"101 %":         {vars{"funders": []any{vars{"orgId": root, "share": 10_100}}}, "funders.0.share", "“funders.0.share”填写有误：0–10000"},
			"percent 0":     {vars{"kind": "PERCENT_OFF", "amount": nil, "percent": 0}, "percent", "“percent”填写有误：1–10000"},
			"percent 101":   {vars{"kind": "PERCENT_OFF", "amount": nil, "percent": 10_100}, "percent", "“percent”填写有误：0–10000"},
			"cap 0":         {vars{"kind": "PERCENT_OFF", "amount": nil, "percent": 1_000, "cap": 0}, "cap", "“cap”填写有误：1–10000000"},
			"freight 0":     {vars{"kind": "FREIGHT", "amount": 0}, "amount", "“amount”填写有误：1–10000000"},
			"stack 0":       {vars{"stackLimit": 0}, "stackLimit", "“stackLimit”填写有误：1–20"},
			"weekday 7":     {vars{"hours": []any{vars{"weekday": 7, "open": "09:00", "close": "10:00"}}}, "hours", "“hours”填写有误：0–6"},
			"empty scope":   {vars{"scopeCategories": []any{"没有"}}, "scopeCategories", "没有找到，可能已被删除。"},
			"other's goods": {vars{"scopeSkuIds": []any{appkit.ID(ids.SKU, 1)}}, "scopeSkuIds", "没有找到，可能已被删除。"},
		} {
			input := vars{"orgId": root, "name": "满50减10", "amount": 1000, "threshold": 5000, "totalStock": 10, "claimStartsAt": now.Format(time.RFC3339),
				"claimEndsAt": now.Add(time.Hour).Format(time.RFC3339), "validityKind": "AFTER_CLAIM", "validDays": 7, "idempotencyKey": appkit.Key()}
			for field, value := range c.change {
				input[field] = value
			}
			field, message := refusalOf(t, marketer.Do(t, "CouponTemplateCreate", vars{"input": input}), "couponTemplateCreate")
			require.Equal(t, c.field, field, name)
			require.Equal(t, c.message, message, name)
		}
		require.Equal(t, before, k.Rows(t))
	})
}
