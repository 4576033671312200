package redemption

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/go-redis/redis_rate/v10"

	"dongxiao/auth"
	"dongxiao/domain/membercode"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
)

// Shown is how a member shows who is there: a rotating code, or, where the phone is dead, what is known by heart or was written down.
type Shown struct {
	// MemberCode has the digits of a rotating code.
	MemberCode string
	// Typed is used where there is no code.
	Typed *Typed
}

// Typed is a coupon's own code with the last digits of the member's phone number. It names the coupon and redeems that one only, and marks the redemption for review.
type Typed struct {
	// CouponCode has 12 characters of Crockford's base 32; small letters and blanks are forgiven.
	CouponCode string
	// PhoneTail has the last 4 digits.
	PhoneTail string
}

// Limits of typed codes. A code that somebody saw would be found with one in 10,000 phone tails; at these rates that takes months, at one store, under
// clerks' own names.
var (
	// typedByClerk is for all that one clerk types.
	typedByClerk = redis_rate.Limit{Rate: 10, Burst: 10, Period: 10 * time.Minute}
	// typedAtStore is for all that is typed at one store.
	typedAtStore = redis_rate.Limit{Rate: 30, Burst: 30, Period: 10 * time.Minute}
	// typedOfCode is for what is typed with one coupon code anywhere in the brand.
	typedOfCode = redis_rate.Limit{Rate: 5, Burst: 5, Period: time.Hour}
)

// clean brings a typed code into the form in which it is kept; false where it has none.
func (t Typed) clean() (Typed, bool) {
	t.CouponCode = strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(t.CouponCode), " ", ""))
	of := func(text string, n int, letters string) bool {
		return len(text) == n && strings.Trim(text, letters) == ""
	}
	return t, of(t.CouponCode, 12, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") && of(t.PhoneTail, 4, "0123456789")
}

// allow counts one typed code, right or wrong, before anything is looked up. RATE_LIMITED with the seconds to wait, UNAVAILABLE where it cannot be counted.
func (s *Service) allow(ctx context.Context, t Typed, storeID int64) error {
	v := auth.FromContext(ctx)
	sum := sha256.Sum256([]byte(t.CouponCode))
	for _, limited := range []struct {
		name  string
		of    any
		limit redis_rate.Limit
	}{{"clerk", v.PersonID, typedByClerk}, {"store", storeID, typedAtStore}, {"code", hex.EncodeToString(sum[:]), typedOfCode}} {
		result, err := s.limiter.Allow(ctx, limitKey(v.BrandID, limited.name, limited.of), limited.limit)
		if err != nil {
			return apperr.New(apperr.Unavailable).Because(err)
		}
		if result.Allowed == 0 {
			return apperr.New(apperr.RateLimited, "seconds", int(math.Ceil(result.RetryAfter.Seconds())))
		}
	}
	return nil
}

// invalidTyped is the one answer to a wrong code and to wrong digits.
func invalidTyped() error { return apperr.New(apperr.CouponCodeInvalid).At("input", "typed") }

// byCode finds the coupon of a typed code whose member has the phone number, with one statement, whichever of the two is wrong; COUPON_CODE_INVALID. ctx
// reaches the whole brand.
func (s *Service) byCode(ctx context.Context, t Typed) (*ent.Coupon, error) {
	brandID := auth.FromContext(ctx).BrandID
	row, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.Code(t.CouponCode), func(q *sql.Selector) {
		m, p := sql.Table(member.Table), sql.Table(person.Table)
		q.Where(sql.In(q.C(coupon.FieldMemberID), sql.Select(m.C(member.FieldID)).From(m).Join(p).On(m.C(member.FieldPersonID), p.C(person.FieldID)).
			Where(sql.And(sql.EQ(m.C(member.FieldBrandID), brandID), sql.EQ(p.C(person.FieldBrandID), brandID), sql.EQ(p.C(person.FieldPhoneTail), t.PhoneTail)))))
	}).Only(ctx)
	if ent.IsNotFound(err) {
		err = invalidTyped()
	}
	return row, err
}

// verify reads a rotating code of the viewer's brand; MEMBER_CODE_INVALID or MEMBER_CODE_EXPIRED.
func (s *Service) verify(ctx context.Context, digits string) (memberNumber int64, nonceKey string, err error) {
	codec, err := membercode.New(s.Keyring.Ring().Secrets(keys.MemberCode, auth.FromContext(ctx).BrandID))
	if err != nil {
		return 0, "", err
	}
	number, key, err := codec.Verify(digits, membercode.Redeem, s.Clock.Now())
	return number, key, apperr.OfInput(err, "memberCode")
}

// identified is whom a member showed to be.
type identified struct {
	member *ent.Member
	// nonceKey is the rotating code's own name; empty where a coupon's code was typed.
	nonceKey string
	// coupon is what a typed code names; nil for a rotating code.
	coupon *ent.Coupon
}

// identify finds the member behind what was shown, and locks the row where that is asked for: it stays as it is until the commit, so that the member is not frozen
// meanwhile and its benefits are redeemed one after the other. Refusals: MEMBER_CODE_INVALID, MEMBER_CODE_EXPIRED, COUPON_CODE_INVALID, MEMBER_FROZEN,
// MEMBER_CANCELLED. ctx reaches the whole brand.
func (s *Service) identify(ctx context.Context, shown Shown, lock bool) (w identified, err error) {
	query := s.Store.Client(ctx).Member.Query()
	if shown.Typed == nil {
		var number int64
		if number, w.nonceKey, err = s.verify(ctx, shown.MemberCode); err != nil {
			return w, err
		}
		query.Where(member.Number(number))
	} else {
		if w.coupon, err = s.byCode(ctx, *shown.Typed); err != nil {
			return w, err
		}
		query.Where(member.ID(w.coupon.MemberID))
	}
	if lock {
		query = store.Locked(s.Store, query)
	}
	m, err := query.Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return w, apperr.New(apperr.MemberCodeInvalid).At("input", "memberCode")
	case err != nil:
		return w, err
	case m.State == enum.MemberFrozen:
		return w, apperr.New(apperr.MemberFrozen)
	case m.State == enum.MemberCancelled:
		return w, apperr.New(apperr.MemberCancelled)
	}
	w.member = m
	return w, nil
}
