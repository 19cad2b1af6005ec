// Package tpu finds Google's TPUs.
//
// The flow: [New] gives the backend; its Find looks for chips on the PCI bus, counts the nodes through which programs reach
// them (/dev/accel*, or /dev/vfio on newer machines), and takes the type of the slice from the environment or, on Google's
// cloud, from the metadata service. A chip has no sensors that could be read without Google's runtime.
//
// The room's one rule: no chip without its PCI id. The nodes are shared with the accelerators of other makers, and the
// environment may be that of another machine.
package tpu

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
	"github.com/accelbench/accelbench/devices/spec"
	"github.com/accelbench/accelbench/devices/visible"
)

const (
	backendName  = "tpu"
	pciBus       = "sys/bus/pci/devices"
	googleVendor = "0x1ae0"
	envType      = "TPU_ACCELERATOR_TYPE"
	envWorker    = "TPU_WORKER_ID"
	envVisible   = "TPU_VISIBLE_CHIPS"
)

// New gives the backend for TPUs.
func New() devices.Backend { return backend{} }

type backend struct{}

// Name returns "tpu".
func (backend) Name() string { return backendName }

// Find lists the chips that have a node here.
func (backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding TPUs: %w", err)
	}
	chips, others := onBus(m.FS)
	if len(chips) == 0 {
		reason := "no TPU on the PCI bus"
		if others > 0 {
			reason += fmt.Sprintf(" (the %d Google devices there are network and storage)", others)
		}
		return devices.Inventory{}, fmt.Errorf("finding TPUs: %w: %s", devices.ErrAbsent, reason)
	}
	paths := nodes(m.FS)
	if len(paths) == 0 {
		return devices.Inventory{Problems: []devices.Problem{{
			Text:   fmt.Sprintf("%d x TPU on the PCI bus, but there is no /dev/accel* and no /dev/vfio/*", len(chips)),
			Remedy: "in a container, start it with access to the chips (--privileged, or the device nodes passed in); otherwise use an image of Google's for TPUs",
		}}}, nil
	}
	rented := readSlice(ctx, m)
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding TPUs: %w", err)
	}
	inv := devices.Inventory{Problems: rented.problems}
	list := visible.Read(m, envVisible)
	count := min(len(paths), len(chips))
	choice := list.Pick(func(entry string) []int { return visible.Index(entry, count) })
	for i := range count {
		d := describe(i, chips[i], paths[i], rented)
		if len(paths) != len(chips) {
			d.info.Details = append(d.info.Details, devices.Detail{Name: "chips_on_the_bus", Value: len(chips), Source: "pci"})
		}
		if list.Set {
			d.info.Details = append(d.info.Details, list.Detail())
			if !choice.Has(i) {
				d.info.Hidden = list.Reason()
			}
		}
		inv.Devices = append(inv.Devices, d)
	}
	if list.Set {
		inv.Problems = append(inv.Problems, list.Problem(choice, "TPU chip")...)
	}
	return inv, nil
}

// chip is one function on the bus.
type chip struct{ address, id string }

// generations are the chips by PCI device id; 0x0027 is two of them, which only the slice's type tells apart.
var generations = map[string]string{
	"0x0027": "", "0x0056": "TPU plc", "0x005e": "TPU v4", "0x0062": "TPU v5p", "0x0063": "TPU v5e", "0x006f": "TPU v6e", "0x0076": "TPU7x",
}

func onBus(root fs.FS) (chips []chip, others int) {
	if root == nil {
		return nil, 0
	}
	entries, _ := fs.ReadDir(root, pciBus)
	for _, e := range entries {
		if vendor, _ := sysfiles.Text(root, pciBus+"/"+e.Name()+"/vendor"); vendor != googleVendor {
			continue
		}
		id, _ := sysfiles.Text(root, pciBus+"/"+e.Name()+"/device")
		if _, known := generations[id]; known {
			chips = append(chips, chip{e.Name(), id})
			continue
		}
		others++
	}
	return chips, others
}

// nodes lists /dev/accel0 and so on that are not another maker's, or without any the groups in /dev/vfio.
func nodes(root fs.FS) []string {
	var found []string
	for number, path := range numbered(root, "dev/accel") {
		vendor, there := sysfiles.Text(root, fmt.Sprintf("sys/class/accel/accel%d/device/vendor", number))
		if !there || vendor == googleVendor {
			found = append(found, path)
		}
	}
	if len(found) > 0 {
		return found
	}
	for _, path := range numbered(root, "dev/vfio/") {
		found = append(found, path)
	}
	return found
}

// numbered gives the paths that are the prefix and a decimal number, in the order of the numbers.
func numbered(root fs.FS, prefix string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		paths := map[int]string{}
		names, _ := fs.Glob(root, prefix+"[0-9]*")
		for _, n := range names {
			if number, err := strconv.ParseUint(strings.TrimPrefix(n, prefix), 10, 16); err == nil {
				paths[int(number)] = "/" + n
			}
		}
		for _, number := range slices.Sorted(maps.Keys(paths)) {
			if !yield(number, paths[number]) {
				return
			}
		}
	}
}

// errClosed is what reading a closed device gives.
var errClosed = errors.New("the device is closed")

type device struct {
	info   devices.Info
	closed bool
}

// describe joins what the bus says of a chip with the slice. The memory is that of the maker's table: no file tells it.
func describe(i int, c chip, path string, s slice) *device {
	name, source := generations[c.id], "pci"
	if name == "" {
		name, source = s.generation(), s.source
	}
	info := devices.Info{Backend: backendName, ID: fmt.Sprintf("%s:%d", backendName, i), Name: name,
		Unmetered: "no watts: TPUs have no sensor that a program can read"}
	if name == "" {
		info.Name = "TPU v2 or v3"
	}
	memoryFrom := any(nil)
	if found, known := spec.Find(spec.TPU, name, nil); known {
		info.Peak, info.MemoryBytes, memoryFrom = found.Peak(), found.MemoryBytes, "table"
	}
	info.Details = []devices.Detail{
		{Name: "name_from", Value: devices.Text(source)},
		{Name: "memory_from", Value: memoryFrom},
		{Name: "pci_address", Value: c.address, Source: "pci"},
		{Name: "node", Value: path, Source: "dev"},
		{Name: "accelerator_type", Value: devices.Text(s.text), Source: s.source},
		{Name: "chips_of_the_slice", Value: s.chips(), Source: s.source},
		{Name: "worker", Value: s.worker, Source: "env"},
	}
	return &device{info: info}
}

// Info returns what Find read.
func (d *device) Info() devices.Info { return d.info }

// Read gives the time alone: a TPU tells a program nothing that does not run on it.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	if d.closed {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	return devices.Reading{Time: time.Now()}, nil
}

// Close gives the device back; there is nothing to release.
func (d *device) Close() error {
	d.closed = true
	return nil
}
