package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/tenancy"
)

// CouponUse (用券) is a coupon used in an order: what it took off each line, and who bears it.
type CouponUse struct{ ent.Schema }

// Mixin of CouponUse.
func (CouponUse) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of CouponUse.
func (CouponUse) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("coupon_id").Immutable().Comment("The coupon."),
		field.Int64("active_coupon_id").Optional().Nillable().Comment("The same while it counts as used and none once it was returned: unique, so that nothing is used twice."),
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("order_id").Immutable().Comment("The order."),
		field.Int64("org_id").Immutable().Comment("The org that sells."),
		field.Int64("discount_fen").Immutable().Comment("What it took off, in fen."),
		field.JSON("lines", []document.LineDiscount{}).Immutable().Comment("What it took off each line; they sum to the discount."),
		field.Int64("returned_fen").Default(0).Comment("What of the discount went back with refunded lines, in fen."),
		field.Time("returned_at").SchemaType(datetime).Optional().Nillable().Comment("When the coupon itself went back to the member."),
	}
}

// Indexes of CouponUse.
func (CouponUse) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "active_coupon_id").Unique(),
		index.Fields("brand_id", "order_id"),
		index.Fields("brand_id", "coupon_id"),
		index.Fields("brand_id", "org_id", "created_at"),
	}
}

// Annotations of CouponUse.
func (CouponUse) Annotations() []schema.Annotation {
	return []schema.Annotation{table("coupon_uses"), tenancy.Rule{Links: map[string]string{"coupon_id": "Coupon", "active_coupon_id": "Coupon", "member_id": "Member", "org_id": "Org"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
