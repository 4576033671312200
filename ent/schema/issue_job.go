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

// IssueJob (批量发券) gives coupons of one template to an audience, a piece at a time.
type IssueJob struct{ ent.Schema }

// Mixin of IssueJob.
func (IssueJob) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of IssueJob.
func (IssueJob) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("template_id").Immutable().Comment("The template."),
		field.Int64("org_id").Immutable().Comment("The org that issues."),
		field.Int64("staff_id").Immutable().Comment("Who asked for it."),
		field.JSON("audience", document.Audience{}).Immutable().Comment("Who gets one."),
		field.String("reason").MaxRuneLen(255).Immutable().Comment("Why."),
		field.String("state").GoType(enum.IssueJobState("")).MaxRuneLen(word).Default(string(enum.IssueRunning)).Comment("State of the job."),
		field.Int64("total").Default(0).Comment("Members in the audience when it began."),
		field.Int64("issued").Default(0).Comment("Coupons given."),
		field.Int64("skipped").Default(0).Comment("Members who could not get one: frozen, or at their limit."),
		field.Int64("last_member_id").Default(0).Comment("Where it has got to: members are taken by number."),
		field.String("stop_reason").MaxRuneLen(255).Default("").Comment("Why it stopped before its end."),
		field.Time("finished_at").SchemaType(datetime).Optional().Nillable().Comment("When it ended."),
	}
}

// Indexes of IssueJob.
func (IssueJob) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "org_id", "id"),
		index.Fields("brand_id", "template_id"),
		index.Fields("state", "id"),
	}
}

// Annotations of IssueJob.
func (IssueJob) Annotations() []schema.Annotation {
	return []schema.Annotation{table("issue_jobs"), tenancy.Rule{Kind: ids.IssueJob, Links: map[string]string{"template_id": "CouponTemplate", "org_id": "Org", "staff_id": "Staff"}, OrgColumn: "org_id"}}
}
