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

// Member (会员) is a person's membership of a brand.
type Member struct{ ent.Schema }

// Mixin of Member.
func (Member) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Member.
func (Member) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("person_id").Immutable().Comment("The person."),
		field.Int64("number").Immutable().Comment("Membership number within the installation, shown to the member and carried by the member code."),
		field.String("state").GoType(enum.MemberState("")).MaxRuneLen(word).Default(string(enum.MemberVisitor)).Comment("Visitor, registered, frozen or cancelled."),
		field.Int64("home_store_id").Optional().Nillable().Comment("Store that owns the service relation."),
		field.Int64("guide_id").Optional().Nillable().Comment("Staff member who serves this member (导购)."),
		field.Time("home_store_protected_until").SchemaType(datetime).Optional().Nillable().Comment("Until when the home store cannot be changed."),
		field.String("first_channel").GoType(enum.AttributionChannel("")).MaxRuneLen(word).Default(string(enum.ChannelDirect)).Immutable().Comment("How the member first came to the brand."),
		field.Int64("first_store_id").Optional().Nillable().Comment("Store of the first touch."),
		field.String("last_channel").GoType(enum.AttributionChannel("")).MaxRuneLen(word).Default(string(enum.ChannelDirect)).Comment("How the member last came to a store."),
		field.Int64("last_store_id").Optional().Nillable().Comment("Store of the last touch."),
		field.Time("last_touched_at").SchemaType(datetime).Optional().Nillable().Comment("When the last touch was."),
		field.Int64("level_id").Optional().Nillable().Comment("Present level."),
		field.Int64("growth_value").Default(0).Comment("Growth value (成长值) of the current period."),
		field.Time("level_period_ends_at").SchemaType(datetime).Optional().Nillable().Comment("When the level is looked at again and may go down."),
		field.Int64("event_sequence").Default(0).Comment("Number of the last event of this member."),
		field.Time("registered_at").SchemaType(datetime).Optional().Nillable().Comment("When the phone was bound."),
		field.Time("cancelled_at").SchemaType(datetime).Optional().Nillable().Comment("When the membership was cancelled."),
	}
}

// Indexes of Member.
func (Member) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "person_id").Unique(),
		index.Fields("number").Unique(),
		index.Fields("brand_id", "home_store_id"),
		index.Fields("level_period_ends_at"),
	}
}

// Annotations of Member.
func (Member) Annotations() []schema.Annotation {
	return []schema.Annotation{table("members"), tenancy.Rule{Kind: ids.Member, Links: map[string]string{"person_id": "Person", "home_store_id": "Org", "guide_id": "Staff", "first_store_id": "Org", "last_store_id": "Org", "level_id": "Level"}, OrgColumn: "home_store_id", MemberColumn: "id"}}
}
