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

// TopUpRefund (充值退款) gives the money of a top-up back and withdraws what is left of it.
type TopUpRefund struct{ ent.Schema }

// Mixin of TopUpRefund.
func (TopUpRefund) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of TopUpRefund.
func (TopUpRefund) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("top_up_id").Immutable().Comment("The top-up."),
		field.Int64("open_top_up_id").Optional().Nillable().Comment("The same while the refund is under way and none afterwards: unique, so that there is one at a time."),
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("org_id").Immutable().Comment("The issuer, who pays it."),
		field.String("fault").GoType(enum.RefundFault("")).MaxRuneLen(word).Immutable().Comment("By whose fault, which decides the arithmetic."),
		field.String("state").GoType(enum.TopUpRefundState("")).MaxRuneLen(word).Comment("State of the refund."),
		field.Int64("amount_fen").Immutable().Comment("Money to give back, in fen."),
		field.Int64("principal_fen").Immutable().Comment("Principal withdrawn, in fen."),
		field.Int64("bonus_fen").Immutable().Comment("Bonus withdrawn, in fen."),
		field.String("reason").MaxRuneLen(255).Immutable().Comment("Why."),
		field.Int64("made_by").Immutable().Comment("Staff member who asked for it (maker)."),
		field.Int64("checked_by").Optional().Nillable().Comment("Staff member who approved or rejected it (checker); another person than the maker."),
		field.Time("checked_at").SchemaType(datetime).Optional().Nillable().Comment("When it was approved or rejected."),
		field.String("check_note").MaxRuneLen(255).Default("").Comment("What the checker said."),
		field.Int64("payment_refund_id").Optional().Nillable().Comment("The WeChat refund that carries it out; none at the till."),
		field.Int64("shift_id").Optional().Nillable().Comment("The till shift that paid it out; none for WeChat refunds."),
		field.Time("paid_at").SchemaType(datetime).Optional().Nillable().Comment("When the money was back."),
	}
}

// Indexes of TopUpRefund.
func (TopUpRefund) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "open_top_up_id").Unique(),
		index.Fields("brand_id", "top_up_id"),
		index.Fields("brand_id", "org_id", "state"),
		index.Fields("brand_id", "payment_refund_id").Unique(),
	}
}

// Annotations of TopUpRefund.
func (TopUpRefund) Annotations() []schema.Annotation {
	return []schema.Annotation{table("top_up_refunds"), tenancy.Rule{Kind: ids.TopUpRefund, Links: map[string]string{"top_up_id": "TopUp", "open_top_up_id": "TopUp", "member_id": "Member", "org_id": "Org", "made_by": "Staff", "checked_by": "Staff", "payment_refund_id": "PaymentRefund", "shift_id": "TillShift"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
