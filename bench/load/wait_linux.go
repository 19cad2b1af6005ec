package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap sleeps in the kernel, which the runtime's own timers would do for whole milliseconds only. It takes the timer slack of the
// thread away first, 50 us by default: how much later than asked the kernel may wake it. Without that naps are as exact as they are.
func nap(d time.Duration) {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	t := unix.NsecToTimespec(int64(d))
	// A signal ends the sleep early; the caller looks at the clock anyway.
	_ = unix.Nanosleep(&t, nil)
}
