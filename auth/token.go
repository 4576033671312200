package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"dongxiao/internal/apperr"
	"dongxiao/internal/keys"
	"dongxiao/internal/memory"
)

const (
	// AccessTokenLifetime is short, because a token holds until it expires; what must end at once goes by the epoch.
	AccessTokenLifetime = 15 * time.Minute
	// AccessTokenLeeway forgives servers whose clocks differ.
	AccessTokenLeeway = 30 * time.Second
	// MaxAccessTokenLength bounds what is parsed at all, in bytes; about 100 assignments fit.
	MaxAccessTokenLength = 4096

	accessTokenType = "at+jwt" // RFC 9068: no other kind of token can pass for an access token
)

// Claims are what an access token says about its bearer.
type Claims struct {
	// Audience is the public WeChat app id of the mini-program that signed in, and AppID our row of it.
	Audience string
	AppID    int64
	Face     Face
	BrandID  int64
	PersonID int64
	// MemberID is 0 where the person signed in to a staff face.
	MemberID  int64
	SessionID int64
	// Epoch is the person's epoch at issue; each request compares it with the present one.
	Epoch       int64
	Assignments []Assignment
	// ID is the token's own random id, and ExpiresAt its end; both are set by Issue.
	ID        string
	ExpiresAt time.Time
}

// Viewer is the viewer that the claims make, before the epoch was compared. The storefront makes a member of everyone, staff too: who has roles uses
// them in another app.
func (c Claims) Viewer() Viewer {
	v := Viewer{Reach: ReachStaff, BrandID: c.BrandID, AppID: c.AppID, Face: c.Face, PersonID: c.PersonID, MemberID: c.MemberID,
		SessionID: c.SessionID, Epoch: c.Epoch, Assignments: c.Assignments}
	if c.Face == Storefront {
		v.Reach = ReachMember
	}
	return v
}

// payload is the token's JSON. The names of RFC 9068 come first, then ours.
type payload struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
	App      int64  `json:"app"`
	Face     Face   `json:"face"`
	Brand    int64  `json:"brand"`
	Person   int64  `json:"person"`
	Member   int64  `json:"member,omitempty"`
	Session  int64  `json:"session"`
	Epoch    int64  `json:"epoch"`
	// Roles lists the orgs by role, which is half as long as a list of assignments.
	Roles map[Role][]int64 `json:"roles,omitempty"`
}

func (p *payload) valid() bool {
	for role, orgs := range p.Roles {
		if !role.Valid() || len(orgs) == 0 || slices.Min(orgs) <= 0 {
			return false
		}
	}
	return p.Subject == strconv.FormatInt(p.Person, 10) && len(p.Audience) == 1 && p.Audience[0] == p.ClientID && p.ClientID != "" &&
		p.App > 0 && p.Face.Valid() && p.Brand > 0 && p.Person > 0 && p.Member >= 0 && p.Session > 0 && p.ID != "" &&
		p.IssuedAt != nil && p.NotBefore != nil && p.ExpiresAt != nil
}

// Valid says whether the face exists.
func (f Face) Valid() bool {
	switch f {
	case Storefront, Mall, Portal, Staff, Console:
		return true
	}
	return false
}

// Issuer signs access tokens with the ring's current key.
type Issuer struct {
	name string
	ring func() *keys.Ring
	now  func() time.Time
}

// NewIssuer makes an Issuer. The name goes into iss; ring gives the keys of the moment and is asked for each token.
func NewIssuer(name string, ring func() *keys.Ring, now func() time.Time) *Issuer {
	return &Issuer{name: name, ring: ring, now: now}
}

// Issue signs a token of 15 minutes and gives it with its claims completed. It fails when claims are missing or when there are so many
// assignments that the token would exceed MaxAccessTokenLength; both are faults of the caller.
func (i *Issuer) Issue(c Claims) (token string, complete Claims, err error) {
	now := i.now().UTC().Truncate(time.Second)
	c.ID, c.ExpiresAt = rand.Text(), now.Add(AccessTokenLifetime)
	p := &payload{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: i.name, Subject: strconv.FormatInt(c.PersonID, 10), Audience: jwt.ClaimStrings{c.Audience}, ID: c.ID,
			ExpiresAt: jwt.NewNumericDate(c.ExpiresAt), NotBefore: jwt.NewNumericDate(now), IssuedAt: jwt.NewNumericDate(now),
		},
		ClientID: c.Audience, App: c.AppID, Face: c.Face, Brand: c.BrandID, Person: c.PersonID, Member: c.MemberID, Session: c.SessionID, Epoch: c.Epoch,
	}
	if len(c.Assignments) > 0 {
		p.Roles = map[Role][]int64{}
		for _, a := range c.Assignments {
			p.Roles[a.Role] = append(p.Roles[a.Role], a.OrgID)
		}
	}
	if !p.valid() {
		return "", Claims{}, errors.New("auth: claims for an access token are incomplete")
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodEdDSA, p)
	keyID, private := i.ring().Signing()
	unsigned.Header["typ"], unsigned.Header["kid"] = accessTokenType, keyID
	token, err = unsigned.SignedString(private)
	if err != nil {
		return "", Claims{}, fmt.Errorf("auth: signing an access token: %w", err)
	}
	if len(token) > MaxAccessTokenLength {
		return "", Claims{}, fmt.Errorf("auth: %d assignments do not fit into an access token", len(c.Assignments))
	}
	return token, c, nil
}

// Verifier reads access tokens as RFC 8725 asks: one algorithm, known keys, one type, exact issuer and audience, all times required.
type Verifier struct {
	issuer   string
	ring     func() *keys.Ring
	apps     func(wechatAppID string) (appID int64, ok bool)
	now      func() time.Time
	verified *memory.Cache[[sha256.Size]byte, genuine]
}

// genuine is a token whose signature was verified with a key of the ring. Checking a signature takes 0.1 ms, as long as a small query, and a
// client sends the same token for 15 minutes; so it is done once for each ring, that is once a minute, and a withdrawn key is refused with the next ring.
type genuine struct {
	ring      *keys.Ring
	claims    Claims
	notBefore time.Time
}

// verifiedTokens is how many genuine tokens a server remembers, some 300 bytes each.
const verifiedTokens = 20_000

// NewVerifier makes a Verifier of the issuer's tokens. Ring gives the keys of the moment, apps the registered apps by their public WeChat app id.
func NewVerifier(issuer string, ring func() *keys.Ring, apps func(wechatAppID string) (appID int64, ok bool), now func() time.Time) *Verifier {
	return &Verifier{issuer: issuer, ring: ring, apps: apps, now: now,
		verified: memory.New[[sha256.Size]byte](memory.Options[genuine]{Size: verifiedTokens, Lifetime: memory.For[genuine](AccessTokenLifetime)})}
}

// Verify gives the claims of a token that is ours and in force. The audience is the WeChat app id that the request says it comes from; where it says
// none, the token's own is taken. Either way the app must be registered.
//
// The error is UNAUTHENTICATED for whatever is not a token of ours, APP_MISMATCH for a genuine one of another app, or of an app that is no
// longer registered, and TOKEN_EXPIRED, together with the claims, for one that only needs to be refreshed, in that order.
func (v *Verifier) Verify(token, audience string) (Claims, error) {
	// Base64 decoders skip line breaks, and a token has one spelling only.
	if token == "" || len(token) > MaxAccessTokenLength || strings.ContainsAny(token, "\r\n") {
		return Claims{}, apperr.New(apperr.Unauthenticated)
	}
	ring, name := v.ring(), sha256.Sum256([]byte(token))
	g, ok := v.verified.Get(name)
	if !ok || g.ring != ring {
		var err error
		if g, err = v.parse(token, ring); err != nil {
			return Claims{}, apperr.New(apperr.Unauthenticated).Because(err)
		}
		v.verified.Set(name, g)
	}
	now := v.now()
	if now.Add(AccessTokenLeeway).Before(g.notBefore) {
		return Claims{}, apperr.New(apperr.Unauthenticated)
	}
	if audience != "" && g.claims.Audience != audience {
		return Claims{}, apperr.New(apperr.AppMismatch)
	}
	if appID, ok := v.apps(g.claims.Audience); !ok || appID != g.claims.AppID {
		return Claims{}, apperr.New(apperr.AppMismatch)
	}
	if !now.Before(g.claims.ExpiresAt.Add(AccessTokenLeeway)) {
		return g.claims, apperr.New(apperr.TokenExpired)
	}
	c := g.claims
	c.Assignments = slices.Clone(c.Assignments)
	return c, nil
}

// parser checks the signature; the claims are checked here, because what is wrong with them decides the code.
var parser = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())

// parse checks everything about a token that does not depend on the time or the app. Its errors quote a letter of the token at most.
func (v *Verifier) parse(token string, ring *keys.Ring) (genuine, error) {
	var p payload
	if _, err := parser.ParseWithClaims(token, &p, func(token *jwt.Token) (any, error) { return publicKey(token.Header, ring) }); err != nil {
		return genuine{}, err
	}
	if !p.valid() || p.Issuer != v.issuer {
		return genuine{}, errors.New("auth: the claims are not ours")
	}
	c := Claims{Audience: p.ClientID, AppID: p.App, Face: p.Face, BrandID: p.Brand, PersonID: p.Person, MemberID: p.Member, SessionID: p.Session,
		Epoch: p.Epoch, ID: p.ID, ExpiresAt: p.ExpiresAt.UTC()}
	for _, role := range slices.Sorted(maps.Keys(p.Roles)) {
		for _, org := range p.Roles[role] {
			c.Assignments = append(c.Assignments, Assignment{OrgID: org, Role: role})
		}
	}
	notBefore := p.NotBefore.Time
	if p.IssuedAt.After(notBefore) {
		notBefore = p.IssuedAt.Time
	}
	return genuine{ring: ring, claims: c, notBefore: notBefore}, nil
}

// publicKey finds the key that the header names, after the header has turned out to be one that Issue writes.
func publicKey(header map[string]any, ring *keys.Ring) (any, error) {
	if header["typ"] != accessTokenType {
		return nil, errors.New("not an access token by its type")
	}
	if _, ok := header["crit"]; ok { // RFC 7515: extensions that are not understood must be refused
		return nil, errors.New("critical header extensions")
	}
	keyID, _ := header["kid"].(string)
	public, ok := ring.Verifying(keyID)
	if !ok {
		return nil, errors.New("unknown key id")
	}
	return public, nil
}
