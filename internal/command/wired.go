package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dongxiao/auth"
	"dongxiao/clients"
	"dongxiao/ent"
	"dongxiao/internal/app"
	"dongxiao/internal/clock"
	"dongxiao/internal/config"
	"dongxiao/internal/demo"
	"dongxiao/internal/keyring"
	"dongxiao/internal/observe"
	"dongxiao/internal/store"
	"dongxiao/internal/verify"
	"dongxiao/internal/wechatsim"
	"dongxiao/rest/explorer"
)

// wired are the actions of the program.
func wired() Actions {
	return Actions{Serve: serve, MigrateUp: applyMigrations, MigrateStatus: listMigrations, BrandCreate: createBrand, AppCreate: createApp, AdminInvite: inviteAdmin,
		KeysRotate: rotateKeys, Demo: loadDemo, Verify: verifyBooks, Reconcile: reconcileDay}
}

// serve runs the server. In development it starts the simulator, migrates, loads the demo brand into an empty database, and tells how to begin.
func serve(ctx context.Context, session Session, o ServeOptions) error {
	logger := session.Logger(o.Store)
	flush, err := observe.SetUp(ctx, observe.Tracing{Endpoint: o.OTLPEndpoint, Ratio: o.TraceRatio, Version: Version(), Environment: string(o.Environment), Logger: logger})
	if err != nil {
		return err
	}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = flush(last)
	}()
	options := app.Options{Config: o.Config, Logger: logger, Version: Version(), Migrate: !o.Production()}
	users := &demo.SignIns{Operations: clients.Files}
	if o.SimulatorOn() {
		// The simulator outlives ctx, so that requests in flight can still finish with its help.
		simulator, err := StartSimulator(context.WithoutCancel(ctx), session, o.Config)
		if err != nil {
			return err
		}
		defer simulator.Stop()
		users.Simulator = wechatsim.NewRemote("http://" + o.SimulatorControl)
		options.SignIns = func(ctx context.Context) ([]explorer.SignIn, error) { return users.Explorer(ctx) }
	}
	a, err := app.New(ctx, options)
	if err != nil {
		return err
	}
	defer a.Close()
	users.Identity, users.Clock = a.Identity, a.Clock
	withDemo := false
	if !o.Production() && users.Simulator != nil {
		if withDemo, err = prepareDemo(ctx, session, a, users, !o.NoDemo); err != nil {
			return err
		}
	}
	return a.Run(ctx, func() {
		if withDemo {
			greet(session, o.Config)
			return
		}
		fmt.Fprintf(session.Stdout, "dongxiao %s serves %s/graphql\n", Version(), o.BaseURL())
	})
}

// prepareDemo loads the demo brand where it may and is missing, and makes its users known to the simulator; it says whether the brand is there.
func prepareDemo(ctx context.Context, session Session, a *app.App, users *demo.SignIns, mayLoad bool) (bool, error) {
	found, err := demo.Find(ctx, a.Database)
	if err != nil || found == nil && !mayLoad {
		return false, err
	}
	if err := users.Register(ctx); err != nil {
		return false, err
	}
	if found == nil {
		if found, err = load(ctx, session, &demo.Loader{Store: a.Database, Clock: a.Clock, Keyring: a.Keyring, OpenID: users.OpenID, Merchant: users.Merchant}, demo.Small); err != nil {
			return false, err
		}
	}
	if err := users.RegisterMerchants(ctx, a.Database, a.Keyring.Ring(), found.ID); err != nil {
		return false, err
	}
	for _, u := range demo.Users { // WeChat's content check wants users who were seen lately
		if _, err := users.OpenID(ctx, demo.AppID(u.Face), u.Name); err != nil {
			return false, err
		}
	}
	return true, nil
}

func load(ctx context.Context, session Session, l *demo.Loader, size demo.Size) (*ent.Brand, error) {
	progress := NewProgress(session.Stderr, "loading the demo brand 云岭春酒业", 0)
	l.Progress = progress.Set
	loaded, err := l.Load(ctx, size)
	if err == nil {
		progress.Finish()
	}
	return loaded, err
}

// greet tells a newcomer how to begin.
func greet(session Session, c config.Config) {
	fmt.Fprintf(session.Stdout, "\ndongxiao (动销) serves the demo brand 云岭春酒业 at %s/graphql\n", c.BaseURL())
	if c.ExplorerOn() {
		fmt.Fprintf(session.Stdout, "\n  Explorer       %s/   with these sign-ins as tabs:\n", c.BaseURL())
	}
	for _, u := range demo.Users {
		fmt.Fprintf(session.Stdout, "    %-10s  %s  %s\n", u.Face, demo.AppID(u.Face), u.Title)
	}
	if c.ExplorerOn() {
		fmt.Fprintf(session.Stdout, "  Their tokens   curl -s %s/explorer/sign-ins.json\n", c.BaseURL())
	}
	fmt.Fprintf(session.Stdout, `  Metrics        http://%s/metrics   simulator's control port http://%s

First operation:

  curl -s %s/graphql -H 'Content-Type: application/json' -H 'Dongxiao-App: %s' \
    -d '{"query":"{ brand { name } products(first: 3) { nodes { name skus { name price { price } stock } } } }"}'

`, c.AdminListen, c.SimulatorControl, c.BaseURL(), demo.AppID(demo.Users[0].Face))
}

// open opens the database for a command.
func open(ctx context.Context, session Session, c config.Store) (*store.Store, error) {
	session.Logger(c)
	return app.OpenStore(ctx, c, store.Options{})
}

func applyMigrations(ctx context.Context, session Session, o MigrateOptions) error {
	s, err := open(ctx, session, o.Store)
	if err != nil {
		return err
	}
	defer s.Close()
	applied := 0
	if err := s.Migrate(ctx, func(name string, took time.Duration) {
		applied++
		fmt.Fprintf(session.Stdout, "applied %s in %s\n", name, took.Round(time.Millisecond))
	}); err != nil {
		return err
	}
	if applied == 0 {
		fmt.Fprintln(session.Stdout, "nothing to apply: the schema is up to date")
	}
	return nil
}

func listMigrations(ctx context.Context, session Session, o MigrateOptions) error {
	s, err := open(ctx, session, o.Store)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		state := "pending"
		if !m.AppliedAt.IsZero() {
			state = "applied " + m.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(session.Stdout, "%s  %s\n", m.Name, state)
	}
	return nil
}

// withKeys opens database, clock and keys for a command.
func withKeys(ctx context.Context, session Session, c config.Sealed, act func(*store.Store, clock.Clock, *keyring.Keyring) error) error {
	s, err := open(ctx, session, c.Store)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	now, err := clock.NewDatabase(ctx, s.DB(), s.Dialect(), time.Minute)
	if err != nil {
		return err
	}
	defer now.Close()
	master, err := c.Master()
	if err != nil {
		return err
	}
	k, err := keyring.Open(ctx, s, master, now, session.Logger(c.Store))
	if err != nil {
		return err
	}
	defer k.Close()
	return act(s, now, k)
}

func rotateKeys(ctx context.Context, session Session, o KeysOptions) error {
	return withKeys(ctx, session, o.Sealed, func(_ *store.Store, _ clock.Clock, k *keyring.Keyring) error {
		changed, err := k.Reseal(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(session.Stdout, "%d keys sealed anew under the present master key\n", changed)
		for _, purpose := range o.Purpose {
			id, err := k.Rotate(ctx, purpose)
			if err != nil {
				return err
			}
			fmt.Fprintf(session.Stdout, "%s: new key %s takes over in a few minutes\n", purpose, id)
		}
		return nil
	})
}

func loadDemo(ctx context.Context, session Session, o DemoOptions) error {
	if o.Production() {
		return errors.New("the demo brand is for development: production has real brands")
	}
	s, err := open(ctx, session, o.Store)
	if err != nil {
		return err
	}
	if err := errors.Join(s.Migrate(ctx, nil), s.Close()); err != nil {
		return err
	}
	return withKeys(ctx, session, o.Sealed, func(s *store.Store, now clock.Clock, k *keyring.Keyring) error {
		simulator, err := StartSimulator(ctx, session, o.Config)
		if err != nil {
			return err
		}
		defer simulator.Stop()
		users := &demo.SignIns{Simulator: wechatsim.NewRemote("http://" + o.SimulatorControl)}
		if err := users.Register(ctx); err != nil {
			return err
		}
		size := demo.Small
		if o.Size == "large" {
			size = demo.Load
		}
		_, err = load(ctx, session, &demo.Loader{Store: s, Clock: now, Keyring: k, OpenID: users.OpenID, Merchant: users.Merchant}, size)
		return err
	})
}

// reconcileDay compares one day of all merchant accounts, as the server's own job does.
func reconcileDay(ctx context.Context, session Session, o ReconcileOptions) error {
	a, err := app.New(ctx, app.Options{Config: o.Config, Logger: session.Logger(o.Store), Version: Version()})
	if err != nil {
		return err
	}
	defer a.Close()
	bad := 0
	err = a.Payments.ReconcileDay(auth.Operator(ctx), o.Day, func(account *ent.MerchantAccount, r *ent.Reconciliation, err error) {
		switch {
		case err != nil:
			bad++
			fmt.Fprintf(session.Stdout, "%s %s: %v\n", account.NodeID(), account.Name, err)
		case r.Differences > 0:
			bad++
			fmt.Fprintf(session.Stdout, "%s %s: %d payments, %d refunds, %d differences\n", account.NodeID(), account.Name, r.Payments, r.Refunds, r.Differences)
		default:
			fmt.Fprintf(session.Stdout, "%s %s: %d payments, %d refunds\n", account.NodeID(), account.Name, r.Payments, r.Refunds)
		}
	})
	if err == nil && bad > 0 {
		err = fmt.Errorf("%d merchant accounts could not be compared or differ from their bills", bad)
	}
	return err
}

func verifyBooks(ctx context.Context, session Session, o VerifyOptions) error {
	s, err := open(ctx, session, o.Store)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	progress := NewProgress(session.Stderr, "verifying the books", 0)
	breaches, err := verify.Run(ctx, s, func(number, of int, _ string) { progress.Set(number, of) })
	if err != nil {
		return err
	}
	progress.Finish()
	for _, b := range breaches {
		fmt.Fprintf(session.Stdout, "%s: %d rows break the rule that %s\n", b.Check, b.Rows, b.Rule)
		for _, row := range b.Shown {
			fmt.Fprintf(session.Stdout, "  %s\n", row)
		}
	}
	if len(breaches) > 0 {
		return fmt.Errorf("%d rules are broken", len(breaches))
	}
	fmt.Fprintln(session.Stdout, "the books are right")
	return nil
}
