//go:build linux && cgo

package nvml

import "github.com/NVIDIA/go-nvml/pkg/nvml"

// users are the two lists in which the driver keeps the processes of a GPU, the necessary one first: slices, and GPUs
// without a display, have no list of those that draw. A process may stand in both.
var users = []query[[]nvml.ProcessInfo]{
	{[]string{"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2", "nvmlDeviceGetComputeRunningProcesses"},
		nvml.Device.GetComputeRunningProcesses},
	{[]string{"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2", "nvmlDeviceGetGraphicsRunningProcesses"},
		nvml.Device.GetGraphicsRunningProcesses},
}

// Processes asks the driver for both lists.
func (g *goGPU) Processes() (int, code) {
	seen := map[uint32]bool{}
	for i, q := range users {
		result := codeFunctionNotFound
		var list []nvml.ProcessInfo
		if g.has.anyOf(q.symbols) {
			found, ret := q.call(g.dev)
			list, result = found, code(ret)
		}
		if result != codeOK && (i == 0 || !result.isMissing()) {
			return 0, result
		}
		for _, p := range list {
			seen[p.Pid] = true
		}
	}
	return len(seen), codeOK
}
