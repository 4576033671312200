package member

import (
	"strings"
	"unicode/utf8"
)

// MaskPhone is a phone number as others than its owner see it: 138****0000. The country code of mainland China is left out, a short number
// shows less, and what is hidden always shows as four stars, so that the length is not told either.
func MaskPhone(phone string) string {
	phone = strings.TrimPrefix(phone, "+86")
	switch n := len(phone); {
	case n >= 11:
		return phone[:3] + "****" + phone[n-4:]
	case n >= 8:
		return "****" + phone[n-4:]
	case n >= 6:
		return "****" + phone[n-2:]
	case n > 0:
		return "****"
	}
	return ""
}

// MaskName is a name as others than its owner see it: the first character and two stars; empty stays empty.
func MaskName(name string) string {
	if name == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(name)
	return string(first) + "**"
}
