package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// AuditEntry is one change by staff or an administrator: who, what, before, after, why.
type AuditEntry struct{ ent.Schema }

// Mixin of AuditEntry.
func (AuditEntry) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of AuditEntry.
func (AuditEntry) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org in whose scope it happened."),
		field.Int64("person_id").Immutable().Comment("Who did it; 0 for a command on the server."),
		field.String("action").MaxRuneLen(48).Immutable().Comment("Name of the operation."),
		field.String("subject").MaxRuneLen(64).Immutable().Comment("Public id of what was changed."),
		field.JSON("before", document.Snapshot{}).Optional().Immutable().Comment("Changed fields before."),
		field.JSON("after", document.Snapshot{}).Optional().Immutable().Comment("Changed fields after."),
		field.String("reason").MaxRuneLen(255).Default("").Immutable().Comment("Why."),
		field.String("request_id").MaxRuneLen(64).Default("").Immutable().Comment("Request in which it happened."),
	}
}

// Indexes of AuditEntry.
func (AuditEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "org_id", "created_at"),
		index.Fields("brand_id", "created_at"),
		index.Fields("brand_id", "subject", "created_at"),
	}
}

// Annotations of AuditEntry.
func (AuditEntry) Annotations() []schema.Annotation {
	return []schema.Annotation{table("audit_entries"), tenancy.Rule{Kind: ids.AuditEntry, Links: map[string]string{"org_id": "Org"}, OrgColumn: "org_id", Journal: true}}
}
