package export

import (
	"context"
	"strings"

	"dongxiao/domain/redemption"
	"dongxiao/internal/ids"
)

var storeDayHeader = []string{"店员", "班次", "核销张数", "核销优惠（元）", "出资分摊", "撤销张数", "储值笔数", "储值实收（元）"}

// StoreDay opens the daily statements of stores: what each staff member did in each shift, then the sum.
func StoreDay(s *redemption.Service) Open {
	return func(ctx context.Context, token string) (*Table, error) {
		e, err := s.OpenDay(ctx, token)
		if err != nil {
			return nil, err
		}
		rows := func(_ context.Context, write func(...Cell) error) error {
			for _, line := range e.Lines {
				shift := ""
				if line.ShiftID != nil {
					shift = ids.Encode(ids.TillShift, *line.ShiftID)
				}
				if err := write(storeDayCells(e, e.Names[line.StaffID], shift, line)...); err != nil {
					return err
				}
			}
			return write(storeDayCells(e, "合计", "", e.Total)...)
		}
		return &Table{Title: "核销日报-" + e.Date + "-" + e.Store.Name, Plain: "store-day-" + e.Date, Sheet: "核销日报", Format: e.Format, Header: storeDayHeader, Rows: rows}, nil
	}
}

func storeDayCells(e *redemption.DayExport, name, shift string, line *redemption.DayLine) []Cell {
	shares := make([]string, len(line.Shares))
	for i, share := range line.Shares {
		shares[i] = e.Names[share.OrgID] + " " + share.Amount.Yuan()
	}
	return []Cell{name, shift, line.Redeemed, line.Discount, strings.Join(shares, "；"), line.Reversed, line.Payments, line.Value}
}
