package sysfiles

import (
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Membership is one line of /proc/self/cgroup.
type Membership struct {
	// Controllers are those of a version 1 hierarchy; none for the version 2 hierarchy.
	Controllers []string
	// Path is the cgroup below the hierarchy's mount point; rooted and clean.
	Path string
}

// ParseMemberships reads the text of /proc/self/cgroup: lines "id:controllers:path".
func ParseMemberships(data []byte) []Membership {
	var out []Membership
	for line := range strings.Lines(string(data)) {
		id, rest, ok := strings.Cut(strings.TrimRight(line, "\n"), ":")
		controllers, where, ok2 := strings.Cut(rest, ":")
		if !ok || !ok2 {
			continue
		}
		if _, err := strconv.ParseUint(id, 10, 32); err != nil {
			continue
		}
		// A process outside its cgroup namespace sees "/../..": cleaning keeps the walk below the mount point.
		m := Membership{Path: path.Clean("/" + where)}
		if controllers != "" {
			m.Controllers = strings.Split(controllers, ",")
		}
		out = append(out, m)
	}
	return out
}

// Cgroup is what control groups allow this process.
type Cgroup struct {
	// CPUVersion and MemoryVersion are the version of the hierarchy that was read, 1 or 2; 0 if none was found.
	CPUVersion, MemoryVersion int
	// CPUs is the smallest quota from the process's group up to the root, in CPUs; nil is no limit found.
	CPUs *float64
	// MemoryBytes is the smallest memory limit on the way up; nil is no limit found.
	MemoryBytes *uint64

	cpuStats []string
}

// noLimit is where a version 1 memory limit stops meaning anything: unlimited is 2^63 rounded down to a page.
const noLimit = 1 << 60

// ReadCgroup finds the limits of this process. In a container whose /proc shows the host's paths, those paths are missing
// below the mount point and the walk up ends at the mount point, which is the container's own group.
func ReadCgroup(fsys fs.FS) Cgroup {
	data, _ := read(fsys, "proc/self/cgroup") // none is taken as the root group
	groups := ParseMemberships(data)
	var c Cgroup
	var dirs []string
	c.CPUVersion, dirs = levels(fsys, groups, "cpu", "cpu.stat")
	for _, dir := range dirs {
		if q := cpuQuota(fsys, dir, c.CPUVersion); q != nil && (c.CPUs == nil || *q < *c.CPUs) {
			c.CPUs = q
		}
		c.cpuStats = append(c.cpuStats, path.Join(dir, "cpu.stat"))
	}
	c.MemoryVersion, dirs = levels(fsys, groups, "memory", "memory.stat")
	file := map[int]string{1: "memory.limit_in_bytes", 2: "memory.max"}[c.MemoryVersion]
	for _, dir := range dirs {
		if n := Uint(fsys, path.Join(dir, file)); n != nil && *n < noLimit && (c.MemoryBytes == nil || *n < *c.MemoryBytes) {
			c.MemoryBytes = n
		}
	}
	return c
}

// ThrottledSeconds sums, from the process's group to the root, the time for which quotas have stopped CPUs; nil if no
// level counts it. The kernel adds up CPUs, so it may grow faster than the clock.
func (c Cgroup) ThrottledSeconds(fsys fs.FS) *float64 {
	var sum *float64
	for _, name := range c.cpuStats {
		data, err := read(fsys, name)
		if err != nil {
			continue
		}
		if s := ParseThrottled(data); s != nil {
			if sum == nil {
				sum = new(float64)
			}
			*sum += *s
		}
	}
	return sum
}

// ParseThrottled reads the throttled time of cpu.stat in seconds: microseconds in version 2, nanoseconds in version 1.
func ParseThrottled(data []byte) *float64 {
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		perSecond := map[string]float64{"throttled_usec": 1e6, "throttled_time": 1e9}[key]
		if perSecond == 0 {
			continue
		}
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			s := float64(n) / perSecond
			return &s
		}
	}
	return nil
}

// levels are the directories of the process's group for a controller, leaf first. A controller of version 1 that is
// mounted wins over version 2, as the kernel never gives one controller to both.
func levels(fsys fs.FS, groups []Membership, controller, mark string) (version int, dirs []string) {
	const root = "sys/fs/cgroup"
	group := "/"
	for _, m := range groups {
		if slices.Contains(m.Controllers, controller) {
			group = m.Path
		}
	}
	for _, mount := range []string{controller, controller + ",cpuacct", "cpuacct," + controller} {
		if base := path.Join(root, mount); Exists(fsys, path.Join(base, mark)) {
			return 1, upwards(fsys, base, group)
		}
	}
	group = "/"
	for _, m := range groups {
		if len(m.Controllers) == 0 {
			group = m.Path
		}
	}
	for _, base := range []string{root, path.Join(root, "unified")} {
		if Exists(fsys, path.Join(base, "cgroup.controllers")) || Exists(fsys, path.Join(base, controller+".max")) {
			return 2, upwards(fsys, base, group)
		}
	}
	return 0, nil
}

func upwards(fsys fs.FS, base, group string) []string {
	var dirs []string
	for {
		if dir := path.Join(base, group); Exists(fsys, dir) {
			dirs = append(dirs, dir)
		}
		if group == "/" {
			return dirs
		}
		group = path.Dir(group)
	}
}

func cpuQuota(fsys fs.FS, dir string, version int) *float64 {
	if version == 2 {
		text, _ := Text(fsys, path.Join(dir, "cpu.max"))
		return ParseCPUMax(text)
	}
	quota, _ := Text(fsys, path.Join(dir, "cpu.cfs_quota_us"))
	period, _ := Text(fsys, path.Join(dir, "cpu.cfs_period_us"))
	return ParseCPUMax(quota + " " + period)
}

// ParseCPUMax reads "quota period" in microseconds as a number of CPUs; nil for "max", "-1" or anything else.
func ParseCPUMax(text string) *float64 {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return nil
	}
	quota, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return nil
	}
	period, err := strconv.ParseFloat(fields[1], 64)
	if err != nil {
		return nil
	}
	cpus := quota / period
	if !(cpus > 0) || math.IsInf(cpus, 0) || period <= 0 {
		return nil
	}
	return &cpus
}
