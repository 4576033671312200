package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// TopUpTier (充值档位) is an offer to top up: pay so much, get so much on top.
type TopUpTier struct{ ent.Schema }

// Mixin of TopUpTier.
func (TopUpTier) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of TopUpTier.
func (TopUpTier) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org that issues: whose merchant account takes the money and who owes the value."),
		field.String("name").MaxRuneLen(64).Comment("Name shown to members."),
		field.String("state").GoType(enum.TierState("")).MaxRuneLen(word).Default(string(enum.TierDraft)).Comment("State of the tier."),
		field.Int64("pay_fen").Immutable().Comment("What the member pays, in fen."),
		field.JSON("terms", document.TopUpTerms{}).Immutable().Comment("Bonus, gifts, scope and refund policy; each top-up keeps a copy."),
		field.Int64("member_limit").Immutable().Default(0).Comment("Top-ups of one member with it; 0 for no limit."),
		field.Int64("person_limit").Immutable().Default(0).Comment("Top-ups of one human with it, across cancelled memberships; 0 for no limit."),
		field.Time("starts_at").SchemaType(datetime).Comment("First moment at which it is offered."),
		field.Time("ends_at").SchemaType(datetime).Comment("First moment at which it is offered no more."),
		field.Int("version").Default(1).Comment("Raised by every change; a change names the version it saw."),
	}
}

// Indexes of TopUpTier.
func (TopUpTier) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "org_id", "state"),
		index.Fields("brand_id", "state", "ends_at"),
	}
}

// Annotations of TopUpTier.
func (TopUpTier) Annotations() []schema.Annotation {
	return []schema.Annotation{table("top_up_tiers"), tenancy.Rule{Kind: ids.TopUpTier, Links: map[string]string{"org_id": "Org"}, OrgColumn: "org_id", Public: true, PublicColumn: "state", PublicValues: []string{string(enum.TierActive)}}}
}
