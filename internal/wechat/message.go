package wechat

import (
	"context"
	"net/http"
	"strings"
	"unicode"
)

// MiniProgramState is the edition of the mini-program that a message opens.
type MiniProgramState string

// The editions; the zero value means StateFormal.
const (
	StateFormal    MiniProgramState = "formal"
	StateTrial     MiniProgramState = "trial"
	StateDeveloper MiniProgramState = "developer"
)

// SubscribeMessage is one message to a user who accepted its template (订阅消息): one accept, one message.
type SubscribeMessage struct {
	OpenID     string
	TemplateID string
	// Page is opened by a tap, with its query; empty means that a tap does nothing.
	Page string
	// Data has the values by template key (thing1, amount2). Values of thing, name and phrase keys are shortened to what
	// WeChat takes; others go as they are, because a shortened number or time would be a lie.
	Data map[string]string
	// State is the edition that a tap opens.
	State MiniProgramState
}

// SendSubscribeMessage sends message. CodeNotSubscribed, CodeSubscriptionBanned and CodeDataInvalid are final; after an
// ErrUnavailable the message may have been sent.
func (c *Client) SendSubscribeMessage(ctx context.Context, app App, message SubscribeMessage) error {
	type value struct {
		Value string `json:"value"`
	}
	data := make(map[string]value, len(message.Data))
	for key, text := range message.Data {
		data[key] = value{fitValue(key, text)}
	}
	state := message.State
	if state == "" {
		state = StateFormal
	}
	body := map[string]any{
		"touser": message.OpenID, "template_id": message.TemplateID, "data": data, "miniprogram_state": state, "lang": "zh_CN",
	}
	if message.Page != "" {
		body["page"] = message.Page
	}
	return c.observed(ctx, app, "subscribe_send", func(ctx context.Context) error {
		return c.withToken(ctx, app, request{method: http.MethodPost, path: "/cgi-bin/message/subscribe/send", body: body}, into(nil))
	})
}

// fitValue shortens a text value to WeChat's limit for its key and takes line breaks out. The limits count characters, not bytes.
func fitValue(key, text string) string {
	limit := 0
	switch strings.TrimRight(key, "0123456789") {
	case "thing":
		limit = 20
	case "phrase":
		limit = 5
	case "name":
		limit = 20
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			limit = 10
		}
	default:
		return text
	}
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "")))
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	if strings.HasPrefix(key, "thing") {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes[:limit])
}
