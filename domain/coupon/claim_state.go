package coupon

import (
	"context"
	"strings"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/internal/apperr"
	"dongxiao/internal/listing"
)

// claimStatesMax is the most claim states at once.
const claimStatesMax = 20

// ClaimStates tells how the viewer stands with the first templates of Claimable, in the same order, with two statements. It is for members and gives
// FORBIDDEN and PAGE_SIZE_INVALID.
func (s *Service) ClaimStates(ctx context.Context, first *int) ([]*ClaimState, error) {
	v := auth.FromContext(ctx)
	if v.MemberID == 0 {
		return nil, apperr.New(apperr.Forbidden)
	}
	n, err := listing.Window(first, claimStatesMax)
	if err != nil {
		return nil, err
	}
	zone, err := s.zone(ctx, v.BrandID)
	if err != nil {
		return nil, err
	}
	templates, err := s.claimable(ctx, n)
	if err != nil || len(templates) == 0 {
		return []*ClaimState{}, err
	}
	books := make(map[int64]*book, len(templates))
	for _, t := range templates {
		books[t.ID] = newBook(t, s.Clock.Now(), zone)
	}
	standings, err := s.readClaimStandings(ctx, templates, books)
	if err != nil {
		return nil, err
	}
	states := make([]*ClaimState, len(templates))
	for i, t := range templates {
		b, m := books[t.ID], standings[t.ID]
		states[i] = &ClaimState{Template: t, Claimed: m.total}
		if refusal := b.refusal(m); refusal != nil {
			states[i].Refusal = refusal.Code
		}
		if t.MemberLimit > 0 {
			left := max(int64(t.MemberLimit)-m.total, 0)
			states[i].Left = &left
		}
	}
	return states, nil
}

// readClaimStandings reads how the viewer stands with each of the templates with one statement: the state of the membership and every counter, by
// its key.
func (s *Service) readClaimStandings(ctx context.Context, templates []*ent.CouponTemplate, books map[int64]*book) (map[int64]*standing, error) {
	query, args := claimStandingsStatement(auth.FromContext(ctx), templates, books)
	rows, err := s.Store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	standings := make(map[int64]*standing, len(templates))
	for _, t := range templates {
		standings[t.ID] = &standing{state: enum.MemberCancelled} // until it is read: erased meanwhile
	}
	for rows.Next() {
		var kind string
		var templateID, count int64
		if err := rows.Scan(&kind, &templateID, &count); err != nil {
			return nil, err
		}
		switch m := standings[templateID]; enum.LimitKind(kind) {
		case enum.LimitMemberTotal:
			m.total = count
		case enum.LimitMemberDay:
			m.day = count
		case enum.LimitPersonTotal:
			m.person = count
		case enum.LimitTemplateDay:
			books[templateID].issuedToday = count
		default:
			for _, m := range standings {
				m.state = enum.MemberState(kind)
			}
		}
	}
	return standings, rows.Err()
}

func claimStandingsStatement(v auth.Viewer, templates []*ent.CouponTemplate, books map[int64]*book) (string, []any) {
	var q strings.Builder
	q.WriteString(memberStateSQL)
	args := []any{v.BrandID, v.MemberID}
	for _, kind := range limitKinds {
		var counted []any
		for _, t := range templates {
			if books[t.ID].counted(kind) {
				counted = append(counted, t.ID)
			}
		}
		if len(counted) == 0 {
			continue
		}
		period := 0
		if kind == enum.LimitMemberDay || kind == enum.LimitTemplateDay {
			period = books[templates[0].ID].day
		}
		args = append(args, v.BrandID, string(kind), period)
		switch kind {
		case enum.LimitPersonTotal:
			q.WriteString(personCountersSQL)
			args = append(args, v.BrandID, v.PersonID)
		case enum.LimitTemplateDay:
			q.WriteString(countersSQL)
			args = append(args, 0)
		default:
			q.WriteString(countersSQL)
			args = append(args, v.MemberID)
		}
		q.WriteString(" AND scope_id IN (?" + strings.Repeat(", ?", len(counted)-1) + ")")
		args = append(args, counted...)
	}
	return q.String(), args
}
