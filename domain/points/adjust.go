package points

import (
	"context"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/ledger"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/idempotency"
	"dongxiao/internal/text"
)

const (
	// maxAdjust is the most that staff give or take at once.
	maxAdjust = 100_000
	// maxReason is how long a reason may be.
	maxReason = 200
)

// Adjustment is what Adjust takes.
type Adjustment struct {
	MemberID int64
	// Points are given, or taken where they are negative.
	Points         int64
	Reason         string
	IdempotencyKey string
}

// Adjust gives points, which are spendable at once and expire like others, or takes spendable ones, soonest expiring first; it makes no debt, and what is given
// pays one first. It is audited, under an idempotency key. Staff with ADJUST_POINTS call it for members in their scope, not for themselves. It refuses with
// NOT_FOUND, INVALID_INPUT, REASON_REQUIRED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, MEMBER_CANCELLED, POINTS_INSUFFICIENT.
func (s *Service) Adjust(ctx context.Context, in Adjustment) (*ent.Member, error) {
	var err error
	if in.Reason, err = text.Reason(in.Reason, maxReason); err != nil {
		return nil, err
	}
	if in.Points == 0 || in.Points > maxAdjust || in.Points < -maxAdjust {
		return nil, apperr.Invalid("points", "±1–100000")
	}
	m, err := s.Members.InScope(ctx, auth.AdjustPoints, in.MemberID)
	if err != nil {
		return nil, err
	}
	actor := auth.FromContext(ctx).PersonID
	if m.PersonID == actor {
		return nil, apperr.New(apperr.NotFound)
	}
	ctx = within(ctx)
	call := idempotency.Call{ActorID: actor, Operation: "memberPointsAdjust", Key: in.IdempotencyKey, Input: in}
	if _, _, err = idempotency.Do(ctx, s.Store, call, func(ctx context.Context) (int64, error) { return s.adjust(ctx, actor, in) }); err != nil {
		return nil, err
	}
	return s.Store.Client(ctx).Member.Get(ctx, m.ID)
}

func (s *Service) adjust(ctx context.Context, actor int64, in Adjustment) (int64, error) {
	a, err := s.open(ctx, in.MemberID)
	if err != nil {
		return 0, err
	}
	if a.member.State == enum.MemberCancelled {
		return 0, apperr.New(apperr.MemberCancelled)
	}
	if err := s.tell(ctx, a); err != nil {
		return 0, err
	}
	now := s.Clock.Now()
	p := ledger.Posting{Kind: enum.PostPointsAdjust, Key: again("points-adjust", in.MemberID), SubjectID: actor, At: now,
		Entries: []ledger.Entry{a.of(enum.AccountPointsIssued, -in.Points)}}
	if in.Points > 0 {
		rules, err := s.Settings(ctx)
		if err != nil {
			return 0, err
		}
		p.Grants = []ledger.Grant{{Kind: enum.LotPoints, SourceID: actor, IssuerOrgID: a.root, ScopeOrgID: a.root, Amount: in.Points, ExpiresAt: expiry(now, rules.ExpiryDays)}}
	} else {
		var short int64
		if p.Lots, short = take(a.spendable(), -in.Points); short > 0 {
			return 0, apperr.New(apperr.PointsInsufficient, "available", -in.Points-short).At("input", "points")
		}
	}
	posted, err := a.Post(ctx, p)
	if err != nil {
		return 0, err
	}
	if err := s.payDebt(ctx, a); err != nil {
		return 0, err
	}
	org := a.root
	if a.member.HomeStoreID != nil {
		org = *a.member.HomeStoreID
	}
	return posted.ID, audit.Record(ctx, s.Store, audit.Change{OrgID: org, Action: "memberPointsAdjust", Subject: a.member.NodeID(), Reason: in.Reason,
		After: map[string]any{"points": in.Points, "balance": a.Balance(enum.AccountPoints), "debt": -a.Balance(enum.AccountPointsDebt)}})
}
