package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"

	entmigrate "dongxiao/ent/migrate"
)

// Migration is one versioned migration and when it was applied.
type Migration struct {
	Name string
	// AppliedAt is zero while it is pending.
	AppliedAt time.Time
}

// Migrate applies the pending migrations in order and tells each one to report. Two servers that migrate at once do it one after the other.
func (s *Store) Migrate(ctx context.Context, report func(name string, took time.Duration)) error {
	p, err := s.migrations()
	if err != nil {
		return err
	}
	unlock, err := s.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for {
		r, err := p.UpByOne(ctx)
		if err != nil {
			if errors.Is(err, goose.ErrNoNextVersion) {
				return nil
			}
			return fmt.Errorf("migrate: %w", err)
		}
		if report != nil {
			report(r.Source.Path, r.Duration)
		}
	}
}

// Migrations lists every migration with its state.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := s.migrations()
	if err != nil {
		return nil, err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	list := make([]Migration, len(status))
	for i, m := range status {
		list[i] = Migration{Name: m.Source.Path, AppliedAt: m.AppliedAt}
	}
	return list, nil
}

// CheckSchema refuses a database whose schema is older than this program.
func (s *Store) CheckSchema(ctx context.Context) error {
	list, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.AppliedAt.IsZero() {
			return fmt.Errorf("the database lacks the migration %s: run `dongxiao migrate up` first", m.Name)
		}
	}
	return nil
}

func (s *Store) migrations() (*goose.Provider, error) {
	folder, gooseDialect := "mysql", goose.DialectMySQL
	if s.dialect == dialect.SQLite {
		folder, gooseDialect = "sqlite", goose.DialectSQLite3
	}
	files, err := fs.Sub(entmigrate.Files, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(gooseDialect, s.db, files, goose.WithDisableGlobalRegistry(true))
}

// CheckMigrationFiles proves by the checksum file that no migration was changed after it was written.
func CheckMigrationFiles(folder string) error {
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		return err
	}
	return migrate.Validate(dir)
}

// lockMigrations holds a named lock of the MySQL server; SQLite is used by one server alone.
func (s *Store) lockMigrations(ctx context.Context) (unlock func(), err error) {
	if s.dialect != dialect.MySQL {
		return func() {}, nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var got int
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK('dongxiao_migrate', 60)").Scan(&got); err != nil || got != 1 {
		_ = conn.Close()
		return nil, fmt.Errorf("another server has been migrating for a minute (lock answer %d): %w", got, err)
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK('dongxiao_migrate')")
		_ = conn.Close()
	}, nil
}
