package member

import (
	"context"
	"strconv"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/identity"
	"dongxiao/ent/member"
	"dongxiao/ent/membertag"
	"dongxiao/ent/person"
	"dongxiao/ent/session"
	"dongxiao/ent/staff"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
)

// erasedReason is why the sessions of an erased person ended.
const erasedReason = "ERASED"

// Leaver has things of members that must be given up before one leaves. Domains that keep value implement it, and app registers them.
type Leaver interface {
	// Leave ends what the members have, inside the transaction that erases them and holds their rows, or refuses, and with it the erasure.
	Leave(ctx context.Context, memberIDs []int64) error
}

// OnLeave makes Erase ask the leaver. It is called while the program is put together.
func (s *Service) OnLeave(l Leaver) { s.leavers = append(s.leavers, l) }

// EraseOwn is Erase for the viewer itself, who types the membership number to confirm. A frozen member may leave as well. It refuses with INVALID_INPUT for
// another number and with NOT_FOUND for a viewer who is no member.
func (s *Service) EraseOwn(ctx context.Context, number string) error {
	m, err := s.own(ctx)
	if err != nil {
		return err
	}
	if number != strconv.FormatInt(m.Number, 10) {
		return apperr.Invalid("number", "≠")
	}
	return s.Erase(ctx, m.PersonID)
}

// Erase removes the personal data of a person and ends the membership (注销), in one transaction; to erase again changes nothing. What is emptied: names,
// picture, gender, birthday, phone, openid, unionid, session key, names of devices, tags, home store and guide, names in staff roles. What ends: tokens and
// sessions, staff roles and invitations to the phone, open coupons. What stays is the books (coupons, redemptions, counters, consents, audit log), which name
// the person by number only, and keyed hashes of phone and openid, by which limits per person go on if the human comes back. The person itself calls it through
// EraseOwn, and WeChat's push when an authorisation is withdrawn. It refuses with NOT_FOUND, and with what a Leaver refuses: WALLET_NOT_EMPTY while stored value is left.
func (s *Service) Erase(ctx context.Context, personID int64) error {
	ctx = auth.WithinBrand(ctx)
	return s.Store.WithTx(ctx, func(ctx context.Context) error {
		client := s.Store.Client(ctx)
		now := s.Clock.Now()
		// The former hash is kept first, in a statement of its own: MySQL sees the columns that a statement has already set.
		n, err := client.Person.Update().Where(person.ID(personID), person.StateNEQ(enum.PersonErased)).
			SetState(enum.PersonErased).SetErasedAt(now).AddEpoch(1).SetNickname("").SetAvatarURL("").SetGender("").SetBirthday("").
			Modify(keep(person.FieldFormerPhoneHash, person.FieldPhoneHash)).Save(ctx)
		if err != nil {
			return err
		}
		p, err := client.Person.Get(ctx, personID)
		if ent.IsNotFound(err) {
			return apperr.New(apperr.NotFound)
		}
		if err != nil || n == 0 {
			return err
		}
		if err := client.Person.Update().Where(person.ID(personID)).ClearPhoneSealed().ClearPhoneHash().ClearPhoneTail().Exec(ctx); err != nil {
			return err
		}
		if err := s.endMembership(ctx, personID); err != nil {
			return err
		}
		if err := s.forgetIdentities(ctx, personID); err != nil {
			return err
		}
		if err := s.endRoles(ctx, p); err != nil {
			return err
		}
		return s.recordAt(ctx, audit.Change{Action: "memberErase", Subject: ids.ID{Kind: ids.Person, Value: personID},
			After: map[string]any{"state": enum.PersonErased}})
	})
}

// keep sets the column to what the other has, unless that is empty.
func keep(column, from string) func(*sql.UpdateBuilder) {
	return func(u *sql.UpdateBuilder) {
		u.Set(column, sql.Expr("COALESCE("+from+", "+column+")"))
	}
}

func (s *Service) endMembership(ctx context.Context, personID int64) error {
	client := s.Store.Client(ctx)
	memberIDs, err := client.Member.Query().Where(member.PersonID(personID)).IDs(ctx)
	if err != nil || len(memberIDs) == 0 {
		return err
	}
	if err := client.Member.Update().Where(member.IDIn(memberIDs...)).SetState(enum.MemberCancelled).SetCancelledAt(s.Clock.Now()).
		ClearHomeStoreID().ClearHomeStoreProtectedUntil().ClearGuideID().ClearFirstStoreID().ClearLastStoreID().
		SetGrowthValue(0).ClearLevelID().ClearLevelPeriodEndsAt().Exec(ctx); err != nil {
		return err
	}
	for _, l := range s.leavers {
		if err := l.Leave(ctx, memberIDs); err != nil {
			return err
		}
	}
	_, err = client.MemberTag.Delete().Where(membertag.MemberIDIn(memberIDs...)).Exec(ctx)
	return err
}

func (s *Service) forgetIdentities(ctx context.Context, personID int64) error {
	client := s.Store.Client(ctx)
	if err := client.Identity.Update().Where(identity.PersonID(personID)).Modify(keep(identity.FieldFormerOpenidHash, identity.FieldOpenidHash)).Exec(ctx); err != nil {
		return err
	}
	if err := client.Identity.Update().Where(identity.PersonID(personID)).
		ClearOpenidSealed().ClearOpenidHash().ClearUnionidHash().ClearSessionKeySealed().Exec(ctx); err != nil {
		return err
	}
	if err := client.Session.Update().Where(session.PersonID(personID), session.RevokedAtIsNil()).
		SetRevokedAt(s.Clock.Now()).SetRevokedReason(erasedReason).Exec(ctx); err != nil {
		return err
	}
	return client.Session.Update().Where(session.PersonID(personID)).SetDevice("").Exec(ctx)
}

// endRoles ends the person's roles, and the invitations that wait for the person's phone. The rows are found first and locked then, because nothing but
// their own keys may be locked: the phones of invitations have no index.
func (s *Service) endRoles(ctx context.Context, p *ent.Person) error {
	theirs := staff.PersonID(p.ID)
	if p.PhoneHash != nil {
		theirs = staff.Or(theirs, staff.And(staff.PersonIDIsNil(), staff.InvitedPhoneHash(*p.PhoneHash)))
	}
	roles, err := s.Store.Client(ctx).Staff.Query().Where(theirs).IDs(ctx)
	if err != nil || len(roles) == 0 {
		return err
	}
	return s.Store.Client(ctx).Staff.Update().Where(staff.IDIn(roles...)).SetState(enum.StaffRevoked).SetName("").
		ClearInvitationHash().ClearInvitedPhoneHash().ClearInvitedPhoneTail().Exec(ctx)
}
