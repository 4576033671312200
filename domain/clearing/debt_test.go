package clearing

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

func itself(id int64) int64 { return id }

func TestDebts(t *testing.T) {
	t.Parallel()
	funders := []document.Funder{{OrgID: 1, BasisPoints: 6000}, {OrgID: 3, BasisPoints: 4000}}
	for name, row := range map[string]struct {
		lot   ent.Lot
		orgID int64
		want  []Debt
	}{
		"principal at its issuer": {ent.Lot{Kind: enum.LotPrincipal, IssuerOrgID: 2}, 2, nil},
		"principal elsewhere":     {ent.Lot{Kind: enum.LotPrincipal, IssuerOrgID: 2}, 3, []Debt{{Kind: enum.ClearPrincipal, DebtorOrgID: 2, CreditorOrgID: 3, Face: 1001, Fee: 10}}},
		"bonus of the issuer":     {ent.Lot{Kind: enum.LotBonus, IssuerOrgID: 2}, 2, nil},
		"bonus elsewhere":         {ent.Lot{Kind: enum.LotBonus, IssuerOrgID: 2}, 3, []Debt{{Kind: enum.ClearBonus, DebtorOrgID: 2, CreditorOrgID: 3, Face: 1001}}},
		"a funder spends its own": {ent.Lot{Kind: enum.LotBonus, IssuerOrgID: 3, Funders: funders}, 3, []Debt{{Kind: enum.ClearBonus, DebtorOrgID: 1, CreditorOrgID: 3, Face: 601}}},
		"funders bear it, not the issuer": {ent.Lot{Kind: enum.LotBonus, IssuerOrgID: 2, Funders: funders}, 2, []Debt{
			{Kind: enum.ClearBonus, DebtorOrgID: 1, CreditorOrgID: 2, Face: 601}, {Kind: enum.ClearBonus, DebtorOrgID: 3, CreditorOrgID: 2, Face: 400}}},
	} {
		got, err := debts(Take{&row.lot, 1001}, row.orgID, 100, itself)
		require.NoError(t, err, name)
		require.Equal(t, row.want, got, name)
	}
	_, err := debts(Take{&ent.Lot{Kind: enum.LotPrincipal}, 0}, 1, 0, itself)
	require.ErrorContains(t, err, "0 is taken")
	got, err := debts(Take{&ent.Lot{Kind: enum.LotPrincipal, IssuerOrgID: 2}, 5}, 3, 0, func(int64) int64 { return 3 })
	require.NoError(t, err)
	require.Empty(t, got, "the issuer was closed down and the org took over what it owes")
}

// What is owed and what the org bears itself make up what was taken; every leg has its opposite.
func TestDebtsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		take := Take{drawLot(t), rapid.Int64Range(1, 1<<40).Draw(t, "amount")}
		rate := money.BasisPoints(rapid.IntRange(0, 10_000).Draw(t, "rate"))
		owed, err := debts(take, 1, rate, itself)
		require.NoError(t, err)
		borne, err := shares(take)
		require.NoError(t, err)
		var face, own money.Fen
		for _, d := range owed {
			require.Positive(t, d.Face)
			require.NotEqual(t, d.DebtorOrgID, d.CreditorOrgID)
			require.GreaterOrEqual(t, d.Amount(), money.Fen(0))
			require.True(t, d.Kind == enum.ClearPrincipal || d.Fee == 0)
			face += d.Face
		}
		for _, s := range borne {
			if s.orgID == 1 {
				own += s.face
			}
		}
		require.EqualValues(t, take.Amount, face+own)
		requireBalanced(t, owed)
	})
}

// However a payment is given back in parts, each part is taken from the lines to the fen, no line turns round, and the parts add up to the lines.
func TestReversalsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		take := Take{drawLot(t), rapid.Int64Range(1, 10_000).Draw(t, "amount")}
		owed, err := debts(take, 1, money.BasisPoints(rapid.IntRange(0, 10_000).Draw(t, "rate")), itself)
		require.NoError(t, err)
		open := make([]outstanding, len(owed))
		for i, d := range owed {
			open[i] = outstanding{&ent.ClearingLine{ID: int64(i + 1), Kind: d.Kind, DebtorOrgID: d.DebtorOrgID, CreditorOrgID: 1}, int64(d.Face), int64(d.Fee)}
		}
		for left := take.Amount; left > 0; {
			part := rapid.Int64Range(1, left).Draw(t, "part")
			own := left
			for _, o := range open {
				own -= o.face
			}
			back, err := reversals(7, open, left, part)
			require.NoError(t, err)
			requireBalanced(t, back)
			left -= part
			var reversed int64
			for _, d := range back {
				require.Negative(t, d.Face)
				require.LessOrEqual(t, d.Amount(), money.Fen(0))
				o := &open[d.reversesID-1]
				o.face, o.fee = o.face+int64(d.Face), o.fee+int64(d.Fee)
				require.GreaterOrEqual(t, o.face, int64(0))
				require.GreaterOrEqual(t, o.fee, int64(0))
				require.LessOrEqual(t, o.fee, o.face)
				reversed -= int64(d.Face)
			}
			require.LessOrEqual(t, reversed, part)
			require.LessOrEqual(t, part-reversed, own, "the rest is the org's own")
		}
		for _, o := range open {
			require.Zero(t, o.face)
			require.Zero(t, o.fee)
		}
	})
	_, err := reversals(7, nil, 5, 6)
	require.ErrorContains(t, err, "6 is given back")
}

func drawLot(t *rapid.T) *ent.Lot {
	lot := &ent.Lot{ID: 7, Kind: rapid.SampledFrom([]enum.LotKind{enum.LotPrincipal, enum.LotBonus}).Draw(t, "kind"), IssuerOrgID: rapid.Int64Range(1, 3).Draw(t, "issuer")}
	left := 10_000
	for id := int64(1); lot.Kind == enum.LotBonus && left > 0 && id < 6; id++ {
		points := rapid.IntRange(0, left).Draw(t, "share")
		if left -= points; points > 0 {
			lot.Funders = append(lot.Funders, document.Funder{OrgID: id, BasisPoints: money.BasisPoints(points)})
		}
	}
	return lot
}

func requireBalanced(t require.TestingT, owed []Debt) {
	var total int64
	for _, e := range Entries(owed) {
		require.Equal(t, enum.AccountClearing, e.Kind)
		total += e.Amount
	}
	require.Zero(t, total)
}
