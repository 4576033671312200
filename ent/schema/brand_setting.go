package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
)

// BrandSetting (品牌设置) is a group of settings of a brand; where there is no row the defaults hold.
type BrandSetting struct{ ent.Schema }

// Mixin of BrandSetting.
func (BrandSetting) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of BrandSetting.
func (BrandSetting) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").GoType(enum.SettingKind("")).MaxRuneLen(word).Immutable().Comment("Which settings."),
		field.JSON("document", json.RawMessage{}).Comment("The settings, in the form of the domain that owns them."),
		field.Int("version").Default(1).Comment("Raised by every change; a change names the version it saw."),
	}
}

// Indexes of BrandSetting.
func (BrandSetting) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "kind").Unique(),
	}
}

// Annotations of BrandSetting.
func (BrandSetting) Annotations() []schema.Annotation {
	return []schema.Annotation{table("brand_settings"), tenancy.Rule{}}
}
