package coupon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// model is the rules of claims written down as plainly as can be: it counts the coupons given out.
type model struct {
	stock, dayStock                          int
	memberLimit, memberDayLimit, personLimit int
	starts, ends                             time.Time
	frozen                                   map[int64]bool
	person                                   map[int64]int64
	given                                    []given
}

type given struct {
	member int64
	key    string
	day    string
}

func (m *model) count(matches func(given) bool) (n int) {
	for _, g := range m.given {
		if matches(g) {
			n++
		}
	}
	return n
}

func (m *model) claim(member int64, key string, now time.Time) apperr.Code {
	china := time.FixedZone("CST", 8*60*60)
	day := now.In(china).Format(time.DateOnly)
	ofMember := func(g given) bool { return g.member == member }
	switch {
	case m.count(func(g given) bool { return g.member == member && g.key == key }) > 0:
		return ""
	case now.Before(m.starts):
		return apperr.ClaimNotOpen
	case !now.Before(m.ends):
		return apperr.ClaimEnded
	case m.frozen[member]:
		return apperr.MemberFrozen
	case m.memberLimit > 0 && m.count(ofMember) >= m.memberLimit,
		m.memberDayLimit > 0 && m.count(func(g given) bool { return ofMember(g) && g.day == day }) >= m.memberDayLimit,
		m.personLimit > 0 && m.count(func(g given) bool { return m.person[g.member] == m.person[member] }) >= m.personLimit:
		return apperr.LimitReached
	case len(m.given) >= m.stock,
		m.dayStock > 0 && m.count(func(g given) bool { return g.day == day }) >= m.dayStock:
		return apperr.OutOfStock
	}
	m.given = append(m.given, given{member, key, day})
	return ""
}

func TestBatchesDecideAsOneAfterTheOtherWould(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		var memberIDs []int64
		frozen, person := map[int64]bool{}, map[int64]int64{}
		for i := range 4 {
			member, _ := w.NewMember(t)
			memberIDs = append(memberIDs, member.ID)
			person[member.ID] = member.PersonID
			switch i {
			case 1: // the same human as the first
				person[member.ID] = person[memberIDs[0]]
				client.Person.UpdateOneID(member.PersonID).SetLimitSubject(person[member.ID]).ExecX(ctx)
			case 3:
				frozen[member.ID] = true
				client.Member.UpdateOneID(member.ID).SetState(enum.MemberFrozen).ExecX(ctx)
			}
		}
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			limit := func(name string, most int) int { return rapid.IntRange(0, most).Draw(r, name) }
			m := &model{stock: 1 + limit("stock", 7), dayStock: limit("day stock", 4), memberLimit: limit("member limit", 3),
				memberDayLimit: limit("member day limit", 2), personLimit: limit("person limit", 4), starts: testkit.Start.Add(time.Hour),
				ends: testkit.Start.Add(60 * time.Hour), frozen: frozen, person: person}
			template := newTemplate(t, w, func(c *ent.CouponTemplateCreate) {
				stock(int64(m.stock))(c)
				c.SetDayStock(int64(m.dayStock)).SetMemberLimit(m.memberLimit).SetMemberDayLimit(m.memberDayLimit).SetPersonLimit(m.personLimit).
					SetClaimStartsAt(m.starts).SetClaimEndsAt(m.ends)
			})
			w.Clock.Set(testkit.Start)
			first := map[coupon.Claim]int64{}
			for range rapid.IntRange(1, 5).Draw(r, "batches") {
				w.Clock.Advance(time.Duration(rapid.IntRange(0, 20).Draw(r, "hours")) * time.Hour)
				var claims []coupon.Claim
				var want []apperr.Code
				for range rapid.IntRange(1, 8).Draw(r, "claims") {
					member := rapid.SampledFrom(memberIDs).Draw(r, "member")
					key := fmt.Sprintf("run-%d-key-%d", run, rapid.IntRange(0, 3).Draw(r, "key"))
					claims = append(claims, coupon.NewClaim(member, key))
					want = append(want, m.claim(member, key, w.Clock.Now()))
				}
				rows, refusals, err := s.Commit(ctx, w.Brand.ID, template.ID, claims)
				require.NoError(r, err)
				for i, c := range claims {
					require.Equal(r, want[i], apperr.CodeOf(refusals[i]), "claim %d of %v", i, claims)
					if want[i] != "" {
						continue
					}
					if first[c] == 0 {
						first[c] = rows[i].ID
					}
					require.Equal(r, first[c], rows[i].ID)
				}
			}
			consistent(t, w, template.ID, len(m.given))
		})
	})
}
