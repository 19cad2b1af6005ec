package bench

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// freeBytes is the memory of a device that a workload may use: what the device itself says is available, else its size
// less what its sensor says is in use, else its size. A device inside a container has the container's limit as its size
// and the machine's memory as what is available; the smaller one counts.
func freeBytes(info devices.Info, r devices.Reading) *uint64 {
	if info.MemoryBytes == nil {
		return nil
	}
	size := *info.MemoryBytes
	for _, d := range info.Details {
		if available, ok := d.Value.(uint64); ok && d.Name == "memory_available" {
			size = min(size, available)
			return &size
		}
	}
	if r.MemoryUsedBytes != nil {
		size -= min(*r.MemoryUsedBytes, size)
	}
	return &size
}

// fits is nil if the memory of the workload's replicas, as estimated without the engine's workspace, is there, or if that is
// unknown; else an error that wraps devices.ErrUnsupported.
func fits(w *workloads.Workload, replicas int, c Candidate) error {
	need := w.Memory().Total() * int64(max(replicas, 1))
	if c.FreeBytes == nil || need < 0 || uint64(need) <= *c.FreeBytes {
		return nil
	}
	text := fmt.Sprintf("needs %s, %s available on %s", gib(uint64(need)), gib(*c.FreeBytes), c.Info.ID)
	if each := *c.FreeBytes / uint64(max(len(c.Info.Members), 1)); each > 0 && c.Info.Backend != cpuBackend {
		text += fmt.Sprintf(": needs %d devices of this size", (uint64(need)+each-1)/each)
		if slices.ContainsFunc(c.Engines, func(e Probed) bool { return e.Info != nil && e.Info.Spans }) {
			text += fmt.Sprintf(", named together as in --device %s:0+%s:1", c.Info.Backend, c.Info.Backend)
		}
	}
	return fmt.Errorf("%w: %s", devices.ErrUnsupported, text)
}

func gib(bytes uint64) string {
	const unit = 1 << 30
	if bytes < unit/10 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/unit)
}
