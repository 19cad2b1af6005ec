package amd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
	"github.com/accelbench/accelbench/devices/spec"
)

const (
	sourceKFD   = "kfd"
	sourceSysfs = "sysfs"
)

// errClosed is what reading a closed device gives.
var errClosed = errors.New("the device is closed")

// device is a GPU or a partition of one.
type device struct {
	info devices.Info
	root fs.FS
	// folder is the GPU's on the PCI bus.
	folder string
	at     int
	bdf    string
	tool   *tool
	closed bool
}

// Info returns what Find read.
func (d *device) Info() devices.Info { return d.info }

// Close gives the device back; there is nothing to release.
func (d *device) Close() error {
	d.closed = true
	return nil
}

// Read reads the driver's sensors, or where the driver publishes neither power nor load, those of amd-smi or rocm-smi. Of a
// partition, power, energy, clocks and temperature are those of the whole GPU.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	r := devices.Reading{Time: time.Now()}
	if d.closed {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	readSensors(d.root, d.folder, &r)
	if r.PowerWatts == nil && r.UtilizationPercent == nil {
		d.tool.read(ctx, d.at, d.bdf, &r)
	}
	if err := ctx.Err(); err != nil {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	return r, nil
}

// describe joins the driver's topology and files with what the tool says. sharing is the number of nodes at the GPU's
// address.
func describe(root fs.FS, i int, n node, sharing int, said answer) *device {
	d := &device{root: root, folder: pciBus + "/" + n.address(), at: i, bdf: n.address()}
	product, _ := sysfiles.Text(root, d.folder+"/product_name") // seen in public code, of server GPUs only
	name := cmp.Or(said.name, product)
	d.info = devices.Info{
		Backend:     backendName,
		ID:          fmt.Sprintf("%s:%d", backendName, i),
		Name:        cmp.Or(name, fmt.Sprintf("AMD GPU (%s)", cmp.Or(n.gfx(), "unknown kind"))),
		UUID:        n.uuid(),
		MemoryBytes: firstOf(n.memory, nonZero(sysfiles.Uint(root, d.folder+"/mem_info_vram_total")), said.memory),
		Cores:       n.computeUnits(),
	}
	if chip, known := spec.Find(spec.AMD, name, d.info.MemoryBytes); known && sharing == 1 {
		d.info.Peak = chip.Peak()
	}
	var partitions any
	if sharing > 1 {
		d.info.EnergyScope = "the whole GPU"
		partitions = sharing
	}
	mode, _ := sysfiles.Text(root, d.folder+"/current_compute_partition") // unverified name
	fact := func(name string, value any, source string) devices.Detail {
		return devices.Detail{Name: name, Value: value, Source: source}
	}
	limit := scaledFile(root, d.folder, "power1_cap", micro)
	d.info.Details = []devices.Detail{
		fact("instruction_set", devices.Text(n.gfx()), sourceKFD),
		fact("pci_address", n.address(), sourceKFD),
		fact("wavefront_size", known(n.props["wave_front_size"]), sourceKFD),
		fact("xcc", known(n.props["num_xcc"]), sourceKFD),
		fact("partitions_of_the_gpu", partitions, sourceKFD),
		fact("compute_partition", devices.Text(mode), sourceSysfs),
		fact("render_node", fmt.Sprintf("/dev/dri/renderD%d", n.props["drm_render_minor"]), sourceKFD),
		{Name: "power_limit", Value: devices.Number(limit), Unit: "W", Source: sourceSysfs},
		fact("numa_node", devices.Number(sysfiles.NUMANode(root, n.address())), sourceSysfs),
		fact("name_from", devices.Text(cmp.Or(said.source, map[bool]string{true: sourceSysfs}[product != ""])), ""),
	}
	return d
}

func firstOf(values ...*uint64) *uint64 {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

func nonZero(n *uint64) *uint64 {
	if n == nil || *n == 0 {
		return nil
	}
	return n
}

// known takes 0 for what an older driver does not tell, and what JSON readers would round for nonsense.
func known(n uint64) any {
	if n == 0 || n > 1<<31 {
		return nil
	}
	return int(n)
}
