package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
)

// fields are the circumstances of a run. Those of an interleaved comparison are never of its identity: in what the sides differ is what
// they were asked to differ in. The id of the device is of the identity only where a side has several of one name.
func fields(r *bench.Result, manyDevices bool) []Field {
	h := r.Host
	devicesAtOnce := "1"
	if r.Group != nil {
		devicesAtOnce = strconv.Itoa(r.Group.Size)
	}
	out := []Field{
		{"device", english.Joined(" ", r.Device.Name, parenthesized(r.Device.Backend)), true},
		{"device id", r.Device.ID, manyDevices},
		{"devices at once", devicesAtOnce, true},
		{"engine", r.Engine.Name, true},
		{"threads", text(r.Engine.Threads), true},
		{"CPU", text(h.CPUModel), true},
		{"instance", english.Joined(" ", text(r.Cloud.Provider), text(r.Cloud.InstanceType)), true},
		{"definition of the workload", r.Workload.Hash, true},
		{"workload", workloadWords(r.Workload), false},
		{"scenario", scenarioWords(r.Scenario), false},
		{"engine version", r.Engine.Version, false},
		{"precision of products", r.Engine.Products, false},
	}
	for _, d := range r.Engine.Details {
		out = append(out, Field{Name: "engine: " + d.Name, Value: detail(d)})
	}
	out = append(out, Field{Name: "driver", Value: r.Device.Driver})
	for _, d := range r.Device.Details {
		if slices.Contains(conditions(), d.Name) {
			out = append(out, Field{Name: "device: " + strings.ReplaceAll(d.Name, "_", " "), Value: detail(d)})
		}
	}
	out = append(out, []Field{
		{"device memory", bytes(r.Device.MemoryBytes), false},
		{"OS", text(h.OS), false},
		{"kernel", text(h.Kernel), false},
		{"microcode", text(h.Microcode), false},
		{"governor", text(h.Governor), false},
		{"turbo", text(h.Turbo), false},
		{"SMT", text(h.SMT), false},
		{"usable CPUs", text(h.CPUsUsable), false},
		{"CPU quota", text(h.CPUQuota), false},
		{"memory", bytes(h.MemoryBytes), false},
		{"virtualization", text(h.Virtualization), false},
		{"container", text(h.Container), false},
		{"region", text(r.Cloud.Region), false},
		{"market", text(r.Cloud.Market), false},
		{"least duration", duration(r.Scenario.DurationNS), false},
		{"seed", strconv.FormatUint(r.Scenario.Seed, 10), false},
		{"accelbench", version(r.Tool), false},
	}...)
	if r.Trial != nil {
		for i := range out {
			out[i].Identity = false
		}
	}
	return out
}

// conditions are the details of devices that bear on speed and that somebody can set.
func conditions() []string {
	return []string{"cuda_driver", "mig", "mig_profile", "max_sm_clock", "power_limit", "ecc", "persistence_mode", "compute_mode",
		"pcie_generation", "pcie_width", "nvlink_links"}
}

func detail(d devices.Detail) string {
	if d.Value == nil {
		return ""
	}
	return english.Joined(" ", fmt.Sprint(d.Value), d.Unit)
}

func version(t bench.Tool) string {
	dirty := ""
	if t.Dirty != nil && *t.Dirty {
		dirty = "with changes"
	}
	return english.Joined(" ", t.Version, bench.ShortCommit(t.Commit), dirty)
}

func duration(ns int64) string {
	if ns == 0 {
		return ""
	}
	return time.Duration(ns).String()
}

// bytes are in GiB, since the last of them differ from boot to boot.
func bytes(n *uint64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%.1f GiB", float64(*n)/(1<<30))
}

// text of what may be unknown; empty if it is.
func text[T any](p *T) string {
	if p == nil {
		return ""
	}
	return fmt.Sprint(*p)
}

// name of what was measured, for readers.
func name(r *bench.Result) string {
	device := r.Device.Name
	if device == "" {
		device = r.Device.ID
	}
	if r.Group != nil && r.Group.Size > 1 {
		device = fmt.Sprintf("%d x %s", r.Group.Size, device)
	}
	what := english.Joined(", ", workloadWords(r.Workload), scenarioWords(r.Scenario))
	return what + after(" with ", r.Engine.Name) + after(" on ", device)
}

func workloadWords(w bench.WorkloadInfo) string {
	out := english.Joined(" ", w.Name, w.Precision)
	for _, length := range []struct {
		name string
		n    *int
	}{{"length", w.SeqLen}, {"input", w.ISL}, {"output", w.OSL}} {
		if length.n != nil {
			out += fmt.Sprintf(", %s %d", length.name, *length.n)
		}
	}
	if w.Batch > 1 {
		out += fmt.Sprintf(", batch %d", w.Batch)
	}
	return out
}

func scenarioWords(s bench.Scenario) string {
	out := string(s.Name)
	if s.Concurrency != nil && *s.Concurrency > 0 {
		out += fmt.Sprintf(" %d", *s.Concurrency)
	}
	if a := s.Arrival; a != nil {
		out += fmt.Sprintf(", %s %.6g", a.Process, a.RatePerSecond)
		if a.RateEndPerSecond != nil {
			out += fmt.Sprintf(" to %.6g", *a.RateEndPerSecond)
		}
		out += "/s"
	}
	if s.Replicas > 1 {
		out += fmt.Sprintf(", %d replicas", s.Replicas)
	}
	return out
}

func parenthesized(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func after(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
