package wechat_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/apperr"
	"dongxiao/internal/wechat"
	"dongxiao/internal/wechatsim"
)

func TestTokenIsFetchedOnceAndReplaced(t *testing.T) {
	w := start(t, wechat.Options{})
	ctx := t.Context()
	openID := w.openID("阿芳")
	check := func() error {
		_, err := w.client.CheckText(ctx, app, openID, wechat.SceneProfile, "a")
		return err
	}
	crowd := func() {
		var group sync.WaitGroup
		errs := make([]error, 32)
		for i := range errs {
			group.Go(func() { errs[i] = check() })
		}
		group.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
	crowd()
	require.Len(t, w.calls(tokenPath), 1, "32 callers, one token")

	require.NoError(t, w.Advance(ctx, 2*time.Hour+time.Second))
	openID = w.openID("阿芳")
	crowd()
	fetched := len(w.calls(tokenPath))
	require.Greater(t, fetched, 1, "42001: fetched again")
	require.NoError(t, check())
	require.Len(t, w.calls(tokenPath), fetched)

	for _, code := range []int{40001, 40014, 42001} {
		w.fail(wechatsim.Fault{Path: textPath, Mode: "errcode", ErrCode: code})
		require.NoError(t, check(), code)
		fetched++
		require.Len(t, w.calls(tokenPath), fetched)
	}
	w.fail(wechatsim.Fault{Path: textPath, Mode: "errcode", ErrCode: 40001, Times: 2})
	err := check()
	require.True(t, wechat.HasCode(err, 40001), "retried once only")
	require.Equal(t, apperr.WeChatUnavailable, refusal(err))
	for _, entry := range w.calls(tokenPath) {
		require.NotEqual(t, true, entry.Request["force_refresh"], "a forced refresh would end other servers' token")
	}
}

func TestFetchOutlivesItsFirstCaller(t *testing.T) {
	w := start(t, wechat.Options{})
	openID := w.openID("阿芳")
	w.fail(wechatsim.Fault{Path: tokenPath, Mode: wechatsim.FaultSlow, Milliseconds: 150})
	impatient, stop := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := w.client.CheckText(impatient, app, openID, wechat.SceneProfile, "a")
		first <- err
	}()
	stop()
	require.Error(t, <-first)
	_, err := w.client.CheckText(t.Context(), app, openID, wechat.SceneProfile, "a")
	require.NoError(t, err)
	require.Len(t, w.calls(tokenPath), 1, "the second caller joined the first one's fetch")
}

func TestTokenIsSharedThroughRedis(t *testing.T) {
	server := miniredis.RunT(t)
	shared := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = shared.Close() })
	w := start(t, wechat.Options{Redis: shared})
	ctx := t.Context()
	openID := w.openID("阿芳")
	check := func(client *wechat.Client, app wechat.App) error {
		_, err := client.CheckText(ctx, app, openID, wechat.SceneProfile, "a")
		return err
	}
	require.NoError(t, check(w.client, app))
	second := w.another(wechat.Options{Redis: shared})
	require.NoError(t, check(second, app))
	require.Len(t, w.calls(tokenPath), 1, "the second server found the first one's token")

	keys := server.Keys()
	require.Len(t, keys, 1)
	stored, err := server.Get(keys[0])
	require.NoError(t, err)
	require.NotContains(t, stored, "88_", "sealed")
	require.Greater(t, server.TTL(keys[0]), time.Hour)

	wrong := wechat.App{AppID: app.AppID, Secret: "wrong"}
	require.True(t, wechat.HasCode(check(w.another(wechat.Options{Redis: shared}), wrong), 40125), "of no use without the secret")

	// The first server learns that the token ended; the others then find its new one.
	require.NoError(t, w.Advance(ctx, 2*time.Hour+time.Second))
	openID = w.openID("阿芳")
	fetched := len(w.calls(tokenPath))
	require.NoError(t, check(w.client, app))
	require.NoError(t, check(second, app))
	require.Len(t, w.calls(tokenPath), fetched+1)

	require.NoError(t, server.Set(keys[0], "rubbish"))
	require.NoError(t, check(w.another(wechat.Options{Redis: shared}), app))
	server.SetError("LOADING")
	require.NoError(t, check(w.another(wechat.Options{Redis: shared}), app), "works without Redis")
}
