// Package amd finds AMD GPUs and reads what sensors they have.
//
// The flow: [New] gives the backend; its Find reads the topology that the compute driver (KFD) publishes, keeps the GPUs
// whose render node is here, describes each from the driver's files, and asks amd-smi, or the older rocm-smi, for what no
// file says: the product's name. Readings come from the driver's files; the tools are asked only where there are none,
// since each call starts an interpreter.
//
// The room's one rule: a figure that two sources could give comes from the driver's files. What identifies a machine
// (serial numbers) is not read.
package amd

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
	"github.com/accelbench/accelbench/devices/visible"
)

const (
	backendName = "amd"
	pciBus      = "sys/bus/pci/devices"
	amdVendor   = "0x1002"
	envROCr     = "ROCR_VISIBLE_DEVICES"
	envHIP      = "HIP_VISIBLE_DEVICES"
)

// New gives the backend for AMD GPUs.
func New() devices.Backend { return backend{} }

type backend struct{}

// Name returns "amd".
func (backend) Name() string { return backendName }

// Find lists the GPUs of the driver's topology whose nodes are here.
func (backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding AMD GPUs: %w", err)
	}
	nodes := topology(m.FS)
	if len(nodes) == 0 {
		return withoutTopology(m.FS)
	}
	var here []node
	for _, n := range nodes {
		if sysfiles.Exists(m.FS, fmt.Sprintf("dev/dri/renderD%d", n.props["drm_render_minor"])) {
			here = append(here, n)
		}
	}
	if !sysfiles.Exists(m.FS, "dev/kfd") || len(here) == 0 {
		return devices.Inventory{Problems: []devices.Problem{{
			Text:   fmt.Sprintf("the driver (amdgpu) serves %d GPUs, but /dev/kfd or their /dev/dri/renderD* are not here", len(nodes)),
			Remedy: "in a container, pass the device nodes in (--device /dev/kfd --device /dev/dri)",
		}}}, nil
	}
	tool := newTool(m.Run)
	listed, problems := tool.describe(ctx)
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding AMD GPUs: %w", err)
	}
	inv := devices.Inventory{Problems: problems}
	driver, _ := sysfiles.Text(m.FS, "sys/module/amdgpu/version")
	var found []*device
	for i, n := range here {
		d := describe(m.FS, i, n, count(nodes, n), tool.of(listed, i, n.address()))
		d.info.Driver, d.tool = driver, tool
		found = append(found, d)
		inv.Devices = append(inv.Devices, d)
	}
	inv.Problems = append(inv.Problems, hide(m, found)...)
	return inv, nil
}

// count gives the nodes at the address of n: more than one are partitions of a GPU.
func count(nodes []node, n node) int {
	same := 0
	for _, other := range nodes {
		if other.address() == n.address() {
			same++
		}
	}
	return same
}

// withoutTopology says why there is no device.
func withoutTopology(root fs.FS) (devices.Inventory, error) {
	gpus := onBus(root)
	if len(gpus) == 0 {
		return devices.Inventory{}, fmt.Errorf("finding AMD GPUs: %w: no AMD GPU on the PCI bus, none in /sys/class/kfd", devices.ErrAbsent)
	}
	p := devices.Problem{
		Text:   fmt.Sprintf("AMD GPU on the PCI bus (%s), no driver loaded", strings.Join(gpus, ", ")),
		Remedy: "install amdgpu (ROCm) and load it (modprobe amdgpu)",
	}
	if sysfiles.Exists(root, "sys/module/amdgpu") {
		p.Text = fmt.Sprintf("AMD GPU on the PCI bus (%s) and amdgpu is loaded, but it offers none for computing", strings.Join(gpus, ", "))
		p.Remedy = "look for amdgpu and kfd lines in dmesg; this driver may not serve the GPU"
	}
	return devices.Inventory{Problems: []devices.Problem{p}}, nil
}

// onBus lists display controllers and accelerators of AMD by their address.
func onBus(root fs.FS) []string {
	if root == nil {
		return nil
	}
	var found []string
	entries, _ := fs.ReadDir(root, pciBus)
	for _, e := range entries {
		vendor, _ := sysfiles.Text(root, pciBus+"/"+e.Name()+"/vendor")
		class, _ := sysfiles.Text(root, pciBus+"/"+e.Name()+"/class")
		// 0x03 is a display controller of whatever kind, 0x12 a processing accelerator.
		if vendor == amdVendor && (strings.HasPrefix(class, "0x03") || strings.HasPrefix(class, "0x12")) {
			found = append(found, e.Name())
		}
	}
	return found
}

// hide marks the GPUs that ROCm does not show to this process: ROCR_VISIBLE_DEVICES counts what the driver has,
// HIP_VISIBLE_DEVICES counts what that leaves.
func hide(m devices.Machine, found []*device) []devices.Problem {
	rocr, hip := visible.Read(m, envROCr), visible.Read(m, envHIP)
	var problems []devices.Problem
	left := make([]int, len(found))
	var uuids []string
	for i, d := range found {
		left[i] = i
		uuids = append(uuids, d.info.UUID)
	}
	for _, list := range []visible.List{rocr, hip} {
		if !list.Set {
			continue
		}
		var ids []string
		for _, i := range left {
			ids = append(ids, uuids[i])
		}
		choice := list.Pick(func(entry string) []int {
			return append(visible.Index(entry, len(ids)), visible.Prefix(entry, "GPU-", ids)...)
		})
		problems = append(problems, list.Problem(choice, "GPU")...)
		var next []int
		for at, i := range left {
			if !choice.Has(at) {
				found[i].info.Hidden = list.Reason()
			}
		}
		for _, at := range choice.Devices {
			next = append(next, left[at])
		}
		left = next
	}
	for _, d := range found {
		for _, list := range []visible.List{rocr, hip} {
			if list.Set {
				d.info.Details = append(d.info.Details, list.Detail())
			}
		}
	}
	return problems
}
