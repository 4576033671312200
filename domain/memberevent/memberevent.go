// Package memberevent keeps what a member is told live: rows numbered per member without gaps, so that a lost socket resumes where it was.
//
// The rows are the truth. A message through Redis only says that there is something to read; whoever follows also reads by
// itself now and then, so a lost message costs seconds and loses nothing.
package memberevent

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/member"
	"dongxiao/ent/memberevent"
	"dongxiao/internal/apperr"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/pubsub"
	"dongxiao/internal/store"
)

const (
	// Retention is how long events are kept.
	Retention = 90 * 24 * time.Hour
	// MaxPage is the largest number of events read at once.
	MaxPage = listing.Max
	// pollInterval is how often a follower reads without being told, because Redis may lose a message.
	pollInterval = 10 * time.Second
)

var errNegative = apperr.New(apperr.InvalidInput, "field", "afterSequence", "reason", "≥ 0").At("afterSequence")

// Log writes and reads the events of members.
type Log struct {
	store  *store.Store
	broker *pubsub.Broker
	poll   time.Duration
}

// New makes the log. Without a broker (nil, for commands) followers hear of events when they next read.
func New(s *store.Store, b *pubsub.Broker) *Log { return &Log{store: s, broker: b, poll: pollInterval} }

// About is what an event is about; 0 for what it is not about.
type About struct {
	CouponID, RedemptionID, WalletPaymentID, TopUpID int64
}

// Append gives the member's next number to an event and writes it, in the transaction of ctx. It locks the member's row until the commit, which is what keeps the numbers without gaps: number n is durable before
// n + 1 is given. So a transaction that changes other rows of the member locks the member's row first. Followers
// are told after the commit. Services of any domain call it, for members that they have authorised.
func (l *Log) Append(ctx context.Context, memberID int64, kind enum.MemberEventKind, about About) error {
	ctx = auth.WithinBrand(ctx)
	return l.store.WithTx(ctx, func(ctx context.Context) error {
		client := l.store.Client(ctx)
		n, err := client.Member.Update().Where(member.ID(memberID)).AddEventSequence(1).Save(ctx)
		if err != nil {
			return err
		}
		if n != 1 {
			return apperr.New(apperr.NotFound)
		}
		sequence, err := l.sequence(ctx, memberID)
		if err != nil {
			return err
		}
		return l.write(ctx, memberID, sequence, kind, about)
	})
}

// AppendLocked is Append for a member whose row the transaction of ctx has locked and read; it counts the row's number on.
func (l *Log) AppendLocked(ctx context.Context, m *ent.Member, kind enum.MemberEventKind, about About) error {
	ctx = auth.WithinBrand(ctx)
	n, err := l.store.Client(ctx).Member.Update().Where(member.ID(m.ID), member.EventSequence(m.EventSequence)).AddEventSequence(1).Save(ctx)
	if err != nil {
		return err
	}
	if n != 1 { // the lock was none
		return apperr.New(apperr.Conflict)
	}
	m.EventSequence++
	return l.write(ctx, m.ID, m.EventSequence, kind, about)
}

// write writes the event of a number that the transaction has just given.
func (l *Log) write(ctx context.Context, memberID, sequence int64, kind enum.MemberEventKind, about About) error {
	create := l.store.Client(ctx).MemberEvent.Create().SetMemberID(memberID).SetSequence(sequence).SetKind(kind)
	if about.CouponID != 0 {
		create.SetCouponID(about.CouponID)
	}
	if about.RedemptionID != 0 {
		create.SetRedemptionID(about.RedemptionID)
	}
	if about.WalletPaymentID != 0 {
		create.SetWalletPaymentID(about.WalletPaymentID)
	}
	if about.TopUpID != 0 {
		create.SetTopUpID(about.TopUpID)
	}
	if err := create.Exec(ctx); err != nil {
		return err
	}
	l.announce(ctx, memberID, sequence)
	return nil
}

// Told is one event of AppendAll: what it is about, and whom it tells.
type Told struct {
	MemberID int64
	About    About
}

// AppendAll is Append for events of one kind to many members, in the transaction of ctx, in at most so many statements as one member gets events and two more. The
// caller holds the members' rows. So many at once are not announced: followers hear of them when they next read, within ten seconds, except of a few.
func (l *Log) AppendAll(ctx context.Context, kind enum.MemberEventKind, now time.Time, told []Told) error {
	ctx = auth.WithinBrand(ctx)
	counts := map[int64]int64{}
	for _, t := range told {
		counts[t.MemberID]++
	}
	together := map[int64][]int64{}
	for id, n := range counts {
		together[n] = append(together[n], id)
	}
	client := l.store.Client(ctx)
	for n, members := range together {
		slices.Sort(members)
		changed, err := client.Member.Update().Where(member.IDIn(members...)).AddEventSequence(n).Save(ctx)
		if err != nil {
			return err
		}
		if changed != len(members) {
			return apperr.New(apperr.NotFound)
		}
	}
	rows, err := client.Member.Query().Where(member.IDIn(slices.Sorted(maps.Keys(counts))...)).Select(member.FieldID, member.FieldEventSequence).All(ctx)
	if err != nil {
		return err
	}
	next := make(map[int64]int64, len(rows))
	for _, row := range rows {
		next[row.ID] = row.EventSequence - counts[row.ID]
	}
	const values = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	brandID := auth.FromContext(ctx).BrandID
	args := make([]any, 0, 10*len(told))
	for _, t := range told {
		next[t.MemberID]++
		args = append(args, ids.Next(), now, brandID, t.MemberID, next[t.MemberID], string(kind), orNull(t.About.CouponID), orNull(t.About.RedemptionID),
			orNull(t.About.WalletPaymentID), orNull(t.About.TopUpID))
	}
	if _, err := client.ExecContext(ctx, insertEventsSQL+values+strings.Repeat(", "+values, len(told)-1), args...); err != nil {
		return err
	}
	if len(counts) <= announced {
		for id := range counts {
			l.announce(ctx, id, next[id])
		}
	}
	return nil
}

// announced is to how many members at once AppendAll announces.
const announced = 10

// insertEventsSQL goes around the data layer's rules, so each row names its brand itself.
const insertEventsSQL = "INSERT INTO member_events (id, created_at, brand_id, member_id, sequence, kind, coupon_id, redemption_id, wallet_payment_id, top_up_id) VALUES "

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// announce tells the member's followers after the commit that there is something to read.
func (l *Log) announce(ctx context.Context, memberID, sequence int64) {
	if l.broker != nil {
		told := context.WithoutCancel(ctx)
		store.AfterCommit(ctx, func() { l.broker.Publish(told, channel(memberID), []byte(strconv.FormatInt(sequence, 10))) })
	}
}

// After lists the member's events with numbers above after, oldest first, at most first of them, and says whether there are more. The data
// layer lets a member read its own only.
func (l *Log) After(ctx context.Context, memberID, after int64, first int) (events []*ent.MemberEvent, more bool, err error) {
	events, err = l.store.Client(ctx).MemberEvent.Query().Where(memberevent.MemberID(memberID), memberevent.SequenceGT(after)).
		Order(memberevent.BySequence()).Limit(first + 1).All(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(events) > first {
		return events[:first], true, nil
	}
	return events, false, nil
}

// Page is After for the viewer, a page of 1 to 100, by default 20. NOT_FOUND for a viewer who is no member, PAGE_SIZE_INVALID, INVALID_INPUT for a
// negative number.
func (l *Log) Page(ctx context.Context, after int64, first *int) (events []*ent.MemberEvent, more bool, err error) {
	n, err := listing.Window(first, MaxPage)
	if err != nil {
		return nil, false, err
	}
	memberID := auth.FromContext(ctx).MemberID
	if memberID == 0 {
		return nil, false, apperr.New(apperr.NotFound)
	}
	if after < 0 {
		return nil, false, errNegative
	}
	return l.After(ctx, memberID, after, n)
}

// DeleteOld deletes events that are past their retention, in all brands, a thousand at a time. A periodic job calls it.
func (l *Log) DeleteOld(ctx context.Context, now time.Time) error {
	const chunk = 1000
	ctx = auth.Operator(ctx)
	for {
		ids, err := l.store.Client(ctx).MemberEvent.Query().Where(memberevent.CreatedAtLT(now.Add(-Retention))).Limit(chunk).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		if _, err := l.store.Client(ctx).MemberEvent.Delete().Where(memberevent.IDIn(ids...)).Exec(ctx); err != nil {
			return err
		}
	}
}

// sequence is the number of the member's last event.
func (l *Log) sequence(ctx context.Context, memberID int64) (int64, error) {
	row, err := l.store.Client(ctx).Member.Query().Where(member.ID(memberID)).Select(member.FieldEventSequence).Only(ctx)
	if err != nil {
		return 0, err
	}
	return row.EventSequence, nil
}

func channel(memberID int64) string { return "member-events:" + strconv.FormatInt(memberID, 10) }
