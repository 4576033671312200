package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Coupon (券) is one coupon of one member.
type Coupon struct{ ent.Schema }

// Mixin of Coupon.
func (Coupon) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Coupon.
func (Coupon) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("template_id").Immutable().Comment("The template it was made from."),
		field.Int64("rule_id").Immutable().Comment("The rule in force when it was issued."),
		field.Int64("member_id").Comment("The member who has it."),
		field.String("code").MaxRuneLen(16).Immutable().Sensitive().Comment("Short random code, unique in the brand."),
		field.String("state").GoType(enum.CouponState("")).MaxRuneLen(word).Comment("State of the coupon."),
		field.String("source").GoType(enum.CouponSource("")).MaxRuneLen(word).Immutable().Comment("How the member got it."),
		field.String("claim_key").MaxRuneLen(64).Immutable().Comment("Idempotency key of the claim, unique for the member."),
		field.Time("usable_from").SchemaType(datetime).Immutable().Comment("First moment at which it may be used."),
		field.Time("expires_at").SchemaType(datetime).Comment("First moment at which it may not be used any more."),
		field.Int64("locked_by_id").Optional().Nillable().Comment("The order that has locked it; none while it is not LOCKED."),
		field.Int64("origin_id").Optional().Nillable().Immutable().Comment("The coupon it was before a friend gave it."),
		field.Int64("issue_job_id").Optional().Nillable().Immutable().Comment("The job that issued it."),
		field.Time("reminded_at").SchemaType(datetime).Optional().Nillable().Comment("When the member was reminded of its end."),
		field.Time("used_at").SchemaType(datetime).Optional().Nillable().Comment("When it was used."),
	}
}

// Indexes of Coupon.
func (Coupon) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "member_id", "claim_key").Unique(),
		index.Fields("brand_id", "code").Unique(),
		index.Fields("brand_id", "member_id", "state", "expires_at"),
		index.Fields("brand_id", "template_id", "state"),
		index.Fields("state", "expires_at"),
	}
}

// Annotations of Coupon.
func (Coupon) Annotations() []schema.Annotation {
	return []schema.Annotation{table("coupons"), tenancy.Rule{Kind: ids.Coupon, Links: map[string]string{"template_id": "CouponTemplate", "rule_id": "CouponRule", "member_id": "Member", "origin_id": "Coupon", "issue_job_id": "IssueJob"}, MemberColumn: "member_id"}}
}
