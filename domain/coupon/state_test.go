package coupon_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/auditentry"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

var templateStates = []enum.TemplateState{enum.TemplateDraft, enum.TemplateReview, enum.TemplateActive, enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid}

// inState makes a template of the world's region in the state; one in review was sent by nobody in particular.
func inState(t testing.TB, w *testkit.World, state enum.TemplateState) *ent.CouponTemplate {
	return newTemplate(t, w, func(c *ent.CouponTemplateCreate) { c.SetOrgID(w.Region.ID).SetState(state) })
}

func TestSetState(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Region)
		allowed := map[[2]enum.TemplateState]bool{
			{enum.TemplateReview, enum.TemplateDraft}:  true,
			{enum.TemplateActive, enum.TemplatePaused}: true, {enum.TemplateActive, enum.TemplateEnded}: true,
			{enum.TemplatePaused, enum.TemplateActive}: true, {enum.TemplatePaused, enum.TemplateEnded}: true,
			{enum.TemplateDraft, enum.TemplateVoid}: true, {enum.TemplateReview, enum.TemplateVoid}: true, {enum.TemplateActive, enum.TemplateVoid}: true,
			{enum.TemplatePaused, enum.TemplateVoid}: true, {enum.TemplateEnded, enum.TemplateVoid}: true,
		}
		written := 0
		for _, from := range templateStates {
			for _, to := range templateStates {
				template := inState(t, w, from)
				changed, err := s.SetState(ctx, template.ID, 1, to, "活动调整")
				if allowed[[2]enum.TemplateState{from, to}] {
					require.NoError(t, err)
					require.Equal(t, to, changed.State)
					require.Equal(t, 2, changed.Version)
					require.Equal(t, "活动调整", changed.StateReason)
					written++
				} else {
					refused(t, apperr.TemplateStateInvalid, err)
					require.Equal(t, from, w.Store.Client(ctx).CouponTemplate.GetX(auth.WithinBrand(ctx), template.ID).State)
				}
			}
		}
		require.Equal(t, written, rows(t, w)[2])

		template := inState(t, w, enum.TemplateActive)
		for _, state := range []enum.TemplateState{enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid} {
			_, err := s.SetState(ctx, template.ID, 1, state, "  ")
			refused(t, apperr.ReasonRequired, err)
			_, err = s.SetState(ctx, template.ID, 1, state, strings.Repeat("因", 256))
			refused(t, apperr.InvalidInput, err)
		}
		_, err := s.SetState(ctx, template.ID, 2, enum.TemplatePaused, "活动调整")
		refused(t, apperr.Conflict, err)
		_, err = s.SetState(marketer(t, w, w.Store1), template.ID, 1, enum.TemplatePaused, "活动调整")
		refused(t, apperr.NotFound, err)
		_, err = s.SetState(ctx, 0, 1, enum.TemplatePaused, "活动调整")
		refused(t, apperr.NotFound, err)
		require.Equal(t, written, rows(t, w)[2])
	})
}

// TestReview: from a draft to a running template there is no way but another person's approval.
func TestReview(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s := newService(t, w)
		_, viewer := w.NewStaff(t, auth.Console, w.Region, auth.Marketer)
		writer, other := testkit.As(t, viewer), marketer(t, w, w.Root)
		template, err := s.Create(writer, input(w))
		require.NoError(t, err)
		_, err = s.Review(other, template.ID, 1, true, "")
		refused(t, apperr.TemplateStateInvalid, err)
		_, err = s.Submit(writer, template.ID, 2)
		refused(t, apperr.Conflict, err)
		template, err = s.Submit(writer, template.ID, 1)
		require.NoError(t, err)
		require.Equal(t, enum.TemplateReview, template.State)
		require.Equal(t, viewer.PersonID, *template.SubmittedBy)
		_, err = s.Submit(writer, template.ID, 2)
		refused(t, apperr.TemplateStateInvalid, err)

		for _, approve := range []bool{true, false} {
			_, err = s.Review(writer, template.ID, 2, approve, "自己看过了")
			refused(t, apperr.ReviewerIsSubmitter, err)
		}
		_, err = s.Review(other, template.ID, 2, false, " ")
		refused(t, apperr.ReasonRequired, err)
		_, err = s.Review(other, template.ID, 1, true, "")
		refused(t, apperr.Conflict, err)
		for _, role := range []auth.Role{auth.Clerk, auth.Manager, auth.Finance} {
			_, colleague := w.NewStaff(t, auth.Console, w.Region, role)
			_, err = s.Review(testkit.As(t, colleague), template.ID, 2, true, "")
			refused(t, apperr.NotFound, err)
		}
		_, err = s.Review(marketer(t, w, w.Store1), template.ID, 2, true, "")
		refused(t, apperr.NotFound, err)
		_, err = s.Update(writer, updateOf(template, input(w).Terms))
		refused(t, apperr.TemplateStateInvalid, err)

		template, err = s.Review(other, template.ID, 2, false, "预算太高")
		require.NoError(t, err)
		require.Equal(t, enum.TemplateDraft, template.State)
		require.Equal(t, "预算太高", template.StateReason)
		template, err = s.Submit(writer, template.ID, template.Version)
		require.NoError(t, err)
		require.Empty(t, template.StateReason)
		template, err = s.Review(other, template.ID, template.Version, true, "")
		require.NoError(t, err)
		require.Equal(t, enum.TemplateActive, template.State)
		require.NotEqual(t, viewer.PersonID, *template.ReviewedBy)
		actions := w.Store.Client(system(t, w)).AuditEntry.Query().Order(auditentry.ByID()).Select(auditentry.FieldAction).StringsX(system(t, w))
		require.Equal(t, []string{"couponTemplateCreate", "couponTemplateSubmit", "couponTemplateReview", "couponTemplateSubmit", "couponTemplateReview"}, actions)
	})
}

func TestRaceOfStateChanges(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Root)
		template := newTemplate(t, w, nil)
		o := race(32, func(i int) error {
			state := []enum.TemplateState{enum.TemplatePaused, enum.TemplateEnded, enum.TemplateVoid}[i%3]
			_, err := s.SetState(ctx, template.ID, 1, state, "活动调整")
			return err
		})
		require.Equal(t, outcome{"": 1, apperr.Conflict: 31}, o)
		require.Equal(t, 1, rows(t, w)[2])
	})
}

// TestRaceOfReviews: of those who approve, reject, take back and withdraw at once, one does.
func TestRaceOfReviews(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), marketer(t, w, w.Root)
		template := inState(t, w, enum.TemplateReview)
		o := race(32, func(i int) error {
			var err error
			switch i % 4 {
			case 0:
				_, err = s.Review(ctx, template.ID, 1, true, "")
			case 1:
				_, err = s.Review(ctx, template.ID, 1, false, "预算太高")
			case 2:
				_, err = s.SetState(ctx, template.ID, 1, enum.TemplateDraft, "")
			default:
				_, err = s.SetState(ctx, template.ID, 1, enum.TemplateVoid, "作废")
			}
			return err
		})
		require.Equal(t, outcome{"": 1, apperr.Conflict: 31}, o)
		require.Equal(t, 1, rows(t, w)[2])
	})
}

// run makes a template of the region and lets it run.
func run(t testing.TB, w *testkit.World, ctx context.Context) *ent.CouponTemplate {
	s := newService(t, w)
	template, err := s.Create(ctx, input(w))
	require.NoError(t, err)
	template, err = s.Submit(ctx, template.ID, 1)
	require.NoError(t, err)
	template, err = s.Review(marketer(t, w, w.Root), template.ID, 2, true, "")
	require.NoError(t, err)
	return template
}
