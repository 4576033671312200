package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Territory says which distributor serves a store for a product line; one per line.
type Territory struct{ ent.Schema }

// Mixin of Territory.
func (Territory) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Territory.
func (Territory) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("store_id").Immutable().Comment("The store."),
		field.String("sku_line").MaxRuneLen(32).Immutable().Comment("Product line; one distributor serves each at a store."),
		field.Int64("distributor_id").Comment("The distributor."),
	}
}

// Indexes of Territory.
func (Territory) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "store_id", "sku_line").Unique(),
		index.Fields("brand_id", "distributor_id"),
	}
}

// Annotations of Territory.
func (Territory) Annotations() []schema.Annotation {
	return []schema.Annotation{table("territories"), tenancy.Rule{Kind: ids.Territory, Links: map[string]string{"store_id": "Org", "distributor_id": "Org"}, OrgColumn: "store_id", Served: true}}
}
