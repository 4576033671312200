package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// MemberTag is a tag on a member.
type MemberTag struct{ ent.Schema }

// Mixin of MemberTag.
func (MemberTag) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of MemberTag.
func (MemberTag) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("tag_id").Immutable().Comment("The tag."),
	}
}

// Indexes of MemberTag.
func (MemberTag) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "member_id", "tag_id").Unique(),
		index.Fields("brand_id", "tag_id"),
	}
}

// Annotations of MemberTag.
func (MemberTag) Annotations() []schema.Annotation {
	return []schema.Annotation{table("member_tags"), tenancy.Rule{Links: map[string]string{"member_id": "Member", "tag_id": "Tag"}}}
}
