package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
)

// left is everything that redemptions leave behind, with what differs by chance left out: ids, stripes, hashes and when a row was written.
func (c *redeems) left(t *testing.T) (rows []string) {
	ctx := auth.System(t.Context(), c.brandID)
	client := c.store.Client(ctx)
	names := []string{fmt.Sprint(c.clerkID), "clerk", fmt.Sprint(c.personID), "person", fmt.Sprint(c.stores[0]), "store", fmt.Sprint(c.rootID), "root"}
	name := func(kind ids.Kind, id int64, as string) {
		names = append(names, fmt.Sprint(id), as, ids.Encode(kind, id), as)
	}
	for i, id := range c.members {
		name(ids.Member, id, fmt.Sprint("member ", i))
	}
	for _, r := range client.Coupon.Query().AllX(ctx) {
		name(ids.Coupon, r.ID, r.ClaimKey)
	}
	for _, r := range client.Redemption.Query().AllX(ctx) {
		name(ids.Redemption, r.ID, "redemption of "+fmt.Sprint(r.SubjectID))
	}
	say := func(text string) string { // a redemption's name has a coupon's
		return strings.NewReplacer(names...).Replace(strings.NewReplacer(names...).Replace(text))
	}
	add := func(values ...any) { rows = append(rows, say(fmt.Sprintln(values...))) }
	for _, r := range client.Redemption.Query().AllX(ctx) {
		add("redemption", r.CreatedAt.UTC(), r.Kind, r.SubjectID, *r.ActiveSubjectID, r.MemberID, r.StoreID, r.StaffID, r.ShiftID, r.State, r.PurchaseFen, r.DiscountFen, r.DistanceMetres,
			r.NeedsReview, r.IdempotencyKey)
	}
	for _, r := range client.Coupon.Query().AllX(ctx) {
		add("coupon", r.ID, r.State, r.UsedAt != nil)
	}
	for _, r := range client.Member.Query().AllX(ctx) {
		add("member", r.ID, r.EventSequence)
	}
	for _, r := range client.IdempotencyKey.Query().AllX(ctx) {
		add("key", r.ActorID, r.Operation, len(r.Key) > 0, len(r.InputHash), r.ResultID)
	}
	for _, r := range client.MemberEvent.Query().AllX(ctx) {
		add("event", r.MemberID, r.Sequence, r.Kind, *r.CouponID, *r.RedemptionID, r.WalletPaymentID)
	}
	for _, r := range client.AuditEntry.Query().AllX(ctx) {
		add("audit", r.OrgID, r.PersonID, r.Action, r.Subject, r.Before, fmt.Sprintf("%s", r.After), r.Reason)
	}
	owners, sums := map[int64]int64{}, map[int64]int64{}
	for _, r := range client.LedgerAccount.Query().AllX(ctx) {
		if r.Kind == enum.AccountClearing {
			owners[r.ID] = r.OwnerID
			sums[r.OwnerID] += r.Balance
		}
	}
	for owner, sum := range sums {
		add("owed", owner, sum)
	}
	postings := map[int64]int64{}
	for _, r := range client.LedgerPosting.Query().AllX(ctx) {
		postings[r.ID] = r.SubjectID
		add("posting", r.Kind, r.BusinessKey, *r.OrgID, r.MemberID, r.SubjectID, r.ReversesID, r.OccurredAt.UTC())
	}
	for _, r := range client.LedgerEntry.Query().AllX(ctx) {
		add("entry", postings[r.PostingID], owners[r.AccountID], r.Amount, r.BalanceAfter)
	}
	for _, r := range client.ClearingLine.Query().AllX(ctx) {
		add("line", r.Kind, r.DebtorOrgID, r.CreditorOrgID, r.FaceFen, r.FeeFen, r.AmountFen, r.SubjectID, r.MovementID, postings[r.PostingID], r.ReversesID, r.Period, r.State)
	}
	slices.Sort(rows)
	return rows
}

// Both ways to redeem give the same answers and leave the same rows.
func TestThePlainRedeemsHoldTheSameRules(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	var answers, left [][]string
	for _, form := range []func(*redeems) redeemer{func(c *redeems) redeemer { return c.confirm }, func(c *redeems) redeemer { return c.plain.confirm }} {
		w.Clock.Set(testkit.Start)
		c, err := openRedeems(t.Context(), &spends{store: w.Store, clock: w.Clock}, w.Redis, w.Keyring, 4)
		require.NoError(t, err)
		require.NoError(t, c.give(t.Context(), 8))
		ctx := auth.System(t.Context(), c.brandID)
		client := c.store.Client(ctx)
		var said []string
		ask := func(what string, member int, h held) {
			code, err := c.codec.Issue(c.numbers[member], "REDEEM", w.Clock.Now())
			require.NoError(t, err)
			said = append(said, fmt.Sprint(what, " ", apperr.CodeOf(form(c)(t.Context(), code.Digits, h.couponID, fmt.Sprintf("redeem-%04d", len(said))))))
			w.Clock.Advance(2 * time.Minute)
		}
		first, second, third, frozen := <-c.coupons, <-c.coupons, <-c.coupons, <-c.coupons
		client.Member.UpdateOneID(c.members[frozen.n]).SetState(enum.MemberFrozen).ExecX(ctx)
		client.Coupon.UpdateOneID(third.couponID).SetExpiresAt(testkit.Start).ExecX(ctx)
		ask("one", first.n, first)
		ask("again", first.n, first)
		ask("another's", first.n, second)
		ask("second", second.n, second)
		ask("expired", third.n, third)
		ask("frozen", frozen.n, frozen)
		ask("more", first.n, <-c.coupons)
		answers, left = append(answers, said), append(left, c.left(t))
	}
	require.Equal(t, []string{"one ", "again COUPON_ALREADY_USED", "another's NOT_FOUND", "second ", "expired COUPON_EXPIRED", "frozen MEMBER_FROZEN", "more "}, answers[0])
	require.Equal(t, answers[0], answers[1])
	require.Equal(t, left[0], left[1])
}
