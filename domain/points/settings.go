package points

import (
	"context"
	"encoding/json"
	"fmt"
	"math/bits"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/brandsetting"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
)

// Bounds of the settings, and of the money that earns points at once.
const (
	maxPerYuan        = 10_000
	maxDays           = 3650
	maxGrowthPerPoint = 1000
	maxPaid           = money.Fen(1e12)
)

// Defaults are the rules of a brand that has set none: a point for each yuan, spendable a week after receipt, for a year.
var Defaults = document.PointsSettings{PerYuan: 1, Rounding: document.RoundDown, PendingDays: 7, ExpiryDays: 365, GrowthPerPoint: 1}

// Rules are a brand's rules of points and their version.
type Rules struct {
	document.PointsSettings
	// Version is 0 while the defaults hold; a change names the one that it saw.
	Version int
}

// Settings are the rules of the viewer's brand. Anybody may call it.
func (s *Service) Settings(ctx context.Context) (*Rules, error) {
	row, err := s.Store.Client(ctx).BrandSetting.Query().Where(brandsetting.KindEQ(enum.SettingPoints)).Only(within(ctx))
	if ent.IsNotFound(err) {
		return &Rules{PointsSettings: Defaults}, nil
	}
	if err != nil {
		return nil, err
	}
	rules := &Rules{Version: row.Version}
	if err := json.Unmarshal(row.Document, &rules.PointsSettings); err != nil {
		return nil, fmt.Errorf("points: settings of brand %d: %w", row.BrandID, err)
	}
	return rules, nil
}

// SettingsSet changes the rules, for what is earned and becomes spendable from now on. Staff with WRITE_POINT_RULES at the brand call it; it is audited. It
// refuses with NOT_FOUND, INVALID_INPUT, and CONFLICT where the version is not the present one.
func (s *Service) SettingsSet(ctx context.Context, in Rules) (*Rules, error) {
	for _, check := range []struct {
		field string
		fits  bool
		bound string
	}{
		{"perYuan", in.PerYuan >= 0 && in.PerYuan <= maxPerYuan, "0–10000"},
		{"pendingDays", in.PendingDays >= 0 && in.PendingDays <= maxDays, "0–3650"},
		{"expiryDays", in.ExpiryDays >= 0 && in.ExpiryDays <= maxDays, "0–3650"},
		{"growthPerPoint", in.GrowthPerPoint >= 0 && in.GrowthPerPoint <= maxGrowthPerPoint, "0–1000"},
		{"rounding", in.Rounding == document.RoundDown || in.Rounding == document.RoundNearest || in.Rounding == document.RoundUp, "DOWN, NEAREST, UP"},
		{"version", in.Version >= 0, "≥ 0"},
	} {
		if !check.fits {
			return nil, apperr.Invalid(check.field, check.bound)
		}
	}
	root, err := s.Roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Orgs.Require(ctx, auth.WritePointRules, root); err != nil {
		return nil, err
	}
	text, err := json.Marshal(in.PointsSettings)
	if err != nil {
		return nil, err
	}
	ctx = within(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		before, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		client := s.Store.Client(ctx)
		if in.Version == 0 {
			err := client.BrandSetting.Create().SetKind(enum.SettingPoints).SetDocument(text).Exec(ctx)
			if store.IsDuplicate(err, brandsetting.Table, "kind") {
				return apperr.New(apperr.Conflict)
			}
			if err != nil {
				return err
			}
		} else {
			n, err := client.BrandSetting.Update().Where(brandsetting.KindEQ(enum.SettingPoints), brandsetting.Version(in.Version)).SetDocument(text).AddVersion(1).Save(ctx)
			if err != nil {
				return err
			}
			if n != 1 {
				return apperr.New(apperr.Conflict)
			}
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: root, Action: "pointsSettingsSet", Subject: ids.ID{Kind: ids.Org, Value: root},
			Before: map[string]any{"rules": before.PointsSettings}, After: map[string]any{"rules": in.PointsSettings}})
	})
	if err != nil {
		return nil, err
	}
	in.Version++
	return &in, nil
}

// pointsFor is what money earns.
func pointsFor(rules *Rules, paid money.Fen) (int64, error) {
	if paid < 0 || paid > maxPaid {
		return 0, fmt.Errorf("points: %d fen earn points", paid)
	}
	points, rest := int64(paid)*rules.PerYuan/100, int64(paid)*rules.PerYuan%100
	if rules.Rounding == document.RoundUp && rest > 0 || rules.Rounding == document.RoundNearest && rest >= 50 {
		points++
	}
	return points, nil
}

// share is whole × part / of, rounded down, for 0 ≤ part ≤ of.
func share(whole, part, of int64) int64 {
	high, low := bits.Mul64(uint64(whole), uint64(part))
	quotient, _ := bits.Div64(high, low, uint64(of))
	return int64(quotient)
}
