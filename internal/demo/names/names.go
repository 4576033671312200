// Package names makes the data of the demo brand 云岭春酒业: its regions, cities, stores, people, goods and coupons. Everything is
// invented and follows from a seed: the same seed gives the same rows in the same order, and a longer run begins with a shorter one.
// It knows no database.
//
// # Phones
//
// Every phone number is 1000 and seven more digits. In China's numbering plan a subscriber's mobile number begins with 13 to 19, and what
// begins with 10 are the short service numbers of the operators, so that no person has or can get an 11-digit number in this range;
// the numbers of emergency services (110, 119, 120) are not in it either. It has ten million numbers: 8,000,000 for members,
// 1,000,000 for staff, 1,000,000 for stores.
//
// # Barcodes
//
// GTINs begin with 200, which GS1 keeps for use inside a company and gives to no product.
package names

import (
	"fmt"
	"math/rand/v2"
)

// How many phone numbers there are for each.
const (
	MemberPhones = 8_000_000
	StaffPhones  = 1_000_000
	StorePhones  = 1_000_000
)

// MemberPhone is the phone of the member at index, 0 ≤ index < MemberPhones: no two are the same, and neighbours do not look alike. It
// panics outside the range.
func MemberPhone(index int) string { return phone(index, MemberPhones, 0) }

// StaffPhone is the phone of the staff member at index, 0 ≤ index < StaffPhones; as MemberPhone.
func StaffPhone(index int) string { return phone(index, StaffPhones, MemberPhones) }

// StorePhone is the public telephone of the store at index, 0 ≤ index < StorePhones; as MemberPhone.
func StorePhone(index int) string { return phone(index, StorePhones, MemberPhones+StaffPhones) }

// phone scatters the index over a block of the range. The factor is prime and divides no block's size, so that it is one to one.
func phone(index, size, offset int) string {
	if index < 0 || index >= size {
		panic(fmt.Sprintf("names: no phone at %d: there are %d", index, size))
	}
	const factor = 1_234_577
	return fmt.Sprintf("1000%07d", offset+int((int64(index)*factor+7_331)%int64(size)))
}

// The streams of random numbers, one for each kind of row, so that more of one does not change another.
const (
	storeStream uint64 = iota + 1
	distributorStream
	memberStream
	staffStream
)

func source(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// deck deals values in the exact shares in which they are in it, in random order: after each full round every value has come as
// often as it is in the deck.
type deck[T any] struct {
	cards []T
	next  int
}

func (d *deck[T]) deal(random *rand.Rand) T {
	if d.next == 0 {
		random.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
	}
	card := d.cards[d.next]
	d.next = (d.next + 1) % len(d.cards)
	return card
}

// weighted picks an index with the chance that its weight has in the sum.
func weighted(random *rand.Rand, weights []int) int {
	sum := 0
	for _, weight := range weights {
		sum += weight
	}
	left := random.IntN(sum)
	for i, weight := range weights {
		if left -= weight; left < 0 {
			return i
		}
	}
	panic("names: unreachable: the weights did not add up")
}
