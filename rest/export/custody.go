package export

import (
	"context"

	"dongxiao/domain/topup"
)

var custodyHeader = []string{"机构编号", "机构名称", "本金余额（元）", "赠送余额（元）", "合计（元）", "会员数"}

// Custody opens reports of what issuers owed their members in stored value.
func Custody(s *topup.Service) Open {
	return func(ctx context.Context, token string) (*Table, error) {
		e, err := s.OpenCustody(ctx, token)
		if err != nil {
			return nil, err
		}
		rows := func(ctx context.Context, write func(...Cell) error) error {
			return e.Rows(ctx, func(c *topup.Custody) error {
				return write(c.Org.Code, c.Org.Name, c.Principal, c.Bonus, c.Principal+c.Bonus, int(c.Members))
			})
		}
		return &Table{Title: "预收资金余额-" + e.Moment.Format("20060102-1504"), Plain: "custody-" + e.Moment.Format("20060102-1504"), Sheet: "预收资金余额", Format: e.Format,
			Header: custodyHeader, Rows: rows}, nil
	}
}
