package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
)

// MessagePermission (订阅消息授权) is how many messages of one WeChat template a person has allowed.
type MessagePermission struct{ ent.Schema }

// Mixin of MessagePermission.
func (MessagePermission) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of MessagePermission.
func (MessagePermission) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("person_id").Immutable().Comment("The person."),
		field.Int64("app_id").Immutable().Comment("The mini-program in which it was allowed."),
		field.String("topic").GoType(enum.MessageTopic("")).MaxRuneLen(word).Immutable().Comment("What the messages are about."),
		field.Int("remaining").Default(0).Comment("Messages that may still be sent, never negative."),
	}
}

// Indexes of MessagePermission.
func (MessagePermission) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "person_id", "app_id", "topic").Unique(),
	}
}

// Annotations of MessagePermission.
func (MessagePermission) Annotations() []schema.Annotation {
	return []schema.Annotation{table("message_permissions"), tenancy.Rule{Links: map[string]string{"person_id": "Person", "app_id": "App"}, PersonColumn: "person_id"}}
}
