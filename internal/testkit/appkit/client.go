package appkit

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
)

// Client is one app on one device: a front end of a face, signed in or not.
type Client struct {
	Kit    *Kit
	Server *Server
	Face   auth.Face
	// App is the WeChat app id that is sent; empty sends none.
	App string
	// User is what the simulator calls the person.
	User string
	// Token is the access token; empty sends none.
	Token, RefreshToken string
	// Language is sent as Accept-Language; empty sends none.
	Language string
	// Staff is the role that NewStaff made.
	Staff *ent.Staff
}

// Visitor is a client of the face whom nobody has signed in.
func (k *Kit) Visitor(face auth.Face) *Client {
	return &Client{Kit: k, Server: k.Server, Face: face, App: k.Apps[face].WechatAppID, User: "user-" + rand.Text()[:12]}
}

// Shopper signs a new person in to the storefront and binds a phone, all over HTTP.
func (k *Kit) Shopper(t testing.TB) *Client {
	t.Helper()
	c, err := k.NewShopper(t.Context())
	require.NoError(t, err)
	return c
}

// NewShopper is Shopper for goroutines, which must not end the test.
func (k *Kit) NewShopper(ctx context.Context) (*Client, error) {
	c := k.Visitor(auth.Storefront)
	if err := c.signIn(ctx); err != nil {
		return nil, err
	}
	code, err := k.Installation.WeChat.PhoneCode(ctx, c.App, c.User, NewPhone())
	if err != nil {
		return nil, err
	}
	r, err := c.Try(ctx, "PhoneBind", Variables{"input": Variables{"code": code.Code, "idempotencyKey": Key()}})
	if err == nil && r.Look("phoneBind.person.id") == nil {
		err = fmt.Errorf("bind a phone: %s", r.Body)
	}
	return c, err
}

// NewStaff signs a new staff member at the org in: to the staff app or a portal with WeChat's code, to the console by the QR code.
func (k *Kit) NewStaff(t testing.TB, face auth.Face, org *ent.Org, role auth.Role) *Client {
	t.Helper()
	entrance := face
	if face == auth.Console {
		entrance = auth.Staff // where the QR code is confirmed
	}
	c := k.Visitor(entrance)
	person := k.NewHuman(t, entrance, c.User)
	ctx := k.System(t)
	c.Staff = k.client(ctx).Staff.Create().SetOrgID(org.ID).SetRole(role).SetPersonID(person.ID).SetName("小李").SetState("ACTIVE").SaveX(ctx)
	c.SignIn(t)
	if face == auth.Console {
		return c.Console(t)
	}
	return c
}

// SignIn signs the client's user in with a code of wx.login.
func (c *Client) SignIn(t testing.TB) {
	t.Helper()
	require.NoError(t, c.signIn(t.Context()))
}

func (c *Client) signIn(ctx context.Context) error {
	code, err := c.Kit.Installation.WeChat.LoginCode(ctx, c.App, c.User)
	if err != nil {
		return err
	}
	r, err := c.Try(ctx, "SignIn", Variables{"input": Variables{"app": c.App, "code": code.Code, "device": "test"}})
	if err != nil {
		return err
	}
	return c.take(r, "signIn")
}

// take keeps the tokens of a sign-in.
func (c *Client) take(r *Response, field string) error {
	token, ok := r.Look(field + ".tokens.accessToken").(string)
	if !ok {
		return fmt.Errorf("%s: %s", field, r.Body)
	}
	c.Token = token
	c.RefreshToken, _ = r.Look(field + ".tokens.refreshToken").(string)
	return nil
}

// Console signs the person of a staff app in to the console as people do: the page shows a QR code, the staff app confirms it.
func (c *Client) Console(t testing.TB) *Client {
	t.Helper()
	page := &Client{Kit: c.Kit, Server: c.Server, Face: auth.Console, App: c.Kit.Apps[auth.Console].WechatAppID, User: c.User, Staff: c.Staff}
	r := page.Do(t, "ConsoleSignInStart", Variables{"input": Variables{"app": page.App, "device": "Firefox"}})
	secret := r.String(t, "consoleSignInStart.signIn.secret")
	pending := page.Do(t, "ConsoleSignInComplete", Variables{"input": Variables{"secret": secret}})
	require.Equal(t, []string{"CONSOLE_SIGN_IN_PENDING"}, pending.UserCodes("consoleSignInComplete"), pending)
	confirmed := c.Do(t, "ConsoleSignInConfirm", Variables{"input": Variables{"qrText": r.String(t, "consoleSignInStart.signIn.qrText")}})
	require.Equal(t, "Firefox", confirmed.String(t, "consoleSignInConfirm.device"))
	complete := page.Do(t, "ConsoleSignInComplete", Variables{"input": Variables{"secret": secret}})
	require.NoError(t, page.take(complete, "consoleSignInComplete"))
	return page
}

// On is the same signed-in client at another server.
func (c *Client) On(s *Server) *Client {
	other := *c
	other.Server = s
	return &other
}

// SignedOut is the client without its access token: how a client refreshes it.
func (c *Client) SignedOut() *Client {
	other := *c
	other.Token = ""
	return &other
}

// Variables of an operation.
type Variables = map[string]any

// Request is the body of a GraphQL request: an operation of the face's front end by name, or a document.
func (c *Client) Request(operation string, variables Variables) Variables {
	body := Variables{}
	if document, ok := Manifest()[string(c.Face)][operation]; ok {
		body["id"] = document.ID
	} else {
		body["query"] = operation
	}
	if variables != nil {
		body["variables"] = variables
	}
	return body
}

// Do asks the server over HTTP: an operation of the face's front end by name, or a document.
func (c *Client) Do(t testing.TB, operation string, variables Variables) *Response {
	t.Helper()
	r, err := c.Try(t.Context(), operation, variables)
	require.NoError(t, err)
	return r
}

// Try is Do for goroutines, which must not end the test.
func (c *Client) Try(ctx context.Context, operation string, variables Variables) (*Response, error) {
	body, err := json.Marshal(c.Request(operation, variables))
	if err != nil {
		return nil, err
	}
	return c.Send(ctx, http.MethodPost, "/graphql", bytes.NewReader(body), http.Header{"Content-Type": {"application/json"}})
}

// Send sends any request with the client's token, app and language, and reads the whole answer. A header that is given wins.
func (c *Client) Send(ctx context.Context, method, path string, body io.Reader, header http.Header) (*Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.Server.URL+path, body)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"Dongxiao-App": c.App, "Accept-Language": c.Language} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := HTTPClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return nil, err
	}
	return parse(response.StatusCode, response.Header, text), nil
}

// Response is the answer to an operation.
type Response struct {
	Status int
	Header http.Header
	// Body is as it came.
	Body string
	// Data is null where nothing was executed.
	Data       map[string]any
	Errors     []Error
	Extensions map[string]any
}

// Error is a top-level GraphQL error.
type Error struct {
	Message    string
	Path       []any
	Extensions struct {
		Code      string
		RequestID string
		Field     []string
		Params    map[string]string
	}
}

func parse(status int, header http.Header, body []byte) *Response {
	r := &Response{Status: status, Header: header, Body: string(body)}
	_ = json.Unmarshal(body, r) // what is not JSON has neither data nor errors
	return r
}

// GoString is the body, for the messages of failed assertions.
func (r *Response) GoString() string { return r.Body }

// Code is the code of the only top-level error, and empty where there is none or more than one.
func (r *Response) Code() string {
	if len(r.Errors) != 1 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// Look finds a value by names and indexes with dots between; nil where there is none.
func (r *Response) Look(path string) any {
	var value any = r.Data
	for _, name := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n >= len(v) {
				return nil
			}
			value = v[n]
		default:
			return nil
		}
	}
	return value
}

// String is a text in the answer; the test fails where there is none.
func (r *Response) String(t testing.TB, path string) string {
	t.Helper()
	text, ok := r.Look(path).(string)
	require.True(t, ok, "no text at %s: %s", path, r.Body)
	return text
}

// Number is a number in the answer; the test fails where there is none.
func (r *Response) Number(t testing.TB, path string) int {
	t.Helper()
	number, ok := r.Look(path).(float64)
	require.True(t, ok, "no number at %s: %s", path, r.Body)
	return int(number)
}

// List is a list in the answer; the test fails where there is none.
func (r *Response) List(t testing.TB, path string) []any {
	t.Helper()
	list, ok := r.Look(path).([]any)
	require.True(t, ok, "no list at %s: %s", path, r.Body)
	return list
}

// UserCodes are the codes of a field's userErrors.
func (r *Response) UserCodes(field string) []string {
	list, _ := r.Look(field + ".userErrors").([]any)
	var codes []string
	for _, e := range list {
		one, _ := e.(map[string]any)
		code, _ := one["code"].(string)
		codes = append(codes, code)
	}
	return codes
}

// Key is a new idempotency key.
func Key() string { return rand.Text() }
