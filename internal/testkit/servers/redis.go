package servers

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a Redis server that this process started for itself. It keeps nothing on disk: a restart empties it.
type RedisServer struct {
	folder  *folder
	process *process
	port    int
}

// Redis starts a server on a free port of the loopback address, without persistence or password. The caller stops it; if the
// calling process dies first, the kernel kills the server (on Linux). The error names the Debian package when the binary is missing.
func Redis(ctx context.Context) (*RedisServer, error) {
	path, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	folder, err := newFolder()
	if err != nil {
		return nil, err
	}
	r := &RedisServer{folder: folder}
	logPath := folder.join("server.log")
	err = startOnFreePort(logPath, func(port int) error {
		r.port = port
		r.process = &process{path: path, logPath: logPath, arguments: []string{
			"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", folder.path, "--save", "", "--appendonly", "no",
		}}
		if err := r.process.start(); err != nil {
			return err
		}
		return r.process.await(ctx, r.ping)
	})
	if err != nil {
		if r.process != nil {
			err = errors.Join(err, r.process.end())
		}
		return nil, errors.Join(err, folder.remove())
	}
	return r, nil
}

// URL is the server's address: redis://host:port/0. It stays the same over restarts.
func (r *RedisServer) URL() string {
	address := url.URL{Scheme: "redis", Host: r.Address(), Path: "/0"}
	return address.String()
}

// Address is the server's host:port, for proxies that stand in front of it.
func (r *RedisServer) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

// ProcessID is the operating system's id of the server, for measuring its CPU time; 0 when it does not run.
func (r *RedisServer) ProcessID() int { return r.process.id() }

// with calls do with a client of its own.
func (r *RedisServer) with(do func(*redis.Client) error) error {
	client := redis.NewClient(&redis.Options{Addr: r.Address(), MaxRetries: -1, DisableIdentity: true})
	return errors.Join(do(client), client.Close())
}

// ping makes sure that it is our own server that answers on the port.
func (r *RedisServer) ping(ctx context.Context) error {
	return r.with(func(client *redis.Client) error {
		info, err := client.InfoMap(ctx, "server").Result()
		if err != nil {
			return err
		}
		if info["Server"]["process_id"] != strconv.Itoa(r.process.id()) {
			return errors.New("another server answers on the port")
		}
		return nil
	})
}

// FlushAll empties the server, as an operator's mistake would.
func (r *RedisServer) FlushAll(ctx context.Context) error {
	return r.with(func(client *redis.Client) error { return client.FlushAll(ctx).Err() })
}

// Restart ends the server, if it runs, and starts it again, empty, on the same port.
func (r *RedisServer) Restart(ctx context.Context) error {
	return r.process.restart(ctx, r.ping)
}

// Kill ends the server at once; connections to it are refused until Restart.
func (r *RedisServer) Kill() error { return r.process.signal(syscall.SIGKILL) }

// Stop ends the server and removes its folder; the server cannot be used again.
func (r *RedisServer) Stop() error {
	return errors.Join(r.process.end(), r.folder.remove())
}
