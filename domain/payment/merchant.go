package payment

import (
	"context"
	"regexp"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/merchantaccount"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
	"dongxiao/internal/wechatpay"
)

// MerchantKeys are what an account calls and verifies with. They are written and never shown. Nil stays as it is; a new account needs
// CertificateSerial, PrivateKey, APIKey, and PublicKeyID with PublicKey or Certificates.
type MerchantKeys struct {
	// CertificateSerial is the serial number of the merchant's API certificate, in hexadecimal, and PrivateKey its key, PEM (PKCS #8).
	CertificateSerial, PrivateKey *string
	// APIKey is the APIv3 key, 32 characters.
	APIKey *string
	// PublicKeyID and PublicKey are WeChat Pay's public key and its id; empty texts take them out.
	PublicKeyID, PublicKey *string
	// Certificates accepts WeChat Pay's platform certificates too.
	Certificates *bool
}

// NewMerchantAccount is what CreateMerchantAccount needs.
type NewMerchantAccount struct {
	OrgID          int64
	MerchantID     string
	Name           string
	Keys           MerchantKeys
	IdempotencyKey string `json:"-"`
}

var merchantForm = regexp.MustCompile(`^[0-9]{6,32}$`)

// CreateMerchantAccount registers a merchant account of an org, active, for viewers with WRITE_MERCHANTS there. Row, audit entry and key are written
// together; the keys are proven to be well-formed and are sealed. Codes: NOT_FOUND, INVALID_INPUT, MERCHANT_ACCOUNT_EXISTS (the number is registered in the
// brand, or the org has an active account), IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) CreateMerchantAccount(ctx context.Context, in NewMerchantAccount) (*ent.MerchantAccount, error) {
	var err error
	if in.Name, err = text.Line(in.Name, 1, maxName, "name"); err != nil {
		return nil, err
	}
	if !merchantForm.MatchString(in.MerchantID) {
		return nil, apperr.Invalid("merchantId", "0–9, 6–32")
	}
	if err := s.Orgs.Require(ctx, auth.WriteMerchants, in.OrgID); err != nil {
		return nil, apperr.OfInput(err, "orgId")
	}
	ctx = auth.WithinBrand(ctx)
	row := &ent.MerchantAccount{BrandID: auth.FromContext(ctx).BrandID, MerchantID: in.MerchantID}
	if err := s.changeKeys(row, in.Keys); err != nil {
		return nil, err
	}
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "merchantAccountCreate", Key: in.IdempotencyKey, Input: in}
	id, _, err := idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) {
		id := ids.Next()
		err := s.Store.Client(ctx).MerchantAccount.Create().SetID(id).SetCreatedAt(s.Clock.Now()).SetOrgID(in.OrgID).SetActiveOrgID(in.OrgID).SetMerchantID(in.MerchantID).SetName(in.Name).
			SetCertificateSerial(row.CertificateSerial).SetPrivateKeySealed(row.PrivateKeySealed).SetAPIKeySealed(row.APIKeySealed).
			SetPublicKeyID(row.PublicKeyID).SetPublicKey(row.PublicKey).SetCertificates(row.Certificates).Exec(ctx)
		if taken(err) {
			return 0, apperr.New(apperr.MerchantAccountExists)
		}
		if err != nil {
			return 0, err
		}
		return id, audit.Record(ctx, s.Store, audit.Change{OrgID: in.OrgID, Action: "merchantAccountCreate", Subject: ids.ID{Kind: ids.MerchantAccount, Value: id},
			After: map[string]any{"merchantId": in.MerchantID, "name": in.Name, "certificateSerial": row.CertificateSerial, "publicKeyId": row.PublicKeyID, "certificates": row.Certificates}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).MerchantAccount.Get(ctx, id)
}

func taken(err error) bool {
	return store.IsDuplicate(err, merchantaccount.Table, "merchant_id") || store.IsDuplicate(err, merchantaccount.Table, "active_org_id")
}

// changeKeys puts new keys into the row and proves that all of them together make a client.
func (s *Service) changeKeys(row *ent.MerchantAccount, k MerchantKeys) error {
	m := wechatpay.Merchant{CertificateSerial: row.CertificateSerial, PublicKeyID: row.PublicKeyID, PublicKey: string(row.PublicKey), UseCertificates: row.Certificates}
	if row.PrivateKeySealed != nil && (k.PrivateKey == nil || k.APIKey == nil) { // what cannot be opened any more can still be replaced
		var err error
		if m, err = OpenMerchant(s.Keyring.Ring(), row); err != nil {
			return err
		}
	}
	m.ID = row.MerchantID
	change := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	change(&m.CertificateSerial, k.CertificateSerial)
	change(&m.PrivateKey, k.PrivateKey)
	change(&m.APIv3Key, k.APIKey)
	change(&m.PublicKeyID, k.PublicKeyID)
	change(&m.PublicKey, k.PublicKey)
	if k.Certificates != nil {
		m.UseCertificates = *k.Certificates
	}
	const most = 8000 // what the columns keep, sealed
	if len(m.PrivateKey) > most || len(m.PublicKey) > most {
		return apperr.Invalid("keys", "≤ 8000")
	}
	if _, err := wechatpay.New(m, s.Pay); err != nil { // says which key is wrong and quotes none
		return apperr.Invalid("keys", strings.TrimPrefix(err.Error(), "wechatpay: "))
	}
	row.CertificateSerial, row.PublicKeyID, row.PublicKey, row.Certificates = m.CertificateSerial, m.PublicKeyID, []byte(m.PublicKey), m.UseCertificates
	private, api := SealMerchantKeys(s.Keyring.Ring(), row.BrandID, m)
	if k.PrivateKey != nil {
		row.PrivateKeySealed = private
	}
	if k.APIKey != nil {
		row.APIKeySealed = api
	}
	return nil
}

// MerchantAccountChange is what UpdateMerchantAccount needs; nil stays as it is.
type MerchantAccountChange struct {
	ID   int64
	Name *string
	Keys MerchantKeys
}

// UpdateMerchantAccount changes name or keys of an account, for viewers with WRITE_MERCHANTS at its org; which keys changed is audited, none is kept
// in clear. The next call and the next notice use the new keys. Codes: NOT_FOUND, INVALID_INPUT, CONFLICT.
func (s *Service) UpdateMerchantAccount(ctx context.Context, in MerchantAccountChange) (*ent.MerchantAccount, error) {
	if in.Name != nil {
		name, err := text.Line(*in.Name, 1, maxName, "name")
		if err != nil {
			return nil, err
		}
		in.Name = &name
	}
	row, err := s.merchantAccount(ctx, auth.WriteMerchants, in.ID)
	if err != nil {
		return nil, err
	}
	changed := *row
	if err := s.changeKeys(&changed, in.Keys); err != nil {
		return nil, err
	}
	if in.Name != nil {
		changed.Name = *in.Name
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		// The keys that the change was made to still stand: two changes at once cannot mix.
		n, err := s.Store.Client(ctx).MerchantAccount.Update().
			Where(merchantaccount.ID(row.ID), merchantaccount.PrivateKeySealed(row.PrivateKeySealed), merchantaccount.APIKeySealed(row.APIKeySealed),
				merchantaccount.CertificateSerial(row.CertificateSerial), merchantaccount.PublicKeyID(row.PublicKeyID)).
			SetName(changed.Name).SetCertificateSerial(changed.CertificateSerial).SetPrivateKeySealed(changed.PrivateKeySealed).SetAPIKeySealed(changed.APIKeySealed).
			SetPublicKeyID(changed.PublicKeyID).SetPublicKey(changed.PublicKey).SetCertificates(changed.Certificates).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.Conflict).At("input", "id")
		}
		shown := func(a *ent.MerchantAccount) map[string]any {
			return map[string]any{"name": a.Name, "certificateSerial": a.CertificateSerial, "publicKeyId": a.PublicKeyID, "certificates": a.Certificates}
		}
		after := shown(&changed)
		after["privateKeyChanged"], after["apiKeyChanged"], after["publicKeyChanged"] = in.Keys.PrivateKey != nil, in.Keys.APIKey != nil, in.Keys.PublicKey != nil
		return audit.Record(ctx, s.Store, audit.Change{OrgID: row.OrgID, Action: "merchantAccountUpdate", Subject: row.NodeID(), Before: shown(row), After: after})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).MerchantAccount.Get(ctx, row.ID)
}

// SetMerchantAccountState suspends an account or takes it back into use, for viewers with WRITE_MERCHANTS at its org. A suspended one takes no new payments;
// those under way, refunds and notices go on. The state that it has already is no change. Codes: NOT_FOUND, REASON_REQUIRED, INVALID_INPUT,
// MERCHANT_ACCOUNT_EXISTS (the org has another active one).
func (s *Service) SetMerchantAccountState(ctx context.Context, id int64, to enum.MerchantAccountState, reason string) (*ent.MerchantAccount, error) {
	reason, err := text.Reason(reason, maxReason)
	if err != nil {
		return nil, err
	}
	row, err := s.merchantAccount(ctx, auth.WriteMerchants, id)
	if err != nil {
		return nil, err
	}
	if row.State == to {
		return row, nil
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		update := s.Store.Client(ctx).MerchantAccount.Update().Where(merchantaccount.ID(id), merchantaccount.StateEQ(row.State)).SetState(to)
		if to == enum.MerchantActive {
			update.SetActiveOrgID(row.OrgID)
		} else {
			update.ClearActiveOrgID()
		}
		n, err := update.Save(ctx)
		switch {
		case taken(err):
			return apperr.New(apperr.MerchantAccountExists)
		case err != nil:
			return err
		case n != 1:
			return apperr.New(apperr.Conflict).At("input", "id")
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: row.OrgID, Action: "merchantAccountStateSet", Subject: row.NodeID(),
			Before: map[string]any{"state": row.State}, After: map[string]any{"state": to}, Reason: reason})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).MerchantAccount.Get(ctx, id)
}

// merchantAccount reads an account at whose org the viewer has the capability.
func (s *Service) merchantAccount(ctx context.Context, c auth.Capability, id int64) (*ent.MerchantAccount, error) {
	row, err := s.Store.Client(ctx).MerchantAccount.Query().Where(merchantaccount.ID(id)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, c, row.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "id")
	}
	return row, nil
}

// MerchantAccounts lists the accounts of orgs at which the viewer has READ_PAYMENTS, newest first, or of one org. Codes: NOT_FOUND, PAGE_SIZE_INVALID,
// CURSOR_INVALID.
func (s *Service) MerchantAccounts(ctx context.Context, orgID *int64, first *int, after *string) (*listing.Page[*ent.MerchantAccount], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).MerchantAccount.Query()
	scope, filter, err := s.orgScope(ctx, orgID, merchantaccount.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(scope)
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "merchantAccounts", filter)
	var last int64
	if some, err := list.After(after, &last); err != nil {
		return nil, err
	} else if some {
		query.Where(merchantaccount.IDLT(last))
	}
	rows, err := query.Order(ent.Desc(merchantaccount.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(a *ent.MerchantAccount) []any { return []any{a.ID} })
}
