package config_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/config"
)

func FuzzParseDatabaseURL(f *testing.F) {
	for _, seed := range []string{
		"", "sqlite://./data/dongxiao.db", "sqlite:///x", "mysql://u:p@h:3306/d", "mysql://u:p@[::1]:3306/d?tls=true", "mysql://u@/d?socket=/s", "mysql://u:%00@h/d",
		"mysql://u:p@h/d?timeout=5s&tls=preferred", "mysql://u:p@h/d%2Fe", "mysql://u:p@h/d?parseTime=true&loc=UTC&clientFoundRows=true&interpolateParams=true",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := config.ParseDatabaseURL(text)
		if err != nil {
			if len(text) > 20 {
				require.NotContains(t, err.Error(), text)
			}
			require.Empty(t, d.Dialect())
			require.Empty(t, d.String())
			return
		}
		if d.Dialect() == config.SQLite {
			require.NotEmpty(t, d.DSN().Reveal())
			require.Equal(t, d.Path(), d.DSN().Reveal())
			return
		}
		c, err := mysql.ParseDSN(d.DSN().Reveal())
		require.NoError(t, err, "the driver takes what was accepted")
		require.True(t, c.ParseTime && c.ClientFoundRows && c.InterpolateParams && !c.MultiStatements && !c.AllowAllFiles && !c.AllowCleartextPasswords)
		require.NotEmpty(t, c.User)
		require.NotEmpty(t, c.DBName)
		if len(c.Passwd) > 12 && !strings.Contains(c.Addr+c.DBName, c.Passwd) {
			require.NotContains(t, d.String(), c.Passwd)
		}
	})
}

func FuzzParseRedisURL(f *testing.F) {
	for _, seed := range []string{
		"", "embedded", "redis://h", "redis://:p@h:6379/1", "rediss://u:p@h:6379", "redis://h?addr=i:1&addr=j:2", "redis://[::1]:6379?read_timeout=5s", "redis://h?addr=%zz",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := config.ParseRedisURL(text)
		if err != nil {
			if len(text) > 20 {
				require.NotContains(t, err.Error(), text)
			}
			require.Nil(t, r.Options())
			return
		}
		if r.Embedded() {
			require.Nil(t, r.Options())
			return
		}
		o := r.Options()
		require.NotEmpty(t, o.Addrs)
		if len(o.Password) > 12 && !strings.Contains(strings.Join(o.Addrs, ","), o.Password) {
			require.NotContains(t, r.String(), o.Password)
		}
	})
}

// FuzzValidate feeds one text to every setting that is parsed by hand: nothing may panic, and a refusal names its setting.
func FuzzValidate(f *testing.F) {
	for _, seed := range []string{"", "127.0.0.1:8080", ":0", "https://api.weixin.qq.com", "10.0.0.0/8", "::ffff:10.0.0.0/104", "http://[::1]:80/x", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="} {
		f.Add(seed)
	}
	valid, err := config.Parse()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		c := valid
		c.Listen, c.AdminListen, c.SimulatorListen, c.SimulatorControl = text, text, text, text
		c.PublicURL, c.WeChatURL, c.WeChatPayURL, c.OTLPEndpoint, c.AllowedOrigins = text, text, text, text, []string{text}
		c.MasterKey, c.PreviousMasterKey = config.Secret(text), config.Secret(text)
		if prefix, err := netip.ParsePrefix(text); err == nil {
			c.TrustedProxies = []netip.Prefix{prefix}
		}
		_ = c.BaseURL()
		_ = c.WeChatBase()
		_ = c.WeChatPayBase()
		invalid, ok := errors.AsType[config.Invalid](c.Validate())
		require.True(t, ok, "one text cannot suit all of these settings")
		for _, p := range invalid {
			require.NotEmpty(t, p.Flag)
			if len(text) > 40 {
				require.NotContains(t, p.Error(), text)
			}
		}
	})
}
