// Package neuron finds AWS Trainium and Inferentia chips and reads what sensors they have.
//
// The flow: [New] gives the backend; its Find looks for chips on the PCI bus and for the device nodes that the driver
// makes, asks neuron-ls where it is installed, and joins both with the driver's sysfs tree. For the time of a run a device
// listens to neuron-monitor, whose reports are cut down to its cores and to this process. neuron-ls counts logical
// cores, sysfs physical ones. A container renumbers the nodes while its sysfs shows every chip of the host, so a sysfs
// folder is taken only where it can be shown to be the node's.
//
// The room's one rule: nothing is ever written, not even opened for writing: in this tree a write clears counters or
// resets the chip. What identifies an account or a machine (instance ids, serial numbers, command lines of other
// processes) is not read, or dropped where it is read.
package neuron

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

const backendName = "neuron"

// New gives the backend for Trainium and Inferentia.
func New() devices.Backend { return backend{} }

type backend struct{}

// Name returns "neuron".
func (backend) Name() string { return backendName }

// Find lists the chips whose device nodes are here.
func (backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding Neuron devices: %w", err)
	}
	if m.FS == nil {
		return devices.Inventory{}, fmt.Errorf("finding Neuron devices: %w: no file system to look in", devices.ErrAbsent)
	}
	p := look(m.FS)
	if len(p.nodes) == 0 {
		return withoutNodes(p)
	}
	var inv devices.Inventory
	listed, err := list(ctx, m.Run)
	switch {
	case ctx.Err() != nil:
		return inv, fmt.Errorf("finding Neuron devices: %w", ctx.Err())
	case errors.Is(err, errNoTool):
		inv.Problems = append(inv.Problems, devices.Problem{
			Text:   "neuron-ls is not installed, so logical cores and memory of the Neuron devices come from tables",
			Remedy: "install aws-neuronx-tools",
		})
	case err != nil:
		inv.Problems = append(inv.Problems, devices.Problem{
			Text:   "asking neuron-ls: " + err.Error(),
			Remedy: "run neuron-ls by hand; check that the driver (aws-neuronx-dkms) and the tools are of one release",
		})
	default:
		inv.Problems = append(inv.Problems, unlisted(p.nodes, listed)...)
	}
	e := readSettings(m)
	inv.Problems = append(inv.Problems, e.problems...)
	total, known := 0, true
	for _, f := range join(m.FS, p, listed) {
		d := f.device(m.FS, p.driver, e)
		d.start, d.of.tag = m.Start, e.tag
		inv.Devices = append(inv.Devices, d)
		ids := f.coreIDs(d.info.Cores, total, known)
		d.info.Hidden = e.hides(ids)
		if partly := e.leaves(ids); d.info.Hidden == "" && len(partly) < len(ids) {
			d.info.Details = append(d.info.Details, devices.Detail{Name: "visible_cores", Value: joined(partly), Source: "env"})
		}
		if d.info.Cores == nil {
			known = false
			continue
		}
		total += *d.info.Cores
	}
	if known {
		inv.Problems = append(inv.Problems, e.hidden(total)...)
	}
	return inv, nil
}

// withoutNodes says why there is no device to use.
func withoutNodes(p presence) (devices.Inventory, error) {
	if len(p.chips) == 0 {
		reason := "no Trainium or Inferentia chip on the PCI bus, no /dev/neuron*"
		if p.otherAmazon > 0 {
			reason += fmt.Sprintf(" (the %d Amazon devices on the bus are network and storage)", p.otherAmazon)
		}
		return devices.Inventory{}, fmt.Errorf("finding Neuron devices: %w: %s", devices.ErrAbsent, reason)
	}
	names := map[string]int{}
	var order []string
	for _, c := range p.chips {
		if names[c.chip.name] == 0 {
			order = append(order, c.chip.name)
		}
		names[c.chip.name]++
	}
	var counts []string
	for _, n := range order {
		counts = append(counts, fmt.Sprintf("%d x %s", names[n], n))
	}
	found := strings.Join(counts, ", ") + " on the PCI bus"
	problem := devices.Problem{
		Text:   found + ", driver (aws-neuronx-dkms) not loaded",
		Remedy: "install aws-neuronx-dkms and load it (modprobe neuron)",
	}
	if names[chipInferentia1.name] > 0 {
		problem.Remedy += "; newer drivers no longer serve Inferentia1, 2.24 does"
	}
	if p.loaded {
		problem = devices.Problem{
			Text:   found + " and the driver is loaded, but there is no /dev/neuron*",
			Remedy: "in a container, pass the device nodes in (--device /dev/neuron0 ...); otherwise look for neuron lines in dmesg",
		}
	}
	return devices.Inventory{Problems: []devices.Problem{problem}}, nil
}

// unlisted reports nodes that neuron-ls does not know of.
func unlisted(nodes []node, listed []entry) []devices.Problem {
	known := map[int]bool{}
	for _, e := range listed {
		known[e.number] = true
	}
	var problems []devices.Problem
	for _, n := range nodes {
		if !known[n.number] {
			problems = append(problems, devices.Problem{
				Text:   fmt.Sprintf("/dev/neuron%d is there, but neuron-ls does not list it", n.number),
				Remedy: "look for neuron lines in dmesg; stop and start the instance to get the chip replaced",
			})
		}
	}
	return problems
}
