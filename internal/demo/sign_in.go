package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"dongxiao/auth"
	"dongxiao/domain/identity"
	"dongxiao/internal/clock"
	"dongxiao/internal/wechatsim"
	"dongxiao/rest/explorer"
)

// renewBefore is how long before its end a token of the explorer is replaced.
const renewBefore = 5 * time.Minute

// firstOperation is what the explorer opens for a user when it is new.
var firstOperation = map[string]string{
	"shopper": "Home", "clerk": "Redemptions", "owner": "TradeItems", "distributor": "TradeItems", "marketer": "CouponTemplates", "finance": "ClearingStatements", "admin": "Orgs",
}

// SignIns signs the demo's users in as a person would: with a code of the simulator's wx.login, and in the console by the QR code.
type SignIns struct {
	Identity *identity.Service
	Clock    clock.Clock
	// Simulator is asked for login codes.
	Simulator *wechatsim.Remote
	// Operations are the front ends' documents, offered as examples.
	Operations fs.FS

	mu     sync.Mutex
	tokens map[string]*identity.Tokens
}

// Register makes the demo's apps and users known to the simulator, which forgets them when it stops.
func (s *SignIns) Register(ctx context.Context) error {
	for _, face := range Faces {
		if err := s.Simulator.Register(ctx, wechatsim.App{AppID: AppID(face), Secret: AppSecret(face), OpenPlatform: "yunling"}); err != nil {
			return fmt.Errorf("register the demo's apps with the simulator: %w", err)
		}
	}
	return nil
}

// OpenID is the openid of a simulated user in one of the demo's apps.
func (s *SignIns) OpenID(ctx context.Context, wechatAppID, user string) (string, error) {
	i, err := s.Simulator.Open(ctx, wechatAppID, user)
	return i.OpenID, err
}

// Token gives the tokens of a user, the same until they are about to end.
func (s *SignIns) Token(ctx context.Context, u User) (*identity.Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tokens[u.Name]; t != nil && s.Clock.Now().Before(t.AccessTokenExpiresAt.Add(-renewBefore)) {
		return t, nil
	}
	face := u.Face
	if face == auth.Console {
		face = auth.Staff // where the QR code is confirmed
	}
	code, err := s.Simulator.LoginCode(ctx, AppID(face), u.Name)
	if err != nil {
		return nil, err
	}
	t, err := s.Identity.SignIn(ctx, identity.SignIn{WeChatAppID: AppID(face), Code: code.Code, Device: "explorer"})
	if err != nil {
		return nil, fmt.Errorf("sign %s in: %w", u.Name, err)
	}
	if u.Face == auth.Console {
		if t, err = s.console(ctx, t.AccessToken); err != nil {
			return nil, fmt.Errorf("sign %s in to the console: %w", u.Name, err)
		}
	}
	if s.tokens == nil {
		s.tokens = map[string]*identity.Tokens{}
	}
	s.tokens[u.Name] = t
	return t, nil
}

// console signs the person behind a token of the staff app in to the console.
func (s *SignIns) console(ctx context.Context, staffToken string) (*identity.Tokens, error) {
	page, err := s.Identity.StartConsoleSignIn(ctx, AppID(auth.Console), "explorer")
	if err != nil {
		return nil, err
	}
	staff, _, err := s.Identity.Authenticate(ctx, staffToken, AppID(auth.Staff))
	if err != nil {
		return nil, err
	}
	if _, err := s.Identity.ConfirmConsoleSignIn(staff, page.QRText); err != nil {
		return nil, err
	}
	return s.Identity.CompleteConsoleSignIn(ctx, page.Secret)
}

// Explorer lists the users with their tokens and the operations that each may try.
func (s *SignIns) Explorer(ctx context.Context) ([]explorer.SignIn, error) {
	var list []explorer.SignIn
	for _, u := range Users {
		t, err := s.Token(ctx, u)
		if err != nil {
			return nil, err
		}
		operations, err := explorer.Examples(s.Operations, u.Face)
		if err != nil {
			return nil, err
		}
		if len(operations) == 0 {
			return nil, errors.New("no operations for " + string(u.Face))
		}
		if i := slices.IndexFunc(operations, func(e explorer.Example) bool { return e.Name == firstOperation[u.Name] }); i > 0 {
			first := operations[i]
			operations = slices.Insert(slices.Delete(operations, i, i+1), 0, first)
		}
		list = append(list, explorer.SignIn{Face: u.Face, Title: u.Title, AppID: AppID(u.Face), Token: t.AccessToken, Operations: operations})
	}
	return list, nil
}
