package graph

import (
	"testing"

	"github.com/stretchr/testify/require"

	"dongxiao/auth"
	"dongxiao/ent"
	"dongxiao/internal/ids"
)

func TestNamesAreMaskedForOthers(t *testing.T) {
	t.Parallel()
	p := &ent.Person{ID: 7, Nickname: "李小明", Gender: "MALE", Birthday: "1990-01-01", AvatarURL: "https://img.example.cn/a.png"}
	r := (&Resolver{}).Person()
	for viewer, want := range map[int64]string{7: "李小明", 8: "李**", 0: "李**"} {
		ctx := auth.NewContext(t.Context(), auth.Viewer{PersonID: viewer})
		name, err := r.Nickname(ctx, p)
		require.NoError(t, err)
		require.Equal(t, want, name)
		avatar, err := r.AvatarURL(ctx, p)
		require.NoError(t, err)
		require.Equal(t, viewer == 7, avatar != "")
		gender, err := r.Gender(ctx, p)
		require.NoError(t, err)
		require.Equal(t, viewer == 7, gender != nil)
		birthday, err := r.Birthday(ctx, p)
		require.NoError(t, err)
		require.Equal(t, viewer == 7, birthday != nil)
	}
}

func TestNumbersOfIDs(t *testing.T) {
	t.Parallel()
	member, org := ids.ID{Kind: ids.Member, Value: 5}, ids.ID{Kind: ids.Org, Value: 6}
	require.Equal(t, []int64{5, 0}, numbers([]*ids.ID{&member, &org}, ids.Member))
	require.Nil(t, numberOf(nil, ids.Member))
	require.Equal(t, int64(0), *numberOf(&org, ids.Member))
	require.Equal(t, int64(5), *numberOf(&member, ids.Member))
}
