package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// App (小程序) is a registered front end.
type App struct{ ent.Schema }

// Mixin of App.
func (App) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of App.
func (App) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org the app belongs to."),
		field.String("face").GoType(auth.Face("")).MaxRuneLen(word).Immutable().Comment("The audience it serves."),
		field.String("wechat_app_id").MaxRuneLen(32).Immutable().Comment("WeChat app id, unique in the installation; the audience of access tokens."),
		field.String("name").MaxRuneLen(64).Comment("Name shown to people."),
		field.Bytes("secret_sealed").MaxLen(4096).Sensitive().Comment("WeChat app secret, sealed."),
		field.String("push_token").MaxRuneLen(64).Sensitive().Default("").Comment("Token of WeChat's message push; empty where no push is configured."),
		field.Bytes("push_key_sealed").MaxLen(4096).Optional().Sensitive().Comment("EncodingAESKey of the message push, sealed."),
		field.String("state").GoType(enum.AppState("")).MaxRuneLen(word).Default(string(enum.AppActive)).Comment("Whether it may sign people in."),
	}
}

// Indexes of App.
func (App) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("wechat_app_id").Unique(),
		index.Fields("brand_id", "face"),
	}
}

// Annotations of App.
func (App) Annotations() []schema.Annotation {
	return []schema.Annotation{table("apps"), tenancy.Rule{Kind: ids.App, Links: map[string]string{"org_id": "Org"}, OrgColumn: "org_id"}}
}
