package cpu

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

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
