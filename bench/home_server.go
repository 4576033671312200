package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"dongxiao/internal/app"
	"dongxiao/internal/clock"
	"dongxiao/internal/config"
	"dongxiao/internal/demo"
	"dongxiao/internal/keyring"
)

// homeCommand is the first argument of this program when it is to be one of the servers that the home is measured on, so that the load comes from
// another process.
const homeCommand = "serve-home"

// homeIssuer names who issued the tokens that the servers accept.
const homeIssuer = "http://127.0.0.1:8080"

// The servers of the home.
const (
	graphQLHome      = "graphql"       // as shipped
	uncachedHome     = "graphql-fresh" // with the cache off
	plainFreshHome   = "plain"
	plainHomeWithKey = "plain-cached"
)

// serveHome is a server of the home, of the kind, until ctx ends. It prints its address; GET /statements tells how many statements it sent.
func serveHome(ctx context.Context, kind, databaseURL, redisURL string) error {
	arguments := []string{"--environment=development", "--database=" + databaseURL, "--redis=" + redisURL, "--public-url=" + homeIssuer,
		"--explorer=off", "--open-documents=off", "--simulator=off", "--wechat-url=http://127.0.0.1:1",
		"--cost-per-minute=1000000000", "--cost-burst=1000000000"}
	if kind == uncachedHome {
		arguments = append(arguments, "--no-cache")
	}
	c, err := config.Parse(arguments...)
	if err != nil {
		return err
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(null, nil))
	var statements func() int64
	var handler http.Handler
	switch kind {
	case graphQLHome, uncachedHome:
		var count atomic.Int64
		a, err := app.New(ctx, app.Options{Config: c, Logger: log, Statement: func(context.Context, string) { count.Add(1) }})
		if err != nil {
			return err
		}
		defer a.Close()
		handler, statements = a.Handler(), count.Load
	default:
		p, closePlain, err := plainServer(ctx, c, log, kind == plainHomeWithKey)
		if err != nil {
			return err
		}
		defer closePlain()
		handler, statements = p, p.statements.Load
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /statements", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, statements()) })
	mux.Handle("/", handler)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

func plainServer(ctx context.Context, c config.Config, log *slog.Logger, cached bool) (*plainHome, func(), error) {
	s, err := app.OpenStore(ctx, c.Store, storeOptions)
	if err != nil {
		return nil, nil, err
	}
	now, err := clock.NewDatabase(ctx, s.DB(), s.Dialect(), time.Minute)
	if err != nil {
		return nil, nil, err
	}
	master, err := c.Master()
	if err != nil {
		return nil, nil, err
	}
	k, err := keyring.Open(ctx, s, master, now, log)
	if err != nil {
		return nil, nil, err
	}
	p, err := openPlainHome(ctx, s.DB(), now, k, demo.Code, cached)
	return p, func() { k.Close(); now.Close(); _ = s.Close() }, err
}
