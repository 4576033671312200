package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Consent is one decision of a person about one document; the latest row of a kind counts.
type Consent struct{ ent.Schema }

// Mixin of Consent.
func (Consent) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Consent.
func (Consent) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("person_id").Immutable().Comment("The person."),
		field.String("kind").GoType(enum.ConsentKind("")).MaxRuneLen(word).Immutable().Comment("What was agreed to."),
		field.String("version").MaxRuneLen(32).Immutable().Comment("Version of the document."),
		field.Bool("granted").Immutable().Comment("Given or withdrawn."),
		field.Int64("app_id").Immutable().Comment("The app in which it was said."),
	}
}

// Indexes of Consent.
func (Consent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "person_id", "kind"),
	}
}

// Annotations of Consent.
func (Consent) Annotations() []schema.Annotation {
	return []schema.Annotation{table("consents"), tenancy.Rule{Kind: ids.Consent, Links: map[string]string{"person_id": "Person", "app_id": "App"}, PersonColumn: "person_id", Journal: true}}
}
