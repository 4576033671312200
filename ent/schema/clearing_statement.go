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

// ClearingStatement (清分单) is what two orgs owe each other for a month, netted.
type ClearingStatement struct{ ent.Schema }

// Mixin of ClearingStatement.
func (ClearingStatement) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of ClearingStatement.
func (ClearingStatement) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("first_org_id").Immutable().Comment("The org of the pair with the smaller number."),
		field.Int64("second_org_id").Immutable().Comment("The other org of the pair."),
		field.Int("period").Immutable().Comment("Month as YYYYMM in the brand's time zone."),
		field.Int64("first_owes_fen").Immutable().Comment("What the first owes the second, in fen."),
		field.Int64("second_owes_fen").Immutable().Comment("What the second owes the first, in fen."),
		field.Int("lines").Immutable().Comment("Lines on it."),
		field.String("state").GoType(enum.StatementState("")).MaxRuneLen(word).Default(string(enum.StatementIssued)).Comment("How far the two have got."),
		field.Time("first_confirmed_at").SchemaType(datetime).Optional().Nillable().Comment("When the first org confirmed it."),
		field.Int64("first_confirmed_by").Optional().Nillable().Comment("Staff member who confirmed it for the first org."),
		field.Time("second_confirmed_at").SchemaType(datetime).Optional().Nillable().Comment("When the second org confirmed it."),
		field.Int64("second_confirmed_by").Optional().Nillable().Comment("Staff member who confirmed it for the second org."),
	}
}

// Indexes of ClearingStatement.
func (ClearingStatement) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "first_org_id", "second_org_id", "period").Unique(),
		index.Fields("brand_id", "second_org_id", "period"),
	}
}

// Annotations of ClearingStatement.
func (ClearingStatement) Annotations() []schema.Annotation {
	return []schema.Annotation{table("clearing_statements"), tenancy.Rule{Kind: ids.ClearingStatement, Links: map[string]string{"first_org_id": "Org", "second_org_id": "Org", "first_confirmed_by": "Staff", "second_confirmed_by": "Staff"}, OrgColumn: "first_org_id", OtherOrgColumn: "second_org_id"}}
}
