//go:build !linux

package load

import "time"

// nap sleeps with the runtime's timer.
func nap(d time.Duration) { time.Sleep(d) }
