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

// LedgerPosting (凭证) is one move of value: entries that sum to zero for each asset.
type LedgerPosting struct{ ent.Schema }

// Mixin of LedgerPosting.
func (LedgerPosting) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of LedgerPosting.
func (LedgerPosting) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").GoType(enum.PostingKind("")).MaxRuneLen(word).Immutable().Comment("What happened."),
		field.String("business_key").MaxRuneLen(96).Immutable().Comment("Names the business act, unique in the brand, so that it is posted once."),
		field.Int64("org_id").Optional().Nillable().Immutable().Comment("The org at which it happened; none where it has no place."),
		field.Int64("member_id").Optional().Nillable().Immutable().Comment("The member whose value moved; none where there is none."),
		field.Int64("subject_id").Immutable().Comment("The top-up, wallet payment, refund or other row that caused it, as the kind says."),
		field.Int64("reverses_id").Optional().Nillable().Immutable().Comment("The posting that it reverses, wholly or in part."),
		field.Time("occurred_at").SchemaType(datetime).Immutable().Comment("When it happened in business: the payment's success time, not the time of writing."),
	}
}

// Indexes of LedgerPosting.
func (LedgerPosting) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "business_key").Unique(),
		index.Fields("brand_id", "member_id", "id"),
		index.Fields("brand_id", "kind", "subject_id"),
		index.Fields("brand_id", "org_id", "occurred_at"),
	}
}

// Annotations of LedgerPosting.
func (LedgerPosting) Annotations() []schema.Annotation {
	return []schema.Annotation{table("ledger_postings"), tenancy.Rule{Kind: ids.LedgerPosting, Links: map[string]string{"org_id": "Org", "member_id": "Member", "reverses_id": "LedgerPosting"}, OrgColumn: "org_id", MemberColumn: "member_id", Journal: true}}
}
