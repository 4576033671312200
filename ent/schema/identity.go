package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// Identity is one WeChat identity of a person: an openid in one app.
type Identity struct{ ent.Schema }

// Mixin of Identity.
func (Identity) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Identity.
func (Identity) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("person_id").Comment("The person."),
		field.Int64("app_id").Immutable().Comment("The app in which the openid counts."),
		field.Bytes("openid_sealed").MaxLen(4096).Optional().Sensitive().Comment("The openid, sealed; empty after erasure."),
		field.String("openid_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Keyed hash of the openid; none after erasure."),
		field.String("unionid_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Keyed hash of the unionid where WeChat gives one."),
		field.String("former_openid_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Keyed hash of the openid before erasure."),
		field.Bytes("session_key_sealed").MaxLen(4096).Optional().Sensitive().Comment("WeChat session key, sealed."),
	}
}

// Indexes of Identity.
func (Identity) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "app_id", "openid_hash").Unique(),
		index.Fields("brand_id", "unionid_hash"),
		index.Fields("brand_id", "former_openid_hash"),
		index.Fields("brand_id", "person_id"),
	}
}

// Annotations of Identity.
func (Identity) Annotations() []schema.Annotation {
	return []schema.Annotation{table("identities"), tenancy.Rule{Links: map[string]string{"person_id": "Person", "app_id": "App"}, PersonColumn: "person_id"}}
}
