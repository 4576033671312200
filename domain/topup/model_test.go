package topup_test

import (
	"cmp"
	"slices"
	"time"

	"dongxiao/ent/enum"
)

// purse is a member's stored value as a child would keep it: a list of heaps of coins, and slips of paper that say from which heaps a payment was taken.
type purse struct {
	heaps   []*heap
	slips   []*slip
	waiting int64 // what top-ups that are not paid yet will be worth
	frozen  bool
}

// heap is principal or bonus of one top-up.
type heap struct {
	bonus      bool
	left, held int64
	expires    time.Time // zero for never
}

// slip is a payment.
type slip struct {
	id             int64
	till, shared   bool
	state          enum.WalletPaymentState
	amount         int64
	captured, back int64
	expires        time.Time
	parts          []taken
}

// taken is what a payment took of one heap, and what of it was not given back.
type taken struct {
	from    *heap
	n, left int64
}

// way is how a brand spends.
type way struct {
	order enum.SpendOrder
	cap   int64 // basis points of a payment that bonus may pay
}

func (p *purse) total() (n int64) {
	for _, h := range p.heaps {
		n += h.left + h.held
	}
	return n
}

func (p *purse) sum(bonus bool) (n int64) {
	for _, h := range p.heaps {
		if h.bonus == bonus {
			n += h.left
		}
	}
	return n
}

func (p *purse) held() (n int64) {
	for _, h := range p.heaps {
		n += h.held
	}
	return n
}

// usable are the heaps that may be spent, in the order of the way.
func (p *purse) usable(w way, now time.Time) []*heap {
	var list []*heap
	for _, h := range p.heaps {
		if h.left > 0 && (h.expires.IsZero() || now.Before(h.expires)) {
			list = append(list, h)
		}
	}
	rank := func(h *heap) int {
		if h.bonus == (w.order == enum.SpendBonusFirst) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b *heap) int {
		kinds := 0
		if w.order != enum.SpendSoonestExpiring {
			kinds = cmp.Compare(rank(a), rank(b))
		}
		ends := func(h *heap) time.Time {
			if h.expires.IsZero() {
				return now.AddDate(100, 0, 0)
			}
			return h.expires
		}
		return cmp.Or(kinds, ends(a).Compare(ends(b)))
	})
	return list
}

// take plans a payment; nil where the purse has too little.
func (p *purse) take(w way, amount int64, now time.Time) []taken {
	heaps := p.usable(w, now)
	var principal, bonus int64
	for _, h := range heaps {
		if h.bonus {
			bonus += h.left
		} else {
			principal += h.left
		}
	}
	most := min(bonus, amount*w.cap/10_000)
	if amount-most > principal {
		return nil
	}
	var parts []taken
	if w.order == enum.SpendProportional {
		both := split(amount, []int64{principal, bonus})
		if over := both[1] - most; over > 0 {
			both[0], both[1] = both[0]+over, both[1]-over
		}
		for i, kind := range []bool{false, true} {
			var of []*heap
			var weights []int64
			for _, h := range heaps {
				if h.bonus == kind {
					of, weights = append(of, h), append(weights, h.left)
				}
			}
			for j, n := range split(both[i], weights) {
				if n > 0 {
					parts = append(parts, taken{of[j], n, n})
				}
			}
		}
		return parts
	}
	room := map[bool]int64{false: principal, true: most}
	for _, h := range heaps {
		if n := min(amount, h.left, room[h.bonus]); n > 0 {
			parts = append(parts, taken{h, n, n})
			amount, room[h.bonus] = amount-n, room[h.bonus]-n
		}
	}
	return parts
}

// split shares n out by weights: everybody the whole coins of the share, and the coins that are over to the largest rests, the first of equals first.
func split(n int64, weights []int64) []int64 {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	shares, rests := make([]int64, len(weights)), make([]int64, len(weights))
	if sum == 0 {
		return shares
	}
	over := n
	for i, w := range weights {
		shares[i], rests[i] = n*w/sum, n*w%sum
		over -= shares[i]
	}
	for ; over > 0; over-- {
		largest := 0
		for i := range rests {
			if rests[i] > rests[largest] {
				largest = i
			}
		}
		shares[largest], rests[largest] = shares[largest]+1, -1
	}
	return shares
}

// spend takes the coins of a slip, or lays them aside.
func (s *slip) spend(aside bool) {
	for _, t := range s.parts {
		t.from.left -= t.n
		if aside {
			t.from.held += t.n
		}
	}
}

// capture spends n of what was laid aside, what was taken first first, and puts the rest back.
func (s *slip) capture(n int64) {
	weights := make([]int64, len(s.parts))
	for i, t := range s.parts {
		weights[i] = t.n
	}
	spent := split(n, weights)
	if !s.shared {
		left := n
		for i, t := range s.parts {
			spent[i] = min(left, t.n)
			left -= spent[i]
		}
	}
	for i := range s.parts {
		t := &s.parts[i]
		t.from.held -= t.n
		t.from.left += t.n - spent[i]
		t.n, t.left = spent[i], spent[i]
	}
	s.state, s.captured = enum.WalletPaymentCaptured, n
}

func (s *slip) release(state enum.WalletPaymentState) {
	for _, t := range s.parts {
		t.from.held -= t.n
		t.from.left += t.n
	}
	s.state = state
}

// giveBack puts n coins back, the last taken first, or by shares.
func (s *slip) giveBack(n int64) {
	s.back += n
	var weights []int64
	for _, t := range slices.Backward(s.parts) {
		weights = append(weights, t.left)
	}
	shares := split(n, weights)
	for i := range s.parts {
		t := &s.parts[len(s.parts)-1-i]
		part := min(n, t.left)
		if s.shared {
			part = shares[i]
		}
		t.left -= part
		t.from.left += part
		n -= part
	}
}

// sweep gives back what was held too long, and takes away what of bonus is over.
func (p *purse) sweep(now time.Time) {
	for _, s := range p.slips {
		if (s.state == enum.WalletPaymentHeld || s.state == enum.WalletPaymentAwaiting) && !now.Before(s.expires) {
			s.release(enum.WalletPaymentExpired)
		}
	}
	for _, h := range p.heaps {
		if !h.expires.IsZero() && !now.Before(h.expires) {
			h.left = 0
		}
	}
}
