package wechatsim

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	clock   = `\d{1,2}:\d{2}(:\d{2})?`
	day     = `(\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2})`
	moment  = `((` + day + ` ?)?` + clock + `|` + day + `)`
	anySign = `[^\p{Han}\p{L}\p{N}\p{C}]`
)

// valuePatterns are the rules for values by the kind in their key's name (thing1, amount02).
var valuePatterns = map[string]*regexp.Regexp{
	"thing":            regexp.MustCompile(`^[^\p{C}]{1,20}$`),
	"number":           regexp.MustCompile(`^-?[0-9]{1,32}(\.[0-9]{1,31})?$`),
	"letter":           regexp.MustCompile(`^[A-Za-z]{1,32}$`),
	"symbol":           regexp.MustCompile(`^` + anySign + `{1,5}$`),
	"character_string": regexp.MustCompile(`^[!-~]{1,32}$`),
	"time":             regexp.MustCompile(`^` + moment + `( ?~ ?` + moment + `)?$`),
	"date":             regexp.MustCompile(`^` + moment + `( ?~ ?` + moment + `)?$`),
	"amount":           regexp.MustCompile(`^[¥￥$€£]?[0-9]{1,10}(\.[0-9]{1,2})?元?$`),
	"phone_number":     regexp.MustCompile(`^[0-9+() -]{1,17}$`),
	"car_number":       regexp.MustCompile(`^[\p{Han}0-9A-Z][0-9A-Z]{1,6}[\p{Han}0-9A-Z]$`),
	"name":             regexp.MustCompile(`^([^\p{C}\p{N}]{1,10}|[^\p{C}\p{N}\p{Han}]{1,20})$`),
	"phrase":           regexp.MustCompile(`^\p{Han}{1,5}$`),
	"enum":             regexp.MustCompile(`^[^\p{C}]{1,20}$`),
}

// sendMessage is POST /cgi-bin/message/subscribe/send. What does not fit is refused before an accept is used up.
func (s *Simulator) sendMessage(c *call) reply {
	if refusal, ok := s.authorise(c); !ok {
		return refusal
	}
	var body struct {
		ToUser     string `json:"touser"`
		TemplateID string `json:"template_id"`
		Page       string `json:"page"`
		State      string `json:"miniprogram_state"`
		Language   string `json:"lang"`
		Data       map[string]struct {
			Value string `json:"value"`
		} `json:"data"`
	}
	if refusal, ok := s.decode(c, &body); !ok {
		return refusal
	}
	if c.app.users[body.ToUser] == nil {
		return s.refuse(40003, "invalid openid")
	}
	if body.TemplateID == "" || len(c.app.Templates) > 0 && !slices.Contains(c.app.Templates, body.TemplateID) {
		return s.refuse(40037, "invalid template_id")
	}
	if !slices.Contains([]string{"", "developer", "trial", "formal"}, body.State) ||
		!slices.Contains([]string{"", "zh_CN", "en_US", "zh_HK", "zh_TW"}, body.Language) || strings.HasPrefix(body.Page, "/") {
		return s.refuse(40097, "invalid args")
	}
	if len(body.Data) == 0 {
		return s.refuse(47003, "argument invalid! data is empty")
	}
	for key, value := range body.Data {
		kind := strings.TrimRight(key, "0123456789")
		pattern := valuePatterns[kind]
		if kind == key || pattern == nil || !utf8.ValidString(value.Value) || !pattern.MatchString(value.Value) {
			return s.refuse(47003, "argument invalid! data."+key+".value invalid")
		}
		if containsAny(value.Value, s.config.RiskyWords) {
			return s.refuse(45168, "message contains a sensitive word")
		}
	}
	wanted := accept{body.ToUser, body.TemplateID}
	if c.app.accepts[wanted] == 0 {
		return s.refuse(43101, "user refuse to accept the msg")
	}
	c.app.accepts[wanted]--
	out := answer(map[string]any{"errcode": 0, "errmsg": "ok"})
	out.about = body.ToUser
	return out
}
