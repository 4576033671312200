package graph

import (
	"context"

	"dongxiao/domain/redemption"
	"dongxiao/ent"
)

// putOptions saves reading what the options were weighed by.
func putOptions(ctx context.Context, options ...*redemption.Option) {
	for _, o := range options {
		load(ctx).coupon.put(o.Coupon.ID, o.Coupon)
		load(ctx).couponTemplate.put(o.Template.ID, o.Template)
	}
}

// putConfirmed gives the redemption, and saves reading what it refers to where that is at hand; nil where there is none.
func putConfirmed(ctx context.Context, c *redemption.Confirmed) *ent.Redemption {
	if c == nil {
		return nil
	}
	if about := c.About; about != nil {
		load(ctx).member.put(about.Member.ID, about.Member)
		load(ctx).org.put(about.Store.ID, about.Store)
		load(ctx).staff.put(about.Staff.ID, about.Staff)
		putOptions(ctx, about.Option)
	}
	return c.Redemption
}
