// Package clearingexport answers with a clearing statement as a file, at /exports/clearing/{token}.
package clearingexport

import (
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"dongxiao/domain/clearing"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/money"
)

// Path is where the handler is to be registered, for GET.
const Path = "/exports/clearing/{token}"

// writeTime is how long a file may take to be written to a slow reader.
const writeTime = 10 * time.Minute

// LinkTo makes the address of an export from the server's own address and a token.
func LinkTo(base string) func(token string) string {
	return func(token string) string { return strings.TrimSuffix(base, "/") + "/exports/clearing/" + token }
}

// Exports opens the export that a token names; NOT_FOUND for one that is wrong or old.
type Exports interface {
	Open(ctx context.Context, token string) (*clearing.Export, error)
}

// Handler answers a GET with the file and everything else with 404: who may fetch it is decided when the link is made, and the link is signed,
// lives for minutes, and ends with the sign-in of whom it was made for.
func Handler(exports Exports, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		export, err := exports.Open(r.Context(), r.PathValue("token"))
		switch {
		case ent.IsNotFound(err) || apperr.CodeOf(err) == apperr.NotFound:
			w.WriteHeader(http.StatusNotFound)
			return
		case err != nil:
			log.ErrorContext(r.Context(), "an export could not be opened", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime))
		write, contentType, extension := writeCSV, "text/csv; charset=utf-8", ".csv"
		if export.Format == clearing.XLSX {
			write, contentType, extension = writeXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", disposition(export, extension))
		if err := write(r.Context(), w, export); err != nil {
			log.WarnContext(r.Context(), "an export was not written to its end", "error", err)
			panic(http.ErrAbortHandler) // the client must not take half a file for a whole one
		}
	})
}

// disposition names the file in Chinese for those who understand RFC 5987, and in plain letters for the others.
func disposition(e *clearing.Export, extension string) string {
	plain := mime.FormatMediaType("attachment", map[string]string{"filename": "clearing-" + strconv.Itoa(e.Statement.Period) + extension})
	return plain + "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(fileName(e.Title())+extension), "+", "%20")
}

// fileName leaves out what file systems do not take.
func fileName(title string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || strings.ContainsRune(`/\:*?"<>|`, c) {
			return -1
		}
		return c
	}, title)
}

// header names the columns.
var header = []string{"明细编号", "类型", "债务方", "债权方", "面值（元）", "手续费（元）", "应付（元）", "账期", "记账时间", "冲正明细", "状态", "争议原因"}

var kinds = map[enum.ClearingKind]string{enum.ClearPrincipal: "本金", enum.ClearBonus: "赠金", enum.ClearCoupon: "优惠券"}

var states = map[enum.ClearingLineState]string{enum.LineOpen: "正常", enum.LineDisputed: "争议"}

// cell is a text, an amount or a month.
type cell any

func row(e *clearing.Export, l *ent.ClearingLine) []cell {
	reverses := ""
	if l.ReversesID != nil {
		reverses = ids.Encode(ids.ClearingLine, *l.ReversesID)
	}
	return []cell{l.NodeID().String(), kinds[l.Kind], e.Name(l.DebtorOrgID), e.Name(l.CreditorOrgID), money.Fen(l.FaceFen), money.Fen(l.FeeFen), money.Fen(l.AmountFen),
		l.Period, l.CreatedAt.In(e.Zone).Format("2006-01-02 15:04:05"), reverses, states[l.State], l.DisputeReason}
}

// totals are the last rows: what each owes, and what one pays the other in the end.
func totals(e *clearing.Export) [][]cell {
	s := e.Statement
	first, second := e.Name(s.FirstOrgID), e.Name(s.SecondOrgID)
	payer, payee, net := first, second, money.Fen(s.FirstOwesFen-s.SecondOwesFen)
	if net < 0 {
		payer, payee, net = second, first, -net
	}
	sum := func(name, debtor, creditor string, amount money.Fen) []cell {
		return []cell{name, "", debtor, creditor, "", "", amount, s.Period, "", "", "", ""}
	}
	return [][]cell{sum("小计", first, second, money.Fen(s.FirstOwesFen)), sum("小计", second, first, money.Fen(s.SecondOwesFen)), sum("轧差应付", payer, payee, net)}
}

// writeCSV writes in UTF-8 with the byte order mark by which Excel knows it.
func writeCSV(ctx context.Context, w io.Writer, e *clearing.Export) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(header); err != nil {
		return err
	}
	write := func(cells []cell) error {
		texts := make([]string, len(cells))
		for i, c := range cells {
			switch c := c.(type) {
			case money.Fen:
				texts[i] = c.Yuan()
			case int:
				texts[i] = strconv.Itoa(c)
			case string:
				texts[i] = harmless(c)
			}
		}
		return out.Write(texts)
	}
	if err := e.Lines(ctx, func(l *ent.ClearingLine) error { return write(row(e, l)) }); err != nil {
		return err
	}
	for _, cells := range totals(e) {
		if err := write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(text string) string {
	if trimmed := strings.TrimLeft(text, " \t\r\n\u00a0\ufeff"); trimmed != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(trimmed)[0]) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") {
		return "'" + text
	}
	return text
}

// writeXLSX writes a workbook row by row; what does not fit into some megabytes waits in a temporary file. Texts are texts there, never formulas.
func writeXLSX(ctx context.Context, w io.Writer, e *clearing.Export) (err error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	const sheet = "清分明细"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	amount, err := book.NewStyle(&excelize.Style{NumFmt: 4}) // #,##0.00
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(header), 18); err != nil {
		return err
	}
	number := 0
	write := func(cells []cell) error {
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = c
			if fen, ok := c.(money.Fen); ok {
				values[i] = excelize.Cell{StyleID: amount, Value: float64(fen) / 100} // for showing alone; the books are integers
			}
		}
		number++
		return out.SetRow("A"+strconv.Itoa(number), values)
	}
	names := make([]cell, len(header))
	for i, name := range header {
		names[i] = name
	}
	if err := write(names); err != nil {
		return err
	}
	if err := e.Lines(ctx, func(l *ent.ClearingLine) error { return write(row(e, l)) }); err != nil {
		return err
	}
	for _, cells := range totals(e) {
		if err := write(cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}
