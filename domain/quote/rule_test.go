package quote_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/quote"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

func TestCheckRuleRefuses(t *testing.T) {
	t.Parallel()
	invalid, contradicts := apperr.InvalidInput, apperr.TemplateInvalid
	off, percent, exchange, freight := amountOff(100, 0), percentOff(1_000, 0), goods(enum.CouponExchange, 11, 0), freightOff(0, 0)
	many := func(n int) (ids []int64) {
		for i := range n {
			ids = append(ids, int64(i+1))
		}
		return ids
	}
	funders := func(shares ...money.BasisPoints) func(*document.CouponRule) {
		return func(r *document.CouponRule) {
			r.Funders = nil
			for i, s := range shares {
				r.Funders = append(r.Funders, document.Funder{OrgID: int64(i + 1), BasisPoints: s})
			}
		}
	}
	for name, row := range map[string]struct {
		rule   document.CouponRule
		change func(*document.CouponRule)
		code   apperr.Code
		field  string
	}{
		"no kind":                            {off, func(r *document.CouponRule) { r.Kind = "" }, invalid, "kind"},
		"another kind":                       {off, func(r *document.CouponRule) { r.Kind = "CASH" }, invalid, "kind"},
		"no amount":                          {off, func(r *document.CouponRule) { r.AmountFen = 0 }, invalid, "amount"},
		"a negative amount":                  {off, func(r *document.CouponRule) { r.AmountFen = -1 }, invalid, "amount"},
		"too much":                           {off, func(r *document.CouponRule) { r.AmountFen = 10_000_001 }, invalid, "amount"},
		"too much freight":                   {freight, func(r *document.CouponRule) { r.AmountFen = 10_000_001 }, invalid, "amount"},
		"an amount of a percentage":          {percent, func(r *document.CouponRule) { r.AmountFen = 1 }, contradicts, "amount"},
		"an amount of an exchange":           {exchange, func(r *document.CouponRule) { r.AmountFen = 1 }, contradicts, "amount"},
		"0 %":                                {percent, func(r *document.CouponRule) { r.PercentBasisPoints = 0 }, invalid, "percent"},
		"negative percentage":                {percent, func(r *document.CouponRule) { r.PercentBasisPoints = -1 }, invalid, "percent"},
		"over 100 %":                         {percent, func(r *document.CouponRule) { r.PercentBasisPoints = 10_001 }, invalid, "percent"},
		"a percentage of an amount":          {off, func(r *document.CouponRule) { r.PercentBasisPoints = 1 }, contradicts, "percent"},
		"a negative cap":                     {percent, func(r *document.CouponRule) { r.CapFen = -1 }, invalid, "cap"},
		"a cap of an amount":                 {off, func(r *document.CouponRule) { r.CapFen = 1 }, contradicts, "cap"},
		"an exchange for nothing":            {exchange, func(r *document.CouponRule) { r.GoodsSKUID = 0 }, invalid, "goodsSkuId"},
		"a gift of nothing":                  {goods(enum.CouponGift, 11, 0), func(r *document.CouponRule) { r.GoodsSKUID = 0 }, invalid, "goodsSkuId"},
		"goods of an amount":                 {off, func(r *document.CouponRule) { r.GoodsSKUID = 11 }, contradicts, "goodsSkuId"},
		"a negative threshold":               {off, func(r *document.CouponRule) { r.ThresholdFen = -1 }, invalid, "threshold"},
		"too high a threshold":               {off, func(r *document.CouponRule) { r.ThresholdFen = 100_000_001 }, invalid, "threshold"},
		"too many orgs":                      {off, func(r *document.CouponRule) { r.Scope.OrgIDs = many(101) }, invalid, "scopeOrgIds"},
		"no org":                             {off, func(r *document.CouponRule) { r.Scope.OrgIDs = []int64{3, 0} }, invalid, "scopeOrgIds"},
		"too many SKUs":                      {off, func(r *document.CouponRule) { r.Scope.SKUIDs = many(501) }, invalid, "scopeSkuIds"},
		"too many products":                  {off, func(r *document.CouponRule) { r.Scope.ProductIDs = many(501) }, invalid, "scopeProductIds"},
		"too many exclusions":                {off, func(r *document.CouponRule) { r.Scope.ExcludedSKUIDs = many(501) }, invalid, "excludedSkuIds"},
		"too many categories":                {off, func(r *document.CouponRule) { r.Scope.Categories = make([]string, 51) }, invalid, "scopeCategories"},
		"an empty category":                  {off, func(r *document.CouponRule) { r.Scope.Categories = []string{"wine", " "} }, invalid, "scopeCategories"},
		"a long category":                    {off, func(r *document.CouponRule) { r.Scope.Categories = []string{strings.Repeat("酒", 33)} }, invalid, "scopeCategories"},
		"a category with control characters": {off, func(r *document.CouponRule) { r.Scope.Categories = []string{"a\x00b"} }, invalid, "scopeCategories"},
		"a SKU that is excluded too":         {off, func(r *document.CouponRule) { r.Scope.SKUIDs, r.Scope.ExcludedSKUIDs = []int64{1, 2}, []int64{2} }, contradicts, "excludedSkuIds"},
		"an exchange for what is excluded":   {exchange, func(r *document.CouponRule) { r.Scope.ExcludedSKUIDs = []int64{11} }, contradicts, "excludedSkuIds"},
		"everything free, everywhere":        {percent, func(r *document.CouponRule) { r.PercentBasisPoints = money.Whole }, contradicts, "scopeSkuIds"},
		"neither online nor at the till":     {off, func(r *document.CouponRule) { r.Scope.OnlineOnly, r.Scope.StoreOnly = true, true }, contradicts, "storeOnly"},
		"freight at the till":                {freight, func(r *document.CouponRule) { r.Scope.StoreOnly = true }, contradicts, "storeOnly"},
		"no funders":                         {off, funders(), invalid, "funders"},
		"too many funders":                   {off, funders(slices.Repeat([]money.BasisPoints{1_000}, 11)...), invalid, "funders"},
		"99 %":                               {off, funders(6_000, 3_900), contradicts, "funders"},
		"101 %":                              {off, funders(6_000, 4_100), contradicts, "funders"},
		"a funder of nothing":                {off, funders(10_000, 0), invalid, "funders"},
		"a funder who earns by it":           {off, funders(9_999, 2, -1), invalid, "funders"},
		"a funder twice": {off, func(r *document.CouponRule) {
			r.Funders = []document.Funder{{OrgID: 1, BasisPoints: 5_000}, {OrgID: 1, BasisPoints: 5_000}}
		}, contradicts, "funders"},
		"no org as funder":               {off, func(r *document.CouponRule) { r.Funders[0].OrgID = 0 }, invalid, "funders"},
		"a long stack group":             {off, func(r *document.CouponRule) { r.StackGroup = strings.Repeat("a", 33) }, invalid, "stackGroup"},
		"a negative stack limit":         {off, func(r *document.CouponRule) { r.StackLimit = -1 }, invalid, "stackLimit"},
		"too high a stack limit":         {off, func(r *document.CouponRule) { r.StackLimit = 21 }, invalid, "stackLimit"},
		"exclusive, but two at once":     {off, func(r *document.CouponRule) { r.Exclusive, r.StackLimit = true, 2 }, contradicts, "stackLimit"},
		"too high a priority":            {off, func(r *document.CouponRule) { r.Priority = 1_001 }, invalid, "priority"},
		"no return policy":               {off, func(r *document.CouponRule) { r.ReturnPolicy = "" }, invalid, "returnPolicy"},
		"too long a grace":               {off, func(r *document.CouponRule) { r.ReturnGraceDays = 366 }, invalid, "returnGraceDays"},
		"a grace for what never returns": {off, func(r *document.CouponRule) { r.ReturnPolicy, r.ReturnGraceDays = enum.ReturnNever, 1 }, contradicts, "returnGraceDays"},
		"another re-pricing":             {off, func(r *document.CouponRule) { r.Repricing = "HALF" }, invalid, "repricing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule := row.rule
			rule.Funders = slices.Clone(rule.Funders)
			row.change(&rule)
			err := quote.CheckRule(&rule)
			require.Equal(t, row.code, apperr.CodeOf(err))
			refusal := err.(*apperr.Error)
			require.Equal(t, []string{"input", row.field}, refusal.Field)
			if row.code == contradicts {
				require.NotContains(t, refusal.Message(apperr.Chinese), refusal.Params["reason"], "said in words")
				require.NotContains(t, refusal.Message(apperr.English), refusal.Params["reason"], "said in words")
			}
		})
	}
}

func TestCheckRuleBringsTheRuleIntoItsForm(t *testing.T) {
	t.Parallel()
	rule := scoped(amountOff(100, 0), document.CouponScope{OrgIDs: []int64{3, 1, 3}, SKUIDs: []int64{12, 11, 12}, Categories: []string{" wine ", "beer", "wine"}})
	rule.StackGroup = " member day "
	require.NoError(t, quote.CheckRule(&rule))
	require.Equal(t, document.CouponScope{OrgIDs: []int64{1, 3}, SKUIDs: []int64{11, 12}, Categories: []string{"beer", "wine"}}, rule.Scope)
	require.Equal(t, "member day", rule.StackGroup)

	for _, good := range []document.CouponRule{percentOff(money.Whole, 100), scoped(percentOff(money.Whole, 0), document.CouponScope{SKUIDs: []int64{11}}),
		freightOff(0, 0), freightOff(500, 9_900), goods(enum.CouponGift, 11, 0), withdraw(goods(enum.CouponExchange, 11, 0))} {
		require.NoError(t, quote.CheckRule(&good))
	}
}

// TestRulesAreKeptAsTheyWere: a rule that was written before a field existed means what it meant, and reads the same again.
func TestRulesAreKeptAsTheyWere(t *testing.T) {
	t.Parallel()
	const old = `{"kind":"AMOUNT_OFF","amountFen":500,"thresholdFen":1000,"scope":{},"funders":[{"orgId":1,"basisPoints":10000}],"returnPolicy":"ON_FULL_REFUND"}`
	var rule document.CouponRule
	require.NoError(t, json.Unmarshal([]byte(old), &rule))
	written, err := json.Marshal(rule)
	require.NoError(t, err)
	require.Equal(t, old, string(written))
	require.NoError(t, quote.CheckRule(&rule))

	rule.Hours = weekly(t, `{"fri":["18:00-02:00"],"sat":["03:00-24:00"]}`)
	written, err = json.Marshal(rule)
	require.NoError(t, err)
	var read document.CouponRule
	require.NoError(t, json.Unmarshal(written, &read))
	require.Equal(t, rule, read)
}

func TestCheckHours(t *testing.T) {
	t.Parallel()
	morning := time.Date(2026, 3, 4, 8, 0, 0, 0, shanghai) // a Wednesday
	for name, row := range map[string]struct {
		hours string
		until time.Time
		fits  bool
	}{
		"always":                        {`{}`, morning.Add(time.Hour), true},
		"open at the beginning":         {`{"wed":["07:00-09:00"]}`, morning.Add(time.Hour), true},
		"opens within the window":       {`{"wed":["09:00-10:00"]}`, morning.Add(time.Hour + time.Second), true},
		"opens at the window's end":     {`{"wed":["09:00-10:00"]}`, morning.Add(time.Hour), false},
		"on a weekday outside of it":    {`{"tue":["00:00-24:00"]}`, morning.AddDate(0, 0, 5), false},
		"on a weekday of a long window": {`{"tue":["00:00-24:00"]}`, morning.AddDate(0, 0, 7), true},
		"by the brand's own clock":      {`{"wed":["00:00-08:00"]}`, morning.Add(8 * time.Hour), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := quote.CheckHours(weekly(t, row.hours), morning.UTC(), row.until.UTC(), shanghai)
			if row.fits {
				require.NoError(t, err)
				return
			}
			require.Equal(t, apperr.TemplateInvalid, apperr.CodeOf(err))
			require.Equal(t, []string{"input", "hours"}, err.(*apperr.Error).Field)
		})
	}
}

// FuzzCheckRule: a rule of any kind is refused with a field, or is in a form that is accepted again unchanged and that Price understands.
func FuzzCheckRule(f *testing.F) {
	for _, text := range []string{
		`{"kind":"AMOUNT_OFF","amountFen":500,"scope":{"skuIds":[2,1,1],"categories":[" a"]},"funders":[{"orgId":1,"basisPoints":10000}],"returnPolicy":"NEVER"}`,
		`{"kind":"PERCENT_OFF","percentBasisPoints":10000,"capFen":1,"hours":{"mon":["09:00-18:00"]},"funders":[{"orgId":1,"basisPoints":9900}],"returnPolicy":"ON_ANY"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var rule document.CouponRule
		if json.Unmarshal(data, &rule) != nil {
			return
		}
		if err := quote.CheckRule(&rule); err != nil {
			require.Contains(t, []apperr.Code{apperr.InvalidInput, apperr.TemplateInvalid}, apperr.CodeOf(err))
			require.Len(t, err.(*apperr.Error).Field, 2)
			return
		}
		before, err := json.Marshal(rule)
		require.NoError(t, err)
		require.NoError(t, quote.CheckRule(&rule))
		after, err := json.Marshal(rule)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
		in := basket(10_000, 500)
		in.Freight = 700
		in.Coupons = []quote.Coupon{held(1, rule)}
		price(t, in)
	})
}
