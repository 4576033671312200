package graph

import (
	"context"

	"dongxiao/ent"
	"dongxiao/graph/model"
	"dongxiao/internal/ids"
)

// memberPayload is the answer of calls that change one member.
func memberPayload(ctx context.Context, m *ent.Member, err error) (*model.MemberPayload, error) {
	errs, err := refuse(ctx, "MemberErrorCode", err)
	return &model.MemberPayload{Member: m, UserErrors: errs}, err
}

// numbers are the rows' numbers of a list of ids, 0 for those of another kind.
func numbers(list []*ids.ID, kind ids.Kind) []int64 {
	values := make([]int64, len(list))
	for i, id := range list {
		values[i] = id.Of(kind)
	}
	return values
}
