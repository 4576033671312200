package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"

	"dongxiao/ent/enum"
)

// OutboxMessage is an effect on the outside that was decided in a transaction and is carried out after it, at least once.
type OutboxMessage struct{ ent.Schema }

// Mixin of OutboxMessage.
func (OutboxMessage) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of OutboxMessage.
func (OutboxMessage) Fields() []ent.Field {
	return []ent.Field{
		field.String("topic").MaxRuneLen(48).Immutable().Comment("Which handler carries it out."),
		field.String("partition").MaxRuneLen(64).Default("").Immutable().Comment("Messages of one partition are carried out one at a time; empty for no order."),
		field.JSON("payload", json.RawMessage{}).Immutable().Comment("What the handler needs: ids, never secrets or personal data."),
		field.String("state").GoType(enum.OutboxState("")).MaxRuneLen(word).Default(string(enum.OutboxPending)).Comment("Pending, done or given up."),
		field.Int("attempts").Default(0).Comment("How often it was tried."),
		field.Time("due_at").SchemaType(datetime).Comment("When it may be tried next; a handed-over message comes back after its lease."),
		field.String("last_error").MaxRuneLen(255).Default("").Comment("Why the last attempt failed."),
		field.Time("done_at").SchemaType(datetime).Optional().Nillable().Comment("When its handler committed."),
	}
}

// Indexes of OutboxMessage.
func (OutboxMessage) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("state", "due_at"),
	}
}

// Annotations of OutboxMessage.
func (OutboxMessage) Annotations() []schema.Annotation {
	return []schema.Annotation{table("outbox_messages"), tenancy.Rule{}}
}
