package verify_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/store"
	"dongxiao/internal/testkit/servers"
	"dongxiao/internal/verify"
)

// everyRow has every row changed; otherwise most rows of each kind and state of a table are.
var everyRow = flag.Bool("every-row", false, "change every row of the books, not the first ones of each kind")

const most = 1

// class is what rows of a table are of one sort by.
func class(row map[string]any) string {
	text := ""
	for _, column := range []string{"kind", "state", "source", "tender", "purpose", "outcome", "cause"} {
		if row[column] != nil {
			text += show(row[column]) + " "
		}
	}
	return text
}

// sample is of how many changes MariaDB is shown one; the embedded database is shown all.
const sample = 20

// TestEveryChangeIsFound changes each column of each row of value to several other values, one at a time, and deletes each row, one at a time: the proof
// names a breach each time. The world has every kind of row. What a change would not break is said, with the reason, in spared.
func TestEveryChangeIsFound(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]store.Options{
		"mysql":  {Dialect: dialect.MySQL, DSN: servers.NewDatabase(t)},
		"sqlite": {Dialect: dialect.SQLite, DSN: servers.NewSQLite(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), options)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			require.NoError(t, s.Migrate(t.Context(), nil))
			lives(t, s, world(t, s, "changed"))
			require.Empty(t, run(t, s))
			every := 1
			if options.Dialect == dialect.MySQL {
				every = sample
			}
			changeAll(t, s, every)
			require.Empty(t, run(t, s), "every change was taken back")
		})
	}
}

// changer makes changes on one connection and takes them back.
type changer struct {
	conn     *sql.Conn
	begin    string
	prepared *verify.Prepared
	slipped  map[string]string
	made     int
	refused  int
}

func changeAll(t *testing.T, s *store.Store, every int) {
	t.Helper()
	conn, err := s.DB().Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	c := &changer{conn: conn, begin: "BEGIN IMMEDIATE", slipped: map[string]string{}}
	if s.Dialect() == dialect.MySQL {
		c.begin = "START TRANSACTION"
	}
	number := 0
	for _, table := range slices.Sorted(maps.Keys(proved)) {
		c.prepared, err = verify.Prepare(t.Context(), conn, table)
		require.NoError(t, err)
		rows := readAll(t, conn, table)
		require.NotEmpty(t, rows, table)
		requireKnown(t, table, rows[0])
		seen := map[string]int{}
		for at, row := range rows {
			if seen[class(row)]++; seen[class(row)] > most && !*everyRow {
				continue
			}
			if number++; number%every == 0 && !spare(table, deleted, row, nil) {
				c.try(t, table, deleted, row, nil, "DELETE FROM "+table+" WHERE id = ?", row["id"])
			}
			for _, column := range slices.Concat(proved[table], slices.Sorted(maps.Keys(present[table]))) {
				for _, to := range others(table, column, rows, at) {
					if _, when := present[table][column]; when && (to == nil) == (row[column] == nil) {
						continue
					}
					if number++; number%every != 0 || spare(table, column, row, to) {
						continue
					}
					c.try(t, table, column, row, to, "UPDATE "+table+" SET `"+column+"` = ? WHERE id = ?", to, row["id"])
				}
			}
		}
		c.prepared.Close()
	}
	t.Logf("%d changes, %d refused by the database, %d not found", c.made, c.refused, len(c.slipped))
	for _, what := range slices.Sorted(maps.Keys(c.slipped)) {
		t.Errorf("not found: %s: %s", what, c.slipped[what])
	}
}

// try makes one change and expects a breach, or the database's refusal.
func (c *changer) try(t *testing.T, table, column string, row map[string]any, to any, statement string, args ...any) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	_, err := c.conn.ExecContext(ctx, c.begin)
	require.NoError(t, err)
	defer func() {
		_, err := c.conn.ExecContext(ctx, "ROLLBACK")
		require.NoError(t, err)
	}()
	c.made++
	if _, err := c.conn.ExecContext(ctx, statement, args...); err != nil {
		c.refused++
		return
	}
	found, err := c.prepared.First(ctx)
	require.NoError(t, err)
	if found == "" {
		what := fmt.Sprintf("%s.%s of %v %v to %s", table, column, show(row["kind"]), show(row["state"]), kindOf(row[column], to))
		c.slipped[what] = fmt.Sprintf("%s → %s in %s", show(row[column]), show(to), showRow(row))
	}
}

func show(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

func showRow(row map[string]any) string {
	text := ""
	for _, column := range slices.Sorted(maps.Keys(row)) {
		if column != "created_at" && column != "brand_id" && row[column] != nil {
			text += column + "=" + show(row[column]) + " "
		}
	}
	return text
}

// kindOf says what kind of change it is.
func kindOf(from, to any) string {
	if to == nil {
		return "none"
	}
	if n, ok := to.(int64); ok {
		if before, ok := from.(int64); ok && n == before+1 {
			return "one more"
		}
		return "another's"
	}
	return show(to)
}

// others are the values to which a column of a row is changed: one more, or a second later, or every other word; that of another row; and none.
func others(table, column string, rows []map[string]any, at int) []any {
	from := rows[at][column]
	var list []any
	switch v := from.(type) {
	case int64:
		list = append(list, v+1)
	case time.Time:
		list = append(list, v.Add(time.Second))
	}
	words := verify.Words(table, column)
	for _, word := range words {
		if word != show(from) {
			list = append(list, word)
		}
	}
	for n := 1; n < len(rows) && words == nil; n++ {
		other := rows[(at+n)%len(rows)][column]
		if other != nil && show(other) != show(from) {
			list = append(list, other)
			break
		}
	}
	if from != nil {
		list = append(list, nil)
	}
	return list
}

func readAll(t *testing.T, conn *sql.Conn, table string) []map[string]any {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), "SELECT * FROM "+table+" ORDER BY id")
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var list []map[string]any
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		row := map[string]any{}
		for i, column := range columns {
			row[column] = values[i]
		}
		list = append(list, row)
	}
	require.NoError(t, rows.Err())
	return list
}

// requireKnown fails where a table has a column that is neither proved nor said to be descriptive, or one of these that it has not.
func requireKnown(t *testing.T, table string, row map[string]any) {
	t.Helper()
	known := map[string]bool{"id": true, "created_at": true}
	for _, column := range proved[table] {
		require.False(t, known[column], "%s.%s is named twice", table, column)
		known[column] = true
	}
	for column := range present[table] {
		require.False(t, known[column], "%s.%s is named twice", table, column)
		known[column] = true
	}
	for column, reason := range descriptive[table] {
		require.False(t, known[column], "%s.%s is named twice", table, column)
		require.NotEmpty(t, reason)
		known[column] = true
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(row)), slices.Collect(maps.Keys(known)),
		"%s: say of a new column whether a change of it is found, or why it describes only", table)
}
