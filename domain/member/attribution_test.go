package member_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
)

const protection = 180 * 24 * time.Hour

func TestHomeStoreSet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		ctx := testkit.As(t, v)
		guide, _ := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		clerk, _ := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		elsewhere, _ := d.NewStaff(t, auth.Staff, d.Store2, auth.Guide)
		finance, _ := d.NewStaff(t, auth.Staff, d.Store1, auth.Finance)
		left, _ := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		d.client().Staff.UpdateOneID(left.ID).SetState(enum.StaffSuspended).ExecX(d.system)
		self := d.client().Staff.Create().SetOrgID(d.Store1.ID).SetRole(auth.Guide).SetPersonID(v.PersonID).SetName("我").SetState(enum.StaffActive).SaveX(d.system)
		closed := d.NewOrg(t, d.Region, enum.OrgStore)
		d.client().Org.UpdateOneID(closed.ID).SetState(enum.OrgClosed).ExecX(d.system)
		other := testkit.New(t, d.Store.Dialect())

		for _, id := range []int64{0, 1, d.Region.ID, d.Distributor.ID, other.Store1.ID} {
			_, err := d.HomeStoreSet(ctx, id, nil)
			code(t, apperr.NotFound, err, "input", "storeId")
		}
		_, err := d.HomeStoreSet(ctx, closed.ID, nil)
		code(t, apperr.StoreClosed, err, "input", "storeId")
		for _, s := range []*ent.Staff{elsewhere, finance, left, self, {ID: 0}} {
			_, err = d.HomeStoreSet(ctx, d.Store1.ID, &s.ID)
			code(t, apperr.NotFound, err, "input", "guideId")
		}
		require.Nil(t, d.member(m.ID).HomeStoreID, "nothing changed")

		set, err := d.HomeStoreSet(ctx, d.Store1.ID, &guide.ID)
		require.NoError(t, err)
		require.Equal(t, d.Store1.ID, *set.HomeStoreID)
		require.Equal(t, guide.ID, *set.GuideID)
		require.Equal(t, testkit.Start.Add(protection), set.HomeStoreProtectedUntil.UTC())

		d.Clock.Advance(time.Hour)
		again, err := d.HomeStoreSet(ctx, d.Store1.ID, &guide.ID)
		require.NoError(t, err, "a repeat")
		require.Equal(t, set.String(), again.String())
		for _, c := range []struct {
			store int64
			guide *int64
		}{{d.Store2.ID, nil}, {d.Store1.ID, &clerk.ID}} {
			_, err = d.HomeStoreSet(ctx, c.store, c.guide)
			code(t, apperr.HomeStoreProtected, err, "input", "storeId")
			require.Contains(t, err.Error(), "2027-05-21 10:00", "the end, in the brand's time zone")
		}
		require.Equal(t, set.String(), d.member(m.ID).String())

		d.Clock.Set(testkit.Start.Add(protection))
		moved, err := d.HomeStoreSet(ctx, d.Store2.ID, nil)
		require.NoError(t, err, "the period is over at its end")
		require.Equal(t, d.Store2.ID, *moved.HomeStoreID)
		require.Nil(t, moved.GuideID)
		require.Equal(t, testkit.Start.Add(2*protection), moved.HomeStoreProtectedUntil.UTC())

		for state, want := range map[enum.MemberState]apperr.Code{enum.MemberFrozen: apperr.MemberFrozen, enum.MemberCancelled: apperr.MemberCancelled} {
			d.client().Member.UpdateOneID(m.ID).SetState(state).ExecX(d.system)
			_, err = d.HomeStoreSet(ctx, d.Store2.ID, nil)
			code(t, want, err)
		}
	})
}

func TestRaceHomeStore(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		stores := []*ent.Org{d.Store1, d.Store2}
		got := race(32, func(i int) error {
			_, err := d.HomeStoreSet(testkit.As(t, v), stores[i%2].ID, nil)
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 16, apperr.HomeStoreProtected: 16}, got, "one store won, and all who chose it have it")
		require.Equal(t, testkit.Start.Add(protection), d.member(m.ID).HomeStoreProtectedUntil.UTC())
	})
}

func TestTouch(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		guide, guideViewer := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		closed := d.NewOrg(t, d.Region, enum.OrgStore)
		d.client().Org.UpdateOneID(closed.ID).SetState(enum.OrgClosed).ExecX(d.system)
		other := testkit.New(t, d.Store.Dialect())
		for name, c := range map[string]struct {
			channel        enum.AttributionChannel
			store, guide   int64
			home, by, last *int64
		}{
			"direct":                 {enum.ChannelDirect, 0, 0, nil, nil, nil},
			"store":                  {enum.ChannelStore, d.Store1.ID, 0, &d.Store1.ID, nil, &d.Store1.ID},
			"guide":                  {enum.ChannelGuide, d.Store1.ID, guide.ID, &d.Store1.ID, &guide.ID, &d.Store1.ID},
			"guide alone":            {enum.ChannelGuide, 0, guide.ID, &d.Store1.ID, &guide.ID, &d.Store1.ID},
			"guide of another":       {enum.ChannelGuide, d.Store2.ID, guide.ID, &d.Store2.ID, nil, &d.Store2.ID},
			"a scan binds nobody":    {enum.ChannelScan, d.Store1.ID, 0, nil, nil, &d.Store1.ID},
			"a share binds nobody":   {enum.ChannelShare, d.Store1.ID, guide.ID, nil, nil, &d.Store1.ID},
			"closed store":           {enum.ChannelStore, closed.ID, 0, nil, nil, nil},
			"no store":               {enum.ChannelStore, d.Region.ID, 0, nil, nil, nil},
			"store of another brand": {enum.ChannelStore, other.Store1.ID, 0, nil, nil, nil},
			"unknown guide":          {enum.ChannelGuide, 0, 7, nil, nil, nil},
		} {
			m, _ := d.NewMember(t)
			require.NoError(t, d.Touch(d.system, m.ID, c.channel, c.store, c.guide), name)
			got := d.member(m.ID)
			require.Equal(t, c.home, got.HomeStoreID, name)
			require.Equal(t, c.by, got.GuideID, name)
			require.Equal(t, c.last, got.LastStoreID, name)
			require.Equal(t, c.last, got.FirstStoreID, name)
			require.Equal(t, c.channel, got.LastChannel, name)
			require.Equal(t, testkit.Start, got.LastTouchedAt.UTC(), name)
		}

		own := d.client().Member.Create().SetPersonID(guideViewer.PersonID).SetNumber(1e9 + ids.Next()%9e9).SaveX(d.system)
		require.NoError(t, d.Touch(d.system, own.ID, enum.ChannelGuide, d.Store1.ID, guide.ID))
		require.Nil(t, d.member(own.ID).GuideID, "nobody is the own guide")

		m, _ := d.NewMember(t)
		require.NoError(t, d.Touch(d.system, m.ID, enum.ChannelDirect, 0, 0))
		require.NoError(t, d.Touch(d.system, m.ID, enum.ChannelStore, d.Store1.ID, 0))
		d.Clock.Advance(time.Hour)
		require.NoError(t, d.Touch(d.system, m.ID, enum.ChannelStore, d.Store2.ID, 0))
		got := d.member(m.ID)
		require.Nil(t, got.FirstStoreID, "the first touch was direct")
		require.Equal(t, d.Store1.ID, *got.HomeStoreID, "protected")
		require.Equal(t, d.Store2.ID, *got.LastStoreID)
		require.NoError(t, d.Touch(d.system, m.ID, enum.ChannelDirect, 0, 0))
		require.Equal(t, got.String(), d.member(m.ID).String(), "to come directly is no touch of a store")
		d.Clock.Set(testkit.Start.Add(protection))
		require.NoError(t, d.Touch(d.system, m.ID, enum.ChannelStore, d.Store2.ID, 0))
		require.Equal(t, d.Store2.ID, *d.member(m.ID).HomeStoreID)

		d.client().Member.UpdateOneID(m.ID).SetState(enum.MemberFrozen).ExecX(d.system)
		d.Clock.Advance(2 * protection)
		require.NoError(t, d.Touch(d.system, m.ID, enum.ChannelStore, d.Store1.ID, 0))
		require.Equal(t, d.Store2.ID, *d.member(m.ID).HomeStoreID, "frozen")
		require.Equal(t, d.Store1.ID, *d.member(m.ID).LastStoreID)
	})
}

func TestHomeStoreMove(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		m, v := d.NewMember(t)
		guide, _ := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		_, err := d.HomeStoreSet(testkit.As(t, v), d.Store1.ID, &guide.ID)
		require.NoError(t, err)
		d.Clock.Advance(time.Hour)
		admin := d.admin(t, d.Root)
		set := d.member(m.ID)

		elsewhere := d.NewOrg(t, d.Root, enum.OrgRegion)
		stranger := d.NewOrg(t, elsewhere, enum.OrgStore)
		_, marketer := d.NewStaff(t, auth.Console, d.Root, auth.Marketer)
		closed := d.NewOrg(t, d.Region, enum.OrgStore)
		d.client().Org.UpdateOneID(closed.ID).SetState(enum.OrgClosed).ExecX(d.system)
		_, err = d.HomeStoreMove(d.admin(t, elsewhere), m.ID, stranger.ID, "x")
		code(t, apperr.NotFound, err)
		_, err = d.HomeStoreMove(d.admin(t, d.Region), m.ID, stranger.ID, "x")
		code(t, apperr.NotFound, err)
		_, err = d.HomeStoreMove(testkit.As(t, marketer), m.ID, d.Store2.ID, "x")
		code(t, apperr.NotFound, err)
		_, err = d.HomeStoreMove(admin, m.ID, closed.ID, "x")
		code(t, apperr.StoreClosed, err)
		_, err = d.HomeStoreMove(admin, m.ID, d.Region.ID, "x")
		code(t, apperr.NotFound, err)
		for _, reason := range []string{"", " \n"} {
			_, err = d.HomeStoreMove(admin, m.ID, d.Store2.ID, reason)
			code(t, apperr.ReasonRequired, err, "input", "reason")
		}
		require.Equal(t, set.String(), d.member(m.ID).String())
		require.Empty(t, d.audited("memberHomeStoreMove"))

		moved, err := d.HomeStoreMove(d.admin(t, d.Region), m.ID, d.Store2.ID, " 搬家 ")
		require.NoError(t, err)
		require.Equal(t, d.Store2.ID, *moved.HomeStoreID)
		require.Nil(t, moved.GuideID)
		require.Equal(t, d.Clock.Now().Add(protection), moved.HomeStoreProtectedUntil.UTC())
		entries := d.audited("memberHomeStoreMove")
		require.Len(t, entries, 1)
		require.Equal(t, "搬家", entries[0].Reason)
		require.Equal(t, d.Store2.ID, entries[0].OrgID)
		require.JSONEq(t, `"`+d.Store1.NodeID().String()+`"`, string(entries[0].Before["homeStore"]))
		require.JSONEq(t, `"`+d.Store2.NodeID().String()+`"`, string(entries[0].After["homeStore"]))

		nobody, _ := d.NewMember(t)
		_, err = d.HomeStoreMove(d.admin(t, d.Region), nobody.ID, d.Store2.ID, "x")
		code(t, apperr.NotFound, err)
		_, err = d.HomeStoreMove(admin, nobody.ID, d.Store2.ID, "x")
		require.NoError(t, err, "the brand's administrator has members without a store too")
		require.NoError(t, d.Erase(d.system, v.PersonID))
		_, err = d.HomeStoreMove(admin, m.ID, d.Store1.ID, "x")
		code(t, apperr.MemberCancelled, err)
	})
}
