package amd

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

const (
	nodesFolder = "sys/class/kfd/kfd/topology/nodes"
	// maxProperties bounds a file that is believed; the driver's own are a few hundred bytes.
	maxProperties = 16 << 10
	maxBanks      = 64
)

// node is a GPU, or a partition of one, in the driver's topology.
type node struct {
	number int
	props  map[string]uint64
	// memory is that of its own banks in bytes; nil if the driver tells of none.
	memory *uint64
}

// topology lists the GPUs in the driver's order, which is that of ROCm. CPUs are nodes too, without SIMD units. A node that
// may not be read, as in containers with some of the GPUs, is left out.
func topology(root fs.FS) []node {
	if root == nil {
		return nil
	}
	entries, _ := fs.ReadDir(root, nodesFolder)
	var nodes []node
	for _, e := range entries {
		number, err := strconv.ParseUint(e.Name(), 10, 16)
		if err != nil {
			continue
		}
		folder := nodesFolder + "/" + e.Name()
		text, _ := sysfiles.Text(root, folder+"/properties")
		props := parseProperties(text)
		if id := sysfiles.Uint(root, folder+"/gpu_id"); props["simd_count"] == 0 || id != nil && *id == 0 {
			continue
		}
		nodes = append(nodes, node{number: int(number), props: props, memory: localMemory(root, folder)})
	}
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(a.number, b.number) })
	return nodes
}

// parseProperties reads lines "name value". Lines of another form are left out.
func parseProperties(text string) map[string]uint64 {
	props := map[string]uint64{}
	if len(text) > maxProperties {
		return props
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 64); err == nil {
			props[name] = n
		}
	}
	return props
}

// localMemory adds the banks of the GPU; heap type 0 is the system's memory.
func localMemory(root fs.FS, folder string) *uint64 {
	banks, _ := fs.ReadDir(root, folder+"/mem_banks")
	var sum uint64
	for i, b := range banks {
		text, _ := sysfiles.Text(root, folder+"/mem_banks/"+b.Name()+"/properties")
		props := parseProperties(text)
		if i >= maxBanks || sum > math.MaxUint64-props["size_in_bytes"] {
			return nil
		}
		if props["heap_type"] != 0 {
			sum += props["size_in_bytes"]
		}
	}
	if sum == 0 {
		return nil
	}
	return &sum
}

// gfx is the instruction set as compilers name it: gfx942. Empty if unknown.
func (n node) gfx() string {
	v := n.props["gfx_target_version"]
	if v == 0 || v > 999999 {
		return ""
	}
	return fmt.Sprintf("gfx%d%d%x", v/10000, v/100%100, v%100)
}

// address is the GPU's on the PCI bus, as sysfs writes it.
func (n node) address() string {
	at := n.props["location_id"]
	return fmt.Sprintf("%04x:%02x:%02x.%d", n.props["domain"]&0xffff, at>>8&0xff, at>>3&0x1f, at&7)
}

// computeUnits is nil if the driver does not tell.
func (n node) computeUnits() *int {
	per := n.props["simd_per_cu"]
	if per == 0 || n.props["simd_count"]/per == 0 || n.props["simd_count"] > 1<<20 {
		return nil
	}
	units := int(n.props["simd_count"] / per)
	return &units
}

// uuid is the identity as ROCm writes it; empty if the GPU has none.
func (n node) uuid() string {
	if n.props["unique_id"] == 0 {
		return ""
	}
	return fmt.Sprintf("GPU-%016x", n.props["unique_id"])
}
