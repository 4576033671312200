package command

import (
	"context"
	"fmt"
	"time"

	"dongxiao/domain/identity"
	"dongxiao/domain/org"
	"dongxiao/domain/staff"
	"dongxiao/internal/clock"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
)

func createBrand(ctx context.Context, session Session, o BrandOptions) error {
	return withKeys(ctx, session, o.Sealed, func(s *store.Store, _ clock.Clock, _ *keyring.Keyring) error {
		b, err := identity.CreateBrand(ctx, s, identity.NewBrand{Code: o.Code, Name: o.Name, TimeZone: o.TimeZone})
		if err != nil {
			return err
		}
		fmt.Fprintf(session.Stdout, "brand %s %s\n", b.Code, b.NodeID())
		return nil
	})
}

func createApp(ctx context.Context, session Session, o AppOptions) error {
	return withKeys(ctx, session, o.Sealed, func(s *store.Store, _ clock.Clock, k *keyring.Keyring) error {
		a, err := identity.CreateApp(ctx, s, k.Ring(), identity.NewApp{BrandCode: o.Brand, OrgCode: o.Org, Face: o.Face, WeChatAppID: o.AppID, Name: o.Name,
			Secret: o.AppSecret.Reveal(), PushToken: o.PushToken.Reveal(), PushKey: o.EncodingAESKey.Reveal()})
		if err != nil {
			return err
		}
		fmt.Fprintf(session.Stdout, "app %s %s\n", a.WechatAppID, a.NodeID())
		return nil
	})
}

func inviteAdmin(ctx context.Context, session Session, o AdminOptions) error {
	return withKeys(ctx, session, o.Sealed, func(s *store.Store, now clock.Clock, k *keyring.Keyring) error {
		invitation, err := staff.New(s, now, k, org.New(s, now, nil), nil).InviteAdmin(ctx, o.Brand, o.Phone, o.Name)
		if err != nil {
			return err
		}
		fmt.Fprintf(session.Stdout, "invitation %s\nvalid until %s, for the staff app, by whoever has bound that phone\n", invitation.Code,
			invitation.Staff.InvitationExpiresAt.UTC().Format(time.RFC3339))
		return nil
	})
}
