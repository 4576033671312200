package clock_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dongxiao/internal/clock"
	"dongxiao/internal/testkit/servers"

	_ "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

// server is a database/sql driver whose only table is its clock, so that a test may set it and break it.
type server struct {
	mu    sync.Mutex
	ahead time.Duration
	trips []time.Duration // of the next queries; afterwards 2 ms.
	text  string          // answered instead of the time.
	err   error
	asked int
}

func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *server) queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *server) Connect(context.Context) (driver.Conn, error) { return connection{s}, nil }
func (s *server) Driver() driver.Driver                        { return nil }

type connection struct{ server *server }

func (connection) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (connection) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }
func (connection) Close() error                        { return nil }

// QueryContext spends half the trip on the way there and half on the way back.
func (c connection) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	s := c.server
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	trip := 2 * time.Millisecond
	if len(s.trips) > 0 {
		trip, s.trips = s.trips[0], s.trips[1:]
	}
	time.Sleep(trip / 2)
	text := s.text
	if text == "" {
		text = time.Now().Add(s.ahead).UTC().Format("2006-01-02 15:04:05.000000")
	}
	time.Sleep(trip - trip/2)
	return &rows{text: text}, s.err
}

type rows struct {
	text string
	read bool
}

func (*rows) Columns() []string { return []string{"time"} }
func (*rows) Close() error      { return nil }
func (r *rows) Next(values []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read, values[0] = true, []byte(r.text)
	return nil
}

func TestTheClockFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{ahead: 90 * time.Second}
		db := sql.OpenDB(s)
		defer func() { require.NoError(t, db.Close()) }()
		start, cancel := context.WithCancel(t.Context())
		c, err := clock.NewDatabase(start, db, "mysql", time.Minute)
		require.NoError(t, err)
		defer c.Close()
		cancel() // The context binds only the first measurement.

		require.Equal(t, time.Now().Add(90*time.Second).UTC(), c.Now())
		require.Equal(t, 90*time.Second, c.Offset())
		require.Equal(t, time.UTC, c.Now().Location())

		s.set(func() { s.ahead = -time.Hour })
		time.Sleep(30 * time.Second)
		require.Equal(t, time.Now().Add(90*time.Second).UTC(), c.Now(), "it is measured once a minute")
		time.Sleep(time.Minute)
		require.Equal(t, time.Now().Add(-time.Hour).UTC(), c.Now())

		s.set(func() { s.ahead, s.err = time.Hour, errors.New("gone") })
		before := s.queries()
		time.Sleep(10 * time.Minute)
		require.Greater(t, s.queries(), before)
		require.Equal(t, time.Now().Add(-time.Hour).UTC(), c.Now(), "while the database is away the last offset holds")

		s.set(func() { s.err = nil })
		time.Sleep(2 * time.Minute)
		require.Equal(t, time.Hour, c.Offset())

		c.Close()
		c.Close()
		before = s.queries()
		time.Sleep(time.Hour)
		require.Equal(t, before, s.queries(), "a closed clock measures no more")
		require.Equal(t, time.Now().Add(time.Hour).UTC(), c.Now())
	})
}

func TestTheShortestRoundTripCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{ahead: time.Second, trips: []time.Duration{400 * time.Millisecond, 90 * time.Millisecond, 3 * time.Microsecond}}
		db := sql.OpenDB(s)
		defer func() { require.NoError(t, db.Close()) }()
		c, err := clock.NewDatabase(t.Context(), db, "mysql", time.Minute)
		require.NoError(t, err)
		defer c.Close()
		require.InDelta(t, time.Second, c.Offset(), float64(2*time.Microsecond))
	})
}

func TestAClockIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		server  *server
		dialect string
		every   time.Duration
		reason  string
	}{
		"database away":       {&server{err: errors.New("gone")}, "mysql", time.Minute, "gone"},
		"not a time":          {&server{text: "yesterday"}, "mysql", time.Minute, "expected form"},
		"no interval":         {&server{}, "mysql", 0, "positive"},
		"an unknown database": {&server{}, "postgres", time.Minute, "postgres"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := sql.OpenDB(row.server)
			defer func() { require.NoError(t, db.Close()) }()
			_, err := clock.NewDatabase(t.Context(), db, row.dialect, row.every)
			require.ErrorContains(t, err, row.reason)
		})
	}
}

func TestSQLiteHasTheMachinesTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, dialect := range []string{"sqlite3", "sqlite"} {
			c, err := clock.NewDatabase(t.Context(), nil, dialect, time.Minute)
			require.NoError(t, err)
			time.Sleep(1234 * time.Nanosecond)
			require.Equal(t, time.Now().UTC().Truncate(time.Microsecond), c.Now())
			require.Zero(t, c.Offset())
			c.Close()
		}
	})
}

// TestMariaDBsTimeIsRead sets the session's time, which is what makes a real server's clock differ from this machine's.
func TestMariaDBsTimeIsRead(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("mysql", servers.NewDatabase(t)+"&timestamp=1700000000.25&time_zone=%27%2B05%3A00%27")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	c, err := clock.NewDatabase(t.Context(), db, "mysql", time.Hour)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	now := c.Now()
	require.WithinRange(t, now, time.Unix(1_700_000_000, 250_000_000), time.Unix(1_700_000_060, 0))
	require.False(t, c.Now().Before(now))
}
