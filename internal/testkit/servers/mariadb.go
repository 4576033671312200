package servers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mariaDBUser is the account that the tests use. It may do everything; it can come from the loopback address only, with a random
// password, because the machine may have other users.
const mariaDBUser = "dongxiao"

// Options of a private MariaDB. The zero value is right for tests that do not kill the server.
type Options struct {
	// Durable makes every commit reach the disk before it is answered, as production does. Benchmarks need it, and so do tests
	// that kill the server and count what was acknowledged. Without it commits reach the disk about once a second and nothing
	// is ever flushed, which makes creating tables about ten times faster.
	Durable bool
	// BufferPoolMegabytes is the size of InnoDB's buffer pool; 0 means 256.
	BufferPoolMegabytes int
	// Arguments end the command line of mariadbd, so they win over those given by default.
	Arguments []string
}

// Database is a MariaDB server that this process started for itself.
type Database struct {
	folder   *folder
	process  *process
	port     int
	password string
}

// MariaDB starts a server on an empty folder and a free port of the loopback address. The caller stops it; if the calling process
// dies first, the kernel kills the server (on Linux). The error names the Debian packages when the binaries are missing.
func MariaDB(ctx context.Context, options Options) (*Database, error) {
	server, err := find("mariadbd")
	if err != nil {
		return nil, err
	}
	installer, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	folder, err := newFolder()
	if err != nil {
		return nil, err
	}
	d := &Database{folder: folder, password: rand.Text()}
	if err := d.install(ctx, installer); err != nil {
		return nil, errors.Join(err, folder.remove())
	}
	logPath := folder.join("server.log")
	err = startOnFreePort(logPath, func(port int) error {
		d.port = port
		d.process = &process{path: server, arguments: d.arguments(options), logPath: logPath}
		if err := d.process.start(); err != nil {
			return err
		}
		return d.process.await(ctx, d.ping)
	})
	if err != nil {
		if d.process != nil {
			err = errors.Join(err, d.process.end())
		}
		return nil, errors.Join(err, folder.remove())
	}
	return d, nil
}

// install fills the folder with MariaDB's system tables and a script that the server runs at every start.
func (d *Database) install(ctx context.Context, installer string) error {
	account, err := user.Current()
	if err != nil {
		return err
	}
	if err := os.Mkdir(d.folder.join("tmp"), 0o700); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, installer, "--no-defaults", "--user="+account.Username, "--datadir="+d.folder.join("data"),
		"--auth-root-authentication-method=socket", "--auth-root-socket-user="+account.Username, "--skip-test-db",
		"--skip-name-resolve", "--innodb-flush-method=nosync", "--innodb-log-file-size=64M")
	// Two installations that share a folder for temporary tables take each other's away.
	command.Env = append(os.Environ(), "TMPDIR="+d.folder.join("tmp"))
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, output)
	}
	script := fmt.Sprintf("CREATE USER IF NOT EXISTS '%[1]s'@'127.0.0.1' IDENTIFIED BY '%[2]s';\nGRANT ALL ON *.* TO '%[1]s'@'127.0.0.1' WITH GRANT OPTION;\n", mariaDBUser, d.password)
	return os.WriteFile(d.folder.join("start.sql"), []byte(script), 0o600)
}

// arguments is the command line of the server.
func (d *Database) arguments(options Options) []string {
	megabytes := options.BufferPoolMegabytes
	if megabytes == 0 {
		megabytes = 256
	}
	arguments := []string{
		"--no-defaults",
		"--datadir=" + d.folder.join("data"),
		"--tmpdir=" + d.folder.join("tmp"),
		"--socket=" + d.folder.join("socket"),
		"--pid-file=" + d.folder.join("pid"),
		"--init-file=" + d.folder.join("start.sql"),
		"--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(d.port),
		"--skip-name-resolve",
		"--max-connections=500",
		"--character-set-server=utf8mb4",
		"--collation-server=utf8mb4_bin",
		"--default-time-zone=+00:00",
		"--skip-log-bin",
		"--performance-schema=OFF",
		"--innodb-buffer-pool-size=" + strconv.Itoa(megabytes) + "M",
	}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--user=root")
	}
	if options.Durable {
		arguments = append(arguments, "--innodb-flush-log-at-trx-commit=1")
	} else {
		arguments = append(arguments, "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-log-file-size=64M")
	}
	return append(arguments, options.Arguments...)
}

// DSN is the address of one database of the server for go-sql-driver, with the parameters that the store needs. An empty name
// means no database. It stays the same over restarts.
func (d *Database) DSN(name string) string {
	return d.config(name).FormatDSN()
}

// URL is the same address in the form of the setting --database: mysql://user:password@host:port/name.
func (d *Database) URL(name string) string {
	return databaseURL(d.config(name))
}

// databaseURL writes a driver's configuration in the form of the setting --database.
func databaseURL(config *mysql.Config) string {
	address := url.URL{Scheme: "mysql", User: url.UserPassword(config.User, config.Passwd), Host: config.Addr, Path: "/" + config.DBName}
	return address.String()
}

func (d *Database) config(name string) *mysql.Config {
	config := mysql.NewConfig()
	config.User, config.Passwd = mariaDBUser, d.password
	config.Net, config.Addr = "tcp", d.Address()
	config.DBName = name
	return withStoreParameters(config)
}

// withStoreParameters sets what every connection of the store needs (see the data chapter of the design): times as UTC
// time.Time, affected rows that count matches, and one round trip a statement.
func withStoreParameters(config *mysql.Config) *mysql.Config {
	config.ParseTime, config.Loc = true, time.UTC
	config.ClientFoundRows = true
	config.InterpolateParams = true
	return config
}

// Address is the server's host:port, for proxies that stand in front of it.
func (d *Database) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(d.port)) }

// ProcessID is the operating system's id of the server, for measuring its CPU time; 0 when it does not run.
func (d *Database) ProcessID() int { return d.process.id() }

// ping opens a connection of its own and tells whether the server answers it.
func (d *Database) ping(ctx context.Context) error {
	config := d.config("")
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	return errors.Join(pool.PingContext(ctx), pool.Close())
}

// CreateDatabase makes an empty database with the server's character set and collation (utf8mb4, compared as bytes).
func (d *Database) CreateDatabase(ctx context.Context, name string) error {
	return createDatabase(ctx, d.config(""), name)
}

// Restart shuts the server down in order, if it runs, starts it again on the same folder and port, and waits until it answers. It
// is also how a killed server comes back.
func (d *Database) Restart(ctx context.Context) error {
	return d.process.restart(ctx, d.ping)
}

// Kill ends the server at once, as a crash would. Its data stays for Restart.
func (d *Database) Kill() error { return d.process.signal(syscall.SIGKILL) }

// Stop ends the server and removes its folder; the server cannot be used again.
func (d *Database) Stop() error {
	return errors.Join(d.process.end(), d.folder.remove())
}
