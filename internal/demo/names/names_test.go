package names_test

import (
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"dongxiao/ent/enum"
	"dongxiao/internal/demo/names"
	"dongxiao/internal/geo"
	"dongxiao/internal/money"
)

const seed = 20_260_101

var phones = regexp.MustCompile(`^1000[0-9]{7}$`)

func TestPhonesAreInTheRangeAndDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for i := range 20_000 {
		for _, phone := range []string{names.MemberPhone(i), names.StaffPhone(i), names.StorePhone(i), names.MemberPhone(names.MemberPhones - 1 - i)} {
			if seen[phone] || !phones.MatchString(phone) {
				require.Fail(t, "a phone comes twice or is outside the range", phone)
			}
			seen[phone] = true
		}
	}
	require.Panics(t, func() { names.MemberPhone(names.MemberPhones) })
	require.Panics(t, func() { names.StaffPhone(-1) })
}

func TestEveryPhoneOfABlockDiffers(t *testing.T) {
	t.Parallel()
	seen := make([]bool, names.StorePhones)
	for i := range names.StorePhones {
		phone := names.StorePhone(i)
		number, err := strconv.Atoi(phone[5:])
		if err != nil || phone[:5] != "10009" || seen[number] {
			require.Fail(t, "a phone comes twice or is another block's", phone)
		}
		seen[number] = true
	}
}

func TestRegionsAndCities(t *testing.T) {
	t.Parallel()
	require.Len(t, names.Regions, 6)
	require.Len(t, names.Centres, 32)
	codes := map[string]names.Centre{}
	for _, centre := range names.Centres {
		require.NotContains(t, codes, centre.Code)
		require.NotEmpty(t, centre.Cities)
		codes[centre.Code] = centre
	}
	seen := map[string]bool{}
	for i, city := range names.Cities {
		require.Regexp(t, `^[1-6][0-9]{5}$`, city.Adcode, city.Name)
		require.False(t, seen[city.Name] || seen[city.Adcode], city.Name)
		seen[city.Name], seen[city.Adcode] = true, true
		require.Positive(t, city.Weight, city.Name)
		centre := codes[city.Centre]
		require.Contains(t, centre.Cities, city)
		if centre.Code != "GQN" { // three provinces
			require.Equal(t, centre.Adcode[:2], city.Adcode[:2], city.Name)
		}
		require.True(t, 18 < city.South && city.South < city.North && city.North < 48, city.Name)
		require.True(t, 87 < city.West && city.West < city.East && city.East < 127, city.Name)
		require.Less(t, city.North-city.South, 0.2, city.Name)
		for _, other := range names.Cities[:i] {
			apart := city.South > other.North || other.South > city.North || city.West > other.East || other.West > city.East
			require.True(t, apart, "%s and %s", city.Name, other.Name)
		}
	}
	heads := 0
	for _, warehouse := range names.Warehouses {
		require.NoError(t, warehouse.Coordinate.Validate())
		if warehouse.Head {
			heads++
		}
	}
	require.Len(t, names.Warehouses, 6)
	require.Equal(t, 1, heads)
}

func TestStores(t *testing.T) {
	t.Parallel()
	for _, n := range []int{400, 50_000} {
		types, tiers, centres := map[enum.StoreType]int{}, map[enum.StoreTier]int{}, map[string]int{}
		signs, phonesSeen, polygons := map[string]bool{}, map[string]bool{}, 0
		at := 0
		for store := range names.Stores(seed, n) {
			require.Equal(t, at, store.Index)
			at++
			types[store.Type]++
			tiers[store.Tier]++
			centres[store.City.Centre]++
			sign := store.City.Name + store.Name
			if signs[sign] || phonesSeen[store.Phone] {
				require.Fail(t, "a name or phone comes twice", sign)
			}
			signs[sign], phonesSeen[store.Phone] = true, true
			if !store.City.Contains(store.Coordinate) || store.Coordinate.Validate() != nil || store.Coordinate.System != geo.Stored {
				require.Fail(t, "a store is outside its city", sign)
			}
			if !strings.HasPrefix(store.Address, store.City.Name+"市") || utf8.RuneCountInString(store.Name) > 64 {
				require.Fail(t, "an address or name is wrong", sign)
			}
			if store.OpenMinute != 510 || store.CloseMinute != 1_350 {
				require.Fail(t, "hours are 08:30 to 22:30", sign)
			}
			if store.RadiusMetres == 0 {
				polygons++
				require.NoError(t, store.Polygon.Validate())
				require.True(t, len(store.Polygon) == 6)
			} else if store.RadiusMetres != 3_000 || store.Polygon != nil {
				require.Fail(t, "a store has a radius of 3 km or a polygon", sign)
			}
		}
		require.Equal(t, n, at)
		require.Equal(t, n/10, polygons)
		require.Equal(t, map[enum.StoreType]int{
			enum.StoreLiquor: n * 45 / 100, enum.StoreConvenience: n * 25 / 100, enum.StoreRestaurant: n * 15 / 100, enum.StoreSupermarket: n * 10 / 100, enum.StoreBanquet: n * 5 / 100,
		}, types)
		require.Equal(t, map[enum.StoreTier]int{enum.TierCore: n * 15 / 100, enum.TierPotential: n * 35 / 100, enum.TierNurture: n * 50 / 100}, tiers)
		require.Len(t, centres, 32)
	}
}

func TestDistributors(t *testing.T) {
	t.Parallel()
	centres, seen := map[string]bool{}, map[string]bool{}
	for distributor := range names.Distributors(seed, 3_000) {
		if distributor.Index < 32 {
			centres[distributor.City.Centre] = true
		}
		require.False(t, seen[distributor.Name] || seen[distributor.Code], distributor.Name)
		seen[distributor.Name], seen[distributor.Code] = true, true
		require.Contains(t, distributor.Name, "云岭春")
		require.NotEmpty(t, distributor.Contact.Name)
	}
	require.Len(t, centres, 32)
	require.Len(t, seen, 6_000)
}

func TestMembers(t *testing.T) {
	t.Parallel()
	const n, stores = 20_000, 400
	youngest, oldest := time.Date(2003, time.December, 31, 0, 0, 0, 0, time.UTC), time.Date(1950, time.January, 1, 0, 0, 0, 0, time.UTC)
	genders, levels, homeless := map[string]int{}, make([]int, len(names.Levels())), 0
	homes := make([]int, stores)
	for member := range names.Members(seed, n, stores) {
		require.Equal(t, names.MemberPhone(member.Index), member.Phone)
		length := utf8.RuneCountInString(member.Name)
		require.True(t, length == 2 || length == 3, member.Name)
		require.NotEmpty(t, member.Nickname)
		require.LessOrEqual(t, utf8.RuneCountInString(member.Nickname), 16)
		genders[member.Gender]++
		birthday, err := time.Parse(time.DateOnly, member.Birthday)
		require.NoError(t, err)
		require.False(t, birthday.Before(oldest) || birthday.After(youngest), member.Birthday)
		require.True(t, 0 <= member.DaysSinceRegistered && member.DaysSinceRegistered < 1_095)
		level := 0
		for i, l := range names.Levels() {
			if member.Growth >= l.Threshold {
				level = i
			}
		}
		levels[level]++
		if member.HomeStore < 0 {
			homeless++
		} else {
			homes[member.HomeStore]++
		}
	}
	require.Len(t, genders, 2)
	require.InDelta(t, n/2, genders[names.Female], n/20)
	require.InDelta(t, n/10, homeless, n/50)
	require.InDelta(t, n*8/10, levels[0], n/50)
	for i, count := range levels {
		require.Positive(t, count, "level %d", i+1)
	}
	for i, count := range homes {
		require.Positive(t, count, "store %d", i)
	}
	for member := range names.Members(seed, 100, 0) {
		require.Equal(t, -1, member.HomeStore)
	}
}

// sameStart says that the sequences are the same row by row until the shorter one ends, and that both have rows.
func sameStart[T any](t *testing.T, short, long []T) {
	t.Helper()
	require.NotEmpty(t, short)
	require.Less(t, len(short), len(long))
	require.Equal(t, short, long[:len(short)])
}

func first[T any](rows iter.Seq[T], n int) []T {
	var taken []T
	for row := range rows {
		if taken = append(taken, row); len(taken) == n {
			break
		}
	}
	return taken
}

func TestOneSeedMakesTheSameRows(t *testing.T) {
	t.Parallel()
	sameStart(t, slices.Collect(names.Stores(seed, 130)), slices.Collect(names.Stores(seed, 1_000)))
	sameStart(t, slices.Collect(names.Distributors(seed, 60)), slices.Collect(names.Distributors(seed, 300)))
	sameStart(t, slices.Collect(names.Members(seed, 130, 40)), slices.Collect(names.Members(seed, 1_000, 40)))
	sameStart(t, slices.Collect(names.Employees(seed, 130)), slices.Collect(names.Employees(seed, 1_000)))
	require.Equal(t, slices.Collect(names.Stores(seed, 10)), first(names.Stores(seed, 1_000), 10))
	require.NotEqual(t, slices.Collect(names.Stores(seed, 10)), slices.Collect(names.Stores(seed+1, 10)))
	require.NotEqual(t, slices.Collect(names.Members(seed, 10, 40)), slices.Collect(names.Members(seed+1, 10, 40)))
	require.Len(t, slices.Collect(names.Employees(seed, 5)), 5)
	require.Empty(t, slices.Collect(names.Stores(seed, 0)))
}

func TestProducts(t *testing.T) {
	t.Parallel()
	codes, barcodes, skus, regional, hidden := map[string]bool{}, map[string]bool{}, 0, 0, 0
	retail := map[string]money.Fen{}
	for _, product := range names.Products() {
		require.False(t, codes[product.Code], product.Code)
		codes[product.Code] = true
		require.NotEmpty(t, product.SKUs)
		for _, centre := range product.Centres {
			require.True(t, slices.ContainsFunc(names.Centres, func(c names.Centre) bool { return c.Code == centre }), centre)
		}
		for _, sku := range product.SKUs {
			skus++
			if len(product.Centres) > 0 {
				regional++
			}
			if sku.Hidden {
				hidden++
				require.Equal(t, enum.SellDisplay, sku.Mode)
			}
			require.False(t, codes[sku.Code], sku.Code)
			codes[sku.Code] = true
			retail[sku.Code] = sku.Retail
			require.Positive(t, sku.Retail)
			require.Positive(t, sku.CartonSize)
			require.LessOrEqual(t, utf8.RuneCountInString(sku.Code), 32)
			if sku.Virtual {
				require.Empty(t, sku.Barcode)
				continue
			}
			require.False(t, barcodes[sku.Barcode], sku.Barcode)
			barcodes[sku.Barcode] = true
			require.Regexp(t, `^200[0-9]{10}$`, sku.Barcode)
			sum := 0
			for i, digit := range sku.Barcode {
				sum += int(digit-'0') * (1 + i%2*2)
			}
			require.Zero(t, sum%10, "check digit of %s", sku.Barcode)
			if sku.Mode == enum.SellDisplay {
				require.Empty(t, sku.Breaks)
				continue
			}
			require.Equal(t, 2, sku.MinimumCartons)
			require.Len(t, sku.Breaks, 3)
			for i, b := range sku.Breaks {
				require.Equal(t, []int{1, 10, 50}[i], b.FromCartons)
				require.Equal(t, []int{9, 49, 0}[i], b.ToCartons)
				require.GreaterOrEqual(t, b.Price*100, sku.Retail*55)
				require.LessOrEqual(t, b.Price*100, sku.Retail*70)
				require.True(t, i == 0 || b.Price < sku.Breaks[i-1].Price)
			}
		}
	}
	require.Equal(t, 20, skus)
	require.LessOrEqual(t, regional*100, skus*15)
	require.Equal(t, 1, hidden)
	for code, price := range map[string]money.Fen{
		"JC9-52-500": 49_800, "JC9-38-500": 46_800, "JC6-52-500": 26_800, "LSH-52-500": 16_800, "XL42-100": 1_500, "XL42-500": 5_800, "YF45-500": 12_800, "LH2-52-1000": 109_800,
	} {
		require.Equal(t, price, retail[code], code)
	}
	require.Contains(t, retail, names.TastingBottle)
}

func TestCouponsAndLevels(t *testing.T) {
	t.Parallel()
	skus := map[string]bool{}
	for _, product := range names.Products() {
		for _, sku := range product.SKUs {
			skus[sku.Code] = true
		}
	}
	uses := map[names.CouponUse]names.Coupon{}
	for _, coupon := range names.Coupons() {
		require.NotContains(t, uses, coupon.Use)
		uses[coupon.Use] = coupon
		require.Equal(t, money.Whole, coupon.BrandShare+coupon.DistributorShare+coupon.StoreShare, coupon.Name)
		require.Positive(t, coupon.ValidDays)
		require.Positive(t, coupon.StockPerMember)
		for _, code := range coupon.SKUCodes {
			require.True(t, skus[code], code)
		}
	}
	require.Len(t, uses, 5)
	require.Equal(t, 1, uses[names.UseNewcomer].PersonLimit)
	require.Equal(t, money.Fen(1_000), uses[names.UseScan].Amount)
	require.Zero(t, uses[names.UseScan].Threshold)

	levels := names.Levels()
	require.Zero(t, levels[0].Threshold)
	for i, level := range levels {
		require.Equal(t, i+1, level.Rank)
		require.Positive(t, level.PeriodDays)
		if i > 0 {
			require.Greater(t, level.Threshold, levels[i-1].Threshold)
			require.Greater(t, len(level.Benefits), len(levels[i-1].Benefits))
			require.Equal(t, levels[i-1].Benefits, level.Benefits[:len(levels[i-1].Benefits)])
		}
	}
}
