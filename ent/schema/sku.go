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

// SKU is one sellable form of a product.
type SKU struct{ ent.Schema }

// Mixin of SKU.
func (SKU) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of SKU.
func (SKU) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("product_id").Immutable().Comment("The product."),
		field.String("code").MaxRuneLen(32).Comment("Number in the brand's books, unique in the brand."),
		field.String("name").MaxRuneLen(64).Comment("Specification, such as 500 ml."),
		field.String("barcode").MaxRuneLen(14).Default("").Comment("GTIN, or empty."),
		field.Int("carton_size").Default(1).Comment("Pieces in a carton (箱)."),
		field.String("mode").GoType(enum.SellableMode("")).MaxRuneLen(word).Comment("How it is sold."),
	}
}

// Indexes of SKU.
func (SKU) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "code").Unique(),
		index.Fields("brand_id", "product_id"),
	}
}

// Annotations of SKU.
func (SKU) Annotations() []schema.Annotation {
	return []schema.Annotation{table("skus"), tenancy.Rule{Kind: ids.SKU, Links: map[string]string{"product_id": "Product"}, Public: true}}
}
