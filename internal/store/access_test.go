package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/tenancy"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit"
)

// The access matrix of the data layer: which rows of every entity each viewer reads and writes (updates or deletes). Rows, viewers and questions are made from
// ent.Tenancies, so a new entity needs no code here, but its outcomes must stand in testdata/access-rows.txt, to be reviewed like code: a changed
// line is a changed right. `go test ./internal/store -run Access -args -update` writes them anew.

var update = flag.Bool("update", false, "write the outcomes of the access matrix anew")

// place is whose a planted row is; what is zero belongs to nobody who asks.
type place struct {
	name                          string
	org, otherOrg, member, person int64
	published                     bool
}

// border is a brand with everybody who may ask, and another brand beside it.
type border struct {
	*testkit.World
	other   *testkit.World
	viewers []viewer
	places  []place
}

type viewer struct {
	name string
	auth.Viewer
}

func newBorder(t *testing.T, w *testkit.World) *border {
	b := &border{World: w, other: testkit.New(t, w.Store.Dialect())}
	far := w.NewOrg(t, w.NewOrg(t, w.Root, enum.OrgRegion), enum.OrgStore)
	_, shopper := w.NewMember(t)
	_, stranger := w.NewMember(t)
	_, foreigner := b.other.NewMember(t)
	staff := func(w *testkit.World, face auth.Face, org *ent.Org, role auth.Role) auth.Viewer {
		_, v := w.NewStaff(t, face, org, role)
		return v
	}
	clerk := staff(w, auth.Staff, w.Store1, auth.Clerk)
	b.viewers = []viewer{
		{"nobody", auth.Viewer{}},
		{"visitor", auth.Viewer{Reach: auth.ReachPublic, BrandID: w.Brand.ID, AppID: w.Apps[auth.Storefront].ID, Face: auth.Storefront}},
		{"shopper", shopper}, {"stranger", stranger}, {"foreigner", foreigner}, {"clerk", clerk},
		{"neighbour", staff(w, auth.Staff, w.Store2, auth.Clerk)},
		{"faraway", staff(w, auth.Portal, far, auth.Owner)},
		{"distributor", staff(w, auth.Mall, w.Distributor, auth.Owner)},
		{"regional", staff(w, auth.Console, w.Region, auth.Admin)},
		{"admin", staff(w, auth.Console, w.Root, auth.Admin)},
		{"alien", staff(b.other, auth.Console, b.other.Root, auth.Admin)},
		{"system", auth.FromContext(auth.System(t.Context(), w.Brand.ID))},
		{"operator", auth.FromContext(auth.Operator(t.Context()))},
	}
	b.places = []place{
		{name: "somebody's"}, {name: "published", published: true},
		{name: "shopper's", member: shopper.MemberID, person: shopper.PersonID}, {name: "clerk's", person: clerk.PersonID},
		{name: "store 1", org: w.Store1.ID}, {name: "store 2", org: w.Store2.ID}, {name: "far store", org: far.ID},
		{name: "distributor", org: w.Distributor.ID}, {name: "store 1 as second", otherOrg: w.Store1.ID},
	}
	return b
}

// row is one planted row.
type row struct {
	place string
	id    int64
}

// plant makes a row of the entity for each place that its rule tells apart, and one of another brand.
func (b *border) plant(t *testing.T, entity string) []row {
	rule := ent.Tenancies[entity]
	if entity == "Brand" {
		return []row{{"own", b.Brand.ID}, {"other brand", b.other.Brand.ID}}
	}
	if rule.Installation {
		return []row{{"installation", b.insert(t, entity, 0, nil)}}
	}
	var rows []row
	for _, p := range b.places {
		apart := p.org != 0 && rule.OrgColumn != "" || p.otherOrg != 0 && rule.OtherOrgColumn != "" || p.member != 0 && rule.MemberColumn != "" ||
			p.person != 0 && rule.PersonColumn != "" || p.published && rule.PublicColumn != ""
		if apart || p.name == "somebody's" {
			rows = append(rows, row{p.name, b.insert(t, entity, b.Brand.ID, b.values(t, b.World, rule, p))})
		}
	}
	return append(rows, row{"other brand", b.insert(t, entity, b.other.Brand.ID, b.values(t, b.other, rule, place{org: b.other.Store1.ID}))})
}

// values are what makes a row stand at a place of the world.
func (b *border) values(t *testing.T, w *testkit.World, rule tenancy.Rule, p place) map[string]any {
	nowhere := func() int64 { return w.NewOrg(t, w.Root, enum.OrgDistributor).ID }
	values := map[string]any{}
	for _, c := range []struct {
		column    string
		own       int64
		otherwise func() int64
	}{{rule.OrgColumn, p.org, nowhere}, {rule.OtherOrgColumn, p.otherOrg, nowhere}, {rule.MemberColumn, p.member, ids.Next}, {rule.PersonColumn, p.person, ids.Next}} {
		switch {
		case c.column == "":
		case c.own != 0:
			values[c.column] = c.own
		default:
			values[c.column] = c.otherwise()
		}
	}
	if p.published {
		values[rule.PublicColumn] = rule.PublicValues[0]
	}
	return values
}

// planted numbers what is planted in this process: the numbers fit into every column and are texts and JSON as well.
var planted atomic.Int64

// insert writes a row past the data layer, with a number of its own in every column whose value is not given. An org, a member or a person that is
// itself the place is there already, and is changed.
func (b *border) insert(t *testing.T, entity string, brandID int64, values map[string]any) int64 {
	t.Helper()
	db, table := b.Store.DB(), "`"+ent.Tables[entity]+"`"
	id, ok := values["id"].(int64)
	if !ok {
		id = ids.Next()
	}
	var there int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table+" WHERE id = ?", id).Scan(&there))
	for column, value := range values {
		if there > 0 && column != "id" {
			_, err := db.ExecContext(t.Context(), "UPDATE "+table+" SET "+column+" = ? WHERE id = ?", value, id)
			require.NoError(t, err)
		}
	}
	if there > 0 {
		return id
	}
	empty, err := db.QueryContext(t.Context(), "SELECT * FROM "+table+" WHERE 1 = 0")
	require.NoError(t, err)
	types, err := empty.ColumnTypes()
	require.NoError(t, err)
	require.NoError(t, empty.Close())
	number := 1000 + planted.Add(1)
	var names, marks []string
	var arguments []any
	for _, column := range types {
		value, given := values[column.Name()]
		switch kind := strings.ToUpper(column.DatabaseTypeName()); {
		case given:
		case column.Name() == "id":
			value = id
		case column.Name() == "brand_id":
			value = brandID
		case strings.Contains(kind, "DATE"):
			value = testkit.Start.Add(time.Duration(number) * time.Second)
		case kind == "TINYINT", kind == "BOOL":
			value = 1
		case strings.Contains(kind, "BLOB"), strings.Contains(kind, "BINARY"):
			value = []byte(strconv.FormatInt(number, 10))
		case strings.Contains(kind, "INT"), kind == "DOUBLE", kind == "REAL", kind == "FLOAT":
			value = number
		default:
			value = strconv.FormatInt(number, 10)
		}
		names, marks, arguments = append(names, "`"+column.Name()+"`"), append(marks, "?"), append(arguments, value)
	}
	_, err = db.ExecContext(t.Context(), "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", arguments...)
	require.NoError(t, err, "plant %s", entity)
	return id
}

// call calls a method of ent's generated code by name; Where takes the predicate in the entity's own type.
func call(on reflect.Value, method string, arguments ...any) []reflect.Value {
	f := on.MethodByName(method)
	in := make([]reflect.Value, len(arguments))
	for i, argument := range arguments {
		in[i] = reflect.ValueOf(argument)
		if f.Type().IsVariadic() {
			in[i] = in[i].Convert(f.Type().In(0).Elem())
		}
	}
	return f.Call(in)
}

func failure(results []reflect.Value) error {
	err, _ := results[1].Interface().(error)
	return err
}

// read tells the places of the rows that the viewer reads.
func (b *border) read(ctx context.Context, entity string, rows []row) (string, error) {
	client := reflect.ValueOf(b.Store.Client(ctx)).Elem().FieldByName(entity)
	query := call(call(client, "Query")[0], "Where", among(rows...))[0]
	results := call(query, "IDs", ctx)
	return placesOf(rows, results[0].Interface().([]int64)), failure(results)
}

// write tells the places of the rows that the viewer updates, or deletes.
func (b *border) write(ctx context.Context, entity, operation string, rows []row) (string, error) {
	client := reflect.ValueOf(b.Store.Client(ctx)).Elem().FieldByName(entity)
	var written []int64
	for _, r := range rows {
		change := call(call(client, operation)[0], "Where", among(r))[0]
		finish := "Exec"
		if operation == "Update" {
			finish = "Save"
			call(change, "Modify", func(u *sql.UpdateBuilder) { u.Set("created_at", testkit.Start) })
		}
		results := call(change, finish, ctx)
		if err := failure(results); err != nil {
			return "refused", nil //nolint:nilerr // the refusal is the outcome
		}
		if results[0].Int() > 0 {
			written = append(written, r.id)
		}
	}
	return placesOf(rows, written), nil
}

func among(rows ...row) func(*sql.Selector) {
	list := make([]any, len(rows))
	for i, r := range rows {
		list[i] = r.id
	}
	return func(s *sql.Selector) { s.Where(sql.In(s.C("id"), list...)) }
}

func placesOf(rows []row, ids []int64) string {
	var places []string
	for _, r := range rows {
		if slices.Contains(ids, r.id) {
			places = append(places, r.place)
		}
	}
	switch len(places) {
	case 0:
		return "none"
	case len(rows):
		return "all"
	case len(rows) - 1:
		if places[len(places)-1] != "other brand" {
			return "the brand's"
		}
	}
	return strings.Join(places, ", ")
}

var errTakenBack = errors.New("taken back")

func TestAccessOfRows(t *testing.T) {
	t.Parallel()
	testkit.Each(t, func(t *testing.T, w *testkit.World) {
		b := newBorder(t, w)
		var text strings.Builder
		for _, entity := range slices.Sorted(maps.Keys(ent.Tenancies)) {
			rows := b.plant(t, entity)
			fmt.Fprintf(&text, "%s (%s)\n", entity, strings.Join(placeNames(rows), ", "))
			for _, v := range b.viewers {
				ctx := auth.NewContext(t.Context(), v.Viewer)
				seen, err := b.read(ctx, entity, rows)
				require.NoError(t, err)
				var updated, deleted string
				err = b.Store.WithTx(ctx, func(ctx context.Context) (err error) {
					if updated, err = b.write(ctx, entity, "Update", rows); err != nil {
						return err
					}
					if deleted, err = b.write(ctx, entity, "Delete", rows); err != nil {
						return err
					}
					return errTakenBack
				})
				require.ErrorIs(t, err, errTakenBack)
				require.Equal(t, updated, deleted, "%s and %s", v.name, entity)
				fmt.Fprintf(&text, "\t%-12s read %s; write %s\n", v.name, seen, updated)
				if v.BrandID == b.Brand.ID {
					require.NotContains(t, seen+updated+deleted, "other brand", "%s and %s", v.name, entity)
				}
			}
		}
		golden(t, "access-rows.txt", text.String())
	})
}

func placeNames(rows []row) []string {
	var places []string
	for _, r := range rows {
		places = append(places, r.place)
	}
	return places
}

// golden compares with the outcomes that were reviewed.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
