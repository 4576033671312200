package graph

import (
	"context"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/vikstrous/dataloadgen"

	"dongxiao/ent"
)

const (
	// keptRows bounds how many rows of one entity a server keeps.
	keptRows = 50_000
	// keptFor is how long a server goes on with a row after somebody changed it.
	keptFor = time.Minute
)

// kept are rows that almost every response refers to and that seldom or never change: responses share them, and nobody changes them in memory.
type kept struct {
	once       sync.Once
	couponRule *otter.Cache[int64, *ent.CouponRule]
	level      *otter.Cache[int64, *ent.Level]
}

func (k *kept) open() *kept {
	k.once.Do(func() {
		k.couponRule = rows[ent.CouponRule]()
		k.level = rows[ent.Level]()
	})
	return k
}

func rows[T any]() *otter.Cache[int64, *T] {
	return otter.Must(&otter.Options[int64, *T]{MaximumSize: keptRows, ExpiryCalculator: otter.ExpiryWriting[int64, *T](keptFor)})
}

// keeping is a loader that asks the kept rows first. A row's number is known only to who may see a row that refers to it.
type keeping[T any] struct {
	kept *otter.Cache[int64, *T]
	rest *dataloadgen.Loader[int64, *T]
}

// Load gives the row of the number.
func (k keeping[T]) Load(ctx context.Context, id int64) (*T, error) {
	if row, ok := k.kept.GetIfPresent(id); ok {
		return row, nil
	}
	row, err := k.rest.Load(ctx, id)
	if err == nil {
		k.kept.Set(id, row)
	}
	return row, err
}
