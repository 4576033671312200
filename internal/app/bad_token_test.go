package app_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/internal/clock"
	"dongxiao/internal/ids"
	"dongxiao/internal/testkit/appkit"
	"dongxiao/internal/wechatsim"
)

// TestTokens: a token that is forged, expired or another app's opens nothing, over HTTP and on a socket.
func TestTokens(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper, clerk := k.Shopper(t), k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk)
		elsewhere := appkit.NewKit(t, k.Installation, k.Server)
		later := k.Installation.Serve(t, appkit.Options{Clock: clock.NewManual(time.Now().Add(20 * time.Minute))})
		earlier := k.Installation.Serve(t, appkit.Options{Clock: clock.NewManual(time.Now().Add(-20 * time.Minute))})
		parts := strings.Split(shopper.Token, ".")
		require.Len(t, parts, 3)
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
		staff := strings.Split(clerk.Token, ".")
		before := k.Rows(t)
		for name, c := range map[string]struct {
			server        *appkit.Server
			token, app    string
			authorization string
			code          string
		}{
			"no token":                  {code: "UNAUTHENTICATED", app: shopper.App},
			"neither token nor app":     {code: "UNAUTHENTICATED"},
			"an unknown app":            {app: "wx0000000000000000", code: "APP_UNKNOWN"},
			"no bearer":                 {authorization: "Basic " + shopper.Token, app: shopper.App, code: "UNAUTHENTICATED"},
			"nothing after bearer":      {authorization: "Bearer ", app: shopper.App, code: "UNAUTHENTICATED"},
			"no JWT":                    {token: secret, app: shopper.App, code: "UNAUTHENTICATED"},
			"unsigned":                  {token: none, app: shopper.App, code: "UNAUTHENTICATED"},
			"another token's claims":    {token: parts[0] + "." + staff[1] + "." + parts[2], app: clerk.App, code: "UNAUTHENTICATED"},
			"a refresh token":           {token: shopper.RefreshToken, app: shopper.App, code: "UNAUTHENTICATED"},
			"expired":                   {server: later, token: shopper.Token, app: shopper.App, code: "TOKEN_EXPIRED"},
			"not yet":                   {server: earlier, token: shopper.Token, app: shopper.App, code: "UNAUTHENTICATED"},
			"another app of the brand":  {token: shopper.Token, app: clerk.App, code: "APP_MISMATCH"},
			"an app of another brand":   {token: shopper.Token, app: elsewhere.Apps[auth.Storefront].WechatAppID, code: "APP_MISMATCH"},
			"a token of megabytes":      {token: strings.Repeat("a", 12<<10), app: shopper.App, code: "UNAUTHENTICATED"},
			"an app id of many letters": {app: strings.Repeat("w", 5000), code: "APP_UNKNOWN"},
		} {
			server := c.server
			if server == nil {
				server = k.Server
			}
			asked := &appkit.Client{Kit: k, Server: server, Face: auth.Storefront, App: c.app, Token: c.token}
			header := http.Header{"Content-Type": {"application/json"}}
			if c.authorization != "" {
				header.Set("Authorization", c.authorization)
			}
			for accept, status := range map[string]int{"application/json": 200, "application/graphql-response+json": statusOf(c.code)} {
				header.Set("Accept", accept)
				r, err := asked.Send(t.Context(), "POST", "/graphql", request(t, asked, "Me", nil), header)
				require.NoError(t, err, name)
				require.Equal(t, c.code, r.Code(), "%s: %#v", name, r)
				if c.app == "" || c.app == shopper.App && c.token == "" && c.authorization == "" {
					status = 200 // the request is in order and runs; its field is refused
				}
				require.Equal(t, status, r.Status, "%s: %#v", name, r)
				require.Nil(t, r.Data["viewer"], name)
				require.NotContains(t, r.Body, secret, name)
			}
			if c.authorization == "" {
				c.authorization = "Bearer " + c.token
			}
			socket := server.Dial(t)
			socket.Send(t, vars{"type": "connection_init", "payload": vars{"authorization": c.authorization, "app": c.app}})
			code, reason := socket.Closed(t)
			require.Equal(t, 4403, code, name)
			require.Equal(t, c.code, reason, name)
		}
		require.Equal(t, before, k.Rows(t))

		wrongFace := shopper.Do(t, "mutation { redemptionPreview(input: {memberCode: \"000000000000000000\", storeId: \"org_1\"}) { userErrors { code } } }", nil)
		require.Equal(t, "FORBIDDEN", wrongFace.Code(), "%#v", wrongFace)
		noRole := clerk.Do(t, "{ auditEntries { nodes { id } } }", nil)
		require.Equal(t, "FORBIDDEN", noRole.Code(), "%#v", noRole)
		fresh := clerk.SignedOut().Do(t, "TokenRefresh", vars{"input": vars{"refreshToken": clerk.RefreshToken}})
		require.NotEmpty(t, fresh.String(t, "tokenRefresh.tokens.accessToken"))
	})
}

func statusOf(code string) int {
	switch code {
	case "UNAUTHENTICATED", "TOKEN_EXPIRED":
		return 401
	}
	return 400
}

// TestExpiredTokensAreRefreshed: a client that sends its token with every request may send an expired one with what begins or renews a session,
// and with nothing else; one that is not ours is refused there as well.
func TestExpiredTokensAreRefreshed(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		later := k.Installation.Serve(t, appkit.Options{Clock: clock.NewManual(time.Now().Add(20 * time.Minute)), Arguments: []string{"--open-documents=off"}})
		shopper, stranger := k.Shopper(t), k.Shopper(t)
		expired := shopper.On(later)
		for _, accept := range []string{"application/json", "application/graphql-response+json"} {
			for name, body := range map[string]io.Reader{
				"a query":                request(t, expired, "Me", nil),
				"a public query":         request(t, expired, "Products", nil),
				"a mutation":             request(t, expired, "SignOut", nil),
				"an unknown document":    strings.NewReader(`{"query":"{ __typename }"}`),
				"another mutation as it": strings.NewReader(`{"query":"mutation { tokenRefresh: signOut { sessionId } }"}`),
			} {
				r, err := expired.Send(t.Context(), "POST", "/graphql", body, http.Header{"Content-Type": {"application/json"}, "Accept": {accept}})
				require.NoError(t, err)
				want := "TOKEN_EXPIRED"
				if strings.HasPrefix(name, "an") {
					want = "OPERATION_NOT_ALLOWED"
				}
				require.Equal(t, want, r.Code(), "%s: %#v", name, r)
				require.Nil(t, r.Data, name)
			}
		}
		open := k.Installation.Serve(t, appkit.Options{Clock: clock.NewManual(time.Now().Add(20 * time.Minute))})
		for _, document := range []string{`{ __typename }`, `{ __schema { queryType { name } } }`, `mutation { tokenRefresh: signOut { userErrors { code } } }`,
			`mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { userErrors { code } } signOut { userErrors { code } } }`,
			`mutation($input: TokenRefreshInput!) { ...both } fragment both on Mutation { tokenRefresh(input: $input) { userErrors { code } } signOut { userErrors { code } } }`} {
			r := shopper.On(open).Do(t, document, vars{"input": vars{"refreshToken": shopper.RefreshToken}})
			require.Equal(t, "TOKEN_EXPIRED", r.Code(), "%s: %#v", document, r)
			require.Nil(t, r.Data, document)
		}

		forged := *expired
		forged.Token = shopper.Token[:strings.LastIndexByte(shopper.Token, '.')+1] + stranger.Token[strings.LastIndexByte(stranger.Token, '.')+1:]
		refresh := vars{"input": vars{"refreshToken": shopper.RefreshToken}}
		require.Equal(t, "UNAUTHENTICATED", forged.Do(t, "TokenRefresh", refresh).Code())
		forged.Token, forged.App = shopper.Token, k.Apps[auth.Staff].WechatAppID
		require.Equal(t, "APP_MISMATCH", forged.Do(t, "TokenRefresh", refresh).Code())

		fresh := expired.Do(t, "TokenRefresh", refresh)
		require.NotEqual(t, shopper.Token, fresh.String(t, "tokenRefresh.tokens.accessToken"), "%#v", fresh)
		shopper.Token = fresh.String(t, "tokenRefresh.tokens.accessToken")
		require.NotEmpty(t, shopper.On(later).Do(t, "Me", nil).String(t, "viewer.app.id"))
		stranger.Server = later
		stranger.SignIn(t)
	})
}

// TestIDsOfOthers: an id of another brand, one that was never given and one of another kind are answered alike, so nobody learns what exists.
func TestIDsOfOthers(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		theirs := appkit.NewKit(t, k.Installation, k.Server)
		shopper, clerk := k.Shopper(t), k.NewStaff(t, auth.Staff, k.Store1, auth.Clerk)
		marketer, admin := k.NewStaff(t, auth.Console, k.Root, auth.Marketer), k.NewStaff(t, auth.Console, k.Root, auth.Admin)
		theirShopper, theirClerk := theirs.Shopper(t), theirs.NewStaff(t, auth.Staff, theirs.Store1, auth.Clerk)
		theirTemplate := appkit.ID(ids.CouponTemplate, theirs.NewTemplate(t, 10, 1).ID)
		theirCoupon := theirShopper.Do(t, "CouponClaim", vars{"input": vars{"templateId": theirTemplate, "idempotencyKey": appkit.Key()}}).
			String(t, "couponClaim.coupon.id")
		theirMember := theirShopper.Do(t, "MyProfile", nil).String(t, "viewer.member.id")
		theirProduct := appkit.ID(ids.Product, theirs.NewProduct(t, 11).ID)
		theirStore, theirStaff := appkit.ID(ids.Org, theirs.Store1.ID), appkit.ID(ids.Staff, theirClerk.Staff.ID)
		code := shopper.Do(t, "MemberCode", nil).String(t, "memberCodeIssue.code.digits")
		store := appkit.ID(ids.Org, k.Store1.ID)
		before, theirsBefore := k.Rows(t), theirs.Rows(t)
		for _, c := range []struct {
			client    *appkit.Client
			operation string
			theirs    string
			variables func(id string) vars
			// field has the userErrors; a query answers null or NOT_FOUND.
			field string
		}{
			{shopper, "CouponClaim", theirTemplate, func(id string) vars {
				return vars{"input": vars{"templateId": id, "idempotencyKey": "key-of-one-claim"}}
			}, "couponClaim"},
			{shopper, "HomeStoreSet", theirStore, func(id string) vars { return vars{"input": vars{"storeId": id}} }, "homeStoreSet"},
			{shopper, "Product", theirProduct, func(id string) vars { return vars{"id": id} }, ""},
			{shopper, "query($id: ID!) { node(id: $id) { id } }", theirCoupon, func(id string) vars { return vars{"id": id} }, ""},
			{clerk, "RedemptionConfirm", theirCoupon, func(id string) vars {
				return vars{"input": vars{"memberCode": code, "storeId": store, "couponIds": []any{id}, "purchase": 8000, "idempotencyKey": "key-of-one-redemption"}}
			}, "redemptionConfirm"},
			{clerk, "RedemptionPreview", theirStore, func(id string) vars { return vars{"input": vars{"memberCode": code, "storeId": id}} }, "redemptionPreview"},
			{marketer, "CouponTemplate", theirTemplate, func(id string) vars { return vars{"id": id} }, ""},
			{marketer, "CouponTemplateStateSet", theirTemplate, func(id string) vars {
				return vars{"input": vars{"id": id, "version": 1, "state": "PAUSED", "reason": "停"}}
			}, "couponTemplateStateSet"},
			{marketer, "CouponTemplateRestock", theirTemplate, func(id string) vars {
				return vars{"input": vars{"id": id, "quantity": 1, "reason": "补货", "idempotencyKey": "key-of-one-restock"}}
			}, "couponTemplateRestock"},
			{admin, "StaffStateSet", theirStaff, func(id string) vars { return vars{"input": vars{"staffId": id, "state": "SUSPENDED", "reason": "停"}} }, "staffStateSet"},
			{admin, "MemberStateSet", theirMember, func(id string) vars { return vars{"input": vars{"memberId": id, "frozen": true, "reason": "停"}} }, "memberStateSet"},
			{admin, "OrgUpdate", theirStore, func(id string) vars { return vars{"input": vars{"id": id, "name": "改名"}} }, "orgUpdate"},
			{admin, "StaffInvite", theirStore, func(id string) vars {
				return vars{"input": vars{"orgId": id, "role": "CLERK", "name": "小王", "phone": "13900000000", "idempotencyKey": "key-of-one-invitation"}}
			}, "staffInvite"},
		} {
			kind, _, _ := strings.Cut(c.theirs, "_")
			missing := appkit.ID(ids.Kind(kind), 1)
			expected := c.client.Do(t, c.operation, c.variables(missing))
			if c.field != "" {
				require.Equal(t, []string{"NOT_FOUND"}, expected.UserCodes(c.field), "%s: %#v", c.operation, expected)
			} else {
				require.Empty(t, expected.Errors, "%s: %#v", c.operation, expected)
				for _, value := range expected.Data {
					require.Nil(t, value, "%s: %#v", c.operation, expected)
				}
			}
			for name, id := range map[string]string{"another brand's": c.theirs, "malformed": "x", "empty": "", "of another kind": appkit.ID(ids.Tag, 5),
				"hostile": "' OR 1=1 --", "long": strings.Repeat("9", 3000)} {
				r := c.client.Do(t, c.operation, c.variables(id))
				require.Equal(t, expected.Data, r.Data, "%s %s", c.operation, name)
				require.Equal(t, expected.Errors, r.Errors, "%s %s", c.operation, name)
			}
		}
		require.Equal(t, before, k.Rows(t))
		require.Equal(t, theirsBefore, theirs.Rows(t))
	})
}

// TestCoordinatesOutOfRange: a place that is not on earth is refused, in queries and mutations.
func TestCoordinatesOutOfRange(t *testing.T) {
	t.Parallel()
	appkit.Each(t, appkit.Options{}, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		for _, near := range []vars{
			{"latitude": 90.1, "longitude": 102, "system": "GCJ02"}, {"latitude": -91, "longitude": 102, "system": "WGS84"},
			{"latitude": 25, "longitude": 180.5, "system": "GCJ02"}, {"latitude": 25, "longitude": -1e300, "system": "WGS84"},
		} {
			r := shopper.Do(t, "NearbyStores", vars{"near": near})
			require.Equal(t, "COORDINATE_OUT_OF_RANGE", r.Code(), "%#v", r)
			require.Nil(t, r.Data)
		}
		for _, near := range []vars{{"latitude": "north", "longitude": 102, "system": "GCJ02"}, {"latitude": 25, "longitude": 102, "system": "BD09"}, {"latitude": 25, "longitude": 102}} {
			r := shopper.Do(t, "NearbyStores", vars{"near": near})
			require.Equal(t, "GRAPHQL_VALIDATION_FAILED", r.Code(), "%#v", r)
		}
		huge, err := shopper.Send(t.Context(), "POST", "/graphql", strings.NewReader(
			`{"id":"`+appkit.Manifest()["STOREFRONT"]["NearbyStores"].ID+`","variables":{"near":{"latitude":1e999,"longitude":1,"system":"WGS84"}}}`),
			http.Header{"Content-Type": {"application/json"}})
		require.NoError(t, err)
		require.Contains(t, []string{"GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST"}, huge.Code(), "%#v", huge)
		sea := shopper.Do(t, "NearbyStores", vars{"near": vars{"latitude": 0, "longitude": 0, "system": "WGS84"}})
		require.Empty(t, sea.List(t, "nearbyStores"))
	})
}

// TestWeChatGoesWrong: whatever WeChat answers, a sign-in fails with a code of its own, within the time-out, and leaves nothing behind.
func TestWeChatGoesWrong(t *testing.T) {
	t.Parallel()
	appkit.Each(t, closed, func(t *testing.T, k *appkit.Kit) {
		for name, c := range map[string]struct {
			fault wechatsim.Fault
			code  string
		}{
			"busy":           {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: -1}, "WECHAT_BUSY"},
			"a blocked user": {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 40226}, "WECHAT_USER_BLOCKED"},
			"too frequent":   {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 45011}, "WECHAT_BUSY"},
			"a wrong code":   {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 40029}, "WECHAT_CODE_INVALID"},
			"a used code":    {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 40163}, "SIGN_IN_AGAIN"},
			"an odd code":    {wechatsim.Fault{Mode: wechatsim.FaultErrCode, ErrCode: 99999, ErrMsg: secret}, "WECHAT_UNAVAILABLE"},
			"status 500":     {wechatsim.Fault{Mode: wechatsim.FaultHTTP500}, "WECHAT_UNAVAILABLE"},
			"no JSON":        {wechatsim.Fault{Mode: wechatsim.FaultNotJSON}, "WECHAT_UNAVAILABLE"},
			"megabytes":      {wechatsim.Fault{Mode: wechatsim.FaultHuge}, "WECHAT_UNAVAILABLE"},
			"no answer":      {wechatsim.Fault{Mode: wechatsim.FaultTimeout}, "WECHAT_UNAVAILABLE"},
			"slow":           {wechatsim.Fault{Mode: wechatsim.FaultSlow, Milliseconds: 3000}, "WECHAT_UNAVAILABLE"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				visitor := k.Visitor(auth.Storefront)
				visitor.App = k.NewApp(t, auth.Storefront).WechatAppID
				c.fault.Path, c.fault.AppID, c.fault.Times = "/sns/jscode2session", visitor.App, 10
				require.NoError(t, k.Installation.WeChat.Fail(t.Context(), c.fault))
				code, err := k.Installation.WeChat.LoginCode(t.Context(), visitor.App, visitor.User)
				require.NoError(t, err)
				start := time.Now()
				r := visitor.Do(t, "SignIn", vars{"input": vars{"app": visitor.App, "code": code.Code}})
				require.Equal(t, []string{c.code}, r.UserCodes("signIn"), "%#v", r)
				require.Nil(t, r.Look("signIn.tokens"))
				require.NotContains(t, r.Body, secret)
				require.Less(t, time.Since(start), 10*time.Second)
			})
		}
		t.Cleanup(func() {
			ctx := k.System(t)
			require.Zero(t, k.Store.Client(ctx).Person.Query().CountX(ctx), "nobody was made")
			require.Zero(t, k.Store.Client(ctx).Session.Query().CountX(ctx))
		})
	})
}

// TestSlowClientsAreCut: headers and bodies that do not arrive end the connection.
func TestSlowClientsAreCut(t *testing.T) {
	t.Parallel()
	appkit.Each(t, closed, func(t *testing.T, k *appkit.Kit) {
		for name, sent := range map[string]string{
			"headers": "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
			"body":    "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"id\":",
		} {
			connection, err := net.Dial("tcp", k.Server.Address)
			require.NoError(t, err)
			_, err = io.WriteString(connection, sent)
			require.NoError(t, err)
			require.NoError(t, connection.SetReadDeadline(time.Now().Add(patience)))
			answer, err := io.ReadAll(connection)
			require.NoError(t, err, "%s: the server hangs up before the client does", name)
			require.NotContains(t, string(answer), " 200 ", name)
			require.NoError(t, connection.Close())
		}
		connection, err := net.Dial("tcp", k.Server.Address)
		require.NoError(t, err)
		_, err = fmt.Fprintf(connection, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Much: %s\r\n\r\n", strings.Repeat("a", 64<<10))
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, response.StatusCode)
		require.NoError(t, connection.Close())
	})
}

// TestSocketsAreBounded: a socket that does not say who it is, breaks the protocol or asks for too much is closed or refused as
// graphql-transport-ws says.
func TestSocketsAreBounded(t *testing.T) {
	t.Parallel()
	appkit.Each(t, closed, func(t *testing.T, k *appkit.Kit) {
		shopper := k.Shopper(t)
		subscription := shopper.Request("MemberEvents", nil)
		before := k.Rows(t)
		for name, c := range map[string]struct {
			code int
			send func(s *appkit.Socket)
		}{
			"no init":          {4408, func(*appkit.Socket) {}},
			"subscribe first":  {4401, func(s *appkit.Socket) { s.Subscribe(t, "1", subscription) }},
			"no JSON":          {4400, func(s *appkit.Socket) { require.NoError(t, s.WriteMessage(websocket.TextMessage, []byte("{"+secret))) }},
			"an unknown type":  {4400, func(s *appkit.Socket) { s.Send(t, vars{"type": secret}) }},
			"binary":           {4400, func(s *appkit.Socket) { require.NoError(t, s.WriteMessage(websocket.BinaryMessage, []byte{1})) }},
			"megabytes":        {1009, func(s *appkit.Socket) { _ = s.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte("a"), 70<<10)) }},
			"init twice":       {4429, func(s *appkit.Socket) { s.Send(t, initOf(shopper)); s.Send(t, initOf(shopper)) }},
			"init of a number": {4400, func(s *appkit.Socket) { s.Send(t, vars{"type": "connection_init", "payload": 7}) }},
			"one id twice": {4409, func(s *appkit.Socket) {
				s.Send(t, initOf(shopper))
				require.Equal(t, "connection_ack", s.Next(t).Type)
				s.Subscribe(t, "1", subscription)
				s.Subscribe(t, "1", subscription)
			}},
		} {
			socket := k.Server.Dial(t)
			c.send(socket)
			code, reason := socket.Closed(t)
			require.Equal(t, c.code, code, name)
			require.NotContains(t, reason, secret, name)
		}
		code, _ := k.Server.Dial(t, "graphql-ws").Closed(t)
		require.Equal(t, 4406, code)

		socket := shopper.Socket(t)
		for n := range 10 {
			socket.Subscribe(t, fmt.Sprint(n), subscription)
		}
		socket.Subscribe(t, "10", subscription)
		refused := socket.Next(t)
		require.Equal(t, "10", refused.ID)
		require.Equal(t, []string{"TOO_MANY_SUBSCRIPTIONS"}, refused.Codes())
		socket.Silent(t)
		require.NoError(t, socket.Close())

		other := k.Shopper(t)
		for range 5 {
			other.Socket(t)
		}
		sixth := k.Server.Dial(t)
		sixth.Send(t, initOf(other))
		code, reason := sixth.Closed(t)
		require.Equal(t, 4403, code)
		require.Equal(t, "TOO_MANY_SUBSCRIPTIONS", reason)
		require.Equal(t, before["coupons"], k.Rows(t)["coupons"])
	})
}

func initOf(c *appkit.Client) vars {
	return vars{"type": "connection_init", "payload": vars{"authorization": "Bearer " + c.Token, "app": c.App}}
}
