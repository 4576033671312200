package wechat

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"dongxiao/internal/apperr"
)

// Codes of WeChat (errcode) that callers may want to tell apart with HasCode.
const (
	// CodeBusy: WeChat is busy; the client has already asked again.
	CodeBusy = -1
	// CodeInvalidCode: the login or phone code is malformed, unknown or older than five minutes.
	CodeInvalidCode = 40029
	// CodeUsedCode: the login code was exchanged before.
	CodeUsedCode = 40163
	// CodeUserBlocked: WeChat's risk control blocks this user.
	CodeUserBlocked = 40226
	// CodeTooFrequent: the minute's quota is used up.
	CodeTooFrequent = 45011
	// CodeNotSubscribed: the user did not subscribe to the template or the accepts are used up. Final: do not send again.
	CodeNotSubscribed = 43101
	// CodeSubscriptionBanned: the app or template may not send subscribe messages. Final.
	CodeSubscriptionBanned = 43107
	// CodeConcurrentSend: another message to the same user is being sent; the client has already tried again.
	CodeConcurrentSend = 43108
	// CodeDataInvalid: a value does not fit its template key. Final.
	CodeDataInvalid = 47003
	// CodeNotRecentUser: the user has not opened the app within two hours, so WeChat checks no content for them.
	CodeNotRecentUser = 61010
	// CodeSceneInvalid: a QR code's scene is too long or has characters outside WeChat's set.
	CodeSceneInvalid = 40129
)

const (
	codeCredentialInvalid = 40001
	codeInvalidOpenID     = 40003
	codeInvalidAppID      = 40013
	codeTokenInvalid      = 40014
	codeTokenExpired      = 42001
	codeMinuteQuota       = 44991
	codeDayQuota          = 45009
)

// ErrUnavailable is wrapped by every error in which WeChat gave no proper answer: no connection, too slow, a status other than
// 200, too large, not JSON, fields missing. Whether WeChat carried the call out is then unknown.
var ErrUnavailable = errors.New("WeChat is not available")

// ErrWatermark says that an answer was made for another app than ours, so it must not be believed.
var ErrWatermark = errors.New("the answer's watermark names another app")

// Error is WeChat's refusal of a call.
type Error struct {
	// Operation is the call that was refused.
	Operation string
	// ErrCode is WeChat's code, never 0.
	ErrCode int
	// ErrMsg is WeChat's text: for people, shortened, not to be matched on.
	ErrMsg string
	// RID is WeChat's request id, which its support asks for; empty where there was none.
	RID string
}

// Error shows operation, code, text and request id; it holds no secret.
func (e *Error) Error() string {
	return fmt.Sprintf("wechat %s: errcode %d: %s", e.Operation, e.ErrCode, e.ErrMsg)
}

var ridPattern = regexp.MustCompile(`rid: ?([0-9A-Za-z-]{1,64})`)

func newError(code int, message string) *Error {
	const longest = 200
	message = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, "?"))
	e := &Error{ErrCode: code}
	if m := ridPattern.FindStringSubmatch(message); m != nil {
		e.RID = m[1]
	}
	if runes := []rune(message); len(runes) > longest {
		message = string(runes[:longest]) + "…"
	}
	e.ErrMsg = message
	return e
}

// unavailable makes an error that wraps ErrUnavailable and cause.
func unavailable(reason string, cause error) error {
	if cause == nil {
		return fmt.Errorf("%w: %s", ErrUnavailable, reason)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, reason, cause)
}

// HasCode reports whether err is WeChat's refusal with one of the codes.
func HasCode(err error, codes ...int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(codes, e.ErrCode)
}

// Refusal turns an error of this package into the *apperr.Error for the user, with err as its cause; nil stays nil and an
// *apperr.Error stays as it is. What the user cannot influence (our secret, our quota, our address) is WECHAT_UNAVAILABLE.
func Refusal(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*apperr.Error](err); ok {
		return err
	}
	return apperr.New(refusalCode(err)).Because(err)
}

func refusalCode(err error) apperr.Code {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		if errors.Is(err, ErrWatermark) {
			return apperr.WeChatCodeInvalid
		}
		return apperr.WeChatUnavailable
	}
	switch e.ErrCode {
	case CodeInvalidCode, CodeUsedCode:
		return apperr.WeChatCodeInvalid
	case codeInvalidAppID, codeInvalidOpenID:
		// For a phone code these two say that it was made in another app or for another user.
		if e.Operation == operationPhone {
			return apperr.WeChatCodeInvalid
		}
	case CodeUserBlocked:
		return apperr.WeChatUserBlocked
	case CodeBusy, CodeTooFrequent, CodeConcurrentSend, codeMinuteQuota, codeDayQuota:
		return apperr.WeChatBusy
	case CodeNotRecentUser:
		return apperr.SignInAgain
	}
	return apperr.WeChatUnavailable
}

// invalidArgument is WeChat's own refusal of a malformed argument, made here so that hostile input is never sent.
func invalidArgument(code int, what string) *Error {
	return &Error{ErrCode: code, ErrMsg: what + " is malformed and was not sent"}
}
