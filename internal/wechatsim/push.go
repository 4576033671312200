package wechatsim

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" //nolint:gosec // WeChat's signatures are SHA-1
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Faults of a push.
const (
	// PushWrongSignature spoils msg_signature.
	PushWrongSignature = "wrong_signature"
	// PushPlaintext sends the message unencrypted with a valid plain signature, as in plain mode.
	PushPlaintext = "plaintext"
	// PushStale signs ten minutes ago.
	PushStale = "stale"
	// PushWrongApp encrypts for another app id.
	PushWrongApp = "wrong_app"
	// PushTampered changes the cipher text after signing.
	PushTampered = "tampered"
)

// Push is an event to be sent to an app's push address.
type Push struct {
	AppID string `json:"appid"`
	// Event is user_authorization_revoke, user_authorization_cancellation or any other name.
	Event string `json:"event"`
	// User or OpenID says who it is about.
	User   string `json:"user,omitempty"`
	OpenID string `json:"openid,omitempty"`
	// RevokeInfo is the number of what was revoked: 8 phone, 13 location, 6 nickname and avatar.
	RevokeInfo string `json:"revoke_info,omitempty"`
	// Fields are added to the message and win over what it would have.
	Fields map[string]any `json:"fields,omitempty"`
	// Fault spoils the push; empty means a good one.
	Fault string `json:"fault,omitempty"`
}

// PushResult is what the other side answered.
type PushResult struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// send signs, encrypts and posts push to app's address.
func (s *Simulator) send(ctx context.Context, app App, u user, push Push, nonce, random string) (PushResult, error) {
	message := map[string]any{
		"ToUserName": originalID(app.AppID), "FromUserName": "o" + s.derive(27, "push service"), "CreateTime": time.Now().Unix(),
		"MsgType": "event", "Event": push.Event, "OpenID": u.openID, "AppID": app.AppID,
	}
	if u.unionID != "" {
		message["UnionID"] = u.unionID
	}
	if push.RevokeInfo != "" {
		message["RevokeInfo"] = push.RevokeInfo
	}
	maps.Copy(message, push.Fields)
	plain, err := json.Marshal(message)
	if err != nil {
		return PushResult{}, err
	}
	at := time.Now()
	if push.Fault == PushStale {
		at = at.Add(-10 * time.Minute)
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	query := url.Values{"signature": {sign(app.PushToken, timestamp, nonce)}, "timestamp": {timestamp}, "nonce": {nonce}, "openid": {u.openID}}
	if push.Fault == PushPlaintext {
		return s.post(ctx, app.PushURL, query, plain)
	}
	receiver := app.AppID
	if push.Fault == PushWrongApp {
		receiver = "wx0000000000000000"
	}
	encrypted, err := seal(app.EncodingAESKey, random, plain, receiver)
	if err != nil {
		return PushResult{}, err
	}
	query.Set("encrypt_type", "aes")
	query.Set("msg_signature", sign(app.PushToken, timestamp, nonce, encrypted))
	switch push.Fault {
	case PushWrongSignature:
		query.Set("msg_signature", sign("wrong"+app.PushToken, timestamp, nonce, encrypted))
	case PushTampered:
		first := "A"
		if strings.HasPrefix(encrypted, first) {
			first = "B"
		}
		encrypted = first + encrypted[1:]
	}
	body, err := json.Marshal(map[string]string{"ToUserName": originalID(app.AppID), "Encrypt": encrypted})
	if err != nil {
		return PushResult{}, err
	}
	return s.post(ctx, app.PushURL, query, body)
}

// checkURL asks app's address as WeChat's console does when the address is entered; the answer must be echo.
func (s *Simulator) checkURL(ctx context.Context, app App, nonce, echo string) (PushResult, error) {
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	query := url.Values{"signature": {sign(app.PushToken, timestamp, nonce)}, "timestamp": {timestamp}, "nonce": {nonce}, "echostr": {echo}}
	result, err := s.exchange(ctx, http.MethodGet, app.PushURL, query, nil)
	if err == nil && (result.Status != http.StatusOK || result.Body != echo) {
		err = errors.New("the address did not send echostr back")
	}
	return result, err
}

func (s *Simulator) post(ctx context.Context, address string, query url.Values, body []byte) (PushResult, error) {
	return s.exchange(ctx, http.MethodPost, address, query, body)
}

func (s *Simulator) exchange(ctx context.Context, method, address string, query url.Values, body []byte) (PushResult, error) {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return PushResult{}, errors.New("the app has no push_url")
	}
	all := target.Query()
	maps.Copy(all, query)
	target.RawQuery = all.Encode()
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return PushResult{}, err
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.pusher.Do(request)
	if err != nil {
		return PushResult{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	s.logger.InfoContext(ctx, "WeChat simulator pushed", "status", response.StatusCode)
	return PushResult{Status: response.StatusCode, Body: string(text)}, err
}

// originalID is the gh_ name that WeChat gives each account.
func originalID(appID string) string {
	sum := sha1.Sum([]byte(appID)) //nolint:gosec // a name, no secret
	return "gh_" + hex.EncodeToString(sum[:6])
}

// sign is WeChat's signature: SHA-1 of the sorted, joined parts.
func sign(parts ...string) string {
	sum := sha1.Sum([]byte(strings.Join(slices.Sorted(slices.Values(parts)), ""))) //nolint:gosec // see import
	return hex.EncodeToString(sum[:])
}

// seal encrypts as safe mode does: 16 random characters, the length, the message and the app id, padded to 32 bytes, AES-256-CBC.
func seal(encodingAESKey, random string, message []byte, appID string) (string, error) {
	key, err := base64.StdEncoding.DecodeString(encodingAESKey + "=")
	if err != nil || len(key) != 32 {
		return "", errors.New("the app has no proper encoding_aes_key")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	plain := make([]byte, 0, 16+4+len(message)+len(appID)+32)
	plain = append(plain, random...)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message))) //nolint:gosec // bounded by maxBody
	plain = append(plain, message...)
	plain = append(plain, appID...)
	padding := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}
