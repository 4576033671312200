package limits

import (
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"dongxiao/internal/apperr"
)

const (
	recentDocuments = 1000
	// recentLength is the longest document, in bytes, that is worth remembering; a longer one is checked each time.
	recentLength = 16 << 10
)

// Gate parses, measures and validates every document before the executor sees it, and refuses what costs too much. It is both an
// extension and the executor's query cache: it hands the checked document over inside the operation's own context, so the
// executor never parses or validates by itself, whatever a cache may have evicted.
type Gate struct {
	schema *ast.Schema
	limits Limits
	rules  *rules.Rules
	pinned map[string]*document
	recent *lru.LRU[*document]
}

type document struct {
	query *ast.QueryDocument
	plans map[*ast.OperationDefinition]*Plan
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
	graphql.Cache[*ast.QueryDocument]
} = (*Gate)(nil)

// NewGate makes a gate for a schema. It fails on an @cost directive that makes no sense.
func NewGate(schema *ast.Schema, limits Limits) (*Gate, error) {
	if err := checkCostDirectives(schema); err != nil {
		return nil, err
	}
	return &Gate{schema: schema, limits: limits, rules: Rules(), pinned: make(map[string]*document),
		recent: lru.New[*document](recentDocuments)}, nil
}

// Rules are the validation rules of the GraphQL specification, with the bounded overlap rule and without suggestions ("Did you
// mean"): those tell the schema to strangers, and their edit distances cost far more than the rest of validation on hostile names.
// Each call makes a new set.
func Rules() *rules.Rules {
	set := rules.NewDefaultRules()
	set.ReplaceRule(overlapRule.Name, overlapRule.RuleFunc)
	for _, rule := range []validator.Rule{
		rules.FieldsOnCorrectTypeRuleWithoutSuggestions, rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRuleWithoutSuggestions, rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		set.RemoveRule(strings.TrimSuffix(rule.Name, "WithoutSuggestions"))
		set.AddRule(rule.Name, rule.RuleFunc)
	}
	return set
}

// Pin checks a document now and keeps it for good: the allow-list's documents are pinned at start. It may not be called once
// requests are served.
func (g *Gate) Pin(query string) error {
	doc, err := g.check(query)
	if err != nil {
		return err
	}
	g.pinned[query] = doc
	return nil
}

// check costs at most a few milliseconds whatever the query is. Its error carries its code, either as *apperr.Error or, for
// parsing and validation, in the extensions as the executor would set it. Only the first failure is reported.
func (g *Gate) check(query string) (*document, *gqlerror.Error) {
	if len(query) > g.limits.Length {
		return nil, gqlerror.Wrap(apperr.New(apperr.BodyTooLarge))
	}
	if len(query) > g.limits.Length {
		return nil, gqlerror.Wrap(apperr.New(apperr.BodyTooLarge))
	}
	if strings.TrimSpace(query) == "" {
		return nil, gqlerror.Wrap(apperr.New(apperr.BadRequest))
	}
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, g.limits.Tokens)
	if err != nil {
		return nil, g.unparsed(err)
	}
	if len(parsed.Operations) == 0 {
		return nil, coded(gqlerror.Errorf("no operation provided"), errcode.ValidationFailed)
	}
	if _, err := Check(parsed, g.limits); err != nil {
		return nil, gqlerror.Wrap(err)
	}
	if errs := validator.ValidateWithRules(g.schema, parsed, g.rules); len(errs) > 0 {
		return nil, coded(errs[0], errcode.ValidationFailed)
	}
	doc := &document{query: parsed, plans: make(map[*ast.OperationDefinition]*Plan, len(parsed.Operations))}
	for _, operation := range parsed.Operations {
		doc.plans[operation] = NewPlan(operation)
	}
	return doc, nil
}

func (g *Gate) unparsed(err error) *gqlerror.Error {
	var failure *gqlerror.Error
	if !errors.As(err, &failure) {
		return gqlerror.Wrap(apperr.New(apperr.ParseFailed))
	}
	if strings.HasPrefix(failure.Message, "exceeded token limit") { // the parser's only error without a place
		return gqlerror.Wrap(apperr.New(apperr.QueryTooManyTokens, "limit", g.limits.Tokens))
	}
	return coded(failure, errcode.ParseFailed)
}

func coded(err *gqlerror.Error, code string) *gqlerror.Error {
	errcode.Set(err, code)
	return err
}

// ExtensionName is the extension's name in gqlgen's lists.
func (g *Gate) ExtensionName() string { return "Limits" }

// Validate finds that the gate was made for this server's schema.
func (g *Gate) Validate(es graphql.ExecutableSchema) error {
	if es.Schema() != g.schema {
		return errors.New("limits: the gate was made for another schema")
	}
	return nil
}

const (
	documentKey = "dongxiao/limits.document"
	costKey     = "dongxiao/limits.cost"
)

// MutateOperationParameters checks the request's document.
func (g *Gate) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	doc, ok := g.pinned[request.Query]
	if !ok {
		doc, ok = g.recent.Get(ctx, request.Query)
	}
	if !ok {
		var err *gqlerror.Error
		if doc, err = g.check(request.Query); err != nil {
			return err
		}
		if len(request.Query) <= recentLength {
			g.recent.Add(ctx, request.Query, doc)
		}
	}
	graphql.GetOperationContext(ctx).Stats.SetExtension(documentKey, doc)
	return nil
}

// Get hands the executor the document that was checked for this very operation.
func (g *Gate) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	doc, ok := graphql.GetOperationContext(ctx).Stats.GetExtension(documentKey).(*document)
	if !ok {
		return nil, false
	}
	return doc.query, true
}

// Add does nothing: only the gate's own check puts documents into its cache.
func (g *Gate) Add(context.Context, string, *ast.QueryDocument) {}

// Cost is what a response tells in extensions.cost.
type Cost struct {
	// Requested is the operation's cost in units, see Plan.
	Requested int `json:"requested"`
	// Limit is the most that one operation may cost.
	Limit int `json:"limit"`
	// Available is what the caller's bucket holds after this operation; absent where nobody counts.
	Available *int `json:"available,omitempty"`
}

// CostOf gives the cost of the context's operation; nil before it is known.
func CostOf(ctx context.Context) *Cost {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	cost, _ := graphql.GetOperationContext(ctx).Stats.GetExtension(costKey).(*Cost)
	return cost
}

// MutateOperationContext computes the cost and refuses with QUERY_TOO_COMPLEX.
func (g *Gate) MutateOperationContext(_ context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	doc, ok := operation.Stats.GetExtension(documentKey).(*document)
	if !ok || doc.plans[operation.Operation] == nil {
		return gqlerror.Wrap(apperr.New(apperr.Internal))
	}
	cost := &Cost{Requested: doc.plans[operation.Operation].Cost(operation.Variables), Limit: g.limits.Cost}
	operation.Stats.SetExtension(costKey, cost)
	if cost.Requested > cost.Limit {
		return gqlerror.Wrap(apperr.New(apperr.QueryTooComplex, "limit", cost.Limit))
	}
	return nil
}

// InterceptResponse tells the cost.
func (g *Gate) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if cost := CostOf(ctx); cost != nil && graphql.GetExtension(ctx, "cost") == nil {
		graphql.RegisterExtension(ctx, "cost", cost)
	}
	return next(ctx)
}
