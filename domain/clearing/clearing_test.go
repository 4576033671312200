package clearing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func TestMonthOfClearing(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		ctx := h.system(t)
		member := h.wallet(t, 10_000, 1_000)
		payment, spent, err := h.spend(ctx, member, h.Store1.ID, 10_000, 1_000)
		require.NoError(t, err)
		_, _, err = h.spend(ctx, h.wallet(t, 500, 0), h.Store2.ID, 500)
		require.NoError(t, err)
		lines := h.lines(t)
		require.Len(t, lines, 3, "what is spent where it was issued is no debt")
		require.Equal(t, []int64{10_000, 100, 9_900}, []int64{lines[0].FaceFen, lines[0].FeeFen, lines[0].AmountFen})
		require.Equal(t, []int64{h.Root.ID, 600, h.Store2.ID, 400}, []int64{lines[1].DebtorOrgID, lines[1].AmountFen, lines[2].DebtorOrgID, lines[2].AmountFen})
		require.Equal(t, 202611, lines[0].Period)

		made, err := h.MakeDueIn(ctx, 100)
		require.NoError(t, err)
		require.Zero(t, made, "the month has not ended")
		require.Equal(t, 2, h.month(t))
		require.Zero(t, func() int { n, _ := h.MakeDueIn(ctx, 100); return n }())
		statements := h.statements(t)
		require.Len(t, statements, 2)
		var ours *ent.ClearingStatement
		for _, s := range statements {
			require.Equal(t, 202611, s.Period)
			if s.Lines == 2 {
				ours = s
			}
		}
		require.EqualValues(t, 10_300, h.owes(ours))

		// A refund after the statement is on the next one, and so is the other direction.
		require.NoError(t, h.refund(ctx, member, h.Store1.ID, payment, spent, 5_000, 500))
		require.Equal(t, 2, h.month(t))
		next := h.statements(t)[2:]
		for _, s := range next {
			require.Equal(t, 202612, s.Period)
			if s.Lines == 2 {
				require.EqualValues(t, -(5_000 - 50 + 200), h.owes(s))
			}
		}
		require.NoError(t, h.refund(ctx, member, h.Store1.ID, payment, spent, 5_000, 500))
		var face, feeSum, amount int64
		for _, l := range h.lines(t) {
			face, feeSum, amount = face+l.FaceFen, feeSum+l.FeeFen, amount+l.AmountFen
		}
		require.Equal(t, []int64{0, 0, 0}, []int64{face, feeSum, amount}, "what was given back in full leaves nothing")
		testkit.VerifyBrand(t, h.Store, h.Brand.ID)
	})
}

// However payments are given back, the debts of each end where they began, and at each step they are those of what is not given back yet.
func TestReversalsInParts(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		ctx := h.system(t)
		draw := rapid.MakeCheck(func(r *rapid.T) {
			principal, bonus := rapid.Int64Range(1, 200).Draw(r, "principal"), rapid.Int64Range(1, 200).Draw(r, "bonus")
			where := rapid.SampledFrom([]int64{h.Store1.ID, h.Root.ID}).Draw(r, "where")
			member := h.wallet(t, principal, bonus)
			payment, spent, err := h.spend(ctx, member, where, principal, bonus)
			require.NoError(r, err)
			for principal+bonus > 0 {
				p, b := rapid.Int64Range(0, principal).Draw(r, "principal back"), rapid.Int64Range(0, bonus).Draw(r, "bonus back")
				if p+b == 0 {
					p, b = principal, bonus
				}
				require.NoError(r, h.refund(ctx, member, where, payment, spent, p, b))
				principal, bonus = principal-p, bonus-b
				var ofPrincipal, ofBonus int64
				for _, l := range h.Store.Client(ctx).ClearingLine.Query().Where(clearingline.SubjectID(payment)).AllX(ctx) {
					if l.Kind == enum.ClearPrincipal {
						ofPrincipal += l.FaceFen
					} else {
						ofBonus += l.FaceFen
					}
				}
				require.Equal(r, principal, ofPrincipal)
				if where == h.Store1.ID {
					require.Equal(r, bonus, ofBonus)
				} else {
					require.LessOrEqual(r, ofBonus, bonus, "the brand bears its own share itself")
				}
				if principal+bonus == 0 {
					require.Zero(r, ofBonus)
				}
			}
			err = h.refund(ctx, member, where, payment, spent, 1)
			require.Error(r, err, "nothing is left to give back")
		})
		draw(t)
		testkit.VerifyBrand(t, h.Store, h.Brand.ID)
	})
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		_, _, err := h.spend(h.system(t), h.wallet(t, 10_000, 0), h.Store1.ID, 10_000)
		require.NoError(t, err)
		h.month(t)
		s := h.statements(t)[0]

		_, clerk := h.NewStaff(t, auth.Portal, h.Store1, auth.Manager)
		_, above := h.NewStaff(t, auth.Console, h.Region, auth.Finance)
		_, distributor := h.NewStaff(t, auth.Mall, h.Distributor, auth.Owner)
		alien := h.finance
		alien.BrandID = h.NewBrand(t).ID
		for name, v := range map[string]auth.Viewer{"a manager": clerk, "the region above": above, "the brand": h.finance, "the other store": h.other, "a distributor that serves it": distributor,
			"another brand": alien} {
			_, err := h.confirm(t, v, h.Store1.ID, s)
			require.Equal(t, apperr.NotFound, codeOf(err), name)
		}
		_, err = h.confirm(t, h.one, h.Region.ID, s)
		require.Equal(t, apperr.NotFound, codeOf(err), "no side of it")
		old := *s
		old.FirstOwesFen++
		_, err = h.confirm(t, h.one, h.Store1.ID, &old)
		require.Equal(t, apperr.Conflict, codeOf(err), "not what was seen")
		require.Equal(t, s.String(), h.statements(t)[0].String(), "nothing changed")

		for range 2 {
			half, err := h.confirm(t, h.one, h.Store1.ID, s)
			require.NoError(t, err)
			require.Equal(t, enum.StatementIssued, half.State)
		}
		for range 2 {
			whole, err := h.confirm(t, h.other, h.Store2.ID, s)
			require.NoError(t, err)
			require.Equal(t, enum.StatementConfirmed, whole.State)
			require.NotNil(t, whole.FirstConfirmedAt)
			require.NotNil(t, whole.SecondConfirmedAt)
		}
		line := h.lines(t)[0]
		_, err = h.Dispute(testkit.As(t, h.one), line.ID, h.Store1.ID, "晚了")
		require.Equal(t, apperr.ClearingStatementConfirmed, apperr.CodeOf(err))
		require.Equal(t, 2, h.Store.Client(t.Context()).AuditEntry.Query().CountX(h.system(t)), "a repeat changes nothing")
		testkit.VerifyBrand(t, h.Store, h.Brand.ID)
	})
}

func TestDispute(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		one, other := testkit.As(t, h.one), testkit.As(t, h.other)
		for range 3 {
			_, _, err := h.spend(h.system(t), h.wallet(t, 1_000, 0), h.Store1.ID, 1_000)
			require.NoError(t, err)
		}
		lines := h.lines(t)
		_, err := h.Dispute(one, lines[0].ID, h.Store1.ID, "没有这笔")
		require.Equal(t, apperr.NotFound, codeOf(err), "on no statement yet")
		h.month(t)
		s := h.statements(t)[0]
		_, err = h.confirm(t, h.one, h.Store1.ID, s)
		require.NoError(t, err)

		for _, bad := range []string{"", " ", string(make([]byte, 201))} {
			_, err = h.Dispute(other, lines[0].ID, h.Store2.ID, bad)
			require.Contains(t, []apperr.Code{apperr.ReasonRequired, apperr.InvalidInput}, apperr.CodeOf(err))
		}
		for range 2 {
			l, err := h.Dispute(other, lines[0].ID, h.Store2.ID, "没有这笔")
			require.NoError(t, err)
			require.Equal(t, enum.LineDisputed, l.State)
		}
		_, err = h.Dispute(one, lines[0].ID, h.Store1.ID, "我也不认")
		require.Equal(t, apperr.ClearingLineDisputed, apperr.CodeOf(err))
		s = h.statements(t)[0]
		require.Equal(t, enum.StatementDisputed, s.State)
		require.Nil(t, s.FirstConfirmedAt)
		require.Nil(t, s.SecondConfirmedAt)
		_, err = h.confirm(t, h.one, h.Store1.ID, s)
		require.Equal(t, apperr.ClearingLineDisputed, apperr.CodeOf(err))

		_, err = h.Withdraw(one, lines[0].ID, h.Store1.ID)
		require.Equal(t, apperr.ClearingOtherSide, apperr.CodeOf(err))
		_, err = h.Accept(other, lines[0].ID, h.Store2.ID)
		require.Equal(t, apperr.ClearingOtherSide, apperr.CodeOf(err))
		_, err = h.Accept(one, lines[1].ID, h.Store1.ID)
		require.Equal(t, apperr.Conflict, apperr.CodeOf(err), "nobody disputes it")
		_, err = h.Accept(one, lines[0].ID, h.Store2.ID)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err), "it is not the other's owner")

		_, err = h.Dispute(one, lines[1].ID, h.Store1.ID, "金额不对")
		require.NoError(t, err)
		l, err := h.Withdraw(one, lines[1].ID, h.Store1.ID)
		require.NoError(t, err)
		require.Equal(t, []any{enum.LineOpen, ""}, []any{l.State, l.DisputeReason})
		require.Equal(t, enum.StatementDisputed, h.statements(t)[0].State, "the other line is disputed still")
		l, err = h.Accept(one, lines[0].ID, h.Store1.ID)
		require.NoError(t, err)
		require.Nil(t, l.StatementID)
		require.Equal(t, 202612, l.Period)
		s = h.statements(t)[0]
		require.Equal(t, []any{enum.StatementIssued, 2, int64(1_980)}, []any{s.State, s.Lines, h.owes(s)})
		_, err = h.confirm(t, h.one, h.Store1.ID, s)
		require.NoError(t, err)
		s, err = h.confirm(t, h.other, h.Store2.ID, s)
		require.NoError(t, err)
		require.Equal(t, enum.StatementConfirmed, s.State)
		testkit.VerifyBrand(t, h.Store, h.Brand.ID)

		require.Equal(t, 1, h.month(t))
		next := h.statements(t)[1]
		require.Equal(t, []any{202612, 1, int64(990)}, []any{next.Period, next.Lines, h.owes(next)})
		testkit.VerifyBrand(t, h.Store, h.Brand.ID)
	})
}

func TestClosedOrgs(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		ctx := h.system(t)
		member, taken := h.wallet(t, 3_000, 0), h.wallet(t, 1_000, 0)
		payment, spent, err := h.spend(ctx, member, h.Store1.ID, 1_000)
		require.NoError(t, err)
		heir := h.NewOrg(t, h.Region, enum.OrgStore)
		h.Store.Client(ctx).Org.UpdateOneID(h.Store2.ID).SetState(enum.OrgClosed).SetSuccessorID(heir.ID).ExecX(ctx)
		_, _, err = h.spend(ctx, member, h.Store1.ID, 2_000)
		require.NoError(t, err)
		_, _, err = h.spend(ctx, taken, heir.ID, 1_000)
		require.NoError(t, err)
		lines := h.lines(t)
		require.Len(t, lines, 2, "the heir owes itself nothing")
		require.Equal(t, []int64{h.Store2.ID, heir.ID}, []int64{lines[0].DebtorOrgID, lines[1].DebtorOrgID})
		require.NoError(t, h.refund(ctx, member, h.Store1.ID, payment, spent, 1_000))
		require.Equal(t, h.Store2.ID, h.lines(t)[2].DebtorOrgID, "a refund takes back the very line")
		require.Equal(t, 2, h.month(t))
		_, successor := h.NewStaff(t, auth.Portal, heir, auth.Owner)
		for _, s := range h.statements(t) {
			if s.FirstOrgID == h.Store2.ID || s.SecondOrgID == h.Store2.ID {
				_, err := h.confirm(t, successor, h.Store2.ID, s)
				require.NoError(t, err, "the successor speaks for the closed store")
				_, err = h.confirm(t, h.other, h.Store2.ID, s)
				require.Equal(t, apperr.NotFound, codeOf(err))
			}
		}
		testkit.VerifyBrand(t, h.Store, h.Brand.ID)
	})
}

func TestMakeMonth(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		ctx := testkit.As(t, h.finance)
		_, _, err := h.spend(h.system(t), h.wallet(t, 1_000, 0), h.Store1.ID, 1_000)
		require.NoError(t, err)
		for _, period := range []int{202611, 202612, 0, -1, 202600, 202613, 201912, 1_000_001} {
			_, _, err := h.MakeMonth(ctx, period)
			require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), period)
		}
		h.Clock.Advance(9 * 24 * 60 * 60 * 1e9) // in the first hours of December
		for range 2 {
			_, _, err = h.MakeMonth(testkit.As(t, h.one), 202611)
			require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		}
		made, more, err := h.MakeMonth(ctx, 202611)
		require.NoError(t, err)
		require.Equal(t, 1, made)
		require.False(t, more)
		made, _, err = h.MakeMonth(ctx, 202611)
		require.NoError(t, err)
		require.Zero(t, made)
		require.Len(t, h.statements(t), 1)
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		h := open(t, w)
		for range 3 {
			_, _, err := h.spend(h.system(t), h.wallet(t, 1_000, 100), h.Store1.ID, 1_000, 100)
			require.NoError(t, err)
		}
		page, err := h.OpenLines(testkit.As(t, h.one), h.Store1.ID, clearing.LineFilter{Period: 202611}, nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 9)
		h.month(t)
		_, distributor := h.NewStaff(t, auth.Mall, h.Distributor, auth.Owner)
		_, region := h.NewStaff(t, auth.Console, h.Region, auth.Finance)
		for name, row := range map[string]struct {
			viewer auth.Viewer
			count  int
		}{"the first store": {h.one, 2}, "the second store": {h.other, 1}, "the region": {region, 2}, "the brand": {h.finance, 2}, "a distributor": {distributor, 0}} {
			list, err := h.Statements(testkit.As(t, row.viewer), clearing.StatementFilter{}, nil, nil)
			require.NoError(t, err, name)
			require.Len(t, list.Nodes, row.count, name)
		}
		first, err := h.Statements(testkit.As(t, h.finance), clearing.StatementFilter{}, new(1), nil)
		require.NoError(t, err)
		require.True(t, first.HasNext)
		second, err := h.Statements(testkit.As(t, h.finance), clearing.StatementFilter{}, new(1), &first.EndCursor)
		require.NoError(t, err)
		require.Greater(t, first.Nodes[0].ID, second.Nodes[0].ID)
		_, err = h.Statements(testkit.As(t, h.finance), clearing.StatementFilter{Period: 202611}, new(1), &first.EndCursor)
		require.Equal(t, apperr.CursorInvalid, apperr.CodeOf(err), "another list's cursor")
		_, err = h.Statements(testkit.As(t, h.other), clearing.StatementFilter{OrgID: &h.Store1.ID}, nil, nil)
		require.Equal(t, apperr.NotFound, apperr.CodeOf(err))
		list, err := h.Statements(testkit.As(t, h.one), clearing.StatementFilter{OrgID: &h.Store1.ID, Period: 202611, State: enum.StatementIssued}, nil, nil)
		require.NoError(t, err)
		require.Len(t, list.Nodes, 2)
		lines, err := h.StatementLines(testkit.As(t, h.one), list.Nodes[0].ID, clearing.LineFilter{State: enum.LineOpen}, new(100), nil)
		require.NoError(t, err)
		require.Len(t, lines.Nodes, list.Nodes[0].Lines)
		_, err = h.Statement(testkit.As(t, distributor), list.Nodes[0].ID)
		require.True(t, ent.IsNotFound(err))
	})
}

// codeOf is the code of a refusal; what the data layer does not find is NOT_FOUND, as the resolvers say.
func codeOf(err error) apperr.Code {
	if ent.IsNotFound(err) {
		return apperr.NotFound
	}
	return apperr.CodeOf(err)
}
