package pjrt

import (
	"fmt"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// need is the memory of a workload on the device, in bytes: the parameters and states of all programs, each once, and the inputs,
// outputs and copies of states of the largest program.
func need(programs []*stablehlo.Program) (lasting, passing int64) {
	seen := map[string]bool{}
	for _, p := range programs {
		var once int64
		for _, a := range p.Args {
			switch {
			case a.Role == stablehlo.Input:
				once += a.Bytes()
			case !seen[a.Name]:
				seen[a.Name] = true
				lasting += a.Bytes()
			}
		}
		for _, r := range p.Results {
			if r.Role == stablehlo.Output {
				once += r.Bytes()
			}
		}
		passing = max(passing, once)
	}
	return lasting, passing
}

// workspace is what the compiled program takes besides its arguments and results.
func workspace(m client.Memory) int64 { return m.Temporary + m.Code }

// available is the memory of the device that a workload may use: its size less what its sensor says is in use; false if unknown.
func available(info devices.Info, r devices.Reading) (int64, bool) {
	if info.MemoryBytes == nil {
		return 0, false
	}
	size := *info.MemoryBytes
	if r.MemoryUsedBytes != nil {
		size -= min(*r.MemoryUsedBytes, size)
	}
	return int64(min(size, 1<<62)), true
}

// fits is nil if so many bytes are there, or if that is unknown. The error wraps ErrUnsupported; for language models it says how many
// devices of this size would do.
func fits(w *workloads.Workload, bytes, have int64, what string) error {
	if bytes <= have {
		return nil
	}
	err := fmt.Errorf("%w: needs %s%s, %s available", devices.ErrUnsupported, gib(bytes), what, gib(have))
	if w.Family == "decoder" && have > 0 {
		err = fmt.Errorf("%w: needs %d devices of this size, and this engine uses one", err, (bytes+have-1)/have)
	}
	return err
}

func gib(bytes int64) string {
	const unit = 1 << 30
	if bytes < unit/10 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/unit)
}
