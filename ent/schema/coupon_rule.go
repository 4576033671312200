package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"dongxiao/ent/tenancy"

	"dongxiao/ent/document"
)

// CouponRule is what coupons promise; a row is never changed, a coupon keeps the one it was claimed under.
type CouponRule struct{ ent.Schema }

// Mixin of CouponRule.
func (CouponRule) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of CouponRule.
func (CouponRule) Fields() []ent.Field {
	return []ent.Field{
		field.JSON("rule", document.CouponRule{}).Immutable().Comment("Kind, amounts, scope, funders, stacking and return policy."),
	}
}

// Annotations of CouponRule.
func (CouponRule) Annotations() []schema.Annotation {
	return []schema.Annotation{table("coupon_rules"), tenancy.Rule{Public: true, Journal: true}}
}
