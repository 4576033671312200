package coupon

import (
	"context"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/enum"
)

// Claim is one claim of a batch.
type Claim = claim

// NewClaim makes one.
func NewClaim(memberID int64, key string) Claim { return claim{memberID, key} }

// Commit answers one batch of claims, as the batcher has it done, under a context whose statements are counted.
func (s *Service) Commit(ctx context.Context, brandID, templateID int64, claims []Claim) (coupons []*Claimed, refusals []error, err error) {
	results, err := s.commit(ctx, lane{brandID, templateID}, claims)
	for _, r := range results {
		coupons, refusals = append(coupons, r.Value), append(refusals, r.Err)
	}
	return coupons, refusals, err
}

// RawStatements are the statements of this package that go around the data layer.
func RawStatements() []string {
	callers, _ := CallersStatement(1, 2, nil)
	return []string{insertCouponsSQL, insertCountersSQL, callers, offersSQL + offersOrderSQL, countsSQL + countsGroupSQL}
}

// ReportStatements are what reports and funnels read of a template, with their arguments.
func ReportStatements(t *ent.CouponTemplate) map[string][]any {
	statements := map[string][]any{}
	for begin, group := range map[string]string{reportStatesSQL: reportStatesGroupSQL, reportUsesSQL: reportUsesGroupSQL, reportOrdersSQL: reportOrdersGroupSQL,
		reportRevenueSQL: reportRevenueGroupSQL} {
		query, args := ofTemplates(begin, group, t.BrandID, []*ent.CouponTemplate{t})
		statements[query] = args
	}
	for _, query := range []string{funnelClaimsSQL, funnelUsesSQL, funnelOrdersSQL} {
		statements[query] = []any{t.BrandID, t.ID}
	}
	return statements
}

// CallersStatement is what a batch reads for a template with every kind of limit.
func CallersStatement(brandID, templateID int64, claims []Claim) (string, []any) {
	template := &ent.CouponTemplate{ID: templateID, BrandID: brandID, DayStock: 1, MemberLimit: 1, MemberDayLimit: 1, PersonLimit: 1}
	if len(claims) == 0 {
		claims = []Claim{{}}
	}
	return callersStatement(newBook(template, ways[enum.SourceClaim], time.Now(), time.UTC), claims)
}
