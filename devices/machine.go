package devices

import (
	"context"
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
	// HTTP reaches a metadata service; nil forbids the network.
	HTTP HTTPClient
	// Getenv reads the environment.
	Getenv func(string) string
}

// Runner runs a command to its end within the context.
type Runner func(ctx context.Context, name string, args ...string) (stdout, stderr []byte, err error)

// HTTPClient is the part of http.Client that detection uses.
type HTTPClient interface {
	Do(*http.Request) (*http.Response, error)
}
