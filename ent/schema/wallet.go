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

// Wallet (储值账户) is a member's named account for stored value. Its row is the lock for everything that moves in it.
type Wallet struct{ ent.Schema }

// Mixin of Wallet.
func (Wallet) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of Wallet.
func (Wallet) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("member_id").Immutable().Comment("The member, who has one wallet."),
		field.String("state").GoType(enum.WalletState("")).MaxRuneLen(word).Default(string(enum.WalletActive)).Comment("Whether it may be used."),
		field.Int("generation").Default(1).Comment("Raised when it is issued anew after a loss; older pay codes are void."),
		field.Int64("balance_fen").Default(0).Comment("Principal and bonus with what is held, in fen, never negative; equals its lots."),
		field.Int64("pending_fen").Default(0).Comment("Room kept for top-ups that are not paid yet, in fen."),
		field.String("password_hash").MaxRuneLen(255).Sensitive().Default("").Comment("Hash of the pay password; empty where there is none."),
		field.Int("password_failures").Default(0).Comment("Wrong passwords since the last right one."),
		field.Time("password_locked_until").SchemaType(datetime).Optional().Nillable().Comment("Until when no password is accepted."),
		field.Time("frozen_at").SchemaType(datetime).Optional().Nillable().Comment("When it was frozen; none while it is not."),
		field.String("frozen_reason").MaxRuneLen(255).Default("").Comment("Why it was frozen."),
	}
}

// Indexes of Wallet.
func (Wallet) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "member_id").Unique(),
	}
}

// Annotations of Wallet.
func (Wallet) Annotations() []schema.Annotation {
	return []schema.Annotation{table("wallets"), tenancy.Rule{Kind: ids.Wallet, Links: map[string]string{"member_id": "Member"}, MemberColumn: "member_id"}}
}
