package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Tag (标签) is a word that staff put on members.
type Tag struct{ ent.Schema }

// Mixin of Tag.
func (Tag) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Tag.
func (Tag) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org whose staff may use it."),
		field.String("name").MaxRuneLen(32).Comment("The word, unique in the org."),
	}
}

// Indexes of Tag.
func (Tag) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "org_id", "name").Unique(),
	}
}

// Annotations of Tag.
func (Tag) Annotations() []schema.Annotation {
	return []schema.Annotation{table("tags"), tenancy.Rule{Kind: ids.Tag, Links: map[string]string{"org_id": "Org"}, OrgColumn: "org_id"}}
}
