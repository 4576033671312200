package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"

	"dongxiao/ent/enum"
)

// Price is what a SKU costs somewhere.
type Price struct{ ent.Schema }

// Mixin of Price.
func (Price) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Price.
func (Price) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("sku_id").Immutable().Comment("The SKU."),
		field.Int64("org_id").Immutable().Comment("The org for which it holds: the brand, a region, a distributor or a store."),
		field.String("kind").GoType(enum.PriceKind("")).MaxRuneLen(word).Immutable().Comment("Who it is for."),
		field.Int64("price_fen").Comment("Price in fen."),
		field.Int64("list_price_fen").Default(0).Comment("Struck-through price in fen; 0 where none may be shown."),
	}
}

// Indexes of Price.
func (Price) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "sku_id", "org_id", "kind").Unique(),
	}
}

// Annotations of Price.
func (Price) Annotations() []schema.Annotation {
	return []schema.Annotation{table("prices"), tenancy.Rule{Links: map[string]string{"sku_id": "SKU", "org_id": "Org"}, OrgColumn: "org_id", Public: true, PublicColumn: "kind", PublicValues: []string{string(enum.PriceRetail)}}}
}
