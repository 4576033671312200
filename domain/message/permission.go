package message

import (
	"context"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/messagepermission"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/store"
)

const (
	maxAccepted = 10
	// maxRemaining bounds what one person may have allowed; more is forgotten.
	maxRemaining = 100
)

// Topics are what messages may be about.
var Topics = []enum.MessageTopic{enum.MessageCouponExpiry}

// Allow notes that the viewer accepted so many messages of a topic in the app it came by, up to 100 that wait to be sent. It is for members. Permission and key are written
// together; a repeat with the same key adds nothing. What is due by then, and could only be told live before, is told by one of the messages (Subject). Refusals: INVALID_INPUT, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED.
func (s *Service) Allow(ctx context.Context, topic enum.MessageTopic, accepted int, key string) (*Permission, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	if accepted < 1 || accepted > maxAccepted {
		return nil, apperr.Invalid("accepted", "1–10")
	}
	call := idempotency.Call{ActorID: v.PersonID, Operation: "messagePermissionAdd", Key: key, Input: []any{topic, accepted, v.AppID}}
	_, _, err := idempotency.Do(auth.WithinBrand(ctx), s.Store, call, func(ctx context.Context) (int64, error) {
		if subject := s.Subjects[topic]; subject != nil {
			if err := subject.Allowed(ctx, v.MemberID); err != nil {
				return 0, err
			}
		}
		return s.add(ctx, v.PersonID, v.AppID, topic, accepted)
	})
	if err != nil {
		return nil, err
	}
	list, err := s.Permissions(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.Topic == topic {
			return p, nil
		}
	}
	return nil, apperr.New(apperr.NotFound)
}

// add adds to a permission, under guard, or makes it.
func (s *Service) add(ctx context.Context, personID, appID int64, topic enum.MessageTopic, accepted int) (id int64, err error) {
	client := s.Store.Client(ctx)
	row, err := store.Locked(s.Store, client.MessagePermission.Query().Where(messagepermission.PersonID(personID), messagepermission.AppID(appID),
		messagepermission.TopicEQ(topic))).Only(ctx)
	if ent.IsNotFound(err) {
		row, err = client.MessagePermission.Create().SetPersonID(personID).SetAppID(appID).SetTopic(topic).SetRemaining(accepted).Save(ctx)
		if store.IsAnyDuplicate(err) {
			err = apperr.New(apperr.Conflict).Because(err)
		}
		if err != nil {
			return 0, err
		}
		return row.ID, nil
	}
	if err != nil {
		return 0, err
	}
	more := min(accepted, maxRemaining-row.Remaining)
	if more <= 0 {
		return row.ID, nil
	}
	n, err := client.MessagePermission.Update().Where(messagepermission.ID(row.ID), messagepermission.RemainingLTE(maxRemaining-more)).AddRemaining(more).Save(ctx)
	if err == nil && n != 1 {
		err = apperr.New(apperr.Conflict)
	}
	return row.ID, err
}

// Permissions lists what the viewer allowed in the app it came by, for every topic, with the template to ask for. It is for members.
func (s *Service) Permissions(ctx context.Context) ([]*Permission, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.Client(ctx).MessagePermission.Query().Where(messagepermission.PersonID(v.PersonID), messagepermission.AppID(v.AppID)).All(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]*Permission, len(Topics))
	for i, topic := range Topics {
		p := &Permission{Topic: topic}
		if t, ok := templateIn(settings.MessageSettings, v.AppID); ok {
			p.TemplateID = &t.TemplateID
		}
		for _, row := range rows {
			if row.Topic == topic {
				p.Remaining = row.Remaining
			}
		}
		list[i] = p
	}
	return list, nil
}

// Take takes one message that the person allowed in one of the apps for which there is a template, inside the caller's transaction, and names the app; 0 where there is none.
// ctx reaches the whole brand.
func (s *Service) Take(ctx context.Context, personID int64, topic enum.MessageTopic, settings document.MessageSettings) (appID int64, err error) {
	client := s.Store.Client(ctx)
	rows, err := client.MessagePermission.Query().Where(messagepermission.PersonID(personID), messagepermission.TopicEQ(topic), messagepermission.RemainingGT(0)).
		Order(messagepermission.ByID()).All(ctx)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if _, ok := templateIn(settings, row.AppID); !ok {
			continue
		}
		n, err := client.MessagePermission.Update().Where(messagepermission.ID(row.ID), messagepermission.RemainingGT(0)).AddRemaining(-1).Save(ctx)
		if err != nil || n == 1 {
			return row.AppID, err
		}
	}
	return 0, nil
}

// GiveBack undoes Take for a message that need not be sent any more.
func (s *Service) GiveBack(ctx context.Context, personID, appID int64, topic enum.MessageTopic) error {
	return s.Store.Client(ctx).MessagePermission.Update().Where(messagepermission.PersonID(personID), messagepermission.AppID(appID), messagepermission.TopicEQ(topic),
		messagepermission.RemainingLT(maxRemaining)).AddRemaining(1).Exec(ctx)
}

// forget empties a permission of which WeChat says that nothing is left.
func (s *Service) forget(ctx context.Context, personID, appID int64, topic enum.MessageTopic) error {
	return s.Store.Client(ctx).MessagePermission.Update().Where(messagepermission.PersonID(personID), messagepermission.AppID(appID), messagepermission.TopicEQ(topic)).
		SetRemaining(0).Exec(ctx)
}

func templateIn(settings document.MessageSettings, appID int64) (document.MessageTemplate, bool) {
	for _, t := range settings.CouponExpiry {
		if t.AppID == appID {
			return t, true
		}
	}
	return document.MessageTemplate{}, false
}
