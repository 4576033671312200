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

// Page is a decorated page of a storefront: a list of blocks.
type Page struct{ ent.Schema }

// Mixin of Page.
func (Page) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Page.
func (Page) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org whose page it is; a region's page stands in for the brand's."),
		field.String("slug").MaxRuneLen(32).Immutable().Comment("Name of the page, home for the first."),
		field.String("title").MaxRuneLen(64).Comment("Title."),
		field.JSON("blocks", []document.Block{}).Comment("Blocks from top to bottom."),
		field.String("state").GoType(enum.PageState("")).MaxRuneLen(word).Comment("Whether it is shown."),
		field.Int("version").Default(1).Comment("Raised by every change; a change names the version it saw."),
	}
}

// Indexes of Page.
func (Page) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "org_id", "slug").Unique(),
	}
}

// Annotations of Page.
func (Page) Annotations() []schema.Annotation {
	return []schema.Annotation{table("pages"), tenancy.Rule{Kind: ids.Page, Links: map[string]string{"org_id": "Org"}, OrgColumn: "org_id", Public: true, PublicColumn: "state", PublicValues: []string{string(enum.PagePublished)}}}
}
