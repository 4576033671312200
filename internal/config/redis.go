package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// RedisURL says where Redis is: on one or several servers, or inside this process. It is parsed once, when the setting is read;
// what is wrong with it is told by [Config.Validate], because the text may hold a password and must reach no other error.
type RedisURL struct {
	embedded bool
	options  *redis.UniversalOptions
	err      error
}

// ParseRedisURL reads redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss:// for TLS, with ?addr=HOST:PORT once for each further
// node of a cluster, or the word embedded. Its errors never show the input.
func ParseRedisURL(text string) (RedisURL, error) {
	var r RedisURL
	switch {
	case text == "embedded":
		r.embedded = true
	case len(text) > maxURL:
		r.err = fmt.Errorf("must have at most %d characters", maxURL)
	case strings.HasPrefix(text, "redis://") || strings.HasPrefix(text, "rediss://"):
		r.options, r.err = parseRedis(text)
	default:
		r.err = errors.New("must begin with redis:// or rediss://, or be the word embedded")
	}
	return r, r.err
}

// UnmarshalText parses a setting. It never fails: the error would be shown together with the text.
func (r *RedisURL) UnmarshalText(text []byte) error {
	*r, _ = ParseRedisURL(string(text))
	return nil
}

// Embedded says that Redis is to run inside this process.
func (r RedisURL) Embedded() bool { return r.embedded }

// Options gives a copy of the client's options, which hold the password; nil where Redis is embedded. Two or more Addrs mean a
// cluster.
func (r RedisURL) Options() *redis.UniversalOptions {
	if r.options == nil {
		return nil
	}
	o := *r.options
	o.Addrs = slices.Clone(o.Addrs)
	if o.TLSConfig != nil {
		o.TLSConfig = o.TLSConfig.Clone()
	}
	return &o
}

// String names the servers without user and password, for logs.
func (r RedisURL) String() string {
	switch {
	case r.embedded:
		return "embedded"
	case r.options != nil:
		return "redis://" + strings.Join(r.options.Addrs, ",")
	}
	return ""
}

// GoString keeps %#v from showing the password.
func (r RedisURL) GoString() string { return r.String() }

func (r RedisURL) isZero() bool { return !r.embedded && r.options == nil && r.err == nil }

func parseRedis(text string) (*redis.UniversalOptions, error) {
	unreadable := errors.New("is not an address such as redis://user:password@host:6379/0; characters like @ : / ? # in a password are written %40 %3A %2F %3F %23")
	u, err := url.Parse(text)
	if err != nil {
		return nil, unreadable
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("has options after ? that cannot be read")
	}
	first, err := hostPort(u, "6379")
	if err != nil {
		return nil, err
	}
	addresses := []string{first}
	for _, extra := range query["addr"] {
		address, err := hostPort(&url.URL{Host: extra}, "6379")
		if err != nil {
			return nil, errors.New("must name a host and a port in each addr")
		}
		if slices.Contains(addresses, address) {
			return nil, errors.New("must name each node of the cluster once")
		}
		addresses = append(addresses, address)
	}
	query.Del("addr")
	u.RawQuery = query.Encode()
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, unreadable
	}
	if len(addresses) > 1 && o.DB != 0 {
		return nil, errors.New("must not name a database other than 0: a cluster has only that one")
	}
	return &redis.UniversalOptions{
		Addrs: addresses, DB: o.DB, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig, Protocol: o.Protocol,
		ClientName: o.ClientName, MaxRetries: o.MaxRetries, MinRetryBackoff: o.MinRetryBackoff, MaxRetryBackoff: o.MaxRetryBackoff,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, ContextTimeoutEnabled: true,
		PoolFIFO: o.PoolFIFO, PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout, MinIdleConns: o.MinIdleConns, MaxIdleConns: o.MaxIdleConns,
		MaxActiveConns: o.MaxActiveConns, ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime,
	}, nil
}
