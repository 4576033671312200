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

// Staff (店员) is a role of a person at an org, or the invitation to it.
type Staff struct{ ent.Schema }

// Mixin of Staff.
func (Staff) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Staff.
func (Staff) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org."),
		field.String("role").GoType(auth.Role("")).MaxRuneLen(word).Immutable().Comment("The role."),
		field.Int64("person_id").Optional().Nillable().Comment("The person; none while invited."),
		field.String("name").MaxRuneLen(32).Comment("Name shown to colleagues."),
		field.String("state").GoType(enum.StaffState("")).MaxRuneLen(word).Comment("Invited, active, suspended or revoked."),
		field.String("invitation_hash").MaxRuneLen(64).Optional().Nillable().Sensitive().Comment("Hash of the invitation code, kept so that accepting it again answers the same."),
		field.String("invited_phone_hash").MaxRuneLen(64).Optional().Sensitive().Comment("Keyed hash of the phone the invitation was made for."),
		field.String("invited_phone_tail").MaxRuneLen(4).Optional().Comment("Last four digits of that phone."),
		field.Time("invitation_expires_at").SchemaType(datetime).Optional().Nillable().Comment("Until when the invitation may be accepted."),
		field.Int64("invited_by").Optional().Nillable().Immutable().Comment("Person who invited; none for the first administrator."),
	}
}

// Indexes of Staff.
func (Staff) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "person_id", "org_id", "role").Unique(),
		index.Fields("brand_id", "org_id", "state"),
		index.Fields("invitation_hash").Unique(),
	}
}

// Annotations of Staff.
func (Staff) Annotations() []schema.Annotation {
	return []schema.Annotation{table("staff"), tenancy.Rule{Kind: ids.Staff, Links: map[string]string{"org_id": "Org", "person_id": "Person", "invited_by": "Person"}, OrgColumn: "org_id", PersonColumn: "person_id"}}
}
