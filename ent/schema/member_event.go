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

// MemberEvent is something a member is told live; numbered per member without gaps, so that a lost socket resumes.
type MemberEvent struct{ ent.Schema }

// Mixin of MemberEvent.
func (MemberEvent) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of MemberEvent.
func (MemberEvent) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("member_id").Immutable().Comment("The member."),
		field.Int64("sequence").Immutable().Comment("Number within the member, from 1."),
		field.String("kind").GoType(enum.MemberEventKind("")).MaxRuneLen(word).Immutable().Comment("What happened."),
		field.Int64("coupon_id").Optional().Nillable().Immutable().Comment("The coupon it is about."),
		field.Int64("redemption_id").Optional().Nillable().Immutable().Comment("The redemption it is about."),
		field.Int64("wallet_payment_id").Optional().Nillable().Immutable().Comment("The payment with stored value it is about."),
		field.Int64("top_up_id").Optional().Nillable().Immutable().Comment("The top-up it is about."),
	}
}

// Indexes of MemberEvent.
func (MemberEvent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "member_id", "sequence").Unique(),
		index.Fields("created_at"),
	}
}

// Annotations of MemberEvent.
func (MemberEvent) Annotations() []schema.Annotation {
	return []schema.Annotation{table("member_events"), tenancy.Rule{Kind: ids.MemberEvent, Links: map[string]string{"member_id": "Member", "coupon_id": "Coupon", "redemption_id": "Redemption", "wallet_payment_id": "WalletPayment", "top_up_id": "TopUp"}, MemberColumn: "member_id", Journal: true}}
}
