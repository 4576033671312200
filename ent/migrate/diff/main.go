// Command diff writes the migration that takes the last versioned schema to the present one, for one dialect: `make migration NAME=what_it_does`.
//
// It replays the migrations so far on an empty development database that it is given and compares the outcome with the schema in Go.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
	_ "github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: diff mysql|sqlite FOLDER DSN NAME   (DSN of an empty database)")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "diff:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kind, folder, dsn, name string) error {
	entDialect := map[string]string{"mysql": dialect.MySQL, "sqlite": dialect.SQLite}[kind]
	db, err := sql.Open(kind, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		return err
	}
	m, err := schema.NewMigrate(entsql.OpenDB(entDialect, db),
		schema.WithDir(dir), schema.WithMigrationMode(schema.ModeReplay), schema.WithDialect(entDialect),
		schema.WithFormatter(sqltool.GooseFormatter), schema.WithForeignKeys(false),
		schema.WithDropColumn(true), schema.WithDropIndex(true))
	if err != nil {
		return err
	}
	graph, err := entc.LoadGraph("dongxiao/ent/schema", &gen.Config{})
	if err != nil {
		return err
	}
	tables, err := graph.Tables()
	if err != nil {
		return err
	}
	if err := m.NamedDiff(ctx, name, tables...); err != nil {
		return err
	}
	sum, err := dir.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(dir, sum)
}
