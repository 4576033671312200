package config

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is one setting that stops the start.
type Problem struct {
	// Flag is the setting's name on the command line, without its dashes; Variable names it in the environment.
	Flag string
	// Reason completes the sentence "--flag (VARIABLE) …". It never holds the setting's value.
	Reason string
}

// Variable is the name of the environment variable that sets the same as the flag.
func (p Problem) Variable() string { return Variable(p.Flag) }

// Error is one sentence that names the setting both ways.
func (p Problem) Error() string { return fmt.Sprintf("--%s (%s) %s.", p.Flag, p.Variable(), p.Reason) }

// Variable is the environment variable of a flag: DONGXIAO_MASTER_KEY of master-key.
func Variable(flag string) string {
	return "DONGXIAO_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Invalid lists everything that is wrong with a configuration, so that it can be put right at once.
type Invalid []Problem

// Error has one line a problem.
func (i Invalid) Error() string {
	lines := make([]string, len(i))
	for n, p := range i {
		lines[n] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// add records a problem with a flag.
func (i *Invalid) add(flag, format string, args ...any) {
	*i = append(*i, Problem{Flag: flag, Reason: fmt.Sprintf(format, args...)})
}

// check records err, unless it is nil, as the problem of a flag.
func (i *Invalid) check(flag string, err error) {
	if err != nil {
		i.add(flag, "%s", err)
	}
}

// merge takes over the problems of a part of the configuration.
func (i *Invalid) merge(err error) {
	if part, ok := errors.AsType[Invalid](err); ok {
		*i = append(*i, part...)
	}
}

// err is nil where nothing is wrong.
func (i Invalid) err() error {
	if len(i) == 0 {
		return nil
	}
	return i
}

// between records a problem unless least ≤ value ≤ most.
func between[T int | int64 | float64](i *Invalid, flag string, value, least, most T) {
	if !(value >= least && value <= most) {
		i.add(flag, "must be between %v and %v", least, most)
	}
}
