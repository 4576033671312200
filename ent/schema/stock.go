package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// Stock is how many pieces of a SKU an org has.
type Stock struct{ ent.Schema }

// Mixin of Stock.
func (Stock) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Stock.
func (Stock) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("sku_id").Immutable().Comment("The SKU."),
		field.Int64("org_id").Immutable().Comment("The store or warehouse."),
		field.Int64("quantity").Default(0).Comment("Pieces on hand, never negative."),
	}
}

// Indexes of Stock.
func (Stock) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "sku_id", "org_id").Unique(),
	}
}

// Annotations of Stock.
func (Stock) Annotations() []schema.Annotation {
	return []schema.Annotation{table("stocks"), tenancy.Rule{Links: map[string]string{"sku_id": "SKU", "org_id": "Org"}, Public: true}}
}
