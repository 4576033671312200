package export

import (
	"context"
	"strconv"

	"dongxiao/domain/clearing"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// Clearing opens clearing statements: their lines, then what each owes, and what one pays the other in the end.
func Clearing(s *clearing.Service) Open {
	return func(ctx context.Context, token string) (*Table, error) {
		e, err := s.Open(ctx, token)
		if err != nil {
			return nil, err
		}
		rows := func(ctx context.Context, write func(...Cell) error) error {
			if err := e.Lines(ctx, func(l *ent.ClearingLine) error { return write(row(e, l)...) }); err != nil {
				return err
			}
			for _, cells := range totals(e) {
				if err := write(cells...); err != nil {
					return err
				}
			}
			return nil
		}
		return &Table{Title: e.Title(), Plain: "clearing-" + strconv.Itoa(e.Statement.Period), Sheet: "清分明细", Format: e.Format, Header: clearingHeader, Rows: rows}, nil
	}
}

var clearingHeader = []string{"明细编号", "类型", "债务方", "债权方", "面值（元）", "手续费（元）", "应付（元）", "账期", "记账时间", "冲正明细", "状态", "争议原因"}

var kinds = map[enum.ClearingKind]string{enum.ClearPrincipal: "本金", enum.ClearBonus: "赠金", enum.ClearCoupon: "优惠券"}

var states = map[enum.ClearingLineState]string{enum.LineOpen: "正常", enum.LineDisputed: "争议"}

func row(e *clearing.Export, l *ent.ClearingLine) []Cell {
	reverses := ""
	if l.ReversesID != nil {
		reverses = ids.Encode(ids.ClearingLine, *l.ReversesID)
	}
	return []Cell{l.NodeID().String(), kinds[l.Kind], e.Name(l.DebtorOrgID), e.Name(l.CreditorOrgID), money.Fen(l.FaceFen), money.Fen(l.FeeFen), money.Fen(l.AmountFen),
		l.Period, l.CreatedAt.In(e.Zone).Format("2006-01-02 15:04:05"), reverses, states[l.State], l.DisputeReason}
}

// totals are the last rows: what each owes, and what one pays the other in the end.
func totals(e *clearing.Export) [][]Cell {
	s := e.Statement
	first, second := e.Name(s.FirstOrgID), e.Name(s.SecondOrgID)
	payer, payee, net := first, second, money.Fen(s.FirstOwesFen-s.SecondOwesFen)
	if net < 0 {
		payer, payee, net = second, first, -net
	}
	sum := func(name, debtor, creditor string, amount money.Fen) []Cell {
		return []Cell{name, "", debtor, creditor, "", "", amount, s.Period, "", "", "", ""}
	}
	return [][]Cell{sum("小计", first, second, money.Fen(s.FirstOwesFen)), sum("小计", second, first, money.Fen(s.SecondOwesFen)), sum("轧差应付", payer, payee, net)}
}
