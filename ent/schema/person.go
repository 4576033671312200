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

// Person is one human within one brand; identities, a phone, memberships and staff roles hang on it.
type Person struct{ ent.Schema }

// Mixin of Person.
func (Person) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Person.
func (Person) Fields() []ent.Field {
	return []ent.Field{
		field.String("state").GoType(enum.PersonState("")).MaxRuneLen(word).Default(string(enum.PersonActive)).Comment("Active, suspended or erased."),
		field.Int64("epoch").Default(1).Comment("Raised to end every token at once; a token carries the value at its issue."),
		field.String("nickname").MaxRuneLen(64).Default("").Comment("Name the person chose, checked by WeChat's content check."),
		field.String("avatar_url").MaxRuneLen(512).Default("").Comment("Picture the person chose."),
		field.String("gender").MaxRuneLen(8).Default("").Comment("MALE, FEMALE or empty."),
		field.String("birthday").MaxRuneLen(10).Default("").Comment("YYYY-MM-DD or empty; set once."),
		field.Bytes("phone_sealed").MaxLen(4096).Optional().Sensitive().Comment("Phone number, sealed."),
		field.String("phone_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Keyed hash of the phone, by which one phone is one person."),
		field.String("phone_tail").MaxRuneLen(4).Optional().Comment("Last four digits, for the look-up by staff."),
		field.String("former_phone_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Keyed hash of the phone before erasure; limits per person outlive it."),
		field.Int64("limit_subject").Comment("The person whose id limits per person are counted under: the first of a chain of erased and renewed ones."),
		field.Time("erased_at").SchemaType(datetime).Optional().Nillable().Comment("When personal data was erased."),
	}
}

// Indexes of Person.
func (Person) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "phone_hash").Unique(),
		index.Fields("brand_id", "phone_tail"),
		index.Fields("brand_id", "former_phone_hash"),
	}
}

// Annotations of Person.
func (Person) Annotations() []schema.Annotation {
	return []schema.Annotation{table("persons"), tenancy.Rule{Kind: ids.Person, PersonColumn: "id"}}
}
