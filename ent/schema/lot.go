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

// Lot (批次) is value that a member got at once: with one issuer, one scope and one expiry.
type Lot struct{ ent.Schema }

// Mixin of Lot.
func (Lot) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Lot.
func (Lot) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("member_id").Immutable().Comment("The member who has it."),
		field.String("kind").GoType(enum.LotKind("")).MaxRuneLen(word).Immutable().Comment("Principal, bonus or points, pending or not."),
		field.Int64("source_id").Immutable().Comment("The top-up, or for points the row that earned them."),
		field.Int64("issuer_org_id").Immutable().Comment("The org that owes it: who took the money."),
		field.Int64("scope_org_id").Immutable().Comment("The org in whose subtree it may be spent."),
		field.JSON("funders", []document.Funder{}).Optional().Immutable().Comment("Who bears the cost of a bonus; empty for principal."),
		field.Int64("amount").Immutable().Comment("What it was made with: fen, or points."),
		field.Int64("remaining").Comment("What may still be spent; never negative."),
		field.Int64("held").Default(0).Comment("What is held for payments under way; never negative."),
		field.Time("available_at").SchemaType(datetime).Optional().Nillable().Immutable().Comment("When pending points become spendable; none where it is spendable at once."),
		field.Time("expires_at").SchemaType(datetime).Optional().Nillable().Immutable().Comment("First moment at which it may not be spent any more; none for ever."),
		field.Time("expired_at").SchemaType(datetime).Optional().Nillable().Comment("When its rest was written off; none while it may be spent, and again when a refund gives something back."),
	}
}

// Indexes of Lot.
func (Lot) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "member_id", "kind", "expires_at"),
		index.Fields("brand_id", "source_id"),
		index.Fields("brand_id", "issuer_org_id"),
		index.Fields("expired_at", "expires_at"),
		index.Fields("kind", "available_at"),
	}
}

// Annotations of Lot.
func (Lot) Annotations() []schema.Annotation {
	return []schema.Annotation{table("lots"), tenancy.Rule{Kind: ids.Lot, Links: map[string]string{"member_id": "Member", "issuer_org_id": "Org", "scope_org_id": "Org"}, OrgColumn: "issuer_org_id", MemberColumn: "member_id"}}
}
