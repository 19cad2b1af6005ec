package sysfiles

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// Scheduling is one thread's /proc/PID/task/TID/schedstat: how long it has run, and how long it was ready to run and
// waited for a CPU.
type Scheduling struct {
	Ran, Waited time.Duration
}

// ReadThreads reads the scheduling of every thread of this process, by thread id. Threads that end while it reads are left
// out. It is nil where the kernel does not account: then the files are missing, or hold zeros even for the thread that
// reads them.
func ReadThreads(fsys fs.FS) map[int]Scheduling {
	const dir = "proc/self/task"
	if fsys == nil {
		return nil
	}
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil
	}
	threads, accounted := map[int]Scheduling{}, false
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		data, err := read(fsys, path.Join(dir, e.Name(), "schedstat"))
		if err != nil {
			continue
		}
		if s, ok := ParseSchedstat(data); ok {
			threads[id] = s
			accounted = accounted || s.Ran > 0
		}
	}
	if !accounted {
		return nil
	}
	return threads
}

// ParseSchedstat reads the three numbers of a schedstat file: nanoseconds run, nanoseconds waited, time slices. Source:
// Documentation/scheduler/sched-stats.rst of Linux.
func ParseSchedstat(data []byte) (Scheduling, bool) {
	fields := strings.Fields(string(data))
	if len(fields) < 3 {
		return Scheduling{}, false
	}
	ran, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || ran < 0 {
		return Scheduling{}, false
	}
	waited, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil || waited < 0 {
		return Scheduling{}, false
	}
	return Scheduling{Ran: time.Duration(ran), Waited: time.Duration(waited)}, true
}
