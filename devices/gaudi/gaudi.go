// Package gaudi finds Intel Gaudi accelerators and reads their sensors.
//
// The flow: [New] gives the backend; its Find looks for chips on the PCI bus and for their nodes in /dev/accel, and asks
// hl-smi, the vendor's tool, which names the devices and reads their sensors. Without the tool the chips are listed by what
// the bus tells.
//
// The room's one rule: the serial number is never asked for.
package gaudi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
	"github.com/accelbench/accelbench/devices/spec"
)

const (
	backendName = "gaudi"
	pciBus      = "sys/bus/pci/devices"
	vendor      = "0x1da3"
)

// New gives the backend for Gaudi accelerators.
func New() devices.Backend { return backend{} }

type backend struct{}

// Name returns "gaudi".
func (backend) Name() string { return backendName }

// chip is one accelerator on the bus.
type chip struct{ address, name string }

// chipNames are by PCI device id. No source confirms the ids and the vendor's (unverified).
var chipNames = map[string]string{"0x1000": "Gaudi1", "0x1020": "Gaudi2", "0x1060": "Gaudi3"}

// Find lists what hl-smi lists, or without it the chips whose nodes are here.
func (backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding Gaudi accelerators: %w", err)
	}
	chips, numbers := onBus(m.FS), nodes(m.FS)
	if len(chips) == 0 && len(numbers) == 0 {
		return devices.Inventory{}, fmt.Errorf("finding Gaudi accelerators: %w: none on the PCI bus, none in /dev/accel", devices.ErrAbsent)
	}
	if len(numbers) == 0 {
		return devices.Inventory{Problems: []devices.Problem{{
			Text:   fmt.Sprintf("%d x Gaudi on the PCI bus, but there is no node of one in /dev/accel", len(chips)),
			Remedy: "load the driver (modprobe habanalabs); in a container, start it with the Habana runtime (--runtime=habana)",
		}}}, nil
	}
	s := &tool{run: m.Run}
	rows, err := s.ask(ctx)
	if cause := ctx.Err(); cause != nil {
		return devices.Inventory{}, fmt.Errorf("finding Gaudi accelerators: %w", cause)
	}
	var inv devices.Inventory
	if err != nil {
		p := devices.Problem{Text: "asking hl-smi: " + err.Error(), Remedy: "run hl-smi by hand; tool and driver must be of one release"}
		if errors.Is(err, errNoTool) {
			p = devices.Problem{Text: "hl-smi is not installed, so that memory and sensors of the Gaudi accelerators are not known",
				Remedy: "install habanalabs-firmware-tools"}
		}
		inv.Problems = append(inv.Problems, p)
	}
	for i, number := range numbers {
		if err == nil {
			break
		}
		name := "Gaudi accelerator"
		if len(chips) == len(numbers) && chips[i].name != "" {
			name = chips[i].name
		}
		inv.Devices = append(inv.Devices, &device{tool: s, index: number, info: devices.Info{Backend: backendName,
			ID: fmt.Sprintf("%s:%d", backendName, number), Name: name}})
	}
	for _, r := range rows {
		inv.Devices = append(inv.Devices, &device{tool: s, index: r.index, info: describe(r, chips)})
	}
	return inv, nil
}

func onBus(root fs.FS) []chip {
	if root == nil {
		return nil
	}
	var found []chip
	entries, _ := fs.ReadDir(root, pciBus)
	for _, e := range entries {
		if text, _ := sysfiles.Text(root, pciBus+"/"+e.Name()+"/vendor"); text != vendor {
			continue
		}
		id, _ := sysfiles.Text(root, pciBus+"/"+e.Name()+"/device")
		found = append(found, chip{e.Name(), chipNames[id]})
	}
	return found
}

// nodes are the numbers in /dev/accel that are of this maker.
func nodes(root fs.FS) []int {
	if root == nil {
		return nil
	}
	var found []int
	entries, _ := fs.ReadDir(root, "dev/accel")
	for _, e := range entries {
		number, err := strconv.ParseUint(strings.TrimPrefix(e.Name(), "accel"), 10, 16)
		if err != nil || !strings.HasPrefix(e.Name(), "accel") {
			continue
		}
		if text, _ := sysfiles.Text(root, fmt.Sprintf("sys/class/accel/accel%d/device/vendor", number)); text == vendor {
			found = append(found, int(number))
		}
	}
	return found
}

func describe(r row, chips []chip) devices.Info {
	info := devices.Info{Backend: backendName, ID: fmt.Sprintf("%s:%d", backendName, r.index), Name: r.name, Driver: r.driver, MemoryBytes: r.memory}
	if found, known := spec.Find(spec.Gaudi, r.name, r.memory); known {
		info.Peak = found.Peak()
	}
	var generation any
	for _, c := range chips {
		if c.address == r.address && c.name != "" {
			generation = c.name
		}
	}
	fact := func(name string, value any, unit, source string) devices.Detail {
		return devices.Detail{Name: name, Value: value, Unit: unit, Source: source}
	}
	info.Details = []devices.Detail{
		fact("generation", generation, "", "pci"),
		fact("pci_address", devices.Text(r.address), "", toolName),
		fact("module", r.module, "", toolName),
		fact("max_clock", devices.Number(r.maxClock), "MHz", toolName),
	}
	return info
}

// errClosed is what reading a closed device gives.
var errClosed = errors.New("the device is closed")

type device struct {
	info   devices.Info
	tool   *tool
	index  int
	closed bool
}

// Info returns what Find read.
func (d *device) Info() devices.Info { return d.info }

// Read asks hl-smi, at most once a second for all devices of one Find. Without an answer every sensor is nil.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	if d.closed {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	r := d.tool.read(ctx, d.index)
	if err := ctx.Err(); err != nil {
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	return r, nil
}

// Close gives the device back; there is nothing to release.
func (d *device) Close() error {
	d.closed = true
	return nil
}
