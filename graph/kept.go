package graph

import (
	"sync"
	"time"

	"dongxiao/ent"
	"dongxiao/ent/document"
	"dongxiao/internal/memory"
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
	couponRule *memory.Cache[int64, *document.CouponRule]
	level      *memory.Cache[int64, *ent.Level]
}

func (k *kept) open() *kept {
	k.once.Do(func() {
		k.couponRule = rows[document.CouponRule]()
		k.level = rows[ent.Level]()
	})
	return k
}

func rows[T any]() *memory.Cache[int64, *T] {
	return memory.New[int64](memory.Options[*T]{Size: keptRows, Lifetime: memory.For[*T](keptFor)})
}
