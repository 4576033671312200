package coupon_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/coupon"
	"dongxiao/ent"
	entcoupon "dongxiao/ent/coupon"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

// A member chooses the keys of claims, and whoever knows how the system names what it gives could take such a name first: then what is given to everybody at once would stop there.
func TestMembersCannotTakeTheSystemsKeys(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		s, ctx := newService(t, w), system(t, w)
		client := w.Store.Client(ctx)
		other := newTemplate(t, w, stock(100))
		birthday, bulk := newTemplate(t, w, by(enum.CouponByBirthday, w.Root)), newTemplate(t, w, stock(100))
		code := newTemplate(t, w, nil)
		first, viewer := w.NewMember(t)
		client.Person.UpdateOneID(first.PersonID).SetBirthday("1990-11-22").ExecX(ctx)
		require.NoError(t, s.GiveBirthdays(t.Context()))
		require.NoError(t, s.GiveFor(ctx, enum.CouponByTopUp, first.ID, w.Root.Path, "topup-event-1"))
		_, err := s.CreateIssueJob(issuer(t, w, w.Root), jobOf(bulk, coupon.Audience{}))
		require.NoError(t, err)
		require.NoError(t, s.RunIssueJobs(system(t, w)))
		_, err = s.Issue(issuer(t, w, w.Root), coupon.StaffIssue{TemplateID: other.ID, MemberID: first.ID, Count: 1, Reason: "补偿", IdempotencyKey: "staff-key"})
		require.NoError(t, err)
		_, _, err = s.ImportCodes(administrator(t, w), code.ID, "一", []string{"ABCDEF1"}, "import-key")
		require.NoError(t, err)
		_, err = s.Exchange(testkit.As(t, viewer), "ABCDEF1", "exchange-key")
		require.NoError(t, err)

		rows := client.Coupon.Query().Where(entcoupon.SourceNEQ(enum.SourceClaim)).AllX(ctx)
		require.Equal(t, map[enum.CouponSource]int{enum.SourceEvent: 1, enum.SourceBulk: 1, enum.SourceStaff: 1, enum.SourceExchange: 1}, sources(rows))
		_, thief := w.NewMember(t)
		for _, row := range rows {
			_, err := s.Claim(testkit.As(t, thief), other.ID, row.ClaimKey)
			refused(t, apperr.IdempotencyKeyInvalid, err)
		}
		require.Equal(t, 1, count(t, w, birthday))
	})
}

func sources(rows []*ent.Coupon) map[enum.CouponSource]int {
	n := map[enum.CouponSource]int{}
	for _, row := range rows {
		n[row.Source]++
	}
	return n
}
