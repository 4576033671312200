package graph

import (
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"dongxiao/ent"
	"dongxiao/ent/document"
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
	couponRule *otter.Cache[int64, *document.CouponRule]
	level      *otter.Cache[int64, *ent.Level]
}

func (k *kept) open() *kept {
	k.once.Do(func() {
		k.couponRule = rows[document.CouponRule]()
		k.level = rows[ent.Level]()
	})
	return k
}

func rows[T any]() *otter.Cache[int64, *T] {
	return otter.Must(&otter.Options[int64, *T]{MaximumSize: keptRows, ExpiryCalculator: otter.ExpiryWriting[int64, *T](keptFor)})
}
