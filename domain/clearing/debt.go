package clearing

import (
	"fmt"

	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// Take is what a spend takes of one lot.
type Take struct {
	Lot *ent.Lot
	// Amount is in fen, above 0.
	Amount int64
}

// Give is what a refund gives back of what one movement of a spend took.
type Give struct {
	// MovementID is the movement that took it, of the spend or the capture.
	MovementID int64
	// Amount is in fen, above 0.
	Amount int64
}

// Debt is what one org owes another by a spend, or, with negative amounts, does not owe any more by a refund.
type Debt struct {
	Kind enum.ClearingKind
	// DebtorOrgID bears the value, CreditorOrgID is where it was spent; they are never the same.
	DebtorOrgID, CreditorOrgID int64
	// Face is the value that was spent, and Fee what the creditor leaves to the debtor of it.
	Face, Fee money.Fen

	// lotID finds the posting's movement, and reversesID is the line that is reversed.
	lotID, reversesID int64
}

// Amount is what is owed: face less fee.
func (d Debt) Amount() money.Fen { return d.Face - d.Fee }

// Entries are the legs of the debts for the posting that books them: the creditors gain what the debtors lose.
func Entries(debts []Debt) []ledger.Entry {
	entries := make([]ledger.Entry, 0, 2*len(debts))
	for _, d := range debts {
		entries = append(entries,
			ledger.Entry{Account: ledger.Account{Kind: enum.AccountClearing, OwnerID: d.CreditorOrgID}, Amount: int64(d.Amount())},
			ledger.Entry{Account: ledger.Account{Kind: enum.AccountClearing, OwnerID: d.DebtorOrgID}, Amount: -int64(d.Amount())})
	}
	return entries
}

// share is what one org bears of a take.
type share struct {
	orgID int64
	face  money.Fen
}

// shares says who bears a take: the issuer all of it, or the funders of a bonus by their shares.
func shares(t Take) ([]share, error) {
	if t.Amount <= 0 {
		return nil, fmt.Errorf("clearing: %d is taken of lot %d", t.Amount, t.Lot.ID)
	}
	if t.Lot.Kind == enum.LotPrincipal || len(t.Lot.Funders) == 0 {
		return []share{{t.Lot.IssuerOrgID, money.Fen(t.Amount)}}, nil
	}
	weights := make([]int64, len(t.Lot.Funders))
	for i, f := range t.Lot.Funders {
		weights[i] = int64(f.BasisPoints)
	}
	parts, err := money.Split(money.Fen(t.Amount), weights)
	if err != nil {
		return nil, err
	}
	list := make([]share, len(parts))
	for i, f := range t.Lot.Funders {
		list[i] = share{f.OrgID, parts[i]}
	}
	return list, nil
}

// debts are what follows from a take at an org: one debt for each other org that bears some of it. Owner is who owes what an org bears, its successor
// where it was closed down.
func debts(t Take, orgID int64, rate money.BasisPoints, owner func(int64) int64) ([]Debt, error) {
	borne, err := shares(t)
	if err != nil {
		return nil, err
	}
	var list []Debt
	for _, s := range borne {
		debtor := owner(s.orgID)
		if debtor == orgID || s.face == 0 {
			continue
		}
		d := Debt{Kind: enum.ClearBonus, DebtorOrgID: debtor, CreditorOrgID: orgID, Face: s.face, lotID: t.Lot.ID}
		if t.Lot.Kind == enum.LotPrincipal {
			d.Kind = enum.ClearPrincipal
			if d.Fee, err = money.Percent(s.face, rate); err != nil {
				return nil, err
			}
		}
		list = append(list, d)
	}
	return list, nil
}

// outstanding is what is left of a line after the reversals so far.
type outstanding struct {
	line      *ent.ClearingLine
	face, fee int64
}

// reversals give back amount of what a movement took, of which left was not given back yet: each line its share by the largest remainder of what is
// outstanding, so that the sum is right after each part and nothing is left after the last. What no line has is the spending org's own.
func reversals(lotID int64, lines []outstanding, left, amount int64) ([]Debt, error) {
	own := left
	weights := make([]int64, len(lines), len(lines)+1)
	for i, l := range lines {
		weights[i] = l.face
		own -= l.face
	}
	if amount <= 0 || amount > left || own < 0 {
		return nil, fmt.Errorf("clearing: %d is given back to lot %d, of which %d was taken and %d is owed by others", amount, lotID, left, left-own)
	}
	parts, err := money.Split(money.Fen(amount), append(weights, own))
	if err != nil {
		return nil, err
	}
	var list []Debt
	for i, l := range lines {
		if parts[i] == 0 {
			continue
		}
		fees, err := money.Split(money.Fen(l.fee), []int64{int64(parts[i]), l.face - int64(parts[i])})
		if err != nil {
			return nil, err
		}
		list = append(list, Debt{Kind: l.line.Kind, DebtorOrgID: l.line.DebtorOrgID, CreditorOrgID: l.line.CreditorOrgID, Face: -parts[i], Fee: -fees[0],
			lotID: lotID, reversesID: l.line.ID})
	}
	return list, nil
}
