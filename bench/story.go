package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/ent/price"
	"dongxiao/graph/persisted"
	application "dongxiao/internal/app"
	"dongxiao/internal/demo"
	"dongxiao/internal/ids"
	"dongxiao/internal/wechatsim"
)

// kunming is where the shoppers are.
var kunming = map[string]any{"latitude": 25.04, "longitude": 102.71, "system": "GCJ02"}

// story is the demo brand in use: through it each example comes to the sign-ins and things that its operation needs.
type story struct {
	ctx       context.Context
	handler   http.Handler
	simulator *wechatsim.Remote
	manifest  map[string]map[string]persisted.Document

	// tokens has a sign-in of each face that may do what the face is for.
	tokens map[string]string
	// admin is the administrator in the staff app.
	admin string
	// reviewer is the marketer's sign-in to the console, who reviews what the administrator sends.
	reviewer string
	// Public ids of orgs, goods and coupons.
	root, store, otherStore, distributor, product, sku, template string
	// gift is a template whose coupons may go to friends; empty until one is needed.
	gift  string
	value valueStory
	last  int
	err   error

	mu         sync.Mutex
	statements []string
}

// record collects a statement of the server, whichever goroutine sends it: a claim's are sent for its whole batch. What authentication sends is left out,
// see ofOperation.
func (s *story) record(_ context.Context, statement string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statements = append(s.statements, statement)
}

// take gives the statements since the last time.
func (s *story) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := ofOperation(s.statements)
	s.statements = nil
	return taken
}

// open signs the brand's people in, and has something redeemed, so that there is something to list.
func (s *story) open(a *application.App) error {
	s.handler = a.Handler()
	ctx := s.ctx
	operator := auth.Operator(ctx)
	client := a.Database.Client(operator)
	brand, err := demo.Find(ctx, a.Database)
	if err != nil {
		return err
	}
	ofKind := func(kind enum.OrgKind, n int) string {
		id, err := client.Org.Query().Where(org.BrandID(brand.ID), org.KindEQ(kind)).Order(org.ByID()).Offset(n).FirstID(operator)
		s.fail(err)
		return ids.Encode(ids.Org, id)
	}
	s.root, s.store, s.otherStore, s.distributor = ofKind(enum.OrgBrand, 0), ofKind(enum.OrgStore, 0), ofKind(enum.OrgStore, 1), ofKind(enum.OrgDistributor, 0)
	product, err := client.Product.Query().FirstID(operator)
	s.fail(err)
	s.product = ids.Encode(ids.Product, product)
	sold, err := client.Price.Query().Where(price.BrandID(brand.ID), price.KindEQ(enum.PriceRetail)).First(operator)
	s.fail(err)
	s.sku = ids.Encode(ids.SKU, sold.SkuID)
	shopper := s.enter(auth.Storefront, "shopper")
	s.admin = s.enter(auth.Staff, "admin").token
	s.tokens = map[string]string{string(auth.Staff): s.enter(auth.Staff, "owner").token, string(auth.Portal): s.enter(auth.Portal, "owner").token,
		string(auth.Mall): s.enter(auth.Mall, "distributor").token, string(auth.Storefront): shopper.token}
	s.tokens[string(auth.Console)] = s.console(s.admin)
	s.reviewer = s.console(s.enter(auth.Staff, "marketer").token)
	s.template = s.newTemplate()
	s.openValue(a, brand.ID)
	for _, p := range []signedIn{shopper, s.shopper()} {
		s.run(auth.Staff, "RedemptionConfirm", s.tokens[string(auth.Staff)], s.confirmation(p))
	}
	return s.err
}

func (s *story) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// key is a new idempotency key.
func (s *story) key() string {
	s.last++
	return fmt.Sprintf("bench-key-%06d", s.last)
}

// phone is a number that nobody has.
func (s *story) phone() string {
	s.last++
	return fmt.Sprintf("170%08d", s.last)
}

// run sends an operation of a face's front end and gives its data and its statements. An empty token sends none.
func (s *story) run(face auth.Face, operation, token string, variables map[string]any) (data map[string]any, statements []string) {
	if s.err != nil {
		return nil, nil
	}
	s.take()
	answer := s.send(s.ctx, face, operation, token, "", variables)
	statements = s.take()
	if answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), `"errors"`) || strings.Contains(answer.Body.String(), `"userErrors":[{`) {
		s.fail(fmt.Errorf("%s %s answered %d: %.500s", face, operation, answer.Code, answer.Body))
		return nil, nil
	}
	var body struct{ Data map[string]any }
	s.fail(json.Unmarshal(answer.Body.Bytes(), &body))
	return body.Data, statements
}

func (s *story) send(ctx context.Context, face auth.Face, operation, token, accept string, variables map[string]any) *httptest.ResponseRecorder {
	body, err := json.Marshal(map[string]any{"variables": variables,
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": s.manifest[string(face)][operation].ID}}})
	s.fail(err)
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Dongxiao-App", demo.AppID(face))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(stream{recorder}, request)
	return recorder
}

// stream is a recorder that server-sent events can be written to.
type stream struct{ *httptest.ResponseRecorder }

// SetReadDeadline and SetWriteDeadline do nothing: a recorder is never slow.
func (stream) SetReadDeadline(time.Time) error  { return nil }
func (stream) SetWriteDeadline(time.Time) error { return nil }

// subscribe runs a subscription until it has nothing more to say at once, and gives its statements.
func (s *story) subscribe(face auth.Face, operation, token string, variables map[string]any) []string {
	ctx, stop := context.WithTimeout(s.ctx, 500*time.Millisecond)
	defer stop()
	s.take()
	answer := s.send(ctx, face, operation, token, "text/event-stream", variables)
	if answer.Code != http.StatusOK || strings.Contains(answer.Body.String(), `"errors"`) {
		s.fail(fmt.Errorf("%s %s answered %d: %.500s", face, operation, answer.Code, answer.Body))
	}
	return s.take()
}

// ask is run for a text in the data, at a path of names and of numbers in lists.
func (s *story) ask(face auth.Face, operation, token string, variables map[string]any, path string) string {
	data, _ := s.run(face, operation, token, variables)
	var value any = data
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			if n, err := strconv.Atoi(name); err == nil && n < len(v) {
				value = v[n]
			}
		}
	}
	text, ok := value.(string)
	if !ok {
		s.fail(fmt.Errorf("%s %s has no %s", face, operation, path))
	}
	return text
}

// signedIn is somebody with a session.
type signedIn struct {
	user, token, refresh string
}

// enter signs a user of the simulator in.
func (s *story) enter(face auth.Face, user string) signedIn {
	data, _ := s.run(face, "SignIn", "", input("app", demo.AppID(face), "code", s.loginCode(face, user), "device", "bench"))
	if s.err != nil {
		return signedIn{}
	}
	tokens := data["signIn"].(map[string]any)["tokens"].(map[string]any)
	return signedIn{user, tokens["accessToken"].(string), tokens["refreshToken"].(string)}
}

func (s *story) loginCode(face auth.Face, user string) string {
	code, err := s.simulator.LoginCode(s.ctx, demo.AppID(face), user)
	s.fail(err)
	return code.Code
}

func (s *story) phoneCode(face auth.Face, user, phone string) string {
	code, err := s.simulator.PhoneCode(s.ctx, demo.AppID(face), user, phone)
	s.fail(err)
	return code.Code
}

// visitor signs somebody new in, who has bound no phone yet.
func (s *story) visitor(face auth.Face) signedIn {
	s.last++
	return s.enter(face, fmt.Sprintf("bench-%d", s.last))
}

// shopper is a new member with a phone.
func (s *story) shopper() signedIn {
	p := s.visitor(auth.Storefront)
	s.bind(auth.Storefront, p, s.phone())
	return p
}

func (s *story) bind(face auth.Face, p signedIn, phone string) {
	s.run(face, "PhoneBind", p.token, input("code", s.phoneCode(face, p.user, phone), "idempotencyKey", s.key()))
}

// console signs somebody in to the console who is signed in to the staff app.
func (s *story) console(phone string) string {
	secret := s.confirmed(phone)
	data, _ := s.run(auth.Console, "ConsoleSignInComplete", "", input("secret", secret))
	if s.err != nil {
		return ""
	}
	return data["consoleSignInComplete"].(map[string]any)["tokens"].(map[string]any)["accessToken"].(string)
}

// page begins a sign-in to the console.
func (s *story) page() (qrText, secret string) {
	data, _ := s.run(auth.Console, "ConsoleSignInStart", "", input("app", demo.AppID(auth.Console)))
	if s.err != nil {
		return "", ""
	}
	signIn := data["consoleSignInStart"].(map[string]any)["signIn"].(map[string]any)
	return signIn["qrText"].(string), signIn["secret"].(string)
}

// confirmed is the secret of a sign-in to the console that somebody confirmed in the staff app.
func (s *story) confirmed(phone string) string {
	qrText, secret := s.page()
	s.run(auth.Staff, "ConsoleSignInConfirm", phone, input("qrText", qrText))
	return secret
}

// templateInput is a template in the making, of the org at which the face's sign-in may manage.
func (s *story) templateInput(face auth.Face) map[string]any {
	now := time.Now().UTC()
	return input("orgId", s.orgOf(face), "name", "立减10元", "amount", 1000, "totalStock", 1_000_000, "memberLimit", nil, "claimStartsAt", now.Add(-time.Hour).Format(time.RFC3339),
		"claimEndsAt", now.AddDate(0, 0, 1).Format(time.RFC3339), "validityKind", "AFTER_CLAIM", "validDays", 7, "idempotencyKey", s.key())
}

func (s *story) draft(face auth.Face) string {
	return s.ask(face, "CouponTemplateCreate", s.tokens[string(face)], s.templateInput(face), "couponTemplateCreate.template.id")
}

// submitted is a template of the org at which the face's sign-in may manage, which the administrator sent to review, with its version.
func (s *story) submitted(face auth.Face) (id string, version int) {
	admin := s.tokens[string(auth.Console)]
	id = s.ask(auth.Console, "CouponTemplateCreate", admin, s.templateInput(face), "couponTemplateCreate.template.id")
	s.run(auth.Console, "CouponTemplateSubmit", admin, input("id", id, "version", 1))
	return id, 2
}

// newTemplate is a template of the brand that can be claimed.
func (s *story) newTemplate() string {
	return s.reviewed(auth.Console)
}

// reviewed is a template of the org at which the face's sign-in may manage, approved by the second pair of eyes.
func (s *story) reviewed(face auth.Face) string {
	id, version := s.submitted(face)
	s.run(auth.Console, "CouponTemplateReview", s.reviewer, input("id", id, "version", version, "approve", true))
	return id
}

func (s *story) coupon(p signedIn) string {
	return s.ask(auth.Storefront, "CouponClaim", p.token, input("templateId", s.template, "idempotencyKey", s.key()), "couponClaim.coupon.id")
}

func (s *story) code(p signedIn) string {
	return s.ask(auth.Storefront, "MemberCode", p.token, nil, "memberCodeIssue.code.digits")
}

// confirmation is what a clerk sends to redeem a coupon of the member.
func (s *story) confirmation(p signedIn) map[string]any {
	return input("memberCode", s.code(p), "storeId", s.store, "couponIds", []any{s.coupon(p)}, "purchase", 9000, "idempotencyKey", s.key())
}

// member is a new member of the store.
func (s *story) member() string {
	p := s.shopper()
	return s.ask(auth.Storefront, "HomeStoreSet", p.token, input("storeId", s.store), "homeStoreSet.member.id")
}

// storeOf is a store whose members the face's sign-in may give coupons to.
func (s *story) storeOf(face auth.Face) string {
	if face == auth.Mall {
		s.run(auth.Console, "TerritoryAssign", s.tokens[string(auth.Console)], input("storeId", s.otherStore, "skuLine", s.key(), "distributorId", s.distributor, "reason", "划区"))
		return s.otherStore
	}
	return s.store
}

// memberOf is a new member of such a store.
func (s *story) memberOf(face auth.Face) string {
	p := s.shopper()
	return s.ask(auth.Storefront, "HomeStoreSet", p.token, input("storeId", s.storeOf(face)), "homeStoreSet.member.id")
}

// issueJob is what begins an issue job for the members of a store.
func (s *story) issueJob(face auth.Face) map[string]any {
	s.memberOf(face)
	return input("templateId", s.reviewed(face), "audience", map[string]any{"storeIds": []any{s.storeOf(face)}}, "reason", "周年庆", "idempotencyKey", s.key())
}

func (s *story) tag(face auth.Face, org string) string {
	s.last++
	return s.ask(face, "TagCreate", s.tokens[string(face)], input("orgId", org, "name", fmt.Sprintf("标签 %d", s.last)), "tagCreate.tag.id")
}

// orgOf is the org at which the face's sign-in may manage.
func (s *story) orgOf(face auth.Face) string {
	switch face {
	case auth.Mall:
		return s.distributor
	case auth.Console:
		return s.root
	}
	return s.store
}

// invitation invites somebody, and accepted is a role that somebody took.
func (s *story) invitation(face auth.Face, phone string) map[string]any {
	return input("orgId", s.orgOf(face), "role", map[bool]string{true: "MARKETER", false: "CLERK"}[face == auth.Console], "name", "小王", "phone", phone, "idempotencyKey", s.key())
}

func (s *story) invite(face auth.Face, phone, path string) string {
	return s.ask(face, "StaffInvite", s.tokens[string(face)], s.invitation(face, phone), "staffInvite."+path)
}

// input makes the variables of an operation with one input.
func input(pairs ...any) map[string]any {
	fields := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i].(string)] = pairs[i+1]
	}
	return map[string]any{"input": fields}
}
