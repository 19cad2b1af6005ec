package peak

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// allowedCPUs lists the CPUs of the calling thread's affinity mask.
func allowedCPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, err
	}
	var cpus []int
	for i := 0; len(cpus) < set.Count(); i++ {
		if set.IsSet(i) {
			cpus = append(cpus, i)
		}
	}
	return cpus, nil
}

// pin holds the calling thread, which must be locked to its goroutine, on one CPU until restore.
func pin(cpu int) (restore func(), held bool, err error) {
	var before, only unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return func() {}, false, fmt.Errorf("reading the thread's affinity: %w", err)
	}
	only.Set(cpu)
	if err := unix.SchedSetaffinity(0, &only); err != nil {
		return func() {}, false, fmt.Errorf("pinning a thread (is the CPU allowed to this process?): %w", err)
	}
	return func() { _ = unix.SchedSetaffinity(0, &before) }, true, nil
}

// threadTime returns the CPU time of the calling thread, 0 where unknown.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// lastLevelCache returns the bytes of last-level cache that the given CPUs have together, 0 where unknown. Each cache counts once,
// however many of the CPUs share it.
func lastLevelCache(cpus []int) int64 { return lastLevelCacheIn("/sys/devices/system/cpu", cpus) }

func lastLevelCacheIn(root string, cpus []int) int64 {
	caches := map[string]int64{}
	for _, cpu := range cpus {
		var size, level int64
		var who string
		indexes, _ := filepath.Glob(filepath.Join(root, fmt.Sprintf("cpu%d", cpu), "cache", "index*")) // the pattern is well-formed
		for _, dir := range indexes {
			l, _ := strconv.ParseInt(readLine(dir, "level"), 10, 64)
			s := sizeOf(readLine(dir, "size"))
			if l > level && s > 0 && readLine(dir, "type") != "Instruction" {
				level, size, who = l, s, readLine(dir, "shared_cpu_list")
			}
		}
		caches[who] = size
	}
	var total int64
	for _, size := range caches {
		total += size
	}
	return total
}

func readLine(parts ...string) string {
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// sizeOf reads sizes as sysfs writes them: 32768K.
func sizeOf(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSuffix(s, "K"), 10, 64)
	if err != nil {
		return 0
	}
	if strings.HasSuffix(s, "K") {
		n <<= 10
	}
	return n
}

// availableMemory returns the bytes that this process can still take: the kernel's estimate, or what the control group leaves where
// that is less. 0 where unknown.
func availableMemory() int64 {
	var available int64
	for line := range strings.Lines(readLine("/proc/meminfo")) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "MemAvailable:" {
			available = sizeOf(f[1] + "K")
		}
	}
	limit := sizeOf(readLine("/sys/fs/cgroup/memory.max"))
	if left := limit - sizeOf(readLine("/sys/fs/cgroup/memory.current")); limit > 0 && left < available {
		return max(left, 1)
	}
	return available
}
