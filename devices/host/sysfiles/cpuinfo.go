package sysfiles

import (
	"io/fs"
	"strconv"
	"strings"
)

// CPUInfo is what /proc/cpuinfo says. Fields that an architecture's file does not have are empty.
type CPUInfo struct {
	// Processors are the numbers of the online logical CPUs.
	Processors []int
	Vendor     string
	// Model is the product name: given by the file on amd64, from the table of implementers and parts on arm64.
	Model     string
	Microcode string
	// Flags are the feature names in the kernel's spelling: "flags" on amd64, "Features" on arm64.
	Flags []string
	// MHz has the "cpu MHz" of each processor. Without the flag aperfmperf or a frequency driver the kernel prints the
	// nominal frequency here, not a measured one.
	MHz map[int]float64
	// Sockets and Cores count distinct physical ids, and core ids within them; 0 if the file does not say.
	Sockets, Cores int
}

// ReadCPUInfo reads /proc/cpuinfo.
func ReadCPUInfo(fsys fs.FS) CPUInfo {
	data, err := read(fsys, "proc/cpuinfo")
	if err != nil {
		return CPUInfo{}
	}
	return ParseCPUInfo(data)
}

// ParseCPUInfo reads the text of /proc/cpuinfo. Names and flags are those of the first processor that has them.
func ParseCPUInfo(data []byte) CPUInfo {
	var (
		info              CPUInfo
		cpu               = -1
		socket            string
		implementer, part string
		sockets           = map[string]bool{}
		cores             = map[string]bool{}
	)
	keepFirst := func(dst *string, value string) {
		if *dst == "" {
			*dst = value
		}
	}
	for line := range strings.Lines(string(data)) {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "processor":
			cpu, socket = -1, ""
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < maxCPU {
				cpu = n
				info.Processors = append(info.Processors, n)
			}
		case "vendor_id":
			keepFirst(&info.Vendor, value)
		case "model name":
			keepFirst(&info.Model, value)
		case "microcode":
			keepFirst(&info.Microcode, value)
		case "CPU implementer":
			keepFirst(&implementer, strings.ToLower(value))
		case "CPU part":
			keepFirst(&part, strings.ToLower(value))
		case "flags", "Features":
			if info.Flags == nil {
				info.Flags = strings.Fields(value)
			}
		case "cpu MHz":
			if mhz, err := strconv.ParseFloat(value, 64); err == nil && cpu >= 0 && mhz > 0 && mhz < 1e6 {
				if info.MHz == nil {
					info.MHz = map[int]float64{}
				}
				info.MHz[cpu] = mhz
			}
		case "physical id":
			socket = value
			sockets[socket] = true
		case "core id":
			cores[socket+"/"+value] = true
		}
	}
	info.Sockets, info.Cores = len(sockets), len(cores)
	if implementer != "" {
		keepFirst(&info.Vendor, armVendor(implementer))
		keepFirst(&info.Model, armModel(implementer, part))
	}
	return info
}

// Has reports whether the kernel lists the feature.
func (c CPUInfo) Has(flag string) bool {
	for _, f := range c.Flags {
		if f == flag {
			return true
		}
	}
	return false
}

// MeanMHz is the mean frequency of the given CPUs, of those that the file has; nil if none.
func (c CPUInfo) MeanMHz(cpus []int) *float64 {
	var sum float64
	var n int
	for _, cpu := range cpus {
		if mhz, ok := c.MHz[cpu]; ok {
			sum += mhz
			n++
		}
	}
	if n == 0 {
		return nil
	}
	mean := sum / float64(n)
	return &mean
}

// arm64 files carry numbers instead of names. The core names below are those of the part tables of util-linux's lscpu
// and several other public tables, which agree. Which cloud product carries a core (Graviton2 a Neoverse-N1, say) is not
// in the file and is not claimed.
var armImplementers = map[string]string{
	"0x41": "ARM", "0x46": "Fujitsu", "0x48": "HiSilicon", "0x4e": "NVIDIA", "0x51": "Qualcomm", "0x61": "Apple",
	"0x6d": "Microsoft", "0xc0": "Ampere",
}

var armParts = map[string]string{
	"0x41/0xd03": "Cortex-A53", "0x41/0xd07": "Cortex-A57", "0x41/0xd08": "Cortex-A72", "0x41/0xd0b": "Cortex-A76",
	"0x41/0xd0c": "Neoverse-N1", "0x41/0xd40": "Neoverse-V1", "0x41/0xd49": "Neoverse-N2", "0x41/0xd4a": "Neoverse-E1",
	"0x41/0xd4f": "Neoverse-V2", "0x41/0xd83": "Neoverse-V3AE", "0x41/0xd84": "Neoverse-V3", "0x41/0xd8e": "Neoverse-N3",
	"0x46/0x001": "A64FX", "0x48/0xd01": "Kunpeng-920", "0x4e/0x004": "Carmel", "0x4e/0x010": "Olympus",
}

func armVendor(implementer string) string {
	if name := armImplementers[implementer]; name != "" {
		return name
	}
	return "implementer " + implementer
}

func armModel(implementer, part string) string {
	if name := armParts[implementer+"/"+part]; name != "" {
		return armVendor(implementer) + " " + name
	}
	return armVendor(implementer) + " part " + part
}
