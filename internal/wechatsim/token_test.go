package wechatsim_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatsim"
)

func TestStableToken(t *testing.T) {
	b := start(t)
	_, got := b.ask(http.MethodGet, "/cgi-bin/stable_token", nil, nil)
	require.Equal(t, 43002, got)
	_, got = b.ask(http.MethodPost, "/cgi-bin/stable_token", nil, fields{"grant_type": "client_credential", "appid": appID, "secret": "wrong"})
	require.Equal(t, 40125, got)
	_, got = b.ask(http.MethodPost, "/cgi-bin/stable_token", nil, fields{"grant_type": "client_credential", "appid": "wx-none", "secret": "wrong"})
	require.Equal(t, 40013, got)

	works := func(token string) int {
		_, code := b.with(token, "/wxa/msg_sec_check", fields{})
		return code
	}
	first, _ := b.stable(false)
	second, _ := b.stable(false)
	require.Equal(t, first, second, "normal mode repeats the token")
	require.NotContains(t, []int{40001, 42001}, works(first))

	third, code := b.stable(true)
	require.Zero(t, code)
	require.NotEqual(t, first, third)
	require.Equal(t, 40001, works(first), "force ends the old token")
	_, code = b.stable(true)
	require.Equal(t, 45011, code, "30 s between forced refreshes")
	same, code := b.stable(false)
	require.Zero(t, code)
	require.Equal(t, third, same, "a refused force changes nothing")

	b.advance(2*time.Hour - 5*time.Minute)
	renewed, _ := b.stable(false)
	require.NotEqual(t, third, renewed, "renewed 5 minutes before its end")
	require.NotContains(t, []int{40001, 42001}, works(third), "and the old one lives to its end")
	b.advance(5 * time.Minute)
	require.Equal(t, 42001, works(third))
	require.Equal(t, 40001, works("88_unknown"))
	require.Equal(t, 41001, works(""))
}

func TestForcedRefreshesADay(t *testing.T) {
	b := start(t)
	// Start at noon in China, so that 21 steps of 31 s stay within one day.
	zone := time.FixedZone("CST", 8*3600)
	noon := time.Now().In(zone).Truncate(time.Hour).Add(time.Hour)
	for noon.Hour() != 12 {
		noon = noon.Add(time.Hour)
	}
	b.advance(time.Until(noon))
	for range 20 {
		_, code := b.stable(true)
		require.Zero(t, code)
		b.advance(31 * time.Second)
	}
	_, code := b.stable(true)
	require.Equal(t, 45009, code)
	b.advance(24 * time.Hour)
	_, code = b.stable(true)
	require.Zero(t, code)
}

func TestLegacyToken(t *testing.T) {
	b := start(t)
	mint := func() string {
		out, code := b.ask(http.MethodGet, "/cgi-bin/token", url.Values{"grant_type": {"client_credential"}, "appid": {appID}, "secret": {secret}}, nil)
		require.Zero(t, code)
		return out["access_token"].(string)
	}
	works := func(token string) int {
		_, code := b.with(token, "/wxa/msg_sec_check", fields{})
		return code
	}
	stable, _ := b.stable(false)
	first, second := mint(), mint()
	require.NotEqual(t, first, second)
	require.Equal(t, 40097, works(first), "usable for 5 minutes more")
	b.advance(5 * time.Minute)
	require.Equal(t, 40001, works(first))
	require.Equal(t, 40097, works(second))
	require.Equal(t, 40097, works(stable), "the two kinds are apart")
}

func TestNewSecretEndsTokens(t *testing.T) {
	b := start(t)
	token, _ := b.stable(false)
	require.NoError(t, b.Register(t.Context(), wechatsim.App{AppID: appID, Secret: "changed"}))
	_, code := b.with(token, "/wxa/msg_sec_check", fields{})
	require.Equal(t, 40001, code)
	_, code = b.stable(false)
	require.Equal(t, 40125, code)
}
