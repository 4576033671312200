package verify_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/ledger"
	"dongxiao/domain/org"
	"dongxiao/domain/quote"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/enum"
	"dongxiao/internal/clock"
	"dongxiao/internal/store"
)

// plantedCouponClearings breaks each rule of what is owed for coupons.
var plantedCouponClearings = []plant{
	{"coupon clearing", "redemptions", "redemptions", "discount_fen", 1100, ""},
	{"coupon clearing", "clearing_lines", "coupon cleared", "face_fen", 601, "redemptions"},
	{"coupon clearing", "clearing_lines", "coupon cleared", "kind", "BONUS", "redemptions"},
	{"coupon clearing", "clearing_lines", "coupon taken back", "face_fen", -599, "undone"},
	{"coupon clearing", "redemptions", "redemptions", "store_id", "other store", ""},
	{"coupon clearing", "coupon_rules", "coupon_rules", "rule", `{"kind":"AMOUNT_OFF"}`, "redemptions"},
	{"coupon clearing share", "clearing_lines", "coupon cleared", "face_fen", 601, ""},
	{"coupon clearing share", "clearing_lines", "coupon cleared", "debtor_org_id", "region", ""},
	{"coupon clearing line", "clearing_lines", "coupon cleared", "subject_id", 5, ""},
	{"coupon clearing line", "clearing_lines", "coupon cleared", "creditor_org_id", "other store", ""},
	{"coupon clearing line", "clearing_lines", "coupon cleared", "posting_id", "clearing top-up", ""},
	{"coupon clearing line", "ledger_postings", "coupon posting", "subject_id", 5, "coupon cleared"},
	{"coupon clearing line", "ledger_postings", "coupon posting", "org_id", nil, "coupon cleared"},
	{"redemption shift", "redemptions", "redemptions", "shift_id", "elsewhere's shift", ""},
	{"coupon clearing reversed", "clearing_lines", "coupon taken back", "face_fen", -601, "coupon returned"},
}

// couponClearings adds what the funders of the two redemptions of a world owe the store, of which one was undone.
func couponClearings(t *testing.T, s *store.Store, r rows) {
	t.Helper()
	ctx, now := auth.System(t.Context(), r["brands"]), clock.NewManual(start)
	orgs := org.New(s, now, nil)
	service := clearing.New(clearing.Options{Store: s, Clock: now, Orgs: orgs, Ledger: ledger.New(s)})
	used := func(ctx context.Context, subject int64) error {
		place, err := orgs.Place(ctx, r["orgs"])
		require.NoError(t, err)
		return service.CouponUsed(ctx, clearing.CouponUse{SubjectID: subject, Place: place, At: start, Shares: []quote.Share{{OrgID: r["root"], Amount: 600}, {OrgID: r["orgs"], Amount: 400}}})
	}
	require.NoError(t, s.WithTx(ctx, func(ctx context.Context) error { return used(ctx, r["redemptions"]) }))
	require.NoError(t, s.WithTx(ctx, func(ctx context.Context) error {
		require.NoError(t, used(ctx, r["undone"]))
		return service.CouponReturned(ctx, clearing.CouponReturn{SubjectID: r["undone"], OrgID: r["orgs"], Key: "undone", Standing: 1000, Back: 1000, At: start})
	}))
	r["elsewhere's shift"] = s.Client(ctx).TillShift.Create().SetStoreID(r["other store"]).SetStaffID(r["other clerk"]).SetOpenStaffID(r["other clerk"]).SetFloatFen(0).SaveX(ctx).ID
	for name, where := range map[string][]int64{"coupon cleared": {r["redemptions"], 600}, "coupon returned": {r["undone"], 600}, "coupon taken back": {r["undone"], -600}} {
		line := s.Client(ctx).ClearingLine.Query().Where(clearingline.KindEQ(enum.ClearCoupon), clearingline.SubjectID(where[0]), clearingline.FaceFen(where[1])).OnlyX(ctx)
		r[name] = line.ID
		if name == "coupon cleared" {
			r["coupon posting"] = line.PostingID
		}
	}
}
