package coupon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/coupon"
	"dongxiao/ent/coupontemplate"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	entorg "dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/outbox"
)

// EventTopic is the topic of the outbox under which the coupons of events are given.
const EventTopic = "coupon events"

type eventMessage struct {
	Event    enum.CouponEvent `json:"event"`
	MemberID int64            `json:"memberId"`
	OrgPath  string           `json:"orgPath,omitempty"`
	Key      string           `json:"key"`
}

// Announce has GiveFor called after the caller's transaction, where the brand has a template for the event: what happened to the member holds whether or not there is a
// coupon for it, so nothing of the gift may fail it or hold its locks. Domains call it within the brand, in the transaction of the event.
func (s *Service) Announce(ctx context.Context, event enum.CouponEvent, memberID int64, orgPath, key string) error {
	if awaited, err := s.Awaited(ctx, event); err != nil || !awaited {
		return err
	}
	return outbox.Write(ctx, s.Store, s.Clock.Now(), EventTopic, "", eventMessage{event, memberID, orgPath, key})
}

// Awaited says whether the brand has an active template for the event.
func (s *Service) Awaited(ctx context.Context, event enum.CouponEvent) (bool, error) {
	return s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.EventEQ(event), coupontemplate.StateEQ(enum.TemplateActive)).Exist(ctx)
}

// HandleEvent carries out what Announce wrote (outbox.Handler).
func (s *Service) HandleEvent(ctx context.Context, m outbox.Message) error {
	var e eventMessage
	if err := json.Unmarshal(m.Payload, &e); err != nil {
		return fmt.Errorf("read an event: %w", err)
	}
	return s.GiveFor(ctx, e.Event, e.MemberID, e.OrgPath, e.Key)
}

// GiveFor gives the member one coupon of each active template for the event whose claim window is open, of the orgs along the path; where that is empty, along the path of the
// member's home store, or of the brand alone. Whatever a template refuses (stock, budget, another of this human's) is final: it gives none, and the next one is
// tried. The key, at most 40 characters, names what happened: a repeat gives nothing twice. By REGISTRATION and BIRTHDAY one human gets one of a template, once and once a year of the brand's
// zone, across memberships that were cancelled. It is for the system, in a transaction of each template, or within the caller's.
func (s *Service) GiveFor(ctx context.Context, event enum.CouponEvent, memberID int64, orgPath, key string) error {
	ctx = auth.WithinBrand(ctx)
	orgIDs, err := s.givers(ctx, memberID, orgPath)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	templates, err := s.Store.Client(ctx).CouponTemplate.Query().Where(coupontemplate.EventEQ(event), coupontemplate.StateEQ(enum.TemplateActive),
		coupontemplate.ClaimStartsAtLTE(now), coupontemplate.ClaimEndsAtGT(now), coupontemplate.OrgIDIn(orgIDs...)).Order(coupontemplate.ByID()).All(ctx)
	if err != nil {
		return err
	}
	var failures []error
	for _, t := range templates {
		w, err := s.eventWay(ctx, event, t.BrandID)
		if err != nil {
			return err
		}
		gift := Gift{TemplateID: t.ID, MemberID: memberID, Count: 1, Key: key + "-" + strconv.FormatInt(t.ID, 36), Source: enum.SourceEvent}
		err = s.Store.WithTx(ctx, func(ctx context.Context) error {
			_, err := s.give(ctx, gift, w)
			return err
		})
		if refusal := apperr.CodeOf(err); err != nil && (refusal == apperr.Internal || refusal == apperr.Conflict || refusal == apperr.Unavailable) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// givers are the orgs whose templates an event gives: those along the path, or along that of the member's home store.
func (s *Service) givers(ctx context.Context, memberID int64, orgPath string) ([]int64, error) {
	if orgPath == "" {
		m, err := s.Store.Client(ctx).Member.Query().Where(member.ID(memberID)).Only(ctx)
		if ent.IsNotFound(err) {
			return nil, apperr.New(apperr.NotFound)
		}
		if err != nil {
			return nil, err
		}
		home := entorg.KindEQ(enum.OrgBrand)
		if m.HomeStoreID != nil {
			home = entorg.ID(*m.HomeStoreID)
		}
		o, err := s.Store.Client(ctx).Org.Query().Where(home).Order(entorg.ByID()).First(ctx)
		if err != nil {
			return nil, err
		}
		orgPath = o.Path
	}
	return org.PathIDs(orgPath)
}

// eventWay is the way of an event now.
func (s *Service) eventWay(ctx context.Context, event enum.CouponEvent, brandID int64) (way, error) {
	w := ways[enum.SourceEvent]
	switch event {
	case enum.CouponByRegistration:
		w.once, w.frozen = true, false
	case enum.CouponByBirthday:
		zone, err := s.zone(ctx, brandID)
		if err != nil {
			return w, err
		}
		w.once, w.frozen, w.period = true, false, s.Clock.Now().In(zone).Year()
	}
	return w, nil
}

// TakeBackFor revokes the coupons that the member got by GiveFor with the key and has not used, inside the caller's transaction; see revoke.
func (s *Service) TakeBackFor(ctx context.Context, memberID int64, key string) error {
	_, err := s.revoke(auth.WithinBrand(ctx), []int64{memberID}, coupon.ClaimKeyHasPrefix(key+"-"), coupon.SourceEQ(enum.SourceEvent))
	return err
}
