package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
)

// WalletRefund (消费退款) gives back stored value that was spent, wholly or in part.
type WalletRefund struct{ ent.Schema }

// Mixin of WalletRefund.
func (WalletRefund) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of WalletRefund.
func (WalletRefund) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("wallet_payment_id").Immutable().Comment("The payment."),
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("org_id").Immutable().Comment("The org where it had been spent."),
		field.Int64("amount_fen").Immutable().Comment("What is given back, in fen."),
		field.Int64("principal_fen").Immutable().Comment("Share given back to principal, in fen."),
		field.Int64("bonus_fen").Immutable().Comment("Share given back to bonus, in fen."),
		field.String("reason").MaxRuneLen(255).Immutable().Comment("Why."),
		field.Int64("staff_id").Optional().Nillable().Immutable().Comment("Who gave it back; none where an order did."),
	}
}

// Indexes of WalletRefund.
func (WalletRefund) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "wallet_payment_id"),
		index.Fields("brand_id", "org_id", "created_at"),
	}
}

// Annotations of WalletRefund.
func (WalletRefund) Annotations() []schema.Annotation {
	return []schema.Annotation{table("wallet_refunds"), tenancy.Rule{Kind: ids.WalletRefund, Links: map[string]string{"wallet_payment_id": "WalletPayment", "member_id": "Member", "org_id": "Org", "staff_id": "Staff"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
