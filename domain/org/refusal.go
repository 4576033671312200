package org

import (
	"errors"
	"fmt"
	"strings"

	"dongxiao/internal/apperr"
)

// invalid is INVALID_INPUT at a field below input.
func invalid(reason string, field ...string) error {
	return apperr.New(apperr.InvalidInput, "field", strings.Join(field, "."), "reason", reason).At(append([]string{"input"}, field...)...)
}

func bounds(least, most int) string { return fmt.Sprintf("%d–%d", least, most) }

// at names the input field of a refusal; other errors and nil stay as they are.
func at(err error, field ...string) error {
	if refusal, ok := errors.AsType[*apperr.Error](err); ok {
		return refusal.At(append([]string{"input"}, field...)...)
	}
	return err
}

// reasonText is a reason as the audit log keeps it: REASON_REQUIRED without one, INVALID_INPUT where it is too long.
func reasonText(reason string) (string, error) {
	if strings.TrimSpace(reason) == "" {
		return "", apperr.New(apperr.ReasonRequired).At("input", "reason")
	}
	return text(reason, 1, maxReason, "reason")
}
