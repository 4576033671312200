package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// Key is a secret of the installation, sealed under the master key.
type Key struct{ ent.Schema }

// Mixin of Key.
func (Key) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Key.
func (Key) Fields() []ent.Field {
	return []ent.Field{
		field.String("purpose").MaxRuneLen(32).Immutable().Comment("What it is for."),
		field.String("key_id").MaxRuneLen(32).Immutable().Comment("Its public name (kid)."),
		field.Bytes("sealed").MaxLen(4096).Sensitive().Comment("The secret, sealed."),
		field.String("state").MaxRuneLen(16).Comment("ACTIVE or RETIRED."),
		field.Time("retires_at").SchemaType(datetime).Optional().Nillable().Comment("When it stops to verify."),
	}
}

// Indexes of Key.
func (Key) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("key_id").Unique(),
		index.Fields("purpose", "state"),
	}
}

// Annotations of Key.
func (Key) Annotations() []schema.Annotation {
	return []schema.Annotation{table("keys"), tenancy.Rule{Installation: true}}
}
