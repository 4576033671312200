package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// IdempotencyKey remembers what a key did, so that a repeat answers instead of acting.
type IdempotencyKey struct{ ent.Schema }

// Mixin of IdempotencyKey.
func (IdempotencyKey) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of IdempotencyKey.
func (IdempotencyKey) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("actor_id").Immutable().Comment("The person who sent it; 0 for the system."),
		field.String("operation").MaxRuneLen(48).Immutable().Comment("Name of the operation."),
		field.String("key").MaxRuneLen(80).Immutable().Comment("The key."),
		field.String("input_hash").MaxRuneLen(64).Immutable().Comment("Hash of the input."),
		field.Int64("result_id").Default(0).Comment("The row the first answer was about."),
	}
}

// Indexes of IdempotencyKey.
func (IdempotencyKey) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "actor_id", "operation", "key").Unique(),
		index.Fields("created_at"),
	}
}

// Annotations of IdempotencyKey.
func (IdempotencyKey) Annotations() []schema.Annotation {
	return []schema.Annotation{table("idempotency_keys"), tenancy.Rule{}}
}
