package wechatsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"dongxiao/internal/wechatsim"
)

func TestPhoneCodes(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	token, _ := b.stable(false)
	phone := func() wechatsim.Code {
		code, err := b.PhoneCode(ctx, appID, "阿芳", "13800000001")
		require.NoError(t, err)
		return code
	}
	const path = "/wxa/business/getuserphonenumber"
	mine, login := phone(), b.login(appID, "阿芳")
	stranger, err := b.PhoneCode(ctx, otherID, "阿芳", "13800000001")
	require.NoError(t, err)
	someone, err := b.Open(ctx, appID, "老王")
	require.NoError(t, err)
	for _, row := range []struct {
		name, code, openID string
		want               int
	}{
		{"unknown", "ffff", mine.OpenID, 40029},
		{"a login code", login, mine.OpenID, 40029},
		{"another app's", stranger.Code, stranger.OpenID, 40013},
		{"another user's", mine.Code, someone.OpenID, 40029},
		{"good", mine.Code, mine.OpenID, 0},
		{"used", mine.Code, mine.OpenID, 40029},
		{"without openid", phone().Code, "", 0},
	} {
		out, code := b.with(token, path, fields{"code": row.code, "openid": row.openID})
		require.Equal(t, row.want, code, row.name)
		if row.want == 0 {
			info := out["phone_info"].(fields)
			require.Equal(t, "13800000001", info["phoneNumber"])
			require.Equal(t, "13800000001", info["purePhoneNumber"])
			require.Equal(t, "86", info["countryCode"])
			require.Equal(t, appID, info["watermark"].(fields)["appid"])
		}
	}
	_, code := b.exchange(appID, secret, phone().Code)
	require.Equal(t, 40029, code, "a phone code is no login code")
	late := phone()
	b.advance(5*time.Minute + time.Second)
	_, code = b.with(token, path, fields{"code": late.Code})
	require.Equal(t, 40029, code)
	_, code = b.with(token, path, fields{"code": "a", "opneid": "b"})
	require.Equal(t, 47001, code, "unknown fields are mistakes")
	_, code = b.with(token, path, nil)
	require.Equal(t, 44002, code)
}

func TestContentCheck(t *testing.T) {
	b := start(t)
	token, _ := b.stable(false)
	user, err := b.Open(t.Context(), appID, "阿芳")
	require.NoError(t, err)
	stranger, err := b.Open(t.Context(), otherID, "阿芳")
	require.NoError(t, err)
	check := func(change fields) (fields, int) {
		body := fields{"content": "云岭春真好喝", "version": 2, "scene": 1, "openid": user.OpenID}
		for key, value := range change {
			body[key] = value
		}
		return b.with(token, "/wxa/msg_sec_check", body)
	}
	for _, row := range []struct {
		name    string
		change  fields
		want    int
		suggest string
	}{
		{"pass", nil, 0, "pass"},
		{"risky", fields{"content": "这是违禁词吗"}, 0, "risky"},
		{"risky nickname", fields{"nickname": "违禁词"}, 0, "risky"},
		{"review", fields{"content": "疑似词"}, 0, "review"},
		{"longest", fields{"content": strings.Repeat("酒", 2500)}, 0, "pass"},
		{"too long", fields{"content": strings.Repeat("酒", 2501)}, 47001, ""},
		{"version 1", fields{"version": 1}, 40097, ""},
		{"scene", fields{"scene": 5}, 40129, ""},
		{"no openid", fields{"openid": ""}, 40003, ""},
		{"unknown openid", fields{"openid": "o_nobody"}, 40003, ""},
		{"another app's openid", fields{"openid": stranger.OpenID}, 43104, ""},
	} {
		out, code := check(row.change)
		require.Equal(t, row.want, code, row.name)
		if row.want == 0 {
			require.Equal(t, row.suggest, out["result"].(fields)["suggest"], row.name)
			require.NotEmpty(t, out["trace_id"])
		}
	}
	b.advance(2*time.Hour + time.Second)
	token, _ = b.stable(false)
	_, code := check(nil)
	require.Equal(t, 61010, code, "not seen for two hours")
	_, err = b.Open(t.Context(), appID, "阿芳")
	require.NoError(t, err)
	_, code = check(nil)
	require.Zero(t, code)
}

func TestSubscribeMessages(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	token, _ := b.stable(false)
	require.NoError(t, b.Accept(ctx, appID, "阿芳", template, 1))
	user, err := b.Open(ctx, appID, "阿芳")
	require.NoError(t, err)
	send := func(change fields) int {
		body := fields{"touser": user.OpenID, "template_id": template, "data": fields{"thing1": fields{"value": "领券成功"}}, "miniprogram_state": "formal", "lang": "zh_CN"}
		for key, value := range change {
			body[key] = value
		}
		_, code := b.with(token, "/cgi-bin/message/subscribe/send", body)
		return code
	}
	require.Equal(t, 40003, send(fields{"touser": "o_nobody"}))
	require.Equal(t, 40037, send(fields{"template_id": "template-2"}))
	require.Equal(t, 40097, send(fields{"miniprogram_state": "release"}))
	require.Equal(t, 40097, send(fields{"page": "/pages/home/home"}))
	require.Equal(t, 47003, send(fields{"data": fields{}}))

	for _, row := range []struct{ key, good, bad string }{
		{"thing1", strings.Repeat("酒", 20), strings.Repeat("酒", 21)},
		{"thing1", "a", ""},
		{"thing1", "a", "a\nb"},
		{"number2", "3.50", "三"},
		{"letter3", "abc", "ab1"},
		{"symbol4", "★★★", "★★★★★★"},
		{"character_string5", "NO-2026_01", "编号"},
		{"time6", "2019年10月1日 15:01", "下午"},
		{"time6", "15:01~16:00", "15"},
		{"date7", "2019-10-01", "昨天"},
		{"amount8", "￥12.50", "12.505"},
		{"phone_number9", "+86-0766-66888866", "请致电"},
		{"car_number10", "粤A8Z888挂", "粤"},
		{"name11", "王小明", "王小明王小明王小明王小"},
		{"name11", "Alexander Hamilton", "Alexander Hamilton the Second"},
		{"phrase12", "配送中", "配送中ok"},
		{"thing", "a", "a"},
		{"made1", "a", "a"},
	} {
		require.Equal(t, 47003, send(fields{"data": fields{row.key: fields{"value": row.bad}}}), row.key+" "+row.bad)
		if row.good == row.bad {
			continue
		}
		require.Contains(t, []int{0, 43101}, send(fields{"data": fields{row.key: fields{"value": row.good}}}), row.key+" "+row.good)
	}
	require.Equal(t, 45168, send(fields{"data": fields{"thing1": fields{"value": "违禁词"}}}))

	require.NoError(t, b.Accept(ctx, appID, "阿芳", template, 2))
	require.Equal(t, []int{0, 0, 43101}, []int{send(nil), send(nil), send(nil)}, "one accept, one message")
}

func TestConcurrentMessages(t *testing.T) {
	b := start(t)
	ctx := t.Context()
	token, _ := b.stable(false)
	require.NoError(t, b.Accept(ctx, appID, "阿芳", template, 2))
	user, err := b.Open(ctx, appID, "阿芳")
	require.NoError(t, err)
	const path = "/cgi-bin/message/subscribe/send"
	require.NoError(t, b.Fail(ctx, wechatsim.Fault{Path: path, Mode: wechatsim.FaultTimeout}))
	body, err := json.Marshal(fields{"touser": user.OpenID, "template_id": template, "data": fields{"thing1": fields{"value": "a"}}})
	require.NoError(t, err)
	// Two at once: the one that comes first hangs, so the other must be refused.
	sending, stop := context.WithCancel(ctx)
	defer stop()
	codes := make(chan int, 2)
	for range 2 {
		go func() {
			request, _ := http.NewRequestWithContext(sending, http.MethodPost, b.api+path+"?access_token="+url.QueryEscape(token), bytes.NewReader(body))
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				codes <- -2
				return
			}
			defer response.Body.Close()
			var out struct{ ErrCode int }
			_ = json.NewDecoder(response.Body).Decode(&out)
			codes <- out.ErrCode
		}()
	}
	require.Equal(t, 43108, <-codes)
	stop()
	require.Equal(t, -2, <-codes)
	require.Eventually(t, func() bool {
		_, code := b.with(token, path, string(body))
		return code == 0
	}, 5*time.Second, time.Millisecond, "free again once the first is gone")
}

func TestQRCodes(t *testing.T) {
	b := start(t)
	token, _ := b.stable(false)
	query := url.Values{"access_token": {token}}
	response, picture := b.do(http.MethodPost, "/wxa/getwxacodeunlimit", query, fields{"scene": "s=Ab3", "page": "pages/home/home", "width": 280})
	require.Equal(t, "image/png", response.Header.Get("Content-Type"))
	require.Equal(t, "image/png", http.DetectContentType(picture))
	for name, row := range map[string]struct {
		body fields
		want int
	}{
		"no scene":       {fields{"scene": ""}, 40129},
		"33 characters":  {fields{"scene": strings.Repeat("a", 33)}, 40129},
		"percent":        {fields{"scene": "a%20"}, 40129},
		"Chinese":        {fields{"scene": "店"}, 40129},
		"leading slash":  {fields{"scene": "a", "page": "/pages/home/home"}, 41030},
		"unpublished":    {fields{"scene": "a", "page": "pages/none"}, 41030},
		"reserved":       {fields{"scene": "scancode_time=1"}, 85096},
		"too wide":       {fields{"scene": "a", "width": 1281}, 40097},
		"edition":        {fields{"scene": "a", "env_version": "formal"}, 40097},
		"unknown fields": {fields{"scene": "a", "env": "x"}, 47001},
	} {
		_, code := b.with(token, "/wxa/getwxacodeunlimit", row.body)
		require.Equal(t, row.want, code, name)
	}
	response, _ = b.do(http.MethodPost, "/wxa/getwxacodeunlimit", query, fields{"scene": "a", "page": "pages/none", "check_path": false})
	require.Equal(t, "image/png", response.Header.Get("Content-Type"))
}
