package member

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/consent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/redemption"
	"dongxiao/ent/session"
)

// maxCopied bounds each list of a copy.
const maxCopied = 1000

// PersonalData is a copy of what the brand keeps about a person (PIPL, article 45). The lists are sorted from old to new and end at 1,000 rows.
type PersonalData struct {
	Person      *ent.Person
	Member      *ent.Member
	Consents    []*ent.Consent
	Sessions    []*ent.Session
	Coupons     []*ent.Coupon
	Redemptions []*ent.Redemption
	MadeAt      time.Time
}

// Copy makes the copy for the viewer itself, of what the data layer says is its own. A frozen member gets it as well. It refuses with NOT_FOUND for a viewer who
// is no member.
func (s *Service) Copy(ctx context.Context) (*PersonalData, error) {
	client, v := s.Store.Client(ctx), auth.FromContext(ctx)
	m, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	c := &PersonalData{Member: m, MadeAt: s.Clock.Now()}
	if c.Person, err = client.Person.Get(ctx, m.PersonID); err != nil {
		return nil, err
	}
	if c.Consents, err = client.Consent.Query().Where(consent.PersonID(m.PersonID)).Order(ent.Asc(consent.FieldID)).Limit(maxCopied).All(ctx); err != nil {
		return nil, err
	}
	if c.Sessions, err = client.Session.Query().Where(session.PersonID(m.PersonID), session.RevokedAtIsNil(), session.ExpiresAtGT(c.MadeAt)).
		Order(ent.Asc(session.FieldID)).Limit(maxCopied).All(ctx); err != nil {
		return nil, err
	}
	if c.Coupons, err = client.Coupon.Query().Where(coupon.MemberID(v.MemberID)).Order(ent.Asc(coupon.FieldID)).Limit(maxCopied).All(ctx); err != nil {
		return nil, err
	}
	c.Redemptions, err = client.Redemption.Query().Where(redemption.MemberID(v.MemberID)).Order(ent.Asc(redemption.FieldID)).Limit(maxCopied).All(ctx)
	return c, err
}
