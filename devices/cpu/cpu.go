// Package cpu finds the machine's processors as one device, "cpu", and reads their sensors.
//
// The flow: [New] -> Find reads /proc and /sys of the Machine once for the facts ([devices.Info]) -> the device reads the
// few files again that change: energy, temperature, clocks, load, stolen and throttled time.
//
// The room's one rule: everything comes through Machine.FS, so that the tree of another machine gives that machine's
// facts; the running processor is asked only for what no file says.
package cpu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

const backendName = "cpu"

// Backend finds the one CPU device. The zero value reads files only: use it for the captured tree of another machine.
type Backend struct {
	// Ask tells about the processor on which this process runs, for systems without /proc; nil asks nothing. What files
	// say wins.
	Ask func() Silicon
}

// New is the backend for the machine on which this process runs.
func New() devices.Backend { return Backend{Ask: AskProcessor} }

// Name is "cpu".
func (Backend) Name() string { return backendName }

// Find describes the CPUs of the machine. There always is one device; what is unknown of it is nil.
func (b Backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding cpu: %w", err)
	}
	f := readFacts(m.FS, b.Ask)
	meter, unavailable := openRAPL(m.FS, packages)
	dram, _ := openRAPL(m.FS, memories) // not every processor has the counter
	dev := &device{
		info:    f.info(unavailable),
		fs:      m.FS,
		facts:   f,
		meter:   meter,
		dram:    dram,
		sensors: findTemperatures(m.FS),
	}
	dev.throttles = sysfiles.ThermalThrottles(m.FS, f.usable)
	return devices.Inventory{Devices: []devices.Device{dev}}, nil
}

type device struct {
	info      devices.Info
	fs        fs.FS
	facts     facts
	meter     *meter
	dram      *meter
	sensors   []string
	before    *sysfiles.CPUTimes
	throttles *uint64
	closed    bool
}

var errClosed = errors.New("cpu device is closed")

func (d *device) Info() devices.Info {
	info := d.info
	info.Details = append([]devices.Detail(nil), info.Details...)
	return info
}

// Read samples the sensors. Utilisation and throttling compare with the read before, so the first has no utilisation.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	r, err := d.ReadPower(ctx)
	if err != nil {
		return r, err
	}
	r.DRAMEnergyJoules = d.dram.joules(d.fs)
	r.TemperatureC = hottest(d.fs, d.sensors)
	r.ClockMHz = clockMHz(d.fs, d.facts)
	r.CPUThrottledSeconds = d.facts.cgroup.ThrottledSeconds(d.fs)
	if mem := sysfiles.ReadMemory(d.fs); mem.Total != nil && mem.Available != nil && *mem.Available <= *mem.Total {
		used := *mem.Total - *mem.Available
		r.MemoryUsedBytes = &used
	}
	if now := sysfiles.ReadCPUTimes(d.fs, d.facts.usable); now != nil {
		r.CPUStealSeconds = now.Steal
		r.UtilizationPercent = utilization(d.before, now)
		d.before = now
	}
	if n := sysfiles.ThermalThrottles(d.fs, d.facts.usable); n != nil {
		r.Throttle = []string{}
		if d.throttles != nil && *n > *d.throttles {
			r.Throttle = append(r.Throttle, "thermal")
		}
		d.throttles = n
	}
	return r, nil
}

// ReadPower reads the energy counter of the packages; RAPL has no power.
func (d *device) ReadPower(ctx context.Context) (devices.Reading, error) {
	if d.closed {
		return devices.Reading{}, fmt.Errorf("reading cpu sensors: %w", errClosed)
	}
	if err := ctx.Err(); err != nil {
		return devices.Reading{}, fmt.Errorf("reading cpu sensors: %w", err)
	}
	r := devices.Reading{Time: time.Now(), EnergyJoules: d.meter.joules(d.fs)}
	if r.EnergyJoules != nil {
		r.EnergySource = raplSource
	}
	return r, nil
}

func (d *device) Close() error {
	d.closed = true
	return nil
}

// facts are what does not change while a process runs.
type facts struct {
	cpuinfo  sysfiles.CPUInfo
	source   string // of model and features
	online   []int
	usable   []int
	logical  *int
	cores    *int
	topology sysfiles.Topology
	caches   []sysfiles.Cache
	numa     *int
	memory   sysfiles.Memory
	cgroup   sysfiles.Cgroup
	governor string
	turbo    *bool
	smt      *bool
	maxMHz   *float64
	clock    string
}

func readFacts(fsys fs.FS, ask func() Silicon) facts {
	f := facts{cpuinfo: sysfiles.ReadCPUInfo(fsys), source: "/proc/cpuinfo"}
	f.online = sysfiles.OnlineCPUs(fsys, f.cpuinfo)
	f.usable = sysfiles.UsableCPUs(fsys)
	if f.usable == nil {
		f.usable = f.online
	}
	f.logical, f.cores = known(len(f.online)), known(len(f.usable))
	if f.cpuinfo.Model == "" && len(f.cpuinfo.Flags) == 0 && ask != nil {
		s := ask()
		f.source = "cpuid"
		f.cpuinfo.Model, f.cpuinfo.Vendor, f.cpuinfo.Flags = s.Model, s.Vendor, s.Flags
		if f.cores == nil {
			f.cores = known(s.CPUs)
		}
	}
	f.topology = sysfiles.ReadTopology(fsys, f.online, f.cpuinfo)
	f.caches = sysfiles.ReadCaches(fsys, f.online)
	f.numa = sysfiles.NUMANodes(fsys)
	f.memory = sysfiles.ReadMemory(fsys)
	f.cgroup = sysfiles.ReadCgroup(fsys)
	f.governor = sysfiles.Governor(fsys, f.usable)
	f.turbo, f.smt = sysfiles.Turbo(fsys), sysfiles.SMT(fsys)
	f.maxMHz = maxMHz(fsys, f.usable)
	f.clock = clockSource(fsys, f)
	return f
}

func (f facts) info(energyUnavailable string) devices.Info {
	name := f.cpuinfo.Model
	if name == "" {
		name = "CPU of unknown model"
	}
	info := devices.Info{
		Backend:     backendName,
		ID:          backendName,
		Name:        name,
		MemoryBytes: smaller(f.memory.Total, f.cgroup.MemoryBytes),
		Cores:       f.cores,
		EnergyScope: "CPU package",
		Details:     f.details(energyUnavailable),
	}
	if energyUnavailable != "" {
		info.EnergyScope, info.Unmetered = "", "no energy of the CPU: "+energyUnavailable
	}
	return info
}

func (f facts) details(energyUnavailable string) []devices.Detail {
	const cpuinfo, sysfs, proc, cgroup = "/proc/cpuinfo", "sysfs", "proc", "cgroup"
	list := []devices.Detail{
		{Name: "vendor", Value: text(f.cpuinfo.Vendor), Source: f.source},
		{Name: "sockets", Value: value(f.topology.Sockets), Source: sysfs},
		{Name: "physical_cores", Value: value(f.topology.Cores), Source: sysfs},
		{Name: "threads_per_core", Value: value(f.topology.ThreadsPerCore), Source: sysfs},
		{Name: "logical_cpus", Value: value(f.logical), Source: sysfs},
		{Name: "usable_cpus", Value: value(f.cores), Source: "affinity"},
		{Name: "smt", Value: value(f.smt), Source: sysfs},
		{Name: "numa_nodes", Value: value(f.numa), Source: sysfs},
		{Name: "simd", Value: text(strings.Join(SIMD(f.cpuinfo.Flags), " ")), Source: f.source},
	}
	for _, c := range f.caches {
		if c.Type == "Instruction" {
			continue
		}
		name := fmt.Sprintf("l%d_cache", c.Level)
		if c.Type == "Data" {
			name = fmt.Sprintf("l%dd_cache", c.Level)
		}
		for hasDetail(list, name) { // cores of two kinds in one machine
			name += "_other"
		}
		list = append(list,
			devices.Detail{Name: name, Value: c.Bytes, Unit: "B", Source: sysfs},
			devices.Detail{Name: name + "_instances", Value: c.Instances, Source: sysfs})
	}
	energy := "available"
	if energyUnavailable != "" {
		energy = "unavailable (" + energyUnavailable + ")"
	}
	return append(list,
		devices.Detail{Name: "nominal_clock", Value: value(f.nominalMHz()), Unit: "MHz", Source: cpuinfo},
		devices.Detail{Name: "max_clock", Value: value(f.maxMHz), Unit: "MHz", Source: "cpufreq"},
		devices.Detail{Name: "clock_source", Value: text(f.clock)},
		devices.Detail{Name: "governor", Value: text(f.governor), Source: "cpufreq"},
		devices.Detail{Name: "turbo", Value: value(f.turbo), Source: "cpufreq"},
		devices.Detail{Name: "microcode", Value: text(f.cpuinfo.Microcode), Source: cpuinfo},
		devices.Detail{Name: "hypervisor", Value: f.hypervisor(), Source: cpuinfo},
		devices.Detail{Name: "memory_total", Value: value(f.memory.Total), Unit: "B", Source: proc},
		devices.Detail{Name: "memory_available", Value: value(f.memory.Available), Unit: "B", Source: proc},
		devices.Detail{Name: "cgroup_cpus", Value: value(f.cgroup.CPUs), Source: cgroup},
		devices.Detail{Name: "cgroup_memory", Value: value(f.cgroup.MemoryBytes), Unit: "B", Source: cgroup},
		devices.Detail{Name: "cpu_energy", Value: energy, Source: "rapl"},
	)
}

// hypervisor is known only where the architecture has a flag for it: on arm64 its absence says nothing.
func (f facts) hypervisor() any {
	switch {
	case f.cpuinfo.Has("hypervisor"):
		return true
	case f.cpuinfo.Has("fpu"): // an amd64 list
		return false
	}
	return nil
}

// nominalMHz is the "cpu MHz" of a machine that has no way to measure its clock: there the kernel prints the nominal one.
func (f facts) nominalMHz() *float64 {
	if f.clock != "" {
		return nil
	}
	return f.cpuinfo.MeanMHz(f.usable)
}

func hasDetail(list []devices.Detail, name string) bool {
	for _, d := range list {
		if d.Name == name {
			return true
		}
	}
	return false
}

func known(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func smaller(a, b *uint64) *uint64 {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}
