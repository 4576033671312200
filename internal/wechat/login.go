package wechat

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
)

const (
	operationLogin = "jscode2session"
	operationPhone = "getuserphonenumber"
)

var (
	codePattern        = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)
	openIDPattern      = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	phonePattern       = regexp.MustCompile(`^\+?[0-9][0-9 -]{3,22}$`)
	purePhonePattern   = regexp.MustCompile(`^[0-9]{4,15}$`)
	countryCodePattern = regexp.MustCompile(`^[0-9]{1,4}$`)
)

// Session is who a login code stands for.
type Session struct {
	// OpenID names the user within this app.
	OpenID string
	// UnionID names the user across the apps of one Open Platform account; empty where the app is bound to none.
	UnionID string
	// SessionKey decrypts and signs client data. It must stay on the server.
	SessionKey string
}

// String hides the session: openid and key are personal and secret.
func (Session) String() string { return "wechat.Session" }

// GoString is String for %#v.
func (s Session) GoString() string { return s.String() }

// LogValue hides the session.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Code2Session exchanges a wx.login code, which is good for five minutes and once: after an ErrUnavailable the code may be used up
// although no session came back. A malformed code is refused as CodeInvalidCode without a call.
func (c *Client) Code2Session(ctx context.Context, app App, code string) (Session, error) {
	var reply struct {
		OpenID     string `json:"openid"`
		UnionID    string `json:"unionid"`
		SessionKey string `json:"session_key"`
	}
	err := c.observed(ctx, app, operationLogin, func(ctx context.Context) error {
		if !codePattern.MatchString(code) {
			return invalidArgument(CodeInvalidCode, "the code")
		}
		query := url.Values{"appid": {app.AppID}, "secret": {app.Secret}, "js_code": {code}, "grant_type": {"authorization_code"}}
		if err := c.exchange(ctx, request{method: http.MethodGet, path: "/sns/jscode2session", query: query}, into(&reply)); err != nil {
			return err
		}
		if !openIDPattern.MatchString(reply.OpenID) || reply.UnionID != "" && !openIDPattern.MatchString(reply.UnionID) ||
			reply.SessionKey == "" || len(reply.SessionKey) > 128 {
			return unavailable("the session has an unknown shape", nil)
		}
		return nil
	})
	if err != nil {
		return Session{}, err
	}
	return Session(reply), nil
}

// Phone is a phone number that WeChat has verified.
type Phone struct {
	// Number is the number as WeChat shows it, with country code where it is foreign.
	Number string
	// CountryCode is 86 for mainland China.
	CountryCode string
	// PureNumber is the number without country code, digits only.
	PureNumber string
}

// String hides the number, which is personal.
func (Phone) String() string { return "wechat.Phone" }

// GoString is String for %#v.
func (p Phone) GoString() string { return p.String() }

// LogValue hides the number.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// PhoneNumber exchanges the code of a getPhoneNumber button (not a login code; five minutes, once, and each success is paid for).
// openID is who presents it: WeChat refuses a code that another user obtained.
func (c *Client) PhoneNumber(ctx context.Context, app App, phoneCode, openID string) (Phone, error) {
	var reply struct {
		Info struct {
			Number      string `json:"phoneNumber"`
			PureNumber  string `json:"purePhoneNumber"`
			CountryCode string `json:"countryCode"`
			Watermark   struct {
				AppID string `json:"appid"`
			} `json:"watermark"`
		} `json:"phone_info"`
	}
	err := c.observed(ctx, app, operationPhone, func(ctx context.Context) error {
		if !codePattern.MatchString(phoneCode) {
			return invalidArgument(CodeInvalidCode, "the phone code")
		}
		if !openIDPattern.MatchString(openID) {
			return errors.New("a phone code needs the openid of who presents it")
		}
		body := map[string]any{"code": phoneCode, "openid": openID}
		err := c.withToken(ctx, app, request{method: http.MethodPost, path: "/wxa/business/getuserphonenumber", body: body}, into(&reply))
		if err != nil {
			return err
		}
		if reply.Info.Watermark.AppID != app.AppID {
			return ErrWatermark
		}
		if !phonePattern.MatchString(reply.Info.Number) || !purePhonePattern.MatchString(reply.Info.PureNumber) || !countryCodePattern.MatchString(reply.Info.CountryCode) {
			return unavailable("the phone number has an unknown shape", nil)
		}
		return nil
	})
	if err != nil {
		return Phone{}, err
	}
	return Phone{Number: reply.Info.Number, CountryCode: reply.Info.CountryCode, PureNumber: reply.Info.PureNumber}, nil
}
