// Package membercode makes and reads the rotating member code (会员码): 20 digits that a member shows at the till, as a barcode or a QR code.
//
// A code is
//
//	9   the prefix: no payment code begins so (WeChat Pay 10-15, Alipay 25-30, UnionPay 62, digital yuan 01)
//	w   the last digit of the minute in which it was made
//	18  digits: member number (10), nonce (3) and five zeros, run together through a keyed permutation of all numbers of 18 digits
//
// The permutation is FF1 (see permutation) under the brand's secret, tweaked by purpose and minute: a keyed hash and a cipher in one. It hides
// the number, so that a code tells nothing and two codes of one member cannot be linked; in one minute no two members, and no two nonces of
// a member, have the same code, because it is a permutation; and the five zeros are the check: whatever is made without the secret comes out random.
//
// How hard is forging? The digit w leaves one minute to try, so a guess finds the zeros in one of 100,000 cases, and then a member number of ten
// digits at random, which must exist: with a million members one guess in a thousand million hits anybody (30 bits), and one in 10^15 hits
// a certain member (50 bits). Guessing needs a clerk's token and is limited by what one person may cost in a minute: at the 140 guesses a second that this leaves
// it takes 80 days without a pause to hit one member, whose coupons the clerk could then redeem at the clerk's own store, under the clerk's own name, in the two
// minutes that the code lives. Digits are dear on a barcode, so this is where it stops.
//
// A code passes in its minute and in the next: it lives 60 to 120 seconds. That it passes once is not decided here but by a unique row of
// its nonce key, written by the confirmation.
package membercode

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"dongxiao/internal/apperr"
)

// Purpose is what a code may be used for; a code of one purpose is invalid for the others.
type Purpose string

// The purposes.
const (
	Redeem Purpose = "REDEEM" // redeem coupons
	Pay    Purpose = "PAY"    // pay from stored value
	LookUp Purpose = "LOOKUP" // show the clerk who the member is
)

// Valid says whether the purpose exists.
func (p Purpose) Valid() bool { return p == Redeem || p == Pay || p == LookUp }

const (
	// Window is the time after which a new code begins.
	Window = time.Minute
	// Length is the number of digits.
	Length = 20
	// MaxMemberNumber is the largest member number that a code can carry.
	MaxMemberNumber = 9_999_999_999

	prefix         = '9'
	acceptedAge    = 1  // in windows: the present one and the last
	windowCycle    = 10 // windows that the digit w tells apart
	permutedDigits = Length - 2
	nonces         = 1000
	generations    = 4 // of a wallet that the nonce of a pay code tells apart
	check          = 100_000
)

// Code is a code as it is shown.
type Code struct {
	// Digits are 20 decimal digits, secret until used: never logged.
	Digits string
	// ExpiresAt is when it stops to pass, 60 to 120 seconds after it was made. Ask for the next one a minute after it was made at the latest.
	ExpiresAt time.Time
	// NonceKey is what Verify gives for it.
	NonceKey string
}

// Codec makes and reads the codes of one brand. It is safe for concurrent use.
type Codec struct {
	permutations []*permutation
}

// New makes the Codec of a brand from keys.Ring.Secrets(keys.MemberCode, brandID): the first secret makes codes, all of them read. Each has 32
// bytes, and there is at least one.
func New(secrets [][]byte) (*Codec, error) {
	if len(secrets) == 0 {
		return nil, errors.New("membercode: no secret")
	}
	c := &Codec{}
	for _, secret := range secrets {
		if len(secret) != 32 {
			return nil, fmt.Errorf("membercode: a secret of %d bytes instead of 32", len(secret))
		}
		p, err := newPermutation(secret, permutedDigits)
		if err != nil {
			return nil, err
		}
		c.permutations = append(c.permutations, p)
	}
	return c, nil
}

// Issue makes a new code to redeem or to be looked up. Each call draws a nonce, so a member whose code was used gets another one in the same minute. An error is a fault of the
// caller: a member number outside 1 to MaxMemberNumber, or an unknown purpose.
func (c *Codec) Issue(memberNumber int64, purpose Purpose, now time.Time) (Code, error) {
	return c.issue(memberNumber, purpose, 0, nonces, now)
}

// IssuePay makes a new code to pay with, bound to the generation of the member's wallet: a wallet that is issued anew has the next generation, and
// VerifyPay tells that older codes are not of it.
func (c *Codec) IssuePay(memberNumber int64, generation int, now time.Time) (Code, error) {
	const each = nonces / generations
	return c.issue(memberNumber, Pay, uint64(generation%generations)*each, each, now)
}

// issue draws a nonce of so many, from the first.
func (c *Codec) issue(memberNumber int64, purpose Purpose, first uint64, count int64, now time.Time) (Code, error) {
	if memberNumber < 1 || memberNumber > MaxMemberNumber || !purpose.Valid() {
		return Code{}, fmt.Errorf("membercode: no code for member number %d and purpose %q", memberNumber, purpose)
	}
	drawn, err := rand.Int(rand.Reader, big.NewInt(count))
	if err != nil {
		return Code{}, err
	}
	nonce, window := first+drawn.Uint64(), windowOf(now)
	permuted := c.permutations[0].encrypt((uint64(memberNumber)*nonces+nonce)*check, tweak(purpose, window))
	return Code{
		Digits:    fmt.Sprintf("%c%d%0*d", prefix, window%windowCycle, permutedDigits, permuted),
		ExpiresAt: time.Unix((window+acceptedAge+1)*int64(Window/time.Second), 0).UTC(),
		NonceKey:  nonceKey(memberNumber, purpose, window, nonce),
	}, nil
}

// Verify finds the member number behind a code of this purpose. The nonce key is the code's own name, at most 48 letters and unique in the brand: who
// consumes the code writes it into a unique row. The caller checks that the member exists, and answers MEMBER_CODE_INVALID where it does not.
//
// The error is MEMBER_CODE_EXPIRED for a genuine code that is two to nine windows old, and MEMBER_CODE_INVALID for everything else.
func (c *Codec) Verify(digits string, purpose Purpose, now time.Time) (memberNumber int64, key string, err error) {
	memberNumber, key, _, err = c.verify(digits, purpose, now)
	return memberNumber, key, err
}

// PayCode is a genuine code to pay with.
type PayCode struct {
	MemberNumber int64
	// NonceKey is as Verify gives it.
	NonceKey string

	nonce uint64
}

// Of says whether the code was made for this generation of the member's wallet. Four generations are told apart, in the two minutes that a code lives.
func (p PayCode) Of(generation int) bool {
	return p.nonce/(nonces/generations) == uint64(generation%generations)
}

// VerifyPay is Verify for a code to pay with, with the same errors.
func (c *Codec) VerifyPay(digits string, now time.Time) (PayCode, error) {
	number, key, nonce, err := c.verify(digits, Pay, now)
	return PayCode{number, key, nonce}, err
}

func (c *Codec) verify(digits string, purpose Purpose, now time.Time) (memberNumber int64, key string, nonce uint64, err error) {
	if len(digits) != Length || digits[0] != prefix || !purpose.Valid() {
		return 0, "", 0, apperr.New(apperr.MemberCodeInvalid)
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, "", 0, apperr.New(apperr.MemberCodeInvalid)
		}
	}
	permuted, err := strconv.ParseUint(digits[2:], 10, 64)
	if err != nil {
		return 0, "", 0, apperr.New(apperr.MemberCodeInvalid)
	}
	age := (windowOf(now) - int64(digits[1]-'0') + windowCycle) % windowCycle
	window := windowOf(now) - age
	for _, p := range c.permutations {
		plain := p.decrypt(permuted, tweak(purpose, window))
		number, nonce := int64(plain/(nonces*check)), plain/check%nonces
		if plain%check != 0 || number == 0 {
			continue
		}
		if age > acceptedAge {
			return 0, "", 0, apperr.New(apperr.MemberCodeExpired)
		}
		return number, nonceKey(number, purpose, window, nonce), nonce, nil
	}
	return 0, "", 0, apperr.New(apperr.MemberCodeInvalid)
}

// windowOf numbers the minutes since 1970; windows are [start, end).
func windowOf(now time.Time) int64 { return now.Unix() / int64(Window/time.Second) }

func tweak(purpose Purpose, window int64) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 16), uint64(window)), purpose...)
}

func nonceKey(memberNumber int64, purpose Purpose, window int64, nonce uint64) string {
	return fmt.Sprintf("%s-%d-%d-%03d", purpose, memberNumber, window, nonce)
}
