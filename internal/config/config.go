// Package config is the one typed configuration of the server. Each setting is a flag and an environment variable of the same
// name (--listen, DONGXIAO_LISTEN), explained by --help; the flag wins. The sections nest, so that a command asks for no more
// than it needs: [Store] for what opens the database, [Sealed] for what also opens its secrets, [Config] for the server.
//
// Reading and validating are two steps. What a setting says is read by kong; whether it may stand is told by Validate, which
// kong calls on every section of the command that was chosen and which lists everything that is wrong at once.
package config

import (
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"

	"dongxiao/internal/keys"
)

// Environment says how strict the server is about its settings.
type Environment string

// The environments.
const (
	// Development accepts every default: published keys, the simulator, SQLite, Redis inside the process, the explorer.
	Development Environment = "development"
	// Production refuses all of these.
	Production Environment = "production"
	// Auto is development with SQLite and production with any other database.
	Auto Environment = "auto"
)

// Switch is a setting whose default depends on the environment.
type Switch string

// The positions of a switch.
const (
	On        Switch = "on"
	Off       Switch = "off"
	Automatic Switch = "auto"
)

// WeChatAPI is the address of WeChat's servers, the only one that production talks to.
const WeChatAPI = "https://api.weixin.qq.com"

// WeChatPayAPI and WeChatPayBackup are the addresses of WeChat Pay's servers, the only ones that production talks to.
const (
	WeChatPayAPI    = "https://api.mch.weixin.qq.com"
	WeChatPayBackup = "https://api2.mch.weixin.qq.com"
)

// Store is what every command that opens the database is told.
type Store struct {
	Environment   Environment `name:"environment" env:"DONGXIAO_ENVIRONMENT" enum:"auto,development,production" default:"auto" group:"Installation:" help:"development, production, or auto: development with a SQLite database, production with any other."`
	DataDirectory string      `name:"data-directory" env:"DONGXIAO_DATA_DIRECTORY" default:"./data" placeholder:"FOLDER" group:"Installation:" help:"Folder of the SQLite database, of uploaded files and of the demo's files. Default: ./data."`
	LogLevel      string      `name:"log-level" env:"DONGXIAO_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" group:"Installation:" help:"Least level that is logged: debug, info, warn or error. Default: info."`
	LogFormat     string      `name:"log-format" env:"DONGXIAO_LOG_FORMAT" enum:"auto,json,text" default:"auto" group:"Installation:" help:"json, text, or auto: text in development, json in production."`

	Database            DatabaseURL `name:"database" env:"DONGXIAO_DATABASE" placeholder:"URL" group:"Database:" help:"sqlite://PATH or mysql://USER:PASSWORD@HOST:3306/DATABASE, with the options tls, tls-ca, socket, timeout, readTimeout and writeTimeout after a ?. Default: sqlite://, dongxiao.db in the data directory."`
	AllowSQLite         bool        `name:"allow-sqlite" env:"DONGXIAO_ALLOW_SQLITE" group:"Database:" help:"Let production use SQLite: one server, one machine, modest traffic."`
	DatabaseConnections int         `name:"database-connections" env:"DONGXIAO_DATABASE_CONNECTIONS" default:"0" placeholder:"N" group:"Database:" help:"Most connections to the database at once. Default: 64, with SQLite 8."`
}

// Sealed is a Store and the keys that open what is encrypted in it.
type Sealed struct {
	Store `embed:""`

	MasterKey         Secret `name:"master-key" env:"DONGXIAO_MASTER_KEY" placeholder:"BASE64" group:"Keys:" help:"Key under which all secrets in the database are encrypted: 32 random bytes in base64 (openssl rand -base64 32). Better given by the environment than by the flag, which other users of the machine can read. Development has a published one."`
	PreviousMasterKey Secret `name:"previous-master-key" env:"DONGXIAO_PREVIOUS_MASTER_KEY" placeholder:"BASE64" group:"Keys:" help:"The master key before, which still opens older secrets until keys rotate has sealed these anew."`
}

// Simulator says where the WeChat simulator listens.
type Simulator struct {
	SimulatorListen  string `name:"simulator-listen" env:"DONGXIAO_SIMULATOR_LISTEN" default:"127.0.0.1:8081" placeholder:"HOST:PORT" group:"WeChat:" help:"Address on which the simulator answers in WeChat's place. Default: 127.0.0.1:8081."`
	SimulatorControl string `name:"simulator-control" env:"DONGXIAO_SIMULATOR_CONTROL" default:"127.0.0.1:8082" placeholder:"HOST:PORT" group:"WeChat:" help:"Address on which the simulator takes orders: make users, fail, be slow. Default: 127.0.0.1:8082."`
}

// Config is everything that the server is told.
type Config struct {
	Sealed `embed:""`

	Redis            RedisURL `name:"redis" env:"DONGXIAO_REDIS" placeholder:"URL" group:"Redis:" help:"redis://USER:PASSWORD@HOST:6379/0, rediss:// for TLS, with ?addr=HOST:PORT for each further node of a cluster; or embedded, a Redis inside this process, which is development's default. Production must name one."`
	RedisConnections int      `name:"redis-connections" env:"DONGXIAO_REDIS_CONNECTIONS" default:"64" placeholder:"N" group:"Redis:" help:"Most connections to each Redis server at once. Default: 64."`

	Listen         string         `name:"listen" env:"DONGXIAO_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"HTTP:" help:"Address of the API. Default: 127.0.0.1:8080."`
	AdminListen    string         `name:"admin-listen" env:"DONGXIAO_ADMIN_LISTEN" default:"127.0.0.1:9090" placeholder:"HOST:PORT" group:"HTTP:" help:"Address of metrics and profiles, which must not be reachable from the internet. Default: 127.0.0.1:9090."`
	PublicURL      string         `name:"public-url" env:"DONGXIAO_PUBLIC_URL" placeholder:"URL" group:"HTTP:" help:"Address under which clients and WeChat reach this server, as in https://api.example.cn. Default: http:// and the listen address."`
	AllowedOrigins []string       `name:"allowed-origins" env:"DONGXIAO_ALLOWED_ORIGINS" placeholder:"URL" group:"HTTP:" help:"Origins of web pages that may call the API, such as the console's, separated by commas. Mini-programs need none. Default: none but the server's own."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"DONGXIAO_TRUSTED_PROXIES" placeholder:"CIDR" group:"HTTP:" help:"Networks of proxies whose X-Forwarded-For is believed, separated by commas, such as 10.0.0.0/8. Default: none."`

	ReadHeaderTimeout time.Duration `name:"read-header-timeout" env:"DONGXIAO_READ_HEADER_TIMEOUT" default:"5s" placeholder:"DURATION" group:"Time-outs:" help:"Time for a request's headers to arrive. Default: 5s."`
	ReadTimeout       time.Duration `name:"read-timeout" env:"DONGXIAO_READ_TIMEOUT" default:"15s" placeholder:"DURATION" group:"Time-outs:" help:"Time for a whole request to arrive. Default: 15s."`
	WriteTimeout      time.Duration `name:"write-timeout" env:"DONGXIAO_WRITE_TIMEOUT" default:"30s" placeholder:"DURATION" group:"Time-outs:" help:"Time to answer, event streams and sockets excepted. Default: 30s."`
	IdleTimeout       time.Duration `name:"idle-timeout" env:"DONGXIAO_IDLE_TIMEOUT" default:"60s" placeholder:"DURATION" group:"Time-outs:" help:"Time that a connection is kept between requests. Default: 60s."`
	ShutdownGrace     time.Duration `name:"shutdown-grace" env:"DONGXIAO_SHUTDOWN_GRACE" default:"20s" placeholder:"DURATION" group:"Time-outs:" help:"Time that requests and jobs get to finish when the server stops. Default: 20s."`
	SocketInitTimeout time.Duration `name:"socket-init-timeout" env:"DONGXIAO_SOCKET_INIT_TIMEOUT" default:"5s" placeholder:"DURATION" group:"Time-outs:" help:"Time for a new socket to send connection_init. Default: 5s."`
	WeChatTimeout     time.Duration `name:"wechat-timeout" env:"DONGXIAO_WECHAT_TIMEOUT" default:"5s" placeholder:"DURATION" group:"Time-outs:" help:"Time that WeChat gets to answer a call. Default: 5s."`

	Limits Limits `embed:"" group:"Limits:"`

	Explorer      Switch `name:"explorer" env:"DONGXIAO_EXPLORER" enum:"auto,on,off" default:"auto" placeholder:"auto|on|off" group:"API:" help:"GraphiQL at /. auto: on in development; production refuses it."`
	OpenDocuments Switch `name:"open-documents" env:"DONGXIAO_OPEN_DOCUMENTS" enum:"auto,on,off" default:"auto" placeholder:"auto|on|off" group:"API:" help:"Accept any GraphQL document and answer introspection, not only run the operations of the known front ends. auto: on in development; production refuses it."`

	Cache          bool `name:"cache" env:"DONGXIAO_CACHE" default:"true" negatable:"" group:"Caches:" help:"Cache public reads for a few seconds. On unless --no-cache."`
	CacheFragments int  `name:"cache-fragments" env:"DONGXIAO_CACHE_FRAGMENTS" default:"10000" placeholder:"N" group:"Caches:" help:"Encoded answers of public fields kept in memory. Default: 10000."`

	WeChatURL    string `name:"wechat-url" env:"DONGXIAO_WECHAT_URL" placeholder:"URL" group:"WeChat:" help:"Where WeChat's API is. Default: the simulator where it runs, otherwise https://api.weixin.qq.com, which is the only one that production accepts."`
	WeChatPayURL string `name:"wechat-pay-url" env:"DONGXIAO_WECHAT_PAY_URL" placeholder:"URL" group:"WeChat:" help:"Where WeChat Pay's API is. Default: the simulator where it runs, otherwise https://api.mch.weixin.qq.com; production accepts this one and its backup https://api2.mch.weixin.qq.com."`
	RunSimulator Switch `name:"simulator" env:"DONGXIAO_SIMULATOR" enum:"auto,on,off" default:"auto" placeholder:"auto|on|off" group:"WeChat:" help:"Start the WeChat simulator as a child process. auto: on in development; production refuses it."`
	Simulator    `embed:""`

	OTLPEndpoint string  `name:"otlp-endpoint" env:"DONGXIAO_OTLP_ENDPOINT" placeholder:"URL" group:"Observation:" help:"OpenTelemetry collector that takes traces by OTLP over HTTP, as in http://127.0.0.1:4318. Headers for it go into OTEL_EXPORTER_OTLP_HEADERS. Default: no traces."`
	TraceRatio   float64 `name:"trace-ratio" env:"DONGXIAO_TRACE_RATIO" default:"1" placeholder:"RATIO" group:"Observation:" help:"Share of requests traced, from 0 to 1, where the caller has not decided. Default: 1."`
}

// Limits bound what one request, person or address may cost. All are refusals with a typed error.
type Limits struct {
	MaxBody             int64 `name:"max-body" env:"DONGXIAO_MAX_BODY" default:"262144" placeholder:"BYTES" help:"Largest body of a GraphQL request. Default: 262144."`
	MaxDocument         int   `name:"max-document" env:"DONGXIAO_MAX_DOCUMENT" default:"32768" placeholder:"BYTES" help:"Longest GraphQL document. Default: 32768."`
	MaxDepth            int   `name:"max-depth" env:"DONGXIAO_MAX_DEPTH" default:"12" placeholder:"N" help:"Deepest nesting of a GraphQL document. Default: 12."`
	MaxFields           int   `name:"max-fields" env:"DONGXIAO_MAX_FIELDS" default:"500" placeholder:"N" help:"Most fields of a document, fragments unfolded. Default: 500."`
	MaxAliases          int   `name:"max-aliases" env:"DONGXIAO_MAX_ALIASES" default:"50" placeholder:"N" help:"Most aliases of a document. Default: 50."`
	MaxDirectives       int   `name:"max-directives" env:"DONGXIAO_MAX_DIRECTIVES" default:"50" placeholder:"N" help:"Most directives of a document. Default: 50."`
	MaxTokens           int   `name:"max-tokens" env:"DONGXIAO_MAX_TOKENS" default:"1000" placeholder:"N" help:"Most lexical tokens of a document. Default: 1000."`
	MaxCost             int   `name:"max-cost" env:"DONGXIAO_MAX_COST" default:"10000" placeholder:"POINTS" help:"Highest cost of one operation. Default: 10000."`
	CostPerMinute       int   `name:"cost-per-minute" env:"DONGXIAO_COST_PER_MINUTE" default:"60000" placeholder:"POINTS" help:"Cost that one person may cause in a minute. Default: 60000."`
	CostBurst           int   `name:"cost-burst" env:"DONGXIAO_COST_BURST" default:"20000" placeholder:"POINTS" help:"Cost that one person may cause at once. Default: 20000."`
	SignInsPerMinute    int   `name:"sign-ins-per-minute" env:"DONGXIAO_SIGN_INS_PER_MINUTE" default:"120" placeholder:"N" help:"Sign-ins that one client address may try in a minute; many people share one behind a carrier. Default: 120."`
	MaxSockets          int   `name:"max-sockets" env:"DONGXIAO_MAX_SOCKETS" default:"20000" placeholder:"N" help:"Sockets and event streams open at once on this server. Default: 20000."`
	MaxSocketsPerPerson int   `name:"max-sockets-per-person" env:"DONGXIAO_MAX_SOCKETS_PER_PERSON" default:"5" placeholder:"N" help:"Of these, for one person. Default: 5."`
	MaxSubscriptions    int   `name:"max-subscriptions" env:"DONGXIAO_MAX_SUBSCRIPTIONS" default:"10" placeholder:"N" help:"Subscriptions open at once on one socket. Default: 10."`
	MaxSocketMessage    int64 `name:"max-socket-message" env:"DONGXIAO_MAX_SOCKET_MESSAGE" default:"65536" placeholder:"BYTES" help:"Largest message on a socket. Default: 65536."`
}

// Parse reads a server's configuration from flags, the environment and the defaults, and validates it. The program itself
// reads it as part of its command line; this is for whoever starts a server from Go.
func Parse(arguments ...string) (Config, error) {
	var c Config
	parser, err := kong.New(&c, kong.NoDefaultHelp())
	if err != nil {
		return Config{}, err
	}
	if _, err := parser.Parse(arguments); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Production says whether the strict rules hold.
func (s Store) Production() bool {
	if s.Environment == Auto || s.Environment == "" {
		return s.DatabaseURL().Dialect() == MySQL
	}
	return s.Environment == Production
}

// DatabaseURL is the database that was named, or the SQLite file in the data directory.
func (s Store) DatabaseURL() DatabaseURL {
	if s.Database.dialect == "" && s.Database.err == nil {
		return DatabaseURL{dialect: SQLite, path: filepath.Join(s.DataDirectory, "dongxiao.db")}
	}
	return s.Database
}

// JSONLogs says whether logs are JSON lines; otherwise they are text for people.
func (s Store) JSONLogs() bool {
	return s.LogFormat == "json" || s.LogFormat != "text" && s.Production()
}

// Master gives the keys that seal and open secrets: the published ones of development where none was named and this is not
// production. It fails where a key is malformed or missing; Validate has told so before.
func (s Sealed) Master() (*keys.Master, error) {
	text := s.MasterKey.Reveal()
	if text == "" && !s.Production() {
		text = keys.DevelopmentMasterKey
	}
	current, err := keys.ParseMasterKey(text)
	if err != nil {
		return nil, err
	}
	var previous []byte
	if s.PreviousMasterKey != "" {
		if previous, err = keys.ParseMasterKey(s.PreviousMasterKey.Reveal()); err != nil {
			return nil, err
		}
	}
	return keys.NewMaster(current, previous)
}

// RedisURL is the Redis that was named, or in development the embedded one.
func (c Config) RedisURL() RedisURL {
	if c.Redis.isZero() && !c.Production() {
		return RedisURL{embedded: true}
	}
	return c.Redis
}

// BaseURL is the address that clients use, without a trailing slash.
func (c Config) BaseURL() string {
	if c.PublicURL == "" {
		return "http://" + reachable(c.Listen)
	}
	return c.PublicURL
}

// reachable turns a listen address into one that can be dialled on this machine.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip, errIP := netip.ParseAddr(host); err == nil && (host == "" || errIP == nil && ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return listen
}

// WeChatBase is the address of WeChat's API, without a trailing slash.
func (c Config) WeChatBase() string {
	switch {
	case c.WeChatURL != "":
		return c.WeChatURL
	case c.SimulatorOn():
		return "http://" + reachable(c.SimulatorListen)
	}
	return WeChatAPI
}

// WeChatPayBase is the address of WeChat Pay's API, without a trailing slash.
func (c Config) WeChatPayBase() string {
	switch {
	case c.WeChatPayURL != "":
		return c.WeChatPayURL
	case c.SimulatorOn():
		return "http://" + reachable(c.SimulatorListen)
	}
	return WeChatPayAPI
}

// ExplorerOn says whether GraphiQL is served.
func (c Config) ExplorerOn() bool { return c.Explorer.on(!c.Production()) }

// OpenDocumentsOn says whether documents other than the known front ends' are accepted, introspection among them.
func (c Config) OpenDocumentsOn() bool { return c.OpenDocuments.on(!c.Production()) }

// SimulatorOn says whether the WeChat simulator is to be started.
func (c Config) SimulatorOn() bool { return c.RunSimulator.on(!c.Production()) }

// on resolves a switch, with what auto means here.
func (s Switch) on(auto bool) bool { return s == On || s != Off && auto }
