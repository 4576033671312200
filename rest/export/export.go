// Package export answers with files of tables, at the addresses that package download makes.
package export

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

	"dongxiao/ent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/download"
	"dongxiao/internal/money"
)

// Path is where the handler of a kind is to be registered, for GET.
func Path(kind download.Kind) string { return "/exports/" + string(kind) + "/{token}" }

// writeTime is how long a file may take to be written to a slow reader.
const writeTime = 10 * time.Minute

// Cell is a text, an amount (money.Fen, shown in yuan) or a number (int).
type Cell any

// Table is what a file shows.
type Table struct {
	// Title names the file in Chinese, Plain in letters for those who read no other, both without what follows the dot.
	Title, Plain string
	// Sheet is the name of a workbook's only sheet.
	Sheet  string
	Format download.Format
	Header []string
	// Rows writes the rows one after the other.
	Rows func(ctx context.Context, write func(...Cell) error) error
}

// Open gives the table that a token names; NOT_FOUND for one that is wrong or old.
type Open func(ctx context.Context, token string) (*Table, error)

// Handler answers a GET with the file and everything else with 404: who may fetch it is decided when the link is made, and the link is signed,
// lives for minutes, and ends with the sign-in of whom it was made for.
func Handler(open Open, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if r.Method != http.MethodGet {
			w.Header().Set("Allow", "GET")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		table, err := open(r.Context(), r.PathValue("token"))
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
		if table.Format == download.XLSX {
			write, contentType, extension = writeXLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", disposition(table, extension))
		if err := write(r.Context(), w, table); err != nil {
			log.WarnContext(r.Context(), "an export was not written to its end", "error", err)
			panic(http.ErrAbortHandler) // the client must not take half a file for a whole one
		}
	})
}

// disposition names the file in Chinese for those who understand RFC 5987, and in plain letters for the others.
func disposition(t *Table, extension string) string {
	plain := mime.FormatMediaType("attachment", map[string]string{"filename": t.Plain + extension})
	return plain + "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(fileName(t.Title)+extension), "+", "%20")
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

// writeCSV writes in UTF-8 with the byte order mark by which Excel knows it.
func writeCSV(ctx context.Context, w io.Writer, t *Table) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	write := func(cells ...Cell) error {
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
	if err := write(headerOf(t)...); err != nil {
		return err
	}
	if err := t.Rows(ctx, write); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// headerOf are the cells of the first row: they may have names in them.
func headerOf(t *Table) []Cell {
	cells := make([]Cell, len(t.Header))
	for i, name := range t.Header {
		cells[i] = name
	}
	return cells
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(text string) string {
	if trimmed := strings.TrimLeft(text, " \t\r\n\u00a0\ufeff"); trimmed != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(trimmed)[0]) || strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") {
		return "'" + text
	}
	return text
}

// writeXLSX writes a workbook row by row; what does not fit into some megabytes waits in a temporary file. Texts are texts there, never formulas.
func writeXLSX(ctx context.Context, w io.Writer, t *Table) (err error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName("Sheet1", t.Sheet); err != nil {
		return err
	}
	amount, err := book.NewStyle(&excelize.Style{NumFmt: 4}) // #,##0.00
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(t.Sheet)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(t.Header), 18); err != nil {
		return err
	}
	number := 0
	write := func(cells ...Cell) error {
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
	if err := write(headerOf(t)...); err != nil {
		return err
	}
	if err := t.Rows(ctx, write); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}
