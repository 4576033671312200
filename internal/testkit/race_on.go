//go:build race

package testkit

// raceDetector says that the race detector is on.
const raceDetector = true
