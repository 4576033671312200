package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// requirement is a program that the whole run of the tests needs and the Debian packages that bring it.
type requirement struct {
	program  string
	packages []string
}

// requirements of make test. mariadb-server-core is the server without the service that mariadb-server would start.
var requirements = []requirement{
	{"mariadbd", []string{"mariadb-server-core"}},
	{"mariadb-install-db", []string{"mariadb-server-core"}},
	{"my_print_defaults", []string{"mariadb-client-core"}}, // mariadb-install-db calls it
	{"redis-server", []string{"redis-server"}},
	{"gcc", []string{"gcc", "libc6-dev"}}, // the race detector is linked with it
}

// installSentence tells a developer how to get the servers.
func installSentence() string {
	return "on Debian or Ubuntu run: apt-get install mariadb-server-core mariadb-client-core redis-server"
}

// missing gives the packages of the requirements that find does not find, each once.
func missing(find func(string) (string, error)) []string {
	var packages []string
	seen := map[string]bool{}
	for _, requirement := range requirements {
		if _, err := find(requirement.program); err == nil {
			continue
		}
		for _, name := range requirement.packages {
			if !seen[name] {
				seen[name] = true
				packages = append(packages, name)
			}
		}
	}
	return packages
}

// Install makes sure that MariaDB, Redis and what the race detector needs are on this machine. It installs the Debian packages when
// they are missing and the caller is root; otherwise the error says what to install. apt-get's output goes to out.
func Install(ctx context.Context, out io.Writer) error {
	packages := missing(find)
	if len(packages) == 0 {
		return nil
	}
	sentence := "the tests need what is not installed here; on Debian or Ubuntu run: apt-get install " + strings.Join(packages, " ")
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return errors.New(sentence)
	}
	install := append([]string{"install", "--yes", "--no-install-recommends"}, packages...)
	for _, arguments := range [][]string{{"update", "--quiet"}, install} {
		_, _ = fmt.Fprintln(out, "apt-get", strings.Join(arguments, " "))
		command := exec.CommandContext(ctx, "apt-get", arguments...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		command.Stdout, command.Stderr = out, out
		if err := command.Run(); err != nil {
			return fmt.Errorf("apt-get %s: %w; %s", arguments[0], err, sentence)
		}
	}
	if packages := missing(find); len(packages) > 0 {
		return fmt.Errorf("still missing after the installation: %s", strings.Join(packages, " "))
	}
	return nil
}
