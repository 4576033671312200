package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/brand"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
	"dongxiao/internal/wechat"
)

// NewBrand is what CreateBrand needs; the caller has checked the form.
type NewBrand struct {
	// Code is the short name, unique in the installation; Name is shown to people; TimeZone is an IANA zone.
	Code, Name, TimeZone string
}

// CreateBrand makes a brand with its root org, for an operator's command: both and their audit entry at once. The error tells an operator what is wrong.
func CreateBrand(ctx context.Context, s *store.Store, in NewBrand) (*ent.Brand, error) {
	if _, err := time.LoadLocation(in.TimeZone); err != nil || in.TimeZone == "" {
		return nil, fmt.Errorf("%q is no IANA time zone", in.TimeZone)
	}
	ctx = auth.Operator(ctx)
	var made *ent.Brand
	err := s.WithTx(ctx, func(ctx context.Context) (err error) {
		made, err = s.Client(ctx).Brand.Create().SetCode(in.Code).SetName(in.Name).SetTimeZone(in.TimeZone).Save(ctx)
		if store.IsDuplicate(err, brand.Table, "code") {
			return fmt.Errorf("there is a brand %s already", in.Code)
		}
		if err != nil {
			return err
		}
		ctx = auth.System(ctx, made.ID)
		id := ids.Next()
		err = s.Client(ctx).Org.Create().SetID(id).SetKind(enum.OrgBrand).SetPath("/" + store.PathSegment(id) + "/").SetCode(in.Code).SetName(in.Name).Exec(ctx)
		if err != nil {
			return err
		}
		return audit.Record(ctx, s, audit.Change{OrgID: id, Action: "brandCreate", Subject: made.NodeID(), After: map[string]any{"code": in.Code, "name": in.Name}})
	})
	return made, err
}

// BrandByCode finds a brand for an operator's command.
func BrandByCode(ctx context.Context, s *store.Store, code string) (*ent.Brand, error) {
	ctx = auth.Operator(ctx)
	b, err := s.Client(ctx).Brand.Query().Where(brand.Code(code)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, fmt.Errorf("there is no brand %s: dongxiao brand create makes one", code)
	}
	return b, err
}

// NewApp is what CreateApp needs; the caller has checked the form.
type NewApp struct {
	// BrandCode names the brand, OrgCode the org that the app belongs to; empty means the brand's root.
	BrandCode, OrgCode string
	Face               auth.Face
	// WeChatAppID is unique in the installation.
	WeChatAppID, Name string
	// Secret is WeChat's app secret; empty for a console. PushToken and PushKey are both empty where no push is configured.
	Secret, PushToken, PushKey string
}

// CreateApp registers an app with its secrets sealed, for an operator's command, with its audit entry. A server that was asked for the app
// before knows it within seconds. The error tells an operator what is wrong and shows no secret.
func CreateApp(ctx context.Context, s *store.Store, ring *keys.Ring, in NewApp) (*ent.App, error) {
	if !in.Face.Valid() || !appIDPattern.MatchString(in.WeChatAppID) {
		return nil, errors.New("the face or the app id has the wrong form")
	}
	if in.PushToken != "" || in.PushKey != "" {
		if err := (wechat.PushConfig{AppID: in.WeChatAppID, Token: in.PushToken, EncodingAESKey: in.PushKey}).Validate(); err != nil {
			return nil, err
		}
	}
	b, err := BrandByCode(ctx, s, in.BrandCode)
	if err != nil {
		return nil, err
	}
	ctx = auth.System(ctx, b.ID)
	var made *ent.App
	err = s.WithTx(ctx, func(ctx context.Context) error {
		client := s.Client(ctx)
		owner := client.Org.Query().Where(org.KindEQ(enum.OrgBrand))
		if in.OrgCode != "" {
			owner = client.Org.Query().Where(org.Code(in.OrgCode))
		}
		at, err := owner.OnlyID(ctx)
		if ent.IsNotFound(err) {
			return fmt.Errorf("the brand %s has no organisation %s", in.BrandCode, in.OrgCode)
		}
		if err != nil {
			return err
		}
		create := client.App.Create().SetOrgID(at).SetFace(in.Face).SetWechatAppID(in.WeChatAppID).SetName(in.Name).SetSecretSealed(SealAppSecret(ring, b.ID, in.Secret))
		if in.PushToken != "" {
			create.SetPushToken(in.PushToken).SetPushKeySealed(SealPushKey(ring, b.ID, in.PushKey))
		}
		made, err = create.Save(ctx)
		if store.IsDuplicate(err, app.Table, "wechat_app_id") {
			return fmt.Errorf("the app id %s is registered already", in.WeChatAppID)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, s, audit.Change{OrgID: at, Action: "appCreate", Subject: made.NodeID(),
			After: map[string]any{"face": in.Face, "name": in.Name, "wechatAppId": in.WeChatAppID}})
	})
	return made, err
}
