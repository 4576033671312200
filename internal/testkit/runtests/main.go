// Command runtests runs a test command with a private MariaDB that all its test processes share:
//
//	go run ./internal/testkit/runtests -- go test ./...
//
// It first installs the Debian packages that are missing when it is root, and says what to install otherwise. The command gets the
// server's address in DONGXIAO_TEST_MYSQL; a server that the caller already named there is used instead. Redis servers are started by
// the tests themselves. runtests exits with the command's code.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"dongxiao/internal/testkit/servers"
)

func main() {
	arguments := os.Args[1:]
	if len(arguments) > 0 && arguments[0] == "--" {
		arguments = arguments[1:]
	}
	if len(arguments) == 0 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/testkit/runtests -- command [argument ...]")
		os.Exit(2)
	}
	code, err := run(arguments)
	if err != nil {
		fmt.Fprintln(os.Stderr, "runtests:", err)
		code = 1
	}
	os.Exit(code)
}

// run gives the code that the command exits with; an error means that the command did not run to its end or that the server
// could not be started or stopped.
func run(arguments []string) (code int, err error) {
	// An interrupt is passed on to the command; runtests itself stays to stop the server.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx := context.Background()

	if err := servers.Install(ctx, os.Stderr); err != nil {
		return 0, err
	}
	environment := os.Environ()
	if os.Getenv(servers.MySQLVariable) == "" {
		var database *servers.Database
		if database, err = servers.MariaDB(ctx, servers.Options{}); err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, database.Stop()) }()
		environment = append(environment, servers.MySQLVariable+"="+database.DSN(""))
	}

	command := exec.Command(arguments[0], arguments[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = environment
	if err := command.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	for {
		select {
		case <-signals:
			_ = command.Process.Signal(os.Interrupt)
		case err := <-done:
			var failed *exec.ExitError
			if errors.As(err, &failed) {
				return max(1, failed.ExitCode()), nil
			}
			return 0, err
		}
	}
}
