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

// PaymentRefund (退款单) is money of a payment given back through WeChat Pay.
type PaymentRefund struct{ ent.Schema }

// Mixin of PaymentRefund.
func (PaymentRefund) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of PaymentRefund.
func (PaymentRefund) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("payment_id").Immutable().Comment("The payment."),
		field.Int64("merchant_account_id").Immutable().Comment("The merchant account that pays it."),
		field.Int64("org_id").Immutable().Comment("The org that owns that account."),
		field.Int64("member_id").Optional().Nillable().Immutable().Comment("The member who gets it."),
		field.String("out_refund_no").MaxRuneLen(64).Immutable().Comment("Our number of the refund (商户退款单号), unique in the brand; the same for every try, another only after WeChat closed it."),
		field.String("cause").GoType(enum.RefundCause("")).MaxRuneLen(word).Immutable().Comment("Why there is a refund."),
		field.Int64("subject_id").Immutable().Comment("The top-up refund or order refund it carries out; for the system's own refunds the payment."),
		field.Int64("amount_fen").Immutable().Comment("What is given back, in fen."),
		field.String("state").GoType(enum.PaymentRefundState("")).MaxRuneLen(word).Default(string(enum.RefundRequested)).Comment("State of the refund."),
		field.String("wechat_refund_id").MaxRuneLen(64).Default("").Comment("WeChat's number of the refund."),
		field.Int64("replaced_by").Optional().Nillable().Comment("The refund that took over after WeChat closed this one."),
		field.Time("check_at").SchemaType(datetime).Optional().Nillable().Comment("When it is sent or asked about next; none when nothing is to be done."),
		field.Int("checks").Default(0).Comment("How often it was sent or asked about."),
		field.Time("succeeded_at").SchemaType(datetime).Optional().Nillable().Comment("WeChat's success time."),
	}
}

// Indexes of PaymentRefund.
func (PaymentRefund) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "out_refund_no").Unique(),
		index.Fields("brand_id", "payment_id"),
		index.Fields("brand_id", "cause", "subject_id"),
		index.Fields("brand_id", "org_id", "state"),
		index.Fields("check_at"),
	}
}

// Annotations of PaymentRefund.
func (PaymentRefund) Annotations() []schema.Annotation {
	return []schema.Annotation{table("payment_refunds"), tenancy.Rule{Kind: ids.PaymentRefund, Links: map[string]string{"payment_id": "Payment", "merchant_account_id": "MerchantAccount", "org_id": "Org", "member_id": "Member", "replaced_by": "PaymentRefund"}, OrgColumn: "org_id", MemberColumn: "member_id"}}
}
