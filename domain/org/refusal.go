package org

import (
	"fmt"
	"strings"

	"dongxiao/internal/apperr"
)

func bounds(least, most int) string { return fmt.Sprintf("%d–%d", least, most) }

// reasonText is a reason as the audit log keeps it: REASON_REQUIRED without one, INVALID_INPUT where it is too long.
func reasonText(reason string) (string, error) {
	if strings.TrimSpace(reason) == "" {
		return "", apperr.New(apperr.ReasonRequired).At("input", "reason")
	}
	return text(reason, 1, maxReason, "reason")
}
