package pjrt

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// prepare sets the environment that vendors' libraries read when they are loaded or started: above all which device this process
// sees. It is set once, for the first device that is asked for: detection asks for all of them, and only loads the plugin.
// os.Setenv also sets the variables for C, as this engine is only there with cgo.
func (e *engine) prepare(dev devices.Info, platform plugin.Platform, o opened) error {
	vars, err := e.environment(dev, platform, o)
	if err != nil {
		return err
	}
	for name, value := range vars {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("choosing device %s for the PJRT plugin: %w", dev.ID, err)
		}
	}
	if platform == plugin.Neuron {
		// With it small programs run on the host, under the device's name.
		if err := os.Unsetenv("NEURON_RUN_TRIVIAL_COMPUTATION_ON_CPU"); err != nil {
			return err
		}
	}
	e.chosen = dev.ID
	return nil
}

// environment is what is to be set.
func (e *engine) environment(dev devices.Info, platform plugin.Platform, o opened) (map[string]string, error) {
	switch platform {
	case plugin.CUDA:
		return e.cudaEnvironment(dev, o)
	case plugin.ROCm:
		// AMD's runtime takes the UUIDs that its tools print, GPU- and 16 digits, else numbers in its own order. [unverified]
		var uuids, numbers, places []string
		for i, member := range devices.MemberInfos(dev) {
			numbers, places = append(numbers, strconv.Itoa(numberOf(member))), append(places, strconv.Itoa(i))
			if strings.HasPrefix(member.UUID, "GPU-") {
				uuids = append(uuids, member.UUID)
			}
		}
		if len(uuids) == len(numbers) { // the second variable counts what the first leaves
			return map[string]string{"ROCR_VISIBLE_DEVICES": strings.Join(uuids, ","), "HIP_VISIBLE_DEVICES": strings.Join(places, ",")}, nil
		}
		return map[string]string{"HIP_VISIBLE_DEVICES": strings.Join(numbers, ",")}, nil
	case plugin.Neuron:
		return neuronEnvironment(dev)
	}
	return nil, nil
}

// cudaEnvironment makes the GPU the only one that CUDA sees, or joined ones the only ones, in their order: NVML and CUDA number GPUs
// differently, and the UUID, of a GPU or of a slice of one, is what they share. Of slices CUDA takes one to a process.
func (e *engine) cudaEnvironment(dev devices.Info, o opened) (map[string]string, error) {
	if dev.UUID == "" {
		return nil, fmt.Errorf("device %s has no UUID to tell CUDA by: %w", dev.ID, devices.ErrUnsupported)
	}
	if parts(dev) > 1 && strings.Contains(dev.UUID, "MIG-") {
		return nil, fmt.Errorf("device %s: %w: a process can use one slice of a GPU, so that slices cannot compute together", dev.ID, devices.ErrUnsupported)
	}
	vars := map[string]string{"CUDA_VISIBLE_DEVICES": dev.UUID, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "NVIDIA_TF32_OVERRIDE": "0"}
	const data = "--xla_gpu_cuda_data_dir"
	flags := e.places.Getenv("XLA_FLAGS")
	if libraries, ok := e.places.CUDALibraries(o.path); ok && !strings.Contains(flags, data) {
		if folder, ok := e.places.CUDAData(libraries); ok && !strings.ContainsAny(folder, " \t\n") { // XLA divides its flags there
			vars["XLA_FLAGS"] = strings.TrimSpace(flags + " " + data + "=" + folder)
		}
	}
	return vars, nil
}

// neuronEnvironment chooses the first core of the chip and the version of the interface that this program speaks: the plugin has
// one table for each. Stochastic rounding would make outputs differ from run to run.
func neuronEnvironment(dev devices.Info) (map[string]string, error) {
	vars := map[string]string{
		"NEURON_INTERNAL_PJRT_C_API_VERSION": fmt.Sprintf("0.%d", plugin.HeaderMinor),
		"NEURON_RT_STOCHASTIC_ROUNDING_EN":   "0",
	}
	cores := 1
	if dev.Cores != nil && *dev.Cores > 0 {
		cores = *dev.Cores
	}
	vars["NEURON_RT_VISIBLE_CORES"] = strconv.Itoa(numberOf(dev) * cores)
	if os.Getenv("NEURON_RT_ROOT_COMM_ID") == "" {
		// A port that is free now; the runtime opens it.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a port for the Neuron runtime: %w", err)
		}
		vars["NEURON_RT_ROOT_COMM_ID"] = l.Addr().String()
		if err := l.Close(); err != nil {
			return nil, err
		}
	}
	return vars, nil
}

// numberOf is the number in a device's id, such as 3 in "tpu:3"; 0 for "cpu".
func numberOf(dev devices.Info) int {
	_, digits, _ := strings.Cut(dev.ID, ":")
	digits, _, _ = strings.Cut(digits, ":")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// options are those of the plugin's clients for so many devices. A plugin refuses the names that it does not know; XLA's for GPUs
// knows these.
func options(platform plugin.Platform, parts int) map[string]any {
	switch platform {
	case plugin.CUDA, plugin.ROCm:
		var visible []int64
		for i := range parts {
			visible = append(visible, int64(i))
		}
		// Else the memory is taken at once, and sensors say nothing about the workload; and whether at once or not, never more than
		// three quarters of it.
		return map[string]any{"preallocate": false, "memory_fraction": float32(poolShare), "visible_devices": visible}
	}
	return nil
}

// mergeProducts is up to how many MiB of factors and result XLA makes one product of those that share a factor.
const mergeProducts = "xla_gpu_dot_merger_threshold_mb"

// compilerOptions are what this engine asks of the compiler. XLA's for GPUs would merge, by default, a small product with others of
// the same factor, and for that lay the other factors side by side: in inference these are weights, so that each call would copy
// them, as those of queries, keys and values, which takes twice the traffic of reading them. The user's own flag counts.
func (e *engine) compilerOptions(platform plugin.Platform) map[string]int64 {
	if platform != plugin.CUDA && platform != plugin.ROCm || strings.Contains(e.places.Getenv("XLA_FLAGS"), mergeProducts) {
		return nil
	}
	return map[string]int64{mergeProducts: 0}
}

// errOtherDevice tells that the process is set for another device.
var errOtherDevice = errors.New("this process has chosen another device already, and vendors' libraries take no second choice: run it in a process of its own")

// sees is nil if the environment was set for the device.
func (e *engine) sees(dev devices.Info) error {
	if e.chosen != dev.ID {
		return fmt.Errorf("device %s after %s: %w", dev.ID, e.chosen, errOtherDevice)
	}
	return nil
}
