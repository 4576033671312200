package limits

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// comparisons is the most fields that the overlap rule looks at per operation; a document within Limits.Width needs at most a few
// thousand unless it is built to need more.
const comparisons = 20_000

// overlapRule says the same as gqlparser's OverlappingFieldsCanBeMerged, whose pairwise comparison is quadratic: fields of one
// response name must be the same field with the same arguments unless their parents are different object types, and must have the
// same shape in any case. Here fields are grouped by response name, level by level, and each is compared with its group's first
// only, which is enough because both relations are equivalences within a group.
var overlapRule = core.Rule{
	Name: "OverlappingFieldsCanBeMerged",
	RuleFunc: func(observers *core.Events, addError core.AddErrFunc) {
		observers.OnOperation(func(walker *core.Walker, operation *ast.OperationDefinition) {
			c := overlapCheck{schema: walker.Schema, addError: addError, left: comparisons}
			if c.sameShape([]ast.SelectionSet{operation.SelectionSet}) {
				c.sameField([]ast.SelectionSet{operation.SelectionSet})
			}
		})
	},
}

type overlapCheck struct {
	schema   *ast.Schema
	addError core.AddErrFunc
	left     int
}

// refuse reports the first conflict; its caller ends the walk.
func (c *overlapCheck) refuse(field *ast.Field, reason string) bool {
	c.addError(core.Message(`Fields "%s" conflict because %s. Use different aliases on the fields to fetch both if this was intentional.`,
		field.Alias, reason), core.At(field.Position))
	return false
}

// spend counts one field looked at; false when there were too many.
func (c *overlapCheck) spend(field *ast.Field) bool {
	if c.left--; c.left == 0 {
		return c.refuse(field, "there are too many to compare")
	}
	return c.left > 0
}

// group is the fields of one response name in a merged selection set, in the order of the document.
type group []*ast.Field

// collect merges selection sets by response name, with fragments expanded, each fragment once.
func (c *overlapCheck) collect(sets []ast.SelectionSet) []group {
	index := make(map[string]int)
	seen := make(map[string]bool)
	var groups []group
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				i, ok := index[s.Alias]
				if !ok {
					i = len(groups)
					index[s.Alias] = i
					groups = append(groups, nil)
				}
				groups[i] = append(groups[i], s)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if s.Definition != nil && !seen[s.Name] {
					seen[s.Name] = true
					walk(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return groups
}

func (g group) selections() []ast.SelectionSet {
	var sets []ast.SelectionSet
	for _, field := range g {
		if len(field.SelectionSet) > 0 {
			sets = append(sets, field.SelectionSet)
		}
	}
	return sets
}

// sameShape: whatever the parents are, values under one name must have one shape, or no client could type them.
func (c *overlapCheck) sameShape(sets []ast.SelectionSet) bool {
	for _, g := range c.collect(sets) {
		var first *ast.Field
		for _, field := range g {
			if !c.spend(field) {
				return false
			}
			switch {
			case field.Definition == nil: // unknown field: another rule's matter
			case first == nil:
				first = field
			case c.conflicting(first.Definition.Type, field.Definition.Type):
				return c.refuse(field, "they return conflicting types \""+first.Definition.Type.String()+"\" and \""+field.Definition.Type.String()+"\"")
			}
		}
		if below := g.selections(); len(below) > 0 && !c.sameShape(below) {
			return false
		}
	}
	return true
}

// sameField: fields that can be asked of one object must be the same. Those of an abstract parent meet those of every object type.
func (c *overlapCheck) sameField(sets []ast.SelectionSet) bool {
	for _, g := range c.collect(sets) {
		for _, part := range c.partition(g) {
			for _, field := range part {
				if !c.spend(field) {
					return false
				}
				if field.Name != part[0].Name {
					return c.refuse(field, "\""+part[0].Name+"\" and \""+field.Name+"\" are different fields")
				}
				if !sameArguments(part[0].Arguments, field.Arguments) {
					return c.refuse(field, "they have differing arguments")
				}
			}
			if below := part.selections(); len(below) > 0 && !c.sameField(below) {
				return false
			}
		}
	}
	return true
}

// partition splits a group into the fields that can meet on one object: per object type, those of abstract parents with each.
func (c *overlapCheck) partition(g group) []group {
	if len(g) == 1 {
		return []group{g}
	}
	var order []string
	var abstract group
	concrete := make(map[string]group)
	for _, field := range g {
		parent := field.ObjectDefinition
		if parent == nil || parent.Kind != ast.Object {
			abstract = append(abstract, field)
			continue
		}
		if concrete[parent.Name] == nil {
			order = append(order, parent.Name)
		}
		concrete[parent.Name] = append(concrete[parent.Name], field)
	}
	if len(order) == 0 {
		return []group{abstract}
	}
	parts := make([]group, 0, len(order))
	for _, name := range order {
		parts = append(parts, append(concrete[name], abstract...))
	}
	return parts
}

func (c *overlapCheck) conflicting(a, b *ast.Type) bool {
	for a.Elem != nil || b.Elem != nil {
		if a.Elem == nil || b.Elem == nil || a.NonNull != b.NonNull {
			return true
		}
		a, b = a.Elem, b.Elem
	}
	if a.NonNull != b.NonNull {
		return true
	}
	x, y := c.schema.Types[a.NamedType], c.schema.Types[b.NamedType]
	if x == nil || y == nil {
		return false
	}
	return (x.IsLeafType() || y.IsLeafType()) && x.Name != y.Name
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		y := b.ForName(x.Name)
		if y == nil || !sameValue(x.Value, y.Value) {
			return false
		}
	}
	return true
}

func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	for i, child := range a.Children {
		other := b.Children[i].Value
		if a.Kind == ast.ObjectValue {
			other = b.Children.ForName(child.Name)
		}
		if other == nil || !sameValue(child.Value, other) {
			return false
		}
	}
	return true
}
