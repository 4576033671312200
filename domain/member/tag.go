package member

import (
	"cmp"
	"context"
	"slices"

	"dongxiao/auth"
	"dongxiao/domain/audit"
	"dongxiao/domain/org"
	"dongxiao/ent"
	"dongxiao/ent/membertag"
	"dongxiao/ent/tag"
	"dongxiao/internal/apperr"
	"dongxiao/internal/cursor"
	"dongxiao/internal/ids"
	"dongxiao/internal/listing"
	"dongxiao/internal/store"
	"dongxiao/internal/text"
)

const (
	maxTagName = 32
	maxTagsSet = 20
	// maxTagsShown bounds the tags that one response shows over all its members.
	maxTagsShown = 2000
)

// TagCreate makes a tag of the org and writes it into the audit log, in one transaction. Staff with TAG_MEMBERS at the org call it. It refuses with
// NOT_FOUND, INVALID_INPUT, and TAG_EXISTS where the org has a tag of this name, by its unique key.
func (s *Service) TagCreate(ctx context.Context, orgID int64, name string) (made *ent.Tag, err error) {
	if name, err = text.Line(name, 1, maxTagName, "name"); err != nil {
		return nil, err
	}
	if err := s.Orgs.Require(ctx, auth.TagMembers, orgID); err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		made, err = s.Store.Client(ctx).Tag.Create().SetOrgID(orgID).SetName(name).Save(ctx)
		if err != nil {
			if store.IsDuplicate(err, tag.Table, "org_id", "name") {
				return apperr.New(apperr.TagExists).At("input", "name")
			}
			return err
		}
		return audit.Record(ctx, s.Store, audit.Change{OrgID: orgID, Action: "tagCreate", Subject: made.NodeID(), After: map[string]any{"name": name}})
	})
	return made, err
}

// Tags lists the tags of the orgs at which the viewer holds TAG_MEMBERS, and of those below, oldest first, at most 100 a page. It gives PAGE_SIZE_INVALID and
// CURSOR_INVALID.
func (s *Service) Tags(ctx context.Context, codec *cursor.Codec, first *int, after *string) (*listing.Page[*ent.Tag], error) {
	n, err := listing.Window(first, listing.Max)
	if err != nil {
		return nil, err
	}
	scope, err := s.Orgs.Scope(ctx, auth.TagMembers, tag.FieldOrgID)
	if err != nil {
		return nil, err
	}
	ctx = auth.WithinBrand(ctx)
	list := listing.Of(codec, auth.FromContext(ctx).BrandID, "tags")
	query := s.Store.Client(ctx).Tag.Query().Where(scope)
	var last int64
	if more, err := list.After(after, &last); err != nil {
		return nil, err
	} else if more {
		query.Where(tag.IDGT(last))
	}
	rows, err := query.Order(ent.Asc(tag.FieldID)).Limit(n + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	return listing.Cut(list, rows, n, func(t *ent.Tag) []any { return []any{t.ID} })
}

// TagsOf gives for each of the members the tags on it that the viewer may see: those of orgs in the scope of its roles, sorted by name; none for members
// and the public. With more than 2,000 at once the rest is left out.
func (s *Service) TagsOf(ctx context.Context, memberIDs []int64) (map[int64][]*ent.Tag, error) {
	tags := make(map[int64][]*ent.Tag, len(memberIDs))
	for _, id := range memberIDs {
		tags[id] = []*ent.Tag{}
	}
	v := auth.FromContext(ctx)
	if v.Reach != auth.ReachStaff {
		return tags, nil
	}
	puts, err := s.Store.Client(ctx).MemberTag.Query().Where(membertag.MemberIDIn(memberIDs...)).
		Order(ent.Asc(membertag.FieldID)).Limit(maxTagsShown).All(auth.WithinBrand(ctx))
	if err != nil || len(puts) == 0 {
		return tags, err
	}
	tagIDs := make([]int64, len(puts))
	for i, p := range puts {
		tagIDs[i] = p.TagID
	}
	visible, err := s.Store.Client(ctx).Tag.Query().Where(tag.IDIn(tagIDs...)).All(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*ent.Tag, len(visible))
	for _, t := range visible {
		byID[t.ID] = t
	}
	for _, p := range puts {
		if t, ok := byID[p.TagID]; ok {
			tags[p.MemberID] = append(tags[p.MemberID], t)
		}
	}
	for _, list := range tags {
		slices.SortFunc(list, func(a, b *ent.Tag) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	}
	return tags, nil
}

// TagsSet puts tags on a member and takes others off, and writes what really changed into the audit log, in one transaction; to put on what is on, or to take
// off what is not, changes nothing. Staff with TAG_MEMBERS call it for members and tags in their scope. It refuses with NOT_FOUND, INVALID_INPUT (more than 20
// either way, or one tag both ways) and MEMBER_CANCELLED.
func (s *Service) TagsSet(ctx context.Context, memberID int64, add, remove []int64) (*ent.Member, error) {
	add, remove = set(add), set(remove)
	switch {
	case len(add) > maxTagsSet:
		return nil, apperr.Invalid("add", "≤ 20")
	case len(remove) > maxTagsSet:
		return nil, apperr.Invalid("remove", "≤ 20")
	case slices.ContainsFunc(add, func(id int64) bool { return slices.Contains(remove, id) }):
		return nil, apperr.Invalid("remove", "add")
	}
	m, err := s.managed(ctx, auth.TagMembers, memberID)
	if err != nil {
		return nil, err
	}
	for field, wanted := range map[string][]int64{"add": add, "remove": remove} {
		if err := s.tagsInScope(ctx, field, wanted); err != nil {
			return nil, err
		}
	}
	ctx = auth.WithinBrand(ctx)
	err = s.Store.WithTx(ctx, func(ctx context.Context) error {
		if m, err = s.lock(ctx, m.ID); err != nil {
			return err
		}
		return s.setTags(ctx, m, add, remove)
	})
	return m, err
}

// setTags does it under the member's lock.
func (s *Service) setTags(ctx context.Context, m *ent.Member, add, remove []int64) error {
	tags := s.Store.Client(ctx).MemberTag
	present, err := tags.Query().Where(membertag.MemberID(m.ID), membertag.TagIDIn(append(slices.Clone(add), remove...)...)).All(ctx)
	if err != nil {
		return err
	}
	on := func(id int64) bool {
		return slices.ContainsFunc(present, func(p *ent.MemberTag) bool { return p.TagID == id })
	}
	var added, removed []string
	for _, id := range add {
		if !on(id) {
			if err := tags.Create().SetMemberID(m.ID).SetTagID(id).Exec(ctx); err != nil {
				return err
			}
			added = append(added, ids.Encode(ids.Tag, id))
		}
	}
	for _, id := range remove {
		if on(id) {
			removed = append(removed, ids.Encode(ids.Tag, id))
		}
	}
	if len(removed) > 0 {
		if _, err := tags.Delete().Where(membertag.MemberID(m.ID), membertag.TagIDIn(remove...)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(added)+len(removed) == 0 {
		return nil
	}
	return s.record(ctx, m, audit.Change{Action: "memberTagsSet", Before: map[string]any{"removed": removed}, After: map[string]any{"added": added}})
}

// tagsInScope refuses with NOT_FOUND unless all the tags are of orgs at which the viewer holds TAG_MEMBERS.
func (s *Service) tagsInScope(ctx context.Context, field string, wanted []int64) error {
	if len(wanted) == 0 {
		return nil
	}
	scope := org.ScopePredicate(ctx, auth.TagMembers, tag.FieldOrgID)
	n, err := s.Store.Client(ctx).Tag.Query().Where(tag.IDIn(wanted...), scope).Count(auth.WithinBrand(ctx))
	if err == nil && n != len(wanted) {
		err = apperr.New(apperr.NotFound).At("input", field)
	}
	return err
}

// set is the numbers sorted, each once.
func set(numbers []int64) []int64 {
	numbers = slices.Clone(numbers)
	slices.Sort(numbers)
	return slices.Compact(numbers)
}
