package clearing_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/domain/clearing"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/money"
	"dongxiao/internal/testkit"
)

// tally runs call n times at once and counts the codes; "" is success.
func tally(n int, call func(i int) error) map[apperr.Code]int {
	var wait sync.WaitGroup
	var mu sync.Mutex
	counts := map[apperr.Code]int{}
	for i := range n {
		wait.Go(func() {
			code := codeOf(call(i))
			mu.Lock()
			counts[code]++
			mu.Unlock()
		})
	}
	wait.Wait()
	return counts
}

// Statements are made, by many at once, while members spend: each line is on one statement or on none, and the sums are those of the lines.
func TestRaceStatementsAgainstSpending(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		ctx := h.system(t)
		members := make([]*ent.Member, 32)
		for i := range members {
			members[i] = h.wallet(t, 1_000, 100)
		}
		for _, m := range members[:8] {
			_, _, err := h.spend(ctx, m, h.Store1.ID, 100, 10)
			require.NoError(t, err)
		}
		h.Clock.Advance(9 * 24 * 60 * 60 * 1e9) // December has begun, but these spends say that they are of November
		counts := tally(40, func(i int) error {
			if i >= 32 {
				_, _, err := h.MakeMonth(testkit.As(t, h.finance), 202611)
				return err
			}
			_, _, err := h.spendAt(ctx, members[i], h.Store1.ID, testkit.Start, 100, 10)
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 40}, counts)
		_, _, err := h.MakeMonth(testkit.As(t, h.finance), 202611)
		require.NoError(t, err)
		h.requireSums(t)
		h.month(t)
		for _, l := range h.lines(t) {
			require.NotNil(t, l.StatementID, "what was too late is on the next one")
		}
		require.Len(t, h.lines(t), 40*3)
		h.requireSums(t)
	})
}

// requireSums compares each statement with its lines.
func (h *house) requireSums(t *testing.T) {
	t.Helper()
	first, second, count := map[int64]int64{}, map[int64]int64{}, map[int64]int{}
	statements := map[int64]*ent.ClearingStatement{}
	for _, s := range h.statements(t) {
		statements[s.ID] = s
	}
	for _, l := range h.lines(t) {
		if l.StatementID == nil {
			continue
		}
		s := statements[*l.StatementID]
		require.Equal(t, s.Period, l.Period)
		if count[s.ID]++; l.DebtorOrgID == s.FirstOrgID {
			first[s.ID] += l.AmountFen
		} else {
			second[s.ID] += l.AmountFen
		}
	}
	for id, s := range statements {
		require.Equal(t, []any{first[id], second[id], count[id]}, []any{s.FirstOwesFen, s.SecondOwesFen, s.Lines})
	}
}

// Both sides confirm, and one disputes: either the dispute came in time and nobody's word counts, or both had confirmed.
func TestRaceConfirmAgainstDispute(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		for range 4 {
			_, _, err := h.spend(h.system(t), h.wallet(t, 1_000, 0), h.Store1.ID, 1_000)
			require.NoError(t, err)
			h.month(t)
		}
		lines := h.lines(t)
		for round, s := range h.statements(t) {
			see := clearing.Confirmation{StatementID: s.ID, FirstOwes: money.Fen(s.FirstOwesFen), SecondOwes: money.Fen(s.SecondOwesFen)}
			counts := tally(32, func(i int) error {
				mine := see
				switch i % 4 {
				case 0:
					_, err := h.Dispute(testkit.As(t, h.one), lines[round].ID, h.Store1.ID, "不对")
					return err
				case 1:
					mine.OrgID = h.Store1.ID
					_, err := h.Confirm(testkit.As(t, h.one), mine)
					return err
				}
				mine.OrgID = h.Store2.ID
				_, err := h.Confirm(testkit.As(t, h.other), mine)
				return err
			})
			after := h.statements(t)[round]
			switch after.State {
			case enum.StatementConfirmed:
				require.Equal(t, map[apperr.Code]int{"": 24, apperr.ClearingStatementConfirmed: 8}, counts)
				require.NotNil(t, after.FirstConfirmedAt)
				require.NotNil(t, after.SecondConfirmedAt)
			case enum.StatementDisputed:
				require.Equal(t, 32, counts[""]+counts[apperr.ClearingLineDisputed])
				require.GreaterOrEqual(t, counts[""], 8)
				require.Nil(t, after.FirstConfirmedAt)
				require.Nil(t, after.SecondConfirmedAt)
			default:
				require.Fail(t, "neither confirmed nor disputed", after.State)
			}
		}
	})
}

// A dispute is accepted by one side and withdrawn by the other at once: one of the two happens.
func TestRaceAcceptAgainstWithdraw(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		for range 2 {
			_, _, err := h.spend(h.system(t), h.wallet(t, 1_000, 0), h.Store1.ID, 1_000)
			require.NoError(t, err)
		}
		h.month(t)
		line := h.lines(t)[0]
		_, err := h.Dispute(testkit.As(t, h.one), line.ID, h.Store1.ID, "不对")
		require.NoError(t, err)
		counts := tally(32, func(i int) error {
			if i%2 == 0 {
				_, err := h.Accept(testkit.As(t, h.other), line.ID, h.Store2.ID)
				return err
			}
			_, err := h.Withdraw(testkit.As(t, h.one), line.ID, h.Store1.ID)
			return err
		})
		s := h.statements(t)[0]
		require.Equal(t, enum.StatementIssued, s.State)
		if h.lines(t)[0].StatementID == nil {
			require.Equal(t, []any{1, int64(990)}, []any{s.Lines, h.owes(s)})
			require.GreaterOrEqual(t, counts[""], 1)
		} else {
			require.Equal(t, []any{2, int64(1_980)}, []any{s.Lines, h.owes(s)})
			require.Equal(t, map[apperr.Code]int{"": 16, apperr.Conflict: 16}, counts)
		}
	})
}

// One payment is given back in many parts at once: the lines end where they began.
func TestRaceReversals(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		ctx := h.system(t)
		member := h.wallet(t, 331, 97)
		payment, spent, err := h.spend(ctx, member, h.Store1.ID, 331, 97)
		require.NoError(t, err)
		counts := tally(32, func(i int) error {
			principal, bonus := int64(10), int64(3)
			if i == 31 {
				principal, bonus = 331-310, 97-93
			}
			return h.refund(ctx, member, h.Store1.ID, payment, spent, principal, bonus)
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, counts)
		of := map[int64][3]int64{}
		for _, l := range h.lines(t) {
			sum := of[l.DebtorOrgID]
			of[l.DebtorOrgID] = [3]int64{sum[0] + l.FaceFen, sum[1] + l.FeeFen, sum[2] + l.AmountFen}
		}
		require.Equal(t, map[int64][3]int64{h.Store2.ID: {}, h.Root.ID: {}}, of)
	})
}
