package command

import (
	"bufio"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// setMemory lets the collector run less often than Go's default (GOGC=400 takes a quarter less CPU) as long as memory is plenty, and
// as often as needed above 70 % of what this machine or container has. GOGC and GOMEMLIMIT in the environment win.
func setMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if limit := availableMemory(os.ReadFile); os.Getenv("GOMEMLIMIT") == "" && limit > 0 {
		debug.SetMemoryLimit(limit / 10 * 7)
	}
}

// availableMemory is the container's limit or the machine's memory, whichever is less, in bytes; 0 where neither can be told.
func availableMemory(read func(string) ([]byte, error)) int64 {
	var available int64
	if text, err := read("/proc/meminfo"); err == nil {
		for scanner := bufio.NewScanner(strings.NewReader(string(text))); scanner.Scan(); {
			if fields := strings.Fields(scanner.Text()); len(fields) == 3 && fields[0] == "MemTotal:" {
				kilobytes, _ := strconv.ParseInt(fields[1], 10, 53)
				available = kilobytes << 10
			}
		}
	}
	if text, err := read("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 && (available == 0 || limit < available) {
			available = limit
		}
	}
	return available
}
