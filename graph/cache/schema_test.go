package cache_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/graph/generated"
)

// shared are the resolvers below cached root fields that were read and found to depend on nobody who asks. A field without a resolver of its own is
// plain data of its object.
var shared = map[string]string{
	"Org.parent":                 "the org above, which the brand publishes",
	"Org.store":                  "the store side of the same row",
	"Store.coordinate":           "of the row",
	"Store.openNow":              "of the row and the clock",
	"Store.hoursToday":           "of the row and the clock",
	"Page.org":                   "the org of the row",
	"CouponTemplate.org":         "the org of the row",
	"CouponTemplate.rule":        "of the row",
	"CouponTemplate.memberLimit": "of the row",
	"CouponTemplate.validDays":   "of the row",
	"CouponTemplate.delayDays":   "of the row",
	"CouponRule.orgs":            "orgs of the rule, which the brand publishes",
	"CouponRule.goods":           "a name of the catalog", "CouponRule.skus": "names of the catalog", "CouponRule.products": "names of the catalog",
	"CouponRule.excludedSkus": "names of the catalog", "CouponRule.summary": "of the row, in the language of the answer",
	"CouponRule.amount": "of the row", "CouponRule.percent": "of the row", "CouponRule.cap": "of the row", "CouponRule.categories": "of the row",
	"CouponRule.onlineOnly": "of the row", "CouponRule.storeOnly": "of the row", "CouponRule.hours": "of the row", "CouponRule.stackLimit": "of the row",
	"CouponRule.returnPolicy": "of the row", "CouponRule.repricing": "of the row", "CouponTemplate.dayStock": "of the row",
	"CouponTemplate.memberDayLimit": "of the row", "CouponTemplate.personLimit": "of the row",
}

// personal are types whose objects belong to somebody; none may be reached from a cached root, whatever its fields.
var personal = []string{"Viewer", "Person", "Member", "Session", "Consent", "Staff", "Coupon", "CouponClaimState", "Redemption", "RedemptionOption",
	"MemberEvent", "AuditEntry", "Tag", "Territory", "TradeItem", "ManagedCouponTemplate", "CouponTemplateCounts", "CouponFunder", "CouponQuote", "PersonalData"}

// maxAgeOfChanging is the longest that a price or a stock may be shown after it changed, in seconds.
const maxAgeOfChanging = 5

// changing are fields that show a price or a stock.
var changing = []string{"SKU.price", "SKU.stock", "CouponTemplate.stockLeft"}

func TestCachedFieldsDependOnNobody(t *testing.T) {
	t.Parallel()
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	resolved := resolvers()
	for _, name := range append(append([]string{}, personal...), "SKU") {
		require.Contains(t, schema.Types, name, "a type that is gone from the schema")
	}
	cached := 0
	for _, root := range schema.Query.Fields {
		directive := root.Directives.ForName("cacheControl")
		if directive == nil {
			continue
		}
		cached++
		require.NotNil(t, root.Directives.ForName("public"), "%s is cached and not @public", root.Name)
		require.Nil(t, root.Directives.ForName("auth"), "%s is cached and @auth", root.Name)
		if scope := directive.Arguments.ForName("scope"); scope != nil {
			require.Equal(t, "PUBLIC", scope.Value.Raw, root.Name)
		}
		maxAge, err := strconv.Atoi(directive.Arguments.ForName("maxAge").Value.Raw)
		require.NoError(t, err, root.Name)
		require.LessOrEqual(t, maxAge, 60, root.Name)
		for _, definition := range reachable(schema, root.Type.Name()) {
			require.NotContains(t, personal, definition.Name, "%s reaches what is somebody's own", root.Name)
			require.NotContains(t, []ast.DefinitionKind{ast.Interface, ast.Union}, definition.Kind, "%s may reach anything", root.Name)
			for _, field := range definition.Fields {
				name := definition.Name + "." + field.Name
				require.Nil(t, field.Directives.ForName("auth"), "%s reaches %s, which is @auth", root.Name, name)
				if resolved[strings.ToLower(name)] {
					require.Contains(t, shared, name, "%s reaches a resolver that nobody has read for whether it depends on the viewer", root.Name)
				}
				for _, c := range changing {
					require.False(t, c == name && maxAge > maxAgeOfChanging, "%s shows %s for %d s", root.Name, name, maxAge)
				}
			}
		}
	}
	require.GreaterOrEqual(t, cached, 7)
	for _, root := range append(append(ast.FieldList{}, schema.Mutation.Fields...), schema.Subscription.Fields...) {
		require.Nil(t, root.Directives.ForName("cacheControl"), "%s is no query", root.Name)
	}
	for name := range shared {
		require.True(t, resolved[strings.ToLower(name)], "%s has no resolver any more", name)
	}
	for _, name := range changing {
		typeName, field, _ := strings.Cut(name, ".")
		require.NotNil(t, schema.Types[typeName].Fields.ForName(field), name)
	}
}

// reachable lists the objects, interfaces and unions that a field of the type may answer with, at any depth.
func reachable(schema *ast.Schema, name string) []*ast.Definition {
	seen := map[string]bool{}
	var found []*ast.Definition
	var walk func(string)
	walk = func(name string) {
		definition := schema.Types[name]
		if seen[name] || definition.IsLeafType() {
			return
		}
		seen[name] = true
		found = append(found, definition)
		for _, field := range definition.Fields {
			walk(field.Type.Name())
		}
	}
	walk(name)
	return found
}

// resolvers lists the fields that have a resolver, as type.field in lower case, from the interfaces that gqlgen generates.
func resolvers() map[string]bool {
	found := map[string]bool{}
	root := reflect.TypeFor[generated.ResolverRoot]()
	for object := range root.Methods() {
		for field := range object.Type.Out(0).Methods() {
			found[strings.ToLower(object.Name+"."+field.Name)] = true
		}
	}
	return found
}
