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

// Brand is the tenant (品牌方).
type Brand struct{ ent.Schema }

// Mixin of Brand.
func (Brand) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Brand.
func (Brand) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").MaxRuneLen(32).Immutable().Comment("Short name used by commands, unique in the installation."),
		field.String("name").MaxRuneLen(64).Comment("Name shown to people."),
		field.String("state").GoType(enum.BrandState("")).MaxRuneLen(word).Default(string(enum.BrandActive)).Comment("Whether the brand is served."),
		field.String("time_zone").MaxRuneLen(64).Default("Asia/Shanghai").Comment("IANA zone in which the brand's days begin and its hours are shown."),
		field.Int("protection_days").Default(180).Comment("Days in which a member's home store cannot be changed after it was set."),
		field.Int("reversal_minutes").Default(30).Comment("Minutes in which a manager may undo a redemption."),
	}
}

// Indexes of Brand.
func (Brand) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("code").Unique(),
	}
}

// Annotations of Brand.
func (Brand) Annotations() []schema.Annotation {
	return []schema.Annotation{table("brands"), tenancy.Rule{Kind: ids.Brand, Installation: true}}
}
