package export

import (
	"context"

	"dongxiao/domain/coupon"
)

// ExchangeCodes opens exchange codes that were made, once.
func ExchangeCodes(s *coupon.Service) Open {
	return func(ctx context.Context, token string) (*Table, error) {
		made, err := s.OpenCodes(ctx, token)
		if err != nil {
			return nil, err
		}
		rows := func(_ context.Context, write func(...Cell) error) error {
			for _, code := range made.Codes {
				if err := write(code); err != nil {
					return err
				}
			}
			return nil
		}
		return &Table{Title: "兑换码", Plain: "exchange-codes", Sheet: "兑换码", Format: made.Format, Header: []string{"兑换码"}, Rows: rows}, nil
	}
}
