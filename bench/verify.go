package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"entgo.io/ent/dialect"

	"dongxiao/internal/store"
	"dongxiao/internal/verify"
)

const (
	// entriesPerSecond is how many entries of the journal a book gets for each second of measuring.
	entriesPerSecond = 50_000
	// manyEntries is how many a large installation has.
	manyEntries = 10_000_000
)

// verifyBook proves a generated book, in a database of its own, and tells how long ten million entries would take, and whether the memory of this process
// grows with the book. There is no other form to compare with.
func verifyBook(ctx context.Context, e *environment) ([]result, error) {
	const name = databaseName + "_book"
	if err := e.mariaDB.CreateDatabase(ctx, name); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Options{Dialect: dialect.MySQL, DSN: e.mariaDB.DSN(name), MaxConnections: connections})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Migrate(ctx, nil); err != nil {
		return nil, err
	}
	b, err := openBook(ctx, s)
	if err != nil {
		return nil, err
	}
	entries := int(e.measure.Seconds() * entriesPerSecond)
	if err := b.grow(ctx, entries/4); err != nil {
		return nil, err
	}
	small, err := prove(ctx, s)
	if err != nil {
		return nil, err
	}
	quarter := b.entries
	if err := b.grow(ctx, entries-b.entries); err != nil {
		return nil, err
	}
	large, err := prove(ctx, s)
	if err != nil {
		return nil, err
	}
	minutes := large.took.Minutes() * manyEntries / float64(b.entries)
	return []result{{Name: "verify", Value: float64(b.rows) / large.took.Seconds(), Unit: "rows/s", Statements: float64(large.checks),
		Note: fmt.Sprintf("%d entries of the journal in a book of %d rows took %.1f s; %.0f minutes for 10 million entries, extrapolated; the process grew by %.1f MiB,"+
			" and by %.1f with %d entries", b.entries, b.rows, large.took.Seconds(), minutes, large.grew, small.grew, quarter)}}, nil
}

// proof is what one run of all checks took.
type proof struct {
	took   time.Duration
	checks int
	// grew is how much more memory than before the process had at its peak, in MiB.
	grew float64
}

// prove carries out every check; a breach is an error, for the book is right.
func prove(ctx context.Context, s *store.Store) (p proof, err error) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // the peak begins anew
		return p, err
	}
	before, err := residentMemory("VmRSS")
	if err != nil {
		return p, err
	}
	start := time.Now()
	breaches, err := verify.Run(ctx, s, func(_, of int, _ string) { p.checks = of })
	if err != nil {
		return p, err
	}
	p.took = time.Since(start)
	if len(breaches) > 0 {
		return p, fmt.Errorf("%s: %v", breaches[0].Check, breaches[0].Shown)
	}
	peak, err := residentMemory("VmHWM")
	p.grew = max(0, peak-before)
	return p, err
}

// residentMemory is a line of this process's status, in MiB.
func residentMemory(line string) (float64, error) {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(data, []byte(line+":"))
	fields := bytes.Fields(rest)
	if len(fields) < 2 {
		return 0, fmt.Errorf("the process's status has no %s", line)
	}
	kibibytes, err := strconv.ParseFloat(string(fields[0]), 64)
	return kibibytes / 1024, err
}
