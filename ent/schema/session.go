package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Session is one sign-in on one device: a family of refresh tokens.
type Session struct{ ent.Schema }

// Mixin of Session.
func (Session) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("person_id").Immutable().Comment("The person."),
		field.Int64("app_id").Immutable().Comment("The app."),
		field.String("refresh_hash").MaxRuneLen(64).Sensitive().Comment("Hash of the refresh token in force."),
		field.String("previous_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Hash of its predecessor, answered with the same successor for 30 s."),
		field.Time("rotated_at").SchemaType(datetime).Comment("When the refresh token was last rotated."),
		field.Time("expires_at").SchemaType(datetime).Comment("When the session ends unless it is refreshed."),
		field.Time("revoked_at").SchemaType(datetime).Optional().Nillable().Comment("When it was ended."),
		field.String("revoked_reason").MaxRuneLen(32).Default("").Comment("Why it was ended."),
		field.String("device").MaxRuneLen(128).Default("").Comment("What the device called itself, for the person's own list."),
	}
}

// Indexes of Session.
func (Session) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "person_id"),
		index.Fields("expires_at"),
	}
}

// Annotations of Session.
func (Session) Annotations() []schema.Annotation {
	return []schema.Annotation{table("sessions"), tenancy.Rule{Kind: ids.Session, Links: map[string]string{"person_id": "Person", "app_id": "App"}, PersonColumn: "person_id"}}
}
