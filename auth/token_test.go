package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
)

const (
	issuerName = "https://api.example.cn"
	audience   = "wx0123456789abcdef"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// desk is an issuer and a verifier on one clock and one ring.
type desk struct {
	*Issuer
	*Verifier
	master *keys.Master
	stored []keys.StoredKey
	loaded *keys.Ring
	at     time.Time
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	key, err := keys.ParseMasterKey(keys.DevelopmentMasterKey)
	require.NoError(t, err)
	d := &desk{at: start}
	d.master, err = keys.NewMaster(key, nil)
	require.NoError(t, err)
	for _, p := range keys.Purposes() {
		d.stored = append(d.stored, keys.Generate(d.master, p, start))
	}
	d.load(t)
	ring, now := func() *keys.Ring { return d.loaded }, func() time.Time { return d.at }
	apps := func(wechatAppID string) (int64, bool) {
		id, ok := map[string]int64{audience: 11, "wxfedcba9876543210": 12}[wechatAppID]
		return id, ok
	}
	d.Issuer, d.Verifier = NewIssuer(issuerName, ring, now), NewVerifier(issuerName, ring, apps, now)
	return d
}

func (d *desk) load(t testing.TB) {
	var err error
	d.loaded, err = keys.NewRing(d.master, d.stored, d.at)
	require.NoError(t, err)
}

func clerk() Claims {
	return Claims{Audience: audience, AppID: 11, Face: Staff, BrandID: 7, PersonID: 5, SessionID: 9, Epoch: 3,
		Assignments: []Assignment{{OrgID: 231234567890123456, Role: Clerk}, {OrgID: 8, Role: Guide}, {OrgID: 6, Role: Guide}}}
}

func (d *desk) issue(t testing.TB, c Claims) string {
	t.Helper()
	token, _, err := d.Issue(c)
	require.NoError(t, err)
	return token
}

// sample is the payload of a good token, to be spoilt and signed in the ways of the tests.
func sample() *payload {
	return &payload{
		RegisteredClaims: jwt.RegisteredClaims{Issuer: issuerName, Subject: "5", Audience: jwt.ClaimStrings{audience}, ID: "one",
			ExpiresAt: jwt.NewNumericDate(start.Add(time.Minute)), NotBefore: jwt.NewNumericDate(start), IssuedAt: jwt.NewNumericDate(start)},
		ClientID: audience, App: 11, Face: Staff, Brand: 7, Person: 5, Session: 9,
	}
}

func (d *desk) sign(t testing.TB, claims jwt.Claims, header map[string]any) string {
	t.Helper()
	kid, private := d.loaded.Signing()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["typ"], token.Header["kid"] = accessTokenType, kid
	for k, v := range header {
		if v == nil {
			delete(token.Header, k)
			continue
		}
		token.Header[k] = v
	}
	text, err := token.SignedString(private)
	require.NoError(t, err)
	return text
}

func TestIssueAndVerify(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token, complete, err := d.Issue(clerk())
	require.NoError(t, err)
	require.Equal(t, start.Add(15*time.Minute), complete.ExpiresAt)
	require.NotEmpty(t, complete.ID)

	for _, expected := range []string{audience, ""} {
		claims, err := d.Verify(token, expected)
		require.NoError(t, err)
		want := complete
		require.ElementsMatch(t, want.Assignments, claims.Assignments)
		want.Assignments = claims.Assignments
		require.Equal(t, want, claims)
	}

	parts := strings.Split(token, ".")
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	require.NoError(t, err)
	kid, _ := d.loaded.Signing()
	require.JSONEq(t, `{"alg":"EdDSA","typ":"at+jwt","kid":"`+kid+`"}`, string(header))
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	require.JSONEq(t, `{"iss":"https://api.example.cn","sub":"5","aud":["wx0123456789abcdef"],"client_id":"wx0123456789abcdef","exp":1772352900,"nbf":1772352000,
		"iat":1772352000,"jti":"`+complete.ID+`","app":11,"face":"STAFF","brand":7,"person":5,"session":9,"epoch":3,
		"roles":{"CLERK":[231234567890123456],"GUIDE":[8,6]}}`, string(body))

	_, again, err := d.Issue(clerk())
	require.NoError(t, err)
	require.NotEqual(t, complete.ID, again.ID)
}

func TestViewerOfClaims(t *testing.T) {
	t.Parallel()
	v := clerk().Viewer()
	require.Equal(t, ReachStaff, v.Reach)
	require.True(t, v.SignedIn())
	require.True(t, v.Can(RedeemCoupons))
	shopper := clerk()
	shopper.Face, shopper.MemberID, shopper.Assignments = Storefront, 4, nil
	require.Equal(t, Viewer{Reach: ReachMember, BrandID: 7, AppID: 11, Face: Storefront, PersonID: 5, MemberID: 4, SessionID: 9, Epoch: 3}, shopper.Viewer())
}

func TestIssueRefusesIncompleteClaims(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for name, spoil := range map[string]func(*Claims){
		"audience":  func(c *Claims) { c.Audience = "" },
		"app":       func(c *Claims) { c.AppID = 0 },
		"face":      func(c *Claims) { c.Face = "KIOSK" },
		"brand":     func(c *Claims) { c.BrandID = 0 },
		"person":    func(c *Claims) { c.PersonID = 0 },
		"session":   func(c *Claims) { c.SessionID = 0 },
		"role":      func(c *Claims) { c.Assignments = []Assignment{{OrgID: 1, Role: "KING"}} },
		"org":       func(c *Claims) { c.Assignments = []Assignment{{Role: Clerk}} },
		"too large": func(c *Claims) { c.Assignments = many(200) },
	} {
		c := clerk()
		spoil(&c)
		_, _, err := d.Issue(c)
		require.Error(t, err, name)
	}
	c := clerk()
	c.Assignments = many(100)
	_, err := d.Verify(d.issue(t, c), audience)
	require.NoError(t, err)
}

func many(n int) []Assignment {
	var assignments []Assignment
	for i := range n {
		assignments = append(assignments, Assignment{OrgID: 231234567890123456 + int64(i), Role: Inspector})
	}
	return assignments
}

func TestVerifyTimes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.issue(t, clerk())
	for _, c := range []struct {
		after time.Duration
		code  apperr.Code
	}{
		{-31 * time.Second, apperr.Unauthenticated},
		{-30 * time.Second, ""},
		{0, ""},
		{15*time.Minute + 29*time.Second, ""},
		{15*time.Minute + 30*time.Second, apperr.TokenExpired},
		{24 * time.Hour, apperr.TokenExpired},
	} {
		d.at = start.Add(c.after)
		_, err := d.Verify(token, audience)
		require.Equal(t, c.code, apperr.CodeOf(err), c.after)
	}
	d.at = start.Add(24 * time.Hour)
	_, err := d.Verify(token, "wxfedcba9876543210")
	require.Equal(t, apperr.AppMismatch, apperr.CodeOf(err), "refreshing would not help")
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kid, _ := d.loaded.Signing()
	public, ok := d.loaded.Verifying(kid)
	require.True(t, ok)
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	with := func(method jwt.SigningMethod, key any) string {
		token := jwt.NewWithClaims(method, sample())
		token.Header["typ"], token.Header["kid"] = accessTokenType, kid
		text, err := token.SignedString(key)
		require.NoError(t, err)
		return text
	}
	spoilt := func(spoil func(p *payload)) string {
		p := sample()
		spoil(p)
		return d.sign(t, p, nil)
	}
	good := d.sign(t, sample(), nil)
	_, err = d.Verify(good, audience)
	require.NoError(t, err)
	parts := strings.Split(good, ".")
	tampered := func(part int) string {
		p := append([]string{}, parts...)
		letter := byte('A')
		if p[part][5] == letter {
			letter = 'B'
		}
		p[part] = p[part][:5] + string(letter) + p[part][6:]
		return strings.Join(p, ".")
	}
	encode := base64.RawURLEncoding.EncodeToString

	for name, c := range map[string]struct {
		token string
		code  apperr.Code
	}{
		"empty":                            {"", apperr.Unauthenticated},
		"not a token":                      {"hello", apperr.Unauthenticated},
		"two parts":                        {parts[0] + "." + parts[1], apperr.Unauthenticated},
		"four parts":                       {good + ".x", apperr.Unauthenticated},
		"no signature":                     {parts[0] + "." + parts[1] + ".", apperr.Unauthenticated},
		"alg none":                         {with(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), apperr.Unauthenticated},
		"alg None, own spelling":           {encode([]byte(`{"alg":"None","typ":"at+jwt","kid":"`+kid+`"}`)) + "." + parts[1] + ".", apperr.Unauthenticated},
		"HS256 with the public key":        {with(jwt.SigningMethodHS256, []byte(public)), apperr.Unauthenticated},
		"RS256":                            {with(jwt.SigningMethodRS256, rsaKey), apperr.Unauthenticated},
		"ES256":                            {with(jwt.SigningMethodES256, ecKey), apperr.Unauthenticated},
		"another Ed25519 key":              {with(jwt.SigningMethodEdDSA, stranger), apperr.Unauthenticated},
		"unknown alg":                      {encode([]byte(`{"alg":"X","typ":"at+jwt","kid":"`+kid+`"}`)) + "." + parts[1] + "." + parts[2], apperr.Unauthenticated},
		"unknown kid":                      {d.sign(t, sample(), map[string]any{"kid": "other"}), apperr.Unauthenticated},
		"no kid":                           {d.sign(t, sample(), map[string]any{"kid": nil}), apperr.Unauthenticated},
		"kid a number":                     {d.sign(t, sample(), map[string]any{"kid": 1}), apperr.Unauthenticated},
		"typ JWT":                          {d.sign(t, sample(), map[string]any{"typ": "JWT"}), apperr.Unauthenticated},
		"no typ":                           {d.sign(t, sample(), map[string]any{"typ": nil}), apperr.Unauthenticated},
		"crit":                             {d.sign(t, sample(), map[string]any{"crit": []string{"b64"}}), apperr.Unauthenticated},
		"a key of its own in the header":   {d.sign(t, sample(), map[string]any{"kid": nil, "jwk": map[string]string{"kty": "OKP"}}), apperr.Unauthenticated},
		"header tampered":                  {tampered(0), apperr.Unauthenticated},
		"claims tampered":                  {tampered(1), apperr.Unauthenticated},
		"signature tampered":               {tampered(2), apperr.Unauthenticated},
		"a line break":                     {good[:len(good)-4] + "\n" + good[len(good)-4:], apperr.Unauthenticated},
		"padding":                          {good + "=", apperr.Unauthenticated},
		"too long":                         {spoilt(func(p *payload) { p.ID = strings.Repeat("x", MaxAccessTokenLength) }), apperr.Unauthenticated},
		"a megabyte of dots":               {strings.Repeat(".", 1<<20), apperr.Unauthenticated},
		"deep JSON":                        {parts[0] + "." + encode([]byte(strings.Repeat("[", 2000))) + "." + parts[2], apperr.Unauthenticated},
		"another issuer":                   {spoilt(func(p *payload) { p.Issuer = "https://evil.example" }), apperr.Unauthenticated},
		"no issuer":                        {spoilt(func(p *payload) { p.Issuer = "" }), apperr.Unauthenticated},
		"no exp":                           {spoilt(func(p *payload) { p.ExpiresAt = nil }), apperr.Unauthenticated},
		"no nbf":                           {spoilt(func(p *payload) { p.NotBefore = nil }), apperr.Unauthenticated},
		"no iat":                           {spoilt(func(p *payload) { p.IssuedAt = nil }), apperr.Unauthenticated},
		"no jti":                           {spoilt(func(p *payload) { p.ID = "" }), apperr.Unauthenticated},
		"nbf in the future":                {spoilt(func(p *payload) { p.NotBefore = jwt.NewNumericDate(start.Add(time.Minute)) }), apperr.Unauthenticated},
		"iat in the future":                {spoilt(func(p *payload) { p.IssuedAt = jwt.NewNumericDate(start.Add(time.Minute)) }), apperr.Unauthenticated},
		"no aud":                           {spoilt(func(p *payload) { p.Audience = nil }), apperr.Unauthenticated},
		"two audiences":                    {spoilt(func(p *payload) { p.Audience = jwt.ClaimStrings{audience, "wxfedcba9876543210"} }), apperr.Unauthenticated},
		"client_id is another app":         {spoilt(func(p *payload) { p.ClientID = "wxfedcba9876543210" }), apperr.Unauthenticated},
		"sub is another person":            {spoilt(func(p *payload) { p.Subject = "6" }), apperr.Unauthenticated},
		"no person":                        {spoilt(func(p *payload) { p.Person, p.Subject = 0, "0" }), apperr.Unauthenticated},
		"negative brand":                   {spoilt(func(p *payload) { p.Brand = -7 }), apperr.Unauthenticated},
		"unknown face":                     {spoilt(func(p *payload) { p.Face = "KIOSK" }), apperr.Unauthenticated},
		"unknown role":                     {spoilt(func(p *payload) { p.Roles = map[Role][]int64{"KING": {1}} }), apperr.Unauthenticated},
		"exp a string":                     {d.sign(t, jwt.MapClaims{"iss": issuerName, "exp": "tomorrow"}, nil), apperr.Unauthenticated},
		"brand a string":                   {d.sign(t, jwt.MapClaims{"iss": issuerName, "brand": "7"}, nil), apperr.Unauthenticated},
		"expired":                          {spoilt(func(p *payload) { p.ExpiresAt = jwt.NewNumericDate(start.Add(-time.Minute)) }), apperr.TokenExpired},
		"expired and of another issuer":    {spoilt(func(p *payload) { p.Issuer = "x"; p.ExpiresAt = jwt.NewNumericDate(start.Add(-time.Hour)) }), apperr.Unauthenticated},
		"expired, with a longer signature": {spoilt(func(p *payload) { p.ExpiresAt = jwt.NewNumericDate(start.Add(-time.Hour)) }) + "A", apperr.Unauthenticated},
		"another app": {spoilt(func(p *payload) {
			p.Audience, p.ClientID, p.App = jwt.ClaimStrings{"wxfedcba9876543210"}, "wxfedcba9876543210", 12
		}), apperr.AppMismatch},
		"an app that is not registered": {spoilt(func(p *payload) {
			p.Audience, p.ClientID = jwt.ClaimStrings{"wx0000000000000000"}, "wx0000000000000000"
		}), apperr.AppMismatch},
		"the app's row was replaced": {spoilt(func(p *payload) { p.App = 99 }), apperr.AppMismatch},
	} {
		claims, err := d.Verify(c.token, audience)
		require.Equal(t, c.code, apperr.CodeOf(err), name)
		require.Equal(t, c.code == apperr.TokenExpired, claims.SessionID != 0, "%s: only what is genuine and expired says whose it is", name)
		if len(c.token) > 20 {
			require.NotContains(t, err.Error(), c.token[:20], name)
		}
	}

	_, err = d.Verify(d.sign(t, func() *payload {
		p := sample()
		p.Audience, p.ClientID = jwt.ClaimStrings{"wx0000000000000000"}, "wx0000000000000000"
		return p
	}(), nil), "")
	require.Equal(t, apperr.AppMismatch, apperr.CodeOf(err), "without an expected audience the app must still be registered")
}

func TestVerifyAcrossRotation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.at = start.Add(time.Hour)
	before := d.issue(t, clerk())
	successor, superseded, err := keys.Rotate(d.master, d.stored, keys.TokenSigning, d.at)
	require.NoError(t, err)
	require.Equal(t, d.stored[0].KeyID, superseded[0].KeyID)
	d.stored[0] = superseded[0]
	d.stored = append(d.stored, successor)

	d.at = d.at.Add(keys.RotationLead)
	d.load(t)
	after := d.issue(t, clerk())
	require.NotEqual(t, strings.Split(before, ".")[0], strings.Split(after, ".")[0])
	for _, token := range []string{before, after} {
		_, err := d.Verify(token, audience)
		require.NoError(t, err)
	}
	d.at = d.at.Add(10 * time.Minute)
	d.stored[0].RetiresAt = d.at
	d.load(t)
	_, err = d.Verify(before, audience)
	require.Equal(t, apperr.Unauthenticated, apperr.CodeOf(err), "a withdrawn key verifies nothing")
	_, err = d.Verify(after, audience)
	require.NoError(t, err)
}

// The verifier remembers genuine tokens; nothing that can change may hide behind that.
func TestVerifyAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	token := d.issue(t, clerk())
	first, err := d.Verify(token, audience)
	require.NoError(t, err)
	first.Assignments[0].Role = Admin
	second, err := d.Verify(token, audience)
	require.NoError(t, err)
	require.NotEqual(t, Admin, second.Assignments[0].Role, "callers do not share assignments")

	_, err = d.Verify(token, "wxfedcba9876543210")
	require.Equal(t, apperr.AppMismatch, apperr.CodeOf(err))
	_, err = d.Verify(token[:len(token)-2]+"AA", audience)
	require.Equal(t, apperr.Unauthenticated, apperr.CodeOf(err))
	d.at = start.Add(time.Hour)
	_, err = d.Verify(token, audience)
	require.Equal(t, apperr.TokenExpired, apperr.CodeOf(err))
	d.at = start
	d.stored[0] = keys.Generate(d.master, keys.TokenSigning, start)
	d.load(t)
	_, err = d.Verify(token, audience)
	require.Equal(t, apperr.Unauthenticated, apperr.CodeOf(err), "the key is gone")
}

func TestJWKS(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.stored = append(d.stored, keys.Generate(d.master, keys.TokenSigning, d.at.Add(time.Hour)))
	d.load(t)
	var set struct{ Keys []map[string]string }
	require.NoError(t, json.Unmarshal(JWKS(d.loaded), &set))
	require.Len(t, set.Keys, 2)
	require.Less(t, set.Keys[0]["kid"], set.Keys[1]["kid"])

	// Another service verifies a token with nothing but the set.
	token := d.issue(t, clerk())
	_, err := jwt.Parse(token, func(token *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			require.Equal(t, map[string]string{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": k["kid"], "x": k["x"]}, k)
			if k["kid"] == token.Header["kid"] {
				x, err := base64.RawURLEncoding.DecodeString(k["x"])
				return ed25519.PublicKey(x), err
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithTimeFunc(func() time.Time { return d.at }))
	require.NoError(t, err)
}

func TestVerifyRoundTrip(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	positive := rapid.Int64Range(1, 1<<62)
	rapid.Check(t, func(t *rapid.T) {
		c := Claims{Audience: audience, AppID: 11, Face: rapid.SampledFrom([]Face{Storefront, Mall, Portal, Staff, Console}).Draw(t, "face"),
			BrandID: positive.Draw(t, "brand"), PersonID: positive.Draw(t, "person"), MemberID: rapid.Int64Range(0, 1<<62).Draw(t, "member"),
			SessionID: positive.Draw(t, "session"), Epoch: rapid.Int64().Draw(t, "epoch")}
		for range rapid.IntRange(0, 20).Draw(t, "assignments") {
			c.Assignments = append(c.Assignments, Assignment{OrgID: positive.Draw(t, "org"), Role: rapid.SampledFrom([]Role{Owner, Clerk, Admin}).Draw(t, "role")})
		}
		token, complete, err := d.Issue(c)
		require.NoError(t, err)
		got, err := d.Verify(token, audience)
		require.NoError(t, err)
		require.ElementsMatch(t, complete.Assignments, got.Assignments)
		got.Assignments = complete.Assignments
		require.Equal(t, complete, got)
	})
}

func FuzzVerify(f *testing.F) {
	d := newDesk(f)
	good := d.issue(f, clerk())
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(".." + good)
	f.Add("e30.e30.e30")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + ".e30.")
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := d.Verify(token, "")
		if token == good {
			require.NoError(t, err)
			return
		}
		require.Zero(t, claims)
		require.Equal(t, apperr.Unauthenticated, apperr.CodeOf(err))
	})
}

func BenchmarkVerify(b *testing.B) {
	d := newDesk(b)
	token := d.issue(b, clerk())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Verify(token, audience); err != nil {
			b.Fatal(err)
		}
	}
}
