//go:build unix

package bench

import (
	"syscall"
	"time"
)

// usageNow reads what this process has used. Nil if the system does not say.
func usageNow() *usage {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return nil
	}
	return &usage{
		cpu:    time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		forced: int64(r.Nivcsw), //nolint:unconvert // the width differs between systems
	}
}
