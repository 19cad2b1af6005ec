package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/internal/english"
)

// environment describes where the rows were measured: one table per machine and device.
func (v view) environment() []Block {
	blocks := []Block{Heading("Environment")}
	var keys []string
	groups := map[string][]bench.Result{}
	for _, r := range v.all {
		if r.First.Group != nil && r.First.Group.Index == bench.Whole {
			continue // its devices have tables of their own
		}
		for _, x := range r.runs() {
			k := place(x)
			if groups[k] == nil {
				keys = append(keys, k)
			}
			groups[k] = append(groups[k], x)
		}
	}
	const most = 8
	for _, k := range keys[:min(len(keys), most)] {
		table := environmentTable(groups[k])
		if label := v.labels[k]; v.severalDevices && label != "" {
			table.Columns[0].Name += " of " + label
		}
		blocks = append(blocks, table)
	}
	if left := len(keys) - most; left > 0 {
		blocks = append(blocks, Paragraph{Text: fmt.Sprintf("%s more; JSON describes them.", english.Count(left, "environment"))})
	}
	return blocks
}

// place identifies a machine and a device as far as results tell; the load and the free memory of the moment do not count.
func place(r bench.Result) string {
	h := r.Host
	h.LoadAverage1 = nil
	// None of these types can fail to encode, and a wrong key would only split a table in two.
	key, _ := json.Marshal([]any{h, r.Cloud, r.Device.ID, r.Device.Name, r.Device.Driver})
	return string(key)
}

func environmentTable(runs []bench.Result) Table {
	first := runs[0]
	rows := [][]string{
		{"Device", deviceText(first.Device, first.DevicesPresent)},
		{"CPU", cpuText(first.Host)},
		{"Memory", memoryText(first.Host)},
		{"System", systemText(first.Host)},
		{"Virtualisation", english.Joined(", container ", maybe(first.Host.Virtualization, text), known(first.Host.Container))},
		{"Cloud", orNA(cloudText(first.Cloud))},
		{"Engine", distinct(runs, engineText)},
		{"Measured peak", distinct(runs, peakText)},
		{"Specified peak", distinct(runs, specText)},
		{"Program", distinct(runs, toolText)},
		{"Date", dateText(runs)},
		{"Runs per row", distinct(runs, runsText)},
	}
	t := Table{Columns: []Column{{Name: "Environment"}, {Name: "Value"}}}
	for _, line := range rows {
		if line[0] == "Specified peak" && line[1] == NA {
			continue // no maker publishes one for a CPU in a rented machine
		}
		t.Rows = append(t.Rows, []string{line[0], shorten(line[1])})
	}
	return t
}

// distinct are the different texts of the runs in order.
func distinct(runs []bench.Result, of func(bench.Result) string) string {
	var all []string
	for _, r := range runs {
		if s := of(r); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return orNA(strings.Join(all, "; "))
}

func deviceText(d devices.Info, present int) string {
	parts := []string{orNA(d.Name) + " (" + d.ID + ")"}
	if d.Backend != "cpu" { // the CPU's memory is the machine's
		parts = append(parts, maybe(d.MemoryBytes, asFloat[uint64](binary))+" memory")
	}
	if d.Driver != "" {
		parts = append(parts, "driver "+d.Driver)
	}
	if present > 1 {
		parts = append(parts, fmt.Sprintf("1 of %d of its kind", present))
	}
	return strings.Join(parts, ", ")
}

func cpuText(h host.Host) string {
	out := maybe(h.CPUModel, text)
	if h.CPUsUsable != nil {
		out += ", " + english.Count(*h.CPUsUsable, "CPU") + " usable"
		if h.CPUsLogical != nil {
			out += fmt.Sprintf(" of %d", *h.CPUsLogical)
		}
	}
	if h.CPUQuota != nil {
		out += ", quota of " + amount(*h.CPUQuota) + " CPUs"
	}
	if h.NUMANodes != nil && *h.NUMANodes > 1 {
		out += fmt.Sprintf(", %d NUMA nodes", *h.NUMANodes)
	}
	out += onOff(h.SMT, "SMT") + onOff(h.Turbo, "turbo")
	if h.Governor != nil {
		out += ", governor " + *h.Governor
	}
	return out
}

func onOff(on *bool, name string) string {
	switch {
	case on == nil:
		return ""
	case *on:
		return ", " + name + " on"
	}
	return ", " + name + " off"
}

func memoryText(h host.Host) string {
	out := maybe(h.MemoryBytes, asFloat[uint64](binary))
	if h.MemoryLimitBytes != nil {
		out += ", limited to " + binary(float64(*h.MemoryLimitBytes))
	}
	return out
}

func systemText(h host.Host) string {
	if h.Kernel == nil {
		return maybe(h.OS, text)
	}
	return maybe(h.OS, text) + ", kernel " + *h.Kernel
}

func known(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func cloudText(c host.Cloud) string {
	return english.Joined(", ", english.Joined(" ", known(c.Provider), known(c.InstanceType)), known(c.Region), known(c.Market))
}

func engineText(r bench.Result) string {
	if r.Engine.Name == "" {
		return ""
	}
	out := engineName(r) + kindText(r.Engine.Kind)
	if r.Engine.Threads != nil {
		out += ", " + english.Count(*r.Engine.Threads, "thread")
	}
	return out + detailsText(r.Engine.Details)
}

// longestDetail is the longest detail that a cell shows; JSON has them all.
const longestDetail = 48

func detailsText(details []devices.Detail) string {
	out := ""
	for _, d := range details {
		if d.Value == nil {
			continue
		}
		if text := detailValue(d); len(text) <= longestDetail {
			out += fmt.Sprintf(", %s %s", strings.ReplaceAll(d.Name, "_", " "), text)
		}
	}
	return out
}

// peakText is the same for all runs of one invocation, which measures the peak once.
func peakText(r bench.Result) string {
	p := r.Peak.Measured
	if p == nil {
		return ""
	}
	var parts []string
	if p.FLOPs != nil {
		parts = append(parts, decimal(*p.FLOPs, "FLOP/s")+" in f32")
	}
	for _, precision := range slices.Sorted(maps.Keys(p.FLOPsByPrecision)) {
		parts = append(parts, decimal(p.FLOPsByPrecision[precision], operations(precision))+" in "+precision)
	}
	if p.ReadBytesPerSecond != nil {
		moved := " read"
		if p.Threads == 0 { // of an accelerator
			moved += " and written"
		}
		parts = append(parts, decimal(*p.ReadBytesPerSecond, "B/s")+moved)
	}
	if p.HostToDeviceBytesPerSecond != nil {
		parts = append(parts, decimal(*p.HostToDeviceBytesPerSecond, "B/s")+" to the device")
	}
	if p.DeviceToHostBytesPerSecond != nil {
		parts = append(parts, decimal(*p.DeviceToHostBytesPerSecond, "B/s")+" from it")
	}
	if p.LaunchNS != nil {
		parts = append(parts, "launch "+nanoseconds(float64(*p.LaunchNS)))
	}
	if p.Threads > 0 {
		parts = append(parts, english.Count(p.Threads, "thread"))
	}
	return strings.Join(parts, ", ") + methodText(p.Method)
}

func methodText(method string) string {
	if method == "" {
		return ""
	}
	return " (" + method + ")"
}

func specText(r bench.Result) string {
	p := r.Peak.Spec
	if p == nil {
		return ""
	}
	var parts []string
	precision := cmp.Or(r.Engine.Products, r.Workload.Precision) // whose peak counts, as in MFU
	if f, ok := p.Flops[precision]; ok {
		parts = append(parts, decimal(f, operations(precision))+" dense in "+precision)
	}
	if p.BytesPerSecond != nil {
		parts = append(parts, decimal(*p.BytesPerSecond, "B/s"))
	}
	if len(parts) == 0 {
		return ""
	}
	out := strings.Join(parts, ", ") + " (" + p.Source
	if p.Unverified {
		out += "; unverified"
	}
	return out + ")"
}

func toolText(r bench.Result) string {
	out := "accelbench " + orNA(r.Tool.Version)
	if r.Tool.Commit != "" {
		out += ", commit " + r.Tool.Commit
	}
	if r.Tool.Dirty != nil && *r.Tool.Dirty {
		out += " with uncommitted changes"
	}
	return out
}

// dateText is the time of the first run, and of the last when that was on another day.
func dateText(runs []bench.Result) string {
	first, last := runs[0].StartedAt, runs[0].StartedAt
	for _, r := range runs {
		if r.StartedAt.Before(first) {
			first = r.StartedAt
		}
		if r.StartedAt.After(last) {
			last = r.StartedAt
		}
	}
	if first.IsZero() {
		return NA
	}
	out := first.UTC().Format("2006-01-02 15:04")
	if last.UTC().Format(time.DateOnly) != first.UTC().Format(time.DateOnly) {
		out += " to " + last.UTC().Format("2006-01-02 15:04")
	}
	return out + " UTC"
}

func runsText(r bench.Result) string {
	out := english.Count(max(r.Repeats, 1), "run")
	if p := r.Scenario.Probe; p != nil {
		if p.Role == bench.RoleCapacity {
			return "" // a search begins with a short one
		}
		out = "as many runs as a search took,"
	} else if r.Scenario.TargetInterval != nil {
		out = "at least " + out + ", until the interval was within " + percent(*r.Scenario.TargetInterval) + " or the caps were reached,"
	}
	if r.Scenario.DurationNS > 0 {
		out += " of at least " + amount(float64(r.Scenario.DurationNS)/1e9) + " s"
	}
	if r.Scenario.MinQueries > 0 {
		out += " and " + english.Count(r.Scenario.MinQueries, "query")
	}
	return out + ", each in a process of its own"
}

// detailValue writes a fact: amounts of memory in binary units, the rest as it is.
func detailValue(d devices.Detail) string {
	switch x := d.Value.(type) {
	case nil:
		return NA
	case float64:
		return detailNumber(x, d.Unit)
	case int:
		return detailNumber(float64(x), d.Unit)
	case int64:
		return detailNumber(float64(x), d.Unit)
	case uint64:
		return detailNumber(float64(x), d.Unit)
	case bool:
		if x {
			return "yes"
		}
		return "no"
	default:
		return orNA(english.Joined(" ", fmt.Sprint(x), d.Unit))
	}
}

func detailNumber(x float64, unit string) string {
	if unit == "B" {
		return binary(x)
	}
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return english.Joined(" ", strconv.FormatFloat(x, 'f', 0, 64), unit)
	}
	return english.Joined(" ", amount(x), unit)
}
