package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"

	"dongxiao/internal/config"
)

// embeddedTick is how often the embedded server's keys grow older: its clock stands still by itself.
const embeddedTick = 100 * time.Millisecond

// openRedis connects to the Redis of the configuration, which may run inside this process. Close ends both.
func openRedis(ctx context.Context, c config.Config, traced bool) (client redis.UniversalClient, closeAll func(), err error) {
	stop := func() {}
	options := c.RedisURL().Options()
	if c.RedisURL().Embedded() {
		server := miniredis.NewMiniRedis()
		if err := server.Start(); err != nil {
			return nil, nil, fmt.Errorf("start the embedded Redis: %w", err)
		}
		stop = tick(server)
		options = &redis.UniversalOptions{Addrs: []string{server.Addr()}}
	}
	options.PoolSize = c.RedisConnections
	options.ContextTimeoutEnabled = true // or a slow Redis would outlast the request that asks it
	options.ReadTimeout, options.WriteTimeout, options.DialTimeout = time.Second, time.Second, 2*time.Second
	client = redis.NewUniversalClient(options)
	if traced {
		if err := redisotel.InstrumentTracing(client); err != nil {
			stop()
			return nil, nil, err
		}
	}
	if err := client.Ping(ctx).Err(); err != nil {
		_ = client.Close()
		stop()
		return nil, nil, fmt.Errorf("reach Redis: %w", err)
	}
	return client, func() { _ = client.Close(); stop() }, nil
}

// tick lets the embedded server's clock run until stop.
func tick(server *miniredis.Miniredis) (stop func()) {
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(embeddedTick)
		defer ticker.Stop()
		last := time.Now()
		for {
			select {
			case <-done:
				return
			case now := <-ticker.C:
				server.FastForward(now.Sub(last))
				last = now
			}
		}
	})
	return func() {
		close(done)
		running.Wait()
		server.Close()
	}
}
