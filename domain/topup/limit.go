package topup

import (
	"context"
	"strconv"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/ent/person"
	"dongxiao/ent/topup"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

// take counts one more top-up of the member with the tier, under guard of the tier's limits, inside the caller's transaction. What a tier does not limit is
// not counted. TOP_UP_LIMIT_REACHED.
func (s *Service) take(ctx context.Context, tier *ent.TopUpTier, m *ent.Member) error {
	if tier.MemberLimit > 0 {
		if err := s.raise(ctx, enum.LimitTierMember, tier.ID, m.ID, tier.MemberLimit); err != nil {
			return err
		}
	}
	if tier.PersonLimit > 0 {
		subject, err := s.limitSubject(ctx, m.PersonID)
		if err != nil {
			return err
		}
		return s.raise(ctx, enum.LimitTierPerson, tier.ID, subject, tier.PersonLimit)
	}
	return nil
}

// giveBack undoes take for a top-up that was never paid.
func (s *Service) giveBack(ctx context.Context, tierID, memberID int64) error {
	client := s.Store.Client(ctx)
	tier, err := client.TopUpTier.Get(ctx, tierID)
	if err != nil {
		return err
	}
	lower := func(kind enum.LimitKind, subject int64) error {
		return client.LimitCounter.Update().Where(limitcounter.KindEQ(kind), limitcounter.ScopeID(tierID), limitcounter.SubjectID(subject), limitcounter.Period(0),
			limitcounter.CountGTE(1)).AddCount(-1).Exec(ctx)
	}
	if tier.MemberLimit > 0 {
		if err := lower(enum.LimitTierMember, memberID); err != nil {
			return err
		}
	}
	if tier.PersonLimit == 0 {
		return nil
	}
	m, err := client.Member.Get(ctx, memberID)
	if err != nil {
		return err
	}
	subject, err := s.limitSubject(ctx, m.PersonID)
	if err != nil {
		return err
	}
	return lower(enum.LimitTierPerson, subject)
}

// raise adds one to a counter, up to the limit. The row is inserted first: an update of a row that is not there would lock the gap that others insert into.
func (s *Service) raise(ctx context.Context, kind enum.LimitKind, tierID, subject, limit int64) error {
	client := s.Store.Client(ctx)
	err := client.LimitCounter.Create().SetKind(kind).SetScopeID(tierID).SetSubjectID(subject).SetPeriod(0).SetCount(1).Exec(ctx)
	if !store.IsAnyDuplicate(err) {
		return err
	}
	n, err := client.LimitCounter.Update().Where(limitcounter.KindEQ(kind), limitcounter.ScopeID(tierID), limitcounter.SubjectID(subject), limitcounter.Period(0),
		limitcounter.CountLT(limit)).AddCount(1).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.TopUpLimitReached, "limit", strconv.FormatInt(limit, 10))
	}
	return err
}

// limitSubject is whom limits per human are counted under.
func (s *Service) limitSubject(ctx context.Context, personID int64) (int64, error) {
	p, err := s.Store.Client(ctx).Person.Query().Where(person.ID(personID)).Select(person.FieldLimitSubject).Only(ctx)
	if err != nil {
		return 0, err
	}
	return p.LimitSubject, nil
}

// JoinSubjects counts what the member bought under one subject of limits per human under another one from now on, because both turned out to be one. What was
// bought stays, even where it is more than the limit together; then the limit is reached. Binding a phone calls it in its transaction, within the brand, after
// it gave the person the other subject.
func (s *Service) JoinSubjects(ctx context.Context, memberID, from, to int64) error {
	client := s.Store.Client(ctx)
	var bought []struct {
		TierID int64 `json:"tier_id"`
		Count  int64 `json:"count"`
	}
	err := client.TopUp.Query().Where(topup.MemberID(memberID), topup.StateNEQ(enum.TopUpClosed)).Order(topup.ByTierID()).GroupBy(topup.FieldTierID).
		Aggregate(ent.Count()).Scan(ctx, &bought)
	if err != nil {
		return err
	}
	for _, b := range bought {
		n, err := client.LimitCounter.Update().Where(limitcounter.KindEQ(enum.LimitTierPerson), limitcounter.ScopeID(b.TierID), limitcounter.SubjectID(from),
			limitcounter.Period(0), limitcounter.CountGTE(b.Count)).AddCount(-b.Count).Save(ctx)
		if err != nil {
			return err
		}
		if n == 0 { // the tier has no such limit
			continue
		}
		err = client.LimitCounter.Create().SetKind(enum.LimitTierPerson).SetScopeID(b.TierID).SetSubjectID(to).SetPeriod(0).SetCount(b.Count).Exec(ctx)
		if store.IsAnyDuplicate(err) {
			err = client.LimitCounter.Update().Where(limitcounter.KindEQ(enum.LimitTierPerson), limitcounter.ScopeID(b.TierID), limitcounter.SubjectID(to),
				limitcounter.Period(0)).AddCount(b.Count).Exec(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
