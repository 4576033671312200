package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"dongxiao/internal/apperr"
)

const (
	// answerLifetime is how long a code lives at WeChat, so how long a client may retry with it.
	answerLifetime = 5 * time.Minute
	// turnLifetime outlives a call to WeChat and the transaction after it; a server that died in between blocks its code that long.
	turnLifetime = 15 * time.Second
	// turnWait and turnPause are how long a retry waits for the first call, and how often it looks.
	turnWait  = 10 * time.Second
	turnPause = 40 * time.Millisecond
	// redisPatience bounds each look: without Redis people still sign in, only a retry of the same code has to start over.
	redisPatience = time.Second
)

// endTurn gives the turn back, unless it ran out and someone else has it.
var endTurn = redis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)

// A value in Redis is either a turn (whoever set it asks WeChat) or a sealed answer.
const (
	turnPrefix   = "turn:"
	answerPrefix = "done:"
)

// answerOnce makes the first call with a code act, and every other within five minutes wait for it and get the same answer. Refusals are not kept.
//
// What is kept in Redis opens with the code alone, of which Redis has a hash. Where Redis was emptied, WeChat refuses the used code and the client
// signs in again.
func (s *Service) answerOnce(ctx context.Context, wechatAppID, code string, act func(context.Context) (*Tokens, error)) (*Tokens, error) {
	name := sha256.Sum256([]byte(wechatAppID + "|" + code))
	key, turn := "dongxiao:signin:"+hex.EncodeToString(name[:]), turnPrefix+rand.Text()
	for deadline := time.Now().Add(turnWait); ; {
		held, err := s.takeTurn(ctx, key, turn)
		if err != nil {
			s.Log.WarnContext(ctx, "sign-in without Redis: a retry of the same code will not be answered", "error", err)
			return act(ctx)
		}
		if held == "" {
			break
		}
		if sealed, ok := strings.CutPrefix(held, answerPrefix); ok {
			return openAnswer(wechatAppID, code, sealed)
		}
		if time.Now().After(deadline) {
			return nil, apperr.New(apperr.WeChatBusy)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(turnPause):
		}
	}
	tokens, err := act(ctx)
	// The first caller may be gone by now: that is when the answer is needed most.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), redisPatience)
	defer cancel()
	if err != nil {
		if err := endTurn.Run(ctx, s.Redis, []string{key}, turn).Err(); err != nil {
			s.Log.WarnContext(ctx, "a sign-in's turn could not be given back", "error", err)
		}
		return nil, err
	}
	sealed, err := sealAnswer(wechatAppID, code, tokens)
	if err != nil {
		return nil, err
	}
	if err := s.Redis.Set(ctx, key, answerPrefix+sealed, answerLifetime).Err(); err != nil {
		s.Log.WarnContext(ctx, "a sign-in's answer could not be kept for a retry", "error", err)
	}
	return tokens, nil
}

// takeTurn gives "" where the turn is the caller's now, else what is there.
func (s *Service) takeTurn(ctx context.Context, key, turn string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	for {
		taken, err := s.Redis.SetNX(ctx, key, turn, turnLifetime).Result()
		if err != nil || taken {
			return "", err
		}
		held, err := s.Redis.Get(ctx, key).Result()
		if !errors.Is(err, redis.Nil) {
			return held, err
		}
	}
}

// answerCipher derives the key of an answer from the code, which is random and spent.
func answerCipher(wechatAppID, code string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(code), nil, "dongxiao sign-in answer v1 "+wechatAppID, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func sealAnswer(wechatAppID, code string, t *Tokens) (string, error) {
	aead, err := answerCipher(wechatAppID, code)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(t)
	return string(aead.Seal(nil, nil, plain, nil)), err
}

// openAnswer reads a kept answer; one that does not open is as good as none.
func openAnswer(wechatAppID, code, sealed string) (*Tokens, error) {
	aead, err := answerCipher(wechatAppID, code)
	if err != nil {
		return nil, err
	}
	var t Tokens
	plain, err := aead.Open(nil, nil, []byte(sealed), nil)
	if err == nil {
		err = json.Unmarshal(plain, &t)
	}
	if err != nil {
		return nil, apperr.New(apperr.SignInAgain).Because(err)
	}
	return &t, nil
}
