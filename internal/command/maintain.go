package command

import (
	"context"

	"dongxiao/internal/config"
	"dongxiao/internal/keys"
)

// KeysOptions are the settings of keys rotate.
type KeysOptions struct {
	config.Sealed `embed:""`
	Purpose       []keys.Purpose `name:"purpose" enum:"TOKEN_SIGNING,HASH,MEMBER_CODE,CURSOR,REFRESH,DATA" placeholder:"PURPOSE" help:"Make a new key for this purpose, once for each: TOKEN_SIGNING, MEMBER_CODE, CURSOR, REFRESH or DATA. Without it, the keys stay and are only sealed anew under the master key."`
}

type keysCommands struct {
	Rotate keysRotate `cmd:"" help:"Seal all secrets anew under the present master key, and make new keys for the purposes named. Servers go on meanwhile; older keys still verify and open what they made."`
}

type keysRotate struct{ KeysOptions }

// Run is called by kong.
func (o *keysRotate) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.KeysRotate(ctx, session, o.KeysOptions)
}

// DemoOptions are the settings of demo.
type DemoOptions struct {
	config.Config `embed:""`
	Size          string `name:"size" enum:"small,large" default:"small" placeholder:"small|large" help:"How much: small loads in seconds, large has the stores and members of a real brand."`
}

// Run is called by kong.
func (o *DemoOptions) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.Demo(ctx, session, *o)
}

// VerifyOptions are the settings of verify.
type VerifyOptions struct {
	config.Store `embed:""`
}

// Run is called by kong.
func (o *VerifyOptions) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.Verify(ctx, session, *o)
}

// ReconcileOptions are the settings of reconcile: those of a server, whose day it does at once.
type ReconcileOptions struct {
	config.Config `embed:""`
	Day           int `name:"day" required:"" placeholder:"YYYYMMDD" help:"The day in China's time zone; its bill is there from ten o'clock the morning after."`
}

// Run is called by kong.
func (o *ReconcileOptions) Run(ctx context.Context, session Session, actions Actions) error {
	return actions.Reconcile(ctx, session, *o)
}
