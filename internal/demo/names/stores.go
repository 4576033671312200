package names

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"dongxiao/ent/enum"
	"dongxiao/internal/geo"
)

// Store is a shop, restaurant or hotel that sells the brand's goods (终端门店).
type Store struct {
	// Index counts from 0.
	Index int
	// Code is unique: S000001 and so on.
	Code string
	// Name is unique within the city.
	Name string
	Type enum.StoreType
	Tier enum.StoreTier
	City City
	// Address is street and number in the city. It is invented and does not lie at Coordinate.
	Address string
	// Phone is StorePhone of the index.
	Phone string
	// Coordinate is within the city's box, GCJ-02.
	Coordinate geo.Coordinate
	// RadiusMetres is how far it delivers; 0 where Polygon says it, which is so for every tenth store.
	RadiusMetres int
	Polygon      geo.Polygon
	// OpenMinute and CloseMinute are minutes after midnight, the same every day: 08:30 to 22:30.
	OpenMinute, CloseMinute int
}

const (
	radiusMetres  = 3_000
	openMinute    = 8*60 + 30
	closeMinute   = 22*60 + 30
	polygonEvery  = 10
	metresADegree = 111_320 // of latitude
)

// Stores makes the first n stores of the seed. Of every 20, there are 9 烟酒店, 5 便利店, 3 餐饮, 2 商超 and 1 婚宴酒店, and 3 core,
// 7 potential and 10 nurtured ones; from 128 stores on every marketing centre has one. At most StorePhones.
func Stores(seed uint64, n int) iter.Seq[Store] {
	return func(yield func(Store) bool) {
		random := source(seed, storeStream)
		types := deck[enum.StoreType]{cards: cards(
			share[enum.StoreType]{enum.StoreLiquor, 9}, share[enum.StoreType]{enum.StoreConvenience, 5}, share[enum.StoreType]{enum.StoreRestaurant, 3},
			share[enum.StoreType]{enum.StoreSupermarket, 2}, share[enum.StoreType]{enum.StoreBanquet, 1})}
		tiers := deck[enum.StoreTier]{cards: cards(
			share[enum.StoreTier]{enum.TierCore, 3}, share[enum.StoreTier]{enum.TierPotential, 7}, share[enum.StoreTier]{enum.TierNurture, 10})}
		var cities spread
		type signs struct{ offset, hung int }
		hung := map[string]*signs{} // by city and type
		for i := range n {
			store := Store{
				Index: i, Code: fmt.Sprintf("S%06d", i+1), Type: types.deal(random), Tier: tiers.deal(random), City: cities.next(random),
				Phone: StorePhone(i), OpenMinute: openMinute, CloseMinute: closeMinute,
			}
			key := store.City.Adcode + string(store.Type)
			if hung[key] == nil {
				hung[key] = &signs{offset: random.IntN(math.MaxInt32)}
			}
			store.Name = sign(store.Type, hung[key].offset, hung[key].hung)
			hung[key].hung++
			store.Address = address(random, store.City)
			store.Coordinate = store.City.point(random)
			if i%polygonEvery == polygonEvery-1 {
				store.Polygon = polygon(random, store.Coordinate)
			} else {
				store.RadiusMetres = radiusMetres
			}
			if !yield(store) {
				return
			}
		}
	}
}

// share is how often a value is in a deck.
type share[T any] struct {
	value T
	count int
}

func cards[T any](shares ...share[T]) []T {
	var all []T
	for _, s := range shares {
		for range s.count {
			all = append(all, s.value)
		}
	}
	return all
}

// sign is the name above the door of a store by its number among those of its city and type, which begin at the offset. Numbers run through all combinations of first word, trade and
// road before one comes again, since the stride shares no factor with their count.
func sign(storeType enum.StoreType, offset, number int) string {
	trades := trades[storeType]
	total := len(firstWords) * len(trades) * len(roads)
	stride := 7_919
	for gcd(stride, total) != 1 {
		stride++
	}
	if number >= total {
		panic(fmt.Sprintf("names: a city has no more than %d different names of %s", total, storeType))
	}
	at := (offset%total + number*stride) % total
	first, rest := firstWords[at%len(firstWords)], at/len(firstWords)
	return fmt.Sprintf("%s%s（%s店）", first, trades[rest%len(trades)], roads[rest/len(trades)])
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func address(random *rand.Rand, city City) string {
	return fmt.Sprintf("%s市%s%d号", city.Name, pick(random, roads), 1+random.IntN(888))
}

// polygon is a delivery area of six corners around the middle, each 2 to 4 km away.
func polygon(random *rand.Rand, middle geo.Coordinate) geo.Polygon {
	corners := make(geo.Polygon, 6)
	for i := range corners {
		angle := float64(i) * math.Pi / 3
		metres := 2_000 + 2_000*random.Float64()
		north := metres * math.Cos(angle) / metresADegree
		east := metres * math.Sin(angle) / (metresADegree * math.Cos(middle.Latitude*math.Pi/180))
		corners[i] = geo.Coordinate{Latitude: rounded(middle.Latitude + north), Longitude: rounded(middle.Longitude + east), System: middle.System}
	}
	return corners
}

// rounded keeps five decimals, about a metre.
func rounded(degrees float64) float64 { return math.Round(degrees*1e5) / 1e5 }

// Distributor buys from the brand and serves the stores of a city (经销商).
type Distributor struct {
	// Index counts from 0.
	Index int
	// Code is unique: D0001 and so on.
	Code string
	// Name is unique. It contains the brand's invented name, so that it is no real company's.
	Name string
	City City
	// Contact is the person who owns it.
	Contact Person
}

// Distributors makes the first n distributors of the seed; the first 32 are one for each marketing centre, the others where the stores are.
// At most 10,000.
func Distributors(seed uint64, n int) iter.Seq[Distributor] {
	return func(yield func(Distributor) bool) {
		random := source(seed, distributorStream)
		taken := map[string]bool{}
		weights := make([]int, len(Cities))
		for i, city := range Cities {
			weights[i] = city.Weight
		}
		for i := range n {
			distributor := Distributor{Index: i, Code: fmt.Sprintf("D%04d", i+1)}
			if i < len(Centres) {
				distributor.City = Centres[i].Cities[0]
			} else {
				distributor.City = Cities[weighted(random, weights)]
			}
			for distributor.Name == "" || taken[distributor.Name] {
				distributor.Name = fmt.Sprintf("%s云岭春%s%s商贸", distributor.City.Name, pick(random, luckyCharacters), pick(random, luckyCharacters))
			}
			taken[distributor.Name] = true
			distributor.Contact = person(random)
			if !yield(distributor) {
				return
			}
		}
	}
}
