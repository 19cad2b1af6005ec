package onnxruntime

import (
	"fmt"
	"os"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx"
)

// target is how the engine serves one kind of device.
type target struct {
	// providers of execution in order of preference, as the library's functions name them and as its profiles do.
	providers []string
	asked     []string
	// memory is where states live.
	memory ort.Memory
}

func (t target) onCPU() bool { return t.asked[0] == cpuProvider }

// targetOf says how an engine of this name serves a device, or gives an error that wraps ErrUnsupported.
func targetOf(name string, dev devices.Info) (target, error) {
	switch {
	case dev.Backend == "cpu" && name == Name:
		return target{asked: []string{cpuProvider}, memory: ort.Memory{Name: "Cpu"}}, nil
	case dev.Backend == "nvml" && name == Name:
		return target{[]string{"CUDA"}, []string{cudaProvider}, ort.Memory{Name: "Cuda"}}, nil
	case dev.Backend == "nvml" && name == TensorRT:
		return target{[]string{"TensorRT", "CUDA"}, []string{tensorRTProvider, cudaProvider}, ort.Memory{Name: "Cuda"}}, nil
	}
	return target{}, fmt.Errorf("engine %s on device %s: it has no execution provider for %s devices: %w", name, dev.ID, dev.Backend, devices.ErrUnsupported)
}

// options are the providers with their options, for a precision. The accelerators' have never run on a GPU in this project's
// tests; they follow the library's documentation.
func (t target) options(precision string) []ort.Provider {
	var list []ort.Provider
	for _, name := range t.providers {
		p := ort.Provider{Name: name}
		switch name {
		case "CUDA":
			p.Options = map[string]string{
				"device_id": "0", // of those that CUDA_VISIBLE_DEVICES leaves
				// Requests are few and large, and rounding up to powers of two would show in the memory.
				"arena_extend_strategy": "kSameAsRequested",
				// f32 means f32: what TF32 computes does not pass the check of outputs.
				"use_tf32":                  "0",
				"cudnn_conv_algo_search":    "EXHAUSTIVE",
				"do_copy_in_default_stream": "1",
			}
		case "TensorRT":
			p.Options = map[string]string{
				"device_id":               "0",
				"trt_fp16_enable":         "0",
				"trt_engine_cache_enable": "0", // a cached engine would hide what compiling costs, and could be another GPU's
				"trt_timing_cache_enable": "0",
			}
			if precision == workloads.Half {
				p.Options["trt_fp16_enable"] = "1"
			}
		}
		list = append(list, p)
	}
	return list
}

// accuracy is what products with weights quantised by blocks may round their activations to: as deployments on CPUs have it
// there, and nothing on a GPU.
func (t target) accuracy(w *workloads.Workload) int {
	if t.onCPU() {
		return onnx.CPUAccuracy(w)
	}
	return onnx.AccuracyFloat
}

// details describe the target in results.
func (t target) details() []devices.Detail {
	list := []devices.Detail{
		{Name: "execution provider", Value: strings.Join(t.asked, ", ")},
	}
	if t.onCPU() {
		return append(list, devices.Detail{Name: "accuracy level", Value: "4, 1 in mixtures of experts"})
	}
	return append(list, devices.Detail{Name: "accuracy level", Value: "1"}, devices.Detail{Name: "tf32", Value: false})
}

// supports is nil if the target computes in the workload's precision.
func (t target) supports(w *workloads.Workload) error {
	p := w.Options.Precision
	switch {
	case w.File != nil && w.File.Format == workloads.NEFF:
		return fmt.Errorf("it runs ONNX files; a NEFF file runs on a Neuron chip only, in engine nrt: %w", devices.ErrUnsupported)
	case p == workloads.BFloat16, p == workloads.Float8:
		return fmt.Errorf("precision %s: the models written for it are in f32, f16, int8 and int4; pjrt computes in %s on devices that have it: %w",
			p, p, devices.ErrUnsupported)
	case t.onCPU() && p == workloads.Half:
		return fmt.Errorf("precision %s: the CPU provider computes f16 by casting to f32: %w", p, devices.ErrUnsupported)
	case !t.onCPU() && p == workloads.Int8 && !blockwise(w):
		return fmt.Errorf("precision %s: the GPU providers have no operators for it, only for int8 weights by blocks: %w", p, devices.ErrUnsupported)
	}
	return nil
}

// blockwise tells whether the quantised weights have several scales along each sum, as decoders have them: the activations
// then stay in floating point. With one scale a sum they are quantised too.
func blockwise(w *workloads.Workload) bool {
	for _, phase := range w.Phases {
		for _, n := range phase.Graph.Nodes {
			if len(n.In) < 2 || n.In[1].Param == nil || n.In[1].Param.Bits == 0 {
				continue
			}
			weight := n.In[1]
			sum := weight.Shape[0]
			if n.Attr.Transposed {
				sum = weight.Shape[1]
			}
			if n.Op == workloads.OpConv2D || n.Op == workloads.OpLinear && weight.Param.Block >= sum {
				return false
			}
		}
	}
	return true
}

// visible is the environment variable that says which GPUs CUDA sees. It is read once, when CUDA starts.
const visible = "CUDA_VISIBLE_DEVICES"

// see makes the GPU the only one that CUDA sees, before anything starts CUDA: NVML and CUDA number GPUs differently, and the
// UUID, of a GPU or of a slice of one, is what they share. os.Setenv also sets the variable for C, with cgo as without.
// The first GPU of a process stays the only one.
func (e *engine) see(dev devices.Info) error {
	if dev.UUID == "" {
		return fmt.Errorf("device %s has no UUID to tell CUDA by: %w", dev.ID, devices.ErrUnsupported)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen != "" {
		return nil
	}
	// f32 means f32, also in TensorRT, whose provider has no option for it.
	for name, value := range map[string]string{visible: dev.UUID, "NVIDIA_TF32_OVERRIDE": "0"} {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("choosing the GPU %s: %w", dev.UUID, err)
		}
	}
	e.seen = dev.UUID
	return nil
}

// sees is nil if CUDA computes on the device and not on another one.
func (e *engine) sees(dev devices.Info) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen != dev.UUID {
		return fmt.Errorf("this process has chosen the GPU %s already and CUDA takes no second choice: run %s in a process of its own", e.seen, dev.ID)
	}
	return nil
}
