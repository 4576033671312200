// Package command is the command line: what can be said, what it means, how it ends. What the commands do is in Actions.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"regexp"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"dongxiao/internal/config"
	"dongxiao/internal/observe"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // the command failed, or verify found a breach
	exitUsage       = 2   // the command line or a setting is wrong; nothing was done
	exitInterrupted = 130 // a signal ended the command before it was done
)

// Actions are what the commands do. A command whose action is nil is not offered.
type Actions struct {
	// Serve runs the server until ctx ends, then stops it gracefully.
	Serve         func(context.Context, Session, ServeOptions) error
	MigrateUp     func(context.Context, Session, MigrateOptions) error
	MigrateStatus func(context.Context, Session, MigrateOptions) error
	BrandCreate   func(context.Context, Session, BrandOptions) error
	AppCreate     func(context.Context, Session, AppOptions) error
	AdminInvite   func(context.Context, Session, AdminOptions) error
	KeysRotate    func(context.Context, Session, KeysOptions) error
	Demo          func(context.Context, Session, DemoOptions) error
	// Reconcile gives an error where a day could not be compared, or differs from the bill.
	Reconcile func(context.Context, Session, ReconcileOptions) error
	// Verify gives an error where the books are not right.
	Verify func(context.Context, Session, VerifyOptions) error
}

// Session is what a command speaks through.
type Session struct {
	// Stdout takes what was asked for.
	Stdout io.Writer
	// Stderr takes logs, progress and what went wrong.
	Stderr io.Writer
}

// Logger logs to Stderr as the settings say, and becomes the default of package slog.
func (s Session) Logger(settings config.Store) *slog.Logger {
	return s.logger(settings.LogLevel, settings.JSONLogs())
}

func (s Session) logger(level string, json bool) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level)) // one of four words that kong let through
	logger := observe.NewLogger(s.Stderr, least, json)
	slog.SetDefault(logger)
	logDrivers(logger)
	return logger
}

// Main runs one command line and gives the exit code. SIGINT and SIGTERM end the command's context; a second one ends the process.
func Main(arguments []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, wired(), arguments, Session{Stdout: stdout, Stderr: stderr})
}

// exited carries an exit code that kong asked for out of its parser.
type exited int

func run(ctx context.Context, actions Actions, arguments []string, session Session) (code int) {
	defer func() {
		if r := recover(); r != nil {
			asked, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(asked)
		}
	}()
	parser, err := newParser(ctx, actions, session)
	if err != nil {
		return fail(session, exitFailed, err)
	}
	parsed, err := parser.Parse(arguments)
	if err != nil {
		return fail(session, exitUsage, explain(parser, err))
	}
	err = parsed.Run()
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return fail(session, exitFailed, err)
}

// fail tells an error, line by line.
func fail(session Session, code int, err error) int {
	for line := range strings.Lines(err.Error()) {
		_, _ = fmt.Fprintf(session.Stderr, "dongxiao: %s\n", strings.TrimRight(line, "\n"))
	}
	return code
}

func newParser(ctx context.Context, actions Actions, session Session) (*kong.Kong, error) {
	options := []kong.Option{
		kong.Name("dongxiao"),
		kong.Description("A storefront API for brands that sell through distributors and stores (动销). Every setting can be given as a flag or as the environment variable that stands behind it; the flag wins."),
		kong.Writers(session.Stdout, session.Stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(session, actions),
	}
	return kong.New(&struct{}{}, append(options, grammar(actions)...)...)
}

// grammar lists the commands that can be carried out, in the order in which help shows them.
func grammar(a Actions) []kong.Option {
	var commands []kong.Option
	offer := func(offered bool, name, help string, command any, tags ...string) {
		if offered {
			commands = append(commands, kong.DynamicCommand(name, help, "", command, tags...))
		}
	}
	offer(a.Serve != nil, "serve", "Run the server. Without settings: for development, with SQLite, an embedded Redis, the WeChat simulator and the demo brand.", &ServeOptions{}, `default:"withargs"`)
	offer(a.MigrateUp != nil && a.MigrateStatus != nil, "migrate", "Bring the database's schema up to date, or tell where it stands.", &migrateCommands{})
	offer(a.BrandCreate != nil, "brand", "Set up brands.", &brandCommands{})
	offer(a.AppCreate != nil, "app", "Set up the apps (mini-programs, the console) of a brand.", &appCommands{})
	offer(a.AdminInvite != nil, "admin", "Set up the first administrator of a brand.", &adminCommands{})
	offer(a.KeysRotate != nil, "keys", "Keep the keys.", &keysCommands{})
	offer(a.Demo != nil, "demo", "Load the demo brand.", &DemoOptions{})
	offer(true, "wechatsim", "Run the WeChat simulator alone. Development only: it lets anyone sign in as anyone.", &simulatorCommand{})
	offer(a.Verify != nil, "verify", "Prove from the database that the books are right; exit with 1 and tell the rows where they are not.", &VerifyOptions{})
	offer(a.Reconcile != nil, "reconcile", "Compare a day's payments and refunds of all merchant accounts with WeChat Pay's bills, again where it was done; exit with 1 where they differ.", &ReconcileOptions{})
	offer(true, "version", "Tell the version.", &versionCommand{})
	return commands
}

var flagPattern = regexp.MustCompile(`^--[a-z0-9-]+`)

// explain makes kong's errors name the environment variable beside the flag, and gives all problems of a configuration.
func explain(parser *kong.Kong, err error) error {
	if invalid, ok := errors.AsType[config.Invalid](err); ok {
		return invalid
	}
	text := err.Error()
	var selected *kong.Node
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
		selected = parse.Context.Selected()
	}
	if selected == nil {
		selected = parser.Model.Node
	}
	text = strings.TrimPrefix(text, selected.Path()+": ")
	if name := flagPattern.FindString(text); name != "" {
		if variable := variableOf(parser.Model.Node, strings.TrimPrefix(name, "--")); variable != "" && !strings.Contains(text, variable) {
			text = name + " (" + variable + ")" + strings.TrimPrefix(text, name)
		}
	}
	return errors.Join(errors.New(text), fmt.Errorf("see %s --help", selected.FullPath()))
}

// variableOf finds the environment variable of a flag, which is the same wherever the flag occurs; empty where it has none.
func variableOf(node *kong.Node, flag string) string {
	for _, f := range node.Flags {
		if f.Name == flag && len(f.Envs) > 0 {
			return f.Envs[0]
		}
	}
	for _, child := range node.Children {
		if variable := variableOf(child, flag); variable != "" {
			return variable
		}
	}
	return ""
}
