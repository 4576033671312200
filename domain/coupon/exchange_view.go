package coupon

import "time"

// CodeRefusal is a code of an import that was not taken.
type CodeRefusal struct {
	Index int
	Fault CodeFault
}

// CodeBatch are the codes of one template that came together.
type CodeBatch struct {
	Batch            string
	Codes, Exchanged int64
	CreatedAt        time.Time
}
