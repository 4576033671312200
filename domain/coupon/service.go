package coupon

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/domain/catalog"
	"dongxiao/domain/clearing"
	"dongxiao/domain/memberevent"
	"dongxiao/domain/message"
	"dongxiao/domain/org"
	"dongxiao/internal/batch"
	"dongxiao/internal/clock"
	"dongxiao/internal/cursor"
	"dongxiao/internal/download"
	"dongxiao/internal/keyring"
	"dongxiao/internal/store"
)

// Service keeps templates and issues coupons.
type Service struct {
	Options
	zones   zones
	rules   rules
	reports reports
	claims  *batch.Batcher[lane, claim, *Claimed]
	soldOut *soldOut
}

// Options of New.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	Redis redis.UniversalClient
	Orgs  *org.Service
	// Members finds whom staff issue coupons to; nil where nobody does.
	Members Members
	// Events tells members of coupons that they did not ask for; without it nothing but claims is possible.
	Events *memberevent.Log
	// Clearing books what the funders of coupons owe that orders use.
	Clearing *clearing.Service
	// Catalog prices what shoppers ask a quote for.
	Catalog *catalog.Service
	// Keyring keys the hashes of secrets that members and staff hold.
	Keyring *keyring.Keyring
	// Messages remind members of what ends soon.
	Messages *message.Service
	// Links lead to exchange codes that were made.
	Links *download.Links
	// Cursors gives the codec of list cursors; it is asked for anew for each list, because its keys rotate.
	Cursors func() *cursor.Codec
	// ObserveBatch is told the size of every batch of claims and how long its commit took; nil for nobody.
	ObserveBatch func(size int, seconds float64)
	Log          *slog.Logger
}

// New makes the service. Close it at shutdown.
func New(o Options) *Service {
	s := &Service{Options: o, soldOut: newSoldOut(o.Redis), rules: newRules(o.Store), reports: newReports()}
	s.claims = batch.New(batch.Options{
		ShouldSplit: store.IsAnyDuplicate,
		Observe: func(size int, took time.Duration) {
			if o.ObserveBatch != nil {
				o.ObserveBatch(size, took.Seconds())
			}
		},
	}, s.commit)
	return s
}

// Close waits until the claims under way have been answered, or until ctx ends.
func (s *Service) Close(ctx context.Context) error { return s.claims.Close(ctx) }
