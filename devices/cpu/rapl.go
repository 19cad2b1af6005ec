package cpu

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
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

// kind is a kind of zone by the names of its folders and of the zone.
type kind struct {
	folder *regexp.Regexp
	name   string // beginning
}

// Package zones are what a CPU's energy is: their sub-zones (intel-rapl:0:0) are parts of them, psys is the whole platform, and
// the intel-rapl-mmio tree shows the same counters again. AMD processors use the same names. The sub-zone of the memory is the
// one that is no part of its package.
var (
	packages = kind{regexp.MustCompile(`^intel-rapl:\d+$`), "package-"}
	memories = kind{regexp.MustCompile(`^intel-rapl:\d+:\d+$`), "dram"}
)

// raplSource names the counter in readings.
const raplSource = "rapl_counter"

// openRAPL finds the energy counters of a kind of zone, or says why there are none to read.
func openRAPL(fsys fs.FS, want kind) (m *meter, unavailable string) {
	const dir = "sys/class/powercap"
	entries, err := readDir(fsys, dir)
	if err != nil {
		return nil, "no powercap in the kernel; virtual machines rarely have it"
	}
	m = &meter{}
	for _, e := range entries {
		base := path.Join(dir, e.Name())
		name, _ := sysfiles.Text(fsys, path.Join(base, "name"))
		if !want.folder.MatchString(e.Name()) || !strings.HasPrefix(name, want.name) {
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
		return nil, "no RAPL " + strings.TrimSuffix(want.name, "-") + " zone"
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
