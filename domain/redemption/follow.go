package redemption

import (
	"context"
	"strconv"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/redemption"
	"dongxiao/internal/apperr"
	"dongxiao/internal/store"
)

const (
	// followPoll is how often a follower reads without being told, because Redis may lose a message.
	followPoll = 5 * time.Second
	// followBack is how far back each read looks: a redemption has the time at which its transaction began, and shows when that has committed.
	followBack = 3 * time.Minute
	// followMost bounds the rows of one read; a store that confirms more in three minutes is told of the newest.
	followMost = 1000
)

// Follow sends the store's redemptions that are confirmed or undone from now on, each once: what was undone before it was sent comes once, as REVERSED. The channel is
// closed when ctx ends or the broker is closed. Staff with ReadRedemptions at the store call it; the socket or stream of whoever loses the role is closed by its own check
// within seconds, and where the store leaves the scope of the role the channel is closed. NOT_FOUND for a store that is not the viewer's, UNAVAILABLE.
//
// The rows are the truth, and a message through Redis only says that there is something to read. Each read looks back over the last minutes and leaves out what was
// sent already, so that a transaction that commits late, with an older time than others, is not lost.
func (s *Service) Follow(ctx context.Context, storeID int64) (<-chan *ent.Redemption, error) {
	if err := s.Orgs.StoreInScope(ctx, auth.ReadRedemptions, storeID); err != nil {
		return nil, apperr.Of(err, "storeId")
	}
	signals, err := s.Broker.Subscribe(ctx, storeChannel(storeID))
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	f := follower{service: s, storeID: storeID, sent: map[int64]enum.RedemptionState{}}
	if _, err := f.read(ctx); err != nil { // what is there already is not news
		return nil, err
	}
	rows := make(chan *ent.Redemption)
	go func() {
		defer close(rows)
		poll := time.NewTicker(s.followPoll)
		defer poll.Stop()
		for {
			select {
			case _, open := <-signals:
				if !open {
					return
				}
			case <-poll.C:
			case <-ctx.Done():
				return
			}
			news, err := f.read(ctx)
			if apperr.CodeOf(err) == apperr.NotFound {
				return
			}
			if err != nil && ctx.Err() == nil {
				s.Broker.Log.ErrorContext(ctx, "redemptions could not be read; tried again at the next signal", "error", err)
			}
			for _, row := range news {
				select {
				case rows <- row:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return rows, nil
}

// follower is one subscription to a store.
type follower struct {
	service *Service
	storeID int64
	// sent has the state in which each redemption of the last minutes was sent.
	sent map[int64]enum.RedemptionState
}

// read gives what was not sent yet, in the order in which it happened.
func (f *follower) read(ctx context.Context) ([]*ent.Redemption, error) {
	s := f.service
	if err := s.Orgs.StoreInScope(ctx, auth.ReadRedemptions, f.storeID); err != nil {
		return nil, err
	}
	within := auth.WithinBrand(ctx)
	client := s.Store.Client(ctx)
	brand, err := client.Brand.Get(within, auth.FromContext(ctx).BrandID)
	if err != nil {
		return nil, err
	}
	since := s.Clock.Now().Add(-followBack)
	undoable := since.Add(-time.Duration(brand.ReversalMinutes) * time.Minute)
	rows, err := client.Redemption.Query().Where(redemption.StoreID(f.storeID), redemption.CreatedAtGTE(undoable),
		redemption.Or(redemption.CreatedAtGTE(since), redemption.ReversedAtGTE(since))).
		Order(ent.Desc(redemption.FieldCreatedAt, redemption.FieldID)).Limit(followMost).All(within)
	if err != nil {
		return nil, err
	}
	present, news := make(map[int64]enum.RedemptionState, len(rows)), []*ent.Redemption(nil)
	for i := len(rows) - 1; i >= 0; i-- {
		row := rows[i]
		present[row.ID] = row.State
		if f.sent[row.ID] != row.State {
			news = append(news, row)
		}
	}
	f.sent = present
	return news, nil
}

// announce tells the store's followers after the commit that there is something to read.
func (s *Service) announce(ctx context.Context, storeID int64) {
	if s.Broker == nil {
		return
	}
	told := context.WithoutCancel(ctx)
	store.AfterCommit(ctx, func() { s.Broker.Publish(told, storeChannel(storeID), []byte("1")) })
}

func storeChannel(storeID int64) string { return "store-redemptions:" + strconv.FormatInt(storeID, 10) }
