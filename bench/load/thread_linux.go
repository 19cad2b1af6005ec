package load

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// What the generator's thread asks for, so that it runs when it wakes up. On a CPU that an engine keeps busy it would else wait until
// the running thread has had its slice or the kernel's next tick comes, 1 to 4 ms. A thread of the first real-time priority does not
// wait; that takes privileges. So does a nice value below 0. Without any, Linux from 6.12 on lets a thread with a short slice go first
// at the next occasion.
const (
	realTime = 1
	urgent   = -20
	slice    = 100 * time.Microsecond
)

// OwnThread ties the goroutine to a thread that the system prefers to others as far as it may. It is for a thread that sleeps most of
// the time: as a real-time thread it is stopped for a while, by default, when it takes more than 95 % of a second. leave undoes it.
func OwnThread() (leave func()) {
	runtime.LockOSThread()
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil || before.Policy != unix.SCHED_NORMAL {
		return runtime.UnlockOSThread // somebody has chosen a policy already
	}
	first, nice, short := *before, *before, *before
	first.Policy, first.Priority, first.Nice, first.Runtime = unix.SCHED_FIFO, realTime, 0, 0
	nice.Nice, nice.Runtime = urgent, uint64(slice)
	short.Runtime = uint64(slice)
	for _, wanted := range []*unix.SchedAttr{&first, &nice, &short} {
		if unix.SchedSetAttr(0, wanted, 0) == nil {
			break
		}
	}
	return func() {
		// A thread that cannot go back is not for others: it ends with its goroutine.
		if unix.SchedSetAttr(0, before, 0) == nil {
			runtime.UnlockOSThread()
		}
	}
}
