package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"dongxiao/ent/tenancy"
)

// LedgerEntry (分录) is one leg of a posting.
type LedgerEntry struct{ ent.Schema }

// Mixin of LedgerEntry.
func (LedgerEntry) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of LedgerEntry.
func (LedgerEntry) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("posting_id").Immutable().Comment("The posting."),
		field.Int64("account_id").Immutable().Comment("The account row, a stripe of a busy account."),
		field.Int64("amount").Immutable().Comment("What the account gains, negative where it loses; never 0."),
		field.Int64("balance_after").Optional().Nillable().Immutable().Comment("Balance of a member's account after it; none for accounts of orgs."),
	}
}

// Indexes of LedgerEntry.
func (LedgerEntry) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "posting_id", "account_id").Unique(),
		index.Fields("account_id", "id"),
	}
}

// Annotations of LedgerEntry.
func (LedgerEntry) Annotations() []schema.Annotation {
	return []schema.Annotation{table("ledger_entries"), tenancy.Rule{Links: map[string]string{"posting_id": "LedgerPosting", "account_id": "LedgerAccount"}, Journal: true}}
}
