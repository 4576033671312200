package coupon

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/ent/predicate"
	"dongxiao/internal/apperr"
	"dongxiao/internal/batch"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/store"
)

// lane is what claims queue for: the stock of one template is one hot row.
type lane struct{ brandID, templateID int64 }

// claim is one member's wish for one coupon; the key makes it one coupon, however often it is asked for.
type claim struct {
	memberID int64
	key      string
}

// Claimed is the coupon of a claim.
type Claimed struct {
	*ent.Coupon
	// Template is the template as the claim left it, where it was read anyway; otherwise nil.
	Template *ent.CouponTemplate
}

// commitAttempts is how often a batch is committed that found its own reads out of date.
const commitAttempts = 3

// errStale says that the rows were not any more what the batch had read, which happens only on databases whose plain reads look at the
// transaction's start in spite of a lock taken since (TiDB). Nothing has happened, and another attempt reads anew.
var errStale = errors.New("the stock or a limit changed under the batch")

// Claim gives the viewer a coupon of the template. It is for members. Coupon, stock and limits change together or not at all. A repeat with the same
// key gets the first coupon in its present state, also after sell-out. Refusals: NOT_FOUND, TEMPLATE_NOT_ACTIVE, CLAIM_NOT_OPEN, CLAIM_ENDED,
// MEMBER_FROZEN, MEMBER_CANCELLED, LIMIT_REACHED, OUT_OF_STOCK, BUDGET_EXHAUSTED, IDEMPOTENCY_KEY_REUSED (with another template), IDEMPOTENCY_KEY_INVALID,
// UNAVAILABLE (too many wait; the key tells whether it happened). For a moment after a sell-out OUT_OF_STOCK comes before the other refusals.
//
// Rows are locked in the order template, members (sorted), limit counters (sorted), coupons (sorted). The members' rows stay as they are until the commit, so
// that nobody who leaves or is frozen meanwhile keeps a coupon that the leaving could not see.
func (s *Service) Claim(ctx context.Context, templateID int64, key string) (*Claimed, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	if err := idempotency.CheckKey(key); err != nil {
		return nil, err
	}
	if templateID == 0 {
		return nil, apperr.New(apperr.NotFound).At("input", "templateId")
	}
	c := claim{v.MemberID, key}
	if s.soldOut.marked(ctx, templateID) {
		first, err := s.first(auth.WithinBrand(ctx), []claim{c})
		switch {
		case err != nil:
			return nil, err
		case first[c] == nil:
			return nil, apperr.New(apperr.OutOfStock)
		case first[c].TemplateID != templateID:
			return nil, apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
		}
		return &Claimed{Coupon: first[c]}, nil
	}
	claimed, err := s.claims.Do(ctx, lane{v.BrandID, templateID}, c)
	if apperr.CodeOf(err) == apperr.NotFound {
		err = apperr.OfInput(err, "templateId")
	}
	return claimed, err
}

// commit answers one batch of claims for one template in one transaction of at most six statements.
func (s *Service) commit(ctx context.Context, l lane, claims []claim) (results []batch.Result[*Claimed], err error) {
	ctx = auth.System(ctx, l.brandID)
	if _, err := s.zone(ctx, l.brandID); err != nil { // kept for the transaction, which reads the template first
		return nil, err
	}
	for range commitAttempts {
		var left int64
		err = s.Store.WithTx(ctx, func(ctx context.Context) (err error) {
			results, left, err = s.attempt(ctx, l, claims)
			return err
		})
		if err == nil && left == 0 {
			s.soldOut.mark(ctx, l.templateID)
		}
		// A batch of several is tried again in halves, which finds the one whose key was taken meanwhile; alone, it reads what took it.
		if !errors.Is(err, errStale) && (len(claims) > 1 || !store.IsAnyDuplicate(err)) {
			break
		}
	}
	if err != nil && ctx.Err() != nil { // out of time, or the server stops
		err = apperr.New(apperr.Unavailable).Because(err)
	}
	return results, err
}

// attempt is the transaction of commit. It tells how many coupons are left, -1 where the template was not looked at.
func (s *Service) attempt(ctx context.Context, l lane, claims []claim) ([]batch.Result[*Claimed], int64, error) {
	b, err := s.openBook(ctx, l.templateID, claims, ways[enum.SourceClaim])
	if err != nil {
		return nil, -1, err
	}
	results := make([]batch.Result[*Claimed], len(claims))
	for i, c := range claims {
		row, err := b.decide(c)
		if results[i].Err = err; err == nil {
			results[i].Value = &Claimed{row, b.template}
		}
	}
	if b.template == nil {
		return results, -1, nil
	}
	err = s.write(ctx, b)
	return results, b.template.StockLeft, err
}

// first reads the coupons that the claims' keys have got already, of whatever template. ctx reaches the whole brand.
func (s *Service) first(ctx context.Context, claims []claim) (map[claim]*ent.Coupon, error) {
	sorted := slices.Clone(claims)
	slices.SortFunc(sorted, claim.compare)
	var keys []predicate.Coupon
	for _, c := range slices.Compact(sorted) {
		keys = append(keys, coupon.And(coupon.MemberID(c.memberID), coupon.ClaimKey(c.key)))
	}
	rows, err := s.Store.Client(ctx).Coupon.Query().Where(coupon.Or(keys...)).All(ctx)
	if err != nil {
		return nil, err
	}
	first := make(map[claim]*ent.Coupon, len(rows))
	for _, row := range rows {
		first[claim{row.MemberID, row.ClaimKey}] = row
	}
	return first, nil
}

// codeLetters are Crockford's base 32: nothing that is misread or spells a word.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode draws the code of a coupon: 60 bits that nobody can guess, as 12 characters that a clerk can type.
func NewCode() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // It never fails.
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b[:])
}

// MaskCode hides all of a code but its end, for whoever does not own the coupon.
func MaskCode(code string) string {
	visible := min(4, len(code)/2)
	return strings.Repeat("*", len(code)-visible) + code[len(code)-visible:]
}
