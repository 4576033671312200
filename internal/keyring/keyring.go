// Package keyring keeps the installation's secrets in the keys table, sealed under the master key, and gives the ring of the moment.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/lease"
	"dongxiao/internal/clock"
	"dongxiao/internal/keys"
	"dongxiao/internal/store"
)

// reloadInterval is shorter than keys.RotationLead, so that every server knows a new key before any of them uses it.
const reloadInterval = time.Minute

// Keyring gives the ring of the moment.
type Keyring struct {
	store  *store.Store
	master *keys.Master
	clock  clock.Clock
	ring   atomic.Pointer[keys.Ring]
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// Open makes the keys that are missing, reads all of them, and reads them again every minute until Close.
func Open(ctx context.Context, s *store.Store, master *keys.Master, c clock.Clock, log *slog.Logger) (*Keyring, error) {
	k := &Keyring{store: s, master: master, clock: c}
	if err := k.fill(auth.Operator(ctx)); err != nil {
		return nil, err
	}
	if err := k.reload(auth.Operator(ctx)); errors.Is(err, keys.ErrUnknownKey) {
		return nil, fmt.Errorf("the master key (DONGXIAO_MASTER_KEY) is not the one under which this database's secrets are sealed: %w", err)
	} else if err != nil {
		return nil, err
	}
	background, stop := context.WithCancel(auth.Operator(context.WithoutCancel(ctx)))
	k.stop = stop
	k.done.Go(func() {
		ticker := time.NewTicker(reloadInterval)
		defer ticker.Stop()
		for {
			select {
			case <-background.Done():
				return
			case <-ticker.C:
				if err := k.reload(background); err != nil {
					log.ErrorContext(background, "keys could not be read again; the last ones stay in force", "error", err)
				}
			}
		}
	})
	return k, nil
}

// Ring is the ring of the moment.
func (k *Keyring) Ring() *keys.Ring { return k.ring.Load() }

// Close stops reading.
func (k *Keyring) Close() {
	k.stop()
	k.done.Wait()
}

// Rotate makes a successor for the keys of one purpose; it takes over after keys.RotationLead.
func (k *Keyring) Rotate(ctx context.Context, purpose keys.Purpose) (keyID string, err error) {
	ctx = auth.Operator(ctx)
	err = k.store.WithTx(ctx, func(ctx context.Context) error {
		if err := k.lock(ctx); err != nil {
			return err
		}
		stored, err := k.read(ctx)
		if err != nil {
			return err
		}
		successor, superseded, err := keys.Rotate(k.master, stored, purpose, k.clock.Now())
		if err != nil {
			return err
		}
		for _, row := range superseded {
			if err := k.store.Client(ctx).Key.UpdateOneID(row.ID).SetState(string(row.State)).SetRetiresAt(row.RetiresAt).Exec(ctx); err != nil {
				return err
			}
		}
		keyID = successor.KeyID
		return k.insert(ctx, successor)
	})
	return keyID, err
}

// Reseal seals every key again under the present master key and tells how many changed.
func (k *Keyring) Reseal(ctx context.Context) (changed int, err error) {
	ctx = auth.Operator(ctx)
	err = k.store.WithTx(ctx, func(ctx context.Context) error {
		if err := k.lock(ctx); err != nil {
			return err
		}
		stored, err := k.read(ctx)
		if err != nil {
			return err
		}
		rows, err := keys.Reseal(k.master, stored)
		if err != nil {
			return err
		}
		changed = len(rows)
		for _, row := range rows {
			if err := k.store.Client(ctx).Key.UpdateOneID(row.ID).SetSealed(row.Sealed).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// fill makes the keys that are missing, under a lock, because two servers may start at once.
func (k *Keyring) fill(ctx context.Context) error {
	return k.store.WithTx(ctx, func(ctx context.Context) error {
		if err := k.lock(ctx); err != nil {
			return err
		}
		stored, err := k.read(ctx)
		if err != nil {
			return err
		}
		for _, purpose := range keys.Missing(stored, k.clock.Now()) {
			if err := k.insert(ctx, keys.Generate(k.master, purpose, k.clock.Now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// lock makes whoever changes keys wait for each other: the row of a lease that nobody else uses.
func (k *Keyring) lock(ctx context.Context) error {
	const name = "keyring"
	client := k.store.Client(ctx)
	n, err := client.Lease.Update().Where(lease.Name(name)).SetExpiresAt(k.clock.Now()).Save(ctx)
	if err != nil || n == 1 {
		return err
	}
	err = client.Lease.Create().SetName(name).SetHolder("").SetExpiresAt(k.clock.Now()).Exec(ctx)
	if store.IsDuplicate(err, lease.Table, "name") {
		return fmt.Errorf("another server is making the first keys; start again: %w", err)
	}
	return err
}

func (k *Keyring) reload(ctx context.Context) error {
	stored, err := k.read(ctx)
	if err != nil {
		return err
	}
	ring, err := keys.NewRing(k.master, stored, k.clock.Now())
	if err != nil {
		return err
	}
	k.ring.Store(ring)
	return nil
}

func (k *Keyring) read(ctx context.Context) ([]keys.StoredKey, error) {
	rows, err := k.store.Client(ctx).Key.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	stored := make([]keys.StoredKey, len(rows))
	for i, row := range rows {
		stored[i] = storedKey(row)
	}
	return stored, nil
}

func storedKey(row *ent.Key) keys.StoredKey {
	s := keys.StoredKey{ID: row.ID, Purpose: keys.Purpose(row.Purpose), KeyID: row.KeyID, Sealed: row.Sealed,
		State: keys.State(row.State), CreatedAt: row.CreatedAt}
	if row.RetiresAt != nil {
		s.RetiresAt = *row.RetiresAt
	}
	return s
}

func (k *Keyring) insert(ctx context.Context, s keys.StoredKey) error {
	create := k.store.Client(ctx).Key.Create().SetPurpose(string(s.Purpose)).SetKeyID(s.KeyID).SetSealed(s.Sealed).
		SetState(string(s.State)).SetCreatedAt(s.CreatedAt)
	if !s.RetiresAt.IsZero() {
		create.SetRetiresAt(s.RetiresAt)
	}
	return create.Exec(ctx)
}
