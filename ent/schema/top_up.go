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

// TopUp (充值单) is one top-up of a member's wallet.
type TopUp struct{ ent.Schema }

// Mixin of TopUp.
func (TopUp) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of TopUp.
func (TopUp) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("wallet_id").Immutable().Comment("The wallet."),
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("org_id").Immutable().Comment("The issuer: who took the money and owes the value."),
		field.Int64("tier_id").Immutable().Comment("The tier it was bought with."),
		field.String("tender").GoType(enum.Tender("")).MaxRuneLen(word).Immutable().Comment("How it is paid."),
		field.String("state").GoType(enum.TopUpState("")).MaxRuneLen(word).Comment("State of the top-up."),
		field.Int64("pay_fen").Immutable().Comment("What is paid, in fen."),
		field.Int64("bonus_fen").Immutable().Comment("Bonus value on top, in fen."),
		field.JSON("terms", document.TopUpTerms{}).Immutable().Comment("The tier's terms when it was bought; later they may only get better for the member."),
		field.Int64("payment_id").Optional().Nillable().Comment("The WeChat payment; none at the till."),
		field.Int64("staff_id").Optional().Nillable().Immutable().Comment("Who took the money at the till; none for WeChat payments."),
		field.Int64("shift_id").Optional().Nillable().Immutable().Comment("The till shift that took it; none for WeChat payments."),
		field.Time("paid_at").SchemaType(datetime).Optional().Nillable().Comment("When the money was paid."),
		field.Time("bonus_expires_at").SchemaType(datetime).Optional().Nillable().Comment("Expiry of the bonus, fixed when it was paid; none where it never expires."),
		field.Time("closed_at").SchemaType(datetime).Optional().Nillable().Comment("When it was given up unpaid."),
		field.Int64("refunded_fen").Default(0).Comment("Money given back, in fen."),
		field.JSON("invoice", document.Invoice{}).Optional().Comment("Whom the invoice is to name, as the member gave it; empty where none was asked for. Removed with the member."),
	}
}

// Indexes of TopUp.
func (TopUp) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "wallet_id", "id"),
		index.Fields("brand_id", "org_id", "created_at"),
		index.Fields("brand_id", "tier_id", "state"),
		index.Fields("brand_id", "payment_id").Unique(),
		index.Fields("state", "created_at"),
	}
}

// Annotations of TopUp.
func (TopUp) Annotations() []schema.Annotation {
	return []schema.Annotation{table("top_ups"), tenancy.Rule{Kind: ids.TopUp, Links: map[string]string{"wallet_id": "Wallet", "member_id": "Member", "org_id": "Org", "tier_id": "TopUpTier", "payment_id": "Payment", "staff_id": "Staff", "shift_id": "TillShift"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
