package pjrt

import (
	"fmt"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/client"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// need is the memory of a workload on each device, in bytes: the parameters and states of all programs, each once, and the inputs,
// outputs and copies of states of the largest program.
func need(programs []*stablehlo.Program) (lasting, passing int64) {
	seen := map[string]bool{}
	for _, p := range programs {
		var once int64
		for _, a := range p.Args {
			a = a.Part(p.Parts)
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
				once += r.Part(p.Parts).Bytes()
			}
		}
		passing = max(passing, once)
	}
	return lasting, passing
}

// workspace is what the compiled program takes besides its arguments and results.
func workspace(m client.Memory) int64 { return m.Temporary + m.Code }

// poolShare is how much of a GPU's memory XLA may hold arrays in. The rest is for what is not in its pool: the contexts, code and
// workspaces of the vendor's libraries. [unverified on hardware]
const poolShare = 0.92

// available is the memory of a device that a workload may use: its size less what its sensor says is in use, on GPUs no more than
// the pool; of joined devices the mean. False if unknown.
func available(info devices.Info, r devices.Reading) (int64, bool) {
	if info.MemoryBytes == nil {
		return 0, false
	}
	size := *info.MemoryBytes
	most := size
	if info.Backend == "nvml" || info.Backend == "amd" {
		most = uint64(poolShare * float64(size))
	}
	if r.MemoryUsedBytes != nil {
		size -= min(*r.MemoryUsedBytes, size)
	}
	return int64(min(size, most, 1<<62)) / int64(parts(info)), true
}

// fits is nil if the bytes that a workload takes on each device are there, with the workspace of its compiled programs, which is 0
// before these are known. The error wraps ErrUnsupported, and says how many devices would do, if the workload can be shared out.
func fits(w *workloads.Workload, dev devices.Info, bytes, workspace, have int64) error {
	if bytes+workspace <= have {
		return nil
	}
	text := "needs " + gib(bytes+workspace)
	if n := parts(dev); n > 1 {
		text += fmt.Sprintf(" on each of %d devices", n)
	}
	if workspace > 0 {
		text += " with the compiled programs' workspace"
	}
	text += fmt.Sprintf(", %s available", gib(have))
	if n := fewest(w, parts(dev), have-workspace); n > 0 && dev.Backend != string(plugin.CPU) {
		text += fmt.Sprintf(": needs %d devices of this size, named together as in --device %s:0+%s:1", n, dev.Backend, dev.Backend)
	}
	return fmt.Errorf("%w: %s", devices.ErrUnsupported, text)
}

// mostDevices is up to how many devices are considered: as many as machines have that share memory links.
const mostDevices = 16

// fewest is how many devices, and more than so many, have room for a workload that they share out; 0 if there is no such number.
func fewest(w *workloads.Workload, more int, have int64) int {
	for n := more + 1; n <= mostDevices; n++ {
		programs, err := write(w, stablehlo.Options{Partitions: n})
		if err != nil {
			continue
		}
		if lasting, passing := need(programs); lasting+passing <= have {
			return n
		}
	}
	return 0
}

func gib(bytes int64) string {
	const unit = 1 << 30
	if bytes < unit/10 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/unit)
}
