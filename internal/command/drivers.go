package command

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
)

// driverLog is where the drivers of database and Redis write what they cannot return, such as a connection of the pool that broke. By themselves
// they write to standard error, past the form that logs are to have.
type driverLog struct {
	logger *slog.Logger
	driver string
}

// Print takes what the database driver says.
func (d driverLog) Print(v ...any) {
	d.logger.Warn("driver", "driver", d.driver, "said", fmt.Sprint(v...))
}

// Printf takes what the Redis client says.
func (d driverLog) Printf(ctx context.Context, format string, v ...any) {
	d.logger.WarnContext(ctx, "driver", "driver", d.driver, "said", fmt.Sprintf(format, v...))
}

// logDrivers makes the drivers of this process write to the logger.
func logDrivers(logger *slog.Logger) {
	_ = mysql.SetLogger(driverLog{logger, "mysql"}) // it fails for nil alone
	redis.SetLogger(driverLog{logger, "redis"})
}
