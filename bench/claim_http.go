package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"dongxiao/auth"
	"dongxiao/clients"
	"dongxiao/ent/enum"
	"dongxiao/ent/org"
	"dongxiao/graph/persisted"
	"dongxiao/internal/clock"
	"dongxiao/internal/demo"
	"dongxiao/internal/ids"
)

// claimOverHTTP is the rate of claims as shoppers make them: the persisted operation over HTTP, on a server in a process of its own that shares the
// machine with the database and with this process, which is the load.
func claimOverHTTP(ctx context.Context, e *environment, now clock.Clock, callers int) (result, error) {
	shoppers, err := e.homeRequests(ctx)
	if err != nil {
		return result{}, err
	}
	server, err := e.startHome(ctx, graphQLHome, shoppers)
	if err != nil {
		return result{}, err
	}
	defer server.stop()
	server.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers, DisableCompression: true}}
	brand, err := demo.Find(ctx, e.store)
	if err != nil {
		return result{}, err
	}
	system := auth.System(ctx, brand.ID)
	root, err := e.store.Client(system).Org.Query().Where(org.KindEQ(enum.OrgBrand)).Only(system)
	if err != nil {
		return result{}, err
	}
	manifest, err := persisted.Manifest(clients.Files)
	if err != nil {
		return result{}, err
	}
	c := &claims{store: e.store, clock: now, brandID: brand.ID, orgID: root.ID}
	operation := manifest["STOREFRONT"]["CouponClaim"].ID
	var rates []float64
	var claimed int64
	var before int64
	for turn := range e.windows() + 1 {
		if turn == 1 { // The first one was to warm up.
			rates, claimed = nil, 0
			if before, err = server.statements(ctx); err != nil {
				return result{}, err
			}
		}
		template, err := c.newTemplate(ctx, 100_000_000, 1000)
		if err != nil {
			return result{}, err
		}
		start := time.Now()
		n, err := server.claimFor(ctx, callers, window, operation, template)
		if err != nil {
			return result{}, err
		}
		claimed += n
		rates = append(rates, float64(n)/time.Since(start).Seconds())
	}
	after, err := server.statements(ctx)
	return result{Name: "claim_hot_http", Value: median(rates), Unit: "claims/s", Statements: float64(after-before) / float64(max(claimed, 1)),
		Note: "over HTTP and GraphQL"}, err
}

// claimFor lets so many callers claim for a while and tells how many claims succeeded; one that did not is an error.
func (s *homeServer) claimFor(ctx context.Context, callers int, length time.Duration, operation string, templateID int64) (int64, error) {
	var claimed atomic.Int64
	var all sync.WaitGroup
	failures := make(chan error, callers)
	end := time.Now().Add(length)
	for caller := range callers {
		all.Go(func() {
			for turn := 0; time.Now().Before(end); turn++ {
				if err := s.claim(ctx, s.shoppers[caller%len(s.shoppers)].token, operation, templateID, fmt.Sprintf("http-%d-%d", caller, turn)); err != nil {
					failures <- err
					return
				}
				claimed.Add(1)
			}
		})
	}
	all.Wait()
	if len(failures) > 0 {
		return 0, <-failures
	}
	return claimed.Load(), nil
}

func (s *homeServer) claim(ctx context.Context, token, operation string, templateID int64, key string) error {
	template := ids.Encode(ids.CouponTemplate, templateID)
	body, err := json.Marshal(map[string]any{
		"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": operation}},
		"variables":  map[string]any{"input": map[string]any{"templateId": template, "idempotencyKey": template + "-" + key}},
	})
	if err != nil {
		return err
	}
	answer, err := s.ask(ctx, homeRequest{token: token, body: body})
	if err != nil {
		return err
	}
	var response struct {
		Data struct {
			CouponClaim struct {
				Coupon *struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return err
	}
	if response.Data.CouponClaim.Coupon == nil {
		return fmt.Errorf("a claim was refused: %.500s", answer)
	}
	return nil
}
