package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTicks is how many ticks a second /proc counts in: 100 on every Linux that Go runs on.
const clockTicks = 100

// cpu is the CPU time, user and system, that MariaDB, Redis and this process have used so far.
func (e *environment) cpu() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	total := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	for _, id := range []int{e.mariaDB.ProcessID(), e.redisServer.ProcessID()} {
		used, err := cpuOf(id)
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

// cpuOf is the CPU time that another process has used so far, to a hundredth of a second.
func cpuOf(processID int) (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", processID))
	if err != nil {
		return 0, err
	}
	// The name of the program, in brackets, may hold anything; user and system time are the 12th and 13th field after it.
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("process %d: %d fields in its stat", processID, len(fields))
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / clockTicks, err
}
