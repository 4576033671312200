package app_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/graph/persisted"
	"dongxiao/internal/app"
	"dongxiao/internal/testkit/appkit"
	"dongxiao/internal/testkit/servers"
)

// TestLanguages: refusals speak the language that was asked for, and Chinese where none was, at the top level, in payloads and on sockets.
func TestLanguages(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		for language, expected := range map[string][2]string{
			"":                             {"请先登录。", "没有找到，可能已被删除。"},
			"zh-CN,zh;q=0.9,en;q=0.8":      {"请先登录。", "没有找到，可能已被删除。"},
			"en-GB,en;q=0.9":               {"Please sign in first.", "Not found; it may have been removed."},
			"fr;q=0.1, en;q=0.5, zh;q=0.2": {"Please sign in first.", "Not found; it may have been removed."},
			"\x80 ;;;":                     {"请先登录。", "没有找到，可能已被删除。"},
		} {
			asked := *shopper
			asked.Language = language
			r := asked.Do(t, "CouponClaim", vars{"input": vars{"templateId": "cpt_none", "idempotencyKey": appkit.Key()}})
			require.Equal(t, expected[1], r.String(t, "couponClaim.userErrors.0.message"), language)
			r = asked.SignedOut().Do(t, "Me", nil)
			require.Equal(t, expected[0], r.Errors[0].Message, language)
		}
		socket := k.Server.Dial(t)
		socket.Send(t, vars{"type": "connection_init", "payload": vars{"authorization": "Bearer " + shopper.Token, "app": shopper.App, "language": "en"}})
		require.Equal(t, "connection_ack", socket.Next(t).Type)
		socket.Subscribe(t, "1", shopper.Request("CouponClaim", vars{"input": vars{"templateId": "cpt_none", "idempotencyKey": appkit.Key()}}))
		require.Equal(t, "Not found; it may have been removed.", socket.Next(t).Response().String(t, "couponClaim.userErrors.0.message"))
		require.Equal(t, "complete", socket.Next(t).Type)
	})
}

// TestCostsAreToldAndPaid: each answer tells what it cost; who has spent everything is told when to come back, and nobody else is.
func TestCostsAreToldAndPaid(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{Arguments: []string{"--max-cost=1500", "--cost-burst=1500", "--cost-per-minute=60"}}, func(t *testing.T, k *appkit.Kit) {
		shopper, other := k.Shopper(t), k.Shopper(t)
		var last *appkit.Response
		for n := 0; ; n++ {
			require.Less(t, n, 50)
			last = shopper.Do(t, "NearbyStores", vars{"near": kunming})
			if last.Code() == "RATE_LIMITED" {
				break
			}
			require.Empty(t, last.Errors)
			cost := last.Extensions["cost"].(map[string]any)
			require.Greater(t, cost["requested"], 10.0)
			require.Equal(t, 1500.0, cost["limit"])
			require.Less(t, cost["available"], 1500.0)
		}
		require.Nil(t, last.Data)
		require.Regexp(t, `^[1-9]\d*$`, last.Errors[0].Extensions.Params["seconds"])
		r, err := shopper.Send(t.Context(), "POST", "/graphql", request(t, shopper, "NearbyStores", vars{"near": kunming}),
			http.Header{"Content-Type": {"application/json"}, "Accept": {"application/graphql-response+json"}})
		require.NoError(t, err)
		require.Equal(t, http.StatusTooManyRequests, r.Status)
		require.Regexp(t, `^[1-9]\d*$`, r.Header.Get("Retry-After"))
		require.Empty(t, other.Do(t, "NearbyStores", vars{"near": kunming}).Errors, "another person's purse is another")
	})
}

// TestPersistedQueries: development keeps texts under their hash as Apollo's clients expect.
func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		visitor := k.Visitor(auth.Storefront)
		text := "{ brand { name } }"
		ask := func(body vars) *appkit.Response {
			encoded, err := json.Marshal(body)
			require.NoError(t, err)
			r, err := visitor.Send(t.Context(), "POST", "/graphql", strings.NewReader(string(encoded)), http.Header{"Content-Type": {"application/json"}})
			require.NoError(t, err)
			return r
		}
		extensions := func(hash string) vars { return vars{"persistedQuery": vars{"version": 1, "sha256Hash": hash}} }
		unknown := ask(vars{"extensions": extensions(persisted.ID(text))})
		require.Equal(t, "PERSISTED_QUERY_NOT_FOUND", unknown.Code())
		require.Equal(t, "PersistedQueryNotFound", unknown.Errors[0].Message)
		wrong := ask(vars{"query": "{ brand { id } }", "extensions": extensions(persisted.ID(text))})
		require.Equal(t, "BAD_REQUEST", wrong.Code())
		require.Equal(t, k.Brand.Name, ask(vars{"query": text, "extensions": extensions(persisted.ID(text))}).String(t, "brand.name"))
		require.Equal(t, k.Brand.Name, ask(vars{"extensions": extensions(persisted.ID(text))}).String(t, "brand.name"))
	})
}

// TestKeysOfTokens: who has the key set can verify an access token; nothing in it signs one.
func TestKeysOfTokens(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		r, err := shopper.Send(t.Context(), "GET", "/.well-known/jwks.json", nil, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, r.Status)
		var set struct{ Keys []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(r.Body), &set))
		head, err := base64.RawURLEncoding.DecodeString(strings.Split(shopper.Token, ".")[0])
		require.NoError(t, err)
		var header struct{ Kid, Alg string }
		require.NoError(t, json.Unmarshal(head, &header))
		found := false
		for _, key := range set.Keys {
			require.NotContains(t, key, "d")
			found = found || key["kid"] == header.Kid && key["alg"] == header.Alg
		}
		require.True(t, found, "the token's key is in the set")
	})
}

// TestHealth: /readyz tells which of database and Redis is away and that it came back; /healthz says that the process lives all the while. What
// needs no Redis is served without it.
func TestHealth(t *testing.T) {
	t.Parallel()
	redis, err := servers.Redis(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = redis.Stop() })
	database, err := servers.MariaDB(t.Context(), servers.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = database.Stop() })
	require.NoError(t, database.CreateDatabase(t.Context(), "dongxiao"))
	i := appkit.Fresh(t, database.URL("dongxiao"), redis.URL(), dialect.MySQL)
	k := appkit.NewKit(t, i, i.Serve(t, appkit.Options{Migrate: true}))
	shopper := k.Shopper(t)
	becomes := func(expected int, report string) {
		t.Helper()
		pattern := regexp.MustCompile(report)
		require.Eventually(t, func() bool {
			r, err := shopper.Send(context.WithoutCancel(t.Context()), "GET", "/readyz", nil, nil)
			return err == nil && r.Status == expected && pattern.MatchString(r.Body)
		}, patience, 100*time.Millisecond)
		r, err := shopper.Send(t.Context(), "GET", "/healthz", nil, nil)
		require.NoError(t, err)
		require.Equal(t, 200, r.Status)
	}
	becomes(200, `"migrations":"ok"`)
	require.NoError(t, redis.Kill())
	becomes(503, `"redis":"(failed|timed out)"`)
	require.Empty(t, shopper.Do(t, "Home", vars{"near": kunming}).Errors, "the home is served without Redis")
	require.NoError(t, redis.Restart(t.Context()))
	becomes(200, `"redis":"ok"`)
	require.NoError(t, database.Kill())
	becomes(503, `"database":"(failed|timed out)"`)
	r := shopper.Do(t, "MyCoupons", nil)
	require.Equal(t, "UNAVAILABLE", r.Code(), "%#v", r)
	require.NotContains(t, r.Body, "3306")
	require.NotContains(t, r.Body, "refused")
	require.NoError(t, database.Restart(t.Context()))
	becomes(200, `"database":"ok"`)
	require.Empty(t, shopper.Do(t, "MyCoupons", nil).Errors)
}

// TestOldSchemaIsRefused: a server does not start on a database that lacks migrations, and says what to do.
func TestOldSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for d, url := range map[string]string{dialect.MySQL: servers.DatabaseURL(t, servers.NewDatabase(t)), dialect.SQLite: "sqlite://" + servers.NewSQLite(t)} {
		i := appkit.Fresh(t, url, "embedded", d)
		_, err := app.New(t.Context(), app.Options{Config: i.Config(t), Logger: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, "migrate up", d)
	}
}

// TestGracefulStop: the request under way is answered, sockets are told to go to the next server, and nothing new is taken.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		idle, live := shopper.Socket(t), shopper.Subscribe(t, "MemberEvents", vars{"afterSequence": 0})
		body, err := io.ReadAll(request(t, shopper, "Home", vars{"near": kunming}))
		require.NoError(t, err)
		connection, err := net.Dial("tcp", k.Server.Address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = connection.Close() })
		_, err = fmt.Fprintf(connection, "POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nDongxiao-App: %s\r\nContent-Type: application/json\r\n"+
			"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", shopper.Token, shopper.App, len(body))
		require.NoError(t, err)
		answers := bufio.NewReader(connection)
		line, err := answers.ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, "100 Continue", "the request is being read")
		_, err = answers.ReadString('\n')
		require.NoError(t, err)

		stopped := make(chan error, 1)
		go func() { stopped <- k.Server.Stop() }()
		for name, socket := range map[string]*appkit.Socket{"idle": idle, "live": live} {
			code, _ := socket.Closed(t)
			require.Equal(t, 1001, code, name)
		}
		require.Eventually(t, func() bool {
			probe, err := net.Dial("tcp", k.Server.Address)
			if err == nil {
				_ = probe.Close()
			}
			return err != nil
		}, patience, 10*time.Millisecond, "nothing new is taken")
		_, err = connection.Write(body)
		require.NoError(t, err)
		response, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, 200, response.StatusCode)
		require.Contains(t, string(text), k.Brand.Name)
		select {
		case err := <-stopped:
			require.NoError(t, err)
		case <-time.After(patience):
			require.Fail(t, "the server does not stop")
		}
	})
}

// TestSignInsAreBounded: one address may try as many sign-ins in a minute as the configuration says, whoever it names.
func TestSignInsAreBounded(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{Arguments: []string{"--sign-ins-per-minute=3", "--redis=embedded"}}, func(t *testing.T, k *appkit.Kit) {
		before := k.Rows(t)
		var last *appkit.Response
		for range 4 {
			visitor := k.Visitor(auth.Storefront)
			last = visitor.Do(t, "SignIn", vars{"input": vars{"app": visitor.App, "code": "nobody's"}})
			if last.Code() != "" {
				break
			}
			require.Equal(t, []string{"WECHAT_CODE_INVALID"}, last.UserCodes("signIn"), "%#v", last)
		}
		require.Equal(t, "RATE_LIMITED", last.Code(), "%#v", last)
		require.Nil(t, last.Data)
		require.Equal(t, before, k.Rows(t))
	})
}

// TestSettingsOfSizes: the bounds of bodies and documents are those of the configuration.
func TestSettingsOfSizes(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{Arguments: []string{"--max-body=20000", "--max-document=8192"}}, func(t *testing.T, k *appkit.Kit) {
		visitor := k.Visitor(auth.Storefront)
		long := visitor.Do(t, "{ brand { name } } # "+strings.Repeat("x", 9000), nil)
		require.NotEmpty(t, long.Code(), "%#v", long)
		for _, accept := range []string{"application/json", "text/event-stream"} {
			r, err := visitor.Send(t.Context(), "POST", "/graphql", request(t, visitor, "{ brand { name } } # "+strings.Repeat("x", 21_000), nil),
				http.Header{"Content-Type": {"application/json"}, "Accept": {accept}})
			require.NoError(t, err)
			require.Equal(t, http.StatusRequestEntityTooLarge, r.Status)
			require.Equal(t, "BODY_TOO_LARGE", r.Code())
		}
	})
}
