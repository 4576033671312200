package clock

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// samples is how many readings one measurement takes; the one with the shortest round trip counts, since its error is at most
	// half of that.
	samples = 5
	// measureTimeout bounds one measurement.
	measureTimeout = 5 * time.Second
	// utcTimestamp is a string on every server and with every DSN; a bare UTC_TIMESTAMP depends on parseTime.
	utcTimestamp = "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)"
	mysqlTime    = "2006-01-02 15:04:05.999999"
)

// Database is a Clock kept at the database's time. Between measurements it runs on this machine's monotonic clock, so setting the
// machine's clock does not move it. A measurement may move it back, by as much as the two clocks drifted apart and at most half a
// round trip of error: whoever needs an order stores a sequence, not times. It is safe for concurrent use.
type Database struct {
	db      *sql.DB
	reading atomic.Pointer[reading] // nil where the machine's own time is the database's.
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// reading pairs the database's time with this machine's at the same moment.
type reading struct {
	database time.Time
	machine  time.Time // with its monotonic reading.
}

// NewDatabase makes a clock for the database of the dialect and measures once within ctx, which does not bind it afterwards. For mysql
// (MariaDB and TiDB too) it measures again every so often in the background until Close; a measurement that fails is logged and the last
// one stays in force. A SQLite database (sqlite3, sqlite) has no clock but this machine's, so nothing is measured.
//
// It gives an error where the first measurement fails, every is not positive, or the dialect is another.
func NewDatabase(ctx context.Context, db *sql.DB, dialect string, every time.Duration) (*Database, error) {
	d := &Database{db: db, stop: func() {}}
	switch dialect {
	case "sqlite3", "sqlite":
		return d, nil
	case "mysql":
	default:
		return nil, fmt.Errorf("clock: no way to read the time of a %s database", dialect)
	}
	if every <= 0 {
		return nil, fmt.Errorf("clock: the interval between measurements must be positive")
	}
	if err := d.measure(ctx); err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	d.done.Go(func() { d.keep(background, every) })
	return d, nil
}

// Now implements Clock.
func (d *Database) Now() time.Time {
	r := d.reading.Load()
	if r == nil {
		return cut(time.Now())
	}
	return cut(r.database.Add(time.Since(r.machine)))
}

// Offset is how far the database's time was ahead of this machine's at the last measurement, for metrics and readiness.
func (d *Database) Offset() time.Duration {
	r := d.reading.Load()
	if r == nil {
		return 0
	}
	return r.database.Sub(r.machine)
}

// Close ends the measurements and waits for one in progress to stop. The clock goes on from the last one. It may be called more than
// once.
func (d *Database) Close() {
	d.stop()
	d.done.Wait()
}

// keep measures again and again until ctx ends.
func (d *Database) keep(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := d.measure(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "clock: the database's time could not be read; the last offset stays", "error", err, "offset", d.Offset())
		}
	}
}

// measure takes several readings over one connection, so that only the first may pay for opening it, and keeps the best.
func (d *Database) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, measureTimeout)
	defer cancel()
	connection, err := d.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("clock: connect: %w", err)
	}
	defer func() { _ = connection.Close() }() // It only goes back to the pool.

	var best *reading
	var shortest time.Duration
	for range samples {
		var text string
		start := time.Now()
		if err := connection.QueryRowContext(ctx, utcTimestamp).Scan(&text); err != nil {
			return fmt.Errorf("clock: read the database's time: %w", err)
		}
		trip := time.Since(start)
		at, err := time.Parse(mysqlTime, text)
		if err != nil {
			return fmt.Errorf("clock: the database's time is not in the expected form: %w", err)
		}
		if best == nil || trip < shortest {
			best, shortest = &reading{database: at, machine: start.Add(trip / 2)}, trip
		}
	}
	d.reading.Store(best)
	return nil
}
