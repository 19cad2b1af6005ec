package devices

import (
	"context"
	"io"
	"io/fs"
	"net/http"
)

// Machine is how backends see the machine, so that every reader can be run on a captured tree.
type Machine struct {
	// FS is the file system from the root: /proc/cpuinfo is "proc/cpuinfo".
	FS fs.FS
	// Run runs a command and returns what it wrote. The error is that of os/exec, its exit code included; a command that
	// is not there gives an error that wraps exec.ErrNotFound or fs.ErrNotExist.
	Run Runner
	// Start starts a command that goes on until it is stopped; nil where no process may be left running.
	Start Starter
	// HTTP reaches a metadata service; nil forbids the network.
	HTTP HTTPClient
	// Getenv reads the environment.
	Getenv func(string) string
	// LookupEnv tells besides whether the variable is set; nil where only Getenv is known.
	LookupEnv func(string) (string, bool)
}

// Lookup reads a variable of which the empty value means something.
func (m Machine) Lookup(name string) (value string, set bool) {
	switch {
	case m.LookupEnv != nil:
		return m.LookupEnv(name)
	case m.Getenv != nil:
		value = m.Getenv(name)
	}
	return value, value != ""
}

// Runner runs a command to its end within the context.
type Runner func(ctx context.Context, name string, args ...string) (stdout, stderr []byte, err error)

// Starter starts a command and returns what it writes, from its start to its end. Closing that kills the command and all that
// it started, and waits for it. The error is that of os/exec, as of a [Runner].
type Starter func(name string, args ...string) (io.ReadCloser, error)

// HTTPClient is the part of http.Client that detection uses.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}
