// Package idempotency makes a repeat of a call answer instead of acting again.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"dongxiao/ent"
	"dongxiao/ent/idempotencykey"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/store"
)

// Call is one call that may be repeated.
type Call struct {
	// ActorID is the person who calls; 0 for the system.
	ActorID int64
	// Operation is the name of the mutation.
	Operation string
	// Key is the caller's: 8 to 64 letters, digits, - or _.
	Key string
	// Input is everything that makes the call what it is; the same key with other input is refused.
	Input any
}

var keyForm = regexp.MustCompile(`^[0-9A-Za-z_-]{8,64}$`)

// CheckKey refuses keys of the wrong form.
func CheckKey(key string) error {
	if !keyForm.MatchString(key) {
		return apperr.New(apperr.IdempotencyKeyInvalid).At("input", "idempotencyKey")
	}
	return nil
}

// Hash is the hash of an input.
func Hash(input any) (string, error) {
	b, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("hash an idempotent input: %w", err)
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

var errRepeat = errors.New("the key is taken")

// Do runs act in one transaction in which the key is inserted first, before any lock or guard, and remembers the id that act returns. A repeat
// with the same input gets the id of the first call, in a fresh read after the rollback; with other input it is refused with
// IDEMPOTENCY_KEY_REUSED. A refusal or a fault of act rolls the key back with everything else. Repeated says which of the two it was.
func Do(ctx context.Context, s *store.Store, call Call, act func(ctx context.Context) (resultID int64, err error)) (resultID int64, repeated bool, err error) {
	return once(ctx, s, call, func() int64 { return 0 }, func(ctx context.Context, row *ent.IdempotencyKey) (int64, error) {
		resultID, err := act(ctx)
		if err == nil {
			err = s.Client(ctx).IdempotencyKey.Update().Where(idempotencykey.ID(row.ID)).SetResultID(resultID).Exec(ctx)
		}
		return resultID, err
	})
}

// DoNew is Do where act makes one new row: the row's id is drawn before, so that remembering it takes no statement of its own.
func DoNew(ctx context.Context, s *store.Store, call Call, act func(ctx context.Context, id int64) error) (id int64, repeated bool, err error) {
	return once(ctx, s, call, ids.Next, func(ctx context.Context, row *ent.IdempotencyKey) (int64, error) {
		return row.ResultID, act(ctx, row.ResultID)
	})
}

// once inserts the key with the result that draw gives and acts, or finds what the key did before.
func once(ctx context.Context, s *store.Store, call Call, draw func() int64, act func(ctx context.Context, row *ent.IdempotencyKey) (int64, error)) (resultID int64, repeated bool, err error) {
	if err := CheckKey(call.Key); err != nil {
		return 0, false, err
	}
	hash, err := Hash(call.Input)
	if err != nil {
		return 0, false, err
	}
	err = s.WithTx(ctx, func(ctx context.Context) error {
		row, err := s.Client(ctx).IdempotencyKey.Create().SetActorID(call.ActorID).SetOperation(call.Operation).
			SetKey(call.Key).SetInputHash(hash).SetResultID(draw()).Save(ctx)
		if err != nil {
			if store.IsDuplicate(err, idempotencykey.Table, "actor_id", "operation", "key") {
				return errRepeat
			}
			return err
		}
		resultID, err = act(ctx, row)
		return err
	})
	if !errors.Is(err, errRepeat) {
		return resultID, false, err
	}
	first, err := s.Client(ctx).IdempotencyKey.Query().Where(idempotencykey.ActorID(call.ActorID),
		idempotencykey.Operation(call.Operation), idempotencykey.Key(call.Key)).Only(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("read a taken idempotency key: %w", err)
	}
	if first.InputHash != hash {
		return 0, false, apperr.New(apperr.IdempotencyKeyReused).At("input", "idempotencyKey")
	}
	return first.ResultID, true, nil
}
