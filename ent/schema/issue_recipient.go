package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// IssueRecipient is one member of an audience that was uploaded as a list.
type IssueRecipient struct{ ent.Schema }

// Mixin of IssueRecipient.
func (IssueRecipient) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of IssueRecipient.
func (IssueRecipient) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("job_id").Immutable().Comment("The job."),
		field.Int64("member_id").Immutable().Comment("The member."),
	}
}

// Indexes of IssueRecipient.
func (IssueRecipient) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "job_id", "member_id").Unique(),
	}
}

// Annotations of IssueRecipient.
func (IssueRecipient) Annotations() []schema.Annotation {
	return []schema.Annotation{table("issue_recipients"), tenancy.Rule{Links: map[string]string{"job_id": "IssueJob", "member_id": "Member"}}}
}
