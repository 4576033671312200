package coupon_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// Every limit of a template, with 64 claims at once that two servers take, and the exact outcome of each.
func TestRaceForEveryLimit(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		services := []*coupon.Service{newService(t, w), newService(t, w)}
		many, one := members(t, w, 64), members(t, w, 1)
		// Two memberships of one human.
		former, formerViewer := w.NewMember(t)
		now, viewer := w.NewMember(t)
		w.Store.Client(system(t, w)).Person.UpdateOneID(now.PersonID).SetLimitSubject(former.PersonID).ExecX(system(t, w))
		human := append(one[:0:0], testkit.As(t, formerViewer), testkit.As(t, viewer))
		for name, c := range map[string]struct {
			change func(*ent.CouponTemplateCreate)
			who    int
			want   outcome
			issued int
		}{
			"one in stock":       {stock(1), 64, outcome{"": 1, apperr.OutOfStock: 63}, 1},
			"three a day":        {func(c *ent.CouponTemplateCreate) { stock(100)(c); c.SetDayStock(3) }, 64, outcome{"": 3, apperr.OutOfStock: 61}, 3},
			"four a member":      {func(c *ent.CouponTemplateCreate) { stock(100)(c); c.SetMemberLimit(4) }, 1, outcome{"": 4, apperr.LimitReached: 60}, 4},
			"two a member a day": {func(c *ent.CouponTemplateCreate) { stock(100)(c); c.SetMemberLimit(9).SetMemberDayLimit(2) }, 1, outcome{"": 2, apperr.LimitReached: 62}, 2},
			"five a human":       {func(c *ent.CouponTemplateCreate) { stock(100)(c); c.SetMemberLimit(0).SetPersonLimit(5) }, 2, outcome{"": 5, apperr.LimitReached: 59}, 5},
		} {
			template := newTemplate(t, w, c.change)
			got := race(64, func(i int) error {
				ctx := many[i]
				switch c.who {
				case 1:
					ctx = one[0]
				case 2:
					ctx = human[i%2]
				}
				_, err := services[i/2%2].Claim(ctx, template.ID, fmt.Sprintf("limit-%d-%02d", template.ID, i))
				return err
			})
			require.Equal(t, c.want, got, name)
			consistent(t, w, template.ID, c.issued)
		}
	})
}
