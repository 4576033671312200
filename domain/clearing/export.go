package clearing

import (
	"context"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/clearingline"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
)

// Format is a form of an export.
type Format string

// Formats.
const (
	XLSX Format = "XLSX"
	CSV  Format = "CSV"
)

const (
	// linkTime is how long the link of an export works.
	linkTime = 5 * time.Minute
	// linkList names the links, so that they are good for nothing else.
	linkList = "clearing export"
	// workbookRows is how many lines fit on a sheet.
	workbookRows = 1_000_000
	// exportChunk is how many lines an export holds at once.
	exportChunk = 1000
)

// Link is the address of an export.
type Link struct {
	URL       string
	ExpiresAt time.Time
}

// ExportLink makes a link by which the viewer, and only as long as the viewer's sign-in would do, gets a statement within five minutes. Staff with
// READ_CLEARING call it. NOT_FOUND, CLEARING_EXPORT_TOO_LONG for a workbook of more than a million lines.
func (s *Service) ExportLink(ctx context.Context, statementID int64, format Format) (*Link, error) {
	st, err := s.Statement(ctx, statementID)
	if err != nil {
		return nil, err
	}
	if format == XLSX && st.Lines > workbookRows {
		return nil, apperr.New(apperr.ClearingExportTooLong, "limit", workbookRows)
	}
	v := auth.FromContext(ctx)
	expires := s.Clock.Now().Add(linkTime)
	token, err := s.Cursors().Encode(0, linkList, v.BrandID, st.ID, v.PersonID, v.Epoch, string(format), expires)
	return &Link{s.LinkTo(token), expires}, err
}

// Export is a statement to be written.
type Export struct {
	Statement *ent.ClearingStatement
	Format    Format
	Zone      *time.Location

	service *Service
	names   map[int64]string
}

// Open gives the export of a link. NOT_FOUND for a link that is wrong or old, or whose person may not sign in as then any more.
func (s *Service) Open(ctx context.Context, token string) (*Export, error) {
	var brandID, statementID, personID, epoch int64
	var format string
	var expires time.Time
	if s.Cursors().Decode(token, 0, linkList, &brandID, &statementID, &personID, &epoch, &format, &expires) != nil || !s.Clock.Now().Before(expires) {
		return nil, apperr.New(apperr.NotFound)
	}
	ctx = auth.System(ctx, brandID)
	client := s.Store.Client(ctx)
	standing, err := client.Person.Query().Where(person.ID(personID), person.Epoch(epoch), person.StateEQ(enum.PersonActive)).Exist(ctx)
	if err != nil {
		return nil, err
	}
	if !standing {
		return nil, apperr.New(apperr.NotFound)
	}
	e := &Export{Format: Format(format), service: s, names: map[int64]string{}}
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
