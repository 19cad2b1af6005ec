//go:build !linux

package kernel_test

import (
	"testing"
	"time"
)

func hold(*testing.B) (cpu int, release func()) { return 0, func() {} }

// threadTime falls back to the time that the benchmark ran.
func threadTime(b *testing.B) time.Duration { return b.Elapsed() }
