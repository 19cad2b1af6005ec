package load

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// slice is the time slice that the generator's thread asks for. On a CPU that an engine keeps busy, a thread which wakes up
// waits until the running one has had its slice, 3 ms as a rule; one that asks for a short slice of its own comes first. Linux
// heeds that from 6.12 on, without privileges.
const slice = 100 * time.Microsecond

// urgent is the nice value that the generator's thread asks for, which takes privileges.
const urgent = -20

// OwnThread ties the goroutine to a thread that the system prefers to others as far as it may, which matters where the engine
// leaves no CPU free. The thread needs little: it sleeps between queries. leave undoes it.
func OwnThread() (leave func()) {
	runtime.LockOSThread()
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Policy != unix.SCHED_NORMAL {
		return runtime.UnlockOSThread // somebody has chosen a policy already
	}
	wanted := *before
	wanted.Runtime, wanted.Nice = uint64(slice), urgent
	if unix.SchedSetAttr(0, &wanted, 0) != nil {
		wanted.Nice = before.Nice
		_ = unix.SchedSetAttr(0, &wanted, 0) // then it waits for its turn, and its lateness is reported
	}
	return func() {
		// A thread that cannot go back is not for others: it ends with its goroutine.
		if unix.SchedSetAttr(0, before, 0) == nil {
			runtime.UnlockOSThread()
		}
	}
}
