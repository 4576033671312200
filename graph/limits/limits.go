// Package limits bounds what one GraphQL document may ask for, before anything expensive looks at it.
//
// gqlgen's own limits come too late: its complexity is exponential in nested fragments, and gqlparser's rule about overlapping
// fields is quadratic. So the Gate parses with a token limit, measures the document once per definition (Check), and only then
// validates it, with a rule of our own in place of the quadratic one (overlap.go). Cost (cost.go) is told in extensions.cost and
// paid from a bucket (throttle.go).
package limits

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"dongxiao/internal/apperr"
)

// Limits are the bounds of one document. Depth, Width, Aliases and Directives count after fragments are expanded, over all
// operations of the document together.
type Limits struct {
	// Length is the most bytes of a document; data belongs into variables.
	Length int
	// Tokens is the most lexical tokens a document may have, comments included.
	Tokens int
	// Depth is the most fields inside one another.
	Depth int
	// Width is the most selections (fields, spreads, inline fragments). All definitions measured one by one may not exceed four
	// times as much in sum, since validation walks every fragment on its own as well.
	Width int
	// Aliases is the most fields with an alias.
	Aliases int
	// Directives is the most directives.
	Directives int
	// Cost is the most cost units of one operation, see Plan.
	Cost int
	// FreeIntrospection leaves what is below __schema and __type out of Depth: the explorer's introspection is deeper than any screen.
	FreeIntrospection bool
}

// Default is what the server allows unless it is configured otherwise.
func Default() Limits {
	return Limits{Length: 32 << 10, Tokens: 1000, Depth: 12, Width: 500, Aliases: 50, Directives: 50, Cost: 10_000}
}

// Report is what Check found.
type Report struct {
	Depth, Width, Aliases, Directives int
	// Visited is how many selections Check looked at: the work it did, at most the document's own size.
	Visited int
}

// Check measures a parsed document, which need not be valid. Each fragment definition is measured once, sums are bounded by the
// limits because the first one exceeded ends the walk, and cycles of fragments are refused. Codes: QUERY_TOO_DEEP,
// QUERY_TOO_WIDE, QUERY_TOO_MANY_ALIASES, QUERY_TOO_MANY_DIRECTIVES, GRAPHQL_VALIDATION_FAILED (cycles, @defer).
func Check(doc *ast.QueryDocument, limits Limits) (Report, *apperr.Error) {
	m := measurer{limits: limits, fragments: make(map[string]*fragment, len(doc.Fragments))}
	for _, definition := range doc.Fragments {
		if m.fragments[definition.Name] == nil { // a second one of the name is refused by validation
			m.fragments[definition.Name] = &fragment{definition: definition}
		}
	}
	var all measure
	var total int
	for _, operation := range doc.Operations {
		one, err := m.operation(operation)
		if err != nil {
			return m.report(all), err
		}
		all = all.and(one)
		if err := m.within(all); err != nil {
			return m.report(all), err
		}
	}
	total = all.width
	for _, definition := range doc.Fragments {
		one, err := m.fragment(m.fragments[definition.Name])
		if err != nil {
			return m.report(all), err
		}
		if total += one.width; total > 4*limits.Width {
			return m.report(all), apperr.New(apperr.QueryTooWide, "limit", limits.Width)
		}
	}
	return m.report(all), nil
}

// measure is the size of a selection set with its fragments expanded.
type measure struct{ depth, width, aliases, directives int }

func (a measure) and(b measure) measure {
	return measure{max(a.depth, b.depth), a.width + b.width, a.aliases + b.aliases, a.directives + b.directives}
}

type fragment struct {
	definition     *ast.FragmentDefinition
	size           measure
	open, measured bool
}

type measurer struct {
	limits    Limits
	fragments map[string]*fragment
	visited   int
}

func (m *measurer) report(size measure) Report {
	return Report{Depth: size.depth, Width: size.width, Aliases: size.aliases, Directives: size.directives, Visited: m.visited}
}

// within refuses the first limit that is exceeded. It is asked after every addition, so no sum grows beyond twice its limit.
func (m *measurer) within(size measure) *apperr.Error {
	switch {
	case size.depth > m.limits.Depth:
		return apperr.New(apperr.QueryTooDeep, "limit", m.limits.Depth)
	case size.width > m.limits.Width:
		return apperr.New(apperr.QueryTooWide, "limit", m.limits.Width)
	case size.aliases > m.limits.Aliases:
		return apperr.New(apperr.QueryTooManyAliases, "limit", m.limits.Aliases)
	case size.directives > m.limits.Directives:
		return apperr.New(apperr.QueryTooManyDirectives, "limit", m.limits.Directives)
	}
	return nil
}

func (m *measurer) operation(operation *ast.OperationDefinition) (measure, *apperr.Error) {
	size, err := m.directives(operation.Directives)
	if err != nil {
		return size, err
	}
	for _, variable := range operation.VariableDefinitions {
		more, err := m.directives(variable.Directives)
		if err != nil {
			return size, err
		}
		size = size.and(more)
	}
	more, err := m.selections(operation.SelectionSet, false)
	if err != nil {
		return size, err
	}
	size = size.and(more)
	return size, m.within(size)
}

func (m *measurer) fragment(f *fragment) (measure, *apperr.Error) {
	if f == nil { // unknown: validation names it
		return measure{}, nil
	}
	if f.measured {
		return f.size, nil
	}
	if f.open {
		return measure{}, apperr.New(apperr.ValidationFailed)
	}
	f.open = true
	size, err := m.directives(f.definition.Directives)
	if err != nil {
		return size, err
	}
	more, err := m.selections(f.definition.SelectionSet, m.introspects(f.definition.TypeCondition))
	if err != nil {
		return size, err
	}
	f.size, f.measured = size.and(more), true
	return f.size, m.within(f.size)
}

// introspects says whether a field or a fragment's type belongs to an introspection that is free.
func (m *measurer) introspects(name string) bool {
	return m.limits.FreeIntrospection && strings.HasPrefix(name, "__")
}

// selections measures a set; flat is one inside a free introspection, which has no depth.
func (m *measurer) selections(set ast.SelectionSet, flat bool) (measure, *apperr.Error) {
	var size measure
	for _, selection := range set {
		one, err := m.selection(selection, flat)
		if err != nil {
			return size, err
		}
		size = size.and(one)
		if err := m.within(size); err != nil {
			return size, err
		}
	}
	return size, nil
}

func (m *measurer) selection(selection ast.Selection, flat bool) (measure, *apperr.Error) {
	m.visited++
	var directives ast.DirectiveList
	var inner measure
	var err *apperr.Error
	size := measure{width: 1}
	switch s := selection.(type) {
	case *ast.Field:
		directives = s.Directives
		if s.Alias != s.Name {
			size.aliases = 1
		}
		inner, err = m.selections(s.SelectionSet, flat || m.introspects(s.Name))
		if !flat {
			inner.depth++
		}
	case *ast.InlineFragment:
		directives = s.Directives
		inner, err = m.selections(s.SelectionSet, flat)
	case *ast.FragmentSpread:
		directives = s.Directives
		inner, err = m.fragment(m.fragments[s.Name])
	}
	if err != nil {
		return size, err
	}
	own, err := m.directives(directives)
	if err != nil {
		return size, err
	}
	return size.and(inner).and(own), nil
}

// directives counts; @defer is refused, because no transport here delivers a response in parts.
func (m *measurer) directives(list ast.DirectiveList) (measure, *apperr.Error) {
	if list.ForName("defer") != nil {
		return measure{}, apperr.New(apperr.ValidationFailed)
	}
	return measure{directives: len(list)}, nil
}
