package graph

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/member"
	"dongxiao/ent"
)

// staffPhone is the masked phone of a colleague or of an invitation; null for viewers who may not read staff, such as the member whose coupon
// this person redeemed.
func (r *Resolver) staffPhone(ctx context.Context, s *ent.Staff) (*string, error) {
	v := auth.FromContext(ctx)
	own := s.PersonID != nil && *s.PersonID == v.PersonID
	switch {
	case !own && !v.Can(auth.ReadStaff):
		return nil, nil
	case s.PersonID == nil && s.InvitedPhoneTail != "":
		return new("****" + s.InvitedPhoneTail), nil
	case s.PersonID == nil:
		return nil, nil
	}
	person, err := reference(ctx, load(ctx).person, s, func(o *ent.Staff) *int64 { return o.PersonID })
	if err != nil {
		return nil, err
	}
	phone, err := r.Identity.Phone(person)
	if phone == "" {
		return nil, err
	}
	return new(member.MaskPhone(phone)), nil
}
