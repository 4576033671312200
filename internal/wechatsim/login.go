package wechatsim

import (
	"encoding/base64"
	"time"
)

// codeLife is how long login codes and phone codes are good.
const codeLife = 5 * time.Minute

// loginCode is what wx.login gives.
type loginCode struct {
	app       *appState
	user      *user
	expiresAt time.Time
	used      bool
}

// phoneCode is what a getPhoneNumber button gives; it is no login code.
type phoneCode struct {
	app                *appState
	user               *user
	phone, countryCode string
	madeAt, expiresAt  time.Time
	used               bool
}

// newLoginCode issues a code. Every third login of a user changes the session key, as WeChat does now and then.
func (s *Simulator) newLoginCode(app *appState, u *user) string {
	if u.logins%3 == 0 {
		u.sessionKey = base64.StdEncoding.EncodeToString([]byte(s.derive(16, "session", app.AppID, u.openID, s.draw(16, base62))))
	}
	u.logins++
	s.forget()
	code := "0" + s.draw(31, base62)
	s.codes[code] = &loginCode{app: app, user: u, expiresAt: s.now().Add(codeLife)}
	return code
}

func (s *Simulator) newPhoneCode(app *appState, u *user, phone, countryCode string) string {
	s.forget()
	code := s.draw(64, hexDigits)
	s.phones[code] = &phoneCode{app: app, user: u, phone: phone, countryCode: countryCode, madeAt: s.now(), expiresAt: s.now().Add(codeLife)}
	return code
}

// forget drops what has expired, so that a simulator that runs for weeks does not grow.
func (s *Simulator) forget() {
	if len(s.codes)+len(s.phones)+len(s.tokens) < 20_000 {
		return
	}
	now := s.now()
	for code, c := range s.codes {
		if now.After(c.expiresAt) {
			delete(s.codes, code)
		}
	}
	for code, c := range s.phones {
		if now.After(c.expiresAt) {
			delete(s.phones, code)
		}
	}
	for token, t := range s.tokens {
		if now.After(t.expiresAt) {
			delete(s.tokens, token)
		}
	}
}

// credentials checks appid and secret, which three endpoints take.
func (s *Simulator) credentials(appID, secret string) (*appState, reply, bool) {
	switch app := s.apps[appID]; {
	case appID == "":
		return nil, s.refuse(41002, "appid missing"), false
	case app == nil:
		return nil, s.refuse(40013, "invalid appid"), false
	case secret == "":
		return nil, s.refuse(41004, "appsecret missing"), false
	case secret != app.Secret:
		return nil, s.refuse(40125, "invalid appsecret"), false
	default:
		return app, reply{}, true
	}
}

// codeToSession is GET /sns/jscode2session. Its JSON is declared text/plain, as WeChat's is.
func (s *Simulator) codeToSession(c *call) reply {
	out := s.session(c)
	out.contentType = "text/plain"
	return out
}

func (s *Simulator) session(c *call) reply {
	for name := range c.query {
		switch name {
		case "appid", "secret", "js_code", "grant_type":
		default:
			return s.refuse(40097, "invalid args: unknown query parameter")
		}
	}
	if c.query.Get("grant_type") != "authorization_code" {
		return s.refuse(40002, "invalid grant_type")
	}
	app, refusal, ok := s.credentials(c.query.Get("appid"), c.query.Get("secret"))
	if !ok {
		return refusal
	}
	if c.query.Get("js_code") == "" {
		return s.refuse(41008, "missing code")
	}
	code := s.codes[c.query.Get("js_code")]
	if code == nil || code.app != app || s.now().After(code.expiresAt) {
		return s.refuse(40029, "invalid code")
	}
	if code.used {
		return s.refuse(40163, "code been used")
	}
	code.used = true
	fields := map[string]any{"openid": code.user.openID, "session_key": code.user.sessionKey}
	if code.user.unionID != "" {
		fields["unionid"] = code.user.unionID
	}
	out := answer(fields)
	out.about = code.user.openID
	return out
}

// phoneNumber is POST /wxa/business/getuserphonenumber.
func (s *Simulator) phoneNumber(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var body struct {
		Code   string `json:"code"`
		OpenID string `json:"openid"`
	}
	if refusal, ok := s.decode(c, &body); !ok {
		return refusal
	}
	code := s.phones[body.Code]
	switch {
	case code == nil || s.now().After(code.expiresAt) || code.used:
		return s.refuse(40029, "invalid code")
	case code.app != c.app:
		return s.refuse(40013, "invalid appid")
	case body.OpenID != "" && body.OpenID != code.user.openID:
		return s.refuse(40029, "invalid code: not of this openid")
	}
	code.used = true
	number := code.phone
	if code.countryCode != "86" {
		number = code.countryCode + code.phone
	}
	out := answer(map[string]any{"errcode": 0, "errmsg": "ok", "phone_info": map[string]any{
		"phoneNumber": number, "purePhoneNumber": code.phone, "countryCode": code.countryCode,
		"watermark": map[string]any{"timestamp": code.madeAt.Unix(), "appid": c.app.AppID},
	}})
	out.about = code.user.openID
	return out
}
