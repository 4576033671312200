package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rs/cors"

	"dongxiao/graph/transport"
	"dongxiao/internal/observe"
	"dongxiao/internal/store"
	"dongxiao/rest/explorer"
)

// maxHeaderBytes is more than any client of ours sends.
const maxHeaderBytes = 16 << 10

// Handler is everything that the public address serves.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	a.Health.Register(mux)
	mux.Handle("/graphql", transport.Language(a.authenticate(a.graphQL)))
	if a.Config.ExplorerOn() {
		pages := explorer.Handler(explorer.Config{SignIns: a.signIns})
		mux.Handle("GET /{$}", pages)
		mux.Handle("/explorer/", pages)
	}
	a.registerREST(mux)
	var handler http.Handler = mux
	if len(a.Config.AllowedOrigins) > 0 {
		handler = cors.New(cors.Options{AllowedOrigins: a.Config.AllowedOrigins, AllowedMethods: []string{"GET", "POST"},
			AllowedHeaders: []string{"Authorization", "Content-Type", "Accept-Language", appHeader}, MaxAge: 600}).Handler(handler)
	}
	return observe.Middleware(observe.MiddlewareOptions{Logger: a.Log, Metrics: a.Metrics, TrustedProxies: a.Config.TrustedProxies,
		Traced: a.Config.OTLPEndpoint != ""})(handler)
}

// Run listens on the configured addresses and serves until ctx ends; then it stops in order: it tells the load balancer, lets requests finish,
// closes sockets with "going away", and stops the jobs. Listening is told once, when requests are served.
func (a *App) Run(ctx context.Context, listening func()) error {
	public, err := net.Listen("tcp", a.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen for the API (--listen): %w", err)
	}
	admin, err := net.Listen("tcp", a.Config.AdminListen)
	if err != nil {
		_ = public.Close()
		return fmt.Errorf("listen for metrics (--admin-listen): %w", err)
	}
	return a.Serve(ctx, public, admin, listening)
}

// Serve is Run on open listeners; admin may be nil.
func (a *App) Serve(ctx context.Context, public, admin net.Listener, listening func()) error {
	server := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: a.Config.ReadHeaderTimeout, ReadTimeout: a.Config.ReadTimeout,
		WriteTimeout: a.Config.WriteTimeout, IdleTimeout: a.Config.IdleTimeout, MaxHeaderBytes: maxHeaderBytes}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	serve := func(s *http.Server, l net.Listener) {
		running.Go(func() {
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				stop(err)
			}
		})
	}
	serve(server, public)
	servers := []*http.Server{server}
	if admin != nil {
		adminServer := &http.Server{Handler: observe.AdminHandler(a.Metrics), ReadHeaderTimeout: a.Config.ReadHeaderTimeout, MaxHeaderBytes: maxHeaderBytes}
		serve(adminServer, admin)
		servers = append(servers, adminServer)
	}
	jobs, stopJobs := context.WithCancel(context.WithoutCancel(ctx))
	defer stopJobs()
	running.Go(func() { a.runJobs(jobs) })
	if listening != nil {
		listening()
	}
	<-ctx.Done()
	a.Log.Info("stopping", "grace", a.Config.ShutdownGrace)
	a.Health.Stop()
	stopJobs()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.ShutdownGrace)
	defer cancel()
	failures := []error{a.websocket.Close(grace), a.events.Close(grace)}
	for _, s := range servers {
		failures = append(failures, s.Shutdown(grace))
	}
	running.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		failures = append(failures, cause)
	}
	return errors.Join(failures...)
}

// statement tells metrics, and whoever else asked, of every SQL statement.
func (a *App) statement(also func(ctx context.Context, statement string)) func(ctx context.Context, statement string) {
	return func(ctx context.Context, statement string) {
		verb, _, _ := strings.Cut(statement, " ")
		a.Metrics.Statement(verb, 0, nil)
		store.Collect(ctx, statement)
		if also != nil {
			also(ctx, statement)
		}
	}
}

func makeFolder(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	return nil
}
