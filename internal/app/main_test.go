package app_test

import (
	"testing"

	"dongxiao/internal/testkit/appkit"
)

// TestMain lets the test program be the server that a test kills.
func TestMain(m *testing.M) {
	appkit.RunServer()
	m.Run()
}
