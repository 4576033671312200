package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// Redemption (核销) is one benefit handed out at a store.
type Redemption struct{ ent.Schema }

// Mixin of Redemption.
func (Redemption) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Redemption.
func (Redemption) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").GoType(enum.RedemptionKind("")).MaxRuneLen(word).Immutable().Comment("What was redeemed."),
		field.Int64("subject_id").Immutable().Comment("What was redeemed, as the kind says."),
		field.Int64("shift_id").Optional().Nillable().Immutable().Comment("The till shift in which it was confirmed; none without one."),
		field.Int64("active_subject_id").Optional().Nillable().Comment("The same while confirmed and none once reversed: unique, so that nothing is redeemed twice."),
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("store_id").Immutable().Comment("The store."),
		field.Int64("staff_id").Immutable().Comment("Who confirmed."),
		field.String("state").GoType(enum.RedemptionState("")).MaxRuneLen(word).Comment("Confirmed or reversed."),
		field.Int64("purchase_fen").Immutable().Comment("Amount of the purchase as the clerk typed it, in fen."),
		field.Int64("discount_fen").Immutable().Comment("What the benefit took off, in fen."),
		field.Int("distance_metres").Immutable().Default(-1).Comment("How far from the store the clerk's device was; -1 where no location was given."),
		field.Bool("needs_review").Immutable().Default(false).Comment("The distance was suspicious."),
		field.String("idempotency_key").MaxRuneLen(64).Immutable().Comment("Key of the confirmation, unique for the clerk."),
		field.Time("reversed_at").SchemaType(datetime).Optional().Nillable().Comment("When it was undone."),
		field.Int64("reversed_by").Optional().Nillable().Comment("Staff member who undid it."),
		field.String("reverse_reason").MaxRuneLen(255).Default("").Comment("Why it was undone."),
		field.Time("reviewed_at").SchemaType(datetime).Optional().Nillable().Comment("When somebody looked at what needed review; what needs it, was not looked at and not undone waits for it."),
		field.Int64("reviewed_by").Optional().Nillable().Comment("Staff member who looked at it."),
		field.String("review_note").MaxRuneLen(255).Default("").Comment("What whoever looked at it found."),
		field.JSON("unrewarded", []document.Unrewarded{}).Optional().Comment("What it would have given the member and could not; none as a rule."),
	}
}

// Indexes of Redemption.
func (Redemption) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "kind", "active_subject_id").Unique(),
		index.Fields("brand_id", "staff_id", "idempotency_key").Unique(),
		index.Fields("brand_id", "created_at"),
		index.Fields("brand_id", "store_id", "created_at"),
		index.Fields("brand_id", "member_id", "created_at"),
		index.Fields("brand_id", "shift_id"),
		index.Fields("brand_id", "needs_review", "reviewed_at", "state", "created_at").StorageKey("redemption_brand_id_awaiting_review"),
		index.Fields("brand_id", "store_id", "needs_review", "reviewed_at", "state", "created_at").StorageKey("redemption_brand_id_store_id_awaiting_review"),
	}
}

// Annotations of Redemption.
func (Redemption) Annotations() []schema.Annotation {
	return []schema.Annotation{table("redemptions"), tenancy.Rule{Kind: ids.Redemption, Links: map[string]string{"member_id": "Member", "store_id": "Org", "staff_id": "Staff", "reversed_by": "Staff", "reviewed_by": "Staff", "shift_id": "TillShift"}, OrgColumn: "store_id", Served: true, MemberColumn: "member_id"}}
}
