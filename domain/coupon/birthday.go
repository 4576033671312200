package coupon

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/store"
)

// birthdayOperation is the operation of the rows that remember which templates have been given in an hour of a day.
const birthdayOperation = "couponBirthdays"

// GiveBirthdays gives the coupons of BIRTHDAY templates of all brands to the registered members whose birthday is today in the brand's zone; who was born on 29
// February has it on the 28th in other years. It is a periodic job, also several times a day and on several servers: a template that has been given in this hour
// is remembered, a crash begins its members anew, and each human gets one a year whatever happens, also after a changed birthday or as a new member. Who registers or tells
// the birthday on the day itself, and whom a template had nothing for, gets one within the hour.
func (s *Service) GiveBirthdays(ctx context.Context) error {
	ctx = auth.Operator(ctx)
	now := s.Clock.Now()
	templates, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.EventEQ(enum.CouponByBirthday), coupontemplate.StateEQ(enum.TemplateActive),
		coupontemplate.ClaimStartsAtLTE(now), coupontemplate.ClaimEndsAtGT(now)).Order(coupontemplate.ByID()).All(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, t := range templates {
		if ctx.Err() != nil {
			break
		}
		if err := s.giveBirthday(auth.System(ctx, t.BrandID), t); err != nil {
			failures = append(failures, fmt.Errorf("birthdays of template %d: %w", t.ID, err))
		}
	}
	return errors.Join(failures...)
}

// giveBirthday gives the coupons of one template on one day. ctx is the system's within the brand.
func (s *Service) giveBirthday(ctx context.Context, t *ent.CouponTemplate) error {
	zone, err := s.zone(ctx, t.BrandID)
	if err != nil {
		return err
	}
	today := s.Clock.Now().In(zone)
	call := idempotency.Call{Operation: birthdayOperation, Key: fmt.Sprintf("%s-%d-%02d", strconv.FormatInt(t.ID, 36), dayOf(today, zone), today.Hour())}
	done, err := s.Store.Client(ctx).IdempotencyKey.Query().Where(idempotencykey.ActorID(0), idempotencykey.Operation(birthdayOperation), idempotencykey.Key(call.Key)).Exist(ctx)
	if err != nil || done {
		return err
	}
	issuer, err := s.Store.Client(ctx).Org.Get(ctx, t.OrgID)
	if err != nil {
		return err
	}
	w, err := s.eventWay(ctx, enum.CouponByBirthday, t.BrandID)
	if err != nil {
		return err
	}
	key := giftKeys(fmt.Sprintf("birthday-%d-%s", w.period, strconv.FormatInt(t.ID, 36)), 1)[0]
	for last := int64(0); ; {
		memberIDs, err := s.born(ctx, issuer, today, last)
		if err != nil {
			return err
		}
		if len(memberIDs) == 0 {
			break
		}
		var done served
		err = s.Store.WithTx(ctx, func(ctx context.Context) (err error) {
			done, err = s.issueNext(ctx, t.ID, memberIDs, key, w)
			return err
		})
		if err != nil {
			return err
		}
		if done.stop != "" { // for now: what refuses the next one refuses them all
			break
		}
		last = memberIDs[len(memberIDs)-1]
	}
	_, _, err = idempotency.Do(ctx, s.Store, call, func(context.Context) (int64, error) { return t.ID, nil })
	if store.IsAnyDuplicate(err) {
		return nil
	}
	return err
}

// born are the next registered members of the org who have their birthday on the day, by number.
func (s *Service) born(ctx context.Context, issuer *ent.Org, day time.Time, last int64) ([]int64, error) {
	birthdays := []string{day.Format("-01-02")}
	if day.Month() == time.February && day.Day() == 28 && day.AddDate(0, 0, 1).Month() == time.March {
		birthdays = append(birthdays, "-02-29")
	}
	query := s.Store.Client(ctx).Member.Query().Where(member.StateEQ(enum.MemberRegistered), member.IDGT(last), func(q *sql.Selector) {
		p := sql.Table(person.Table)
		var any []*sql.Predicate
		for _, birthday := range birthdays {
			any = append(any, sql.HasSuffix(p.C(person.FieldBirthday), birthday))
		}
		q.Where(sql.In(q.C(member.FieldPersonID), sql.Select(p.C(person.FieldID)).From(p).Where(sql.And(sql.EQ(p.C(person.FieldBrandID), issuer.BrandID), sql.Or(any...)))))
	})
	if issuer.Kind != enum.OrgBrand {
		query.Where(org.Within(member.FieldHomeStoreID, issuer.BrandID, []int64{issuer.ID}, issuer.Kind == enum.OrgDistributor))
	}
	return query.Order(member.ByID()).Limit(jobChunk).IDs(ctx)
}
