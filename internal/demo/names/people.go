package names

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// The genders as they are stored.
const (
	Male   = "MALE"
	Female = "FEMALE"
)

// Person is an invented person of full age: only adults may buy.
type Person struct {
	// Name is surname and given name, two or three characters; many people have the same one.
	Name   string
	Gender string
	// Birthday is YYYY-MM-DD, 1950 to 2003.
	Birthday string
}

// Member is a person who is a member of the brand (会员).
type Member struct {
	Person
	// Index counts from 0.
	Index int
	// Phone is MemberPhone of the index.
	Phone string
	// Nickname is what the member is called in the mini-program: a part of the name, mostly.
	Nickname string
	// Growth is the growth value: four of five members are below the second level, a few reach the highest.
	Growth int64
	// DaysSinceRegistered is 0 to 1,094.
	DaysSinceRegistered int
	// HomeStore is the index of the home store, or -1 for one of ten members; some stores have far more members than others.
	HomeStore int
}

// Members makes the first n members of the seed, spread over so many stores (0: none has a home store). At most MemberPhones.
func Members(seed uint64, n, stores int) iter.Seq[Member] {
	return func(yield func(Member) bool) {
		random := source(seed, memberStream)
		for i := range n {
			member := Member{
				Person: person(random), Index: i, Phone: MemberPhone(i), Growth: growth(random), DaysSinceRegistered: random.IntN(3 * 365), HomeStore: -1,
			}
			member.Nickname = nickname(random, member.Person)
			draw, place := random.IntN(10), random.Float64()
			if draw > 0 && stores > 0 {
				member.HomeStore = int(place * place * float64(stores))
			}
			if !yield(member) {
				return
			}
		}
	}
}

// Employee is a person who works for the brand, a distributor or a store (店员, 营销 and others).
type Employee struct {
	Person
	// Index counts from 0.
	Index int
	// Phone is StaffPhone of the index.
	Phone string
}

// Employees makes the first n employees of the seed. At most StaffPhones.
func Employees(seed uint64, n int) iter.Seq[Employee] {
	return func(yield func(Employee) bool) {
		random := source(seed, staffStream)
		for i := range n {
			if !yield(Employee{Person: person(random), Index: i, Phone: StaffPhone(i)}) {
				return
			}
		}
	}
}

func person(random *rand.Rand) Person {
	gender, given := Male, maleCharacters
	if random.IntN(2) == 0 {
		gender, given = Female, femaleCharacters
	}
	name := surnames[weighted(random, surnameWeights)] + pick(random, given)
	if random.IntN(100) < 85 {
		name += pick(random, given)
	}
	birthday := time.Date(1950, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(54*365))
	return Person{Name: name, Gender: gender, Birthday: birthday.Format(time.DateOnly)}
}

func nickname(random *rand.Rand, p Person) string {
	characters := []rune(p.Name)
	switch random.IntN(4) {
	case 0:
		return p.Name
	case 1:
		return "小" + string(characters[len(characters)-1])
	case 2:
		if p.Gender == Male {
			return string(characters[0]) + "先生"
		}
		return string(characters[0]) + "女士"
	default:
		return fmt.Sprintf("%s%s", pick(random, nicknameWords), string(characters[1:]))
	}
}

// growth follows the thresholds of Levels: mostly little, seldom much.
func growth(random *rand.Rand) int64 {
	switch draw := random.IntN(100); {
	case draw < 80:
		return random.Int64N(500)
	case draw < 94:
		return 500 + random.Int64N(1_500)
	case draw < 99:
		return 2_000 + random.Int64N(6_000)
	default:
		return 8_000 + random.Int64N(42_000)
	}
}
