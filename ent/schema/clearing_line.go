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

// ClearingLine (清分明细) is what one org owes another for value that was spent away from who must bear it.
type ClearingLine struct{ ent.Schema }

// Mixin of ClearingLine.
func (ClearingLine) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of ClearingLine.
func (ClearingLine) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").GoType(enum.ClearingKind("")).MaxRuneLen(word).Immutable().Comment("What the debt comes from."),
		field.Int64("debtor_org_id").Immutable().Comment("Who owes: the issuer of principal, or the funder of a bonus."),
		field.Int64("creditor_org_id").Immutable().Comment("Who is owed: the store where it was spent."),
		field.Int64("face_fen").Immutable().Comment("Value that was spent, in fen; negative where a refund reverses a line."),
		field.Int64("fee_fen").Immutable().Comment("Fee that the creditor leaves to the debtor, in fen; negative in a reversal."),
		field.Int64("amount_fen").Immutable().Comment("What is owed: face less fee, in fen; negative in a reversal."),
		field.Int64("subject_id").Immutable().Comment("The wallet payment or redemption it comes from, as the kind says."),
		field.Int64("movement_id").Optional().Nillable().Immutable().Comment("The lot movement it comes from; none for redemptions."),
		field.Int64("posting_id").Immutable().Comment("The posting that booked it."),
		field.Int64("reverses_id").Optional().Nillable().Immutable().Comment("The line that it reverses, wholly or in part."),
		field.Int("period").Immutable().Comment("Month in which it is settled, as YYYYMM in the brand's time zone; the next one where the statement of its month was made before."),
		field.Int64("statement_id").Optional().Nillable().Comment("The statement it is on; none until one is made."),
		field.String("state").GoType(enum.ClearingLineState("")).MaxRuneLen(word).Default(string(enum.LineOpen)).Comment("Whether one side disputes it."),
		field.String("dispute_reason").MaxRuneLen(255).Default("").Comment("Why it is disputed."),
		field.Int64("disputed_by").Optional().Nillable().Comment("Staff member who disputed it."),
	}
}

// Indexes of ClearingLine.
func (ClearingLine) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "debtor_org_id", "creditor_org_id", "period"),
		index.Fields("brand_id", "creditor_org_id", "period"),
		index.Fields("brand_id", "statement_id"),
		index.Fields("brand_id", "kind", "subject_id"),
		index.Fields("brand_id", "posting_id"),
		index.Fields("brand_id", "reverses_id"),
	}
}

// Annotations of ClearingLine.
func (ClearingLine) Annotations() []schema.Annotation {
	return []schema.Annotation{table("clearing_lines"), tenancy.Rule{Kind: ids.ClearingLine, Links: map[string]string{"debtor_org_id": "Org", "creditor_org_id": "Org", "movement_id": "LotMovement", "posting_id": "LedgerPosting", "reverses_id": "ClearingLine", "statement_id": "ClearingStatement", "disputed_by": "Staff"}, OrgColumn: "debtor_org_id", OtherOrgColumn: "creditor_org_id"}}
}
