package wallet

import (
	"context"
	"encoding/json"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/brandsetting"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/money"
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
	settings := Defaults
	if err := json.Unmarshal(row.Document, &settings); err != nil {
		return Defaults, 0, fmt.Errorf("wallet: settings of brand %d: %w", row.BrandID, err)
	}
	return settings, row.Version, nil
}

// atLeast guards a change of a column that is never negative.
func atLeast(column string, change money.Fen) predicate.Wallet {
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) { b.Ident(column).WriteString(" + ").Arg(int64(change)).WriteString(" >= 0") }))
	}
}
