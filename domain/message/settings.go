package message

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/brandsetting"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// Defaults are the settings of a brand that has set none: members are reminded two days before, between eight and ten, once there is a template.
var Defaults = document.MessageSettings{NoticeHours: 48, QuietFrom: 22, QuietUntil: 8}

var (
	templateForm = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	thingForm    = regexp.MustCompile(`^thing[0-9]{1,2}$`)
	timeForm     = regexp.MustCompile(`^(time|date)[0-9]{1,2}$`)
)

// Settings reads the brand's settings, Defaults where there are none. The directive of the field says who may call it.
func (s *Service) Settings(ctx context.Context) (*Settings, error) {
	row, err := s.Store.Client(ctx).BrandSetting.Query().Where(brandsetting.KindEQ(enum.SettingMessages)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		return &Settings{Defaults, 0}, nil
	}
	if err != nil {
		return nil, err
	}
	settings := &Settings{Version: row.Version}
	if err := json.Unmarshal(row.Document, &settings.MessageSettings); err != nil {
		return nil, fmt.Errorf("message settings of brand %d: %w", row.BrandID, err)
	}
	return settings, nil
}

// SetSettings changes the brand's settings, seen in this version. Staff with WriteTemplates at the brand itself call it; it is audited. Refusals: NOT_FOUND (also a
// mini-program of another brand), INVALID_INPUT, CONFLICT.
func (s *Service) SetSettings(ctx context.Context, settings document.MessageSettings, version int) (*Settings, error) {
	if err := valid(settings); err != nil {
		return nil, err
	}
	root, err := s.Roots.OfBrand(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Orgs.Require(ctx, auth.WriteTemplates, root); err != nil {
		return nil, err
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	appIDs := make([]int64, len(settings.CouponExpiry))
	for i, t := range settings.CouponExpiry {
		appIDs[i] = t.AppID
	}
	if n, err := s.Store.Client(ctx).App.Query().Where(app.IDIn(appIDs...), app.FaceEQ(auth.Storefront)).Count(ctx); err != nil {
		return nil, err
	} else if n != len(appIDs) {
		return nil, apperr.New(apperr.NotFound).At("input", "couponExpiry")
	}
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		before, err := s.Settings(ctx)
		if err != nil {
			return err
		}
		client, changed := s.Store.Client(ctx), 1
		switch {
		case before.Version != version:
			return apperr.New(apperr.Conflict).At("input", "version")
		case version == 0:
			err = client.BrandSetting.Create().SetKind(enum.SettingMessages).SetDocument(text).Exec(ctx)
			if store.IsDuplicate(err, brandsetting.Table, "kind") {
				changed, err = 0, nil
			}
		default:
			changed, err = client.BrandSetting.Update().Where(brandsetting.KindEQ(enum.SettingMessages), brandsetting.Version(version)).SetDocument(text).AddVersion(1).Save(ctx)
		}
		if err == nil && changed != 1 {
			err = apperr.New(apperr.Conflict).At("input", "version")
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: root, Action: "messageSettingsSet", Subject: ids.ID{Kind: ids.Org, Value: root},
			Before: map[string]any{"settings": before.MessageSettings}, After: map[string]any{"settings": settings}})
	})
	if err != nil {
		return nil, err
	}
	return s.Settings(ctx)
}

// valid refuses settings that make no sense, naming the field.
func valid(settings document.MessageSettings) error {
	switch {
	case settings.NoticeHours < 0 || settings.NoticeHours > 336:
		return apperr.Invalid("noticeHours", "0–336")
	case settings.QuietFrom < 0 || settings.QuietFrom > 23:
		return apperr.Invalid("quietFrom", "0–23")
	case settings.QuietUntil < 0 || settings.QuietUntil > 23:
		return apperr.Invalid("quietUntil", "0–23")
	case len(settings.CouponExpiry) > 20:
		return apperr.Invalid("couponExpiry", "≤ 20")
	}
	var apps []int64
	for _, t := range settings.CouponExpiry {
		switch {
		case slices.Contains(apps, t.AppID):
			return apperr.Invalid("couponExpiry.appId", "≠")
		case !templateForm.MatchString(t.TemplateID):
			return apperr.Invalid("couponExpiry.templateId", "1–64 × 0–9 A–Z a–z _ -")
		case !thingForm.MatchString(t.NameKey):
			return apperr.Invalid("couponExpiry.nameKey", "thing1")
		case !timeForm.MatchString(t.TimeKey):
			return apperr.Invalid("couponExpiry.timeKey", "time2")
		case t.HintKey != "" && !thingForm.MatchString(t.HintKey):
			return apperr.Invalid("couponExpiry.hintKey", "thing3")
		}
		apps = append(apps, t.AppID)
	}
	return nil
}

// NotBefore is the first moment from now on at which people may be disturbed, in the brand's time zone.
func NotBefore(settings document.MessageSettings, now time.Time, zone *time.Location) time.Time {
	from, until, local := settings.QuietFrom, settings.QuietUntil, now.In(zone)
	hour := local.Hour()
	quiet := from < until && hour >= from && hour < until || from > until && (hour >= from || hour < until)
	if !quiet {
		return now
	}
	day := local
	if hour >= until { // in the evening: until tomorrow
		day = local.AddDate(0, 0, 1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), until, 0, 0, 0, zone).UTC()
}
