package quote

import (
	"cmp"
	"slices"

	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// maxWork bounds the search to some milliseconds; it counts the lines that are looked at, for each candidate in each step. Within it the answer is exact, which
// for 20 lines and 30 coupons it is up to some ten stack groups of one coupon each; beyond it, it is the best combination found, never worse than any single
// coupon, and seldom worse than the best.
const maxWork = 2_000_000

// useCoupons takes the best combination of coupons off the basket and explains each coupon.
func (q *Quote) useCoupons(b *basket, lines []Line, in *Input) {
	found, refusals := candidates(lines, in)
	s := search{candidates: found}
	s.run(b)
	q.Exact = s.work <= maxWork
	for i := range found {
		if c := &found[i]; !slices.Contains(s.best, i) {
			refusals[c.ID] = s.explain(i, b)
		}
	}
	discounts := map[int64]money.Fen{}
	for _, i := range s.best {
		c := &found[i]
		before := slices.Clone(b.left)
		off, _ := c.worth(b)
		touched, parts := c.apply(b, off)
		for n, line := range touched {
			q.Lines[line].Coupons += parts[n]
		}
		q.Uses = append(q.Uses, c.use(lines, before, off, touched, parts))
		discounts[c.ID] = off
	}
	for i := range in.Coupons {
		id := in.Coupons[i].ID
		q.Explanations = append(q.Explanations, Explanation{id, discounts[id], refusals[id]})
	}
	slices.SortFunc(q.Explanations, func(a, b Explanation) int { return cmp.Compare(a.CouponID, b.CouponID) })
}

// value is what a combination is compared by.
type value struct {
	off            money.Fen
	gifts, coupons int
}

func (v value) better(than value) bool {
	return cmp.Or(cmp.Compare(v.off, than.off), cmp.Compare(v.gifts, than.gifts), cmp.Compare(than.coupons, v.coupons)) > 0
}

func (v value) with(c *candidate, off money.Fen) value {
	v.off += off
	v.coupons++
	if c.Rule.Kind == enum.CouponGift {
		v.gifts++
	}
	return v
}

// search finds the best combination by branch and bound: it takes or leaves each candidate in the order of their turns, and does not follow a branch
// that cannot become better than the best so far, since what a coupon is worth now is the most that it can be worth later.
type search struct {
	candidates []candidate
	// taken are the candidates of the branch, best those of the best combination so far.
	taken, best []int
	worth       value
	work        int
	// taking says the same as taken by candidate; groups is how the branch stands with each stack group.
	taking []bool
	groups []group
	// baskets are what a branch left, by how many coupons it took.
	baskets []basket
}

// group is how a branch stands with a stack group.
type group struct {
	taken, limit int
	// Of the candidates that are left: how many of them the group still bears at most, and the best and the sum of what they would take off.
	room      int
	best, sum money.Fen
}

func (s *search) run(b *basket) {
	n := len(s.candidates)
	s.taking, s.groups, s.baskets = make([]bool, n), make([]group, n), make([]basket, n)
	for i := range s.candidates {
		c := &s.candidates[i]
		if off, usable := c.worth(b); usable && (value{}).with(c, off).better(s.worth) {
			s.best, s.worth = []int{i}, (value{}).with(c, off)
		}
	}
	s.seed(b)
	for i := range s.groups {
		s.groups[i].limit = n
	}
	s.visit(0, b, value{})
}

// seed finds a good combination to begin with, so that more branches can be left: it adds the coupons one by one, the one that alone takes off most first,
// where that makes the combination better.
func (s *search) seed(b *basket) {
	alone := make([]money.Fen, len(s.candidates))
	order := make([]int, len(s.candidates))
	for i := range s.candidates {
		alone[i], _ = s.candidates[i].worth(b)
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(alone[j], alone[i]) })
	var set []int
	var worth value
	for _, i := range order {
		if !s.goesWith(i, set) {
			continue
		}
		more := slices.Sorted(slices.Values(append(set[:len(set):len(set)], i)))
		if v, ok := s.value(more, b); ok && v.better(worth) {
			set, worth = more, v
		}
	}
	if worth.better(s.worth) {
		s.best, s.worth = set, worth
	}
}

// goesWith says whether the rules of combination let the candidate be used with the others.
func (s *search) goesWith(i int, others []int) bool {
	c := &s.candidates[i]
	ofGroup, limit := 1, c.limit
	for _, j := range others {
		other := &s.candidates[j]
		if c.Rule.Exclusive || other.Rule.Exclusive {
			return false
		}
		if other.group == c.group {
			ofGroup, limit = ofGroup+1, min(limit, other.limit)
		}
	}
	return ofGroup <= limit
}

// value is what the candidates are worth together; false where one of them cannot be used after those before it.
func (s *search) value(set []int, b *basket) (value, bool) {
	after := b.clone()
	var v value
	for _, i := range set {
		c := &s.candidates[i]
		off, usable := c.worth(after)
		if !usable {
			return value{}, false
		}
		c.apply(after, off)
		v = v.with(c, off)
	}
	return v, true
}

// visit looks at every combination of what is taken with candidates from i on.
func (s *search) visit(i int, b *basket, got value) {
	if s.work += (len(s.candidates) - i) * len(b.left); s.work > maxWork {
		return
	}
	if got.better(s.worth) {
		s.best, s.worth = slices.Clone(s.taken), got
	}
	for i < len(s.candidates) && !s.mayTake(i, b) {
		i++
	}
	if i == len(s.candidates) || !s.bound(i, b, got).better(s.worth) {
		return
	}
	c := &s.candidates[i]
	g := &s.groups[c.group]
	off, _ := c.worth(b)
	after := &s.baskets[len(s.taken)]
	b.copyTo(after)
	c.apply(after, off)
	limit := g.limit
	g.taken, g.limit, s.taking[i], s.taken = g.taken+1, min(limit, c.limit), true, append(s.taken, i)
	s.visit(i+1, after, got.with(c, off))
	g.taken, g.limit, s.taking[i], s.taken = g.taken-1, limit, false, s.taken[:len(s.taken)-1]
	s.visit(i+1, b, got)
}

// mayTake says whether the branch may take the candidate next: it goes with what is taken, and is worth something. Of coupons that are alike only the
// first ones are taken.
func (s *search) mayTake(i int, b *basket) bool {
	c := &s.candidates[i]
	g := &s.groups[c.group]
	if c.Rule.Exclusive || g.taken >= min(g.limit, c.limit) || c.alike >= 0 && !s.taking[c.alike] {
		return false
	}
	_, usable := c.worth(b)
	return usable
}

// bound is at least as good as what any combination that takes one more of the candidates from i on can give.
func (s *search) bound(i int, b *basket, got value) value {
	for n := range s.groups {
		g := &s.groups[n]
		g.room, g.best, g.sum = 0, 0, 0
	}
	most := value{gifts: got.gifts, coupons: got.coupons + 1}
	for ; i < len(s.candidates); i++ {
		c := &s.candidates[i]
		g := &s.groups[c.group]
		room := min(g.limit, c.limit) - g.taken
		if c.Rule.Exclusive || room <= 0 {
			continue
		}
		off, usable := c.worth(b)
		if !usable {
			continue
		}
		if c.Rule.Kind == enum.CouponGift {
			most.gifts++
		}
		g.room, g.best, g.sum = max(g.room, room), max(g.best, off), g.sum+off
	}
	for n := range s.groups {
		g := &s.groups[n]
		most.off += min(g.sum, g.best*money.Fen(g.room))
	}
	everything := b.freight
	for _, left := range b.left {
		everything += left
	}
	most.off = got.off + min(most.off, everything)
	return most
}

// explain says why a candidate is not in the best combination; b is the basket before all coupons.
func (s *search) explain(i int, b *basket) *apperr.Error {
	c := &s.candidates[i]
	if refusal := c.refusal(b); refusal != nil {
		return refusal
	}
	if !s.goesWith(i, s.best) {
		return apperr.New(apperr.CouponNotStackable)
	}
	atItsTurn := b.clone()
	for _, j := range s.best {
		if other := &s.candidates[j]; j < i {
			off, _ := other.worth(atItsTurn)
			other.apply(atItsTurn, off)
		}
	}
	if refusal := c.refusal(atItsTurn); refusal != nil {
		return refusal
	}
	return apperr.New(apperr.CouponNotBest)
}
