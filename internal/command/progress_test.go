package command

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgressWithoutATerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := NewProgress(&out, "members", 1000)
		for range 1000 {
			time.Sleep(10 * time.Millisecond)
			p.Add(1)
		}
		p.Finish()
		require.Equal(t, "members: 300 of 1000 (30%)\nmembers: 600 of 1000 (60%)\nmembers: 900 of 1000 (90%)\nmembers: 1000 done in 10s\n", out.String())

		out.Reset()
		p = NewProgress(&out, "rows", 0)
		time.Sleep(4 * time.Second)
		p.Set(7, 0)
		p.Finish()
		require.Equal(t, "rows: 7\nrows: 7 done in 4s\n", out.String())
	})
}

func TestAvailableMemory(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		meminfo, limit string
		want           int64
	}{
		{"MemTotal:        1024 kB\nMemFree: 1 kB\n", "max\n", 1 << 20},
		{"MemTotal:        1024 kB\n", "524288\n", 512 << 10},
		{"MemTotal:        1024 kB\n", "9223372036854771712\n", 1 << 20},
		{"", "524288\n", 512 << 10},
		{"MemTotal: nonsense kB\n", "nonsense", 0},
		{"", "", 0},
	} {
		got := availableMemory(func(path string) ([]byte, error) {
			text := row.meminfo
			if path == "/sys/fs/cgroup/memory.max" {
				text = row.limit
			}
			if text == "" {
				return nil, errors.New("no such file")
			}
			return []byte(text), nil
		})
		require.Equal(t, row.want, got)
	}
}
