package wallet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/brandsetting"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Defaults are the settings of a brand that has set none: the caps of a named prepaid card, spending the soonest expiring first.
var Defaults = document.StoredValueSettings{
	SpendOrder:           enum.SpendSoonestExpiring,
	BonusCap:             money.Whole,
	BalanceCapFen:        500_000,
	ConfirmAboveFen:      20_000,
	CheckRefundsAboveFen: 50_000,
}

// Settings reads the brand's settings of stored value, Defaults where there are none.
func (s *Service) Settings(ctx context.Context) (document.StoredValueSettings, error) {
	settings, _, err := s.settings(auth.WithinBrand(ctx))
	return settings, err
}

// settings is Settings with the row's version, 0 where there is none.
func (s *Service) settings(ctx context.Context) (document.StoredValueSettings, int, error) {
	row, err := s.Store.Client(ctx).BrandSetting.Query().Where(brandsetting.KindEQ(enum.SettingStoredValue)).Only(ctx)
	if ent.IsNotFound(err) {
		return Defaults, 0, nil
	}
	if err != nil {
		return Defaults, 0, err
	}
	settings, err := settingsOf(row.BrandID, row.Document)
	return settings, row.Version, err
}

// settingsOf reads a brand's settings from their row's document; Defaults where there is none.
func settingsOf(brandID int64, row []byte) (document.StoredValueSettings, error) {
	settings := Defaults
	if len(row) == 0 {
		return settings, nil
	}
	if err := json.Unmarshal(row, &settings); err != nil {
		return Defaults, fmt.Errorf("wallet: settings of brand %d: %w", brandID, err)
	}
	return settings, nil
}

// atLeast guards a change of a column that is never negative.
func atLeast(column string, change money.Fen) predicate.Wallet {
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) { b.Ident(column).WriteString(" + ").Arg(int64(change)).WriteString(" >= 0") }))
	}
}

// SettingsOf is Settings with the version to name in a change; 0 where nothing was set yet. Staff with ReadWalletPayments call it.
func (s *Service) SettingsOf(ctx context.Context) (document.StoredValueSettings, int, error) {
	return s.settings(auth.WithinBrand(ctx))
}

// SetSettings changes the brand's settings of stored value, seen in this version. Staff with WriteValueSettings at the brand itself call it; it is audited. What was
// booked before stays as it is. Refusals: NOT_FOUND, INVALID_INPUT, CONFLICT (somebody else changed them meanwhile).
func (s *Service) SetSettings(ctx context.Context, settings document.StoredValueSettings, version int) error {
	if err := valid(settings); err != nil {
		return err
	}
	root, err := s.Roots.OfBrand(ctx)
	if err != nil {
		return err
	}
	if err := s.Orgs.Require(ctx, auth.WriteValueSettings, root); err != nil {
		return err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	return s.Store.WithTx(auth.WithinBrand(ctx), func(ctx context.Context) error {
		before, seen, err := s.settings(ctx)
		if err != nil {
			return err
		}
		if seen != version {
			return apperr.New(apperr.Conflict)
		}
		client := s.Store.Client(ctx)
		if version == 0 {
			err = client.BrandSetting.Create().SetKind(enum.SettingStoredValue).SetDocument(text).Exec(ctx)
			if store.IsDuplicate(err, brandsetting.Table, "kind") {
				return apperr.New(apperr.Conflict)
			}
		} else {
			var n int
			n, err = client.BrandSetting.Update().Where(brandsetting.KindEQ(enum.SettingStoredValue), brandsetting.Version(version)).SetDocument(text).AddVersion(1).Save(ctx)
			if err == nil && n != 1 {
				return apperr.New(apperr.Conflict)
			}
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: root, Action: "storedValueSettingsSet", Subject: ids.ID{Kind: ids.Org, Value: root},
			Before: map[string]any{"settings": before}, After: map[string]any{"settings": settings}})
	})
}

// valid refuses settings that make no sense, naming the field.
func valid(settings document.StoredValueSettings) error {
	amounts := "0–" + MaxPayment.Yuan()
	switch {
	case !slices.Contains([]enum.SpendOrder{enum.SpendSoonestExpiring, enum.SpendPrincipalFirst, enum.SpendBonusFirst, enum.SpendProportional}, settings.SpendOrder):
		return apperr.Invalid("spendOrder", "?")
	case settings.BonusCap < 0 || settings.BonusCap > money.Whole:
		return apperr.Invalid("bonusCap", "0–10000")
	case settings.BalanceCapFen <= 0 || settings.BalanceCapFen > MaxPayment:
		return apperr.Invalid("balanceCap", amounts)
	case settings.ConfirmAboveFen < 0 || settings.ConfirmAboveFen > MaxPayment:
		return apperr.Invalid("confirmAbove", amounts)
	case settings.CheckRefundsAboveFen < 0 || settings.CheckRefundsAboveFen > MaxPayment:
		return apperr.Invalid("checkRefundsAbove", amounts)
	case settings.ClearingFee < 0 || settings.ClearingFee > money.Whole:
		return apperr.Invalid("clearingFee", "0–10000")
	}
	return nil
}
