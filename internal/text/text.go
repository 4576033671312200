// Package text checks what people write: names, notes and reasons.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dongxiao/internal/apperr"
)

// IsLine says whether the value is one line of at most so many characters, none of which hides or turns what stands around it.
func IsLine(value string, most int) bool {
	return IsText(value, most) && !strings.Contains(value, "\n")
}

// IsText is IsLine for text that may have several lines.
func IsText(value string, most int) bool {
	return utf8.ValidString(value) && utf8.RuneCountInString(value) <= most && !strings.ContainsFunc(value, unprintable)
}

// unprintable says whether the character is a control character but a line break, or one that turns the direction of the text around it.
func unprintable(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Line gives the value without blanks around it, or INVALID_INPUT at the field unless it is one line of least to most characters. A line that must not be empty
// shows at least one character.
func Line(value string, least, most int, field ...string) (string, error) {
	return check(value, least, most, IsLine, field...)
}

// Text is Line for text that may have several lines.
func Text(value string, least, most int, field ...string) (string, error) {
	return check(value, least, most, IsText, field...)
}

// Reason is Text for why a person does something: without one it gives REASON_REQUIRED.
func Reason(reason string, most int) (string, error) {
	if strings.TrimSpace(reason) == "" {
		return "", apperr.New(apperr.ReasonRequired).At("input", "reason")
	}
	return Text(reason, 1, most, "reason")
}

// ReasonWhere is Reason where one is needed, and leaves it to the person elsewhere.
func ReasonWhere(needed bool, reason string, most int) (string, error) {
	if needed {
		return Reason(reason, most)
	}
	return Text(reason, 0, most, "reason")
}

func check(value string, least, most int, is func(string, int) bool, field ...string) (string, error) {
	value = strings.TrimSpace(value)
	shown := strings.ContainsFunc(value, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
	if !is(value, most) || utf8.RuneCountInString(value) < least || least > 0 && !shown {
		return "", apperr.Invalid(strings.Join(field, "."), strconv.Itoa(least)+"–"+strconv.Itoa(most))
	}
	return value, nil
}
