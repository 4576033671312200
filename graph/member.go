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

// nullableID is the row's number of an id that may be left out: nil without one, 0 for one of another kind.
func nullableID(id *ids.ID, kind ids.Kind) *int64 {
	if id == nil {
		return nil
	}
	value := id.Of(kind)
	return &value
}

// numbers are the rows' numbers of a list of ids, 0 for those of another kind.
func numbers(list []*ids.ID, kind ids.Kind) []int64 {
	values := make([]int64, len(list))
	for i, id := range list {
		values[i] = id.Of(kind)
	}
	return values
}
