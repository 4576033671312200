package wechat

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"dongxiao/internal/apperr"
)

// longestText is WeChat's limit for one content check, in characters.
const longestText = 2500

// TextScene tells WeChat where a text will be shown.
type TextScene int

// The scenes that WeChat knows.
const (
	SceneProfile TextScene = 1 + iota
	SceneComment
	SceneForum
	SceneSocialLog
)

// Verdict is WeChat's opinion of a text.
type Verdict string

// The verdicts. Review means that a person should look.
const (
	Pass   Verdict = "pass"
	Review Verdict = "review"
	Risky  Verdict = "risky"
)

// CheckText asks WeChat's content check (内容安全) about a text that the user openID wrote. The user must have opened the app within
// two hours (CodeNotRecentUser). A blank text passes without a call; one of more than 2,500 characters is INVALID_INPUT. A verdict
// that we do not know is Review, never Pass.
func (c *Client) CheckText(ctx context.Context, app App, openID string, scene TextScene, text string) (Verdict, error) {
	if strings.TrimSpace(text) == "" {
		return Pass, nil
	}
	if utf8.RuneCountInString(text) > longestText || !utf8.ValidString(text) {
		return "", apperr.New(apperr.InvalidInput, "field", "text", "reason", "1–2500")
	}
	var reply struct {
		Result struct {
			Suggest Verdict `json:"suggest"`
		} `json:"result"`
	}
	err := c.observed(ctx, app, "msg_sec_check", func(ctx context.Context) error {
		if !openIDPattern.MatchString(openID) {
			return errors.New("a content check needs the author's openid")
		}
		body := map[string]any{"content": text, "version": 2, "scene": scene, "openid": openID}
		if err := c.withToken(ctx, app, request{method: http.MethodPost, path: "/wxa/msg_sec_check", body: body}, into(&reply)); err != nil {
			return err
		}
		if reply.Result.Suggest == "" {
			return unavailable("the verdict is missing", nil)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	switch reply.Result.Suggest {
	case Pass, Risky:
		return reply.Result.Suggest, nil
	}
	return Review, nil
}
