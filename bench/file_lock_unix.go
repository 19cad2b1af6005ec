//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package bench

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the advisory lock of the whole file, which belongs to the open file and goes with it. A file system without
// locks is no reason not to measure.
func lock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrInUse
		default:
			return nil
		}
	}
}
