package clearing

import (
	"context"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/org"
	"dongxiao/internal/apperr"
	"dongxiao/internal/download"
)

const (
	// workbookRows is how many lines fit on a sheet.
	workbookRows = 1_000_000
	// exportChunk is how many lines an export holds at once.
	exportChunk = 1000
)

// ExportLink makes a link by which the viewer, and only as long as the viewer's sign-in would do, gets a statement within five minutes. Staff with
// READ_CLEARING call it. NOT_FOUND, CLEARING_EXPORT_TOO_LONG for a workbook of more than a million lines.
func (s *Service) ExportLink(ctx context.Context, statementID int64, format download.Format) (*download.Link, error) {
	st, err := s.Statement(ctx, statementID)
	if err != nil {
		return nil, err
	}
	if format == download.XLSX && st.Lines > workbookRows {
		return nil, apperr.New(apperr.ClearingExportTooLong, "limit", workbookRows)
	}
	return s.Links.New(ctx, download.ClearingStatement, format, st.ID)
}

// Export is a statement to be written.
type Export struct {
	Statement *ent.ClearingStatement
	Format    download.Format
	Zone      *time.Location

	service *Service
	names   map[int64]string
}

// Open gives the export of a link. NOT_FOUND for a link that is wrong or old, or whose person may not sign in as then any more.
func (s *Service) Open(ctx context.Context, token string) (*Export, error) {
	var statementID int64
	link, err := s.Links.Open(ctx, download.ClearingStatement, token, &statementID)
	if err != nil {
		return nil, err
	}
	ctx = auth.System(ctx, link.BrandID)
	client := s.Store.Client(ctx)
	e := &Export{Format: link.Format, service: s, names: map[int64]string{}}
	if e.Statement, err = client.ClearingStatement.Get(ctx, statementID); err != nil {
		return nil, err
	}
	if e.Zone, err = s.Orgs.Zone(ctx); err != nil {
		return nil, err
	}
	orgs, err := client.Org.Query().Where(org.IDIn(e.Statement.FirstOrgID, e.Statement.SecondOrgID)).All(ctx)
	for _, row := range orgs {
		e.names[row.ID] = row.Name
	}
	return e, err
}

// Title is the statement's name: its month and its two orgs.
func (e *Export) Title() string {
	return fmt.Sprintf("清分单-%d-%s-%s", e.Statement.Period, e.Name(e.Statement.FirstOrgID), e.Name(e.Statement.SecondOrgID))
}

// Name is the name of one of the two orgs.
func (e *Export) Name(orgID int64) string { return e.names[orgID] }

// Lines gives the statement's lines to write, oldest first, holding a thousand at a time.
func (e *Export) Lines(ctx context.Context, write func(*ent.ClearingLine) error) error {
	ctx = auth.System(ctx, e.Statement.BrandID)
	for last := int64(0); ; {
		rows, err := e.service.Store.Client(ctx).ClearingLine.Query().Where(clearingline.StatementID(e.Statement.ID), clearingline.IDGT(last)).
			Order(clearingline.ByID()).Limit(exportChunk).All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if err := write(row); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1].ID
	}
}
