package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
	"dongxiao/internal/wechatpay"
)

// rowsLeft is everything that notices leave behind, with what differs by chance left out: ids, stripes and when a row was written.
func (n *notices) rowsLeft(t *testing.T, paymentIDs []int64) (rows []string) {
	ctx := auth.System(t.Context(), n.brandID)
	client := n.store.Client(ctx)
	names := []string{fmt.Sprint(n.orgID), "org", fmt.Sprint(n.accountID), "account", n.wechatAppID, "app"}
	for i, id := range paymentIDs {
		names = append(names, tradeNumber(id), fmt.Sprint("number ", i), fmt.Sprint(id), fmt.Sprint("payment ", i))
	}
	say := strings.NewReplacer(names...)
	add := func(values ...any) { rows = append(rows, say.Replace(fmt.Sprintln(values...))) }
	for _, r := range client.Payment.Query().AllX(ctx) {
		transaction := ""
		if r.TransactionID != nil {
			transaction = *r.TransactionID
		}
		add("payment", r.ID, r.State, r.Outcome, transaction, r.PaidFen, r.PaidAt, r.RefundingFen, r.RefundedFen, r.CheckAt == nil, r.Dispute)
	}
	for _, r := range client.PaymentNotice.Query().AllX(ctx) {
		add("notice", r.MerchantAccountID, r.EventID, r.EventType, r.Number, fmt.Sprintf("%+v", r.Content), r.AppliedAt.UTC(), r.Attempts, r.DueAt.UTC())
	}
	for _, r := range client.OutboxMessage.Query().AllX(ctx) {
		add("message", r.Topic, r.Partition, string(r.Payload), r.State, r.DueAt.UTC())
	}
	for _, r := range client.PaymentRefund.Query().AllX(ctx) {
		add("refund", r.PaymentID, r.MerchantAccountID, r.OrgID, r.MemberID, r.Cause, r.SubjectID, r.AmountFen, r.State, r.CheckAt.UTC())
	}
	kinds, sums := map[int64]enum.AccountKind{}, map[enum.AccountKind]int64{}
	for _, r := range client.LedgerAccount.Query().AllX(ctx) {
		kinds[r.ID] = r.Kind
		sums[r.Kind] += r.Balance
		if r.Kind == enum.AccountMerchant {
			require.Equal(t, n.accountID, r.OwnerID)
		} else {
			require.Equal(t, n.orgID, r.OwnerID)
		}
	}
	add("accounts", sums)
	keys := map[int64]string{}
	for _, r := range client.LedgerPosting.Query().AllX(ctx) {
		keys[r.ID] = r.BusinessKey
		add("posting", r.Kind, r.BusinessKey, r.OrgID != nil && *r.OrgID == n.orgID, r.MemberID, r.SubjectID, r.ReversesID, r.OccurredAt.UTC())
	}
	for _, r := range client.LedgerEntry.Query().AllX(ctx) {
		add("entry", keys[r.PostingID], kinds[r.AccountID], r.Amount, r.BalanceAfter)
	}
	slices.Sort(rows)
	return rows
}

// Both ways to take notices give the same answers and leave the same rows.
func TestThePlainNoticesHoldTheSameRules(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	var answers [][]int
	var rows [][]string
	start := time.Now().UTC().Truncate(time.Second)
	for _, form := range []func(*notices) http.Handler{func(n *notices) http.Handler { return n.shipped }, func(n *notices) http.Handler { return n.plain },
		func(n *notices) http.Handler { return n.atOnce }} {
		w.Clock.Set(start)
		n, err := openNotices(t.Context(), w.Store, w.Redis, w.Clock, w.Keyring)
		require.NoError(t, err)
		n.openID = "the payer"
		ctx := auth.System(t.Context(), n.brandID)
		client := n.store.Client(ctx)
		client.Identity.Update().SetOpenidHash(w.Keyring.Ring().Hash("openid", n.brandID, n.openID)).ExecX(ctx)
		paymentIDs, err := n.insertPayments(t.Context(), 9)
		require.NoError(t, err)
		client.Payment.UpdateOneID(paymentIDs[1]).SetState(enum.PaymentClosed).SetClosedAt(start).ClearCheckAt().ExecX(ctx)
		var said []int
		event := 0
		tell := func(payment int, change func(*transaction), forge func(*noticeRequest)) {
			number := "nobody's"
			if payment >= 0 {
				number = tradeNumber(paymentIDs[payment])
			}
			told := n.paid(number)
			told.TransactionID = fmt.Sprint("4200", payment)
			change(&told)
			event++
			r, err := n.notice(fmt.Sprint("EV-", event), told)
			require.NoError(t, err)
			forge(&r)
			said = append(said, n.send(t.Context(), form(n), r), n.send(t.Context(), form(n), r)) // each comes twice
			n.plain.later.Wait()
			_, err = n.service.ApplyDue(auth.Operator(t.Context()), 100)
			require.NoError(t, err)
			for _, due := range client.PaymentNotice.Query().AllX(ctx) {
				if due.AppliedAt == nil { // not due yet: the clock stands still, so that both forms write the same times
					client.PaymentNotice.UpdateOne(due).SetDueAt(start).ExecX(ctx)
				}
			}
			_, err = n.service.ApplyDue(auth.Operator(t.Context()), 100)
			require.NoError(t, err)
			client.PaymentNotice.Update().SetDueAt(start.Add(5 * time.Second)).ExecX(ctx)
		}
		asIs, genuine := func(*transaction) {}, func(*noticeRequest) {}
		tell(0, asIs, genuine)
		tell(0, asIs, genuine)
		tell(1, asIs, genuine)
		tell(2, func(x *transaction) { x.Amount.Total-- }, genuine)
		tell(3, func(x *transaction) { x.Amount.Currency, x.AppID, x.Payer.OpenID = "USD", "wx1", "somebody" }, genuine)
		tell(4, func(x *transaction) { x.MerchantID = "1900000999" }, genuine)
		tell(5, func(x *transaction) { x.State, x.TransactionID, x.SuccessTime = "CLOSED", "", "" }, genuine)
		tell(-1, asIs, genuine)
		tell(6, asIs, func(r *noticeRequest) {
			r.body = bytes.Replace(r.body, []byte("TRANSACTION"), []byte("TRANSACTIOM"), 1)
		})
		tell(6, asIs, func(r *noticeRequest) {
			r.header.Set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/"+r.header.Get("Wechatpay-Signature"))
		})
		tell(6, asIs, func(r *noticeRequest) { r.header.Del("Wechatpay-Nonce") })
		tell(6, asIs, func(r *noticeRequest) { r.header.Set("Wechatpay-Timestamp", fmt.Sprint(start.Add(-time.Hour).Unix())) })
		tell(6, asIs, func(r *noticeRequest) { r.body = make([]byte, wechatpay.MaxNotice+1) })
		tell(7, asIs, genuine)
		require.EqualValues(t, 2, n.applied.Load())
		answers, rows = append(answers, said), append(rows, n.rowsLeft(t, paymentIDs))
	}
	for i := range answers {
		require.Equal(t, answers[0], answers[i], i)
		require.Equal(t, rows[0], rows[i], i)
	}
	require.Equal(t, []int{204, 204, 204, 204, 204, 204}, answers[0][:6])
	require.Equal(t, []int{401, 401, 401, 401, 401, 401, 401, 401, 413, 413, 204, 204}, answers[0][16:])
}

// Many notices at once, each from several callers, pay each payment once in both ways.
func TestRaceOfTheNotices(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	w.Clock.Set(time.Now())
	for i, form := range []func(*notices) http.Handler{func(n *notices) http.Handler { return n.shipped }, func(n *notices) http.Handler { return n.plain },
		func(n *notices) http.Handler { return n.atOnce }} {
		n, err := openNotices(t.Context(), w.Store, w.Redis, w.Clock, w.Keyring)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		working.Go(func() { n.service.Work(ctx) }) // without the sweep, which is of all brands
		requests, err := n.sign(t.Context(), 16)
		require.NoError(t, err)
		statuses := make(chan int, 64)
		for k := range cap(statuses) {
			go func() { statuses <- n.send(t.Context(), form(n), requests[k%len(requests)]) }()
		}
		for range cap(statuses) {
			require.Equal(t, http.StatusNoContent, <-statuses, i)
		}
		require.Eventually(t, func() bool { return n.applied.Load() == 16 }, 30*time.Second, time.Millisecond)
		n.plain.later.Wait()
		stop()
		working.Wait()
		require.EqualValues(t, 16, n.applied.Load())
		testkit.VerifyBrand(t, w.Store, n.brandID)
	}
}

// The budget of a notice that is stored and then applied, without what a server looks up once, or once a second: the merchant account, numbers of WeChat's, and which
// rows are the stripes of an account.
func TestStatementsOfANotice(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	w.Clock.Set(time.Now())
	n, err := openNotices(t.Context(), w.Store, w.Redis, w.Clock, w.Keyring)
	require.NoError(t, err)
	known := func(s string) bool {
		return strings.Contains(s, "FROM `merchant_accounts`") || strings.Contains(s, "FROM `apps`") || strings.HasPrefix(s, "SELECT `ledger_accounts`.`id`") ||
			strings.HasPrefix(s, "INSERT INTO `ledger_accounts`") || strings.Contains(s, "FROM `payment_notices`")
	}
	requests, err := n.sign(t.Context(), 1)
	require.NoError(t, err)
	ctx, counted := store.CollectStatements(t.Context())
	require.Equal(t, http.StatusNoContent, n.send(ctx, n.shipped, requests[0]))
	require.Len(t, slices.DeleteFunc(counted.List(), known), 2, "%s", strings.Join(counted.List(), "\n"))
	w.Clock.Advance(time.Minute)
	_, err = n.service.ApplyDue(auth.System(ctx, n.brandID), 10)
	require.NoError(t, err)
	require.EqualValues(t, 1, n.applied.Load())
	require.Len(t, slices.DeleteFunc(counted.List(), known), 9, "%s", strings.Join(counted.List(), "\n"))
}
