package member_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/ent/enum"
	"dongxiao/ent/membertag"
	"dongxiao/internal/apperr"
	"dongxiao/internal/testkit"
)

func (d *desk) put(memberID int64) (tagIDs []int64) {
	for _, p := range d.client().MemberTag.Query().Where(membertag.MemberID(memberID)).Order(ent.Asc(membertag.FieldTagID)).AllX(d.system) {
		tagIDs = append(tagIDs, p.TagID)
	}
	return tagIDs
}

func TestTagCreate(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		_, guideViewer := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		guide := testkit.As(t, guideViewer)
		made, err := d.TagCreate(guide, d.Store1.ID, " 喜宴 ")
		require.NoError(t, err)
		require.Equal(t, "喜宴", made.Name)
		require.Equal(t, d.Store1.ID, made.OrgID)
		_, err = d.TagCreate(guide, d.Store1.ID, "喜宴")
		code(t, apperr.TagExists, err, "input", "name")
		for _, id := range []int64{d.Store2.ID, d.Region.ID, 0} {
			_, err = d.TagCreate(guide, id, "喜宴")
			code(t, apperr.NotFound, err)
		}
		for _, name := range []string{"", strings.Repeat("签", 33), "a\tb"} {
			_, err = d.TagCreate(guide, d.Store1.ID, name)
			code(t, apperr.InvalidInput, err, "input", "name")
		}
		_, clerk := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		_, err = d.TagCreate(testkit.As(t, clerk), d.Store1.ID, "x")
		code(t, apperr.NotFound, err)
		_, err = d.TagCreate(d.admin(t, d.Root), d.Store2.ID, "喜宴")
		require.NoError(t, err, "another org, another tag")
		require.Len(t, d.audited("tagCreate"), 2)
		require.Equal(t, 2, d.client().Tag.Query().CountX(d.system))
	})
}

func TestRaceTagCreate(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		admin := d.admin(t, d.Root)
		got := race(32, func(int) error {
			_, err := d.TagCreate(admin, d.Store1.ID, "喜宴")
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 1, apperr.TagExists: 31}, got)
		require.Len(t, d.audited("tagCreate"), 1)
	})
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		admin := d.admin(t, d.Root)
		var want []int64
		for i := range 5 {
			made, err := d.TagCreate(admin, d.Store1.ID, strconv.Itoa(i))
			require.NoError(t, err)
			want = append(want, made.ID)
			_, err = d.TagCreate(admin, d.Store2.ID, strconv.Itoa(i))
			require.NoError(t, err)
		}
		_, guide := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		var got []int64
		var after *string
		for pages := 1; ; pages++ {
			page, err := d.Tags(testkit.As(t, guide), d.codec(), new(2), after)
			require.NoError(t, err)
			for _, tag := range page.Nodes {
				got = append(got, tag.ID)
			}
			if !page.HasNext {
				require.Equal(t, 3, pages)
				break
			}
			after = &page.EndCursor
		}
		require.Equal(t, want, got)
		page, err := d.Tags(admin, d.codec(), nil, nil)
		require.NoError(t, err)
		require.Len(t, page.Nodes, 10)
		_, clerk := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		page, err = d.Tags(testkit.As(t, clerk), d.codec(), nil, nil)
		require.NoError(t, err)
		require.Empty(t, page.Nodes)
		_, err = d.Tags(admin, d.codec(), new(101), nil)
		code(t, apperr.PageSizeInvalid, err)
		_, err = d.Tags(admin, d.codec(), nil, new("x"))
		code(t, apperr.CursorInvalid, err)
	})
}

func TestTagsSet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		admin := d.admin(t, d.Root)
		tag := func(org *ent.Org, name string) int64 {
			made, err := d.TagCreate(admin, org.ID, name)
			require.NoError(t, err)
			return made.ID
		}
		a, b, brand, theirs := tag(d.Store1, "a"), tag(d.Store1, "b"), tag(d.Root, "c"), tag(d.Store2, "d")
		m, v := d.NewMember(t)
		_, guideViewer := d.NewStaff(t, auth.Staff, d.Store1, auth.Guide)
		guide := testkit.As(t, guideViewer)

		_, err := d.TagsSet(guide, m.ID, []int64{a}, nil)
		code(t, apperr.NotFound, err)
		d.client().Member.UpdateOneID(m.ID).SetHomeStoreID(d.Store1.ID).ExecX(d.system)
		for _, c := range []struct{ add, remove []int64 }{{[]int64{a, theirs}, nil}, {nil, []int64{theirs}}, {[]int64{brand}, nil}, {[]int64{0}, nil}} {
			_, err = d.TagsSet(guide, m.ID, c.add, c.remove)
			code(t, apperr.NotFound, err)
		}
		_, err = d.TagsSet(guide, m.ID, []int64{a}, []int64{a})
		code(t, apperr.InvalidInput, err, "input", "remove")
		many := make([]int64, 21)
		for i := range many {
			many[i] = int64(i + 1)
		}
		_, err = d.TagsSet(guide, m.ID, many, nil)
		code(t, apperr.InvalidInput, err, "input", "add")
		_, err = d.TagsSet(guide, m.ID, nil, many)
		code(t, apperr.InvalidInput, err, "input", "remove")
		_, clerk := d.NewStaff(t, auth.Staff, d.Store1, auth.Clerk)
		_, err = d.TagsSet(testkit.As(t, clerk), m.ID, []int64{a}, nil)
		code(t, apperr.NotFound, err)
		require.Empty(t, d.put(m.ID))
		require.Empty(t, d.audited("memberTagsSet"))

		for range 2 {
			_, err = d.TagsSet(guide, m.ID, []int64{b, a, a}, nil)
			require.NoError(t, err)
		}
		require.Equal(t, []int64{a, b}, d.put(m.ID))
		require.Len(t, d.audited("memberTagsSet"), 1, "the second changed nothing")
		_, err = d.TagsSet(admin, m.ID, []int64{brand}, []int64{a, theirs})
		require.NoError(t, err)
		require.Equal(t, []int64{b, brand}, d.put(m.ID))

		shown := func(ctx auth.Viewer) (names []string) {
			tags, err := d.TagsOf(testkit.As(t, ctx), []int64{m.ID})
			require.NoError(t, err)
			require.Contains(t, tags, m.ID)
			for _, tag := range tags[m.ID] {
				names = append(names, tag.Name)
			}
			return names
		}
		_, boss := d.NewStaff(t, auth.Console, d.Root, auth.Admin)
		_, stranger := d.NewStaff(t, auth.Staff, d.Store2, auth.Guide)
		require.Equal(t, []string{"b", "c"}, shown(boss))
		require.Equal(t, []string{"b"}, shown(guideViewer))
		require.Empty(t, shown(stranger))
		require.Empty(t, shown(v), "the member itself sees none")

		require.NoError(t, d.Erase(d.system, v.PersonID))
		require.Empty(t, d.put(m.ID))
		_, err = d.TagsSet(admin, m.ID, []int64{brand}, nil)
		code(t, apperr.MemberCancelled, err)
	})
}

func TestRaceTagsSet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		admin := d.admin(t, d.Root)
		m, _ := d.NewMember(t)
		var tags []int64
		for i := range 4 {
			made, err := d.TagCreate(admin, d.Root.ID, strconv.Itoa(i))
			require.NoError(t, err)
			tags = append(tags, made.ID)
		}
		got := race(32, func(i int) error {
			_, err := d.TagsSet(admin, m.ID, []int64{tags[i%4], tags[(i+1)%4]}, nil)
			return err
		})
		require.Equal(t, map[apperr.Code]int{"": 32}, got)
		require.Equal(t, tags, d.put(m.ID))
	})
}

func TestRaceTagsSetAndErase(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		admin := d.admin(t, d.Root)
		m, v := d.NewMember(t)
		made, err := d.TagCreate(admin, d.Root.ID, "x")
		require.NoError(t, err)
		race(16, func(i int) error {
			if i == 8 {
				return d.Erase(d.system, v.PersonID)
			}
			_, err := d.TagsSet(admin, m.ID, []int64{made.ID}, nil)
			return err
		})
		require.Equal(t, enum.MemberCancelled, d.member(m.ID).State)
		require.Empty(t, d.put(m.ID), "no tag is left on a cancelled member")
	})
}
