package app_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"dongxiao/auth"
	"dongxiao/ent/document"
	"dongxiao/ent/org"
	"dongxiao/ent/staff"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
)

// TestStoreDayFile: the day's statement opens in a spreadsheet, with a column that can be added up for each funder, and no name in it is a formula.
func TestStoreDayFile(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		ctx, client := k.System(t), k.Store.Client(t.Context())
		store := appkit.ID(ids.Org, k.Store1.ID)
		shopper, clerk, manager := k.Shopper(t), k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk), k.NewStaff(t, auth.Staff, k.Store1, auth.Manager)
		require.Empty(t, clerk.Do(t, "TillShiftOpen", vars{"input": vars{"storeId": store, "float": 0, "idempotencyKey": appkit.Key()}}).UserCodes("tillShiftOpen"))
		opened := time.Now()
		client.Staff.Update().Where(staff.OrgID(k.Store1.ID), staff.RoleEQ(auth.Clerk)).SetName("=cmd|' /C calc'!A0").ExecX(ctx)
		client.Org.Update().Where(org.ID(k.Store1.ID)).SetName("@店，“一”号").ExecX(ctx)
		shared := k.NewTemplate(t, 10, 5)
		rule := client.CouponRule.Create().SetRule(document.CouponRule{Kind: "AMOUNT_OFF", AmountFen: 1001,
			Funders: []document.Funder{{OrgID: k.Root.ID, BasisPoints: 6_000}, {OrgID: k.Store1.ID, BasisPoints: 4_000}}}).SaveX(ctx)
		client.CouponTemplate.UpdateOne(shared).SetRuleID(rule.ID).ExecX(ctx)
		redeem := func(by *appkit.Client) {
			claimed := shopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": appkit.ID(ids.CouponTemplate, shared.ID), "idempotencyKey": appkit.Key()}})
			code := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
			r := by.Do(t, "RedemptionConfirm", vars{"input": vars{"memberCode": code, "storeId": store, "couponIds": []any{claimed.String(t, "couponClaim.coupon.id")}, "purchase": 8000,
				"idempotencyKey": appkit.Key()}})
			require.Empty(t, r.UserCodes("redemptionConfirm"), r.Body)
		}
		redeem(clerk)
		redeem(clerk)
		redeem(manager)

		zone := time.FixedZone("", 8*3600)
		day := opened.In(zone).Format(time.DateOnly)
		file := func(format string) *appkit.Response {
			url := manager.Do(t, "StoreDayExport", vars{"input": vars{"storeId": store, "date": day, "format": format}}).String(t, "storeDayExport.export.url")
			r, err := manager.SignedOut().Send(t.Context(), http.MethodGet, url[strings.Index(url, "/exports/"):], nil, nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, r.Status)
			return r
		}
		text, ok := strings.CutPrefix(file("CSV").Body, "\ufeff")
		require.True(t, ok, "the byte order mark")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 4)
		name := client.Org.GetX(ctx, k.Root.ID).Name
		require.Equal(t, []string{"店员", "班次", "开班时间", "核销张数", "核销优惠（元）", "撤销张数", "储值笔数", "储值实收（元）", "出资：" + name + "（元）", "出资：@店，“一”号（元）"}, rows[0])
		byName := map[string][]string{}
		for _, row := range rows[1:] {
			byName[row[0]] = row
		}
		mine := byName["'=cmd|' /C calc'!A0"]
		require.Equal(t, []string{"2", "20.02", "0", "0", "0.00", "12.02", "8.00"}, mine[3:])
		at, err := time.ParseInLocation(time.DateTime, mine[2], zone)
		require.NoError(t, err)
		require.WithinDuration(t, opened, at, time.Minute)
		require.Equal(t, []string{"", "", "3", "30.03", "0", "0", "0.00", "18.03", "12.00"}, byName["合计"][1:])

		book, err := excelize.OpenReader(strings.NewReader(file("XLSX").Body))
		require.NoError(t, err)
		defer book.Close()
		sheet, err := book.GetRows("核销日报", excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		require.Len(t, sheet, 4)
		require.Equal(t, rows[0], sheet[0])
		require.Equal(t, []string{"3", "30.03", "0", "0", "0", "18.03", "12"}, sheet[3][3:], "numbers, to be added up")
		for _, cell := range []string{"A1", "J1", "A2", "A3"} {
			formula, err := book.GetCellFormula("核销日报", cell)
			require.NoError(t, err)
			require.Empty(t, formula, cell)
		}
		k.Verify(t)
	})
}
