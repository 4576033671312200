package member

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
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
