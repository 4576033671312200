package graph

import (
	"dongxiao/graph/model"
	"dongxiao/internal/listing"
)

// pageInfo says where a page ends.
func pageInfo[T any](p *listing.Page[T]) model.PageInfo {
	info := model.PageInfo{HasNextPage: p.HasNext}
	if p.EndCursor != "" {
		info.EndCursor = &p.EndCursor
	}
	return info
}
