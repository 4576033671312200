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

// Product is a good as shoppers know it; its SKUs are what is sold.
type Product struct{ ent.Schema }

// Mixin of Product.
func (Product) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Product.
func (Product) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").MaxRuneLen(32).Comment("Number in the brand's books, unique in the brand."),
		field.String("name").MaxRuneLen(64).Comment("Name."),
		field.String("subtitle").MaxRuneLen(128).Default("").Comment("One line under the name."),
		field.String("category").MaxRuneLen(32).Comment("Category."),
		field.String("sku_line").MaxRuneLen(32).Comment("Product line for territories."),
		field.String("image_url").MaxRuneLen(512).Default("").Comment("Picture."),
		field.Text("description").Default("").Comment("Description as plain text."),
		field.String("state").GoType(enum.ProductState("")).MaxRuneLen(word).Comment("Whether it is shown."),
		field.Int("position").Default(0).Comment("Order in lists, lowest first."),
	}
}

// Indexes of Product.
func (Product) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "code").Unique(),
		index.Fields("brand_id", "state", "position", "id"),
	}
}

// Annotations of Product.
func (Product) Annotations() []schema.Annotation {
	return []schema.Annotation{table("products"), tenancy.Rule{Kind: ids.Product, Public: true, PublicColumn: "state", PublicValues: []string{string(enum.ProductActive)}}}
}
