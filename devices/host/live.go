package host

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// Live is the machine on which this program runs.
func Live() devices.Machine {
	return devices.Machine{FS: os.DirFS("/"), Run: Run, Start: Start, HTTP: NewHTTPClient(), Getenv: os.Getenv, LookupEnv: os.LookupEnv}
}

// pipeLimit is how long output may stay open after a command has ended or was killed: a grandchild may hold it.
const pipeLimit = 500 * time.Millisecond

// Run runs a command to its end and returns what it wrote. It kills the command when ctx is done, and on Linux the kernel
// kills it when this process dies, so that no orphan keeps a device open.
func Run(ctx context.Context, name string, args ...string) (stdout, stderr []byte, err error) {
	// The parent's death signal is bound to the thread that starts the child, so that this thread must live as long.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	cmd.WaitDelay = pipeLimit
	dieWithParent(cmd)
	err = cmd.Run()
	if cause := ctx.Err(); err != nil && cause != nil {
		return out.Bytes(), errOut.Bytes(), fmt.Errorf("running %s: %w (%w)", name, cause, err)
	}
	if err != nil {
		return out.Bytes(), errOut.Bytes(), fmt.Errorf("running %s: %w", name, err)
	}
	return out.Bytes(), errOut.Bytes(), nil
}
