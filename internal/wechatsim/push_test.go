package wechatsim

import (
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The samples of WeChat's documentation of message push: token AAAAA, a key of 43 A, app wxba5fad812f8e6fb9.
func TestDocumentedPushVectors(t *testing.T) {
	t.Parallel()
	require.Equal(t, "f464b24fc39322e44b38aa78f5edd27bd1441696", sign("AAAAA", "1714036504", "1514711492"))
	require.Equal(t, "899cf89e464efb63f54ddac96b0a0a235f53aa78", sign("AAAAA", "1714037059", "486452656"))
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	encrypted, err := seal(key, "707722b803182950", []byte(`{"demo_resp":"good luck"}`), "wxba5fad812f8e6fb9")
	require.NoError(t, err)
	require.Equal(t, "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==", encrypted)
	require.Equal(t, "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", sign("AAAAA", "1713424427", "415670741", encrypted))

	const documented = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
	encrypted, err = seal(key, "a8eedb185eb2fecf", []byte(`{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}`), "wxba5fad812f8e6fb9")
	require.NoError(t, err)
	require.Equal(t, documented, encrypted)
	require.Equal(t, "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3", sign("AAAAA", "1714112445", "415670741", documented))
}

func TestPushCheck(t *testing.T) {
	t.Parallel()
	var echo func(url.Values) string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, echo(r.URL.Query()))
	}))
	defer receiver.Close()
	s := New(Config{Logger: slog.New(slog.DiscardHandler), Apps: []App{{AppID: "wx1", Secret: "s", PushURL: receiver.URL + "/push?brand=1", PushToken: "AAAAA"}}})
	control := httptest.NewServer(s.Control())
	defer control.Close()
	remote := NewRemote(control.URL)

	echo = func(query url.Values) string {
		if query.Get("brand") != "1" || sign("AAAAA", query.Get("timestamp"), query.Get("nonce")) != query.Get("signature") {
			return "refused"
		}
		return query.Get("echostr")
	}
	require.NoError(t, remote.CheckPush(t.Context(), "wx1"))
	echo = func(url.Values) string { return "success" }
	require.ErrorContains(t, remote.CheckPush(t.Context(), "wx1"), "echostr")
	require.ErrorContains(t, remote.CheckPush(t.Context(), "none"), "404")
}

// A simulator that shared code with the client would share its mistakes.
func TestImportsNothingOfTheModule(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range file.Imports {
			require.NotContains(t, imported.Path.Value, "dongxiao", name)
		}
	}
}
