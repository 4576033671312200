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

// ReconciliationDifference (对账差异) is one line in which the bill and the books differ.
type ReconciliationDifference struct{ ent.Schema }

// Mixin of ReconciliationDifference.
func (ReconciliationDifference) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of ReconciliationDifference.
func (ReconciliationDifference) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("reconciliation_id").Immutable().Comment("The reconciliation."),
		field.Int64("org_id").Immutable().Comment("The org that owns the merchant account."),
		field.String("kind").GoType(enum.DifferenceKind("")).MaxRuneLen(word).Immutable().Comment("What differs."),
		field.String("number").MaxRuneLen(64).Immutable().Comment("Our number of the payment or refund, or WeChat's where we have none."),
		field.Int64("ours_fen").Immutable().Comment("Amount in the books, in fen; 0 where they lack it."),
		field.Int64("theirs_fen").Immutable().Comment("Amount in the bill, in fen; 0 where it lacks it."),
		field.String("note").MaxRuneLen(255).Default("").Comment("How it was explained; empty while it is open."),
		field.Int64("explained_by").Optional().Nillable().Comment("Staff member who explained it."),
		field.Time("explained_at").SchemaType(datetime).Optional().Nillable().Comment("When it was explained."),
	}
}

// Indexes of ReconciliationDifference.
func (ReconciliationDifference) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "reconciliation_id", "kind", "number").Unique(),
	}
}

// Annotations of ReconciliationDifference.
func (ReconciliationDifference) Annotations() []schema.Annotation {
	return []schema.Annotation{table("reconciliation_differences"), tenancy.Rule{Kind: ids.ReconciliationDifference, Links: map[string]string{"reconciliation_id": "Reconciliation", "org_id": "Org", "explained_by": "Staff"}, OrgColumn: "org_id"}}
}
