package member

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/identity"
	"dongxiao/domain/membercode"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/keys"
)

// maxFound is how many members a look-up shows; who has more namesakes asks for the member code.
const maxFound = 20

// Code is a rotating member code as a client shows it.
type Code struct {
	Digits string
	// RefreshAt is when to ask for the next one; this one passes a little longer.
	RefreshAt time.Time
}

// CodeIssue makes a rotating code of the viewer's membership. It changes nothing. It refuses with MEMBER_FROZEN and MEMBER_CANCELLED.
func (s *Service) CodeIssue(ctx context.Context, purpose membercode.Purpose) (Code, error) {
	m, err := s.ownTaking(ctx)
	if err != nil {
		return Code{}, err
	}
	codec, err := s.codec(m.BrandID)
	if err != nil {
		return Code{}, err
	}
	now := s.Clock.Now()
	code, err := codec.Issue(m.Number, purpose, now)
	return Code{Digits: code.Digits, RefreshAt: now.Add(membercode.Window)}, err
}

func (s *Service) codec(brandID int64) (*membercode.Codec, error) {
	return membercode.New(s.Keyring.Ring().Secrets(keys.MemberCode, brandID))
}

// LookUp finds members by exactly one of the two: LookUpByCode or LookUpByPhone. With none or both it refuses with INVALID_INPUT.
func (s *Service) LookUp(ctx context.Context, code, phoneTail *string) ([]*ent.Member, error) {
	switch {
	case code != nil && phoneTail == nil:
		m, err := s.LookUpByCode(ctx, *code)
		if err != nil {
			return nil, err
		}
		return []*ent.Member{m}, nil
	case phoneTail != nil && code == nil:
		return s.LookUpByPhone(ctx, *phoneTail)
	}
	return nil, apperr.Invalid("code", "code | phoneTail")
}

// LookUpByCode finds the member who shows the code, made to be looked up or to redeem, anywhere in the brand: who shows it wants to be known. Staff with
// LOOK_UP_MEMBERS call it. It refuses with MEMBER_CODE_INVALID, also for a membership that was cancelled, and MEMBER_CODE_EXPIRED.
func (s *Service) LookUpByCode(ctx context.Context, digits string) (*ent.Member, error) {
	v := auth.FromContext(ctx)
	if !v.Can(auth.LookUpMembers) {
		return nil, apperr.New(apperr.NotFound)
	}
	codec, err := s.codec(v.BrandID)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	number, _, err := codec.Verify(digits, membercode.LookUp, now)
	if apperr.CodeOf(err) == apperr.MemberCodeInvalid {
		number, _, err = codec.Verify(digits, membercode.Redeem, now)
	}
	if refusal, ok := err.(*apperr.Error); ok {
		return nil, refusal.At("input", "code")
	}
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	m, err := s.Store.Client(ctx).Member.Query().Where(member.Number(number), member.StateNEQ(enum.MemberCancelled)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.MemberCodeInvalid).At("input", "code")
	}
	return m, err
}

// LookUpByPhone finds the members in the viewer's scope whose phone ends in the four digits, at most 20, oldest first. Staff with LOOK_UP_MEMBERS
// call it. Because it shows people who are not there, each look-up is written into the audit log: who asked for which digits and how many
// were shown. It refuses with INVALID_INPUT.
func (s *Service) LookUpByPhone(ctx context.Context, tail string) ([]*ent.Member, error) {
	if !fourDigits(tail) {
		return nil, apperr.Invalid("phoneTail", "0000–9999")
	}
	orgIDs := auth.FromContext(ctx).OrgsWith(auth.LookUpMembers)
	scope, err := s.scope(ctx, auth.LookUpMembers)
	if err != nil || len(orgIDs) == 0 {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	brandID := auth.FromContext(ctx).BrandID
	found, err := s.Store.Client(ctx).Member.Query().Where(member.StateNEQ(enum.MemberCancelled), scope, func(s *sql.Selector) {
		p := sql.Table(person.Table)
		s.Where(sql.In(s.C(member.FieldPersonID), sql.Select(p.C(person.FieldID)).From(p).Where(sql.And(
			sql.EQ(p.C(person.FieldBrandID), brandID), sql.EQ(p.C(person.FieldPhoneTail), tail)))))
	}).Order(ent.Asc(member.FieldID)).Limit(maxFound).All(ctx)
	if err != nil {
		return nil, err
	}
	return found, s.recordAt(ctx, audit.Change{OrgID: orgIDs[0], Action: "memberLookup", Subject: ids.ID{Kind: ids.Org, Value: orgIDs[0]},
		After: map[string]any{"phoneTail": tail, "found": len(found)}})
}

// Named finds the members of the brand that have these phones (11 digits, or + and the country's code before others) and membership numbers (fewer digits), each
// once, in no order; who left is not found. Services of other domains call it with at most some thousand names and see to the scope.
func (s *Service) Named(ctx context.Context, names []string) ([]int64, error) {
	const phoneDigits, atOnce = 11, 500
	ctx = auth.WithinBrand(ctx)
	ring, brandID := s.Keyring.Ring(), auth.FromContext(ctx).BrandID
	client := s.Store.Client(ctx)
	found := map[int64]bool{}
	for some := range slices.Chunk(names, atOnce) {
		var hashes []string
		var numbers []int64
		for _, name := range some {
			if number, err := strconv.ParseInt(name, 10, 64); err == nil && len(name) < phoneDigits && name[0] != '+' {
				numbers = append(numbers, number)
				continue
			}
			hashes = append(hashes, identity.PhoneHash(ring, brandID, name))
		}
		persons, err := client.Person.Query().Where(person.PhoneHashIn(hashes...)).IDs(ctx)
		if err != nil {
			return nil, err
		}
		members, err := client.Member.Query().Where(member.Or(member.NumberIn(numbers...), member.PersonIDIn(persons...)), member.StateNEQ(enum.MemberCancelled)).IDs(ctx)
		if err != nil {
			return nil, err
		}
		for _, id := range members {
			found[id] = true
		}
	}
	return slices.Collect(maps.Keys(found)), nil
}

func fourDigits(s string) bool {
	if len(s) != 4 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
