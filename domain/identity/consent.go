package identity

import (
	"context"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/consent"
	"dongxiao/ent/enum"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
)

const maxConsentVersion = 32

// Decision is what a person says about one document.
type Decision struct {
	Kind    enum.ConsentKind
	Version string
	Granted bool
}

// DecideConsent writes the viewer's decision down and gives its row; one that says what the last one said gives that one. Refusal: INVALID_INPUT.
func (s *Service) DecideConsent(ctx context.Context, d Decision) (*ent.Consent, error) {
	if n := utf8.RuneCountInString(d.Version); n < 1 || n > maxConsentVersion {
		return nil, apperr.Invalid("version", "1 – 32 characters / 1 至 32 个字")
	}
	v := auth.FromContext(ctx)
	client := s.Store.Client(ctx)
	last, err := client.Consent.Query().Where(consent.PersonID(v.PersonID), consent.KindEQ(d.Kind)).Order(ent.Desc(consent.FieldID)).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, err
	}
	if last != nil && last.Version == d.Version && last.Granted == d.Granted {
		return last, nil
	}
	return client.Consent.Create().SetPersonID(v.PersonID).SetKind(d.Kind).SetVersion(d.Version).SetGranted(d.Granted).SetAppID(v.AppID).Save(ctx)
}

// Consents lists the viewer's latest decision of each kind.
func (s *Service) Consents(ctx context.Context) ([]*ent.Consent, error) {
	v := auth.FromContext(ctx)
	return s.Store.Client(ctx).Consent.Query().Where(consent.PersonID(v.PersonID), func(q *sql.Selector) {
		t := sql.Table(consent.Table)
		q.Where(sql.In(q.C(consent.FieldID), sql.Select(sql.Max(t.C(consent.FieldID))).From(t).
			Where(sql.And(sql.EQ(t.C(consent.FieldBrandID), v.BrandID), sql.EQ(t.C(consent.FieldPersonID), v.PersonID))).GroupBy(t.C(consent.FieldKind))))
	}).Order(consent.ByKind()).All(ctx)
}

// Roles lists the viewer's active roles in the scope of the app signed in to, as they are now.
func (s *Service) Roles(ctx context.Context) ([]*ent.Staff, error) {
	v := auth.FromContext(ctx)
	if v.Reach != auth.ReachStaff || len(v.Assignments) == 0 {
		return []*ent.Staff{}, nil
	}
	return s.Store.Client(ctx).Staff.Query().Where(staff.PersonID(v.PersonID), staff.StateEQ(enum.StaffActive), staff.OrgIDIn(v.OrgIDs()...)).
		Order(staff.ByID()).Limit(maxAssignments).All(ctx)
}
