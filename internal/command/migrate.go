package command

import (
	"context"

	"dongxiao/internal/config"
)

// MigrateOptions are the settings of migrate up and migrate status.
type MigrateOptions struct {
	config.Store `embed:""`
}

type migrateCommands struct {
	Up     migrateUp     `cmd:"" help:"Carry out the migrations that are missing. One server does it while others wait; the server itself refuses to serve an old schema."`
	Status migrateStatus `cmd:"" help:"List the migrations, with the time at which each was carried out."`
}

type migrateUp struct{ MigrateOptions }

// Run is called by kong.
func (o *migrateUp) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.MigrateUp(ctx, session, o.MigrateOptions)
}

type migrateStatus struct{ MigrateOptions }

// Run is called by kong.
func (o *migrateStatus) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.MigrateStatus(ctx, session, o.MigrateOptions)
}
