package nvml

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/spec"
)

// device is a GPU or, with a parent, a MIG slice of one.
type device struct {
	session *session
	info    devices.Info
	gpu     gpu
	parent  gpu
	at      place
	// metered says that the power and energy of the whole GPU are this device's.
	metered bool
	fields  *fieldReader // of the whole GPU
	// recorder is nil before the first reading; watched says that it tells of faults.
	recorder recorder
	watched  bool
	faults   []string
	closed   bool
}

// shared is the whole GPU, whose sensors a slice shares.
func (d *device) shared() gpu {
	if d.parent != nil {
		return d.parent
	}
	return d.gpu
}

// place is which GPU a device is, or is a slice of.
type place struct {
	// index is in the order of the PCI bus, owner describes the GPU.
	index int
	owner devices.Info
}

// Info returns what Find read.
func (d *device) Info() devices.Info { return d.info }

// Close gives the device back; the last one stops the library. Closing again does nothing.
func (d *device) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	if d.recorder != nil {
		d.recorder.Close()
	}
	if err := d.session.release(); err != nil {
		return fmt.Errorf("closing %s: stopping NVML: %w", d.info.ID, err)
	}
	return nil
}

// whole describes a GPU.
func whole(index int, g gpu, v versions) devices.Info {
	info := devices.Info{
		Backend:     backendName,
		ID:          fmt.Sprintf("%s:%d", backendName, index),
		Name:        cmp.Or(textOf(g, textName), "NVIDIA GPU"),
		UUID:        textOf(g, textUUID),
		Driver:      v.driver,
		MemoryBytes: bytesOf(g, numMemoryTotal),
		Cores:       multiprocessors(g),
	}
	if chip, known := spec.Find(spec.NVIDIA, info.Name, info.MemoryBytes); known {
		info.Peak = chip.Peak()
	}
	values, _ := newFieldReader(g).read(foundFields())
	links, speed := nvlink(values)
	info.Details = append(info.Details,
		detail("cuda_driver", v.cuda, ""),
		detail("compute_capability", capability(g), ""),
		detail("architecture", word(g, numArchitecture, architectures), ""),
		detail("pci_address", devices.Text(textOf(g, textPCIAddress)), ""),
		detail("cuda_cores", plain(g, numCUDACores), ""),
		detail("mig", word(g, numMIGMode, onOff), ""),
		detail("max_sm_clock", plain(g, numMaxSMClock), "MHz"),
		detail("max_memory_clock", plain(g, numMaxMemoryClock), "MHz"),
		detail("power_limit", limit(values, fieldPowerEnforced, g, numPowerLimit), "W"),
		detail("power_limit_requested", orAny(floatOf(values, field{id: fieldPowerRequested}, milli)), "W"),
		detail("power_limit_default", limit(values, fieldPowerDefault, g, numPowerDefault), "W"),
		detail("power_limit_min", limit(values, fieldPowerMin, g, numPowerMin), "W"),
		detail("power_limit_max", limit(values, fieldPowerMax, g, numPowerMax), "W"),
		detail("ecc", word(g, numECC, onOff), ""),
		detail("ecc_uncorrected", plain(g, numECCUncorrected), ""),
		detail("row_remap_pending", yesNo(values, field{id: fieldRemapPending}), ""),
		detail("persistence_mode", word(g, numPersistence, onOff), ""),
		detail("compute_mode", word(g, numComputeMode, computeModes), ""),
		detail("pcie_generation", plain(g, numPCIeGen), ""),
		detail("pcie_generation_max", plain(g, numPCIeGenMax), ""),
		detail("pcie_width", plain(g, numPCIeWidth), "lanes"),
		detail("pcie_width_max", plain(g, numPCIeWidthMax), "lanes"),
		detail("nvlink_links", links, ""),
		detail("nvlink_speed", speed, "MB/s per link"),
		detail("fabric", word(g, numFabricState, fabricStates), ""),
	)
	return info
}

// foundFields are the fields that describe a GPU.
func foundFields() []field {
	fields := []field{{id: fieldPowerEnforced}, {id: fieldPowerRequested}, {id: fieldPowerDefault}, {id: fieldPowerMin},
		{id: fieldPowerMax}, {id: fieldRemapPending}}
	for link := range uint32(maxLinks) {
		fields = append(fields, field{fieldNVLinkSpeed, link})
	}
	return fields
}

// maxLinks is NVML_NVLINK_MAX_LINKS of nvml.h.
const maxLinks = 18

// nvlink counts the links that have a speed, and gives the least in MB/s; both are nil if no link answers.
func nvlink(values map[field]uint64) (links, speed any) {
	answered, active, least := false, 0, uint64(0)
	for link := range uint32(maxLinks) {
		mbps, ok := values[field{fieldNVLinkSpeed, link}]
		answered = answered || ok
		if mbps == 0 {
			continue
		}
		if active == 0 || mbps < least {
			least = mbps
		}
		active++
	}
	switch {
	case !answered:
		return nil, nil
	case active == 0:
		return 0, nil
	}
	return active, int(least)
}

// limit is a limit of power in watts by the field, or by the older function.
func limit(values map[field]uint64, id uint32, g gpu, older number) any {
	if watts := floatOf(values, field{id: id}, milli); watts != nil {
		return *watts
	}
	return scaled(g, older, milli)
}

func orAny(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

func yesNo(values map[field]uint64, f field) any {
	n, ok := values[f]
	switch {
	case !ok:
		return nil
	case n == 0:
		return "no"
	}
	return "yes"
}

// slice describes MIG slice i of a GPU. Its ID is that of NVIDIA's container tools, GPU:slice. It has no specified peak:
// the maker publishes none for slices. Limits, clocks and modes are those of the GPU that it shares.
func slice(parent devices.Info, i int, g gpu) devices.Info {
	info := parent
	info.ID = fmt.Sprintf("%s:%d", parent.ID, i)
	info.Name = cmp.Or(textOf(g, textName), "NVIDIA MIG slice")
	info.UUID = textOf(g, textUUID)
	info.MemoryBytes = bytesOf(g, numMemoryTotal)
	info.Cores = nil
	if n, c := g.Number(numSliceMultiprocessors); c == codeOK && n > 0 {
		cores := int(n)
		info.Cores = &cores
	}
	info.Peak = nil
	info.Details = []devices.Detail{
		detail("mig_profile", profile(info.Name), ""),
		detail("parent_gpu", devices.Text(parent.Name), ""),
		detail("parent_uuid", devices.Text(parent.UUID), ""),
	}
	info.Details = append(info.Details, parent.Details...)
	return info
}

// profile takes "1g.5gb" out of a slice's name, which ends in "MIG 1g.5gb".
func profile(name string) any {
	if _, p, found := strings.Cut(name, " MIG "); found {
		return p
	}
	return nil
}

// coresPerMultiprocessor is keyed as numComputeCapability. Source: the table in NVIDIA's CUDA samples (helper_cuda.h).
var coresPerMultiprocessor = map[uint64]uint64{
	300: 192, 302: 192, 305: 192, 307: 192,
	500: 128, 502: 128, 503: 128,
	600: 64, 601: 128, 602: 128,
	700: 64, 702: 64, 705: 64,
	800: 64, 806: 128, 807: 128, 809: 128,
	900:  128,
	1000: 128, 1001: 128, 1003: 128, 1100: 128, 1200: 128, 1201: 128,
}

// multiprocessors derives their number from the CUDA cores, because NVML tells it only for slices; nil where the division
// does not come out even or the architecture is not known.
func multiprocessors(g gpu) *int {
	cores, c1 := g.Number(numCUDACores)
	cc, c2 := g.Number(numComputeCapability)
	per := coresPerMultiprocessor[cc]
	if c1 != codeOK || c2 != codeOK || per == 0 || cores == 0 || cores%per != 0 {
		return nil
	}
	n := int(cores / per)
	return &n
}

var (
	onOff         = map[uint64]string{0: "off", 1: "on"}
	computeModes  = map[uint64]string{0: "default", 1: "exclusive-thread", 2: "prohibited", 3: "exclusive-process"}
	architectures = map[uint64]string{2: "Kepler", 3: "Maxwell", 4: "Pascal", 5: "Volta", 6: "Turing", 7: "Ampere",
		8: "Ada", 9: "Hopper", 10: "Blackwell"}
	fabricStates = map[uint64]string{0: "not supported", 1: "not started", 2: "in progress", 3: "completed"}
)

// milli is how many of NVML's milliwatts and millijoules make a watt and a joule.
const milli = 1000

func detail(name string, value any, unit string) devices.Detail {
	return devices.Detail{Name: name, Value: value, Unit: unit, Source: backendName}
}

func textOf(g gpu, what text) string {
	s, c := g.Text(what)
	if c != codeOK {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(s, "?"))
}

// bytesOf gives the size of a memory. A GPU that shares the host's memory may say 0, which stands for unknown.
func bytesOf(g gpu, what number) *uint64 {
	n, c := g.Number(what)
	if c != codeOK || n == 0 {
		return nil
	}
	return &n
}

func plain(g gpu, what number) any {
	n, c := g.Number(what)
	if c != codeOK {
		return nil
	}
	return int(n)
}

func scaled(g gpu, what number, per float64) any {
	n, c := g.Number(what)
	if c != codeOK {
		return nil
	}
	return float64(n) / per
}

// word names a number; one that has no name here is unknown.
func word(g gpu, what number, names map[uint64]string) any {
	n, c := g.Number(what)
	if c != codeOK {
		return nil
	}
	return devices.Text(names[n])
}

func capability(g gpu) any {
	n, c := g.Number(numComputeCapability)
	if c != codeOK {
		return nil
	}
	return fmt.Sprintf("%d.%d", n/100, n%100)
}
