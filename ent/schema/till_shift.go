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

// TillShift (班次) is one staff member's turn at the till of a store.
type TillShift struct{ ent.Schema }

// Mixin of TillShift.
func (TillShift) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of TillShift.
func (TillShift) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("store_id").Immutable().Comment("The store."),
		field.Int64("staff_id").Immutable().Comment("Who stands at the till."),
		field.Int64("open_staff_id").Optional().Nillable().Comment("The same while it is open and none once closed: unique, so that one has one open shift."),
		field.String("state").GoType(enum.ShiftState("")).MaxRuneLen(word).Default(string(enum.ShiftOpen)).Comment("Open or closed."),
		field.Int64("float_fen").Immutable().Comment("Cash in the drawer at the start, in fen."),
		field.Time("closed_at").SchemaType(datetime).Optional().Nillable().Comment("When it was counted and closed."),
		field.Int64("counted_cash_fen").Default(0).Comment("Cash that was counted, float included, in fen."),
		field.Int64("counted_card_fen").Default(0).Comment("Card slips that were counted, in fen."),
		field.Int64("expected_cash_fen").Default(0).Comment("Cash that the books expected, float included, in fen, fixed at closing."),
		field.Int64("expected_card_fen").Default(0).Comment("Card payments that the books expected, in fen, fixed at closing."),
		field.String("explanation").MaxRuneLen(255).Default("").Comment("Why counted and expected differ; needed where they do."),
	}
}

// Indexes of TillShift.
func (TillShift) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "open_staff_id").Unique(),
		index.Fields("brand_id", "store_id", "created_at"),
	}
}

// Annotations of TillShift.
func (TillShift) Annotations() []schema.Annotation {
	return []schema.Annotation{table("till_shifts"), tenancy.Rule{Kind: ids.TillShift, Links: map[string]string{"store_id": "Org", "staff_id": "Staff", "open_staff_id": "Staff"}, OrgColumn: "store_id"}}
}
