package memberevent

import (
	"context"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/internal/apperr"
)

// Follow sends the viewer's events with numbers above after, each once and in order, those that are there and those to come; with nil,
// only those to come. The channel is closed when ctx ends or the broker is closed, and nothing runs on. A number that the member
// has not reached counts as the last one. The member itself calls it; NOT_FOUND for a viewer who is none.
func (l *Log) Follow(ctx context.Context, after *int64) (<-chan *ent.MemberEvent, error) {
	memberID := auth.FromContext(ctx).MemberID
	if memberID == 0 {
		return nil, apperr.New(apperr.NotFound)
	}
	if after != nil && *after < 0 {
		return nil, errNegative
	}
	last, err := l.sequence(ctx, memberID)
	if err != nil {
		return nil, err
	}
	if after != nil {
		last = min(last, *after)
	}
	signals, err := l.broker.Subscribe(ctx, channel(memberID))
	if err != nil {
		return nil, apperr.New(apperr.Unavailable).Because(err)
	}
	events := make(chan *ent.MemberEvent)
	go func() {
		defer close(events)
		poll := time.NewTicker(l.poll)
		defer poll.Stop()
		for {
			if last, err = l.send(ctx, memberID, last, events); ctx.Err() != nil {
				return
			}
			if err != nil {
				l.broker.Log.ErrorContext(ctx, "member events could not be read; tried again at the next signal", "error", err)
			}
			select {
			case _, open := <-signals:
				if !open {
					return
				}
			case <-poll.C:
			}
		}
	}()
	return events, nil
}

// send sends what is there above last and answers the number of the last one sent.
func (l *Log) send(ctx context.Context, memberID, last int64, to chan<- *ent.MemberEvent) (int64, error) {
	for {
		events, more, err := l.After(ctx, memberID, last, MaxPage)
		if err != nil {
			return last, err
		}
		for _, event := range events {
			select {
			case to <- event:
				last = event.Sequence
			case <-ctx.Done():
				return last, ctx.Err()
			}
		}
		if !more {
			return last, nil
		}
	}
}
