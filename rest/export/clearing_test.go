package export

import (
	"bytes"
	"encoding/csv"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"dongxiao/auth"
	"dongxiao/domain/clearing"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/keys"
	"dongxiao/internal/testkit"
)

// office is a statement of two stores with two lines, and the owner of the first store.
type office struct {
	*testkit.World
	service   *clearing.Service
	handler   http.Handler
	owner     auth.Viewer
	statement *ent.ClearingStatement
}

func open(t *testing.T, w *testkit.World) *office {
	cursors := func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }
	o := &office{World: w, service: clearing.New(clearing.Options{Store: w.Store, Clock: w.Clock, Orgs: org.New(w.Store, w.Clock, cursors), Cursors: cursors,
		Links: links(w)})}
	mux := http.NewServeMux()
	mux.Handle(Path(download.ClearingStatement), Handler(Clearing(o.service), slog.New(slog.DiscardHandler)))
	o.handler = mux
	_, o.owner = w.NewStaff(t, auth.Portal, w.Store1, auth.Owner)
	ctx := auth.System(t.Context(), w.Brand.ID)
	client := w.Store.Client(ctx)
	client.Org.UpdateOne(w.Store1).SetName("=cmd|' /C calc'!A0").ExecX(ctx)
	client.Org.UpdateOne(w.Store2).SetName("春城店，“一”号").ExecX(ctx)
	posting := client.LedgerPosting.Create().SetKind(enum.PostSpend).SetBusinessKey("spend:1").SetSubjectID(1).SetOccurredAt(w.Clock.Now()).SaveX(ctx)
	first, second := min(w.Store1.ID, w.Store2.ID), max(w.Store1.ID, w.Store2.ID)
	o.statement = client.ClearingStatement.Create().SetFirstOrgID(first).SetSecondOrgID(second).SetPeriod(202611).SetFirstOwesFen(0).SetSecondOwesFen(990).SetLines(2).SaveX(ctx)
	line := client.ClearingLine.Create().SetKind(enum.ClearPrincipal).SetDebtorOrgID(second).SetCreditorOrgID(first).SetFaceFen(123_456).SetFeeFen(1_234).SetAmountFen(122_222).
		SetSubjectID(1).SetPostingID(posting.ID).SetPeriod(202611).SetStatementID(o.statement.ID).SaveX(ctx)
	client.ClearingLine.Create().SetKind(enum.ClearPrincipal).SetDebtorOrgID(second).SetCreditorOrgID(first).SetFaceFen(-5).SetFeeFen(0).SetAmountFen(-5).SetReversesID(line.ID).
		SetSubjectID(1).SetPostingID(posting.ID).SetPeriod(202611).SetStatementID(o.statement.ID).SetDisputeReason("+1 不对").ExecX(ctx)
	return o
}

func links(w *testkit.World) *download.Links {
	return &download.Links{Store: w.Store, Clock: w.Clock, Cursors: func() *cursor.Codec { return cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0)) }, Base: "https://example.com/"}
}

// link is a fresh link's path.
func (o *office) link(t *testing.T, format download.Format) string {
	t.Helper()
	link, err := o.service.ExportLink(testkit.As(t, o.owner), o.statement.ID, format)
	require.NoError(t, err)
	require.Equal(t, o.Clock.Now().Add(5*time.Minute), link.ExpiresAt)
	path, ok := strings.CutPrefix(link.URL, "https://example.com")
	require.True(t, ok)
	return path
}

func (o *office) get(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestFiles(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		o := open(t, w)
		r := o.get(http.MethodGet, o.link(t, download.CSV))
		require.Equal(t, http.StatusOK, r.Code)
		require.Equal(t, "text/csv; charset=utf-8", r.Header().Get("Content-Type"))
		require.Equal(t, "no-store", r.Header().Get("Cache-Control"))
		_, parameters, err := mime.ParseMediaType(r.Header().Get("Content-Disposition"))
		require.NoError(t, err)
		require.Equal(t, "attachment; filename=clearing-202611.csv", strings.SplitN(r.Header().Get("Content-Disposition"), "; filename*", 2)[0])
		require.Contains(t, parameters["filename"], "清分单-202611-")
		require.True(t, strings.HasSuffix(parameters["filename"], ".csv"))
		require.NotContains(t, parameters["filename"], "|")
		text, ok := bytes.CutPrefix(r.Body.Bytes(), []byte("\xef\xbb\xbf"))
		require.True(t, ok, "the byte order mark")
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 1+2+3)
		require.Equal(t, clearingHeader, rows[0])
		require.Equal(t, []string{"1234.56", "12.34", "1222.22", "202611", "2026-11-22"}, append(rows[1][4:8:8], rows[1][8][:10]))
		require.Equal(t, []string{"-0.05", "0.00", "-0.05"}, rows[2][4:7])
		require.Equal(t, rows[1][0], rows[2][9])
		require.Equal(t, "'+1 不对", rows[2][11])
		require.Equal(t, []string{"轧差应付", "9.90"}, []string{rows[5][0], rows[5][6]})
		for _, row := range rows[1:] {
			for i, text := range row {
				if text != "" && (i < 4 || i > 7) {
					require.NotContains(t, "=+-@", text[:1])
				}
			}
		}

		r = o.get(http.MethodGet, o.link(t, download.XLSX))
		require.Equal(t, http.StatusOK, r.Code)
		book, err := excelize.OpenReader(r.Body)
		require.NoError(t, err)
		defer book.Close()
		sheet, err := book.GetRows("清分明细", excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		require.Len(t, sheet, 6)
		require.Equal(t, clearingHeader, sheet[0])
		require.Equal(t, []string{"1234.56", "12.34", "1222.22", "202611"}, sheet[1][4:8])
		formula, err := book.GetCellFormula("清分明细", "D2")
		require.NoError(t, err)
		require.Empty(t, formula)
		require.Contains(t, []string{sheet[1][2], sheet[1][3]}, "=cmd|' /C calc'!A0")
	})
}

func TestLinksEnd(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		o := open(t, w)
		ctx := auth.System(t.Context(), w.Brand.ID)
		good := o.link(t, download.CSV)
		prefix, token := good[:len("/exports/clearing/")], good[len("/exports/clearing/"):]
		changed := []byte(token)
		changed[20] ^= 1
		codec := cursor.New(w.Keyring.Ring().Secrets(keys.Cursor, 0))
		otherList, err := codec.Encode(0, "clearing statements", w.Brand.ID, o.owner.PersonID, o.owner.Epoch, "CSV", w.Clock.Now().Add(time.Hour), o.statement.ID)
		require.NoError(t, err)
		otherBrand, err := codec.Encode(0, "export clearing", w.NewBrand(t).ID, o.owner.PersonID, o.owner.Epoch, "CSV", w.Clock.Now().Add(time.Hour), o.statement.ID)
		require.NoError(t, err)
		otherKind, err := codec.Encode(0, "export custody", w.Brand.ID, o.owner.PersonID, o.owner.Epoch, "CSV", w.Clock.Now().Add(time.Hour), o.statement.ID)
		require.NoError(t, err)
		for name, bad := range map[string]string{"none": "x", "changed": string(changed), "cut": token[:len(token)-1], "long": strings.Repeat("a", 5000), "another list's": otherList,
			"another brand's": otherBrand, "another kind's": otherKind} {
			r := o.get(http.MethodGet, prefix+bad)
			require.Equal(t, http.StatusNotFound, r.Code, name)
			require.Empty(t, r.Body.String(), name)
		}
		require.Equal(t, http.StatusMethodNotAllowed, o.get(http.MethodPost, good).Code)
		require.Equal(t, http.StatusOK, o.get(http.MethodGet, good).Code)
		w.Clock.Advance(5 * time.Minute)
		require.Equal(t, http.StatusNotFound, o.get(http.MethodGet, good).Code, "old")
		good = o.link(t, download.CSV)
		w.Store.Client(ctx).Person.UpdateOneID(o.owner.PersonID).AddEpoch(1).ExecX(ctx)
		require.Equal(t, http.StatusNotFound, o.get(http.MethodGet, good).Code, "the sign-in has ended")

		for name, v := range map[string]auth.Viewer{"a clerk": role(t, w, w.Store1, auth.Clerk), "another region": role(t, w, w.NewOrg(t, w.Root, enum.OrgRegion), auth.Owner)} {
			_, err := o.service.ExportLink(testkit.As(t, v), o.statement.ID, download.CSV)
			require.True(t, ent.IsNotFound(err), name)
		}
		_, err = o.service.ExportLink(testkit.As(t, o.owner), 0, download.CSV)
		require.True(t, ent.IsNotFound(err))
		w.Store.Client(ctx).ClearingStatement.UpdateOne(o.statement).Modify(func(u *sql.UpdateBuilder) { u.Set("lines", 1_000_001) }).ExecX(ctx)
		_, err = o.service.ExportLink(testkit.As(t, o.owner), o.statement.ID, download.XLSX)
		require.Equal(t, apperr.ClearingExportTooLong, apperr.CodeOf(err))
	})
}

func role(t *testing.T, w *testkit.World, at *ent.Org, r auth.Role) auth.Viewer {
	_, v := w.NewStaff(t, auth.Portal, at, r)
	return v
}

// No text that is written begins like a formula, and what does not is left as it is.
func FuzzHarmless(f *testing.F) {
	for _, text := range []string{"", "春城店", "=1+1", "\t=1", " -2", "@SUM", "＝1", "\r\n+1", "a=b", "'=1", "|calc", "\u00a0=1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := harmless(text)
		require.True(t, got == text || got == "'"+text)
		if got != "" {
			require.NotContains(t, "=+-@\t\r", got[:1])
		}
		trimmed := strings.TrimLeft(text, " \t\r\n\u00a0\ufeff")
		if got == text && trimmed != "" {
			require.NotContains(t, []string{"=", "+", "-", "@"}, trimmed[:1])
		}
	})
}
