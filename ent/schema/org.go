package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/hours"
	"dongxiao/internal/ids"
)

// Org (组织节点) is a node of the tree of brand, regions, distributors and stores; a store has its details here.
type Org struct{ ent.Schema }

// Mixin of Org.
func (Org) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Org.
func (Org) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("parent_id").Optional().Nillable().Comment("The node above; none for the brand itself."),
		field.String("kind").GoType(enum.OrgKind("")).MaxRuneLen(word).Immutable().Comment("Brand, region, distributor or store."),
		field.String("path").MaxRuneLen(255).Comment("Materialised path of ids in base 36 with a slash after each, ending in this one; a subtree is a prefix."),
		field.String("code").MaxRuneLen(32).Comment("Number in the brand's own books, unique in the brand."),
		field.String("name").MaxRuneLen(64).Comment("Name shown to people."),
		field.String("state").GoType(enum.OrgState("")).MaxRuneLen(word).Default(string(enum.OrgActive)).Comment("Whether it takes part."),
		field.Int64("successor_id").Optional().Nillable().Comment("The org that takes over what a closed one owes: its stored value and its clearing."),
		field.String("store_type").GoType(enum.StoreType("")).MaxRuneLen(word).Optional().Comment("Trade of a store."),
		field.String("tier").GoType(enum.StoreTier("")).MaxRuneLen(word).Optional().Comment("Tier of a store."),
		field.String("city").MaxRuneLen(32).Optional().Comment("City of a store or region."),
		field.String("address").MaxRuneLen(255).Optional().Comment("Street address of a store."),
		field.String("phone").MaxRuneLen(32).Optional().Comment("Public telephone of a store."),
		field.Float("latitude").Optional().Comment("GCJ-02 latitude of a store in degrees."),
		field.Float("longitude").Optional().Comment("GCJ-02 longitude of a store in degrees."),
		field.Int64("cell").Default(0).Comment("S2 leaf cell of the coordinate, ordered like the cell id; 0 where there is none."),
		field.Int("radius_metres").Default(0).Comment("Delivery radius of a store; 0 where a polygon says it."),
		field.JSON("polygon", []document.Point{}).Optional().Comment("Delivery polygon, GCJ-02; empty where the radius says it."),
		field.JSON("hours", hours.Weekly{}).Optional().Comment("Opening hours of a store a week, in the brand's time zone."),
	}
}

// Indexes of Org.
func (Org) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "code").Unique(),
		index.Fields("brand_id", "path"),
		index.Fields("brand_id", "kind", "state", "cell"),
	}
}

// Annotations of Org.
func (Org) Annotations() []schema.Annotation {
	return []schema.Annotation{table("orgs"), tenancy.Rule{Kind: ids.Org, Links: map[string]string{"parent_id": "Org", "successor_id": "Org"}, OrgColumn: "id", Served: true, Public: true, PublicColumn: "kind", PublicValues: []string{string(enum.OrgBrand), string(enum.OrgRegion), string(enum.OrgStore)}}}
}
