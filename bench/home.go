package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dongxiao/auth"
	"dongxiao/clients"
	"dongxiao/ent"
	"dongxiao/ent/app"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/person"
	"dongxiao/graph/persisted"
	"dongxiao/internal/clock"
	"dongxiao/internal/demo"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

const (
	// homeShoppers open the home in turn, homeClients at once.
	homeShoppers = 64
	homeClients  = 8
)

// storeOptions are those of servers that are measured.
var storeOptions = store.Options{MaxConnections: connections}

// demoSize is the demo brand with the stores and goods of its small form and fewer members, who make no difference to the home.
var demoSize = demo.Size{Distributors: demo.Small.Distributors, Stores: demo.Small.Stores, Members: 2_000}

// homeUncached is the home with the cache off against the same reads written by hand.
func homeUncached(ctx context.Context, e *environment) ([]result, error) {
	return compareHomes(ctx, e, "home_uncached", uncachedHome, plainFreshHome, 0.5)
}

// homeAsShipped is the home as shipped against cached bytes and a fresh read of what is the member's.
func homeAsShipped(ctx context.Context, e *environment) ([]result, error) {
	return compareHomes(ctx, e, "home", graphQLHome, plainHomeWithKey, 0.4)
}

// compareHomes measures requests for each second of CPU time that server and database take together.
func compareHomes(ctx context.Context, e *environment, name, kind, plainKind string, goal float64) ([]result, error) {
	requests, err := e.homeRequests(ctx)
	if err != nil {
		return nil, err
	}
	served, err := e.startHome(ctx, kind, requests)
	if err != nil {
		return nil, err
	}
	defer served.stop()
	plain, err := e.startHome(ctx, plainKind, requests)
	if err != nil {
		return nil, err
	}
	defer plain.stop()
	if err := sameAnswers(ctx, served, plain); err != nil {
		return nil, err
	}
	for _, s := range []*homeServer{served, plain} {
		if _, err := s.measure(ctx); err != nil { // warm
			return nil, err
		}
		s.requests.Store(0)
		if s.statementsBefore, err = s.statements(ctx); err != nil {
			return nil, err
		}
	}
	value, baseline, err := e.alternate(func() (float64, error) { return served.measure(ctx) }, func() (float64, error) { return plain.measure(ctx) })
	if err != nil {
		return nil, err
	}
	r := result{Name: name, Value: value, Unit: "requests/CPU-s", Baseline: baseline, Goal: goal,
		Note: fmt.Sprintf("%.0f µs of CPU a request against %.0f", 1e6/value, 1e6/baseline)}
	if r.Statements, err = served.statementsPerRequest(ctx); err != nil {
		return nil, err
	}
	r.BaselineStatements, err = plain.statementsPerRequest(ctx)
	return []result{r.compare()}, err
}

// homeRequest is one shopper's.
type homeRequest struct {
	token string
	body  []byte
}

// homeRequests loads the demo brand, unless it is there, and signs shoppers in.
func (e *environment) homeRequests(ctx context.Context) ([]homeRequest, error) {
	now, err := clock.NewDatabase(ctx, e.store.DB(), e.store.Dialect(), time.Minute)
	if err != nil {
		return nil, err
	}
	defer now.Close()
	k, err := e.openKeyring(ctx, now)
	if err != nil {
		return nil, err
	}
	defer k.Close()
	brand, err := demo.Find(ctx, e.store)
	if err == nil && brand == nil {
		loader := &demo.Loader{Store: e.store, Clock: now, Keyring: k, OpenID: (&demo.SignIns{Simulator: e.weChat.control}).OpenID}
		brand, err = loader.Load(ctx, demoSize)
	}
	if err != nil {
		return nil, err
	}
	system := auth.System(ctx, brand.ID)
	storefront, err := e.store.Client(system).App.Query().Where(app.FaceEQ(auth.Storefront)).Only(system)
	if err != nil {
		return nil, err
	}
	members, err := e.store.Client(system).Member.Query().Where(member.StateEQ(enum.MemberRegistered)).Order(member.ByID()).Limit(homeShoppers).All(system)
	if err != nil {
		return nil, err
	}
	manifest, err := persisted.Manifest(clients.Files)
	if err != nil {
		return nil, err
	}
	issuer := auth.NewIssuer(homeIssuer, k.Ring, now.Now)
	requests := make([]homeRequest, len(members))
	for i, m := range members {
		if requests[i], err = e.homeRequest(system, issuer, storefront, m, manifest["STOREFRONT"]["Home"].ID, i); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

func (e *environment) homeRequest(ctx context.Context, issuer *auth.Issuer, a *ent.App, m *ent.Member, operation string, i int) (homeRequest, error) {
	p, err := e.store.Client(ctx).Person.Query().Where(person.ID(m.PersonID)).Only(ctx)
	if err != nil {
		return homeRequest{}, err
	}
	session, err := e.store.Client(ctx).Session.Create().SetPersonID(m.PersonID).SetAppID(a.ID).SetRefreshHash(strconv.FormatInt(ids.Next(), 36)).
		SetRotatedAt(time.Now().UTC()).SetExpiresAt(time.Now().UTC().AddDate(0, 0, 1)).Save(ctx)
	if err != nil {
		return homeRequest{}, err
	}
	token, _, err := issuer.Issue(auth.Claims{Audience: a.WechatAppID, AppID: a.ID, Face: a.Face, BrandID: m.BrandID, PersonID: m.PersonID, MemberID: m.ID,
		SessionID: session.ID, Epoch: p.Epoch})
	if err != nil {
		return homeRequest{}, err
	}
	body, err := json.Marshal(map[string]any{
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": operation}},
		"variables":  map[string]any{"near": map[string]any{"latitude": 25.04 + float64(i%8)/100, "longitude": 102.71 + float64(i/8)/100, "system": "GCJ02"}},
	})
	return homeRequest{token, body}, err
}

// homeServer is a server of the home in a process of its own, and whom it is asked by.
type homeServer struct {
	command          *exec.Cmd
	address          string
	shoppers         []homeRequest
	database         int
	requests         atomic.Int64
	statementsBefore int64
	client           *http.Client
}

func (e *environment) startHome(ctx context.Context, kind string, shoppers []homeRequest) (*homeServer, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &homeServer{shoppers: shoppers, database: e.mariaDB.ProcessID(),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: homeClients, DisableCompression: true}}}
	s.command = exec.CommandContext(ctx, program, homeCommand, kind, e.mariaDB.URL(databaseName), e.redisServer.URL())
	s.command.Stderr = os.Stderr
	s.command.Env = append(os.Environ(), "GOGC=400")
	output, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the server of %s did not start: %w", kind, err)
	}
	s.address = strings.TrimSpace(line)
	return s, nil
}

func (s *homeServer) stop() {
	s.client.CloseIdleConnections()
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
}

// ask opens the home of one shopper.
func (s *homeServer) ask(ctx context.Context, shopper homeRequest) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/graphql", bytes.NewReader(shopper.body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+shopper.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || bytes.Contains(body, []byte(`"errors"`))) {
		err = fmt.Errorf("%s answered %d: %.500s", s.address, response.StatusCode, body)
	}
	return body, err
}

// measure asks for one window and gives the requests for each second of CPU time of server and database.
func (s *homeServer) measure(ctx context.Context) (float64, error) {
	before, err := s.cpu()
	if err != nil {
		return 0, err
	}
	end := time.Now().Add(window)
	var asked atomic.Int64
	var all sync.WaitGroup
	failures := make(chan error, homeClients)
	for range homeClients {
		all.Go(func() {
			for time.Now().Before(end) {
				if _, err := s.ask(ctx, s.shoppers[asked.Add(1)%int64(len(s.shoppers))]); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	all.Wait()
	if len(failures) > 0 {
		return 0, <-failures
	}
	after, err := s.cpu()
	s.requests.Add(asked.Load())
	return float64(asked.Load()) / (after - before).Seconds(), err
}

// cpu is the CPU time so far of the server and of the database.
func (s *homeServer) cpu() (time.Duration, error) {
	server, err := cpuOf(s.command.Process.Pid)
	database, errDatabase := cpuOf(s.database)
	return server + database, errors.Join(err, errDatabase)
}

func (s *homeServer) statements(ctx context.Context) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+"/statements", nil)
	if err != nil {
		return 0, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(body), 10, 64)
}

func (s *homeServer) statementsPerRequest(ctx context.Context) (float64, error) {
	sent, err := s.statements(ctx)
	return float64(sent-s.statementsBefore) / float64(max(s.requests.Load(), 1)), err
}

// sameAnswers proves that both servers answer every shopper the same.
func sameAnswers(ctx context.Context, a, b *homeServer) error {
	for i, shopper := range a.shoppers {
		var answers [2]struct{ Data map[string]any }
		for j, s := range []*homeServer{a, b} {
			body, err := s.ask(ctx, shopper)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(body, &answers[j]); err != nil {
				return err
			}
		}
		for field, want := range answers[1].Data {
			if got := answers[0].Data[field]; !reflect.DeepEqual(want, got) {
				return fmt.Errorf("shopper %d sees another %s:\n%v\nby hand:\n%v", i, field, got, want)
			}
		}
	}
	return nil
}
