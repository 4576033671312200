package identity

import (
	"context"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/staff"
)

// Touch is how a shopper came to the mini-program, by the client's word: a store's or a guide's code was scanned, a share was opened.
type Touch struct {
	Channel          enum.AttributionChannel
	StoreID, GuideID int64
}

// resolved is a touch whose store and guide exist; zero where there was none.
type resolved struct {
	channel          enum.AttributionChannel
	storeID, guideID int64
}

// resolve believes of a touch what the brand has: a link may be old or made up, and a sign-in does not fail for that. A guide counts while active,
// at the store of the touch or, where none was named, at the guide's own.
func (s *Service) resolve(ctx context.Context, t *Touch) (resolved, error) {
	r := resolved{channel: enum.ChannelDirect}
	if t == nil {
		return r, nil
	}
	r.channel = t.Channel
	client := s.Store.Client(ctx)
	var guide *ent.Staff
	storeID := t.StoreID
	if t.GuideID != 0 {
		var err error
		guide, err = client.Staff.Query().Where(staff.ID(t.GuideID), staff.StateEQ(enum.StaffActive)).Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return r, err
		}
		if guide != nil && storeID == 0 {
			storeID = guide.OrgID
		}
	}
	if storeID == 0 {
		return r, nil
	}
	exists, err := client.Org.Query().Where(org.ID(storeID), org.KindEQ(enum.OrgStore), org.StateEQ(enum.OrgActive)).Exist(ctx)
	if err != nil || !exists {
		return r, err
	}
	r.storeID = storeID
	if guide != nil && guide.OrgID == storeID {
		r.guideID = guide.ID
	}
	return r, nil
}

// touchAgain writes the last touch of a member who came back. The home store changes with it only where there is none or its protection has ended;
// the guide belongs to the home store.
func (s *Service) touchAgain(ctx context.Context, a *App, m *ent.Member, at resolved) error {
	if at.channel == enum.ChannelDirect && at.storeID == 0 {
		return nil
	}
	now := s.Clock.Now()
	update := s.Store.Client(ctx).Member.UpdateOne(m).SetLastChannel(at.channel).SetLastTouchedAt(now)
	if at.storeID != 0 {
		update.SetLastStoreID(at.storeID)
		free := m.HomeStoreID == nil || m.HomeStoreProtectedUntil == nil || !now.Before(*m.HomeStoreProtectedUntil)
		switch {
		case free && (m.HomeStoreID == nil || *m.HomeStoreID != at.storeID):
			update.SetHomeStoreID(at.storeID).SetHomeStoreProtectedUntil(now.AddDate(0, 0, a.ProtectionDays)).ClearGuideID()
			if at.guideID != 0 {
				update.SetGuideID(at.guideID)
			}
		case at.guideID != 0 && m.GuideID == nil && m.HomeStoreID != nil && *m.HomeStoreID == at.storeID:
			update.SetGuideID(at.guideID)
		}
	}
	return update.Exec(ctx)
}
