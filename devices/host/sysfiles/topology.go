package sysfiles

import (
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const cpuDir = "sys/devices/system/cpu"

// OnlineCPUs are the logical CPUs that are online; nil if unknown.
func OnlineCPUs(fsys fs.FS, info CPUInfo) []int {
	if text, ok := Text(fsys, path.Join(cpuDir, "online")); ok {
		if cpus, err := ParseCPUList(text); err == nil && len(cpus) > 0 {
			return cpus
		}
	}
	return info.Processors
}

// UsableCPUs are the CPUs on which this process may run, by its affinity mask and cpuset; nil if unknown.
func UsableCPUs(fsys fs.FS) []int {
	data, err := read(fsys, "proc/self/status")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(data)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			cpus, err := ParseCPUList(list)
			if err != nil {
				return nil
			}
			return cpus
		}
	}
	return nil
}

// Topology counts sockets and physical cores; nil is unknown. Virtual machines often show an invented topology.
type Topology struct {
	Sockets, Cores, ThreadsPerCore *int
}

// ReadTopology reads the topology of the given CPUs from /sys, or counts ids of /proc/cpuinfo where /sys has none.
func ReadTopology(fsys fs.FS, cpus []int, info CPUInfo) Topology {
	sockets, cores, threads := map[string]bool{}, map[string]bool{}, 0
	for _, cpu := range cpus {
		dir := path.Join(cpuDir, fmt.Sprintf("cpu%d/topology", cpu))
		if socket, ok := Text(fsys, path.Join(dir, "physical_package_id")); ok && socket != "-1" {
			sockets[socket] = true
		}
		siblings, ok := Text(fsys, path.Join(dir, "core_cpus_list"))
		if !ok {
			siblings, ok = Text(fsys, path.Join(dir, "thread_siblings_list"))
		}
		if list, err := ParseCPUList(siblings); ok && err == nil && len(list) > 0 {
			cores[siblings] = true
			threads = max(threads, len(list))
		}
	}
	t := Topology{Sockets: count(len(sockets)), Cores: count(len(cores)), ThreadsPerCore: count(threads)}
	if t.Sockets == nil {
		t.Sockets = count(info.Sockets)
	}
	if t.Cores == nil {
		t.Cores = count(info.Cores)
	}
	return t
}

func count(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// Cache is one kind of cache: what one instance holds, and how many instances the given CPUs have.
type Cache struct {
	Level int
	// Type is Data, Instruction or Unified.
	Type      string
	Bytes     uint64
	Instances int
}

// ReadCaches reads the caches of the given CPUs, by level and type. Caches without a size are left out.
func ReadCaches(fsys fs.FS, cpus []int) []Cache {
	type kind struct {
		level int
		typ   string
		bytes uint64
	}
	found := map[kind]map[string]bool{}
	for _, cpu := range cpus {
		for index := range 8 { // the kernel numbers them without gaps; no processor has more than five
			dir := path.Join(cpuDir, fmt.Sprintf("cpu%d/cache/index%d", cpu, index))
			level := Uint(fsys, path.Join(dir, "level"))
			if level == nil {
				break
			}
			typ, _ := Text(fsys, path.Join(dir, "type"))
			size, _ := Text(fsys, path.Join(dir, "size"))
			shared, ok := Text(fsys, path.Join(dir, "shared_cpu_list"))
			if !ok {
				shared = strconv.Itoa(cpu)
			}
			if bytes := ParseSize(size); bytes != nil && *level < 10 {
				k := kind{int(*level), typ, *bytes}
				if found[k] == nil {
					found[k] = map[string]bool{}
				}
				found[k][shared] = true
			}
		}
	}
	var caches []Cache
	for k, instances := range found {
		caches = append(caches, Cache{k.level, k.typ, k.bytes, len(instances)})
	}
	slices.SortFunc(caches, func(a, b Cache) int {
		if a.Level != b.Level {
			return a.Level - b.Level
		}
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return int(int64(b.Bytes>>10) - int64(a.Bytes>>10))
	})
	return caches
}

// ParseSize reads a cache size such as 32K or 2M; nil if it is none.
func ParseSize(text string) *uint64 {
	shift := 0
	if n := len(text); n > 0 {
		switch text[n-1] {
		case 'K':
			shift = 10
		case 'M':
			shift = 20
		case 'G':
			shift = 30
		}
		if shift > 0 {
			text = text[:n-1]
		}
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		return nil
	}
	n <<= shift
	return &n
}

var nodeName = regexp.MustCompile(`^node\d+$`) // has_cpu, online, possible and others live in the same directory

// NUMANodes counts the memory nodes; nil if the kernel does not show them.
func NUMANodes(fsys fs.FS) *int {
	if fsys == nil {
		return nil
	}
	entries, err := fs.ReadDir(fsys, "sys/devices/system/node")
	if err != nil {
		return nil
	}
	n := 0
	for _, e := range entries {
		if nodeName.MatchString(e.Name()) {
			n++
		}
	}
	return count(n)
}

// NUMANode is the memory node that a PCI device, by its address as sysfs writes it, is next to; nil if the machine does not say, as most
// virtual ones.
func NUMANode(fsys fs.FS, address string) *int {
	n := Uint(fsys, path.Join("sys/bus/pci/devices", address, "numa_node")) // -1 is none
	if n == nil || *n > math.MaxInt32 {
		return nil
	}
	node := int(*n)
	return &node
}

// Governor is the frequency governor of the given CPUs, "mixed" if they differ, empty if there is no such control.
func Governor(fsys fs.FS, cpus []int) string {
	governor := ""
	for _, cpu := range cpus {
		g, ok := Text(fsys, path.Join(cpuDir, fmt.Sprintf("cpu%d/cpufreq/scaling_governor", cpu)))
		switch {
		case !ok:
		case governor == "":
			governor = g
		case governor != g:
			return "mixed"
		}
	}
	return governor
}

// Turbo says whether clocks may rise above the nominal one; nil if the machine does not show it.
func Turbo(fsys fs.FS) *bool {
	if n := Uint(fsys, path.Join(cpuDir, "intel_pstate/no_turbo")); n != nil {
		on := *n == 0
		return &on
	}
	if n := Uint(fsys, path.Join(cpuDir, "cpufreq/boost")); n != nil {
		on := *n != 0
		return &on
	}
	return nil
}

// SMT says whether cores run more than one thread now; nil if unknown.
func SMT(fsys fs.FS) *bool {
	if n := Uint(fsys, path.Join(cpuDir, "smt/active")); n != nil {
		on := *n != 0
		return &on
	}
	return nil
}

// ThermalThrottles sums how often since boot the given CPUs were slowed down for heat; nil if they do not count it.
func ThermalThrottles(fsys fs.FS, cpus []int) *uint64 {
	var sum *uint64
	for _, cpu := range cpus {
		for _, file := range []string{"core_throttle_count", "package_throttle_count"} {
			n := Uint(fsys, path.Join(cpuDir, fmt.Sprintf("cpu%d/thermal_throttle/%s", cpu, file)))
			if n == nil {
				continue
			}
			if sum == nil {
				sum = new(uint64)
			}
			*sum += *n
		}
	}
	return sum
}
