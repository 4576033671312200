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

// CouponTemplate (券模板) is what coupons are made from.
type CouponTemplate struct{ ent.Schema }

// Mixin of CouponTemplate.
func (CouponTemplate) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of CouponTemplate.
func (CouponTemplate) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org that issues it."),
		field.String("name").MaxRuneLen(64).Comment("Name shown to members."),
		field.String("description").MaxRuneLen(512).Default("").Comment("Conditions in words."),
		field.String("state").GoType(enum.TemplateState("")).MaxRuneLen(word).Default(string(enum.TemplateDraft)).Comment("State of the template."),
		field.Int64("rule_id").Comment("The rule that new coupons promise."),
		field.Int64("total_stock").Comment("Coupons that may ever be issued."),
		field.Int64("stock_left").Comment("Coupons that may still be issued, never negative."),
		field.Int64("day_stock").Default(0).Comment("Coupons that may be issued on one day; 0 for no limit."),
		field.Int("member_limit").Default(1).Comment("Coupons one member may get; 0 for no limit."),
		field.Int("member_day_limit").Default(0).Comment("Coupons one member may get on one day; 0 for no limit."),
		field.Int("person_limit").Default(0).Comment("Coupons one human may get, across cancelled memberships; 0 for no limit."),
		field.Time("claim_starts_at").SchemaType(datetime).Comment("First moment of the claim window."),
		field.Time("claim_ends_at").SchemaType(datetime).Comment("First moment after the claim window."),
		field.String("validity_kind").GoType(enum.ValidityKind("")).MaxRuneLen(word).Comment("How the use window is found."),
		field.Time("valid_from").SchemaType(datetime).Optional().Nillable().Comment("First moment of a fixed use window."),
		field.Time("valid_until").SchemaType(datetime).Optional().Nillable().Comment("First moment after a fixed use window."),
		field.Int("valid_days").Default(0).Comment("Days a coupon is usable after its claim and delay."),
		field.Int("delay_days").Default(0).Comment("Days from the claim until a coupon is usable."),
		field.Int64("budget_fen").Default(0).Comment("What all its coupons together may take off at most, in fen; 0 for no budget."),
		field.Int64("budget_left_fen").Default(0).Comment("What of the budget is not promised to a coupon, in fen, never negative."),
		field.Int64("activated_by_id").Optional().Nillable().Comment("The template whose redemption at the issuing store gives a coupon of this one."),
		field.String("event").GoType(enum.CouponEvent("")).MaxRuneLen(word).Default(string(enum.CouponByNoEvent)).Comment("What gives it by itself."),
		field.Int64("submitted_by").Optional().Nillable().Comment("Person who sent it to review."),
		field.Int64("reviewed_by").Optional().Nillable().Comment("Person who approved or rejected it; another one."),
		field.String("state_reason").MaxRuneLen(255).Default("").Comment("Why it was rejected, paused or voided."),
		field.Int("version").Default(1).Comment("Raised by every change; a change names the version it saw."),
	}
}

// Indexes of CouponTemplate.
func (CouponTemplate) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "org_id", "state"),
		index.Fields("brand_id", "activated_by_id", "org_id"),
		index.Fields("brand_id", "event", "state"),
		index.Fields("brand_id", "state", "claim_ends_at"),
	}
}

// Annotations of CouponTemplate.
func (CouponTemplate) Annotations() []schema.Annotation {
	return []schema.Annotation{table("coupon_templates"), tenancy.Rule{Kind: ids.CouponTemplate, Links: map[string]string{"org_id": "Org", "rule_id": "CouponRule", "activated_by_id": "CouponTemplate", "submitted_by": "Person", "reviewed_by": "Person"}, OrgColumn: "org_id", Public: true, PublicColumn: "state", PublicValues: []string{string(enum.TemplateActive), string(enum.TemplatePaused), string(enum.TemplateEnded), string(enum.TemplateVoid)}}}
}
