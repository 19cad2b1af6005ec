package selftest

import (
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// peakMemory is the largest resident set of this process so far in bytes (VmHWM); nil if the system does not say.
func peakMemory(fsys fs.FS) *float64 {
	if fsys == nil {
		return nil
	}
	text, _ := sysfiles.Text(fsys, "proc/self/status")
	return parsePeakMemory(text)
}

func parsePeakMemory(status string) *float64 {
	for line := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(line, "VmHWM:")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return nil
		}
		kibi, err := strconv.ParseUint(fields[0], 10, 50)
		if err != nil {
			return nil
		}
		bytes := float64(kibi) * 1024
		return &bytes
	}
	return nil
}

// runQueueWait is how long the threads of this process have waited for a CPU so far: the second number of their schedstat.
// Nil if the system does not say.
func runQueueWait(fsys fs.FS) *time.Duration {
	if fsys == nil {
		return nil
	}
	threads, err := fs.Glob(fsys, "proc/self/task/*/schedstat")
	if err != nil || len(threads) == 0 {
		return nil
	}
	var total time.Duration
	for _, name := range threads {
		text, ok := sysfiles.Text(fsys, name)
		if !ok {
			continue // a thread that ended meanwhile
		}
		fields := strings.Fields(text)
		if len(fields) < 2 {
			return nil
		}
		ns, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || ns < 0 {
			return nil
		}
		total += time.Duration(ns)
	}
	return &total
}
