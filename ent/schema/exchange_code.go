package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// ExchangeCode (兑换码) is a code from elsewhere that a member exchanges for a coupon, once.
type ExchangeCode struct{ ent.Schema }

// Mixin of ExchangeCode.
func (ExchangeCode) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of ExchangeCode.
func (ExchangeCode) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("template_id").Immutable().Comment("The template."),
		field.Int64("org_id").Immutable().Comment("The org that imported it."),
		field.String("batch").MaxRuneLen(64).Immutable().Comment("Name of the import."),
		field.String("code_hash").MaxRuneLen(64).Immutable().Sensitive().Comment("Keyed hash of the code, unique in the brand."),
		field.Int64("member_id").Optional().Nillable().Comment("Who exchanged it; none until then."),
		field.Int64("coupon_id").Optional().Nillable().Comment("The coupon it became."),
		field.Time("exchanged_at").SchemaType(datetime).Optional().Nillable().Comment("When it was exchanged."),
	}
}

// Indexes of ExchangeCode.
func (ExchangeCode) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "code_hash").Unique(),
		index.Fields("brand_id", "template_id", "batch"),
		index.Fields("brand_id", "coupon_id").Unique(),
	}
}

// Annotations of ExchangeCode.
func (ExchangeCode) Annotations() []schema.Annotation {
	return []schema.Annotation{table("exchange_codes"), tenancy.Rule{Links: map[string]string{"template_id": "CouponTemplate", "org_id": "Org", "member_id": "Member", "coupon_id": "Coupon"}, OrgColumn: "org_id"}}
}
