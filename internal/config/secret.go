package config

import "log/slog"

// masked is what every way of printing a Secret shows.
const masked = "***"

// Secret is a setting that no log, error or %v may show. Reveal is the only way to its value.
type Secret string

// String is always "***", also for the empty secret, so that a log does not even tell whether one is set.
func (Secret) String() string { return masked }

// GoString keeps %#v from showing the value.
func (Secret) GoString() string { return masked }

// LogValue keeps slog from showing the value.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText keeps JSON and other encodings from showing the value.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Reveal gives the value itself, for the one place that uses it.
func (s Secret) Reveal() string { return string(s) }
