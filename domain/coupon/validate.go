package coupon

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
)

// Bounds of templates.
const (
	maxAmount      money.Fen = 10_000_000
	maxThreshold   money.Fen = 100_000_000
	maxStock                 = 100_000_000
	maxMemberLimit           = 1_000
	maxScopeOrgs             = 100
	maxValidDays             = 3_650
	maxDelayDays             = 365
	maxReason                = 255
)

// earliest and latest bound every time of a template, so that a slip of the year is found and every column can keep it.
var (
	earliest = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// CreateInput is what Create needs. The names of its fields are those of the API's input.
type CreateInput struct {
	OrgID             int64
	Name, Description string
	Amount, Threshold money.Fen
	// ScopeOrgIDs are where the coupons can be used; empty for every store of the issuing org.
	ScopeOrgIDs []int64
	TotalStock  int64
	// MemberLimit is nil for no limit.
	MemberLimit                *int
	ClaimStartsAt, ClaimEndsAt time.Time
	ValidityKind               enum.ValidityKind
	ValidFrom, ValidUntil      *time.Time
	ValidDays, DelayDays       *int
	IdempotencyKey             string
}

// check brings the input into the form in which it is kept and refuses what is out of bounds or contradicts itself.
func (in *CreateInput) check() error {
	in.Name, in.Description = strings.TrimSpace(in.Name), strings.TrimSpace(in.Description)
	in.ScopeOrgIDs = distinct(in.ScopeOrgIDs)
	for _, t := range []*time.Time{&in.ClaimStartsAt, &in.ClaimEndsAt, in.ValidFrom, in.ValidUntil} {
		if t != nil {
			*t = t.UTC().Truncate(time.Microsecond)
		}
	}
	switch {
	case in.Name == "" || !isText(in.Name, 64, false):
		return invalid("name", "1–64")
	case !isText(in.Description, 512, true):
		return invalid("description", "0–512")
	case in.Amount < 1 || in.Amount > maxAmount:
		return invalid("amount", "1–10000000")
	case in.Threshold < 0 || in.Threshold > maxThreshold:
		return invalid("threshold", "0–100000000")
	case len(in.ScopeOrgIDs) > maxScopeOrgs:
		return invalid("scopeOrgIds", "0–100")
	case in.TotalStock < 1 || in.TotalStock > maxStock:
		return invalid("totalStock", "1–100000000")
	case in.MemberLimit != nil && (*in.MemberLimit < 1 || *in.MemberLimit > maxMemberLimit):
		return invalid("memberLimit", "1–1000")
	case outOfTime(&in.ClaimStartsAt):
		return invalid("claimStartsAt", "2020–2099")
	case outOfTime(&in.ClaimEndsAt):
		return invalid("claimEndsAt", "2020–2099")
	case !in.ClaimStartsAt.Before(in.ClaimEndsAt):
		return contradicts("claimEndsAt", "claimEndsAt ≤ claimStartsAt")
	}
	switch in.ValidityKind {
	case enum.ValidityFixed:
		return in.checkFixed()
	case enum.ValidityAfterClaim:
		return in.checkAfterClaim()
	}
	return invalid("validityKind", "FIXED, AFTER_CLAIM")
}

func (in *CreateInput) checkFixed() error {
	switch {
	case in.ValidFrom == nil:
		return contradicts("validFrom", "FIXED: validFrom")
	case in.ValidUntil == nil:
		return contradicts("validUntil", "FIXED: validUntil")
	case in.ValidDays != nil:
		return contradicts("validDays", "FIXED: validDays")
	case in.DelayDays != nil:
		return contradicts("delayDays", "FIXED: delayDays")
	case outOfTime(in.ValidFrom):
		return invalid("validFrom", "2020–2099")
	case outOfTime(in.ValidUntil):
		return invalid("validUntil", "2020–2099")
	case !in.ValidFrom.Before(*in.ValidUntil):
		return contradicts("validUntil", "validUntil ≤ validFrom")
	case in.ValidUntil.Before(in.ClaimEndsAt):
		return contradicts("validUntil", "validUntil < claimEndsAt")
	}
	return nil
}

func (in *CreateInput) checkAfterClaim() error {
	switch {
	case in.ValidFrom != nil:
		return contradicts("validFrom", "AFTER_CLAIM: validFrom")
	case in.ValidUntil != nil:
		return contradicts("validUntil", "AFTER_CLAIM: validUntil")
	case in.ValidDays == nil:
		return contradicts("validDays", "AFTER_CLAIM: validDays")
	case *in.ValidDays < 1 || *in.ValidDays > maxValidDays:
		return invalid("validDays", "1–3650")
	case in.DelayDays != nil && (*in.DelayDays < 0 || *in.DelayDays > maxDelayDays):
		return invalid("delayDays", "0–365")
	}
	return nil
}

// checkReason trims a reason and refuses an empty one where one is needed.
func checkReason(reason *string, needed bool) error {
	*reason = strings.TrimSpace(*reason)
	switch {
	case needed && *reason == "":
		return apperr.New(apperr.ReasonRequired).At("input", "reason")
	case !isText(*reason, maxReason, true):
		return invalid("reason", "0–255")
	}
	return nil
}

// isText says whether the text has at most so many characters and no control characters, apart from line breaks where they are allowed.
func isText(text string, most int, breaks bool) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && !(breaks && r == '\n')
	})
}

func outOfTime(t *time.Time) bool { return t.Before(earliest) || !t.Before(latest) }

func invalid(field, reason string) error {
	return apperr.New(apperr.InvalidInput, "field", field, "reason", reason).At("input", field)
}

func contradicts(field, reason string) error {
	return apperr.New(apperr.TemplateInvalid, "reason", reason).At("input", field)
}
