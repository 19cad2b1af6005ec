package neuron

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
)

const (
	sourceTool  = "neuron-ls"
	sourceSysfs = "sysfs"
	sourceTable = "table"
)

// errClosed is what reading a closed device gives.
var errClosed = errors.New("the device is closed")

// device is one chip.
type device struct {
	info devices.Info
	root fs.FS
	// folder is the device's own in sysfs, cores are those below; empty where they cannot be told.
	folder string
	cores  []string
	// processes are those that neuron-ls saw when the device was found; nil if it did not say.
	processes *int
	start     devices.Starter
	of        subject
	// monitor runs from Watch to Close; nil before.
	monitor *monitor
	watched time.Time // the call of Watch
	powered bool      // a share of the maximum power was read since
	closed  bool
}

// Info returns what Find read and, once watched, what is missing in the readings.
func (d *device) Info() devices.Info {
	info := d.info
	if d.monitor == nil {
		return info
	}
	if trouble := d.monitor.says(); trouble != "" {
		info.Unwatched = "neuron-monitor: " + trouble + "; utilisation, execution errors and device latency are missing where it said nothing"
	}
	if !d.powered && d.folder != "" {
		info.Details = append(slices.Clone(info.Details), devices.Detail{Name: "power_share",
			Value: "none: the driver tells the mean of a minute, so runs below 2 minutes have no figure", Source: sourceSysfs})
	}
	return info
}

// Watch starts neuron-monitor.
func (d *device) Watch() {
	if d.monitor == nil && !d.closed {
		d.watched = time.Now()
		d.monitor = startMonitor(d.start, d.of)
	}
}

// Close ends neuron-monitor. There is nothing else to release.
func (d *device) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	if d.monitor == nil {
		return nil
	}
	if err := d.monitor.stop(); err != nil {
		return fmt.Errorf("closing %s: stopping neuron-monitor: %w", d.info.ID, err)
	}
	return nil
}

// Read gives the memory in use, the memory errors that could not be corrected, before Watch the number of processes as Find saw it,
// and once watched what neuron-monitor says and the power as a share of a maximum that the vendor does not publish. There are no
// watts, clocks or temperatures.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	r := devices.Reading{Time: time.Now()}
	if d.closed {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	r.MemoryUsedBytes = memoryUsed(d.root, d.cores)
	if d.monitor == nil { // no longer once something is loaded
		r.Processes = d.processes
	}
	if d.folder != "" {
		r.ECCUncorrected = uncorrected(eccCounters(d.root, d.folder))
	}
	if d.monitor != nil {
		d.monitor.fill(&r)
		r.PowerPercent = d.power()
		d.powered = d.powered || r.PowerPercent != nil
	}
	return r, nil
}

// power is the mean of a minute that lies between Watch and now, whether the driver's time is that of its beginning or of its
// end; nil while there is none.
func (d *device) power() *float64 {
	if d.folder == "" {
		return nil
	}
	p, ok := parsePower(readWord(d.root, d.folder+"/stats/power/utilization"))
	if !ok || p.AvgPercent == nil || p.Time.Before(d.watched.Add(time.Minute)) {
		return nil
	}
	return p.AvgPercent
}

// finding is what is known of one device from everywhere.
type finding struct {
	number int
	listed *entry
	chip   *chip
	// folder is the device's own in sysfs; empty where it cannot be told.
	folder  string
	address string
}

// join puts together what neuron-ls, sysfs and the PCI bus say. The devices are those of neuron-ls, or without it those
// that have a node.
func join(root fs.FS, p presence, listed []entry) []finding {
	folders := match(p.nodes, sysfsDevices(root), root)
	var found []finding
	if len(listed) == 0 {
		for _, n := range p.nodes {
			found = append(found, finding{number: n.number, folder: folders[n.number]})
		}
	}
	for i := range listed {
		e := &listed[i]
		found = append(found, finding{number: e.number, listed: e, folder: folders[e.number], address: e.address})
	}
	for i := range found {
		found[i].chip = identify(root, p, found[i])
	}
	return found
}

// identify tells the chip by the driver's name for it, its address on the bus, or by all chips on the bus being alike.
func identify(root fs.FS, p presence, f finding) *chip {
	if f.folder != "" {
		if c := chipNamed(readWord(root, f.folder+"/info/architecture/device_name")); c != nil {
			return c
		}
	}
	var only *chip
	alike := true
	for _, c := range p.chips {
		if c.address == f.address {
			return c.chip
		}
		alike = alike && (only == nil || only == c.chip)
		only = c.chip
	}
	if !alike {
		return nil
	}
	return only
}

// coreCount is the result of merging the counts of cores.
type coreCount struct {
	logical, physical, lnc    *int
	logicalSource, physSource string
}

// count merges: neuron-ls counts logical cores, sysfs physical ones, and one is the other divided by the size of a logical
// core. Where neuron-ls says nothing, the configured or the chip's default size is used.
func (f finding) count(root fs.FS, e settings) coreCount {
	var c coreCount
	if f.folder != "" {
		c.physical, c.physSource = physicalCores(root, f.folder), sourceSysfs
	}
	if f.listed != nil && f.listed.logicalCores != nil {
		c.logical, c.logicalSource = f.listed.logicalCores, sourceTool
		size := 1 // releases before 2.21 and chips without the choice leave it out
		if f.listed.lnc != nil {
			size = *f.listed.lnc
		}
		product := *c.logical * size
		if c.physical == nil {
			c.physical, c.physSource = &product, sourceTool
		}
		if *c.physical == product {
			c.lnc = &size
		}
		return c
	}
	if f.chip == nil {
		return c
	}
	if c.physical == nil {
		c.physical, c.physSource = &f.chip.physicalCores, sourceTable
	}
	size, source := f.chip.defaultLNC, sourceTable
	if size != 1 && e.lnc != 0 {
		size, source = e.lnc, e.lncSource
	}
	if size > 0 && *c.physical%size == 0 {
		logical := *c.physical / size
		c.logical, c.logicalSource, c.lnc = &logical, source, &size
	}
	return c
}

// coreIDs are the numbers of the logical cores on this machine: those of neuron-ls, else counted on from the devices before;
// nil if not known.
func (f finding) coreIDs(logical *int, before int, known bool) []int {
	if f.listed != nil && len(f.listed.coreIDs) > 0 {
		return f.listed.coreIDs
	}
	if logical == nil || !known {
		return nil
	}
	ids := make([]int, *logical)
	for i := range ids {
		ids[i] = before + i
	}
	return ids
}

func (f finding) device(root fs.FS, driver string, e settings) *device {
	cores := f.count(root, e)
	info := devices.Info{
		Backend: backendName,
		ID:      fmt.Sprintf("%s:%d", backendName, f.number),
		Name:    "Neuron device",
		Driver:  driver,
		Cores:   cores.logical,
		// The driver gives power as a share of a maximum that is published nowhere.
		Unmetered: "no watts: vendor publishes none",
	}
	if f.chip != nil {
		info.Name, info.Peak = f.chip.name, f.chip.peak()
		size := f.chip.memoryBytes
		info.MemoryBytes = &size
	}
	if f.listed != nil && f.listed.memoryBytes != nil {
		info.MemoryBytes = f.listed.memoryBytes
	}
	d := &device{root: root, folder: f.folder, of: subject{pid: os.Getpid()}}
	if f.listed != nil {
		d.of.cores, d.processes = f.listed.coreIDs, f.listed.processes
	}
	if f.folder != "" {
		d.cores = coreFolders(root, f.folder)
	}
	info.Details = append(info.Details,
		devices.Detail{Name: "physical_cores", Value: devices.Number(cores.physical), Source: cores.physSource},
		devices.Detail{Name: "logical_cores_from", Value: devices.Text(cores.logicalSource)},
		devices.Detail{Name: "logical_nc_config", Value: devices.Number(cores.lnc), Source: cores.logicalSource},
	)
	info.Details = append(info.Details, f.toolDetails()...)
	info.Details = append(info.Details, f.sysfsDetails(root, d.cores)...)
	info.Details = append(info.Details, e.details...)
	d.info = info
	return d
}

func (f finding) toolDetails() []devices.Detail {
	if f.listed == nil {
		return nil
	}
	details := []devices.Detail{
		{Name: "pci_address", Value: devices.Text(f.listed.address), Source: sourceTool},
		{Name: "numa_node", Value: devices.Number(f.listed.numaNode), Source: sourceTool},
		{Name: "cpu_affinity", Value: devices.Text(f.listed.cpuAffinity), Source: sourceTool},
		{Name: "neuroncore_ids", Value: joined(f.listed.coreIDs), Source: sourceTool},
		{Name: "connected_to", Value: joined(f.listed.connectedTo), Source: sourceTool},
		{Name: "processes", Value: devices.Number(f.listed.processes), Source: sourceTool},
	}
	if f.listed.instanceType == "" {
		return details
	}
	details = append(details, devices.Detail{Name: "instance_type", Value: f.listed.instanceType, Source: sourceTool})
	if i, ok := InstanceOf(f.listed.instanceType); ok {
		details = append(details, devices.Detail{Name: "instance_chips", Value: i.Chips, Source: sourceTable})
	}
	return details
}

func (f finding) sysfsDetails(root fs.FS, cores []string) []devices.Detail {
	if f.folder == "" {
		return []devices.Detail{{Name: "sysfs_device", Value: nil, Source: sourceSysfs}}
	}
	fact := func(name string, value any, unit string) devices.Detail {
		return devices.Detail{Name: name, Value: value, Unit: unit, Source: sourceSysfs}
	}
	details := []devices.Detail{
		fact("sysfs_device", path.Base(f.folder), ""),
		fact("architecture", devices.Text(readWord(root, f.folder+"/info/architecture/arch_type")), ""),
		fact("instance_family", devices.Text(readWord(root, f.folder+"/info/architecture/instance_type")), ""),
	}
	if len(cores) > 0 {
		details = append(details, fact("core_architecture", devices.Text(readWord(root, cores[0]+"/info/architecture/arch_type")), ""))
	}
	if p, ok := parsePower(readWord(root, f.folder+"/stats/power/utilization")); ok {
		details = append(details,
			fact("power_status", strings.ToLower(strings.TrimPrefix(p.Status, "POWER_STATUS_")), ""),
			fact("power_average", devices.Number(p.AvgPercent), "% of the maximum, mean of a minute"),
			fact("power_highest", devices.Number(p.MaxPercent), "% of the maximum, within a minute"),
		)
	}
	for _, c := range eccCounters(root, f.folder) {
		details = append(details, fact("hardware_"+c.name, c.exact(), ""))
	}
	for _, c := range executionErrors(root, cores) {
		details = append(details, fact("status_"+c.name, c.exact(), ""))
	}
	return details
}

// joined writes numbers as "12,1,9,14"; nil if there are none.
func joined(numbers []int) any {
	if len(numbers) == 0 {
		return nil
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ","), "[]")
}
