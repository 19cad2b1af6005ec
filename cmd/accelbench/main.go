// Command accelbench benchmarks AI inference on the accelerator in front of it and says what it costs.
//
// The flow of every command: flags become plain values, the rooms below do the work, a reports.Document goes to standard
// output in the form that --format names, everything else goes to standard error, and one place maps errors to exit codes.
//
// The room's one rule: no logic worth a unit test of its own; only here are flags read, concrete backends and engines
// named, and text printed.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Stamped by the linker (see the Makefile); empty in a plain go build, which then asks the build information.
var (
	version string
	commit  string
	dirty   string
)

// streams are the process's three files, so that tests can pass their own.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

func main() {
	os.Exit(realMain())
}

func realMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not hear the first, such as reading from a pipe that nobody fills
	return run(ctx, os.Args, streams{os.Stdin, os.Stdout, os.Stderr})
}
