package sysfiles

import (
	"io/fs"
	"strconv"
	"strings"
)

// userHz is the unit of /proc/stat in ticks per second: USER_HZ, which is 100 on every architecture that Go supports.
const userHz = 100

// CPUTimes are counters in seconds since boot, summed over CPUs.
type CPUTimes struct {
	// Busy is time in which a CPU worked for this machine; Total adds idle time, waiting for I/O and stolen time.
	Busy, Total float64
	// Steal is time in which the hypervisor ran something else; nil if the kernel does not count it.
	Steal *float64
}

// ReadCPUTimes reads /proc/stat and sums the given CPUs, or takes the machine's sum if a line is missing.
func ReadCPUTimes(fsys fs.FS, cpus []int) *CPUTimes {
	data, err := read(fsys, "proc/stat")
	if err != nil {
		return nil
	}
	all, each := ParseStat(data)
	sum := CPUTimes{}
	for _, cpu := range cpus {
		t, ok := each[cpu]
		if !ok {
			return all
		}
		sum.Busy += t.Busy
		sum.Total += t.Total
		if t.Steal != nil {
			steal := *t.Steal
			if sum.Steal != nil {
				steal += *sum.Steal
			}
			sum.Steal = &steal
		}
	}
	if len(cpus) == 0 {
		return all
	}
	return &sum
}

// ParseStat reads the CPU lines of /proc/stat: the sum over the machine (nil if there is none) and each CPU.
func ParseStat(data []byte) (all *CPUTimes, each map[int]CPUTimes) {
	each = map[int]CPUTimes{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 5 || !strings.HasPrefix(fields[0], "cpu") {
			continue
		}
		times, ok := parseTimes(fields[1:])
		if !ok {
			continue
		}
		if fields[0] == "cpu" {
			all = &times
			continue
		}
		if n, err := strconv.Atoi(fields[0][len("cpu"):]); err == nil && n >= 0 && n < maxCPU {
			each[n] = times
		}
	}
	return all, each
}

// parseTimes takes user nice system idle iowait irq softirq steal. The two guest fields that follow are already in user
// and nice.
func parseTimes(fields []string) (CPUTimes, bool) {
	const idle, iowait, steal, count = 3, 4, 7, 8
	var t CPUTimes
	for i, f := range fields {
		if i == count {
			break
		}
		ticks, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			return CPUTimes{}, false
		}
		seconds := float64(ticks) / userHz
		t.Total += seconds
		switch i {
		case idle, iowait:
		case steal:
			t.Steal = &seconds
		default:
			t.Busy += seconds
		}
	}
	return t, true
}

// Memory is what /proc/meminfo says, in bytes.
type Memory struct {
	Total, Available    *uint64
	SwapTotal, SwapFree *uint64
}

// ReadMemory reads /proc/meminfo.
func ReadMemory(fsys fs.FS) Memory {
	data, err := read(fsys, "proc/meminfo")
	if err != nil {
		return Memory{}
	}
	return ParseMeminfo(data)
}

// ParseMeminfo reads the text of /proc/meminfo, whose "kB" are 1024 bytes.
func ParseMeminfo(data []byte) Memory {
	var m Memory
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, ":")
		var dst **uint64
		switch key {
		case "MemTotal":
			dst = &m.Total
		case "MemAvailable":
			dst = &m.Available
		case "SwapTotal":
			dst = &m.SwapTotal
		case "SwapFree":
			dst = &m.SwapFree
		default:
			continue
		}
		number, unit, _ := strings.Cut(strings.TrimSpace(value), " ")
		n, err := strconv.ParseUint(number, 10, 54) // 54 bits of KiB fit 64 bits of bytes
		if err != nil || strings.TrimSpace(unit) != "kB" {
			continue
		}
		n *= 1024
		*dst = &n
	}
	return m
}
