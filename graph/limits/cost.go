package limits

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	costDirective = "cost"
	// defaultPage is the size of a list whose first or last is not given, maximumPage the most that a list ever returns.
	defaultPage = 20
	maximumPage = 100
	// maximumCost stands for "more than anything": sums stop there and never overflow.
	maximumCost = 1 << 40
)

// Plan computes the cost of one operation from its variables. A field costs 1 unit, or the weight of its SDL directive
//
//	directive @cost(weight: Int! = 1, multipliers: [String!]) on FIELD_DEFINITION
//
// plus the cost of what is selected below it, times the largest of its multiplier arguments. Without multipliers a field that
// takes first or last is multiplied by them. A multiplier counts as at least 1 and at most 100; one that is not given counts as
// the SDL's default for it, else 20.
//
// Constant parts are summed when the document is checked; only lists sized by variables remain to be computed per request.
type Plan struct {
	fixed  int
	scaled []scaled
}

// scaled is a list whose size depends on variables: factor × size × children.
type scaled struct {
	factor   int
	size     size
	children Plan
}

// size is the largest of literals already known and variables; fallback where nothing is given.
type size struct {
	literal   int
	variables []string
	fallback  int
}

// NewPlan prepares the cost of a valid operation that Check has let pass: its expansion is bounded by Limits.Width.
func NewPlan(operation *ast.OperationDefinition) *Plan {
	plan := planOf(operation.SelectionSet)
	return &plan
}

// Cost is the number of units for these variables (as coerced by the executor), at least 1.
func (p *Plan) Cost(variables map[string]any) int {
	return max(p.cost(variables), 1)
}

func (p *Plan) cost(variables map[string]any) int {
	sum := p.fixed
	for _, s := range p.scaled {
		sum = add(sum, multiply(s.factor, multiply(s.size.of(variables), s.children.cost(variables))))
	}
	return sum
}

func (p *Plan) add(factor int, other Plan) {
	p.fixed = add(p.fixed, multiply(factor, other.fixed))
	for _, s := range other.scaled {
		s.factor = multiply(s.factor, factor)
		p.scaled = append(p.scaled, s)
	}
}

func planOf(set ast.SelectionSet) Plan {
	var plan Plan
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			children := planOf(s.SelectionSet)
			plan.fixed = add(plan.fixed, weightOf(s.Definition))
			size := sizeOf(s)
			if len(size.variables) == 0 {
				plan.add(size.of(nil), children)
			} else {
				plan.scaled = append(plan.scaled, scaled{factor: 1, size: size, children: children})
			}
		case *ast.InlineFragment:
			plan.add(1, planOf(s.SelectionSet))
		case *ast.FragmentSpread:
			if s.Definition != nil {
				plan.add(1, planOf(s.Definition.SelectionSet))
			}
		}
	}
	return plan
}

func weightOf(field *ast.FieldDefinition) int {
	if field == nil {
		return 1
	}
	if directive := field.Directives.ForName(costDirective); directive != nil {
		if weight := directive.Arguments.ForName("weight"); weight != nil {
			if n, err := strconv.Atoi(weight.Value.Raw); err == nil {
				return n
			}
		}
	}
	return 1
}

// multipliersOf lists the arguments that say how many items the field returns.
func multipliersOf(field *ast.FieldDefinition) []string {
	if directive := field.Directives.ForName(costDirective); directive != nil {
		if list := directive.Arguments.ForName("multipliers"); list != nil {
			var names []string
			for _, child := range list.Value.Children {
				names = append(names, child.Value.Raw)
			}
			return names
		}
	}
	var names []string
	for _, name := range []string{"first", "last"} {
		if field.Arguments.ForName(name) != nil {
			names = append(names, name)
		}
	}
	return names
}

func sizeOf(field *ast.Field) size {
	if field.Definition == nil {
		return size{fallback: 1}
	}
	names := multipliersOf(field.Definition)
	if len(names) == 0 {
		return size{fallback: 1}
	}
	result := size{fallback: defaultPage}
	for _, name := range names {
		if definition := field.Definition.Arguments.ForName(name); definition != nil && definition.DefaultValue != nil {
			if n, err := strconv.Atoi(definition.DefaultValue.Raw); err == nil {
				result.fallback = n
			}
		}
		argument := field.Arguments.ForName(name)
		if argument == nil {
			continue
		}
		switch argument.Value.Kind {
		case ast.Variable:
			result.variables = append(result.variables, argument.Value.Raw)
		case ast.IntValue:
			n, err := strconv.Atoi(argument.Value.Raw)
			if err != nil {
				n = maximumPage
			}
			result.literal = max(result.literal, n)
		}
	}
	return result
}

func (s size) of(variables map[string]any) int {
	n := s.literal
	for _, name := range s.variables {
		if v, ok := number(variables[name]); ok {
			n = max(n, v)
		}
	}
	if n == 0 {
		n = s.fallback
	}
	return min(max(n, 1), maximumPage)
}

// number reads the forms in which the executor hands over an Int.
func number(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case float64:
		return int(min(max(v, 0), maximumPage)), true
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n), true
		}
		return maximumPage, true
	}
	return 0, false
}

func add(a, b int) int { return min(a+b, maximumCost) }

func multiply(a, b int) int {
	if a > 0 && b > maximumCost/a {
		return maximumCost
	}
	return a * b
}

// checkCostDirectives fails on an @cost whose weight is negative or whose multipliers are not arguments of the field.
func checkCostDirectives(schema *ast.Schema) error {
	for _, definition := range schema.Types {
		for _, field := range definition.Fields {
			if weightOf(field) < 0 {
				return fmt.Errorf("schema: %s.%s: @cost(weight:) must not be negative", definition.Name, field.Name)
			}
			for _, name := range multipliersOf(field) {
				if field.Arguments.ForName(name) == nil {
					return fmt.Errorf("schema: %s.%s: @cost(multipliers:) names %q, which is not an argument", definition.Name, field.Name, name)
				}
			}
		}
	}
	return nil
}
