package names

import (
	"fmt"

	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// The product lines by which territories are given.
const (
	LineCellar   = "窖藏"
	LineBanquet  = "岭上红"
	LineSmall    = "小岭"
	LineFen      = "云汾"
	LineGift     = "礼盒"
	LineZodiac   = "生肖"
	LineRegional = "区域"
	LineExtras   = "周边"
)

// Product is a good as people know it.
type Product struct {
	Code     string
	Name     string
	Subtitle string
	Category string
	// Line is one of the Line constants.
	Line        string
	Description string
	// Centres are the codes of the marketing centres that a regional edition is made for; empty for goods of everywhere.
	Centres []string
	SKUs    []SKU
}

// SKU is one sellable form of a product.
type SKU struct {
	Code string
	// Name is the specification.
	Name string
	// Barcode is a GTIN-13 with its check digit, empty for a service.
	Barcode string
	// CartonSize is pieces in a carton.
	CartonSize int
	Retail     money.Fen
	Mode       enum.SellableMode
	// Virtual marks a service that has no stock.
	Virtual bool
	// Hidden marks the figure of a blind-box series that is not announced.
	Hidden bool
	// MinimumCartons is the least that a distributor orders: 2, or 0 where it cannot be ordered.
	MinimumCartons int
	// Breaks are a distributor's prices of one piece by how many cartons are ordered; they fall from 70 to 55 % of retail.
	Breaks []Break
}

// Break (阶梯价) is the price from so many cartons on.
type Break struct {
	FromCartons int
	// ToCartons is the last number of cartons at this price; 0 for no end.
	ToCartons int
	Price     money.Fen
}

// breakShares are the three breaks with their share of the retail price.
var breakShares = []struct {
	from, to int
	share    money.BasisPoints
}{{1, 9, 7_000}, {10, 49, 6_200}, {50, 0, 5_500}}

// TastingBottle is the code of the SKU that exchange coupons and top-ups give.
const TastingBottle = "XL42-100"

// Products are the goods of the brand in display order: 20 SKUs, 3 of them regional editions (15 %).
func Products() []Product {
	products := []Product{
		{Code: "JC9", Name: "云岭春 窖藏9", Subtitle: "窖藏九年，浓香正宗", Category: "浓香型白酒", Line: LineCellar,
			Description: "九年陶坛窖藏的浓香型白酒，窖香幽雅，入口绵甜，尾净味长。",
			SKUs: []SKU{
				sku("JC9-52-500", "52° 500 ml", 6, 49_800, enum.SellInstant),
				sku("JC9-38-500", "38° 500 ml", 6, 46_800, enum.SellInstant),
			}},
		{Code: "JC6", Name: "云岭春 窖藏6", Subtitle: "六年窖藏，待客之选", Category: "浓香型白酒", Line: LineCellar,
			Description: "六年窖藏的浓香型白酒，适合商务与家宴。",
			SKUs:        []SKU{sku("JC6-52-500", "52° 500 ml", 6, 26_800, enum.SellInstant)}},
		{Code: "LSH", Name: "岭上红 婚宴", Subtitle: "喜宴用酒，可定制喜帖标", Category: "浓香型白酒", Line: LineBanquet,
			Description: "为婚宴、寿宴和满月酒准备的喜庆装，整箱六瓶。",
			SKUs:        []SKU{sku("LSH-52-500", "52° 500 ml", 6, 16_800, enum.SellPrepared)}},
		{Code: "XL42", Name: "小岭", Subtitle: "小瓶口粮，随开随饮", Category: "清香型白酒", Line: LineSmall,
			Description: "42 度清爽口粮酒，有 100 毫升小瓶和 500 毫升光瓶。",
			SKUs: []SKU{
				sku(TastingBottle, "42° 100 ml", 24, 1_500, enum.SellInstant),
				sku("XL42-500", "42° 500 ml", 12, 5_800, enum.SellInstant),
			}},
		{Code: "YF45", Name: "云汾", Subtitle: "清香型，干净利落", Category: "清香型白酒", Line: LineFen,
			Description: "地缸发酵的清香型白酒，清字当头，一清到底。",
			SKUs:        []SKU{sku("YF45-500", "45° 500 ml", 6, 12_800, enum.SellInstant)}},
		{Code: "LH2", Name: "云岭春 礼盒双瓶", Subtitle: "窖藏9 双瓶，附酒具", Category: "礼盒", Line: LineGift,
			Description: "两瓶窖藏9 52° 500 ml 和一对酒具，节日送礼。",
			SKUs:        []SKU{sku("LH2-52-1000", "52° 2 × 500 ml", 4, 109_800, enum.SellPrepared)}},
		{Code: "SX", Name: "生肖盲盒", Subtitle: "五款常规，一款隐藏", Category: "盲盒", Line: LineZodiac,
			Description: "100 毫升生肖瓶盲盒。购买随机一款，各款概率在购买页公示。",
			SKUs:        append([]SKU{sku("SX-BOX", "52° 100 ml 随机一款", 24, 6_900, enum.SellInstant)}, figures()...)},
		{Code: "WY", Name: "云岭春 吴越版", Subtitle: "江南定制，柔和雅致", Category: "区域定制", Line: LineRegional, Centres: []string{"SH", "JS-S", "JS-N", "ZJ-N", "ZJ-S"},
			Description: "为苏浙沪调制的 42 度柔和型。",
			SKUs:        []SKU{sku("WY42-500", "42° 500 ml", 6, 23_800, enum.SellInstant)}},
		{Code: "CJ", Name: "云岭春 川酒文化版", Subtitle: "巴蜀窖香，文化纪念", Category: "区域定制", Line: LineRegional, Centres: []string{"SC", "CQ"},
			Description: "为川渝调制的 52 度窖香型，附文化手册。",
			SKUs:        []SKU{sku("CJ52-500", "52° 500 ml", 6, 29_800, enum.SellInstant)}},
		{Code: "LN", Name: "云岭春 岭南低度版", Subtitle: "低度清爽，佐餐相宜", Category: "区域定制", Line: LineRegional, Centres: []string{"GZ", "SZ", "DG", "HI", "GX"},
			Description: "为岭南口味调制的 33 度低度酒。",
			SKUs:        []SKU{sku("LN33-500", "33° 500 ml", 6, 19_800, enum.SellInstant)}},
		{Code: "CUP", Name: "品鉴杯", Subtitle: "水晶玻璃，一套两只", Category: "周边", Line: LineExtras,
			Description: "25 毫升品鉴杯，一套两只。",
			SKUs:        []SKU{sku("CUP-2", "25 ml × 2", 48, 2_900, enum.SellInstant)}},
		{Code: "LABEL", Name: "定制贴标服务", Subtitle: "姓名、日期与祝福", Category: "服务", Line: LineExtras,
			Description: "为整箱酒定制瓶标，按瓶计价，随单生产。",
			SKUs:        []SKU{{Code: "LABEL-1", Name: "每瓶", CartonSize: 1, Retail: 900, Mode: enum.SellPrepared, Virtual: true}}},
	}
	number := 0
	for i := range products {
		for j := range products[i].SKUs {
			if sku := &products[i].SKUs[j]; !sku.Virtual {
				number++
				sku.Barcode = barcode(number)
			}
		}
	}
	return products
}

// sku makes a SKU with its distributor prices, which come out in whole fen for every retail price above.
func sku(code, name string, cartonSize int, retail money.Fen, mode enum.SellableMode) SKU {
	made := SKU{Code: code, Name: name, CartonSize: cartonSize, Retail: retail, Mode: mode, MinimumCartons: 2}
	for _, b := range breakShares {
		made.Breaks = append(made.Breaks, Break{FromCartons: b.from, ToCartons: b.to, Price: retail * money.Fen(b.share) / money.Fen(money.Whole)})
	}
	return made
}

// figures are what may be in a blind box. They are shown, not sold one by one, and have the box's price as their value.
func figures() []SKU {
	made := []SKU{}
	for i, name := range []string{"子鼠", "寅虎", "卯兔", "辰龙", "午马", "金龙"} {
		made = append(made, SKU{
			Code: fmt.Sprintf("SX-%d", i+1), Name: "52° 100 ml " + name, CartonSize: 24, Retail: 6_900, Mode: enum.SellDisplay, Hidden: name == "金龙",
		})
	}
	return made
}

// barcode is the GTIN-13 with the number in the company's own range.
func barcode(number int) string {
	digits := fmt.Sprintf("200%09d", number)
	sum := 0
	for i, digit := range digits {
		weight := 1
		if i%2 == 1 {
			weight = 3
		}
		sum += weight * int(digit-'0')
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}
