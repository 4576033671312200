package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dongxiao/internal/keys"
)

// Validate tells everything that is wrong, as [Invalid]; nil where nothing is.
func (s Store) Validate() error {
	var problems Invalid
	problems.check("database", s.Database.err)
	if s.DataDirectory == "" || strings.ContainsRune(s.DataDirectory, 0) {
		problems.add("data-directory", "must name a folder")
	}
	if s.Production() && s.DatabaseURL().Dialect() == SQLite && !s.AllowSQLite {
		problems.add("database", "must be mysql:// in production; --allow-sqlite (%s) lets a small installation use SQLite", Variable("allow-sqlite"))
	}
	between(&problems, "database-connections", s.DatabaseConnections, 0, 10_000)
	return problems.err()
}

// Validate tells everything that is wrong, as [Invalid]; nil where nothing is.
func (s Sealed) Validate() error {
	var problems Invalid
	problems.merge(s.Store.Validate())
	for _, key := range []struct {
		flag string
		text Secret
	}{{"master-key", s.MasterKey}, {"previous-master-key", s.PreviousMasterKey}} {
		_, err := keys.ParseMasterKey(key.text.Reveal())
		switch {
		case key.text == "" && key.flag == "master-key" && s.Production():
			problems.add(key.flag, "is needed in production: 32 random bytes in base64, as openssl rand -base64 32 prints them")
		case key.text == "":
		case err != nil:
			problems.add(key.flag, "must be 32 random bytes in base64, as openssl rand -base64 32 prints them")
		case s.Production() && key.text == keys.DevelopmentMasterKey:
			problems.add(key.flag, "must not be the published development key in production")
		}
	}
	if s.PreviousMasterKey != "" && s.PreviousMasterKey == s.MasterKey {
		problems.add("previous-master-key", "must differ from --master-key")
	}
	return problems.err()
}

// Validate tells everything that is wrong, as [Invalid]; nil where nothing is.
func (s Simulator) Validate() error {
	var problems Invalid
	problems.check("simulator-listen", listenAddress(s.SimulatorListen))
	problems.check("simulator-control", listenAddress(s.SimulatorControl))
	distinct(&problems, map[string]string{"simulator-listen": s.SimulatorListen, "simulator-control": s.SimulatorControl})
	return problems.err()
}

// Validate tells everything that is wrong, as [Invalid]; nil where nothing is.
func (c Config) Validate() error {
	var problems Invalid
	problems.merge(c.Sealed.Validate())
	c.validateRedis(&problems)
	c.validateAddresses(&problems)
	c.validateWeChat(&problems)
	c.validateTimeouts(&problems)
	c.Limits.validate(&problems)
	if c.Production() {
		refuse := func(flag string, refused bool, reason string) {
			if refused {
				problems.add(flag, "%s", reason)
			}
		}
		refuse("explorer", c.ExplorerOn(), "must be off in production")
		refuse("open-documents", c.OpenDocumentsOn(), "must be off in production")
	}
	between(&problems, "cache-fragments", c.CacheFragments, 1, 10_000_000)
	if c.OTLPEndpoint != "" {
		_, err := baseURL(c.OTLPEndpoint)
		problems.check("otlp-endpoint", err)
	}
	between(&problems, "trace-ratio", c.TraceRatio, 0, 1)
	return problems.err()
}

func (c Config) validateRedis(problems *Invalid) {
	switch {
	case c.Redis.err != nil:
		problems.check("redis", c.Redis.err)
	case !c.Production():
	case c.Redis.isZero():
		problems.add("redis", "is needed in production: redis://user:password@host:6379/0")
	case c.Redis.Embedded():
		problems.add("redis", "must not be embedded in production: a second server could not share it, and a restart would empty it")
	}
	between(problems, "redis-connections", c.RedisConnections, 1, 10_000)
}

func (c Config) validateAddresses(problems *Invalid) {
	listen := map[string]string{"listen": c.Listen, "admin-listen": c.AdminListen}
	if c.SimulatorOn() {
		listen["simulator-listen"], listen["simulator-control"] = c.SimulatorListen, c.SimulatorControl
	}
	for _, flag := range []string{"listen", "admin-listen", "simulator-listen", "simulator-control"} {
		address, ok := listen[flag]
		if !ok {
			continue
		}
		err := listenAddress(address)
		problems.check(flag, err)
		if err == nil && !c.Production() && c.Environment != Development && !loopback(address) {
			problems.add(flag, "leaves this machine, but nothing said which environment this is; say --environment development to serve with published keys, or --environment production")
		}
	}
	distinct(problems, listen)
	if c.PublicURL != "" {
		u, err := baseURL(c.PublicURL)
		if err == nil && c.Production() && u.Scheme != "https" {
			err = errors.New("must begin with https:// in production")
		}
		problems.check("public-url", err)
	}
	for _, origin := range c.AllowedOrigins {
		if u, err := baseURL(origin); err != nil || u.Path != "" {
			problems.add("allowed-origins", "must list origins such as https://console.example.cn, without a path")
			break
		}
	}
	for _, network := range c.TrustedProxies {
		if network.Bits() == 0 {
			problems.add("trusted-proxies", "must not trust every address; name the networks of the proxies")
			break
		}
	}
}

func (c Config) validateWeChat(problems *Invalid) {
	if c.WeChatURL != "" {
		_, err := baseURL(c.WeChatURL)
		if err == nil && c.Production() && c.WeChatURL != WeChatAPI {
			err = errors.New("must be " + WeChatAPI + " in production")
		}
		problems.check("wechat-url", err)
	}
	if c.WeChatPayURL != "" {
		u, err := baseURL(c.WeChatPayURL)
		switch {
		case err != nil:
		case c.Production() && c.WeChatPayURL != WeChatPayAPI && c.WeChatPayURL != WeChatPayBackup:
			err = errors.New("must be " + WeChatPayAPI + " or " + WeChatPayBackup + " in production")
		case u.Path != "":
			err = errors.New("must have no path: what is signed begins with the path")
		}
		problems.check("wechat-pay-url", err)
	}
	if c.Production() && c.SimulatorOn() {
		problems.add("simulator", "must be off in production")
	}
}

func (c Config) validateTimeouts(problems *Invalid) {
	for _, t := range []struct {
		flag  string
		value time.Duration
		least time.Duration
	}{
		{"read-header-timeout", c.ReadHeaderTimeout, 100 * time.Millisecond},
		{"read-timeout", c.ReadTimeout, 100 * time.Millisecond},
		{"write-timeout", c.WriteTimeout, 100 * time.Millisecond},
		{"idle-timeout", c.IdleTimeout, 100 * time.Millisecond},
		{"shutdown-grace", c.ShutdownGrace, 0},
		{"socket-init-timeout", c.SocketInitTimeout, 100 * time.Millisecond},
		{"wechat-timeout", c.WeChatTimeout, 100 * time.Millisecond},
	} {
		duration(problems, t.flag, t.value, t.least, 10*time.Minute)
	}
}

func (l Limits) validate(problems *Invalid) {
	between(problems, "max-body", l.MaxBody, 1024, 16<<20)
	between(problems, "max-socket-message", l.MaxSocketMessage, 1024, 16<<20)
	for _, limit := range []struct {
		flag        string
		value, most int
	}{
		{"max-document", l.MaxDocument, 1 << 20},
		{"max-depth", l.MaxDepth, 100},
		{"max-fields", l.MaxFields, 10_000},
		{"max-aliases", l.MaxAliases, 10_000},
		{"max-directives", l.MaxDirectives, 10_000},
		// The rule that compares overlapping fields takes time by the square of the tokens.
		{"max-tokens", l.MaxTokens, 5_000},
		{"max-cost", l.MaxCost, 1_000_000_000},
		{"cost-per-minute", l.CostPerMinute, 1_000_000_000},
		{"cost-burst", l.CostBurst, 1_000_000_000},
		{"sign-ins-per-minute", l.SignInsPerMinute, 1_000_000},
		{"max-sockets", l.MaxSockets, 1_000_000},
		{"max-sockets-per-person", l.MaxSocketsPerPerson, 1_000},
		{"max-subscriptions", l.MaxSubscriptions, 1_000},
	} {
		between(problems, limit.flag, limit.value, 1, limit.most)
	}
	if l.CostBurst < l.MaxCost && l.MaxCost >= 1 {
		problems.add("cost-burst", "must not be below --max-cost, or the costliest operation could never run")
	}
}

func duration(problems *Invalid, flag string, value, least, most time.Duration) {
	if value < least || value > most {
		problems.add(flag, "must be between %s and %s", least, most)
	}
}

// distinct records a problem for each address that another setting has as well. Port 0 is a free port each time.
func distinct(problems *Invalid, addresses map[string]string) {
	flags := []string{"listen", "admin-listen", "simulator-listen", "simulator-control"}
	for i, flag := range flags {
		for _, other := range flags[:i] {
			a, b := addresses[flag], addresses[other]
			if a != "" && a == b && !strings.HasSuffix(a, ":0") {
				problems.add(flag, "must differ from --%s", other)
			}
		}
	}
}

// listenAddress accepts HOST:PORT and :PORT.
func listenAddress(address string) error {
	wrong := errors.New("must be HOST:PORT, such as 127.0.0.1:8080")
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return wrong
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return wrong
	}
	if _, err := netip.ParseAddr(host); err != nil && !hostName(host) && host != "" {
		return wrong
	}
	return nil
}

// hostName says whether s is letters, digits, dots and hyphens, as a host's name is.
func hostName(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

// loopback says whether an address to listen on is reachable from this machine alone.
func loopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// baseURL accepts http or https, a host and a path, and nothing else: no user, query, fragment or trailing slash.
func baseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxURL || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" ||
		u.Scheme != "http" && u.Scheme != "https" || strings.HasSuffix(text, "/") || strings.HasSuffix(text, "#") {
		return nil, errors.New("must be an address such as https://api.example.cn, without user, query or trailing slash")
	}
	if _, err := hostPort(u, "80"); err != nil {
		return nil, err
	}
	return u, nil
}
