package topup

import (
	"context"
	"regexp"
	"strings"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/topup"
	"dongxiao/internal/apperr"
	"dongxiao/internal/text"
)

var (
	taxNumberForm = regexp.MustCompile(`^[0-9A-Z]{15,20}$`)
	emailForm     = regexp.MustCompile(`^[^\s@]{1,64}@[^\s@]{1,185}\.[^\s@.]{2,24}$`)
)

// Bounds of what an invoice has.
const (
	maxTitle  = 100
	maxNumber = 30
)

// RequestInvoice keeps whom the invoice of a paid top-up is to name; until it is issued the member may say it anew. It is for the member whose top-up it is.
// Refusals: NOT_FOUND, INVALID_INPUT, TOP_UP_NOT_PAID, INVOICE_ISSUED.
func (s *Service) RequestInvoice(ctx context.Context, topUpID int64, in document.Invoice) (*ent.TopUp, error) {
	var err error
	if in.Title, err = text.Line(in.Title, 1, maxTitle, "title"); err != nil {
		return nil, err
	}
	in.TaxNumber, in.Email = strings.ToUpper(strings.TrimSpace(in.TaxNumber)), strings.TrimSpace(in.Email)
	switch {
	case in.TaxNumber != "" && !taxNumberForm.MatchString(in.TaxNumber):
		return nil, apperr.Invalid("taxNumber", "0–9 A–Z, 15–20")
	case in.Email != "" && !emailForm.MatchString(in.Email):
		return nil, apperr.Invalid("email", "@")
	}
	memberID := auth.FromContext(ctx).MemberID
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		t, err := s.lockTopUp(ctx, topUpID)
		switch {
		case err != nil:
			return apperr.OfInput(err, "topUpId")
		case memberID == 0 || t.MemberID != memberID:
			return apperr.New(apperr.NotFound).At("input", "topUpId")
		case t.State != enum.TopUpPaid:
			return apperr.New(apperr.TopUpNotPaid).At("input", "topUpId")
		case t.Invoice.IssuedAt != nil:
			return apperr.New(apperr.InvoiceIssued).At("input", "topUpId")
		}
		in.RequestedAt, in.Number, in.IssuedAt = s.Clock.Now(), "", nil
		return s.Store.Client(ctx).TopUp.Update().Where(topup.ID(topUpID)).SetInvoice(in).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUp.Get(ctx, topUpID)
}

// IssueInvoice notes that the invoice was made out, with its number. Staff with ISSUE_INVOICES at the issuing org call it. To note the same number again changes
// nothing. Refusals: NOT_FOUND, INVALID_INPUT, INVOICE_NOT_REQUESTED, INVOICE_ISSUED (with another number).
func (s *Service) IssueInvoice(ctx context.Context, topUpID int64, number string) (*ent.TopUp, error) {
	number, err := text.Line(number, 1, maxNumber, "number")
	if err != nil {
		return nil, err
	}
	t, err := s.Store.Client(ctx).TopUp.Query().Where(topup.ID(topUpID)).Only(auth.WithinBrand(ctx))
	if ent.IsNotFound(err) {
		err = apperr.New(apperr.NotFound)
	}
	if err == nil {
		err = s.Orgs.Require(ctx, auth.IssueInvoices, t.OrgID)
	}
	if err != nil {
		return nil, apperr.OfInput(err, "topUpId")
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		t, err := s.lockTopUp(ctx, topUpID)
		switch {
		case err != nil:
			return err
		case t.Invoice.RequestedAt.IsZero():
			return apperr.New(apperr.InvoiceNotRequested).At("input", "topUpId")
		case t.Invoice.IssuedAt != nil && t.Invoice.Number == number:
			return nil
		case t.Invoice.IssuedAt != nil:
			return apperr.New(apperr.InvoiceIssued).At("input", "topUpId")
		}
		t.Invoice.Number, t.Invoice.IssuedAt = number, new(s.Clock.Now())
		if err := s.Store.Client(ctx).TopUp.Update().Where(topup.ID(topUpID)).SetInvoice(t.Invoice).Exec(ctx); err != nil {
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: t.OrgID, Action: "topUpInvoiceIssue", Subject: topUpSubject(topUpID), After: map[string]any{"number": number}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).TopUp.Get(ctx, topUpID)
}

// Leave forgets whom the invoices of members who leave were to name (member.Leaver). What was topped up stays in the books.
func (s *Service) Leave(ctx context.Context, memberIDs []int64) error {
	return s.Store.Client(ctx).TopUp.Update().Where(topup.MemberIDIn(memberIDs...), topup.InvoiceNotNil()).ClearInvoice().Exec(ctx)
}
