package wallet

import (
	"context"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/internal/money"
)

// Statement is what changed in a wallet in a month of the brand's time zone. Opening plus what came and less what went is Closing.
type Statement struct {
	// Month is its first moment.
	Month time.Time
	// Opening and Closing are the balance before and after it, with what is held.
	Opening, Closing money.Fen
	// ToppedUp is what top-ups brought, principal and bonus; Withdrawn what refunds of top-ups took.
	ToppedUp, Withdrawn money.Fen
	// Spent and Returned are what payments took and what refunds of them gave back; Expired is bonus that was written off.
	Spent, Returned, Expired money.Fen
}

// StatementOf adds up a month, as YYYY-MM, of a member's wallet. The caller has authorised the viewer for the wallet. It refuses with INVALID_INPUT.
func (s *Service) StatementOf(ctx context.Context, memberID int64, month string) (*Statement, error) {
	ctx = auth.WithinBrand(ctx)
	zone, err := s.Orgs.Zone(ctx)
	if err != nil {
		return nil, err
	}
	from, err := time.ParseInLocation("2006-01", month, zone)
	if err != nil {
		return nil, errMonth
	}
	until := from.AddDate(0, 1, 0)
	args := []any{from.UTC(), auth.FromContext(ctx).BrandID}
	for _, kind := range inWallet {
		args = append(args, string(kind))
	}
	args = append(args, memberID, until.UTC())
	rows, err := s.Store.Client(ctx).QueryContext(ctx, statementSQL, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	st := &Statement{Month: from}
	for rows.Next() {
		var before bool
		var kind enum.PostingKind
		var amount money.Fen
		if err := rows.Scan(&before, &kind, &amount); err != nil {
			return nil, err
		}
		st.Closing += amount
		switch {
		case before:
			st.Opening += amount
		case kind == enum.PostTopUp:
			st.ToppedUp += amount
		case kind == enum.PostTopUpRefund || kind == enum.PostTopUpRefundUndone:
			st.Withdrawn -= amount
		case kind == enum.PostSpend || kind == enum.PostCapture:
			st.Spent -= amount
		case kind == enum.PostSpendRefund:
			st.Returned += amount
		case kind == enum.PostBonusExpiry:
			st.Expired -= amount
		}
	}
	return st, rows.Err()
}

// statementSQL adds up a member's entries before the end of a month, those of before the month apart.
var statementSQL = "SELECT p.occurred_at < ?, p.kind, SUM(e.amount) FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id AND e.brand_id = a.brand_id" +
	" JOIN ledger_postings p ON p.id = e.posting_id AND p.brand_id = a.brand_id WHERE a.brand_id = ? AND a.kind IN (?" + strings.Repeat(", ?", len(inWallet)-1) +
	") AND a.owner_id = ? AND p.occurred_at < ? GROUP BY 1, 2"
