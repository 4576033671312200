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
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/lot"
	entmember "dongxiao/ent/member"
	entwallet "dongxiao/ent/wallet"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
	"dongxiao/internal/store"
	"dongxiao/internal/testkit"
)

// rowsLeft is everything that spends leave behind, with what differs by chance left out: ids, stripes and when a row was written.
func (p *spends) rowsLeft(t *testing.T) (rows []string) {
	ctx := auth.System(t.Context(), p.brandID)
	client := p.store.Client(ctx)
	names := []string{fmt.Sprint(p.clerkID), "clerk", fmt.Sprint(p.personID), "person", fmt.Sprint(p.stores[0]), "store"}
	for i, id := range p.members {
		names = append(names, fmt.Sprint(id), fmt.Sprint("member ", i), ids.Encode(ids.Member, id), fmt.Sprint("member ", i))
	}
	number, key := map[int64]string{}, map[int64]string{}
	for _, r := range client.WalletPayment.Query().AllX(ctx) {
		number[r.ID] = r.IdempotencyKey
		names = append(names, fmt.Sprint(r.ID), r.IdempotencyKey, ids.Encode(ids.WalletPayment, r.ID), r.IdempotencyKey)
	}
	say := strings.NewReplacer(names...)
	add := func(values ...any) { rows = append(rows, say.Replace(fmt.Sprintln(values...))) }
	for _, r := range client.WalletPayment.Query().AllX(ctx) {
		add("payment", r.CreatedAt.UTC(), r.MemberID, r.OrgID, r.State, r.Source, r.SubjectID, r.AmountFen, r.PrincipalFen, r.BonusFen, r.CapturedFen, r.RefundedFen, *r.StaffID, r.ShiftID,
			r.ActorID, r.IdempotencyKey, len(r.InputHash), r.ExpiresAt, r.CapturedAt.UTC(), r.EndedAt)
	}
	for _, r := range client.Wallet.Query().AllX(ctx) {
		add("wallet", r.MemberID, r.State, r.BalanceFen, r.PendingFen)
	}
	for _, r := range client.Member.Query().AllX(ctx) {
		add("member", r.ID, r.EventSequence)
	}
	for _, r := range client.IdempotencyKey.Query().AllX(ctx) {
		add("key", r.ActorID, r.Operation, len(r.Key) > 0, r.InputHash, r.ResultID)
	}
	for _, r := range client.MemberEvent.Query().AllX(ctx) {
		add("event", r.MemberID, r.Sequence, r.Kind, *r.WalletPaymentID, r.CouponID, r.TopUpID)
	}
	for _, r := range client.AuditEntry.Query().AllX(ctx) {
		add("audit", r.OrgID, r.PersonID, r.Action, r.Subject, r.Before, fmt.Sprintf("%s", r.After), r.Reason, r.RequestID)
	}
	for _, r := range client.Lot.Query().AllX(ctx) {
		add("lot", r.MemberID, r.Kind, r.Amount, r.Remaining, r.Held, r.ExpiredAt)
	}
	spent := int64(0)
	kinds := map[int64]enum.AccountKind{}
	for _, r := range client.LedgerAccount.Query().AllX(ctx) {
		kinds[r.ID] = r.Kind
		if r.Kind == enum.AccountValueSpent {
			spent += r.Balance
		} else {
			add("account", r.Kind, r.OwnerID, r.Balance)
		}
	}
	add("spent", spent)
	for _, r := range client.LedgerPosting.Query().AllX(ctx) {
		key[r.ID] = number[r.SubjectID]
		add("posting", r.Kind, r.BusinessKey, *r.OrgID, *r.MemberID, r.SubjectID, r.ReversesID, r.OccurredAt.UTC())
	}
	for _, r := range client.LedgerEntry.Query().AllX(ctx) {
		after := "none"
		if r.BalanceAfter != nil {
			after = fmt.Sprint(*r.BalanceAfter)
		}
		add("entry", key[r.PostingID], kinds[r.AccountID], r.Amount, after)
	}
	for _, r := range client.LotMovement.Query().AllX(ctx) {
		add("movement", key[r.PostingID], r.RemainingChange, r.HeldChange, r.RemainingAfter, r.HeldAfter, r.ReversesID, r.ExpiresAt)
	}
	slices.Sort(rows)
	return rows
}

// Both ways to spend give the same answers and leave the same rows.
func TestThePlainSpendsHoldTheSameRules(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	var answers [][]string
	var left [][]string
	for _, form := range []func(*spends) spender{func(p *spends) spender { return p.charge }, func(p *spends) spender { return p.plain.charge }} {
		w.Clock.Set(testkit.Start)
		p, err := openSpends(t.Context(), w.Store, w.Clock, w.Keyring, 7, 1)
		require.NoError(t, err)
		ctx := auth.System(t.Context(), p.brandID)
		client := p.store.Client(ctx)
		spend := form(p)
		// Member 0 has a bonus too, which expires.
		client.Lot.Create().SetMemberID(p.members[0]).SetKind(enum.LotBonus).SetSourceID(p.members[0]).SetIssuerOrgID(p.stores[0]).SetScopeOrgID(p.stores[0]).SetAmount(300).
			SetRemaining(300).SetFunders([]document.Funder{{OrgID: p.stores[0], BasisPoints: money.Whole}}).SetExpiresAt(testkit.Start.Add(time.Hour)).ExecX(ctx)
		client.LedgerAccount.Update().Where(ledgeraccount.OwnerID(p.members[0]), ledgeraccount.KindEQ(enum.AccountBonus)).SetBalance(300).ExecX(ctx)
		client.Wallet.Update().Where(entwallet.MemberID(p.members[0])).AddBalanceFen(300).ExecX(ctx)
		client.Member.Update().Where(entmember.ID(p.members[1])).SetState(enum.MemberFrozen).ExecX(ctx)
		client.Wallet.Update().Where(entwallet.MemberID(p.members[2])).SetState(enum.WalletFrozen).ExecX(ctx)
		client.Wallet.Update().Where(entwallet.MemberID(p.members[3])).SetGeneration(2).ExecX(ctx)
		client.Lot.Update().Where(lot.MemberID(p.members[4])).SetRemaining(50).ExecX(ctx)
		client.LedgerAccount.Update().Where(ledgeraccount.OwnerID(p.members[4]), ledgeraccount.KindEQ(enum.AccountPrincipal)).SetBalance(50).ExecX(ctx)
		var said []string
		ask := func(what string, member int, amount money.Fen, key, digits string) string {
			if digits == "" {
				code, err := p.codec.IssuePay(p.numbers[member], 1, w.Clock.Now())
				require.NoError(t, err)
				digits = code.Digits
			}
			said = append(said, fmt.Sprint(what, " ", apperr.CodeOf(spend(t.Context(), digits, p.stores[0], amount, key))))
			return digits
		}
		ask("both lots", 0, 1000, "key-both", "")
		w.Clock.Advance(time.Minute)
		digits := ask("principal", 0, 1000, "key-principal", "")
		ask("again", 0, 1000, "key-principal", digits)
		ask("reused", 0, 1001, "key-principal", digits)
		ask("used", 0, 1000, "key-used", digits)
		ask("frozen member", 1, 100, "key-frozen-member", "")
		ask("frozen wallet", 2, 100, "key-frozen-wallet", "")
		ask("generation", 3, 100, "key-generation", "")
		ask("too much", 4, 51, "key-too-much", "")
		ask("all", 4, 50, "key-all-of-it", "")
		ask("nothing", 5, 0, "key-nothing", "")
		ask("key", 5, 1, "short", "")
		ask("code", 5, 1, "key-code-code", "90000000000000000000")
		ask("last", 6, 100, "key-last-one", "")
		client.Org.UpdateOneID(p.stores[0]).SetState(enum.OrgClosed).ExecX(ctx)
		ask("closed", 6, 100, "key-closed", "")
		answers, left = append(answers, said), append(left, p.rowsLeft(t))
	}
	require.Equal(t, answers[0], answers[1])
	require.Equal(t, left[0], left[1])
	require.Equal(t, []string{"both lots ", "principal ", "again ", "reused IDEMPOTENCY_KEY_REUSED", "used PAY_CODE_USED", "frozen member MEMBER_FROZEN", "frozen wallet WALLET_FROZEN",
		"generation PAY_CODE_INVALID", "too much WALLET_INSUFFICIENT", "all ", "nothing INVALID_INPUT", "key IDEMPOTENCY_KEY_INVALID", "code PAY_CODE_INVALID", "last ", "closed STORE_CLOSED"}, answers[0])
}

// Members who pay at once, each several times, lose exactly what they paid in both ways.
func TestRaceOfTheSpends(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	for i, form := range []func(*spends) spender{func(p *spends) spender { return p.charge }, func(p *spends) spender { return p.plain.charge }} {
		p, err := openSpends(t.Context(), w.Store, w.Clock, w.Keyring, 8, 1)
		require.NoError(t, err)
		codes := make(chan apperr.Code, 32)
		for n := range cap(codes) {
			code, err := p.codec.IssuePay(p.numbers[n%8], 1, w.Clock.Now())
			require.NoError(t, err)
			go func() {
				codes <- apperr.CodeOf(form(p)(t.Context(), code.Digits, p.stores[0], 200_00, fmt.Sprintf("race-%04d", n)))
			}()
		}
		passed := 0
		for range cap(codes) {
			switch code := <-codes; code {
			case "":
				passed++
			default:
				require.Equal(t, apperr.PayCodeUsed, code, i)
			}
		}
		ctx := auth.System(t.Context(), p.brandID)
		var spent int64
		for _, a := range w.Store.Client(ctx).LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountValueSpent)).AllX(ctx) {
			spent += a.Balance
		}
		require.EqualValues(t, passed*200_00, spent)
		var remaining int64
		for _, l := range w.Store.Client(ctx).Lot.Query().AllX(ctx) {
			remaining += l.Remaining
		}
		require.EqualValues(t, 8*valueEach-spent, remaining)
	}
}

// The budget of a payment at the till, without what a server looks up once: which rows are the stripes of an account.
func TestStatementsOfASpend(t *testing.T) {
	t.Parallel()
	w := testkit.New(t, dialect.MySQL)
	p, err := openSpends(t.Context(), w.Store, w.Clock, w.Keyring, 1, 1)
	require.NoError(t, err)
	code, err := p.codec.IssuePay(p.numbers[0], 1, w.Clock.Now())
	require.NoError(t, err)
	ctx, counted := store.CollectStatements(t.Context())
	require.NoError(t, p.charge(ctx, code.Digits, p.stores[0], 100, "key-of-the-budget"))
	statements := slices.DeleteFunc(counted.List(), func(s string) bool { return strings.HasPrefix(s, "SELECT `ledger_accounts`.`id`") })
	require.Len(t, statements, 14, "%s", strings.Join(statements, "\n"))
}
