package config_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/config"
	"dongxiao/internal/keys"
)

const (
	masterKey   = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	previousKey = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
)

// production are settings with which a server may start in production.
var production = []string{
	"--database=mysql://dongxiao:hunter2@db:3306/dongxiao", "--redis=redis://:hunter2@cache:6379/0", "--master-key=" + masterKey,
}

// problems parses settings that must be refused, and gives what was wrong.
func problems(t *testing.T, arguments ...string) config.Invalid {
	t.Helper()
	_, err := config.Parse(arguments...)
	invalid, ok := errors.AsType[config.Invalid](err)
	require.True(t, ok, "got %v", err)
	return invalid
}

func TestDefaultsServeDevelopment(t *testing.T) {
	t.Parallel()
	c, err := config.Parse()
	require.NoError(t, err)
	require.False(t, c.Production())
	require.Equal(t, config.SQLite, c.DatabaseURL().Dialect())
	require.Equal(t, filepath.Join("data", "dongxiao.db"), c.DatabaseURL().Path())
	require.True(t, c.RedisURL().Embedded())
	require.Equal(t, "127.0.0.1:8080", c.Listen)
	require.Equal(t, "127.0.0.1:9090", c.AdminListen)
	require.Equal(t, "http://127.0.0.1:8080", c.BaseURL())
	require.Equal(t, "http://127.0.0.1:8081", c.WeChatBase())
	require.Equal(t, "127.0.0.1:8082", c.SimulatorControl)
	require.Equal(t, []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute},
		[]time.Duration{c.ReadHeaderTimeout, c.ReadTimeout, c.WriteTimeout, c.IdleTimeout})
	require.True(t, c.ExplorerOn() && c.OpenDocumentsOn() && c.SimulatorOn() && c.Cache)
	require.False(t, c.JSONLogs())
	master, err := c.Master()
	require.NoError(t, err)
	require.True(t, master.IsDevelopment())
}

func TestDatabaseServerMeansProduction(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(append(production, "--previous-master-key="+previousKey)...)
	require.NoError(t, err)
	require.True(t, c.Production())
	require.False(t, c.ExplorerOn() || c.OpenDocumentsOn() || c.SimulatorOn())
	require.True(t, c.JSONLogs())
	require.Equal(t, config.WeChatAPI, c.WeChatBase())
	require.Equal(t, config.WeChatPayAPI, c.WeChatPayBase())
	require.Equal(t, []string{"cache:6379"}, c.RedisURL().Options().Addrs)
	master, err := c.Master()
	require.NoError(t, err)
	require.False(t, master.IsDevelopment())
	older, err := keys.NewMaster([]byte("fedcba9876543210fedcba9876543210"), nil)
	require.NoError(t, err)
	opened, err := master.Open(older.Seal([]byte("sealed before"), nil), nil)
	require.NoError(t, err)
	require.Equal(t, "sealed before", string(opened))

	c, err = config.Parse("--database=mysql://u:p@db/d", "--environment=development")
	require.NoError(t, err)
	require.False(t, c.Production())
	require.True(t, c.SimulatorOn())
}

func TestProductionRefusals(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		flag      string
		arguments []string
	}{
		{"simulator", []string{"--simulator=on"}},
		{"master-key", []string{"--master-key="}},
		{"master-key", []string{"--master-key=" + keys.DevelopmentMasterKey}},
		{"previous-master-key", []string{"--previous-master-key=" + keys.DevelopmentMasterKey}},
		{"database", []string{"--environment=production", "--database=sqlite://./data/dongxiao.db"}},
		{"redis", []string{"--redis=embedded"}},
		{"wechat-url", []string{"--wechat-url=https://proxy.example.cn"}},
		{"wechat-url", []string{"--wechat-url=http://api.weixin.qq.com"}},
		{"wechat-url", []string{"--wechat-url=http://127.0.0.1:8081"}},
		{"wechat-pay-url", []string{"--wechat-pay-url=https://api.weixin.qq.com"}},
		{"wechat-pay-url", []string{"--wechat-pay-url=http://api.mch.weixin.qq.com"}},
		{"wechat-pay-url", []string{"--wechat-pay-url=http://127.0.0.1:8081"}},
		{"explorer", []string{"--explorer=on"}},
		{"open-documents", []string{"--open-documents=on"}},
		{"public-url", []string{"--public-url=http://api.example.cn"}},
	} {
		t.Run(strings.Join(row.arguments, " "), func(t *testing.T) {
			t.Parallel()
			found := problems(t, append(production[:len(production):len(production)], row.arguments...)...)
			require.Len(t, found, 1)
			require.Equal(t, row.flag, found[0].Flag)
			require.Contains(t, found[0].Error(), "--"+row.flag+" ("+config.Variable(row.flag)+") ")
		})
	}
	found := problems(t, append(production[:len(production):len(production)], "--previous-master-key="+masterKey)...)
	require.Equal(t, "previous-master-key", found[0].Flag)

	found = problems(t, "--environment=production")
	var flags []string
	for _, p := range found {
		flags = append(flags, p.Flag)
	}
	require.Equal(t, []string{"database", "master-key", "redis"}, flags, "all problems at once")

	_, err := config.Parse(append(production, "--environment=production", "--database=sqlite:///var/lib/dongxiao.db", "--allow-sqlite")...)
	require.NoError(t, err)
}

func TestRefusalsAnywhere(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{
		"--database=postgres://u:p@h/d", "--database=mysql://", "--database=mysql://h:3306/d", "--database=mysql://u@h:0/d", "--database=mysql://u@h:99999/d",
		"--database=mysql://u@h/", "--database=mysql://u@h/a/b", "--database=mysql://u@h/d?multiStatements=true", "--database=mysql://u@h/d?parseTime=false",
		"--database=mysql://u@h/d?tls=maybe", "--database=mysql://u@h/d?tls-ca=/etc/passwd", "--database=mysql://u@h/d?tls=true&tls-ca=/nowhere",
		"--database=mysql://u@h/d?tls=true&tls=true", "--database=mysql://u@h/d?timeout=soon", "--database=mysql://u:p%zz@h/d",
		"--database=sqlite://", "--database=sqlite://data/", "--database=sqlite://a.db?mode=memory", "--database=sqlite://:memory:", "--database=" + strings.Repeat("x", 4000),
		"--redis=localhost:6379", "--redis=redis://", "--redis=redis://h:port", "--redis=redis://h/notanumber", "--redis=redis://h?unknown=1",
		"--redis=redis://h:1?addr=h:1", "--redis=redis://h:1/2?addr=i:1", "--redis=redis://h:1?addr=:2",
		"--master-key=short", "--master-key=" + base64.StdEncoding.EncodeToString(make([]byte, 32)), "--previous-master-key=x",
		"--listen=8080", "--listen=127.0.0.1:99999", "--listen=127.0.0.1:+80", "--listen=a b:80", "--listen=0.0.0.0:8080", "--listen=:8080",
		"--admin-listen=0.0.0.0:9090", "--admin-listen=127.0.0.1:8080", "--simulator-listen=127.0.0.1:9090", "--simulator-control=0.0.0.0:1",
		"--public-url=api.example.cn", "--public-url=https://api.example.cn/", "--public-url=https://u:p@api.example.cn", "--public-url=ftp://api.example.cn",
		"--allowed-origins=https://a.example.cn/path", "--allowed-origins=*", "--trusted-proxies=0.0.0.0/0", "--trusted-proxies=10.0.0.0/8,::/0",
		"--wechat-url=not a url", "--wechat-pay-url=not a url", "--wechat-pay-url=http://127.0.0.1:8081/pay", "--otlp-endpoint=collector:4318", "--trace-ratio=1.5", "--trace-ratio=NaN",
		"--read-header-timeout=0s", "--read-timeout=1h", "--write-timeout=-1s", "--idle-timeout=0s", "--shutdown-grace=-1s", "--socket-init-timeout=0s", "--wechat-timeout=0s",
		"--max-body=1", "--max-depth=0", "--max-fields=0", "--max-aliases=0", "--max-directives=0", "--max-tokens=100000", "--max-cost=0",
		"--cost-per-minute=0", "--cost-burst=1", "--sign-ins-per-minute=0", "--max-sockets=0", "--max-sockets-per-person=0", "--max-subscriptions=0", "--max-socket-message=1",
		"--cache-fragments=0", "--database-connections=-1", "--max-document=0",
		"--redis-connections=0", "--data-directory=",
	} {
		t.Run(argument[:min(len(argument), 60)], func(t *testing.T) {
			t.Parallel()
			flag, value, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
			found := problems(t, argument)
			require.Len(t, found, 1)
			require.Equal(t, flag, found[0].Flag)
			require.NotContains(t, found[0].Error(), "\n")
			require.True(t, strings.HasSuffix(found[0].Error(), "."))
			if len(value) > 20 {
				require.NotContains(t, found[0].Error(), value)
			}
		})
	}
}

func TestLeavingTheMachineMustBeSaid(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("--environment=development", "--listen=0.0.0.0:8080", "--admin-listen=:9090", "--simulator-listen=0.0.0.0:8081")
	require.NoError(t, err)
	require.Equal(t, "http://localhost:8080", c.BaseURL())
	require.Equal(t, "http://localhost:8081", c.WeChatBase())
	require.Equal(t, "http://localhost:8081", c.WeChatPayBase())
}

func TestFreePortsMayRepeat(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0", "--simulator-control=127.0.0.1:0")
	require.NoError(t, err)
}

func TestMalformedValuesAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{"--environment=staging", "--max-depth=deep", "--read-timeout=fast", "--trusted-proxies=10.0.0.0", "--explorer=yes", "--nonsense=1", "--log-level=loud"} {
		_, err := config.Parse(argument)
		flag, _, _ := strings.Cut(argument, "=")
		require.ErrorContains(t, err, flag)
	}
}

func TestEnvironmentSetsWhatFlagsDoNot(t *testing.T) {
	t.Setenv("DONGXIAO_LISTEN", "127.0.0.1:7001")
	t.Setenv("DONGXIAO_ADMIN_LISTEN", "127.0.0.1:7002")
	t.Setenv("DONGXIAO_MASTER_KEY", masterKey)
	t.Setenv("DONGXIAO_TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8")
	c, err := config.Parse("--listen=127.0.0.1:7003")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7003", c.Listen)
	require.Equal(t, "127.0.0.1:7002", c.AdminListen)
	require.Equal(t, masterKey, c.MasterKey.Reveal())
	require.Len(t, c.TrustedProxies, 2)
}

func TestSecretsAreNeverShown(t *testing.T) {
	const password, token = "hunter2-of-the-database", "hunter2-of-redis"
	for name, value := range map[string]string{
		"DONGXIAO_DATABASE": "mysql://u:" + password + "@h:3306/d?unknown=1", "DONGXIAO_REDIS": "redis://:" + token + "@h:port", "DONGXIAO_MASTER_KEY": masterKey[1:],
	} {
		t.Setenv(name, value)
	}
	_, err := config.Parse()
	require.Error(t, err)
	require.Len(t, strings.Split(err.Error(), "\n"), 3)
	for _, secret := range []string{password, token, masterKey[1:]} {
		require.NotContains(t, err.Error(), secret)
	}

	t.Setenv("DONGXIAO_DATABASE", "mysql://u:"+password+"@h:3306/d")
	t.Setenv("DONGXIAO_REDIS", "redis://:"+token+"@h:1")
	t.Setenv("DONGXIAO_MASTER_KEY", masterKey)
	t.Setenv("DONGXIAO_PREVIOUS_MASTER_KEY", previousKey)
	c, err := config.Parse()
	require.NoError(t, err)
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("configuration", "all", c, "master", c.MasterKey, "database", c.Database, "dsn", c.Database.DSN(), "redis", c.RedisURL())
	encoded, err := json.Marshal(c)
	require.NoError(t, err)
	out.Write(encoded)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&out, format, c.MasterKey)
		fmt.Fprintf(&out, format, c.PreviousMasterKey)
		fmt.Fprintf(&out, format, c.Database.DSN())
		fmt.Fprintf(&out, format, c.Database)
		fmt.Fprintf(&out, format, c.Redis)
		fmt.Fprintf(&out, format, c)
	}
	for _, secret := range []string{password, token, masterKey, previousKey} {
		require.NotContains(t, out.String(), secret)
	}
	require.Contains(t, out.String(), "mysql://h:3306/d")
}

// opened gives what the driver makes of an address.
func opened(t *testing.T, address string) *mysql.Config {
	t.Helper()
	d, err := config.ParseDatabaseURL(address)
	require.NoError(t, err)
	c, err := mysql.ParseDSN(d.DSN().Reveal())
	require.NoError(t, err)
	return c
}

func TestMySQLParametersThatCorrectnessRestsOn(t *testing.T) {
	t.Parallel()
	c := opened(t, "mysql://u%40x:p%3A%2F%3F%40@h/d?tls=skip-verify&readTimeout=7s&parseTime=true")
	require.Equal(t, []string{"u@x", "p:/?@", "tcp", "h:3306", "d"}, []string{c.User, c.Passwd, c.Net, c.Addr, c.DBName})
	require.True(t, c.ParseTime && c.ClientFoundRows && c.InterpolateParams && !c.MultiStatements && !c.AllowAllFiles && c.TLS.InsecureSkipVerify)
	require.Equal(t, time.UTC, c.Loc)
	require.Equal(t, 7*time.Second, c.ReadTimeout)
	require.Equal(t, "'+00:00'", c.Params["time_zone"])

	c = opened(t, "mysql://root@localhost/d?socket=/run/mysqld/mysqld.sock")
	require.Equal(t, []string{"unix", "/run/mysqld/mysqld.sock"}, []string{c.Net, c.Addr})
	c = opened(t, "mysql://u@db.example.cn/d?tls=true")
	require.Equal(t, "db.example.cn", c.TLS.ServerName)
	require.False(t, c.TLS.InsecureSkipVerify)
	_, err := config.ParseDatabaseURL("mysql://u%3Ax:p@h/d")
	require.ErrorContains(t, err, "cannot take")
}

func TestMySQLCertificatesOfAFile(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	c := opened(t, "mysql://u@db.example.cn/d?tls=true&tls-ca="+file)
	require.Equal(t, "db.example.cn", c.TLS.ServerName)
	require.NotNil(t, c.TLS.RootCAs)
	require.False(t, c.TLS.InsecureSkipVerify)

	require.NoError(t, os.WriteFile(file, []byte("no certificate"), 0o600))
	_, err := config.ParseDatabaseURL("mysql://u@h/d?tls=true&tls-ca=" + file)
	require.ErrorContains(t, err, "no PEM certificate")
}

func TestRedisForms(t *testing.T) {
	t.Parallel()
	r, err := config.ParseRedisURL("rediss://user:p%40ss@a:7000?addr=b:7001&addr=c&read_timeout=2s")
	require.NoError(t, err)
	o := r.Options()
	require.Equal(t, []string{"a:7000", "b:7001", "c:6379"}, o.Addrs)
	require.Equal(t, []string{"user", "p@ss"}, []string{o.Username, o.Password})
	require.NotNil(t, o.TLSConfig)
	require.Equal(t, 2*time.Second, o.ReadTimeout)
	require.Equal(t, "redis://a:7000,b:7001,c:6379", r.String())
	o.Addrs[0] = "changed"
	require.Equal(t, "a:7000", r.Options().Addrs[0], "a copy each time")

	r, err = config.ParseRedisURL("redis://h/3")
	require.NoError(t, err)
	require.Equal(t, 3, r.Options().DB)
	r, err = config.ParseRedisURL("embedded")
	require.NoError(t, err)
	require.True(t, r.Embedded())
	require.Nil(t, r.Options())
}

// TestEverySettingIsExplained holds every setting to one rule of names and to a sentence of help.
func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&config.Config{}, kong.NoDefaultHelp())
	require.NoError(t, err)
	require.NotEmpty(t, parser.Model.Flags)
	for _, flag := range parser.Model.Flags {
		require.Equal(t, []string{config.Variable(flag.Name)}, flag.Envs, flag.Name)
		require.True(t, strings.HasSuffix(flag.Help, "."), "%s has no sentence of help", flag.Name)
		require.NotNil(t, flag.Group, flag.Name)
	}
}
