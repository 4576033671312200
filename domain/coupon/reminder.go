package coupon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/message"
	"dongxiao/ent"
	"dongxiao/ent/brand"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/idempotencykey"
	"dongxiao/ent/member"
	"dongxiao/internal/outbox"
	"dongxiao/internal/store"
)

// ReminderTopic is the outbox's topic of reminders.
const ReminderTopic = "coupon_reminder"

// reminderMost is how many coupons one reminder is about at most; a member with more is reminded of the rest by the next one.
const reminderMost = 50

// reminder is the payload of ReminderTopic.
type reminder struct {
	MemberID  int64   `json:"memberId"`
	PersonID  int64   `json:"personId"`
	AppID     int64   `json:"appId"`
	CouponIDs []int64 `json:"couponIds"`
}

// writtenOperation is the operation of the idempotency rows that say of which coupons a message was written; their actor is the person, their key the coupon.
const writtenOperation = "couponReminder"

// RemindDue reminds members of coupons that end within their brand's notice time, each coupon once, and by a message once if that is allowed later only (Allowed), at most limit coupons of each brand (or of that of the system whose context it is), and tells of how many. Every member
// is told by the event COUPON_EXPIRING; whoever allowed a message gets one for all coupons that are due, outside of the brand's quiet hours. It is for the periodic sweep,
// which calls again while it gets work done; several servers may at once.
func (s *Service) RemindDue(ctx context.Context, limit int) (int, error) {
	if auth.FromContext(ctx).BrandID != 0 {
		return s.remindBrand(ctx, limit)
	}
	brandIDs, err := s.Store.Client(ctx).Brand.Query().Where(brand.StateEQ(enum.BrandActive)).IDs(auth.Operator(ctx))
	if err != nil {
		return 0, err
	}
	reminded, faults := 0, error(nil)
	for _, id := range brandIDs {
		n, err := s.remindBrand(auth.System(ctx, id), limit)
		reminded += n
		if err != nil {
			faults = errors.Join(faults, fmt.Errorf("remind members of brand %d: %w", id, err))
		}
	}
	return reminded, faults
}

func (s *Service) remindBrand(ctx context.Context, limit int) (int, error) {
	settings, err := s.Messages.Settings(ctx)
	if err != nil || settings.NoticeHours == 0 {
		return 0, err
	}
	now := s.Clock.Now()
	until := now.Add(time.Duration(settings.NoticeHours) * time.Hour)
	var due []struct {
		MemberID int64 `json:"member_id"`
	}
	err = s.Store.Client(ctx).Coupon.Query().Where(coupon.StateEQ(enum.CouponEffective), coupon.ExpiresAtGT(now), coupon.ExpiresAtLTE(until), coupon.RemindedAtIsNil()).
		Order(coupon.ByExpiresAt()).Limit(limit).Select(coupon.FieldMemberID).Scan(ctx, &due)
	if err != nil {
		return 0, err
	}
	members := make([]int64, len(due))
	for i, row := range due {
		members[i] = row.MemberID
	}
	reminded := 0
	for _, id := range distinct(members) {
		n, err := s.remindMember(ctx, id, settings.MessageSettings)
		reminded += n
		if err != nil {
			return reminded, err
		}
	}
	return reminded, nil
}

// remindMember reminds one member of all its coupons that are due, in one transaction that holds the member's row.
func (s *Service) remindMember(ctx context.Context, memberID int64, settings document.MessageSettings) (reminded int, err error) {
	zone, err := s.zone(ctx, auth.FromContext(ctx).BrandID)
	if err != nil {
		return 0, err
	}
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		reminded = 0
		client := s.Store.Client(ctx)
		m, err := store.Locked(s.Store, client.Member.Query().Where(member.ID(memberID))).Only(ctx)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		until := now.Add(time.Duration(settings.NoticeHours) * time.Hour)
		ids, err := store.Locked(s.Store, client.Coupon.Query().Where(coupon.MemberID(memberID), coupon.StateEQ(enum.CouponEffective), coupon.ExpiresAtGT(now),
			coupon.ExpiresAtLTE(until), coupon.RemindedAtIsNil()).Order(coupon.ByExpiresAt(), coupon.ByID()).Limit(reminderMost)).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		n, err := client.Coupon.Update().Where(coupon.IDIn(ids...), coupon.RemindedAtIsNil()).SetRemindedAt(now).Save(ctx)
		if err != nil {
			return err
		}
		reminded = n
		for _, id := range ids {
			if err := s.Events.AppendLocked(ctx, m, enum.EventCouponExpiring, memberevent.About{CouponID: id}); err != nil {
				return err
			}
		}
		if m.State == enum.MemberCancelled {
			return nil
		}
		appID, err := s.Messages.Take(ctx, m.PersonID, enum.MessageCouponExpiry, settings)
		if err != nil || appID == 0 {
			return err
		}
		written := make([]*ent.IdempotencyKeyCreate, len(ids))
		for i, id := range ids {
			written[i] = client.IdempotencyKey.Create().SetActorID(m.PersonID).SetOperation(writtenOperation).SetKey(strconv.FormatInt(id, 10)).SetInputHash("").SetResultID(id)
		}
		if err := client.IdempotencyKey.CreateBulk(written...).Exec(ctx); err != nil {
			return err
		}
		return outbox.Write(ctx, s.Store, message.NotBefore(settings, now, zone), ReminderTopic, "message:"+strconv.FormatInt(m.PersonID, 10),
			reminder{m.ID, m.PersonID, appID, ids})
	})
	return reminded, err
}

// Allowed has the next sweep remind the member anew of coupons that it was told of live alone, because no message was allowed then (message.Subject). It locks the member's
// row, then the coupons.
func (s *Service) Allowed(ctx context.Context, memberID int64) error {
	client, now := s.Store.Client(ctx), s.Clock.Now()
	m, err := store.Locked(s.Store, client.Member.Query().Where(member.ID(memberID))).Only(ctx)
	if err != nil {
		return err
	}
	ids, err := store.Locked(s.Store, client.Coupon.Query().Where(coupon.MemberID(memberID), coupon.StateEQ(enum.CouponEffective), coupon.ExpiresAtGT(now),
		coupon.RemindedAtNotNil()).Order(coupon.ByExpiresAt(), coupon.ByID()).Limit(reminderMost)).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = strconv.FormatInt(id, 10)
	}
	written, err := client.IdempotencyKey.Query().Where(idempotencykey.ActorID(m.PersonID), idempotencykey.Operation(writtenOperation), idempotencykey.KeyIn(names...)).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range written {
		ids = slices.DeleteFunc(ids, func(id int64) bool { return id == row.ResultID })
	}
	return client.Coupon.Update().Where(coupon.IDIn(ids...), coupon.StateEQ(enum.CouponEffective)).ClearRemindedAt().Exec(ctx)
}

// Remind carries out a message of ReminderTopic. Where nothing is left to remind of, because the coupons were used or ended meanwhile, it sends nothing, and the permission is
// the member's to use again.
func (s *Service) Remind(ctx context.Context, m outbox.Message) error {
	var r reminder
	if err := json.Unmarshal(m.Payload, &r); err != nil {
		return err
	}
	client, now := s.Store.Client(ctx), s.Clock.Now()
	rows, err := client.Coupon.Query().Where(coupon.IDIn(r.CouponIDs...), coupon.MemberID(r.MemberID), coupon.StateEQ(enum.CouponEffective), coupon.ExpiresAtGT(now)).
		Order(coupon.ByExpiresAt(), coupon.ByID()).All(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return s.Messages.Unsent(ctx, m.ID, r.PersonID, r.AppID, enum.MessageCouponExpiry)
	}
	template, err := client.CouponTemplate.Query().Where(coupontemplate.ID(rows[0].TemplateID)).Only(ctx)
	if err != nil {
		return err
	}
	zone, err := s.zone(ctx, auth.FromContext(ctx).BrandID)
	if err != nil {
		return err
	}
	return s.Messages.Send(ctx, m.ID, r.PersonID, r.AppID, enum.MessageCouponExpiry, func(t document.MessageTemplate) message.Text {
		return reminderText(t, template, rows, zone)
	})
}

// reminderText says what ends first and how much there is.
func reminderText(t document.MessageTemplate, first *ent.CouponTemplate, rows []*ent.Coupon, zone *time.Location) message.Text {
	data := map[string]string{t.NameKey: first.Name, t.TimeKey: rows[0].ExpiresAt.In(zone).Format("2006-01-02 15:04")}
	if t.HintKey != "" {
		data[t.HintKey] = "您有" + strconv.Itoa(len(rows)) + "张券即将到期，请尽快使用"
	}
	return message.Text{Page: "pages/coupons/coupons", Data: data}
}
