package command

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"dongxiao/auth"
	"dongxiao/internal/config"
)

// BrandOptions are the settings of brand create.
type BrandOptions struct {
	config.Sealed `embed:""`
	Code          string `name:"code" required:"" placeholder:"WORD" help:"Short name by which other commands call the brand: 2 to 32 lower-case letters, digits and hyphens."`
	Name          string `name:"name" required:"" placeholder:"NAME" help:"Name shown to people, at most 64 characters."`
	TimeZone      string `name:"time-zone" default:"Asia/Shanghai" placeholder:"ZONE" help:"IANA time zone in which the brand's days begin. Default: Asia/Shanghai."`
}

// Validate is called by kong.
func (o *BrandOptions) Validate() error {
	if err := o.Sealed.Validate(); err != nil {
		return err
	}
	if _, err := time.LoadLocation(o.TimeZone); err != nil || o.TimeZone == "" || o.TimeZone == "Local" {
		return errors.New("--time-zone must be an IANA time zone, such as Asia/Shanghai")
	}
	return errors.Join(checkCode("code", o.Code), checkName(o.Name))
}

type brandCommands struct {
	Create brandCreate `cmd:"" help:"Create a brand with its root organisation and its keys."`
}

type brandCreate struct{ BrandOptions }

// Run is called by kong.
func (o *brandCreate) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.BrandCreate(ctx, session, o.BrandOptions)
}

// AppOptions are the settings of app create.
type AppOptions struct {
	config.Sealed `embed:""`
	Brand         string    `name:"brand" required:"" placeholder:"CODE" help:"The brand's code."`
	Org           string    `name:"org" placeholder:"CODE" help:"Code of the organisation that the app belongs to, such as a mall's distributor. Default: the brand's root."`
	Face          auth.Face `name:"face" required:"" enum:"STOREFRONT,MALL,PORTAL,STAFF,CONSOLE" placeholder:"FACE" help:"Whom the app is for: STOREFRONT, MALL, PORTAL, STAFF or CONSOLE."`
	Name          string    `name:"name" required:"" placeholder:"NAME" help:"Name shown to people, at most 64 characters."`
	AppID         string    `name:"app-id" required:"" placeholder:"ID" help:"App id that WeChat gave (wx…); for a console, any of that form."`

	AppSecret      config.Secret `name:"app-secret" env:"DONGXIAO_APP_SECRET" placeholder:"SECRET" help:"App secret that WeChat gave. Better given by the environment than by the flag. It is stored encrypted. A console needs none."`
	PushToken      config.Secret `name:"push-token" env:"DONGXIAO_PUSH_TOKEN" placeholder:"TOKEN" help:"Token of WeChat's message push, 3 to 32 letters and digits. Default: no push."`
	EncodingAESKey config.Secret `name:"push-key" env:"DONGXIAO_PUSH_KEY" placeholder:"KEY" help:"EncodingAESKey of WeChat's message push, 43 letters and digits. It is stored encrypted."`
}

var (
	codePattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,31}$`)
	appIDPattern  = regexp.MustCompile(`^wx[0-9A-Za-z]{6,30}$`)
	tokenPattern  = regexp.MustCompile(`^[0-9A-Za-z]{3,32}$`)
	aesKeyPattern = regexp.MustCompile(`^[0-9A-Za-z]{43}$`)
	secretPattern = regexp.MustCompile(`^[0-9A-Za-z]{16,64}$`)
	phonePattern  = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
)

// Validate is called by kong. No message shows a secret.
func (o *AppOptions) Validate() error {
	if err := o.Sealed.Validate(); err != nil {
		return err
	}
	problems := []error{checkCode("brand", o.Brand), checkName(o.Name)}
	if o.Org != "" && len(o.Org) > 32 {
		problems = append(problems, errors.New("--org must have at most 32 characters"))
	}
	if !appIDPattern.MatchString(o.AppID) {
		problems = append(problems, errors.New("--app-id must begin with wx, as WeChat gave it"))
	}
	if o.Face != auth.Console || o.AppSecret != "" {
		if !secretPattern.MatchString(o.AppSecret.Reveal()) {
			problems = append(problems, errors.New("--app-secret (DONGXIAO_APP_SECRET) must be the letters and digits that WeChat gave"))
		}
	}
	if (o.PushToken == "") != (o.EncodingAESKey == "") {
		problems = append(problems, errors.New("--push-token (DONGXIAO_PUSH_TOKEN) and --push-key (DONGXIAO_PUSH_KEY) belong together"))
	} else if o.PushToken != "" {
		if !tokenPattern.MatchString(o.PushToken.Reveal()) {
			problems = append(problems, errors.New("--push-token (DONGXIAO_PUSH_TOKEN) must be 3 to 32 letters and digits"))
		}
		if !aesKeyPattern.MatchString(o.EncodingAESKey.Reveal()) {
			problems = append(problems, errors.New("--push-key (DONGXIAO_PUSH_KEY) must be 43 letters and digits"))
		}
	}
	return errors.Join(problems...)
}

type appCommands struct {
	Create appCreate `cmd:"" help:"Register an app of a brand: a mini-program with its encrypted secrets, or the console."`
}

type appCreate struct{ AppOptions }

// Run is called by kong.
func (o *appCreate) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.AppCreate(ctx, session, o.AppOptions)
}

// AdminOptions are the settings of admin invite.
type AdminOptions struct {
	config.Sealed `embed:""`
	Brand         string `name:"brand" required:"" placeholder:"CODE" help:"The brand's code."`
	Phone         string `name:"phone" required:"" placeholder:"NUMBER" help:"Mobile number that the administrator will bind: 11 digits."`
	Name          string `name:"name" required:"" placeholder:"NAME" help:"Name shown to colleagues, at most 32 characters."`
}

// Validate is called by kong.
func (o *AdminOptions) Validate() error {
	if err := o.Sealed.Validate(); err != nil {
		return err
	}
	problems := []error{checkCode("brand", o.Brand), checkName(o.Name)}
	if utf8.RuneCountInString(o.Name) > 32 {
		problems = append(problems, errors.New("--name must have at most 32 characters"))
	}
	if !phonePattern.MatchString(o.Phone) {
		problems = append(problems, errors.New("--phone must be a Chinese mobile number of 11 digits"))
	}
	return errors.Join(problems...)
}

type adminCommands struct {
	Invite adminInvite `cmd:"" help:"Invite the first administrator of a brand; prints the invitation to accept in the staff app."`
}

type adminInvite struct{ AdminOptions }

// Run is called by kong.
func (o *adminInvite) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.AdminInvite(ctx, session, o.AdminOptions)
}

func checkCode(flag, code string) error {
	if !codePattern.MatchString(code) {
		return errors.New("--" + flag + " must be 2 to 32 lower-case letters, digits and hyphens")
	}
	return nil
}

func checkName(name string) error {
	if n := utf8.RuneCountInString(name); strings.TrimSpace(name) == "" || n > 64 || !utf8.ValidString(name) {
		return errors.New("--name must have 1 to 64 characters")
	}
	return nil
}
