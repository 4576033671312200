package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Level (等级) is a step of the membership that growth value reaches.
type Level struct{ ent.Schema }

// Mixin of Level.
func (Level) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Level.
func (Level) Fields() []ent.Field {
	return []ent.Field{
		field.Int("rank").Comment("Order of levels, from 1."),
		field.String("name").MaxRuneLen(32).Comment("Name shown to people."),
		field.Int64("threshold").Comment("Growth value from which the level is reached."),
		field.Int("period_days").Default(365).Comment("Days until the level is looked at again."),
		field.JSON("benefits", []document.Benefit{}).Comment("What the level gives."),
	}
}

// Indexes of Level.
func (Level) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "rank").Unique(),
	}
}

// Annotations of Level.
func (Level) Annotations() []schema.Annotation {
	return []schema.Annotation{table("levels"), tenancy.Rule{Kind: ids.Level, Public: true}}
}
