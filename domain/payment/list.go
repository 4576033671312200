package payment

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/payment"
	"dongxiao/ent/paymentrefund"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// orgScope narrows a list to the orgs at which the viewer has READ_PAYMENTS, or to one of them, NOT_FOUND where that is not the viewer's; filter is
// what a cursor is bound to.
func (s *Service) orgScope(ctx context.Context, orgID *int64, column string) (scope func(*sql.Selector), filter int64, err error) {
	if orgID == nil {
		scope, err = s.Orgs.Scope(ctx, auth.ReadPayments, column)
		return scope, 0, err
	}
	if err := s.Orgs.Require(ctx, auth.ReadPayments, *orgID); err != nil {
		return nil, 0, err
	}
	return func(q *sql.Selector) { q.Where(sql.EQ(q.C(column), *orgID)) }, *orgID, nil
}

// PaymentFilter narrows a list of payments; nil is any.
type PaymentFilter struct {
	OrgID   *int64
	State   *enum.PaymentState
	Outcome *enum.PaymentOutcome
}

// Payments lists the payments of orgs at which the viewer has READ_PAYMENTS, newest first. Codes: NOT_FOUND, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Payments(ctx context.Context, f PaymentFilter, first *int, after *string) (*listing.Page[*ent.Payment], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).Payment.Query()
	scope, org, err := s.orgScope(ctx, f.OrgID, payment.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(scope)
	var state enum.PaymentState
	var outcome enum.PaymentOutcome
	if f.State != nil {
		state = *f.State
		query.Where(payment.StateEQ(state))
	}
	if f.Outcome != nil {
		outcome = *f.Outcome
		query.Where(payment.OutcomeEQ(outcome))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "payments", org, state, outcome)
	var createdAt time.Time
	var id int64
	if some, err := list.After(after, &createdAt, &id); err != nil {
		return nil, err
	} else if some {
		query.Where(payment.Or(payment.CreatedAtLT(createdAt), payment.And(payment.CreatedAt(createdAt), payment.IDLT(id))))
	}
	rows, err := query.Order(payment.ByCreatedAt(sql.OrderDesc()), payment.ByID(sql.OrderDesc())).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(p *ent.Payment) []any { return []any{p.CreatedAt, p.ID} })
}

// Refunds lists the refunds through WeChat Pay of orgs at which the viewer has READ_PAYMENTS, newest first, or of one org or in one state. Codes:
// NOT_FOUND, PAGE_SIZE_INVALID, CURSOR_INVALID.
func (s *Service) Refunds(ctx context.Context, orgID *int64, state *enum.PaymentRefundState, first *int, after *string) (*listing.Page[*ent.PaymentRefund], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	query := s.Store.Client(ctx).PaymentRefund.Query()
	scope, org, err := s.orgScope(ctx, orgID, paymentrefund.FieldOrgID)
	if err != nil {
		return nil, err
	}
	query.Where(scope)
	var in enum.PaymentRefundState
	if state != nil {
		in = *state
		query.Where(paymentrefund.StateEQ(in))
	}
	list := listing.Of(s.Cursors(), auth.FromContext(ctx).BrandID, "paymentRefunds", org, in)
	var last int64
	if some, err := list.After(after, &last); err != nil {
		return nil, err
	} else if some {
		query.Where(paymentrefund.IDLT(last))
	}
	rows, err := query.Order(ent.Desc(paymentrefund.FieldID)).Limit(n + 1).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(r *ent.PaymentRefund) []any { return []any{r.ID} })
}

// Payment is a payment that the viewer made, or of an org at which the viewer has READ_PAYMENTS. NOT_FOUND.
func (s *Service) Payment(ctx context.Context, id int64) (*ent.Payment, error) {
	v := auth.FromContext(ctx)
	p, err := s.Store.Client(ctx).Payment.Query().Where(payment.ID(id)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		return nil, apperr.New(apperr.NotFound)
	}
	if err != nil {
		return nil, err
	}
	if v.Face == auth.Storefront {
		if v.PersonID == 0 || p.PersonID != v.PersonID {
			return nil, apperr.New(apperr.NotFound)
		}
		return p, nil
	}
	return p, s.Orgs.Require(ctx, auth.ReadPayments, p.OrgID)
}

// RefundsOf are the refunds of payments that the caller may see, by payment, oldest first.
func (s *Service) RefundsOf(ctx context.Context, paymentIDs []int64) (map[int64][]*ent.PaymentRefund, error) {
	rows, err := s.Store.Client(ctx).PaymentRefund.Query().Where(paymentrefund.PaymentIDIn(paymentIDs...)).Order(paymentrefund.ByID()).All(auth.WithinBrand(ctx))
	if err != nil {
		return nil, err
	}
	found := make(map[int64][]*ent.PaymentRefund, len(paymentIDs))
	for _, id := range paymentIDs {
		found[id] = []*ent.PaymentRefund{}
	}
	for _, r := range rows {
		found[r.PaymentID] = append(found[r.PaymentID], r)
	}
	return found, nil
}
