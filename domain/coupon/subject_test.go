package coupon_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/limitcounter"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func TestTwoSubjectsBecomeOne(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		perPerson := func(n int) func(*ent.CouponTemplateCreate) {
			return func(c *ent.CouponTemplateCreate) { c.SetMemberLimit(5).SetPersonLimit(n) }
		}
		one, three, free := newTemplate(t, w, perPerson(1)), newTemplate(t, w, perPerson(3)), newTemplate(t, w, nil)
		former, formerViewer := w.NewMember(t)
		now, viewer := w.NewMember(t)
		for i, template := range []*ent.CouponTemplate{one, three} {
			_, err := s.Claim(testkit.As(t, formerViewer), template.ID, "key-000"+string(rune('1'+i)))
			require.NoError(t, err)
		}
		for i, template := range []*ent.CouponTemplate{one, three, free} {
			_, err := s.Claim(testkit.As(t, viewer), template.ID, "key-000"+string(rune('1'+i)))
			require.NoError(t, err)
		}
		has, err := s.Has(ctx, now.ID)
		require.NoError(t, err)
		require.True(t, has)

		client.Person.Update().Where(person.ID(now.PersonID)).SetLimitSubject(former.PersonID).ExecX(ctx)
		require.NoError(t, s.JoinSubjects(ctx, now.ID, now.PersonID, former.PersonID))
		count := func(template *ent.CouponTemplate) int64 {
			return client.LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitPersonTotal), limitcounter.ScopeID(template.ID), limitcounter.SubjectID(former.PersonID)).OnlyX(ctx).Count
		}
		require.EqualValues(t, 1, count(one), "never above the limit")
		require.EqualValues(t, 2, count(three))
		require.Zero(t, client.LimitCounter.Query().Where(limitcounter.KindEQ(enum.LimitPersonTotal), limitcounter.SubjectID(now.PersonID)).CountX(ctx))

		_, err = s.Claim(testkit.As(t, viewer), one.ID, "key-0009")
		require.Equal(t, apperr.LimitReached, apperr.CodeOf(err))
		_, err = s.Claim(testkit.As(t, viewer), three.ID, "key-0010")
		require.NoError(t, err)
		_, err = s.Claim(testkit.As(t, formerViewer), three.ID, "key-0011")
		require.Equal(t, apperr.LimitReached, apperr.CodeOf(err), "one human, one limit")
		require.NoError(t, s.JoinSubjects(ctx, now.ID, now.PersonID, former.PersonID), "again there is nothing to move")
	})
}
