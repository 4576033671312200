package org

import (
	"context"

	"dongxiao/ent/enum"
	"dongxiao/ent/ledgeraccount"
	"dongxiao/ent/lot"
	"dongxiao/ent/org"
	"dongxiao/ent/topup"
	"dongxiao/internal/apperr"
)

// handOver makes sure that somebody answers for what a closing org owes, inside the transaction that holds its row: the successor takes part and stays so until
// the commit, and takes over what the org had taken over itself. Whoever issues value holds the org's row as well, so nothing is issued meanwhile.
func (s *Service) handOver(ctx context.Context, id int64, successorID *int64) error {
	client := s.store.Client(ctx)
	if successorID == nil {
		owes, err := s.owes(ctx, id)
		if err == nil && owes {
			err = apperr.New(apperr.SuccessorRequired).At("input", "successorId")
		}
		return err
	}
	n, err := client.Org.Update().Where(org.ID(*successorID), org.StateEQ(enum.OrgActive)).SetState(enum.OrgActive).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 {
		return apperr.New(apperr.SuccessorInvalid).At("input", "successorId")
	}
	return client.Org.Update().Where(org.SuccessorID(id)).SetSuccessorID(*successorID).Exec(ctx)
}

// owes says whether stored value that the org issued is left or on its way, whether its clearing is open, or whether it answers for a closed one.
func (s *Service) owes(ctx context.Context, id int64) (bool, error) {
	client := s.store.Client(ctx)
	for _, ask := range []func() (bool, error){
		func() (bool, error) {
			return client.Lot.Query().Where(lot.IssuerOrgID(id), lot.KindIn(enum.LotPrincipal, enum.LotBonus), lot.Or(lot.RemainingGT(0), lot.HeldGT(0))).Exist(ctx)
		},
		func() (bool, error) {
			return client.TopUp.Query().Where(topup.OrgID(id), topup.StateEQ(enum.TopUpPending)).Exist(ctx)
		},
		func() (bool, error) { return client.Org.Query().Where(org.SuccessorID(id)).Exist(ctx) },
		func() (bool, error) {
			rows, err := client.LedgerAccount.Query().Where(ledgeraccount.KindEQ(enum.AccountClearing), ledgeraccount.OwnerID(id)).All(ctx)
			var balance int64
			for _, row := range rows {
				balance += row.Balance
			}
			return balance != 0, err
		},
	} {
		if owes, err := ask(); owes || err != nil {
			return owes, err
		}
	}
	return false, nil
}
