package export

import (
	"cmp"
	"context"
	"slices"

	"dongxiao/domain/quote"
	"dongxiao/domain/redemption"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

var storeDayHeader = []string{"店员", "班次", "开班时间", "核销张数", "核销优惠（元）", "撤销张数", "储值笔数", "储值实收（元）"}

// StoreDay opens the daily statements of stores: what each staff member did in each shift, with a column for each funder, then the sum.
func StoreDay(s *redemption.Service) Open {
	return func(ctx context.Context, token string) (*Table, error) {
		e, err := s.OpenDay(ctx, token)
		if err != nil {
			return nil, err
		}
		funders := slices.Clone(e.Total.Shares)
		slices.SortFunc(funders, func(a, b quote.Share) int {
			return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.OrgID, b.OrgID))
		})
		header := slices.Clone(storeDayHeader)
		for _, funder := range funders {
			header = append(header, "出资："+e.Names[funder.OrgID]+"（元）")
		}
		rows := func(_ context.Context, write func(...Cell) error) error {
			for _, line := range e.Lines {
				if err := write(storeDayCells(e, e.Names[line.StaffID], line, funders)...); err != nil {
					return err
				}
			}
			return write(storeDayCells(e, "合计", e.Total, funders)...)
		}
		return &Table{Title: "核销日报-" + e.Date + "-" + e.Store.Name, Plain: "store-day-" + e.Date, Sheet: "核销日报", Format: e.Format, Header: header, Rows: rows}, nil
	}
}

func storeDayCells(e *redemption.DayExport, name string, line *redemption.DayLine, funders []quote.Share) []Cell {
	shift, opened := "", ""
	if line.ShiftID != nil {
		shift, opened = ids.Encode(ids.TillShift, *line.ShiftID), e.Opened[*line.ShiftID].Format("2006-01-02 15:04:05")
	}
	cells := []Cell{name, shift, opened, line.Redeemed, line.Discount, line.Reversed, line.Payments, line.Value}
	for _, funder := range funders {
		var bears money.Fen
		if i := slices.IndexFunc(line.Shares, func(s quote.Share) bool { return s.OrgID == funder.OrgID }); i >= 0 {
			bears = line.Shares[i].Amount
		}
		cells = append(cells, bears)
	}
	return cells
}
