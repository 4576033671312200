package demo

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"dongxiao/domain/coupon"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/demo/names"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// returningStores is how many of the first stores have a coupon of their own, which the redemption of a scan coupon there gives.
const returningStores = 20

type templateRow struct{ id, rule int64 }

// templates writes the coupon templates: the brand's, the banquet coupon of the first store, and the coupons by which the first stores ask members to come again.
func (w *writer) templates(ctx context.Context) error {
	for _, c := range names.Coupons() {
		var err error
		switch c.Use {
		case names.UseNewcomer:
			w.newcomer, err = w.template(ctx, c, w.root, nil, enum.CouponByRegistration, int64(newcomers(w.size)))
		case names.UseScan:
			w.scan, err = w.template(ctx, c, w.root, nil, enum.CouponByNoEvent, 1)
		case names.UseStore:
			for _, shop := range w.stores[:min(returningStores, len(w.stores))] {
				if _, err = w.template(ctx, c, shop.id, w.scan.id, enum.CouponByNoEvent, 0); err != nil {
					break
				}
			}
		case names.UseBanquet:
			w.banquetTemplate, err = w.template(ctx, c, w.stores[0].id, nil, enum.CouponByNoEvent, 0)
		default:
			w.tastingTemplate, err = w.template(ctx, c, w.root, nil, enum.CouponByNoEvent, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// template writes one active template of the org and its rule; activatedBy is the template whose redemption gives it, or nil.
func (w *writer) template(ctx context.Context, c names.Coupon, org int64, activatedBy any, event enum.CouponEvent, issued int64) (templateRow, error) {
	rule := document.CouponRule{Kind: c.Kind, ThresholdFen: c.Threshold, StackLimit: 1, ReturnPolicy: enum.ReturnOnFullRefund, Repricing: enum.RepriceWithdraw}
	if c.Kind == enum.CouponExchange {
		rule.GoodsSKUID, rule.Transferable = w.skus[c.SKUCodes[0]], true
	} else {
		rule.AmountFen = c.Amount
		for _, code := range c.SKUCodes {
			rule.Scope.SKUIDs = append(rule.Scope.SKUIDs, w.skus[code])
		}
	}
	for _, f := range []document.Funder{{OrgID: w.root, BasisPoints: c.BrandShare}, {OrgID: org, BasisPoints: c.StoreShare}} {
		if f.BasisPoints > 0 {
			rule.Funders = append(rule.Funders, f)
		}
	}
	ruleJSON, err := json.Marshal(rule)
	if err != nil {
		return templateRow{}, err
	}
	t := templateRow{ids.Next(), ids.Next()}
	if err := w.add(ctx, "coupon_rules", []string{"id", "created_at", "brand_id", "rule"}, t.rule, w.now, w.brand.ID, string(ruleJSON)); err != nil {
		return t, err
	}
	stock := max(100, int64(w.size.Members)*int64(c.StockPerMember)/int64(money.Whole))
	if org != w.root {
		stock = max(100, stock/int64(len(w.stores)))
	}
	return t, w.add(ctx, "coupon_templates", []string{"id", "created_at", "brand_id", "org_id", "name", "description", "state", "rule_id", "total_stock", "stock_left",
		"day_stock", "member_limit", "member_day_limit", "person_limit", "claim_starts_at", "claim_ends_at", "validity_kind", "valid_days", "delay_days", "activated_by_id",
		"event", "version"},
		t.id, w.now, w.brand.ID, org, c.Name, c.Description, string(enum.TemplateActive), t.rule, stock, stock-issued,
		0, c.MemberLimit, 0, c.PersonLimit, w.now.AddDate(0, 0, -30), w.now.AddDate(0, 3, 0), string(enum.ValidityAfterClaim), c.ValidDays, 0, activatedBy,
		string(event), 1)
}

// coupon writes a coupon that a member got yesterday.
func (w *writer) coupon(ctx context.Context, t templateRow, member int64, source enum.CouponSource, expires time.Time) error {
	id, got := ids.Next(), w.now.Add(-24*time.Hour)
	return w.add(ctx, "coupons", []string{"id", "created_at", "brand_id", "template_id", "rule_id", "member_id", "code", "state", "source", "claim_key", "usable_from", "expires_at"},
		id, got, w.brand.ID, t.id, t.rule, member, coupon.NewCode(), string(enum.CouponEffective), string(source), "demo-"+strconv.FormatInt(id, 36), got, expires)
}

// counted writes a limit counter of a template at 1.
func (w *writer) counted(ctx context.Context, kind enum.LimitKind, t templateRow, subject int64) error {
	return w.add(ctx, "limit_counters", []string{"id", "created_at", "brand_id", "kind", "scope_id", "subject_id", "period", "count"},
		ids.Next(), w.now.Add(-24*time.Hour), w.brand.ID, string(kind), t.id, subject, 0, 1)
}

// newcomerCoupon writes the coupon that binding a phone gave, with its counter.
func (w *writer) newcomerCoupon(ctx context.Context, member, person int64) error {
	if err := w.coupon(ctx, w.newcomer, member, enum.SourceEvent, w.now.AddDate(0, 0, 6)); err != nil {
		return err
	}
	return w.counted(ctx, enum.LimitEventPerson, w.newcomer, person)
}

// midnightCoupon writes a scan coupon that was claimed yesterday and expires at the next midnight, with its counter.
func (w *writer) midnightCoupon(ctx context.Context, member int64) error {
	zone, err := time.LoadLocation(w.brand.TimeZone)
	if err != nil {
		return err
	}
	year, month, day := w.now.In(zone).Date()
	if err := w.coupon(ctx, w.scan, member, enum.SourceClaim, time.Date(year, month, day+1, 0, 0, 0, 0, zone).UTC()); err != nil {
		return err
	}
	return w.counted(ctx, enum.LimitMemberTotal, w.scan, member)
}
