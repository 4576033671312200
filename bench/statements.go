package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"dongxiao/auth"
	"dongxiao/clients"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/staff"
	"dongxiao/graph/persisted"
	application "dongxiao/internal/app"
	"dongxiao/internal/config"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// operationCount is how many statements an operation of a front end sent.
type operationCount struct {
	face, operation string
	statements      []string
}

// statementsOfOperations lists the statements of each query of each front end, and of the claim of one coupon, as they are with the cache off once a
// server knows what it keeps for as long as it lives.
func statementsOfOperations(ctx context.Context, e *environment) ([]result, error) {
	counts, err := e.countOperations(ctx)
	if err != nil {
		return nil, err
	}
	results := make([]result, len(counts))
	for i, c := range counts {
		n := float64(len(c.statements))
		results[i] = result{Name: "statements " + c.face + " " + c.operation, Value: n, Unit: "statements", Statements: n}
	}
	return results, nil
}

// countOperations runs every operation that it has variables for, three times, and counts the last.
func (e *environment) countOperations(ctx context.Context) ([]operationCount, error) {
	shoppers, err := e.homeRequests(ctx)
	if err != nil {
		return nil, err
	}
	c, err := config.Parse("--environment=development", "--database="+e.mariaDB.URL(databaseName), "--redis="+e.redisServer.URL(),
		"--public-url="+homeIssuer, "--explorer=off", "--simulator=off", "--wechat-url=http://127.0.0.1:1", "--no-cache")
	if err != nil {
		return nil, err
	}
	a, err := application.New(ctx, application.Options{Config: c, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	handler := a.Handler()
	tokens := map[string]string{string(auth.Storefront): shoppers[0].token}
	for face, role := range map[auth.Face]struct {
		role auth.Role
		kind enum.OrgKind
	}{auth.Staff: {auth.Owner, enum.OrgStore}, auth.Portal: {auth.Owner, enum.OrgStore}, auth.Mall: {auth.Owner, enum.OrgDistributor}, auth.Console: {auth.Admin, enum.OrgBrand}} {
		if tokens[string(face)], err = staffToken(ctx, a, face, role.role, role.kind); err != nil {
			return nil, fmt.Errorf("a token of %s: %w", face, err)
		}
	}
	given, err := exampleVariables(ctx, a)
	if err != nil {
		return nil, err
	}
	manifest, err := persisted.Manifest(clients.Files)
	if err != nil {
		return nil, err
	}
	var counts []operationCount
	for _, face := range slices.Sorted(maps.Keys(manifest)) {
		for _, name := range slices.Sorted(maps.Keys(manifest[face])) {
			document := manifest[face][name]
			variables, ok, err := variablesOf(document.Body, given[face+" "+name])
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			count := operationCount{face: face, operation: name}
			for range 3 {
				if count.statements, err = runOperation(ctx, handler, tokens[face], document.ID, variables); err != nil {
					return nil, fmt.Errorf("%s %s: %w", face, name, err)
				}
			}
			counts = append(counts, count)
		}
	}
	return counts, nil
}

// staffToken signs somebody in who has the role at an org of the kind.
func staffToken(ctx context.Context, a *application.App, face auth.Face, role auth.Role, kind enum.OrgKind) (string, error) {
	operator := auth.Operator(ctx)
	client := a.Database.Client(operator)
	orgs, err := client.Org.Query().Where(org.KindEQ(kind)).Order(org.ByID()).Limit(100).IDs(operator)
	if err != nil {
		return "", err
	}
	s, err := client.Staff.Query().Where(staff.OrgIDIn(orgs...), staff.RoleEQ(role), staff.StateEQ(enum.StaffActive), staff.PersonIDNotNil()).First(operator)
	if err != nil {
		return "", err
	}
	front, err := client.App.Query().Where(app.FaceEQ(face), app.BrandID(s.BrandID)).Only(operator)
	if err != nil {
		return "", err
	}
	return openSession(ctx, a, front, auth.Claims{PersonID: *s.PersonID, Assignments: []auth.Assignment{{OrgID: s.OrgID, Role: s.Role}}})
}

// openSession makes a session and its token; claims have who it is.
func openSession(ctx context.Context, a *application.App, front *ent.App, claims auth.Claims) (string, error) {
	system := auth.System(ctx, front.BrandID)
	p, err := a.Database.Client(system).Person.Get(system, claims.PersonID)
	if err != nil {
		return "", err
	}
	now := time.Now().UTC()
	session, err := a.Database.Client(system).Session.Create().SetPersonID(p.ID).SetAppID(front.ID).SetRefreshHash(ids.Encode(ids.Session, ids.Next())).
		SetRotatedAt(now).SetExpiresAt(now.AddDate(0, 0, 1)).Save(system)
	if err != nil {
		return "", err
	}
	claims.Audience, claims.AppID, claims.Face, claims.BrandID = front.WechatAppID, front.ID, front.Face, front.BrandID
	claims.SessionID, claims.Epoch = session.ID, p.Epoch
	token, _, err := auth.NewIssuer(homeIssuer, a.Keyring.Ring, a.Clock.Now).Issue(claims)
	return token, err
}

// exampleVariables are what operations need that have required variables.
func exampleVariables(ctx context.Context, a *application.App) (map[string]map[string]any, error) {
	operator := auth.Operator(ctx)
	product, err := a.Database.Client(operator).Product.Query().FirstID(operator)
	if err != nil {
		return nil, err
	}
	template, err := a.Database.Client(operator).CouponTemplate.Query().FirstID(operator)
	if err != nil {
		return nil, err
	}
	near := map[string]any{"latitude": 25.04, "longitude": 102.71, "system": "GCJ02"}
	return map[string]map[string]any{
		"STOREFRONT Home":         {"near": near},
		"STOREFRONT NearbyStores": {"near": near},
		"STOREFRONT Product":      {"id": ids.Encode(ids.Product, product)},
		"CONSOLE CouponTemplate":  {"id": ids.Encode(ids.CouponTemplate, template)},
		"CONSOLE Page":            {"slug": "home"},
	}, nil
}

// variablesOf says whether the document is a query that can be run with the variables.
func variablesOf(body string, given map[string]any) (map[string]any, bool, error) {
	document, err := parser.ParseQuery(&ast.Source{Input: body})
	if err != nil {
		return nil, false, err
	}
	operation := document.Operations[0]
	if operation.Operation != ast.Query {
		return nil, false, nil
	}
	for _, v := range operation.VariableDefinitions {
		if _, ok := given[v.Variable]; !ok && v.Type.NonNull && v.DefaultValue == nil {
			return nil, false, fmt.Errorf("no example of $%s for %s", v.Variable, operation.Name)
		}
	}
	return given, true, nil
}

func runOperation(ctx context.Context, handler http.Handler, token, id string, variables map[string]any) ([]string, error) {
	body, err := json.Marshal(map[string]any{"variables": variables, "extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": id}}})
	if err != nil {
		return nil, err
	}
	ctx, statements := store.CollectStatements(ctx)
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if answer := recorder.Body.String(); recorder.Code != http.StatusOK || strings.Contains(answer, `"errors"`) {
		return nil, fmt.Errorf("answered %d: %.500s", recorder.Code, answer)
	}
	return ofOperation(statements.List()), nil
}

// ofOperation leaves out what authentication sends: it reads whether a session still holds once a second, whatever is asked for.
func ofOperation(statements []string) []string {
	return slices.DeleteFunc(statements, func(s string) bool { return strings.Contains(s, "FROM sessions s JOIN persons p") })
}
