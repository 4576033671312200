package names

import (
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// CouponUse is what a coupon is for in the demo.
type CouponUse string

// The uses of the demo's coupons.
const (
	UseScan     CouponUse = "SCAN"     // given for the code under a cap
	UseStore    CouponUse = "STORE"    // given by the store when a scan coupon is redeemed
	UseNewcomer CouponUse = "NEWCOMER" // once per person
	UseBanquet  CouponUse = "BANQUET"  // 宴席
	UseTasting  CouponUse = "TASTING"  // exchanged for the tasting bottle
)

// Coupon is a coupon template of the brand.
type Coupon struct {
	Use         CouponUse
	Name        string
	Description string
	Kind        enum.CouponKind
	// Amount is what it takes off; for an exchange the retail price of the good.
	Amount money.Fen
	// Threshold is the least amount of goods in scope; 0 for none.
	Threshold money.Fen
	// MinimumPieces is the least number of bottles in scope; 0 for none. Threshold says the same in money.
	MinimumPieces int
	// SKUCodes are the goods that count; empty for all.
	SKUCodes []string
	// BrandShare, DistributorShare and StoreShare say who pays; they sum to money.Whole.
	BrandShare, DistributorShare, StoreShare money.BasisPoints
	// MemberLimit and PersonLimit are how many one may get; 0 for no limit.
	MemberLimit, PersonLimit int
	// ValidDays counts from the claim.
	ValidDays int
	// StockPerMember is the stock as a multiple of the number of members, in basis points.
	StockPerMember money.BasisPoints
}

// Coupons are the coupon templates of the demo brand. The banquet coupon is shared by brand and store.
func Coupons() []Coupon {
	return []Coupon{
		{Use: UseNewcomer, Name: "新人满20减5", Description: "新会员专享，每人一张，满 20 元可用。", Kind: enum.CouponAmountOff,
			Amount: 500, Threshold: 2_000, BrandShare: money.Whole, MemberLimit: 1, PersonLimit: 1, ValidDays: 30, StockPerMember: 12_000},
		{Use: UseScan, Name: "开瓶扫码立减10元", Description: "扫瓶盖内码所得，无门槛。", Kind: enum.CouponAmountOff,
			Amount: 1_000, BrandShare: money.Whole, MemberLimit: 5, ValidDays: 60, StockPerMember: 20_000},
		{Use: UseStore, Name: "门店回头券5元", Description: "在门店核销扫码券后所得，限本店使用，无门槛。", Kind: enum.CouponAmountOff,
			Amount: 500, BrandShare: 6_000, StoreShare: 4_000, MemberLimit: 5, ValidDays: 30, StockPerMember: 20_000},
		{Use: UseBanquet, Name: "宴席10瓶减200", Description: "岭上红婚宴满 10 瓶减 200 元，需提前三天预订。", Kind: enum.CouponAmountOff,
			Amount: 20_000, Threshold: 168_000, MinimumPieces: 10, SKUCodes: []string{"LSH-52-500"},
			BrandShare: 5_000, StoreShare: 5_000, MemberLimit: 2, ValidDays: 90, StockPerMember: 500},
		{Use: UseTasting, Name: "品鉴小酒兑换券", Description: "到店兑换小岭 42° 100 ml 一瓶。", Kind: enum.CouponExchange,
			Amount: 1_500, SKUCodes: []string{TastingBottle}, BrandShare: money.Whole, MemberLimit: 3, ValidDays: 30, StockPerMember: 2_000},
	}
}

// Level is a member level (等级).
type Level struct {
	// Rank counts from 1.
	Rank int
	Name string
	// Threshold is the growth value from which it is reached.
	Threshold  int64
	PeriodDays int
	Benefits   []document.Benefit
}

// Levels are the member levels of the demo brand, lowest first.
func Levels() []Level {
	all := []Level{
		{Name: "岭友", Threshold: 0, Benefits: []document.Benefit{{Title: "会员价", Description: "部分商品享会员价"}}},
		{Name: "银岭", Threshold: 500, Benefits: []document.Benefit{{Title: "生日礼", Description: "生日当月小岭一瓶"}}},
		{Name: "金岭", Threshold: 2_000, Benefits: []document.Benefit{{Title: "品鉴会", Description: "每季一次线下品鉴会"}, {Title: "优先配送"}}},
		{Name: "云岭", Threshold: 8_000, Benefits: []document.Benefit{{Title: "专属导购"}, {Title: "封坛", Description: "年度封坛名额"}}},
		{Name: "岭尊", Threshold: 30_000, Benefits: []document.Benefit{{Title: "回厂游", Description: "每年一次酒厂参观"}, {Title: "定制贴标", Description: "每年一箱免费"}}},
	}
	var kept []document.Benefit
	for i := range all {
		kept = append(kept, all[i].Benefits...)
		all[i].Rank, all[i].PeriodDays = i+1, 365
		all[i].Benefits = append([]document.Benefit{}, kept...) // a higher level keeps what the lower ones give
	}
	return all
}
