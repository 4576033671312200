package points_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/domain/points"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

func moneyOf(fen int64) money.Fen { return money.Fen(fen) }

// naive is the member's points as a child would keep them: a list of heaps.
type naive struct {
	heaps []*heap
	debt  int64
	earns map[int64]*earn
	spent map[int64]*spent
	made  int
}

type heap struct {
	subject int64
	left    int64
	pending bool
	at      time.Time // when it becomes spendable, or expires
	order   int
}

type earn struct{ granted, clawed int64 }

type spent struct {
	total, back int64
	parts       []part
}

type part struct {
	from *heap
	n    int64
}

// live are the spendable heaps, soonest expiring first.
func (m *naive) live() []*heap {
	var list []*heap
	for _, h := range m.heaps {
		if !h.pending {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *heap) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
	return list
}

func (m *naive) balance() (n int64) {
	for _, h := range m.live() {
		n += h.left
	}
	return n
}

func (m *naive) pending() (n int64) {
	for _, h := range m.heaps {
		if h.pending {
			n += h.left
		}
	}
	return n
}

func (m *naive) take(heaps []*heap, n int64) []part {
	var parts []part
	for _, h := range heaps {
		x := min(n, h.left)
		if h.left, n = h.left-x, n-x; x > 0 {
			parts = append(parts, part{h, x})
		}
	}
	return parts
}

func (m *naive) add(h heap) {
	m.made++
	h.order = m.made
	m.heaps = append(m.heaps, &h)
}

func (m *naive) settle(now time.Time) {
	due := slices.Clone(m.heaps)
	slices.SortFunc(due, func(a, b *heap) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
	for _, h := range due {
		if h.pending && h.left > 0 && !h.at.After(now) {
			m.add(heap{subject: h.subject, left: h.left, at: h.at.AddDate(0, 0, 365)})
			h.left = 0
		}
	}
	for m.debt > 0 && m.balance() > 0 {
		for _, p := range m.take(m.live(), m.debt) {
			m.debt -= p.n
		}
	}
	for _, h := range m.live() {
		if !h.at.After(now) {
			h.left = 0
		}
	}
}

// Whatever is earned, spent, given back, taken back, adjusted and left to expire, in any order, the books say what the naive list says.
func TestModelOfPoints(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		d := open(t, w)
		ctx := d.system(t)
		subject := int64(0)
		rapid.Check(t, func(r *rapid.T) {
			d.member, d.shopper = w.NewMember(t)
			m := &naive{earns: map[int64]*earn{}, spent: map[int64]*spent{}}
			var earned, spends []int64
			check := func() {
				now := d.Clock.Now()
				var balance int64
				for _, h := range m.live() {
					if h.at.After(now) {
						balance += h.left
					}
				}
				require.Equal(r, [3]int64{balance, m.pending(), m.debt}, d.has(t))
				require.True(r, m.debt == 0 || m.balance() == 0)
			}
			for range rapid.IntRange(1, 25).Draw(r, "steps") {
				now := d.Clock.Now()
				switch rapid.SampledFrom([]string{"earn", "earn", "earn", "spend", "spend", "return", "claw back", "adjust", "wait", "wait long", "sweep"}).Draw(r, "act") {
				case "earn":
					subject++
					n := rapid.Int64Range(1, 50).Draw(r, "points")
					at := now.Add(-time.Duration(rapid.IntRange(0, 10).Draw(r, "days ago")) * day)
					require.NoError(r, d.Earn(ctx, d.member.ID, subject, moneyOf(n*100), at))
					m.settle(now)
					m.add(heap{subject: subject, left: n, pending: true, at: at.AddDate(0, 0, 7)})
					m.earns[subject] = &earn{granted: n}
					earned = append(earned, subject)
				case "spend":
					subject++
					n := rapid.Int64Range(1, 80).Draw(r, "points")
					err := d.Spend(ctx, d.member.ID, subject, n)
					m.settle(now)
					if m.balance() < n {
						require.Equal(r, apperr.PointsInsufficient, apperr.CodeOf(err))
						break
					}
					require.NoError(r, err)
					m.spent[subject] = &spent{total: n, parts: m.take(m.live(), n)}
					spends = append(spends, subject)
				case "return":
					if len(spends) == 0 {
						break
					}
					id := rapid.SampledFrom(spends).Draw(r, "spend")
					s := m.spent[id]
					total := rapid.Int64Range(0, s.total).Draw(r, "total")
					require.NoError(r, d.Return(ctx, id, total))
					m.settle(now)
					for ; s.back < total; s.back++ { // a point at a time, the last one taken first
						last := &s.parts[len(s.parts)-1]
						last.from.left++
						if last.n--; last.n == 0 {
							s.parts = s.parts[:len(s.parts)-1]
						}
					}
					m.settle(now)
				case "claw back":
					if len(earned) == 0 {
						break
					}
					id := rapid.SampledFrom(earned).Draw(r, "earn")
					whole := rapid.Int64Range(1, 20).Draw(r, "whole")
					refunded := rapid.Int64Range(0, whole).Draw(r, "refunded")
					require.NoError(r, d.ClawBack(ctx, id, points.Part{Refunded: moneyOf(refunded), Total: moneyOf(whole)}))
					m.settle(now)
					e := m.earns[id]
					total := e.granted - e.granted*(whole-refunded)/whole
					if total <= e.clawed {
						break
					}
					var own, others []*heap
					for _, h := range m.heaps {
						if h.subject == id && h.pending {
							own = append(own, h)
						}
					}
					for _, h := range m.live() {
						if h.subject == id {
							own = append(own, h)
						} else {
							others = append(others, h)
						}
					}
					n := total - e.clawed
					for _, p := range m.take(append(own, others...), n) {
						n -= p.n
					}
					m.debt, e.clawed = m.debt+n, total
				case "adjust":
					n := rapid.Int64Range(-40, 40).Filter(func(n int64) bool { return n != 0 }).Draw(r, "points")
					subject++
					_, err := d.Adjust(testkit.As(t, d.admin), points.Adjustment{MemberID: d.member.ID, Points: n, Reason: "试", IdempotencyKey: fmt.Sprintf("adjust-%d", subject)})
					m.settle(now)
					if n < 0 && m.balance() < -n {
						require.Equal(r, apperr.PointsInsufficient, apperr.CodeOf(err))
						break
					}
					require.NoError(r, err)
					if n > 0 {
						m.add(heap{subject: -1, left: n, at: now.AddDate(0, 0, 365)})
					} else {
						m.take(m.live(), -n)
					}
					m.settle(now)
				case "wait":
					d.Clock.Advance(time.Duration(rapid.IntRange(1, 10).Draw(r, "days")) * day)
				case "wait long":
					d.Clock.Advance(time.Duration(rapid.IntRange(100, 370).Draw(r, "days")) * day)
				case "sweep":
					d.sweep(t)
					m.settle(now)
				}
				if rapid.Bool().Draw(r, "look") { // the answers do not depend on when the sweep runs
					d.sweep(t)
					m.settle(d.Clock.Now())
					check()
				}
			}
		})
		testkit.VerifyBrand(t, d.Store, d.Brand.ID)
	})
}
