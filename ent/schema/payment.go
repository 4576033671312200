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

// Payment (支付单) is one payment by WeChat Pay.
type Payment struct{ ent.Schema }

// Mixin of Payment.
func (Payment) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Payment.
func (Payment) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("merchant_account_id").Immutable().Comment("The merchant account that takes it."),
		field.Int64("org_id").Immutable().Comment("The org that owns that account."),
		field.Int64("app_id").Immutable().Comment("The mini-program in which it is paid."),
		field.Int64("person_id").Immutable().Comment("The person who pays."),
		field.Int64("member_id").Optional().Nillable().Immutable().Comment("The member who pays."),
		field.String("purpose").GoType(enum.PaymentPurpose("")).MaxRuneLen(word).Immutable().Comment("What it pays for."),
		field.Int64("subject_id").Immutable().Comment("The top-up or order it pays for."),
		field.String("out_trade_no").MaxRuneLen(32).Immutable().Comment("Our number of the payment (商户订单号), letters and digits, unique in the brand."),
		field.String("description").MaxRuneLen(127).Immutable().Comment("What the payer reads."),
		field.Int64("amount_fen").Immutable().Comment("What is to be paid, in fen."),
		field.String("state").GoType(enum.PaymentState("")).MaxRuneLen(word).Default(string(enum.PaymentPending)).Comment("State of the payment."),
		field.String("outcome").GoType(enum.PaymentOutcome("")).MaxRuneLen(word).Default(string(enum.OutcomeNone)).Comment("What became of the money."),
		field.String("transaction_id").MaxRuneLen(32).Optional().Nillable().Comment("WeChat's number of the payment, once it is paid."),
		field.Int64("paid_fen").Default(0).Comment("What was paid, in fen; as a rule the amount."),
		field.Int64("refunding_fen").Default(0).Comment("What is asked back from WeChat and not failed, in fen; never above paid."),
		field.Int64("refunded_fen").Default(0).Comment("What WeChat has given back, in fen; never above refunding."),
		field.Time("expires_at").SchemaType(datetime).Immutable().Comment("After when it cannot be paid any more."),
		field.Time("paid_at").SchemaType(datetime).Optional().Nillable().Comment("WeChat's success time."),
		field.Time("closed_at").SchemaType(datetime).Optional().Nillable().Comment("When it was closed unpaid."),
		field.Time("check_at").SchemaType(datetime).Optional().Nillable().Comment("When WeChat is asked next; none when nothing is to be asked."),
		field.Int("checks").Default(0).Comment("How often WeChat was asked."),
		field.String("dispute").MaxRuneLen(255).Default("").Comment("Why it is disputed: what was not as expected."),
		field.Time("shipped_at").SchemaType(datetime).Optional().Nillable().Comment("When WeChat was told of the delivery, which unfreezes the money."),
	}
}

// Indexes of Payment.
func (Payment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "out_trade_no").Unique(),
		index.Fields("brand_id", "transaction_id").Unique(),
		index.Fields("brand_id", "purpose", "subject_id"),
		index.Fields("brand_id", "merchant_account_id", "paid_at"),
		index.Fields("brand_id", "org_id", "created_at"),
		index.Fields("check_at"),
	}
}

// Annotations of Payment.
func (Payment) Annotations() []schema.Annotation {
	return []schema.Annotation{table("payments"), tenancy.Rule{Kind: ids.Payment, Links: map[string]string{"merchant_account_id": "MerchantAccount", "org_id": "Org", "app_id": "App", "person_id": "Person", "member_id": "Member"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
