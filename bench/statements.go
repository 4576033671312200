package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"golang.org/x/sync/errgroup"

	"dongxiao/auth"
	"dongxiao/clients"
	"dongxiao/graph/persisted"
	application "dongxiao/internal/app"
	"dongxiao/internal/clock"
	"dongxiao/internal/config"
)

// operationCount is how many statements an operation of a front end sent.
type operationCount struct {
	face, operation string
	statements      []string
}

// claimsTogether is how many claims arrive at once where the statements of one of them are counted.
const claimsTogether = 256

// statementsOfOperations lists the statements of every operation of every front end, as they are with the cache off once a server knows what it keeps for as
// long as it lives, and those of a claim among many.
func statementsOfOperations(ctx context.Context, e *environment) ([]result, error) {
	counts, err := e.countOperations(ctx)
	if err != nil {
		return nil, err
	}
	results := make([]result, 0, len(counts)+1)
	for _, c := range counts {
		n := float64(len(c.statements))
		results = append(results, result{Name: "statements " + c.face + " " + c.operation, Value: n, Unit: "statements", Statements: n})
	}
	amortised, err := e.amortisedClaim(ctx)
	return append(results, amortised), err
}

// amortisedClaim is the statements of one claim of many at once, which share those of their batch.
func (e *environment) amortisedClaim(ctx context.Context) (result, error) {
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Hour)
	if err != nil {
		return result{}, err
	}
	defer now.Close()
	c, err := openClaims(ctx, e.store, e.redis, now, 4*claimsTogether)
	if err != nil {
		return result{}, err
	}
	template, err := c.newTemplate(ctx, 1_000_000, 1000)
	if err != nil {
		return result{}, err
	}
	if err := c.batched(ctx, c.members[0], template, "amortised-first"); err != nil { // what is read once
		return result{}, err
	}
	before := e.statements.Load()
	var group errgroup.Group
	for caller := range claimsTogether {
		group.Go(func() error {
			for turn := range 4 {
				if err := c.batched(ctx, c.members[turn*claimsTogether+caller], template, fmt.Sprintf("amortised-%d", turn)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return result{}, err
	}
	n := float64(e.statements.Load()-before) / float64(4*claimsTogether)
	return result{Name: "statements claim amortised", Value: n, Unit: "statements", Statements: n,
		Note: fmt.Sprintf("one of %d claims at once on one template, service level", claimsTogether)}, nil
}

// countOperations runs every operation three times and counts the last.
func (e *environment) countOperations(ctx context.Context) ([]operationCount, error) {
	if _, err := e.homeRequests(ctx); err != nil {
		return nil, err
	}
	c, err := config.Parse("--environment=development", "--database="+e.mariaDB.URL(databaseName), "--redis="+e.redisServer.URL(),
		"--public-url="+homeIssuer, "--explorer=off", "--simulator=off", "--wechat-url="+e.weChat.url, "--wechat-pay-url="+e.weChat.url, "--no-cache", "--sign-ins-per-minute=1000000",
		"--cost-per-minute=1000000000", "--cost-burst=1000000000")
	if err != nil {
		return nil, err
	}
	manifest, err := persisted.Manifest(clients.Files)
	if err != nil {
		return nil, err
	}
	s := &story{ctx: ctx, simulator: e.weChat.control, manifest: manifest}
	a, err := application.New(ctx, application.Options{Config: c, Logger: slog.New(slog.DiscardHandler), Statement: s.record})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if err := s.open(a); err != nil {
		return nil, err
	}
	var counts []operationCount
	for _, face := range slices.Sorted(maps.Keys(manifest)) {
		for _, name := range slices.Sorted(maps.Keys(manifest[face])) {
			count := operationCount{face: face, operation: name}
			if count.statements, err = s.count(auth.Face(face), name); err != nil {
				return nil, fmt.Errorf("%s %s: %w", face, name, err)
			}
			counts = append(counts, count)
		}
	}
	return counts, nil
}

// exampleOf is how an operation of a front end is run: its own example, or for a query that needs no variables the face's own sign-in. Nil where nobody has said how.
func exampleOf(face, name string, operation *ast.OperationDefinition) example {
	for _, list := range []map[string]example{examples, valueExamples} {
		for _, key := range []string{face + " " + name, name} {
			if found := list[key]; found != nil {
				return found
			}
		}
	}
	needs := func(v *ast.VariableDefinition) bool { return v.Type.NonNull && v.DefaultValue == nil }
	if operation.Operation == ast.Mutation || slices.ContainsFunc(operation.VariableDefinitions, needs) {
		return nil
	}
	return variables(func(*story, auth.Face) map[string]any { return nil })
}

// parse reads an operation of a manifest.
func parse(document persisted.Document) (*ast.OperationDefinition, error) {
	parsed, err := parser.ParseQuery(&ast.Source{Input: document.Body})
	if err != nil {
		return nil, err
	}
	return parsed.Operations[0], nil
}

// count runs the operation three times and gives the statements of the last.
func (s *story) count(face auth.Face, name string) (statements []string, err error) {
	operation, err := parse(s.manifest[string(face)][name])
	if err != nil {
		return nil, err
	}
	make := exampleOf(string(face), name, operation)
	if make == nil {
		return nil, errors.New("bench has no example of it")
	}
	for range 3 {
		token, variables := make(s, face)
		if operation.Operation == ast.Subscription {
			statements = s.subscribe(face, name, token, variables)
		} else {
			_, statements = s.run(face, name, token, variables)
		}
	}
	return slices.Clip(append([]string{}, statements...)), s.err
}

// ofOperation leaves out what authentication sends: it reads whether a session still holds once a second, whatever is asked for.
func ofOperation(statements []string) []string {
	return slices.DeleteFunc(statements, func(s string) bool { return strings.Contains(s, "FROM sessions s JOIN persons p") })
}
