package command

import (
	"context"
	"fmt"
	"net"
	"strings"

	"dongxiao/internal/config"
	"dongxiao/internal/wechatsim"
)

// simulatorCommand is wechatsim. Apps are registered through the control port.
type simulatorCommand struct {
	config.Simulator `embed:""`
	Seed             string `name:"seed" default:"dongxiao" placeholder:"TEXT" help:"The openids of simulated users follow from it: with the same seed they are the same after a restart. Default: dongxiao."`
	LogLevel         string `name:"log-level" env:"DONGXIAO_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Least level that is logged: debug, info, warn or error. Default: info."`
	LogFormat        string `name:"log-format" env:"DONGXIAO_LOG_FORMAT" enum:"auto,json,text" default:"auto" help:"json or text. Default: text."`
}

// Run is called by kong.
func (c *simulatorCommand) Run(ctx context.Context, session Session) error {
	logger := session.logger(c.LogLevel, c.LogFormat == "json")
	return wechatsim.New(wechatsim.Config{Seed: c.Seed, Logger: logger}).Run(ctx, c.SimulatorListen, c.SimulatorControl)
}

// StartSimulator runs the WeChat simulator in a process of its own, which ends when ctx ends or this process does, and waits until
// it answers. Its addresses must name their ports.
func StartSimulator(ctx context.Context, session Session, settings config.Config) (*Child, error) {
	for _, address := range []string{settings.SimulatorListen, settings.SimulatorControl} {
		// Whoever has the port already would be taken for the simulator.
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("the WeChat simulator needs %s (--simulator-listen and --simulator-control change its addresses): %w", address, err)
		}
		_ = listener.Close()
	}
	remote := wechatsim.NewRemote("http://" + settings.SimulatorControl)
	return StartChild(ctx, ChildOptions{
		Name: "wechatsim",
		Arguments: []string{"wechatsim", "--simulator-listen=" + settings.SimulatorListen, "--simulator-control=" + settings.SimulatorControl,
			"--log-level=" + settings.LogLevel, "--log-format=" + strings.ReplaceAll(settings.LogFormat, "auto", "text")},
		Ready:  remote.Ready,
		Output: session.Stderr,
	})
}
