package member

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/memberevent"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/level"
	"dongxiao/ent/member"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/ids"
	"dongxiao/internal/text"
)

const (
	// maxGrowth is the most that one call adds or takes away.
	maxGrowth = 100_000_000
	// growthCeiling is where growth value stops: the API shows it as an Int of 32 bits.
	growthCeiling = 2_000_000_000
	// maxLevels is how many levels of a brand are read.
	maxLevels = 100
)

// Levels lists the levels of the viewer's brand, lowest first. Everyone may read them.
func (s *Service) Levels(ctx context.Context) ([]*ent.Level, error) {
	return s.Store.Client(ctx).Level.Query().Order(ent.Asc(level.FieldRank)).Limit(maxLevels).All(ctx)
}

// reached is the highest of the levels, sorted by rank, whose threshold the growth value has; nil below the first.
func reached(levels []*ent.Level, growth int64) *ent.Level {
	var highest *ent.Level
	for _, l := range levels {
		if growth >= l.Threshold {
			highest = l
		}
	}
	return highest
}

// GrowthAdd is what GrowthAdd takes.
type GrowthAdd struct {
	MemberID int64
	// Growth is added; negative takes away. The value stops at 0 and at 2,000,000,000.
	Growth         int64
	Reason         string
	IdempotencyKey string
}

// GrowthAdd adds growth value and writes it into the audit log, in one transaction under the idempotency key. The level goes up at once, with an event and a
// new period; it never goes down here. Staff with MANAGE_MEMBERS call it for members in their scope. It refuses with NOT_FOUND, INVALID_INPUT,
// REASON_REQUIRED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, MEMBER_FROZEN and MEMBER_CANCELLED.
func (s *Service) GrowthAdd(ctx context.Context, in GrowthAdd) (*ent.Member, error) {
	reason, err := text.Reason(in.Reason, maxReason)
	if err != nil {
		return nil, err
	}
	if in.Growth == 0 || in.Growth < -maxGrowth || in.Growth > maxGrowth {
		return nil, apperr.Invalid("growth", "±1–100000000")
	}
	m, err := s.managed(ctx, auth.ManageMembers, in.MemberID)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	call := idempotency.Call{ActorID: auth.FromContext(ctx).PersonID, Operation: "memberGrowthAdd", Key: in.IdempotencyKey, Input: in}
	_, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) {
		before, after, err := s.grow(ctx, m.ID, in.Growth)
		if err != nil {
			return 0, err
		}
		return m.ID, s.record(ctx, after, audit.Change{Action: "memberGrowthAdd", Reason: reason,
			Before: map[string]any{"growthValue": before.GrowthValue, "level": publicID(ids.Level, before.LevelID)},
			After:  map[string]any{"growthValue": after.GrowthValue, "level": publicID(ids.Level, after.LevelID)}})
	})
	if err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Member.Get(ctx, m.ID)
}

// grow adds growth value to a member under its lock and raises the level at once, in the transaction of ctx.
func (s *Service) grow(ctx context.Context, memberID, growth int64) (before, after *ent.Member, err error) {
	if before, err = s.lock(ctx, memberID); err != nil {
		return nil, nil, err
	}
	if err := refuseState(before.State); err != nil {
		return nil, nil, err
	}
	levels, err := s.Levels(ctx)
	if err != nil {
		return nil, nil, err
	}
	// The value is computed by the database, so that it would hold without the lock as well.
	sum := "growth_value + ?"
	update := s.Store.Client(ctx).Member.Update().Where(member.ID(memberID), member.StateIn(taking...)).Modify(func(u *sql.UpdateBuilder) {
		u.Set(member.FieldGrowthValue, sql.Expr("CASE WHEN "+sum+" < 0 THEN 0 WHEN "+sum+" > ? THEN ? ELSE "+sum+" END",
			growth, growth, growthCeiling, growthCeiling, growth))
	})
	next := reached(levels, min(max(before.GrowthValue+growth, 0), growthCeiling))
	rises := next != nil && next.Rank > rankOf(levels, before.LevelID)
	switch now := s.Clock.Now(); {
	case rises:
		update.SetLevelID(next.ID).SetLevelPeriodEndsAt(now.AddDate(0, 0, next.PeriodDays))
	case before.LevelPeriodEndsAt == nil && len(levels) > 0: // the first period begins with the first growth
		update.SetLevelPeriodEndsAt(now.AddDate(0, 0, levels[0].PeriodDays))
	}
	n, err := update.Save(ctx)
	if err != nil {
		return nil, nil, err
	}
	if n != 1 {
		return nil, nil, apperr.New(apperr.Conflict)
	}
	if rises {
		if err := s.Events.Append(ctx, memberID, enum.EventLevelChanged, memberevent.About{}); err != nil {
			return nil, nil, err
		}
	}
	after, err = s.Store.Client(ctx).Member.Get(ctx, memberID)
	return before, after, err
}

// rankOf is the rank of the level, 0 for none and for one that is gone.
func rankOf(levels []*ent.Level, id *int64) int {
	for _, l := range levels {
		if same(id, &l.ID) {
			return l.Rank
		}
	}
	return 0
}

// EndPeriods looks again at the levels of at most limit members of all brands whose period has ended: the level becomes the one that the period's growth
// value reaches, which may be lower, the value starts again at 0 and a new period begins. Each member is one transaction, told by an event where the level
// changed; one that fails does not stop the others. It tells how many periods ended. A periodic job calls it; two at once do no harm.
func (s *Service) EndPeriods(ctx context.Context, limit int) (ended int, err error) {
	return s.endPeriods(auth.Operator(ctx), limit)
}

func (s *Service) endPeriods(ctx context.Context, limit int) (ended int, err error) {
	due, err := s.Store.Client(ctx).Member.Query().Where(member.LevelPeriodEndsAtLTE(s.Clock.Now())).
		Order(ent.Asc(member.FieldLevelPeriodEndsAt), ent.Asc(member.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return 0, err
	}
	var failures []error
	for _, m := range due {
		did := false
		err := s.Store.WithTx(auth.System(ctx, m.BrandID), func(ctx context.Context) (err error) {
			did, err = s.endPeriod(ctx, m)
			return err
		})
		if err != nil {
			failures = append(failures, fmt.Errorf("end the period of member %s: %w", m.NodeID(), err))
		} else if did {
			ended++
		}
	}
	return ended, errors.Join(failures...)
}

// endPeriod ends the period that the row as it was read tells of; false where somebody else did, or the level rose meanwhile.
func (s *Service) endPeriod(ctx context.Context, read *ent.Member) (bool, error) {
	client := s.Store.Client(ctx)
	n, err := client.Member.Update().Where(member.ID(read.ID), member.LevelPeriodEndsAt(*read.LevelPeriodEndsAt)).AddGrowthValue(0).Save(ctx)
	if err != nil || n != 1 {
		return false, err
	}
	m, err := client.Member.Get(ctx, read.ID)
	if err != nil {
		return false, err
	}
	levels, err := s.Levels(ctx)
	if err != nil {
		return false, err
	}
	update := client.Member.Update().Where(member.ID(m.ID)).SetGrowthValue(0)
	next := reached(levels, m.GrowthValue)
	if next == nil {
		update.ClearLevelID().ClearLevelPeriodEndsAt()
	} else {
		ends := m.LevelPeriodEndsAt.AddDate(0, 0, next.PeriodDays)
		if now := s.Clock.Now(); !ends.After(now) { // the job was late by a whole period
			ends = now.AddDate(0, 0, next.PeriodDays)
		}
		update.SetLevelID(next.ID).SetLevelPeriodEndsAt(ends)
	}
	if _, err := update.Save(ctx); err != nil {
		return false, err
	}
	if unchanged := next == nil && m.LevelID == nil || next != nil && same(m.LevelID, &next.ID); unchanged {
		return true, nil
	}
	return true, s.Events.Append(ctx, m.ID, enum.EventLevelChanged, memberevent.About{})
}
