package wechatsim

import "time"

const (
	tokenLife = 2 * time.Hour
	// tokenOverlap is how long before its end a stable token is renewed, and how long a replaced legacy token still works.
	tokenOverlap = 5 * time.Minute
	// forcesADay and forceGap limit forced refreshes.
	forcesADay = 20
	forceGap   = 30 * time.Second
)

// china is where WeChat's days begin. A fixed zone, so that no time zone database is needed.
var china = time.FixedZone("CST", 8*3600)

// accessToken authorises calls in the name of app.
type accessToken struct {
	value     string
	app       *appState
	expiresAt time.Time
	// deadAt is when it was replaced or withdrawn; zero while it lives.
	deadAt time.Time
}

func (s *Simulator) newToken(app *appState) *accessToken {
	s.forget()
	token := &accessToken{value: "88_" + s.draw(133, base62+"-_"), app: app, expiresAt: s.now().Add(tokenLife)}
	s.tokens[token.value] = token
	return token
}

func (s *Simulator) tokenReply(token *accessToken) reply {
	left := token.expiresAt.Sub(s.now()).Round(time.Second)
	return answer(map[string]any{"access_token": token.value, "expires_in": int(left.Seconds())})
}

// stableToken is POST /cgi-bin/stable_token.
func (s *Simulator) stableToken(c *call) reply {
	var body struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
		Force     bool   `json:"force_refresh"`
	}
	if refusal, ok := s.decode(c, &body); !ok {
		return refusal
	}
	if body.GrantType != "client_credential" {
		return s.refuse(40002, "invalid grant_type")
	}
	app, refusal, ok := s.credentials(body.AppID, body.Secret)
	if !ok {
		return refusal
	}
	now := s.now()
	if body.Force {
		if refusal, ok := s.mayForce(app, now); !ok {
			return refusal
		}
		if app.stable != nil {
			app.stable.deadAt = now
			app.stable = nil
		}
	}
	if app.stable == nil || app.stable.expiresAt.Sub(now) <= tokenOverlap {
		app.stable = s.newToken(app)
	}
	return s.tokenReply(app.stable)
}

// mayForce counts forced refreshes: 20 a day in China, 30 s apart.
func (s *Simulator) mayForce(app *appState, now time.Time) (reply, bool) {
	day := now.In(china).Format(time.DateOnly)
	today := app.forcedAt[:0]
	for _, at := range app.forcedAt {
		if at.In(china).Format(time.DateOnly) == day || now.Sub(at) < forceGap {
			today = append(today, at)
		}
	}
	app.forcedAt = today
	if n := len(today); n > 0 && now.Sub(today[n-1]) < forceGap {
		return s.refuse(45011, "api minute-quota reach limit: force_refresh within 30 s"), false
	}
	if len(today) >= forcesADay {
		return s.refuse(45009, "reach max api daily quota limit: force_refresh"), false
	}
	app.forcedAt = append(app.forcedAt, now)
	return reply{}, true
}

// legacyToken is GET /cgi-bin/token, which replaces its own earlier token (but no stable one) each time.
func (s *Simulator) legacyToken(c *call) reply {
	if c.query.Get("grant_type") != "client_credential" {
		return s.refuse(40002, "invalid grant_type")
	}
	app, refusal, ok := s.credentials(c.query.Get("appid"), c.query.Get("secret"))
	if !ok {
		return refusal
	}
	if app.legacy != nil {
		app.legacy.deadAt = s.now().Add(tokenOverlap)
	}
	app.legacy = s.newToken(app)
	return s.tokenReply(app.legacy)
}

// authorise checks the call's access token and sets the call's app.
func (s *Simulator) authorise(c *call) (reply, bool) {
	value := c.query.Get("access_token")
	token := s.tokens[value]
	now := s.now()
	switch {
	case value == "":
		return s.refuse(41001, "access_token missing"), false
	case token == nil, !token.deadAt.IsZero() && !now.Before(token.deadAt):
		return s.refuse(40001, "invalid credential, access_token is invalid or not latest"), false
	case !now.Before(token.expiresAt):
		return s.refuse(42001, "access_token expired"), false
	}
	for name := range c.query {
		if name != "access_token" {
			return s.refuse(40097, "invalid args: unknown query parameter"), false
		}
	}
	c.app = token.app
	return reply{}, true
}
