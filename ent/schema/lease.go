package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// Lease lets one server at a time do a periodic job.
type Lease struct{ ent.Schema }

// Mixin of Lease.
func (Lease) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Lease.
func (Lease) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").MaxRuneLen(64).Immutable().Comment("Name of the job."),
		field.String("holder").MaxRuneLen(64).Comment("Server that holds it."),
		field.Time("expires_at").SchemaType(datetime).Comment("When it falls back."),
	}
}

// Indexes of Lease.
func (Lease) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("name").Unique(),
	}
}

// Annotations of Lease.
func (Lease) Annotations() []schema.Annotation {
	return []schema.Annotation{table("leases"), tenancy.Rule{Installation: true}}
}
