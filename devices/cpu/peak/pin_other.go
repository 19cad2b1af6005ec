//go:build !linux

package peak

import (
	"runtime"
	"time"
)

// allowedCPUs numbers the CPUs that Go would use; the numbers only count threads here.
func allowedCPUs() ([]int, error) {
	cpus := make([]int, runtime.GOMAXPROCS(0))
	for i := range cpus {
		cpus[i] = i
	}
	return cpus, nil
}

// pin leaves the thread where it is: there is no portable way to hold it.
func pin(int) (restore func(), held bool, err error) { return func() {}, false, nil }

func lastLevelCache([]int) int64 { return 0 }

func availableMemory() int64 { return 0 }

// threadTime is unknown here.
func threadTime() time.Duration { return 0 }
