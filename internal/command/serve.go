package command

import (
	"context"

	"dongxiao/internal/config"
)

// ServeOptions are the settings of serve.
type ServeOptions struct {
	config.Config `embed:""`
	NoDemo        bool `name:"no-demo" env:"DONGXIAO_NO_DEMO" group:"Installation:" help:"Do not load the demo brand into an empty development database."`
}

// Run is called by kong.
func (o *ServeOptions) Run(ctx context.Context, session Session, actions Actions) error {
	setMemory()
	return actions.Serve(ctx, session, *o)
}
