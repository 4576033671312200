package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"dongxiao/internal/apperr"
)

// answerLifetime is how long a code lives at WeChat, so how long a client may retry with it.
const answerLifetime = 5 * time.Minute

// answerPrefix marks a sealed answer; what is there without it is the turn of whoever asks WeChat now.
const answerPrefix = "done:"

// answerOnce makes the first call with a code act, and every other within five minutes wait for it and get the same answer. Refusals are not kept.
//
// What is kept in Redis opens with the code alone, of which Redis has a hash. Where Redis was emptied, WeChat refuses the used code and the client
// signs in again.
func (s *Service) answerOnce(ctx context.Context, wechatAppID, code string, act func(context.Context) (*Tokens, error)) (*Tokens, error) {
	name := sha256.Sum256([]byte(wechatAppID + "|" + code))
	turn, err := s.waitForTurn(ctx, "dongxiao:signin:"+hex.EncodeToString(name[:]))
	if err != nil {
		return nil, err
	}
	if sealed, ok := strings.CutPrefix(turn.found, answerPrefix); ok {
		return openAnswer(wechatAppID, code, sealed)
	}
	tokens, err := act(ctx)
	if err != nil {
		turn.end(ctx)
		return nil, err
	}
	sealed, err := sealAnswer(wechatAppID, code, tokens)
	if err != nil {
		return nil, err
	}
	turn.leave(ctx, answerPrefix+sealed, answerLifetime)
	return tokens, nil
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
