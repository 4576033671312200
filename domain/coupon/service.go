package coupon

import (
	"log/slog"

	"github.com/redis/go-redis/v9"

	"dongxiao/internal/clock"
	"dongxiao/internal/store"
)

// Service keeps templates and issues coupons.
type Service struct {
	Options
}

// Options of New.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	Redis redis.UniversalClient
	// ObserveBatch is told the size of every batch of claims and how long its commit took; nil for nobody.
	ObserveBatch func(size int, seconds float64)
	Log          *slog.Logger
}

// New makes the service.
func New(o Options) *Service { return &Service{o} }
