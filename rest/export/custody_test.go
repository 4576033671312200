package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/domain/topup"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
)

// custodian is two stores that owe a member value, the first since an hour, the second since now.
type custodian struct {
	*testkit.World
	service *topup.Service
	handler http.Handler
	ctx     context.Context
}

func openCustody(t *testing.T, w *testkit.World) *custodian {
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	c := &custodian{World: w, ctx: auth.System(t.Context(), w.Brand.ID)}
	c.service = topup.New(topup.Options{Store: w.Store, Clock: w.Clock, Orgs: org.New(w.Store, w.Clock, cursors), Cursors: cursors, Links: links(w)})
	mux := http.NewServeMux()
	mux.Handle(Path(download.Custody), Handler(Custody(c.service), slog.New(slog.DiscardHandler)))
	c.handler = mux
	w.Store.Client(c.ctx).Org.UpdateOne(w.Store1).SetName("=1+1").ExecX(c.ctx)
	member, _ := w.NewMember(t)
	c.owe(t, w.Store1, member.ID, enum.LotPrincipal, 100_000, w.Clock.Now().Add(-time.Hour))
	c.owe(t, w.Store1, member.ID, enum.LotBonus, 10_001, w.Clock.Now().Add(-time.Hour))
	c.owe(t, w.Store2, member.ID, enum.LotPrincipal, 50_000, w.Clock.Now())
	return c
}

func (c *custodian) owe(t *testing.T, by *ent.Org, memberID int64, kind enum.LotKind, amount int64, at time.Time) {
	client := c.Store.Client(c.ctx)
	lot := client.Lot.Create().SetMemberID(memberID).SetKind(kind).SetSourceID(1).SetIssuerOrgID(by.ID).SetScopeOrgID(by.ID).SetAmount(amount).SetRemaining(amount).SaveX(c.ctx)
	posting := client.LedgerPosting.Create().SetKind(enum.PostTopUp).SetBusinessKey(lot.NodeID().String()).SetOrgID(by.ID).SetMemberID(memberID).SetSubjectID(1).SetOccurredAt(at).SaveX(c.ctx)
	client.LotMovement.Create().SetPostingID(posting.ID).SetLotID(lot.ID).SetRemainingChange(amount).SetHeldChange(0).SetRemainingAfter(amount).SetHeldAfter(0).ExecX(c.ctx)
}

func (c *custodian) get(address string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(address, "https://example.com"), nil))
	return w
}

// rows fetches the report as CSV and gives it without its header.
func (c *custodian) rows(t *testing.T, v auth.Viewer, moment time.Time) [][]string {
	t.Helper()
	link, err := c.service.CustodyLink(testkit.As(t, v), moment, download.CSV)
	require.NoError(t, err)
	r := c.get(link.URL)
	require.Equal(t, http.StatusOK, r.Code)
	text, ok := bytes.CutPrefix(r.Body.Bytes(), []byte("\xef\xbb\xbf"))
	require.True(t, ok, "the byte order mark")
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, custodyHeader, rows[0])
	return rows[1:]
}

func TestCustody(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		c := openCustody(t, w)
		now := w.Clock.Now()
		_, finance := w.NewStaff(t, auth.Console, w.Root, auth.Finance)
		_, owner := w.NewStaff(t, auth.Portal, w.Store2, auth.Owner)
		first, second := []string{w.Store1.Code, "'=1+1", "1000.00", "100.01", "1100.01", "1"}, []string{w.Store2.Code, w.Store2.Name, "500.00", "0.00", "500.00", "1"}
		if w.Store1.ID > w.Store2.ID {
			require.Equal(t, [][]string{second, first}, c.rows(t, finance, now))
		} else {
			require.Equal(t, [][]string{first, second}, c.rows(t, finance, now))
		}
		require.Equal(t, [][]string{second}, c.rows(t, owner, now), "the own store alone")
		require.Equal(t, []string{w.Store2.Code, w.Store2.Name, "0.00", "0.00", "0.00", "0"}, c.rows(t, owner, now.Add(-time.Minute))[0], "before")

		link, err := c.service.CustodyLink(testkit.As(t, owner), now, download.XLSX)
		require.NoError(t, err)
		r := c.get(link.URL)
		require.Equal(t, http.StatusOK, r.Code)
		require.Contains(t, r.Header().Get("Content-Disposition"), "filename=custody-20261122-")
		book, err := excelize.OpenReader(r.Body)
		require.NoError(t, err)
		defer book.Close()
		sheet, err := book.GetRows("预收资金余额", excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		require.Equal(t, [][]string{custodyHeader, {w.Store2.Code, w.Store2.Name, "500", "0", "500", "1"}}, sheet)
	})
}

func TestCustodyLinksEnd(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		c := openCustody(t, w)
		now := w.Clock.Now()
		staff, owner := w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
		_, err := c.service.CustodyLink(testkit.As(t, owner), now.Add(time.Second), download.CSV)
		require.Equal(t, apperr.InvalidInput, apperr.CodeOf(err), "a moment that is to come")
		link := func(v auth.Viewer) string {
			made, err := c.service.CustodyLink(testkit.As(t, v), now, download.CSV)
			require.NoError(t, err)
			return made.URL
		}
		good := link(owner)
		require.Equal(t, http.StatusNotFound, c.get(good+"A").Code)
		require.Equal(t, http.StatusOK, c.get(good).Code)
		_, clerk := w.NewStaff(t, auth.Staff, w.Store1, auth.Clerk)
		require.Equal(t, http.StatusNotFound, c.get(link(clerk)).Code, "a clerk who got a link all the same")
		w.Clock.Advance(5 * time.Minute)
		require.Equal(t, http.StatusNotFound, c.get(good).Code, "old")
		good = link(owner)
		w.Store.Client(c.ctx).Staff.UpdateOne(staff).SetState(enum.StaffSuspended).ExecX(c.ctx)
		require.Equal(t, http.StatusNotFound, c.get(good).Code, "the role has ended")
		w.Store.Client(c.ctx).Staff.UpdateOne(staff).SetState(enum.StaffActive).ExecX(c.ctx)
		require.Equal(t, http.StatusOK, c.get(good).Code)
		w.Store.Client(c.ctx).Person.UpdateOneID(owner.PersonID).AddEpoch(1).ExecX(c.ctx)
		require.Equal(t, http.StatusNotFound, c.get(good).Code, "the sign-in has ended")
	})
}
