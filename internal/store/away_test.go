package store_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"dongxiao/internal/store"
)

func TestAway(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"refused":     &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"lost":        mysql.ErrInvalidConn,
		"bad":         driver.ErrBadConn,
		"shutting":    &mysql.MySQLError{Number: 1053},
		"killed":      &mysql.MySQLError{Number: 1927},
		"crowded":     &mysql.MySQLError{Number: 1040},
		"not primary": &mysql.MySQLError{Number: 1290},
		"given up":    &mysql.MySQLError{Number: 1213},
	} {
		require.True(t, store.Away(fmt.Errorf("wrapped: %w", err)), name)
	}
	for name, err := range map[string]error{
		"duplicate": &mysql.MySQLError{Number: 1062, Message: "Duplicate entry 'x' for key 'brand_id_code'"},
		"syntax":    &mysql.MySQLError{Number: 1064},
		"other":     errors.New("other"),
	} {
		require.False(t, store.Away(err), name)
	}
	require.False(t, store.Away(nil))
}
