// Package explorer serves GraphiQL from embedded assets, with the demo sign-ins as tabs. It is for development: it hands
// out the tokens of the demo brand's people to whoever can open the page, so that production must not mount it.
package explorer

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"

	"dongxiao/auth"
)

// Config says where the page finds the API and who the demo people are.
type Config struct {
	// GraphQLPath takes queries and mutations by POST. Default: /graphql.
	GraphQLPath string
	// WebsocketPath takes subscriptions over graphql-transport-ws. Default: GraphQLPath.
	WebsocketPath string
	// SignIns makes the demo sign-ins with tokens that are valid from now on. It is called at each load of the page and
	// when a token has expired, never at start. An error is logged and shows as a sentence beside the editor.
	SignIns func(ctx context.Context) ([]SignIn, error)
}

// SignIn (演示身份) is one demo person signed in to one app.
type SignIn struct {
	// Face decides the colour of the tabs; several sign-ins may have one face.
	Face auth.Face `json:"face"`
	// Title is Chinese first, then English and the person's name: "顾客 · Shopper 林小满". What stands before " · " labels
	// the tabs. Titles differ between the sign-ins of one app.
	Title string `json:"title"`
	// AppID is the WeChat app id that is sent in the header Dongxiao-App.
	AppID string `json:"appId"`
	// Token is the access token; empty for a visitor who has not signed in.
	Token string `json:"token"`
	// Operations are what the page offers for this person; the first one is opened as a tab when the page is new.
	Operations []Example `json:"operations"`
}

//go:embed assets/index.html assets/explorer.js assets/sign-ins.js assets/explorer.css assets/icon.svg
//go:embed assets/graphiql/*.js assets/graphiql/*.css assets/graphiql/LICENSES.txt
var assets embed.FS

// contentSecurityPolicy lets the page load and call nothing but its own server. Inline styles are allowed since GraphiQL's
// editor and dialogs insert some; inline scripts are not.
const contentSecurityPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'none'; object-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves the page at /, its files under /explorer/ and the sign-ins at /explorer/sign-ins.json; anything else is
// not found. It answers only under an IP address or localhost as host name: a page of another site that has its own name
// resolve to this machine (DNS rebinding) would otherwise read the tokens.
func Handler(cfg Config) http.Handler {
	if cfg.GraphQLPath == "" {
		cfg.GraphQLPath = "/graphql"
	}
	if cfg.WebsocketPath == "" {
		cfg.WebsocketPath = cfg.GraphQLPath
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /explorer/sign-ins.json", cfg.serveSignIns)
	for name, file := range files() {
		pattern := "GET /explorer/" + name
		if name == "index.html" {
			pattern = "GET /{$}"
		}
		mux.Handle(pattern, file)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("X-Frame-Options", "DENY")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !isLocalName(r.Host) {
			http.Error(w, "The explorer answers only under localhost or an IP address.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// isLocalName says whether host, with or without a port, is an IP address or a name that always means this machine.
func isLocalName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

// file is one embedded asset with what its answers carry.
type file struct {
	content     string
	contentType string
	// etag is a hash of the content: the browser asks each time and gets 304 until the program is built with other assets.
	etag string
}

// files reads the embedded assets by their path below assets/.
func files() map[string]file {
	found := map[string]file{}
	err := fs.WalkDir(assets, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := assets.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		found[strings.TrimPrefix(name, "assets/")] = file{
			content:     string(content),
			contentType: contentType(name),
			etag:        `"` + hex.EncodeToString(sum[:16]) + `"`,
		}
		return nil
	})
	if err != nil {
		panic("explorer: reading embedded assets: " + err.Error()) // they are part of the program
	}
	return found
}

// contentType does not ask the machine's own tables for what is fixed, since these differ between systems.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// ServeHTTP answers the asset, or 304 where the browser has it.
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(f.content))
}

// signInsAnswer is what the page fetches before it shows anything.
type signInsAnswer struct {
	GraphQLPath   string   `json:"graphqlPath"`
	WebsocketPath string   `json:"websocketPath"`
	SignIns       []SignIn `json:"signIns"`
}

func (cfg Config) serveSignIns(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	answer := signInsAnswer{GraphQLPath: cfg.GraphQLPath, WebsocketPath: cfg.WebsocketPath, SignIns: []SignIn{}}
	if cfg.SignIns != nil {
		signIns, err := cfg.SignIns(r.Context())
		if err != nil {
			slog.ErrorContext(r.Context(), "explorer: making the demo sign-ins failed", "error", err)
			http.Error(w, "The demo sign-ins could not be made.", http.StatusServiceUnavailable)
			return
		}
		for _, signIn := range signIns {
			if signIn.Operations == nil {
				signIn.Operations = []Example{} // the page expects a list, not null
			}
			answer.SignIns = append(answer.SignIns, signIn)
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		slog.ErrorContext(r.Context(), "explorer: encoding the demo sign-ins failed", "error", err)
		http.Error(w, "The demo sign-ins could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // a client that went away needs no answer
}
