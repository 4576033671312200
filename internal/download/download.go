// Package download makes the links by which people fetch files: signed, good for minutes, and ended by what ends the sign-in of whom they were made for.
package download

import (
	"context"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/person"
	"dongxiao/internal/apperr"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/store"
)

// Format is a form of a file.
type Format string

// Formats.
const (
	XLSX Format = "XLSX"
	CSV  Format = "CSV"
)

// Kind is what a link leads to; it is a part of the address.
type Kind string

// Kinds.
const (
	// ClearingStatement is one clearing statement with its lines.
	ClearingStatement Kind = "clearing"
	// Custody is what issuers owed their members in stored value at a moment.
	Custody Kind = "custody"
	// StoreDay is what happened at the counter of a store on one day.
	StoreDay Kind = "store-day"
	// ExchangeCodes are codes that were made, fetched once.
	ExchangeCodes Kind = "exchange-codes"
)

// linkTime is how long a link works.
const linkTime = 5 * time.Minute

// Link is the address of a file.
type Link struct {
	URL       string
	ExpiresAt time.Time
}

// Links makes and opens links.
type Links struct {
	Store *store.Store
	Clock clock.Clock
	// Cursors is asked for anew for each link, because its keys rotate.
	Cursors func() *cursor.Codec
	// Base is the server's own address.
	Base string
}

// New makes a link for the viewer, who was found to be allowed, to what the values name: each an int64, a string or a time.Time.
func (l *Links) New(ctx context.Context, kind Kind, format Format, values ...any) (*Link, error) {
	v := auth.FromContext(ctx)
	expires := l.Clock.Now().Add(linkTime)
	token, err := l.Cursors().Encode(0, list(kind), append([]any{v.BrandID, v.PersonID, v.Epoch, string(format), expires}, values...)...)
	return &Link{strings.TrimSuffix(l.Base, "/") + "/exports/" + string(kind) + "/" + token, expires}, err
}

// Opened is who a link was made for, and the form that was asked for.
type Opened struct {
	BrandID, PersonID int64
	Format            Format
}

// Open reads the values of a link. NOT_FOUND for a link that is wrong, old or of another kind, or whose person may not sign in as then any more.
func (l *Links) Open(ctx context.Context, kind Kind, token string, values ...any) (Opened, error) {
	var o Opened
	var epoch int64
	var format string
	var expires time.Time
	if l.Cursors().Decode(token, 0, list(kind), append([]any{&o.BrandID, &o.PersonID, &epoch, &format, &expires}, values...)...) != nil || !l.Clock.Now().Before(expires) {
		return Opened{}, apperr.New(apperr.NotFound)
	}
	o.Format = Format(format)
	ctx = auth.System(ctx, o.BrandID)
	standing, err := l.Store.Client(ctx).Person.Query().Where(person.ID(o.PersonID), person.Epoch(epoch), person.StateEQ(enum.PersonActive)).Exist(ctx)
	if err == nil && !standing {
		err = apperr.New(apperr.NotFound)
	}
	return o, err
}

// list keeps a link from being good for anything else that is signed with the same keys.
func list(kind Kind) string { return "export " + string(kind) }
