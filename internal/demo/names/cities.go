package names

import (
	"math/rand/v2"

	"dongxiao/internal/geo"
)

// Region is one of the six great regions (大区).
type Region struct {
	Code    string
	Name    string
	Centres []Centre
}

// Centre is a regional marketing centre (区域营销中心), named after its province or city.
type Centre struct {
	Code string
	Name string
	// Adcode is the six-digit code of GB/T 2260 of the province or city that it is named after.
	Adcode string
	// Cities has at least one; the first is where the centre sits.
	Cities []City
}

// City is a real city with a box within its built-up area.
type City struct {
	Name string
	// Adcode is the code of GB/T 2260.
	Adcode string
	// Centre is the code of the marketing centre.
	Centre string
	// South, West, North and East bound the box in degrees, GCJ-02. It is smaller than the city, so that no point in it is in the
	// sea or in another city, and no two boxes touch.
	South, West, North, East float64
	// Weight is how many stores the city has compared with others, about its millions of people.
	Weight int
}

// Contains says whether the point lies in the city's box.
func (c City) Contains(point geo.Coordinate) bool {
	return point.Latitude >= c.South && point.Latitude <= c.North && point.Longitude >= c.West && point.Longitude <= c.East
}

// point is a random place in the box, to about a metre.
func (c City) point(random *rand.Rand) geo.Coordinate {
	return geo.Coordinate{
		Latitude:  rounded(c.South + random.Float64()*(c.North-c.South)),
		Longitude: rounded(c.West + random.Float64()*(c.East-c.West)),
		System:    geo.GCJ02,
	}
}

// Warehouse is where goods lie that are the brand's own.
type Warehouse struct {
	Code string
	Name string
	City string
	// Adcode is the code of GB/T 2260 of the district.
	Adcode     string
	Coordinate geo.Coordinate
	// Head marks the one warehouse that supplies the others.
	Head bool
}

// Warehouses are the head warehouse and the five regional ones.
var Warehouses = []Warehouse{
	{Code: "WH-HEAD", Name: "云岭春总仓", City: "昆明", Adcode: "530181", Coordinate: at(24.919, 102.478), Head: true},
	{Code: "WH-TJ", Name: "华北仓（天津）", City: "天津", Adcode: "120114", Coordinate: at(39.384, 117.044)},
	{Code: "WH-KS", Name: "华东仓（昆山）", City: "昆山", Adcode: "320583", Coordinate: at(31.385, 120.981)},
	{Code: "WH-DG", Name: "华南仓（东莞）", City: "东莞", Adcode: "441900", Coordinate: at(23.021, 113.752)},
	{Code: "WH-CD", Name: "西部仓（成都）", City: "成都", Adcode: "510114", Coordinate: at(30.824, 104.159)},
	{Code: "WH-WH", Name: "华中仓（武汉）", City: "武汉", Adcode: "420112", Coordinate: at(30.620, 114.137)},
}

func at(latitude, longitude float64) geo.Coordinate {
	return geo.Coordinate{Latitude: latitude, Longitude: longitude, System: geo.GCJ02}
}

// Regions are the six great regions with their 32 marketing centres.
var Regions = []Region{
	{Code: "NORTH", Name: "华北大区", Centres: []Centre{
		centre("BJ", "北京营销中心", "110000", city("北京", "110000", 39.908, 116.397, 0.08, 20)),
		centre("TJ", "天津营销中心", "120000", city("天津", "120000", 39.125, 117.190, 0.05, 11)),
		centre("HE", "河北营销中心", "130000",
			city("石家庄", "130100", 38.043, 114.515, 0.05, 8), city("唐山", "130200", 39.631, 118.180, 0.03, 5),
			city("保定", "130600", 38.874, 115.465, 0.03, 6), city("邯郸", "130400", 36.612, 114.490, 0.03, 5)),
		centre("SX", "山西营销中心", "140000",
			city("太原", "140100", 37.871, 112.549, 0.04, 5), city("大同", "140200", 40.077, 113.300, 0.03, 2), city("临汾", "141000", 36.088, 111.519, 0.02, 2)),
		centre("NM", "内蒙古营销中心", "150000",
			city("呼和浩特", "150100", 40.842, 111.749, 0.04, 3), city("包头", "150200", 40.657, 109.840, 0.03, 2), city("赤峰", "150400", 42.258, 118.887, 0.02, 2)),
	}},
	{Code: "NORTHEAST", Name: "东北大区", Centres: []Centre{
		centre("LN", "辽宁营销中心", "210000",
			city("沈阳", "210100", 41.797, 123.429, 0.06, 8), city("大连", "210200", 38.914, 121.615, 0.02, 6), city("鞍山", "210300", 41.108, 122.994, 0.03, 3)),
		centre("JL", "吉林营销中心", "220000",
			city("长春", "220100", 43.886, 125.325, 0.05, 7), city("吉林", "220200", 43.838, 126.549, 0.03, 3)),
		centre("HL", "黑龙江营销中心", "230000",
			city("哈尔滨", "230100", 45.757, 126.642, 0.05, 8), city("齐齐哈尔", "230200", 47.354, 123.918, 0.02, 3), city("大庆", "230600", 46.590, 125.103, 0.03, 2)),
	}},
	{Code: "EAST", Name: "华东大区", Centres: []Centre{
		centre("SH", "上海营销中心", "310000", city("上海", "310000", 31.230, 121.473, 0.08, 22)),
		centre("JS-S", "苏南营销中心", "320000",
			city("南京", "320100", 32.060, 118.797, 0.05, 9), city("苏州", "320500", 31.299, 120.585, 0.05, 11), city("无锡", "320200", 31.560, 120.300, 0.04, 7),
			city("常州", "320400", 31.790, 119.960, 0.04, 5), city("昆山", "320583", 31.385, 120.981, 0.03, 2)),
		centre("JS-N", "苏北营销中心", "320000",
			city("徐州", "320300", 34.255, 117.200, 0.04, 8), city("南通", "320600", 31.990, 120.870, 0.03, 7), city("盐城", "320900", 33.370, 120.150, 0.03, 6),
			city("淮安", "320800", 33.590, 119.030, 0.03, 4), city("扬州", "321000", 32.394, 119.413, 0.03, 4)),
		centre("ZJ-N", "浙北营销中心", "330000",
			city("杭州", "330100", 30.290, 120.160, 0.06, 12), city("嘉兴", "330400", 30.746, 120.756, 0.03, 5), city("湖州", "330500", 30.870, 120.095, 0.02, 3), city("绍兴", "330600", 30.010, 120.575, 0.03, 5)),
		centre("ZJ-S", "浙南营销中心", "330000",
			city("宁波", "330200", 29.868, 121.550, 0.05, 9), city("温州", "330300", 28.000, 120.680, 0.03, 9), city("台州", "331000", 28.656, 121.421, 0.03, 6), city("金华", "330700", 29.090, 119.650, 0.03, 7)),
		centre("AH", "安徽营销中心", "340000",
			city("合肥", "340100", 31.840, 117.250, 0.06, 10), city("芜湖", "340200", 31.340, 118.390, 0.02, 4), city("阜阳", "341200", 32.895, 115.814, 0.03, 8),
			city("蚌埠", "340300", 32.925, 117.370, 0.02, 3), city("安庆", "340800", 30.540, 117.060, 0.015, 4)),
		centre("SD", "山东营销中心", "370000",
			city("济南", "370100", 36.665, 117.060, 0.04, 9), city("青岛", "370200", 36.115, 120.390, 0.025, 10), city("潍坊", "370700", 36.707, 119.130, 0.03, 9),
			city("临沂", "371300", 35.060, 118.345, 0.03, 11), city("烟台", "370600", 37.495, 121.400, 0.02, 7)),
	}},
	{Code: "CENTRAL", Name: "华中大区", Centres: []Centre{
		centre("HB", "湖北营销中心", "420000",
			city("武汉", "420100", 30.593, 114.305, 0.07, 13), city("宜昌", "420500", 30.700, 111.300, 0.02, 4), city("襄阳", "420600", 32.040, 112.140, 0.03, 5), city("荆州", "421000", 30.335, 112.240, 0.02, 5)),
		centre("HN", "湖南营销中心", "430000",
			city("长沙", "430100", 28.200, 112.970, 0.06, 10), city("株洲", "430200", 27.838, 113.140, 0.02, 4), city("衡阳", "430400", 26.894, 112.600, 0.03, 6),
			city("常德", "430700", 29.045, 111.690, 0.02, 5), city("岳阳", "430600", 29.370, 113.110, 0.015, 5)),
		centre("HA", "河南营销中心", "410000",
			city("郑州", "410100", 34.757, 113.660, 0.06, 13), city("洛阳", "410300", 34.655, 112.430, 0.03, 7), city("南阳", "411300", 32.995, 112.535, 0.03, 9),
			city("新乡", "410700", 35.303, 113.905, 0.03, 6), city("商丘", "411400", 34.425, 115.650, 0.03, 8)),
		centre("JX", "江西营销中心", "360000",
			city("南昌", "360100", 28.680, 115.890, 0.04, 6), city("赣州", "360700", 25.840, 114.940, 0.02, 9), city("九江", "360400", 29.690, 115.980, 0.015, 4)),
	}},
	{Code: "SOUTH", Name: "华南大区", Centres: []Centre{
		centre("GZ", "广州营销中心", "440100", city("广州", "440100", 23.129, 113.285, 0.06, 18), city("佛山", "440600", 23.022, 113.122, 0.04, 9)),
		centre("SZ", "深圳营销中心", "440300", city("深圳", "440300", 22.560, 114.050, 0.03, 17), city("惠州", "441300", 23.100, 114.410, 0.03, 6), city("汕头", "440500", 23.370, 116.700, 0.02, 5)),
		centre("DG", "东莞营销中心", "441900", city("东莞", "441900", 23.021, 113.752, 0.05, 10), city("中山", "442000", 22.525, 113.380, 0.03, 4)),
		centre("FJ", "福建营销中心", "350000",
			city("福州", "350100", 26.080, 119.300, 0.03, 8), city("厦门", "350200", 24.490, 118.125, 0.02, 5), city("泉州", "350500", 24.900, 118.590, 0.03, 9)),
		centre("GX", "广西营销中心", "450000",
			city("南宁", "450100", 22.817, 108.350, 0.05, 9), city("柳州", "450200", 24.325, 109.415, 0.03, 4), city("桂林", "450300", 25.270, 110.285, 0.02, 5)),
		centre("HI", "海南营销中心", "460000", city("海口", "460100", 20.020, 110.340, 0.02, 3), city("三亚", "460200", 18.262, 109.510, 0.012, 1)),
	}},
	{Code: "WEST", Name: "西部大区", Centres: []Centre{
		centre("SC", "四川营销中心", "510000",
			city("成都", "510100", 30.660, 104.065, 0.08, 21), city("绵阳", "510700", 31.465, 104.720, 0.03, 5), city("德阳", "510600", 31.128, 104.395, 0.02, 3),
			city("宜宾", "511500", 28.765, 104.625, 0.015, 5), city("泸州", "510500", 28.885, 105.435, 0.015, 4), city("南充", "511300", 30.800, 106.085, 0.02, 6)),
		centre("CQ", "重庆营销中心", "500000", city("重庆", "500000", 29.563, 106.530, 0.06, 30)),
		centre("GZ-P", "贵州营销中心", "520000", city("贵阳", "520100", 26.590, 106.710, 0.04, 6), city("遵义", "520300", 27.715, 106.925, 0.02, 7)),
		centre("YN", "云南营销中心", "530000", city("昆明", "530100", 25.050, 102.715, 0.05, 8), city("曲靖", "530300", 25.495, 103.796, 0.02, 6), city("大理", "532901", 25.595, 100.240, 0.015, 1)),
		centre("SN", "陕西营销中心", "610000",
			city("西安", "610100", 34.265, 108.955, 0.06, 13), city("咸阳", "610400", 34.340, 108.710, 0.02, 4), city("宝鸡", "610300", 34.360, 107.170, 0.015, 3)),
		centre("GQN", "甘青宁营销中心", "620000",
			city("兰州", "620100", 36.060, 103.820, 0.02, 4), city("天水", "620500", 34.581, 105.725, 0.01, 3), city("西宁", "630100", 36.625, 101.775, 0.02, 2), city("银川", "640100", 38.480, 106.240, 0.03, 3)),
		centre("XJ", "新疆营销中心", "650000", city("乌鲁木齐", "650100", 43.826, 87.605, 0.04, 4), city("昌吉", "652301", 44.015, 87.300, 0.02, 1)),
	}},
}

// Cities are the cities of all centres, in the order of Regions.
var Cities = func() []City {
	var all []City
	for _, region := range Regions {
		for _, centre := range region.Centres {
			all = append(all, centre.Cities...)
		}
	}
	return all
}()

// Centres are the 32 marketing centres in the order of Regions.
var Centres = func() []Centre {
	var all []Centre
	for _, region := range Regions {
		all = append(all, region.Centres...)
	}
	return all
}()

func centre(code, name, adcode string, cities ...City) Centre {
	for i := range cities {
		cities[i].Centre = code
	}
	return Centre{Code: code, Name: name, Adcode: adcode, Cities: cities}
}

// city makes the box from its middle and half its height in degrees; it is as wide as high on the ground at 30° north, about.
func city(name, adcode string, latitude, longitude, half float64, weight int) City {
	const widening = 1.15
	return City{
		Name: name, Adcode: adcode, Weight: weight,
		South: rounded(latitude - half), North: rounded(latitude + half),
		West: rounded(longitude - half*widening), East: rounded(longitude + half*widening),
	}
}

// spread deals cities so that each marketing centre gets its share early: every fourth goes to the centres in turn, the others by weight.
type spread struct{ dealt int }

func (s *spread) next(random *rand.Rand) City {
	from := Cities
	if s.dealt%4 == 0 {
		from = Centres[s.dealt/4%len(Centres)].Cities
	}
	s.dealt++
	weights := make([]int, len(from))
	for i, city := range from {
		weights[i] = city.Weight
	}
	return from[weighted(random, weights)]
}
