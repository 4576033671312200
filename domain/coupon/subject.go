package coupon

import (
	"context"

	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

// Has says whether the member has or ever had a coupon. Sign-in calls it, within the brand.
func (s *Service) Has(ctx context.Context, memberID int64) (bool, error) {
	return s.Store.Client(ctx).Coupon.Query().Where(coupon.MemberID(memberID)).Exist(ctx)
}

// JoinSubjects counts what the member got under one subject of limits per person under another one from now on, because both turned out to be one human. What
// was got already stays, even where it is more than the limit together; then the limit is reached. Binding a phone calls it in its transaction, within the
// brand, after it gave the person the other subject. The transaction holds the member's row since before its first plain read, so that no claim is on its way.
//
// It takes the counters without their templates' rows, so it may meet a claim in a deadlock, after which the transaction runs again.
func (s *Service) JoinSubjects(ctx context.Context, memberID, from, to int64) error {
	client := s.Store.Client(ctx)
	var templates []int64
	if err := client.Coupon.Query().Where(coupon.MemberID(memberID)).Unique(true).Select(coupon.FieldTemplateID).Scan(ctx, &templates); err != nil || len(templates) == 0 {
		return err
	}
	counters, err := client.LimitCounter.Query().Where(limitcounter.KindIn(enum.LimitPersonTotal, enum.LimitEventPerson), limitcounter.ScopeIDIn(templates...),
		limitcounter.SubjectID(from)).Order(limitcounter.ByScopeID(), limitcounter.ByID()).All(ctx)
	if err != nil {
		return err
	}
	for _, c := range counters {
		t, err := client.CouponTemplate.Query().Where(coupontemplate.ID(c.ScopeID)).Only(ctx)
		if err != nil {
			return err
		}
		limit := int64(t.PersonLimit)
		if c.Kind == enum.LimitEventPerson {
			limit = 1
		}
		if err := s.addCount(ctx, c, to, limit); err != nil {
			return err
		}
		if err := client.LimitCounter.DeleteOne(c).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// addCount adds what the counter counts to the same one of another subject, up to the limit (0 for none).
func (s *Service) addCount(ctx context.Context, c *ent.LimitCounter, subject, limit int64) error {
	client := s.Store.Client(ctx)
	theirs, err := client.LimitCounter.Query().Where(limitcounter.KindEQ(c.Kind), limitcounter.ScopeID(c.ScopeID), limitcounter.SubjectID(subject),
		limitcounter.Period(c.Period)).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	var before int64
	if theirs != nil {
		before = theirs.Count
	}
	sum := before + c.Count
	if limit > 0 {
		sum = min(sum, max(limit, before))
	}
	if theirs == nil {
		err := client.LimitCounter.Create().SetKind(c.Kind).SetScopeID(c.ScopeID).SetSubjectID(subject).SetPeriod(c.Period).SetCount(sum).Exec(ctx)
		if store.IsAnyDuplicate(err) {
			err = apperr.New(apperr.Conflict).Because(err)
		}
		return err
	}
	n, err := client.LimitCounter.Update().Where(limitcounter.ID(theirs.ID), limitcounter.Count(before)).SetCount(sum).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	return err
}
