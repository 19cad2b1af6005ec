package sysfiles_test

import (
	"math"
	"path"
	"strings"
	"testing"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

func FuzzParseCPUInfo(f *testing.F) {
	f.Add([]byte("processor\t: 0\nmodel name\t: X\nflags\t: fpu avx2\ncpu MHz\t: 2596.142\nphysical id : 0\ncore id : 0\n"))
	f.Add([]byte("processor : 1\nFeatures : asimd sve\nCPU implementer : 0x41\nCPU part : 0xd0c\n"))
	f.Add([]byte("processor: -5\ncpu MHz: NaN\n: :\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		info := sysfiles.ParseCPUInfo(data)
		for _, cpu := range info.Processors {
			if cpu < 0 {
				t.Fatalf("CPU %d", cpu)
			}
		}
		if mhz := info.MeanMHz(info.Processors); mhz != nil && !(*mhz > 0 && *mhz < 1e6) {
			t.Fatalf("clock %v", *mhz)
		}
	})
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("cpu  4143 19044 8356 151508 313 0 99 480 0 0\ncpu0 1 2 3 4 5 6 7 8\nctxt 5\n"))
	f.Add([]byte("cpu 1 2 3\ncpu-1 1 2 3 4\ncpu 18446744073709551615 1 1 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, each := sysfiles.ParseStat(data)
		check := func(c sysfiles.CPUTimes) {
			if c.Busy < 0 || c.Total < c.Busy || math.IsInf(c.Total, 0) || c.Steal != nil && *c.Steal > c.Total {
				t.Fatalf("times %+v", c)
			}
		}
		if all != nil {
			check(*all)
		}
		for _, c := range each {
			check(c)
		}
	})
}

func FuzzParseMeminfo(f *testing.F) {
	f.Add([]byte("MemTotal:       24684096 kB\nMemAvailable:   22979400 kB\n"))
	f.Add([]byte("MemTotal: 99999999999999999999 kB\nMemAvailable: 1\n"))
	f.Add([]byte("SwapTotal: 1024 kB\nSwapFree: 0 kB\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := sysfiles.ParseMeminfo(data)
		for _, n := range []*uint64{m.Total, m.Available, m.SwapTotal, m.SwapFree} {
			if n != nil && *n%1024 != 0 {
				t.Fatalf("%d bytes", *n)
			}
		}
	})
}

func FuzzParseSchedstat(f *testing.F) {
	f.Add([]byte("235876 412360 2\n"))
	f.Add([]byte("0 0 0\n"))
	f.Add([]byte("-1 99999999999999999999 x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, ok := sysfiles.ParseSchedstat(data)
		if s.Ran < 0 || s.Waited < 0 || !ok && s != (sysfiles.Scheduling{}) {
			t.Fatalf("%+v, %v", s, ok)
		}
	})
}

func FuzzParseMemberships(f *testing.F) {
	f.Add([]byte("9:name=systemd:/\n4:memory:/a/b\n3:cpu,cpuacct:/\n0::/x\n"))
	f.Add([]byte("0::/../../x\n::\n1:2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range sysfiles.ParseMemberships(data) {
			if !path.IsAbs(m.Path) || path.Clean(m.Path) != m.Path || strings.HasPrefix(m.Path, "/..") && !strings.HasPrefix(m.Path, "/...") && (len(m.Path) == 3 || m.Path[3] == '/') {
				t.Fatalf("path %q leaves the hierarchy", m.Path)
			}
		}
	})
}

func FuzzParseLimits(f *testing.F) {
	f.Add("200000 100000", "nr_throttled 1\nthrottled_usec 5\n", "0-3,8", "32K")
	f.Add("max 100000", "throttled_time 18446744073709551615", "0-65535,0-65535", "4294967295G")
	f.Fuzz(func(t *testing.T, quota, stat, list, size string) {
		if q := sysfiles.ParseCPUMax(quota); q != nil && (!(*q > 0) || math.IsInf(*q, 0)) {
			t.Fatalf("quota %v", *q)
		}
		if s := sysfiles.ParseThrottled([]byte(stat)); s != nil && !(*s >= 0) {
			t.Fatalf("throttled %v", *s)
		}
		if cpus, err := sysfiles.ParseCPUList(list); err == nil && len(cpus) > 1<<16 {
			t.Fatalf("%d CPUs", len(cpus))
		}
		if n := sysfiles.ParseSize(size); n != nil && *n == 0 {
			t.Fatal("empty cache")
		}
	})
}
