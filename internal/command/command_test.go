package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/config"
	"dongxiao/internal/keys"
)

// TestMain lets the test binary stand in for the program where a test starts it anew.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if act, ok := stageRoles[os.Args[1]]; ok {
			os.Exit(act())
		}
	}
	os.Exit(m.Run())
}

// ran is what a command did.
type ran struct {
	code           int
	stdout, stderr string
	options        any
}

// say runs a command line on actions that keep what they were told and give err.
func say(t *testing.T, err error, arguments ...string) ran {
	t.Helper()
	return sayIn(t.Context(), err, arguments...)
}

func sayIn(ctx context.Context, err error, arguments ...string) ran {
	var r ran
	actions := Actions{
		Serve:         func(_ context.Context, _ Session, o ServeOptions) error { r.options = o; return err },
		MigrateUp:     func(_ context.Context, _ Session, o MigrateOptions) error { r.options = o; return err },
		MigrateStatus: func(_ context.Context, _ Session, o MigrateOptions) error { r.options = o; return err },
		BrandCreate:   func(_ context.Context, _ Session, o BrandOptions) error { r.options = o; return err },
		AppCreate:     func(_ context.Context, _ Session, o AppOptions) error { r.options = o; return err },
		AdminInvite:   func(_ context.Context, _ Session, o AdminOptions) error { r.options = o; return err },
		KeysRotate:    func(_ context.Context, _ Session, o KeysOptions) error { r.options = o; return err },
		Demo:          func(_ context.Context, _ Session, o DemoOptions) error { r.options = o; return err },
		Reconcile:     func(_ context.Context, _ Session, o ReconcileOptions) error { r.options = o; return err },
		Verify:        func(_ context.Context, _ Session, o VerifyOptions) error { r.options = o; return err },
	}
	var stdout, stderr bytes.Buffer
	r.code = run(ctx, actions, arguments, Session{Stdout: &stdout, Stderr: &stderr})
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

func TestServeIsTheDefault(t *testing.T) {
	for _, arguments := range [][]string{nil, {"serve"}, {"--listen=127.0.0.1:0"}, {"serve", "--listen", "127.0.0.1:0"}} {
		r := say(t, nil, arguments...)
		require.Equal(t, exitOK, r.code, r.stderr)
		options, ok := r.options.(ServeOptions)
		require.True(t, ok)
		require.False(t, options.Production())
		require.Equal(t, config.SQLite, options.DatabaseURL().Dialect())
		require.Equal(t, len(arguments) > 0 && arguments[len(arguments)-1] != "serve", options.Listen == "127.0.0.1:0")
	}
}

const masterKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

func TestCommandsGetTheirOptions(t *testing.T) {
	t.Setenv("DONGXIAO_DATABASE", "mysql://u:p@db/dongxiao")
	t.Setenv("DONGXIAO_MASTER_KEY", masterKey)
	t.Setenv("DONGXIAO_APP_SECRET", "0123456789abcdef0123456789abcdef")

	up, ok := say(t, nil, "migrate", "up").options.(MigrateOptions)
	require.True(t, ok)
	require.Equal(t, "mysql://db:3306/dongxiao", up.DatabaseURL().String())
	require.IsType(t, MigrateOptions{}, say(t, nil, "migrate", "status").options)

	brand, ok := say(t, nil, "brand", "create", "--code=yunling", "--name=云岭春").options.(BrandOptions)
	require.True(t, ok)
	require.Equal(t, []string{"yunling", "云岭春", "Asia/Shanghai"}, []string{brand.Code, brand.Name, brand.TimeZone})

	app, ok := say(t, nil, "app", "create", "--brand=yunling", "--face=STOREFRONT", "--name=商城", "--app-id=wx0123456789abcdef").options.(AppOptions)
	require.True(t, ok)
	require.Equal(t, auth.Storefront, app.Face)
	require.Equal(t, "0123456789abcdef0123456789abcdef", app.AppSecret.Reveal())

	admin, ok := say(t, nil, "admin", "invite", "--brand=yunling", "--phone=13800000000", "--name=张三").options.(AdminOptions)
	require.True(t, ok)
	require.Equal(t, "13800000000", admin.Phone)

	rotate, ok := say(t, nil, "keys", "rotate", "--purpose=CURSOR", "--purpose=DATA").options.(KeysOptions)
	require.True(t, ok)
	require.Equal(t, []keys.Purpose{keys.Cursor, keys.Data}, rotate.Purpose)

	demo, ok := say(t, nil, "demo", "--environment=development").options.(DemoOptions)
	require.True(t, ok)
	require.Equal(t, "small", demo.Size)
	require.IsType(t, VerifyOptions{}, say(t, nil, "verify").options)
	require.Equal(t, 20261122, say(t, nil, "reconcile", "--environment=development", "--day=20261122").options.(ReconcileOptions).Day)
}

func TestWrongCommandLinesDoNothing(t *testing.T) {
	brand := []string{"brand", "create", "--code=yunling", "--name=n"}
	app := []string{"app", "create", "--brand=yunling", "--face=STAFF", "--name=n", "--app-id=wx0123456789abcdef", "--app-secret=0123456789abcdef"}
	admin := []string{"admin", "invite", "--brand=yunling", "--phone=13800000000", "--name=n"}
	with := func(base []string, more ...string) []string { return append(append([]string{}, base...), more...) }
	for _, good := range [][]string{brand, app, admin} {
		require.Equal(t, exitOK, say(t, nil, good...).code)
	}
	for _, row := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"nonsense"}, "unexpected argument nonsense"},
		{[]string{"--nonsense=1"}, "unknown flag --nonsense"},
		{[]string{"migrate"}, `expected one of "up", "status"`},
		{[]string{"--listen=1"}, "--listen (DONGXIAO_LISTEN) must be HOST:PORT"},
		{[]string{"--max-depth=deep"}, "--max-depth (DONGXIAO_MAX_DEPTH): expected"},
		{[]string{"--explorer=perhaps"}, `--explorer (DONGXIAO_EXPLORER) must be one of`},
		{[]string{"verify", "--database=oracle://x"}, "--database (DONGXIAO_DATABASE) must begin with sqlite:// or mysql://"},
		{[]string{"migrate", "up", "--environment=production"}, "--allow-sqlite (DONGXIAO_ALLOW_SQLITE)"},
		{[]string{"brand", "create", "--name=n"}, "dongxiao: --code must be"},
		{[]string{"admin", "invite", "--brand=yunling", "--phone=13800000000"}, "dongxiao: --name must have"},
		{with(brand, "--code=云岭"), "--code must be"},
		{with(brand, "--code=a"), "--code must be"},
		{with(brand, "--name= "), "--name must have"},
		{with(brand, "--name="+strings.Repeat("n", 65)), "--name must have"},
		{with(brand, "--time-zone=Mars"), "--time-zone must be"},
		{with(brand, "--master-key=x"), "--master-key (DONGXIAO_MASTER_KEY) must be 32 random bytes"},
		{with(app, "--face=SHOP"), "--face must be one of"},
		{with(app, "--brand=B"), "--brand must be"},
		{with(app, "--org="+strings.Repeat("o", 33)), "--org must have"},
		{with(app, "--app-id=gh_1234567890"), "--app-id must begin with wx"},
		{with(app, "--app-secret=secret-value"), "--app-secret (DONGXIAO_APP_SECRET) must be"},
		{with(app, "--push-token=token"), "belong together"},
		{with(app, "--push-token=secret-value", "--push-key="+strings.Repeat("k", 43)), "--push-token (DONGXIAO_PUSH_TOKEN) must be"},
		{with(app, "--push-token=token", "--push-key=secret-value"), "--push-key (DONGXIAO_PUSH_KEY) must be"},
		{with(admin, "--phone=12345678901"), "--phone must be"},
		{[]string{"keys", "rotate", "--purpose=FUN"}, "--purpose must be one of"},
		{[]string{"demo", "--size=huge"}, "--size must be one of"},
	} {
		r := say(t, nil, row.arguments...)
		require.Equal(t, exitUsage, r.code, row.arguments)
		require.Nil(t, r.options, row.arguments)
		require.Contains(t, r.stderr, row.want, row.arguments)
		require.NotContains(t, r.stderr, "secret-value")
		require.Empty(t, r.stdout)
		for line := range strings.Lines(r.stderr) {
			require.True(t, strings.HasPrefix(line, "dongxiao: "), line)
		}
	}
}

func TestEnvironmentIsNamedWhereItIsWrong(t *testing.T) {
	t.Setenv("DONGXIAO_LOG_LEVEL", "loud")
	r := say(t, nil)
	require.Equal(t, exitUsage, r.code)
	require.Contains(t, r.stderr, "--log-level (DONGXIAO_LOG_LEVEL) must be one of")
	require.Equal(t, exitOK, say(t, nil, "version").code, "what a command does not use cannot stop it")
}

func TestAllProblemsAtOnce(t *testing.T) {
	r := say(t, nil, "serve", "--database=mysql://u:hunter2@db/d", "--explorer=on", "--trace-ratio=2")
	require.Equal(t, exitUsage, r.code)
	for _, flag := range []string{"master-key", "redis", "explorer", "trace-ratio"} {
		require.Contains(t, r.stderr, "dongxiao: --"+flag+" ("+config.Variable(flag)+") ")
	}
	require.Equal(t, 4, strings.Count(r.stderr, "\n"))
	require.NotContains(t, r.stderr, "hunter2")
}

func TestExitCodes(t *testing.T) {
	r := say(t, errors.New("the books are wrong:\ncoupons 7"), "verify")
	require.Equal(t, exitFailed, r.code)
	require.Equal(t, "dongxiao: the books are wrong:\ndongxiao: coupons 7\n", r.stderr)
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, exitInterrupted, sayIn(interrupted, context.Canceled, "demo").code)
	require.Equal(t, exitFailed, sayIn(interrupted, io.ErrUnexpectedEOF, "demo").code)
	require.Equal(t, exitOK, sayIn(interrupted, nil, "serve").code, "a graceful stop is a success")
}

func TestVersion(t *testing.T) {
	r := say(t, nil, "version")
	require.Equal(t, exitOK, r.code)
	require.Regexp(t, `^dongxiao \S+ \(go\S+, \w+/\w+\)\n$`, r.stdout)
}

func TestHelpExplainsEverything(t *testing.T) {
	t.Parallel()
	r := say(t, nil, "--help")
	require.Equal(t, exitOK, r.code)
	for _, command := range []string{"serve", "migrate up", "migrate status", "brand create", "app create", "admin invite", "keys rotate", "demo", "wechatsim", "verify", "version"} {
		require.Regexp(t, `(?m)^  `+command+`\s`, r.stdout)
	}
	r = say(t, nil, "serve", "--help")
	require.Equal(t, exitOK, r.code)
	parser, err := newParser(t.Context(), Actions{Serve: func(context.Context, Session, ServeOptions) error { return nil }}, Session{Stdout: io.Discard, Stderr: io.Discard})
	require.NoError(t, err)
	seen := 0
	for _, command := range parser.Model.Children {
		for _, flag := range command.Flags {
			require.True(t, strings.HasSuffix(flag.Help, "."), "--%s of %s", flag.Name, command.Name)
			for _, variable := range flag.Envs {
				require.Equal(t, config.Variable(flag.Name), variable)
			}
			if command.Name == "serve" {
				seen++
				require.Contains(t, r.stdout, "--"+flag.Name)
				require.Contains(t, r.stdout, "$"+config.Variable(flag.Name))
			}
		}
	}
	require.Greater(t, seen, 40)
}

func TestOnlyWhatCanBeDoneIsOffered(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitUsage, run(t.Context(), Actions{}, []string{"verify"}, Session{Stdout: &stdout, Stderr: &stderr}))
	require.Equal(t, exitOK, run(t.Context(), Actions{}, []string{"--help"}, Session{Stdout: &stdout, Stderr: &stderr}))
	require.NotContains(t, stdout.String(), "verify")
}

// TestExampleEnvironment holds deploy/example.env to the settings of serve: all of them, each under its explanation, none else.
func TestExampleEnvironment(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../deploy/example.env")
	require.NoError(t, err)
	var options ServeOptions
	parser, err := kong.New(&options, kong.NoDefaultHelp())
	require.NoError(t, err)
	named := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^#?(DONGXIAO_[A-Z0-9_]+)=`).FindAllStringSubmatch(string(text), -1) {
		require.False(t, named[match[1]], "%s stands twice", match[1])
		named[match[1]] = true
	}
	for _, flag := range parser.Model.Flags {
		require.True(t, named[flag.Envs[0]], "%s is missing", flag.Envs[0])
		delete(named, flag.Envs[0])
	}
	require.Empty(t, named)
}
