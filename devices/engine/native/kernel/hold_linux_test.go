package kernel_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// hold keeps the calling thread on the last CPU that it may use.
func hold(b *testing.B) (cpu int, release func()) {
	var before, only unix.CPUSet
	require.NoError(b, unix.SchedGetaffinity(0, &before))
	for i := range 1024 {
		if before.IsSet(i) {
			cpu = i
		}
	}
	only.Set(cpu)
	require.NoError(b, unix.SchedSetaffinity(0, &only))
	return cpu, func() { require.NoError(b, unix.SchedSetaffinity(0, &before)) }
}

// threadTime is the CPU time of the calling thread.
func threadTime(b *testing.B) time.Duration {
	var t unix.Timespec
	require.NoError(b, unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t))
	return time.Duration(t.Nano())
}
