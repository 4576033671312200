package wechat

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" //nolint:gosec // WeChat's signatures are SHA-1
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Reasons for which a push is not believed. To the sender they all look the same.
var (
	ErrPushConfig    = errors.New("the push configuration is incomplete")
	ErrPushSignature = errors.New("the push is not signed by WeChat")
	ErrPushStale     = errors.New("the push is too old or from the future")
	ErrPushPlaintext = errors.New("the push is not encrypted")
	ErrPushMalformed = errors.New("the push is malformed")
	ErrPushApp       = errors.New("the push is for another app")
)

const (
	maxPushBody   = 64 << 10
	pushFreshness = 5 * time.Minute
	pushBlock     = 32
)

var (
	pushTokenPattern = regexp.MustCompile(`^[0-9A-Za-z]{3,32}$`)
	pushKeyPattern   = regexp.MustCompile(`^[0-9A-Za-z+/]{43}$`)
	echoPattern      = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)
)

// PushConfig is what the mini-program's console holds for message push (消息推送), in safe mode (安全模式) with JSON.
type PushConfig struct {
	AppID string
	// Token is 3 to 32 letters and digits; it keys the signatures.
	Token string
	// EncodingAESKey is 43 characters, base64 of the 32-byte key without its "=".
	EncodingAESKey string
}

// String shows the app id only.
func (c PushConfig) String() string { return c.AppID }

// GoString is String for %#v.
func (c PushConfig) GoString() string { return "wechat.PushConfig(" + c.AppID + ")" }

// Validate says whether the configuration can verify anything; DecryptPush calls it, and so should who stores one.
func (c PushConfig) Validate() error {
	if c.AppID == "" || !pushTokenPattern.MatchString(c.Token) || !pushKeyPattern.MatchString(c.EncodingAESKey) {
		return fmt.Errorf("%w: an app id, a token of 3 to 32 letters and digits, and a key of 43 characters are needed", ErrPushConfig)
	}
	return nil
}

// VerifyURL answers WeChat's check of the push address: nil means that echostr may be sent back, as text/plain. It is the only use
// of the plain signature, which covers no body. echostr is held to letters, digits, - and _.
func VerifyURL(token, signature, timestamp, nonce, echostr string) error {
	if !pushTokenPattern.MatchString(token) {
		return ErrPushConfig
	}
	if !echoPattern.MatchString(echostr) {
		return ErrPushMalformed
	}
	if !signed(signature, token, timestamp, nonce) {
		return ErrPushSignature
	}
	return nil
}

// Push is an event that WeChat sent and that was verified.
type Push struct {
	AppID string
	// CreatedAt is the event's time by WeChat's clock.
	CreatedAt time.Time
	// Event is AuthorizationRevoked, AuthorizationCancelled or UnknownEvent.
	Event Event
}

// Event is what a push tells.
type Event interface{ pushEvent() }

// AuthorizationRevoked (user_authorization_revoke): the user took back consents; the data obtained with them must be deleted.
type AuthorizationRevoked struct {
	OpenID, UnionID string
	// Items are what was taken back, in WeChat's numbers; numbers without a name here occur.
	Items []RevokedItem
	// PluginID is set where the consent was given to a plug-in.
	PluginID string
}

// AuthorizationCancelled (user_authorization_cancellation): the user closed the account; the user's data must be deleted.
type AuthorizationCancelled struct {
	OpenID, UnionID string
}

// UnknownEvent is any other message or event: acknowledge it and do nothing.
type UnknownEvent struct {
	// MessageType and Name are WeChat's MsgType and Event, shortened.
	MessageType, Name string
}

func (AuthorizationRevoked) pushEvent()   {}
func (AuthorizationCancelled) pushEvent() {}
func (UnknownEvent) pushEvent()           {}

// RevokedItem is a kind of personal data in WeChat's RevokeInfo.
type RevokedItem int

// The kinds that a storefront may hold.
const (
	RevokedAddress           RevokedItem = 2
	RevokedInvoice           RevokedItem = 3
	RevokedNicknameAndAvatar RevokedItem = 6
	RevokedPhone             RevokedItem = 8
	RevokedLocation          RevokedItem = 13
	RevokedEmail             RevokedItem = 16
	RevokedChosenLocation    RevokedItem = 18
	RevokedNickname          RevokedItem = 19
	RevokedAvatar            RevokedItem = 20
)

// DecryptPush verifies and decrypts a POST from WeChat. query and body are as received; now is compared with the signed timestamp
// (5 minutes either way). The order matters: msg_signature, which covers the cipher text, is checked before anything is decrypted,
// so that nobody can learn from our answers; a plain text body is refused even if it carries a valid signature, because that one
// covers no body and can be replayed. A push may come more than once.
func DecryptPush(config PushConfig, query url.Values, body []byte, now time.Time) (Push, error) {
	if err := config.Validate(); err != nil {
		return Push{}, err
	}
	if len(body) > maxPushBody {
		return Push{}, ErrPushMalformed
	}
	var envelope struct {
		Encrypt string `json:"Encrypt"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return Push{}, ErrPushMalformed
	}
	if envelope.Encrypt == "" || single(query, "encrypt_type") != "aes" {
		return Push{}, ErrPushPlaintext
	}
	timestamp, nonce := single(query, "timestamp"), single(query, "nonce")
	if !signed(single(query, "msg_signature"), config.Token, timestamp, nonce, envelope.Encrypt) {
		return Push{}, ErrPushSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return Push{}, ErrPushStale
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > pushFreshness || age < -pushFreshness {
		return Push{}, ErrPushStale
	}
	message, appID, err := openPush(config.EncodingAESKey, envelope.Encrypt)
	if err != nil {
		return Push{}, err
	}
	if appID != config.AppID {
		return Push{}, ErrPushApp
	}
	return parsePush(config.AppID, message)
}

// signed compares WeChat's signature over parts: SHA-1 of the sorted, joined parts, in hex.
func signed(signature string, parts ...string) bool {
	for _, part := range parts {
		if part == "" {
			return false
		}
	}
	sorted := slices.Sorted(slices.Values(parts))
	sum := sha1.Sum([]byte(strings.Join(sorted, ""))) //nolint:gosec // see import
	return subtle.ConstantTimeCompare([]byte(signature), []byte(hex.EncodeToString(sum[:]))) == 1
}

// single gives a parameter that occurs exactly once, else "".
func single(query url.Values, name string) string {
	if values := query[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// openPush decrypts: 16 random bytes, the message's length in 4 bytes, the message, the app id; AES-256-CBC with the key's first
// half as initial vector, padded to 32 bytes.
func openPush(encodingAESKey, encrypted string) (message []byte, appID string, err error) {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err != nil || len(key) != 32 {
		return nil, "", ErrPushConfig
	}
	data, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil || len(data) == 0 || len(data)%pushBlock != 0 {
		return nil, "", ErrPushMalformed
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, "", ErrPushConfig
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(data, data)
	padding := int(data[len(data)-1])
	if padding < 1 || padding > pushBlock {
		return nil, "", ErrPushMalformed
	}
	for _, b := range data[len(data)-padding:] {
		if int(b) != padding {
			return nil, "", ErrPushMalformed
		}
	}
	data = data[:len(data)-padding]
	const head = 16 + 4
	if len(data) < head {
		return nil, "", ErrPushMalformed
	}
	length := binary.BigEndian.Uint32(data[16:head])
	if uint64(length) > uint64(len(data)-head) {
		return nil, "", ErrPushMalformed
	}
	return data[head : head+int(length)], string(data[head+int(length):]), nil
}

func parsePush(appID string, message []byte) (Push, error) {
	var fields struct {
		CreateTime int64           `json:"CreateTime"`
		MsgType    string          `json:"MsgType"`
		Event      string          `json:"Event"`
		OpenID     string          `json:"OpenID"`
		UnionID    string          `json:"UnionID"`
		AppID      string          `json:"AppID"`
		RevokeInfo json.RawMessage `json:"RevokeInfo"`
		PluginID   string          `json:"PluginID"`
	}
	if err := json.Unmarshal(message, &fields); err != nil || fields.CreateTime < 0 || fields.CreateTime > 1<<40 {
		return Push{}, ErrPushMalformed
	}
	push := Push{AppID: appID, CreatedAt: time.Unix(fields.CreateTime, 0).UTC()}
	cancelled := fields.Event == "user_authorization_cancellation"
	if !strings.EqualFold(fields.MsgType, "event") || !cancelled && fields.Event != "user_authorization_revoke" {
		push.Event = UnknownEvent{MessageType: shortened(fields.MsgType), Name: shortened(fields.Event)}
		return push, nil
	}
	if fields.AppID != "" && fields.AppID != appID {
		return Push{}, ErrPushApp
	}
	// The user is OpenID: FromUserName of these events is WeChat's own push service.
	if !openIDPattern.MatchString(fields.OpenID) || fields.UnionID != "" && !openIDPattern.MatchString(fields.UnionID) {
		return Push{}, ErrPushMalformed
	}
	if cancelled {
		push.Event = AuthorizationCancelled{OpenID: fields.OpenID, UnionID: fields.UnionID}
		return push, nil
	}
	items, err := parseRevoked(fields.RevokeInfo)
	if err != nil {
		return Push{}, err
	}
	push.Event = AuthorizationRevoked{OpenID: fields.OpenID, UnionID: fields.UnionID, Items: items, PluginID: shortened(fields.PluginID)}
	return push, nil
}

// parseRevoked reads RevokeInfo. The documentation shows "1"; a number, several in one string and a list are taken too, because a
// revocation must not be lost over its spelling. None at all is malformed.
func parseRevoked(raw json.RawMessage) ([]RevokedItem, error) {
	words := strings.FieldsFunc(string(raw), func(r rune) bool { return r < '0' || r > '9' })
	if len(words) == 0 || len(words) > 64 {
		return nil, ErrPushMalformed
	}
	items := make([]RevokedItem, 0, len(words))
	for _, word := range words {
		number, err := strconv.Atoi(word)
		if err != nil || number > 1<<20 {
			return nil, ErrPushMalformed
		}
		items = append(items, RevokedItem(number))
	}
	return items, nil
}

// shortened bounds a name that will be logged: 64 bytes of printable ASCII.
func shortened(name string) string {
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, name)
	return name[:min(len(name), 64)]
}
