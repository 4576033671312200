package coupon

import (
	"context"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"dongxiao/auth"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/ent/enum"
	"dongxiao/ent/issuerecipient"
	"dongxiao/ent/level"
	"dongxiao/ent/member"
	"dongxiao/ent/membertag"
	"dongxiao/ent/predicate"
	"dongxiao/ent/tag"
	"dongxiao/internal/apperr"
)

const (
	maxAudienceIDs = 100
	maxListed      = 5_000
	maxListedName  = 20
	// namesAtOnce is how many members one statement names.
	namesAtOnce = 1_000
)

// Audience (人群) is who gets a coupon in bulk: the members of the issuing org whom every condition that is given takes in. Members of an org are those whose home
// store is the org, below it, or, for a distributor, served by it; of the brand's own org they are all members. Who left is in no audience.
type Audience struct {
	// TagIDs, LevelIDs and StoreIDs, at most 100 each, are each met by one of them: a tag on the member, its level, its home store.
	TagIDs, LevelIDs, StoreIDs []int64
	// Listed are phones and membership numbers, at most 5,000; nil for no list.
	Listed []string
}

// audience is an Audience that was checked.
type audience struct {
	document.Audience
	org *ent.Org
	// listed are the members of the list in the brand, names how many different entries it had.
	listed []int64
	names  int
}

// checkAudience brings the audience into the form in which it is kept, and finds who is in its list. Refusals: INVALID_INPUT, NOT_FOUND for tags, levels and stores that the
// issuing org's people may not use. ctx reaches the whole brand.
func (s *Service) checkAudience(ctx context.Context, issuer *ent.Org, in Audience) (*audience, error) {
	a := &audience{Audience: document.Audience{TagIDs: distinct(in.TagIDs), LevelIDs: distinct(in.LevelIDs), StoreIDs: distinct(in.StoreIDs), Listed: in.Listed != nil}, org: issuer}
	for _, list := range []struct {
		field string
		ids   []int64
	}{{"tagIds", a.TagIDs}, {"levelIds", a.LevelIDs}, {"storeIds", a.StoreIDs}} {
		if len(list.ids) > maxAudienceIDs {
			return nil, apperr.Invalid("audience."+list.field, "0–100")
		}
	}
	client := s.Store.Client(ctx)
	missing := func(field string, found, wanted int) error {
		if found != wanted {
			return apperr.New(apperr.NotFound).At("input", "audience", field)
		}
		return nil
	}
	// A tag of the issuer, of an org below it, or of one above it, whose vocabulary its people use.
	above, err := org.PathIDs(issuer.Path)
	if err != nil {
		return nil, err
	}
	visible := tag.Or(org.Within(tag.FieldOrgID, issuer.BrandID, []int64{issuer.ID}, issuer.Kind == enum.OrgDistributor), tag.OrgIDIn(above...))
	n, err := client.Tag.Query().Where(tag.IDIn(a.TagIDs...), visible).Count(ctx)
	if err != nil {
		return nil, err
	}
	if err := missing("tagIds", n, len(a.TagIDs)); err != nil {
		return nil, err
	}
	if n, err = client.Level.Query().Where(level.IDIn(a.LevelIDs...)).Count(ctx); err != nil {
		return nil, err
	}
	if err := missing("levelIds", n, len(a.LevelIDs)); err != nil {
		return nil, err
	}
	if ok, err := s.Orgs.AllWithin(ctx, a.StoreIDs, issuer.ID); err != nil || !ok {
		if err == nil {
			err = missing("storeIds", 0, 1)
		}
		return nil, err
	}
	return a, s.readList(ctx, a, in.Listed)
}

// readList finds the members of the list.
func (s *Service) readList(ctx context.Context, a *audience, list []string) error {
	if !a.Listed {
		return nil
	}
	if len(list) < 1 || len(list) > maxListed {
		return apperr.Invalid("audience.listed", "1–5000")
	}
	names := make([]string, len(list))
	for i, name := range list {
		name = strings.TrimSpace(name)
		if name == "" || len(name) > maxListedName || strings.ContainsFunc(strings.TrimPrefix(name, "+"), func(r rune) bool { return r < '0' || r > '9' }) {
			return apperr.Invalid("audience.listed", "0–9, +")
		}
		names[i] = name
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	a.names = len(names)
	found, err := s.Members.Named(ctx, names)
	a.listed = distinct(found)
	return err
}

// members is the predicate of the audience, except for its list.
func (a *audience) members(brandID int64) []predicate.Member {
	list := []predicate.Member{member.StateNEQ(enum.MemberCancelled)}
	if a.org.Kind != enum.OrgBrand {
		list = append(list, org.Within(member.FieldHomeStoreID, brandID, []int64{a.org.ID}, a.org.Kind == enum.OrgDistributor))
	}
	if len(a.LevelIDs) > 0 {
		list = append(list, member.LevelIDIn(a.LevelIDs...))
	}
	if len(a.StoreIDs) > 0 {
		list = append(list, member.HomeStoreIDIn(a.StoreIDs...))
	}
	if len(a.TagIDs) > 0 {
		tagIDs := make([]any, len(a.TagIDs))
		for i, id := range a.TagIDs {
			tagIDs[i] = id
		}
		list = append(list, func(s *sql.Selector) {
			t := sql.Table(membertag.Table)
			s.Where(sql.In(s.C(member.FieldID), sql.Select(t.C(membertag.FieldMemberID)).From(t).Where(sql.And(sql.EQ(t.C(membertag.FieldBrandID), brandID),
				sql.In(t.C(membertag.FieldTagID), tagIDs...)))))
		})
	}
	return list
}

// count is how many members are in the audience, and who of its list.
func (s *Service) count(ctx context.Context, a *audience) (total int, recipients []int64, err error) {
	brandID := auth.FromContext(ctx).BrandID
	query := func() *ent.MemberQuery { return s.Store.Client(ctx).Member.Query().Where(a.members(brandID)...) }
	if !a.Listed {
		total, err = query().Count(ctx)
		return total, nil, err
	}
	for some := range slices.Chunk(a.listed, namesAtOnce) {
		found, err := query().Where(member.IDIn(some...)).IDs(ctx)
		if err != nil {
			return 0, nil, err
		}
		recipients = append(recipients, found...)
	}
	slices.Sort(recipients)
	return len(recipients), recipients, nil
}

// next are the members of a job's audience behind the last one that it has got to, at most limit, by number. ctx reaches the whole brand.
func (s *Service) next(ctx context.Context, job *ent.IssueJob, issuer *ent.Org, limit int) ([]int64, error) {
	a := &audience{Audience: job.Audience, org: issuer}
	query := s.Store.Client(ctx).Member.Query().Where(a.members(job.BrandID)...).Where(member.IDGT(job.LastMemberID))
	if job.Audience.Listed {
		query.Where(func(s *sql.Selector) {
			r := sql.Table(issuerecipient.Table)
			s.Where(sql.In(s.C(member.FieldID), sql.Select(r.C(issuerecipient.FieldMemberID)).From(r).Where(sql.And(sql.EQ(r.C(issuerecipient.FieldBrandID), job.BrandID),
				sql.EQ(r.C(issuerecipient.FieldJobID), job.ID)))))
		})
	}
	return query.Order(member.ByID()).Limit(limit).IDs(ctx)
}
