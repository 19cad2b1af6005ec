package cpu

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// meter sums the energy counters of all packages. Each counter starts again at zero when it reaches its range, so the
// meter must be read more often than that: a range of 262 kJ lasts some twenty minutes at 200 W.
type meter struct {
	zones []zone
	total float64 // joules since the first read
}

type zone struct {
	file  string
	wrap  uint64
	last  uint64
	begun bool
}

// Only package zones count: their sub-zones (intel-rapl:0:0) are parts of them, psys is the whole platform, and the
// intel-rapl-mmio tree shows the same counters again. AMD processors use the same names.
var packageZone = regexp.MustCompile(`^intel-rapl:\d+$`)

// openRAPL finds the energy counters, or says why there are none to read.
func openRAPL(fsys fs.FS) (m *meter, unavailable string) {
	const dir = "sys/class/powercap"
	entries, err := readDir(fsys, dir)
	if err != nil {
		return nil, "no powercap in the kernel; virtual machines rarely have it"
	}
	m = &meter{}
	for _, e := range entries {
		base := path.Join(dir, e.Name())
		name, _ := sysfiles.Text(fsys, path.Join(base, "name"))
		if !packageZone.MatchString(e.Name()) || !strings.HasPrefix(name, "package-") {
			continue
		}
		wrap := sysfiles.Uint(fsys, path.Join(base, "max_energy_range_uj"))
		if wrap == nil || *wrap == 0 {
			return nil, "the counter of " + name + " has no range"
		}
		file := path.Join(base, "energy_uj")
		if _, err := fs.ReadFile(fsys, file); errors.Is(err, fs.ErrPermission) {
			return nil, "only root may read energy_uj; run as root or allow it with chmod"
		} else if err != nil {
			return nil, "the counter of " + name + " cannot be read"
		}
		m.zones = append(m.zones, zone{file: file, wrap: *wrap})
	}
	if len(m.zones) == 0 {
		return nil, "no RAPL package zone"
	}
	return m, ""
}

// joules is the energy since the first read; nil if there is no meter or a package could not be read this time.
func (m *meter) joules(fsys fs.FS) *float64 {
	if m == nil {
		return nil
	}
	now := make([]uint64, len(m.zones))
	for i, z := range m.zones {
		n := sysfiles.Uint(fsys, z.file)
		if n == nil {
			return nil
		}
		now[i] = *n
	}
	for i := range m.zones {
		z := &m.zones[i]
		if z.begun {
			delta := now[i] - z.last
			if now[i] < z.last {
				delta = now[i] + z.wrap - min(z.last, z.wrap)
			}
			m.total += float64(delta) / 1e6
		}
		z.last, z.begun = now[i], true
	}
	total := m.total
	return &total
}

// findTemperatures lists the files of the sensors that stand for the processor: of each driver the package's, or the
// die's, or all where labels do not tell.
func findTemperatures(fsys fs.FS) []string {
	const dir = "sys/class/hwmon"
	entries, err := readDir(fsys, dir)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		base := path.Join(dir, e.Name())
		switch name, _ := sysfiles.Text(fsys, path.Join(base, "name")); name {
		case "coretemp", "k10temp", "zenpower", "cpu_thermal":
			found = append(found, pickSensors(fsys, base)...)
		}
	}
	return found
}

func pickSensors(fsys fs.FS, base string) []string {
	files, err := fs.Glob(fsys, base+"/temp*_input")
	if err != nil {
		return nil
	}
	for _, want := range []string{"Package id", "Tdie", "Tctl"} {
		var picked []string
		for _, f := range files {
			label, _ := sysfiles.Text(fsys, strings.TrimSuffix(f, "_input")+"_label")
			if strings.HasPrefix(label, want) {
				picked = append(picked, f)
			}
		}
		if len(picked) > 0 {
			return picked
		}
	}
	return files
}

// hottest is the highest of the sensors in degrees Celsius; the files have thousandths.
func hottest(fsys fs.FS, files []string) *float64 {
	var hot *float64
	for _, f := range files {
		text, _ := sysfiles.Text(fsys, f)
		milli, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			continue
		}
		if c := float64(milli) / 1000; hot == nil || c > *hot {
			hot = &c
		}
	}
	return hot
}

// clockSamples bounds the CPUs whose clock is read per sample: each read of scaling_cur_freq may interrupt its CPU.
const clockSamples = 16

// Where the present clock can be read: the frequency driver, or the counters that the kernel evaluates for "cpu MHz".
const (
	fromCpufreq    = "cpufreq"
	fromAPERFMPERF = "aperfmperf"
)

func clockSource(fsys fs.FS, f facts) string {
	switch {
	case meanKHz(fsys, f.usable, "scaling_cur_freq") != nil:
		return fromCpufreq
	case f.cpuinfo.Has("aperfmperf") && len(f.cpuinfo.MHz) > 0:
		return fromAPERFMPERF
	}
	return ""
}

func clockMHz(fsys fs.FS, f facts) *float64 {
	switch f.clock {
	case fromCpufreq:
		return meanKHz(fsys, f.usable, "scaling_cur_freq")
	case fromAPERFMPERF:
		return sysfiles.ReadCPUInfo(fsys).MeanMHz(f.usable)
	}
	return nil
}

func maxMHz(fsys fs.FS, cpus []int) *float64 { return meanKHz(fsys, cpus, "cpuinfo_max_freq") }

// meanKHz is the mean in MHz of a cpufreq file in kHz over evenly chosen CPUs; nil if none has it.
func meanKHz(fsys fs.FS, cpus []int, file string) *float64 {
	var sum float64
	var n int
	step := (len(cpus) + clockSamples - 1) / clockSamples
	for i := 0; i < len(cpus); i += step {
		if khz := sysfiles.Uint(fsys, fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpufreq/%s", cpus[i], file)); khz != nil && *khz > 0 {
			sum += float64(*khz) / 1000
			n++
		}
	}
	if n == 0 {
		return nil
	}
	mean := sum / float64(n)
	return &mean
}

// utilization is the busy share of the CPUs between two samples in percent; nil without two, or if a counter went back.
func utilization(before, now *sysfiles.CPUTimes) *float64 {
	if before == nil {
		return nil
	}
	busy, total := now.Busy-before.Busy, now.Total-before.Total
	if total <= 0 || busy < 0 || busy > total {
		return nil
	}
	percent := 100 * busy / total
	return &percent
}

func readDir(fsys fs.FS, dir string) ([]fs.DirEntry, error) {
	if fsys == nil {
		return nil, fs.ErrNotExist
	}
	return fs.ReadDir(fsys, dir)
}
