package app

import (
	"context"
	"math"
	"net/netip"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-redis/redis_rate/v10"

	"dongxiao/internal/apperr"
	"dongxiao/internal/observe"
)

// signInFields are the root fields by which an address may make rows and calls to WeChat without being anybody yet.
var signInFields = map[string]bool{"signIn": true, "consoleSignInStart": true}

// limitSignIns refuses the sign-ins of an address that tries more of them than the configuration allows, with RATE_LIMITED. While Redis is
// away it refuses none: without Redis nobody can sign in anyway.
func (a *App) limitSignIns() graphql.RootFieldMiddleware {
	limiter, limit := redis_rate.NewLimiter(a.Redis), redis_rate.PerMinute(a.Config.Limits.SignInsPerMinute)
	return func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		if !signInFields[graphql.GetRootFieldContext(ctx).Field.Name] {
			return next(ctx)
		}
		result, err := limiter.Allow(ctx, "sign-in:"+network(observe.ClientIP(ctx)), limit)
		if err == nil && result.Allowed == 0 {
			graphql.AddError(ctx, apperr.New(apperr.RateLimited, "seconds", int(math.Ceil(result.RetryAfter.Seconds()))))
			return graphql.Null
		}
		return next(ctx)
	}
}

// network is the address, or the /64 that one subscriber has of IPv6.
func network(address netip.Addr) string {
	if prefix, err := address.Unmap().Prefix(64); err == nil && !address.Unmap().Is4() {
		return prefix.String()
	}
	return address.Unmap().String()
}
