package wechatpay

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/wechatpay-apiv3/wechatpay-go/core"

	"dongxiao/internal/apperr"
)

// ErrUnavailable is wrapped by every error in which WeChat Pay gave no answer that can be believed: no connection, too slow, a wrong
// signature, an unknown shape. Whether the call was carried out is then unknown: ask for the order or refund, or repeat the call with
// the same number.
var ErrUnavailable = errors.New("WeChat Pay is not available")

// Kind is what an error of WeChat Pay means for whoever called.
type Kind string

// The kinds. Only Unknown and Busy may pass by themselves.
const (
	// KindUnknown: it may or may not have been done. Query, or repeat with the same number; never with a new one.
	KindUnknown Kind = "UNKNOWN"
	// KindBusy: it was not done because of too many calls; repeat later with the same number.
	KindBusy Kind = "BUSY"
	// KindRefused: it was not done: a parameter, a right or a setting is wrong, or a rule of WeChat Pay forbids it.
	KindRefused Kind = "REFUSED"
	// KindNotFound: the order, refund or bill does not exist. (An order whose prepay call got lost is not found either.)
	KindNotFound Kind = "NOT_FOUND"
	// KindPaid: the order is paid, so it cannot be closed or paid anew.
	KindPaid Kind = "PAID"
	// KindClosed: the order is closed; paying needs a new number.
	KindClosed Kind = "CLOSED"
	// KindNumberUsed: the number was used with other parameters.
	KindNumberUsed Kind = "NUMBER_USED"
	// KindNotEnough: the merchant's balance does not cover the refund; repeat with the same number once it does.
	KindNotEnough Kind = "NOT_ENOUGH"
)

// kinds tells what a code means. WeChat Pay's documents spell several codes in two ways, by generation, and its services use both.
var kinds = map[string]Kind{
	"PARAM_ERROR":            KindRefused,
	"INVALID_REQUEST":        KindRefused,
	"SIGN_ERROR":             KindRefused,
	"NO_AUTH":                KindRefused,
	"NOAUTH":                 KindRefused,
	"APPID_MCHID_NOT_MATCH":  KindRefused,
	"MCH_NOT_EXISTS":         KindRefused,
	"OPENID_MISMATCH":        KindRefused,
	"TRADE_ERROR":            KindRefused,
	"RULELIMIT":              KindRefused,
	"RULE_LIMIT":             KindRefused,
	"USER_ACCOUNT_ABNORMAL":  KindRefused,
	"ACCOUNT_ERROR":          KindRefused,
	"CONTRACT_NOT_EXIST":     KindRefused,
	"ORDERPAID":              KindPaid,
	"ORDER_PAID":             KindPaid,
	"ORDERCLOSED":            KindClosed,
	"ORDER_CLOSED":           KindClosed,
	"ORDERNOTEXIST":          KindNotFound,
	"ORDER_NOT_EXIST":        KindNotFound,
	"ORDER_NOT_EXISTS":       KindNotFound,
	"RESOURCE_NOT_EXISTS":    KindNotFound,
	"NO_STATEMENT_EXIST":     KindNotFound,
	"STATEMENT_CREATING":     KindBusy,
	"OUT_TRADE_NO_USED":      KindNumberUsed,
	"ALREADY_EXISTS":         KindNumberUsed,
	"NOT_ENOUGH":             KindNotEnough,
	"NOTENOUGH":              KindNotEnough,
	"FREQUENCY_LIMITED":      KindBusy,
	"FREQUENCY_LIMIT_EXCEED": KindBusy,
	"RATELIMIT_EXCEEDED":     KindBusy,
	"RATELIMIT_EXCEED":       KindBusy,
	"USERPAYING":             KindUnknown,
	"SYSTEMERROR":            KindUnknown,
	"SYSTEM_ERROR":           KindUnknown,
	"BANKERROR":              KindUnknown,
	"BANK_ERROR":             KindUnknown,
}

// numbers refine INVALID_REQUEST, under which newer documents put several things: the internal code that Request-Id ends in.
var numbers = map[string]Kind{
	"268498688": KindNumberUsed,
	"268449538": KindPaid,
	"268447914": KindClosed,
	"268512771": KindNotFound,
}

// Error is WeChat Pay's refusal of a call. Refusals are not signed: do not end an order or refund for good because of one.
type Error struct {
	// Operation is the call that was refused.
	Operation string
	// Status is the HTTP status; 0 where the call was malformed and therefore not sent.
	Status int
	// Code is WeChat Pay's code, empty where the body had none.
	Code string
	// Message is WeChat Pay's text for people, shortened; it may quote the request, so it is not part of Error().
	Message string
	// RequestID is WeChat Pay's name of the request, which its support asks for.
	RequestID string
	// Kind is what the code means.
	Kind Kind
}

// Error shows operation, status, code and request id, no text that may quote the request.
func (e *Error) Error() string {
	return fmt.Sprintf("wechatpay %s: status %d, code %s (%s), request %s", e.Operation, e.Status, e.Code, e.Kind, e.RequestID)
}

// KindOf tells what an error of this package means: that of an *Error, KindUnknown for every other, empty for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindUnknown
}

// Is reports whether err means one of the kinds.
func Is(err error, kinds ...Kind) bool { return err != nil && slices.Contains(kinds, KindOf(err)) }

// Refusal turns an error of this package into the *apperr.Error for the user, with err as its cause: WECHAT_BUSY or WECHAT_UNAVAILABLE.
// nil stays nil and an *apperr.Error stays as it is.
func Refusal(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*apperr.Error](err); ok {
		return err
	}
	if Is(err, KindBusy) {
		return apperr.New(apperr.WeChatBusy).Because(err)
	}
	return apperr.New(apperr.WeChatUnavailable).Because(err)
}

var (
	codePattern      = regexp.MustCompile(`^[A-Z0-9_]{1,64}$`)
	requestIDPattern = regexp.MustCompile(`^[0-9A-Za-z-]{1,128}$`)
)

// translated makes an error of this package of what the SDK gave. The SDK's own errors quote whole answers, so none is kept.
func translated(operation string, result *core.APIResult, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		e.Operation = operation
		return e
	}
	var answered *core.APIError
	if errors.As(err, &answered) {
		return refused(operation, answered)
	}
	if e, ok := errors.AsType[*url.Error](err); ok { // its URL may hold a download token
		return fmt.Errorf("wechatpay %s: %w: no answer: %w", operation, ErrUnavailable, e.Err)
	}
	if result != nil && result.Response != nil {
		return fmt.Errorf("wechatpay %s: %w: the answer with status %d cannot be believed or read", operation, ErrUnavailable, result.Response.StatusCode)
	}
	return fmt.Errorf("wechatpay %s: %w: the request could not be made", operation, ErrUnavailable)
}

func refused(operation string, answered *core.APIError) *Error {
	e := &Error{Operation: operation, Status: answered.StatusCode, Message: shortened(answered.Message), Kind: KindUnknown}
	if codePattern.MatchString(answered.Code) {
		e.Code = answered.Code
	}
	if id := answered.Header.Get("Request-Id"); requestIDPattern.MatchString(id) {
		e.RequestID = id
	}
	_, number, _ := strings.Cut(e.RequestID, "-")
	if kind, known := numbers[number]; known && e.Code == "INVALID_REQUEST" {
		e.Kind = kind
	} else if kind, known := kinds[e.Code]; known {
		e.Kind = kind
	} else if e.Status == http.StatusTooManyRequests {
		e.Kind = KindBusy
	}
	return e
}

func shortened(message string) string {
	const longest = 200
	message = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, "?"))
	if runes := []rune(message); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return message
}

// notSent refuses a malformed argument here, so that hostile input is never sent.
func notSent(operation, what string) *Error {
	return &Error{Operation: operation, Code: "PARAM_ERROR", Message: what + " is malformed and was not sent", Kind: KindRefused}
}
