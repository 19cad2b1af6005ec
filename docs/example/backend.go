// Package example is a device that nobody sells, the abacus: the code of docs/adding-a-device.md, which a test holds to it.
//
// The flow: [New] gives the backend, which finds abacuses by the files of their driver; [NewEngine] gives the engine that
// computes on them.
//
// The room's one rule: the page stays one page.
package example

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// New gives the backend for abacuses.
func New() devices.Backend { return backend{} }

type backend struct{}

// Name is the word in flags and results.
func (backend) Name() string { return "abacus" }

// Find lists the abacuses of the machine, which may be a captured one: all is read through m.
func (backend) Find(ctx context.Context, m devices.Machine) (devices.Inventory, error) {
	if err := ctx.Err(); err != nil {
		return devices.Inventory{}, fmt.Errorf("finding abacuses: %w", err)
	}
	var inv devices.Inventory
	folders, _ := fs.Glob(m.FS, "sys/class/abacus/abacus[0-9]")
	for _, folder := range folders {
		number := strings.TrimPrefix(folder, "sys/class/abacus/abacus")
		if !sysfiles.Exists(m.FS, "dev/abacus"+number) {
			inv.Problems = append(inv.Problems, devices.Problem{ // there, and not usable
				Text: "abacus" + number + " has no node in /dev", Remedy: "in a container, pass it in (--device /dev/abacus" + number + ")"})
			continue
		}
		model, _ := sysfiles.Text(m.FS, folder+"/model")
		if model == "" {
			model = "Abacus" // a device has a name; facts that are not known are nil
		}
		inv.Devices = append(inv.Devices, &device{fs: m.FS, folder: folder, info: devices.Info{
			Backend: "abacus", ID: "abacus:" + number, Name: model, MemoryBytes: sysfiles.Uint(m.FS, folder+"/beads"),
			Unmetered: "no watts: it is moved by hand"}})
	}
	if len(inv.Devices)+len(inv.Problems) == 0 {
		return inv, fmt.Errorf("finding abacuses: %w: none in /sys/class/abacus", devices.ErrAbsent)
	}
	return inv, nil
}

type device struct {
	info   devices.Info
	fs     fs.FS
	folder string
	closed bool
}

// Info is what Find read.
func (d *device) Info() devices.Info { return d.info }

// Read samples the sensors. What there is no sensor for stays nil; zero is a value.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	switch {
	case d.closed:
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, errors.New("the device is closed"))
	case ctx.Err() != nil:
		return devices.Reading{}, fmt.Errorf("reading %s: %w", d.info.ID, ctx.Err())
	}
	return devices.Reading{Time: time.Now(), MemoryUsedBytes: sysfiles.Uint(d.fs, d.folder+"/beads_moved")}, nil
}

// Close may be called again.
func (d *device) Close() error {
	d.closed = true
	return nil
}
