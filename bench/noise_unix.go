//go:build unix

package bench

import (
	"io/fs"
	"syscall"
	"time"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// usageNow reads what this process has used, and from the machine's files how long its threads waited. Nil if the system
// does not say.
func usageNow(fsys fs.FS) *usage {
	threads, machine := sysfiles.ReadThreads(fsys), ReadCounters(fsys).CPU
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return nil
	}
	return &usage{
		cpu:     time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		forced:  int64(r.Nivcsw), //nolint:unconvert // the width differs between systems
		threads: threads,
		machine: machine,
	}
}
