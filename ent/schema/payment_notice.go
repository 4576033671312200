package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/document"
	"dongxiao/ent/tenancy"
)

// PaymentNotice (支付通知) is a verified notice of WeChat Pay, kept before it is answered and applied after.
type PaymentNotice struct{ ent.Schema }

// Mixin of PaymentNotice.
func (PaymentNotice) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of PaymentNotice.
func (PaymentNotice) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("merchant_account_id").Immutable().Comment("The merchant account it is for."),
		field.String("event_id").MaxRuneLen(64).Immutable().Comment("WeChat's number of the notice, unique for the merchant account."),
		field.String("event_type").MaxRuneLen(48).Immutable().Comment("What it tells."),
		field.String("number").MaxRuneLen(64).Immutable().Comment("Our number of the payment or refund it is about."),
		field.JSON("content", document.PaymentNotice{}).Immutable().Comment("What it says, without personal data."),
		field.Time("applied_at").SchemaType(datetime).Optional().Nillable().Comment("When it was applied; none until then."),
		field.Int("attempts").Default(0).Comment("How often applying it was tried."),
		field.Time("due_at").SchemaType(datetime).Comment("When it is applied next."),
	}
}

// Indexes of PaymentNotice.
func (PaymentNotice) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "merchant_account_id", "event_id").Unique(),
		index.Fields("brand_id", "number"),
		index.Fields("applied_at", "due_at"),
	}
}

// Annotations of PaymentNotice.
func (PaymentNotice) Annotations() []schema.Annotation {
	return []schema.Annotation{table("payment_notices"), tenancy.Rule{Links: map[string]string{"merchant_account_id": "MerchantAccount"}}}
}
