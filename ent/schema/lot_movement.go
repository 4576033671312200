package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// LotMovement (批次变动) is what one posting did to one lot.
type LotMovement struct{ ent.Schema }

// Mixin of LotMovement.
func (LotMovement) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of LotMovement.
func (LotMovement) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("posting_id").Immutable().Comment("The posting."),
		field.Int64("lot_id").Immutable().Comment("The lot."),
		field.Int64("remaining_change").Immutable().Comment("What may be spent more, or less where negative."),
		field.Int64("held_change").Immutable().Comment("What is held more, or less where negative."),
		field.Int64("remaining_after").Immutable().Comment("What may be spent after it."),
		field.Int64("held_after").Immutable().Comment("What is held after it."),
		field.Int64("reverses_id").Optional().Nillable().Immutable().Comment("The movement that it gives back, wholly or in part."),
		field.Time("expires_at").SchemaType(datetime).Optional().Nillable().Immutable().Comment("Expiry of the lot in the movement that made it, or of the hold in the one that holds it; none elsewhere."),
	}
}

// Indexes of LotMovement.
func (LotMovement) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "lot_id", "id"),
		index.Fields("brand_id", "posting_id", "lot_id").Unique(),
		index.Fields("brand_id", "reverses_id"),
	}
}

// Annotations of LotMovement.
func (LotMovement) Annotations() []schema.Annotation {
	return []schema.Annotation{table("lot_movements"), tenancy.Rule{Links: map[string]string{"posting_id": "LedgerPosting", "lot_id": "Lot", "reverses_id": "LotMovement"}, Journal: true}}
}
