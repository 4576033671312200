package observe

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"

	"dongxiao/internal/apperr"
)

// masked stands in the place of what a log must not show.
const masked = "***"

// secretNames are what a log never shows under these names, compared without case, hyphens and underscores. A bare code is
// WeChat's login code, unless its value is an apperr.Code.
var secretNames = map[string]bool{
	"code": true, "jscode": true, "phonecode": true, "membercode": true, "logincode": true, "token": true, "secret": true, "password": true, "passwd": true,
	"authorization": true, "proxyauthorization": true, "cookie": true, "setcookie": true, "signature": true, "ticket": true, "phone": true, "phonenumber": true,
	"purephonenumber": true, "mobile": true, "openid": true, "unionid": true, "sessionkey": true, "masterkey": true, "privatekey": true, "apikey": true,
	"apiv3key": true, "encodingaeskey": true, "encrypteddata": true, "idcard": true, "idnumber": true, "realname": true, "dsn": true,
}

// secretEndings are the endings that make a name secret: access_token, app_secret, member_phone.
var secretEndings = []string{"token", "secret", "password", "sessionkey", "privatekey", "masterkey", "openid", "unionid", "phone", "mobile", "authorization", "cookie"}

// secretName says whether a value of this name must not be shown.
func secretName(name string) bool {
	if len(name) > 64 {
		return true
	}
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
	if secretNames[name] {
		return true
	}
	for _, ending := range secretEndings {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

var (
	pairs       = regexp.MustCompile(`([A-Za-z][A-Za-z0-9_-]*)=([^&\s"'\\]+)`)
	jsonPairs   = regexp.MustCompile(`(\\?"[A-Za-z][A-Za-z0-9_-]*\\?"\s*:\s*)(\\?"(?:[^"\\]|\\[^"])*\\?"|[0-9]+)`)
	headers     = regexp.MustCompile(`(?i)\b(authorization|cookie|set-cookie)\s*:\s*[^\r\n]+`)
	bearers     = regexp.MustCompile(`(?i)\bbearer\s+[^\s"',]+`)
	webTokens   = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?`)
	credentials = regexp.MustCompile(`://[^/\s@]+@`)
)

// scrub masks in free text what looks like a secret: name=value and "name": "value" of secret names, bearer and web tokens,
// credentials in addresses, mobile numbers. It is a second net: nobody may log a secret on purpose and rely on it.
func scrub(s string) string {
	if strings.Contains(s, "eyJ") {
		s = webTokens.ReplaceAllString(s, masked)
	}
	if strings.Contains(s, "@") {
		s = credentials.ReplaceAllString(s, "://"+masked+"@")
	}
	if strings.Contains(s, "=") {
		s = pairs.ReplaceAllStringFunc(s, func(pair string) string {
			if name, _, _ := strings.Cut(pair, "="); secretName(name) {
				return name + "=" + masked
			}
			return pair
		})
	}
	if strings.Contains(s, ":") {
		s = headers.ReplaceAllString(s, "$1: "+masked)
		s = jsonPairs.ReplaceAllStringFunc(s, func(pair string) string {
			name, _, _ := strings.Cut(pair, ":")
			if secretName(strings.Trim(name, "\\\" \t\r\n")) {
				return name + `:"` + masked + `"`
			}
			return pair
		})
	}
	if len(s) > 7 && strings.Contains(strings.ToLower(s), "bearer") {
		s = bearers.ReplaceAllString(s, masked)
	}
	return maskPhones(s)
}

// maskPhones hides the middle of Chinese mobile numbers, with or without the country code: 138****5678.
func maskPhones(s string) string {
	var out []byte
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		end := i
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		start := i
		if end-start == 13 && s[start:start+2] == "86" {
			start += 2
		}
		if end-start == 11 && s[start] == '1' && s[start+1] >= '3' {
			if out == nil {
				out = []byte(s)
			}
			copy(out[start+3:start+7], "****")
		}
		i = end
	}
	if out == nil {
		return s
	}
	return string(out)
}

// redact is the ReplaceAttr of every log handler: it sees each attribute once, groups excepted, after LogValuers were resolved.
func redact(groups []string, a slog.Attr) slog.Attr {
	if code, ok := a.Value.Any().(apperr.Code); ok && len(groups) == 0 {
		return slog.String(a.Key, string(code))
	}
	if secretName(a.Key) {
		return slog.String(a.Key, masked)
	}
	for _, group := range groups {
		if secretName(group) {
			return slog.String(a.Key, masked)
		}
	}
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(scrub(a.Value.String()))
	case slog.KindAny:
		a.Value = redactAny(a.Value.Any())
	}
	return a
}

// redactAny shows an error by its text and any other value as the JSON that it would be, without its secrets.
func redactAny(value any) slog.Value {
	switch v := value.(type) {
	case nil:
		return slog.AnyValue(nil)
	case *slog.Source:
		return slog.AnyValue(v)
	case error:
		return slog.StringValue(scrub(v.Error()))
	case []byte:
		return slog.StringValue(masked)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return slog.StringValue("cannot be shown")
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		return slog.StringValue("cannot be shown")
	}
	return slog.AnyValue(redactTree(decoded))
}

func redactTree(value any) any {
	switch v := value.(type) {
	case string:
		return scrub(v)
	case []any:
		for i := range v {
			v[i] = redactTree(v[i])
		}
	case map[string]any:
		for name := range v {
			if secretName(name) {
				v[name] = masked
			} else {
				v[name] = redactTree(v[name])
			}
		}
	}
	return value
}
