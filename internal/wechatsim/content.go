package wechatsim

import (
	"strings"
	"time"
	"unicode/utf8"
)

// recently is how long after opening the app a user's texts may be checked.
const recently = 2 * time.Hour

// checkText is POST /wxa/msg_sec_check, version 2.
func (s *Simulator) checkText(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var body struct {
		Content   string `json:"content"`
		Version   int    `json:"version"`
		Scene     int    `json:"scene"`
		OpenID    string `json:"openid"`
		Title     string `json:"title"`
		Nickname  string `json:"nickname"`
		Signature string `json:"signature"`
	}
	if refusal, ok := s.decode(c, &body); !ok {
		return refusal
	}
	u := c.app.users[body.OpenID]
	switch {
	case body.Version != 2:
		return s.refuse(40097, "invalid args: version")
	case body.Scene < 1 || body.Scene > 4:
		return s.refuse(40129, "invalid scene")
	case body.Content == "" || utf8.RuneCountInString(body.Content) > 2500:
		return s.refuse(47001, "data format error: content")
	case body.OpenID == "":
		return s.refuse(40003, "invalid openid")
	case u == nil && s.ofAnotherApp(c.app, body.OpenID):
		return s.refuse(43104, "the openid does not match the appid")
	case u == nil:
		return s.refuse(40003, "invalid openid")
	case s.now().Sub(u.visitedAt) > recently:
		return s.refuse(61010, "code is expired")
	}
	suggest, label := "pass", 100
	text := strings.Join([]string{body.Content, body.Title, body.Nickname, body.Signature}, "\n")
	if containsAny(text, s.config.ReviewWords) {
		suggest, label = "review", 21000
	}
	if containsAny(text, s.config.RiskyWords) {
		suggest, label = "risky", 20006
	}
	out := answer(map[string]any{
		"errcode": 0, "errmsg": "ok",
		"result":   map[string]any{"suggest": suggest, "label": label},
		"detail":   []any{map[string]any{"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}},
		"trace_id": s.draw(8, hexDigits) + "-" + s.draw(8, hexDigits) + "-" + s.draw(8, hexDigits),
	})
	out.about = body.OpenID
	return out
}

func (s *Simulator) ofAnotherApp(app *appState, openID string) bool {
	for _, other := range s.apps {
		if other != app && other.users[openID] != nil {
			return true
		}
	}
	return false
}

func containsAny(text string, words []string) bool {
	for _, word := range words {
		if word != "" && strings.Contains(text, word) {
			return true
		}
	}
	return false
}
