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

// MerchantAccount (商户号) is a WeChat Pay merchant account of an org: where its money lands.
type MerchantAccount struct{ ent.Schema }

// Mixin of MerchantAccount.
func (MerchantAccount) Mixin() []ent.Mixin { return []ent.Mixin{tenant{}} }

// Fields of MerchantAccount.
func (MerchantAccount) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("org_id").Immutable().Comment("The org that owns the money."),
		field.String("merchant_id").MaxRuneLen(32).Immutable().Comment("WeChat's number of the merchant (mchid), unique in the brand."),
		field.String("name").MaxRuneLen(64).Comment("Name for the operators."),
		field.String("state").GoType(enum.MerchantAccountState("")).MaxRuneLen(word).Default(string(enum.MerchantActive)).Comment("Whether it takes payments."),
		field.Int64("active_org_id").Optional().Nillable().Comment("The org while the account is active and none otherwise: unique, so that an org has one."),
		field.String("certificate_serial").MaxRuneLen(64).Comment("Serial of the merchant's certificate."),
		field.Bytes("private_key_sealed").MaxLen(8192).Sensitive().Comment("Private key of the merchant, sealed."),
		field.Bytes("api_key_sealed").MaxLen(8192).Sensitive().Comment("APIv3 key, sealed."),
		field.String("public_key_id").MaxRuneLen(64).Default("").Comment("Id of WeChat Pay's public key; empty in certificate mode alone."),
		field.Bytes("public_key").MaxLen(8192).Optional().Sensitive().Comment("WeChat Pay's public key, PEM; empty in certificate mode alone."),
		field.Bool("certificates").Default(false).Comment("WeChat Pay's platform certificates are accepted too (downloaded and rotated)."),
	}
}

// Indexes of MerchantAccount.
func (MerchantAccount) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("brand_id", "merchant_id").Unique(),
		index.Fields("brand_id", "active_org_id").Unique(),
		index.Fields("brand_id", "org_id"),
	}
}

// Annotations of MerchantAccount.
func (MerchantAccount) Annotations() []schema.Annotation {
	return []schema.Annotation{table("merchant_accounts"), tenancy.Rule{Kind: ids.MerchantAccount, Links: map[string]string{"org_id": "Org", "active_org_id": "Org"}, OrgColumn: "org_id"}}
}
