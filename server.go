// Command dongxiao is a storefront API for WeChat mini-programs. See dongxiao --help.
package main

import (
	"os"

	"dongxiao/internal/command"
)

func main() { os.Exit(command.Main(os.Args[1:], os.Stdout, os.Stderr)) }
