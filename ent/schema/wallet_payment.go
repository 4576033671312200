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

// WalletPayment (储值支付) is stored value spent, or held to be spent, at one org.
type WalletPayment struct{ ent.Schema }

// Mixin of WalletPayment.
func (WalletPayment) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of WalletPayment.
func (WalletPayment) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("wallet_id").Immutable().Comment("The wallet."),
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("org_id").Immutable().Comment("The org where it is spent, as a rule a store."),
		field.String("state").GoType(enum.WalletPaymentState("")).MaxRuneLen(word).Comment("State of the payment."),
		field.String("source").GoType(enum.WalletPaymentSource("")).MaxRuneLen(word).Immutable().Comment("What it pays for."),
		field.Int64("subject_id").Optional().Nillable().Immutable().Comment("The order it pays for; none at the till."),
		field.Int64("amount_fen").Immutable().Comment("What was asked for, in fen."),
		field.Int64("principal_fen").Immutable().Comment("Share taken from principal, in fen: of what is held or captured."),
		field.Int64("bonus_fen").Immutable().Comment("Share taken from bonus, in fen."),
		field.Int64("captured_fen").Default(0).Comment("What was spent in the end, in fen; 0 until then."),
		field.Int64("refunded_fen").Default(0).Comment("What was given back of it, in fen; never above captured."),
		field.Int64("staff_id").Optional().Nillable().Immutable().Comment("Who charged it; none where an order did."),
		field.Int64("shift_id").Optional().Nillable().Immutable().Comment("The till shift in which it was charged; none without one."),
		field.Int64("actor_id").Immutable().Comment("Person who asked for it, to whom the idempotency key belongs."),
		field.String("idempotency_key").MaxRuneLen(64).Immutable().Comment("Key of the call, unique for the actor."),
		field.String("input_hash").MaxRuneLen(64).Immutable().Comment("Hash of the call's input; a key with other input is refused."),
		field.Time("expires_at").SchemaType(datetime).Optional().Nillable().Immutable().Comment("When what is held is given back by itself; none where nothing is held."),
		field.Time("captured_at").SchemaType(datetime).Optional().Nillable().Comment("When it was spent."),
		field.Time("ended_at").SchemaType(datetime).Optional().Nillable().Comment("When what was held was released, declined or expired."),
	}
}

// Indexes of WalletPayment.
func (WalletPayment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "actor_id", "idempotency_key").Unique(),
		index.Fields("brand_id", "wallet_id", "id"),
		index.Fields("brand_id", "org_id", "created_at"),
		index.Fields("brand_id", "source", "subject_id"),
		index.Fields("state", "expires_at"),
	}
}

// Annotations of WalletPayment.
func (WalletPayment) Annotations() []schema.Annotation {
	return []schema.Annotation{table("wallet_payments"), tenancy.Rule{Kind: ids.WalletPayment, Links: map[string]string{"wallet_id": "Wallet", "member_id": "Member", "org_id": "Org", "staff_id": "Staff", "shift_id": "TillShift"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
