package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"

	"dongxiao/ent/enum"
)

// LimitCounter counts what a limit allows; it is raised under guard in the transaction that uses it up.
type LimitCounter struct{ ent.Schema }

// Mixin of LimitCounter.
func (LimitCounter) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of LimitCounter.
func (LimitCounter) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").GoType(enum.LimitKind("")).MaxRuneLen(word).Immutable().Comment("What is counted."),
		field.Int64("scope_id").Immutable().Comment("The coupon template or top-up tier."),
		field.Int64("subject_id").Immutable().Comment("The member or person; 0 for the template itself."),
		field.Int("period").Immutable().Comment("Day as YYYYMMDD in the brand's time zone; 0 for all time."),
		field.Int64("count").Default(0).Comment("How many so far, never above the limit."),
	}
}

// Indexes of LimitCounter.
func (LimitCounter) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "kind", "scope_id", "subject_id", "period").Unique(),
	}
}

// Annotations of LimitCounter.
func (LimitCounter) Annotations() []schema.Annotation {
	return []schema.Annotation{table("limit_counters"), tenancy.Rule{}}
}
