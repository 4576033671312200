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

// Reconciliation (对账) compares one merchant account's day with WeChat's bill.
type Reconciliation struct{ ent.Schema }

// Mixin of Reconciliation.
func (Reconciliation) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Reconciliation.
func (Reconciliation) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("merchant_account_id").Immutable().Comment("The merchant account."),
		field.Int64("org_id").Immutable().Comment("The org that owns it."),
		field.Int("day").Immutable().Comment("The day as YYYYMMDD in the bill's time zone, Asia/Shanghai."),
		field.String("state").GoType(enum.ReconciliationState("")).MaxRuneLen(word).Default(string(enum.ReconciliationRunning)).Comment("How it ended."),
		field.Int("payments").Default(0).Comment("Payments in the bill."),
		field.Int("refunds").Default(0).Comment("Refunds in the bill."),
		field.Int("differences").Default(0).Comment("Differences found and not explained yet."),
		field.Time("finished_at").SchemaType(datetime).Optional().Nillable().Comment("When it was finished."),
	}
}

// Indexes of Reconciliation.
func (Reconciliation) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "merchant_account_id", "day").Unique(),
		index.Fields("brand_id", "org_id", "day"),
	}
}

// Annotations of Reconciliation.
func (Reconciliation) Annotations() []schema.Annotation {
	return []schema.Annotation{table("reconciliations"), tenancy.Rule{Kind: ids.Reconciliation, Links: map[string]string{"merchant_account_id": "MerchantAccount", "org_id": "Org"}, OrgColumn: "org_id"}}
}
