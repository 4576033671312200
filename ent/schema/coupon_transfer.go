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

// CouponTransfer (转赠) is a coupon on its way from one member to a friend, by a link that is accepted once.
type CouponTransfer struct{ ent.Schema }

// Mixin of CouponTransfer.
func (CouponTransfer) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of CouponTransfer.
func (CouponTransfer) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("coupon_id").Immutable().Comment("The coupon that is given away."),
		field.Int64("open_coupon_id").Optional().Nillable().Comment("The same while it is on its way and none afterwards: unique, so that a coupon is offered once at a time."),
		field.Int64("from_member_id").Immutable().Comment("Who gives it."),
		field.String("token_hash").MaxRuneLen(64).Immutable().Sensitive().Comment("Hash of the secret in the link."),
		field.String("state").GoType(enum.TransferState("")).MaxRuneLen(word).Default(string(enum.TransferOffered)).Comment("State of the transfer."),
		field.Time("expires_at").SchemaType(datetime).Immutable().Comment("When it comes back by itself."),
		field.Int64("to_member_id").Optional().Nillable().Comment("Who accepted it."),
		field.Int64("accepted_coupon_id").Optional().Nillable().Comment("The coupon that the friend got."),
		field.Time("ended_at").SchemaType(datetime).Optional().Nillable().Comment("When it was accepted, taken back or expired."),
	}
}

// Indexes of CouponTransfer.
func (CouponTransfer) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "open_coupon_id").Unique(),
		index.Fields("brand_id", "token_hash").Unique(),
		index.Fields("brand_id", "from_member_id", "id"),
		index.Fields("state", "expires_at"),
	}
}

// Annotations of CouponTransfer.
func (CouponTransfer) Annotations() []schema.Annotation {
	return []schema.Annotation{table("coupon_transfers"), tenancy.Rule{Kind: ids.CouponTransfer, Links: map[string]string{"coupon_id": "Coupon", "open_coupon_id": "Coupon", "from_member_id": "Member", "to_member_id": "Member", "accepted_coupon_id": "Coupon"}, MemberColumn: "from_member_id"}}
}
