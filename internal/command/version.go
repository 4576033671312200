package command

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker where a release is built without its repository: -X dongxiao/internal/command.version=v1.2.3.
var version string

// Version names this build: the release, or the commit that it was built from, or "development".
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "development"
}

type versionCommand struct{}

// Run is called by kong.
func (versionCommand) Run(session Session) error {
	_, err := fmt.Fprintf(session.Stdout, "dongxiao %s (%s, %s/%s)\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
