package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
)

// LedgerAccount (账户) holds one kind of value of one owner. A busy account is several rows, its stripes, and its balance is their sum.
type LedgerAccount struct{ ent.Schema }

// Mixin of LedgerAccount.
func (LedgerAccount) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of LedgerAccount.
func (LedgerAccount) Fields() []ent.Field {
	return []ent.Field{
		field.String("asset").GoType(enum.Asset("")).MaxRuneLen(word).Immutable().Comment("What it holds, decided by the kind."),
		field.String("kind").GoType(enum.AccountKind("")).MaxRuneLen(word).Immutable().Comment("Its part in the books."),
		field.Int64("owner_id").Immutable().Comment("Whose it is: a member, an org, a merchant account or a shift, as the kind says."),
		field.Int("stripe").Immutable().Comment("Number of the stripe, from 0; members' accounts have only that one."),
		field.Int64("balance").Default(0).Comment("Sum of its entries, never negative where a member owns it; points debts are never positive."),
	}
}

// Indexes of LedgerAccount.
func (LedgerAccount) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "kind", "owner_id", "stripe").Unique(),
	}
}

// Annotations of LedgerAccount.
func (LedgerAccount) Annotations() []schema.Annotation {
	return []schema.Annotation{table("ledger_accounts"), tenancy.Rule{}}
}
