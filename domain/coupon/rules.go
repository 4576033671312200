package coupon

import (
	"context"

	"dongxiao/ent/couponrule"
	"dongxiao/ent/document"
	"dongxiao/internal/memory"
	"dongxiao/internal/store"
)

// rulesKept bounds how many rules a server keeps.
const rulesKept = 10_000

// rules keeps the rules of coupons, which never change: another rule is another row. Whoever asks has read a coupon or a template that names it.
type rules struct {
	store *store.Store
	kept  *memory.Cache[int64, document.CouponRule]
}

func newRules(s *store.Store) rules {
	return rules{s, memory.New[int64](memory.Options[document.CouponRule]{Size: rulesKept})}
}

// of gives the rules by id, with one statement for those that are not kept. ctx reaches the whole brand.
func (r rules) of(ctx context.Context, ids []int64) (map[int64]document.CouponRule, error) {
	found := make(map[int64]document.CouponRule, len(ids))
	var missing []int64
	for _, id := range ids {
		if rule, ok := r.kept.Get(id); ok {
			found[id] = rule
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	rows, err := r.store.Client(ctx).CouponRule.Query().Where(couponrule.IDIn(missing...)).All(ctx)
	for _, row := range rows {
		found[row.ID] = row.Rule
		r.kept.Set(row.ID, row.Rule)
	}
	return found, err
}
