package config

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Dialect is the language a database speaks.
type Dialect string

// The dialects, by the names that Ent gives them.
const (
	MySQL  Dialect = "mysql"   // MySQL 8, MariaDB 10.6 and later, and what speaks their protocol
	SQLite Dialect = "sqlite3" // one file, for development and small installations
)

// maxURL bounds the length of an address that is parsed.
const maxURL = 2048

// DatabaseURL says where the database is. It is parsed once, when the setting is read; what is wrong with it is told by
// [Store.Validate], because the text may hold a password and must reach no other error.
type DatabaseURL struct {
	dialect Dialect
	path    string
	mysql   *mysql.Config
	err     error
}

// ParseDatabaseURL reads sqlite://PATH or mysql://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS. Its errors never show the input.
//
// Options of MySQL: tls (true, false, preferred or skip-verify), tls-ca (a file of PEM certificates to trust instead of the
// system's), socket (the path of a unix socket in place of the host), timeout, readTimeout and writeTimeout.
func ParseDatabaseURL(text string) (DatabaseURL, error) {
	var d DatabaseURL
	switch {
	case len(text) > maxURL:
		d.err = fmt.Errorf("must have at most %d characters", maxURL)
	case strings.HasPrefix(text, "sqlite://"):
		d.path, d.err = parseSQLitePath(strings.TrimPrefix(text, "sqlite://"))
		d.dialect = SQLite
	case strings.HasPrefix(text, "mysql://"):
		d.mysql, d.err = parseMySQL(text)
		d.dialect = MySQL
	default:
		d.err = errors.New("must begin with sqlite:// or mysql://")
	}
	return d, d.err
}

// UnmarshalText parses a setting. It never fails: the error would be shown together with the text.
func (d *DatabaseURL) UnmarshalText(text []byte) error {
	*d, _ = ParseDatabaseURL(string(text))
	return nil
}

// Dialect is empty where no database was named or its address is wrong.
func (d DatabaseURL) Dialect() Dialect {
	if d.err != nil {
		return ""
	}
	return d.dialect
}

// Path is the file of a SQLite database, and empty for any other.
func (d DatabaseURL) Path() string { return d.path }

// DSN is what the driver opens: go-sql-driver's DSN, which holds the password, or the file of SQLite.
func (d DatabaseURL) DSN() Secret {
	if d.mysql != nil {
		return Secret(d.mysql.FormatDSN())
	}
	return Secret(d.path)
}

// String names the database without user and password, for logs.
func (d DatabaseURL) String() string {
	switch d.Dialect() {
	case SQLite:
		return "sqlite://" + d.path
	case MySQL:
		return "mysql://" + d.mysql.Addr + "/" + d.mysql.DBName
	}
	return ""
}

// GoString keeps %#v from showing the password.
func (d DatabaseURL) GoString() string { return d.String() }

func parseSQLitePath(path string) (string, error) {
	switch {
	case path == "" || strings.HasSuffix(path, "/"):
		return "", errors.New("must name a file after sqlite://, such as sqlite://./data/dongxiao.db")
	case strings.ContainsAny(path, "?#%\x00") || strings.HasPrefix(path, ":"):
		return "", errors.New("must name a plain file after sqlite://, without ?, #, % or a leading colon")
	}
	return filepath.Clean(path), nil
}

// parseMySQL turns the address into the driver's configuration. The parameters on which correctness rests are fixed: times are
// read as UTC (parseTime, loc, the session's time_zone), an update counts the rows it matched (clientFoundRows), parameters are
// interpolated by the driver, which saves a round trip for each statement (interpolateParams).
func parseMySQL(text string) (*mysql.Config, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("is not an address such as mysql://user:password@host:3306/database; characters like @ : / ? # in a password are written %40 %3A %2F %3F %23")
	}
	options, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("has options after ? that cannot be read")
	}
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", u.Host
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = strings.TrimPrefix(u.Path, "/")
	c.ParseTime, c.Loc, c.ClientFoundRows, c.InterpolateParams = true, time.UTC, true, true
	c.Params = map[string]string{"time_zone": "'+00:00'"}
	c.Timeout = 5 * time.Second
	if socket := options.Get("socket"); socket != "" {
		c.Net, c.Addr = "unix", socket
	} else if c.Addr, err = hostPort(u, "3306"); err != nil {
		return nil, err
	}
	if c.User == "" {
		return nil, errors.New("must name a user before the @")
	}
	if c.DBName == "" || strings.ContainsAny(c.DBName, "/?#`\x00") {
		return nil, errors.New("must name a database after the host, such as mysql://user:password@host:3306/dongxiao")
	}
	for name, values := range options {
		if len(values) != 1 {
			return nil, errors.New("must name each option once")
		}
		if err := mysqlOption(c, name, values[0]); err != nil {
			return nil, err
		}
	}
	if err := mysqlTLS(c, options); err != nil {
		return nil, err
	}
	// The driver's DSN has no escapes for user, password and socket.
	back, err := mysql.ParseDSN(c.FormatDSN())
	if err != nil || back.User != c.User || back.Passwd != c.Passwd || back.Net != c.Net || back.Addr != c.Addr || back.DBName != c.DBName {
		return nil, errors.New("has a character in its user, password or socket that the driver cannot take")
	}
	return c, nil
}

func mysqlOption(c *mysql.Config, name, value string) error {
	fixed := map[string]string{"parseTime": "true", "loc": "UTC", "clientFoundRows": "true", "interpolateParams": "true"}
	if want, ok := fixed[name]; ok {
		if value != want {
			return fmt.Errorf("must not change the option %s, which is always %s", name, want)
		}
		return nil
	}
	var target *time.Duration
	switch name {
	case "tls", "tls-ca", "socket":
		return nil
	case "timeout":
		target = &c.Timeout
	case "readTimeout":
		target = &c.ReadTimeout
	case "writeTimeout":
		target = &c.WriteTimeout
	default:
		return errors.New("has an unknown option after ?; known are tls, tls-ca, socket, timeout, readTimeout and writeTimeout")
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > time.Hour {
		return fmt.Errorf("needs a duration such as 5s for its option %s", name)
	}
	*target = d
	return nil
}

// mysqlTLS sets the driver's TLS. Certificates of a file are registered with the driver under a name made of their hash.
func mysqlTLS(c *mysql.Config, options url.Values) error {
	mode, file := options.Get("tls"), options.Get("tls-ca")
	switch mode {
	case "", "false", "preferred", "skip-verify":
		if file != "" {
			return errors.New("has the option tls-ca, which needs tls=true")
		}
	case "true":
	default:
		return errors.New("needs true, false, preferred or skip-verify for its option tls")
	}
	c.TLSConfig = mode
	if file == "" {
		return nil
	}
	certificates, err := readCertificates(file)
	if err != nil {
		return errors.New("has an option tls-ca whose file cannot be read")
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certificates) {
		return errors.New("has an option tls-ca whose file holds no PEM certificate")
	}
	c.TLSConfig = fmt.Sprintf("dongxiao-%x", sha256.Sum256(certificates))
	// The driver fills in the name of the server that it connects to.
	return mysql.RegisterTLSConfig(c.TLSConfig, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
}

// readCertificates reads a regular file of at most 1 MiB.
func readCertificates(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, errors.New("not a regular file of at most 1 MiB")
	}
	return os.ReadFile(path)
}

// hostPort gives host:port of an address, with the port given where it names none.
func hostPort(u *url.URL, port string) (string, error) {
	if p := u.Port(); p != "" {
		port = p
	}
	if n, err := strconv.Atoi(port); u.Hostname() == "" || err != nil || n < 1 || n > 65535 {
		return "", errors.New("must name a host and a port from 1 to 65535")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}
