// Package schema says what is kept: one file for each entity, and the field kinds they share.
//
// There are no edges: a reference is a column, its target is declared by its tenancy rule, and the data layer checks on every write that the
// target belongs to the same brand. See docs/adr/0002-no-edges.md.
package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"

	"dongxiao/internal/ids"
)

// given says that the application makes the number, not the database.
var given = entsql.Annotation{Incremental: new(bool)}

// base has the id and the time of creation.
type base struct{ mixin.Schema }

// Fields of every entity.
func (base) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").DefaultFunc(ids.Next).Immutable().Annotations(given).Comment("Time-ordered number made by the application; public ids hide it."),
		field.Time("created_at").SchemaType(datetime).Immutable().Default(now).Comment("When the row was written, UTC."),
	}
}

// tenant has the brand in front of everything else.
type tenant struct{ mixin.Schema }

// Fields of every entity that belongs to a brand.
func (tenant) Fields() []ent.Field {
	return append(base{}.Fields(),
		field.Int64("brand_id").Immutable().Comment("The brand (tenant) the row belongs to."))
}

// now is cut to microseconds, because that is what a column keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// datetime is the column type of a point in time: datetime(6), because ent's default on MySQL is a timestamp cut to seconds.
var datetime = map[string]string{dialect.MySQL: "datetime(6)"}

// word is the column type of a kind, a state or a code: bounded and short enough for an index.
const word = 32

// table names the table and the collation that compares bytes, so that codes and hashes differ by case.
func table(name string) schema.Annotation {
	return entsql.Annotation{Table: name, Charset: "utf8mb4", Collation: "utf8mb4_bin"}
}
