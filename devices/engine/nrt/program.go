package nrt

import (
	"errors"
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/nrt/libnrt"
	"github.com/accelbench/accelbench/workloads"
)

// program is a NEFF on a core, with what the runtime says of its tensors.
type program struct {
	*libnrt.Model
	place   place
	inputs  map[string]libnrt.TensorInfo
	outputs map[string]libnrt.TensorInfo
}

// load puts a program on the core.
func (p place) load(neff []byte) (*program, error) {
	model, err := p.Load(neff, p.core)
	if err != nil {
		return nil, err
	}
	infos, err := model.Tensors()
	if err != nil {
		return nil, errors.Join(err, model.Close())
	}
	out := &program{Model: model, place: p, inputs: map[string]libnrt.TensorInfo{}, outputs: map[string]libnrt.TensorInfo{}}
	for _, info := range infos {
		if info.Input {
			out.inputs[info.Name] = info
		} else {
			out.outputs[info.Name] = info
		}
	}
	return out, nil
}

// check is nil if the runtime's tensor has the type and size that are expected.
func check(info libnrt.TensorInfo, t workloads.DType, bytes int64) error {
	same := info.DType == t || t == workloads.Bool && info.DType == workloads.U8 // the runtime has no type for bools
	if !same || info.Bytes != bytes {
		return fmt.Errorf("tensor %s is %s of %d bytes in the runtime, %s of %d bytes were expected", info.Name, info.Type, info.Bytes, t, bytes)
	}
	return nil
}

// allocate reserves device memory for a tensor.
func (p place) allocate(name string, bytes int64) (*libnrt.Tensor, error) {
	t, err := p.NewTensor(p.core, bytes, name)
	var failed *libnrt.Error
	if errors.As(err, &failed) && failed.Status == libnrt.Resource {
		if used, limit, memory := p.Memory(p.core); memory == nil {
			return nil, fmt.Errorf("%w (the core has %.1f GiB, %.1f GiB are in use)", err, gib(limit), gib(used))
		}
	}
	return t, err
}

func gib(bytes uint64) float64 { return float64(bytes) / (1 << 30) }

// room refuses what does not fit the core's memory, where the runtime tells it.
func (p place) room(need int64) error {
	used, limit, err := p.Memory(p.core)
	if err != nil || limit == 0 || need <= 0 {
		return nil
	}
	if free := limit - min(used, limit); uint64(need) > free {
		return fmt.Errorf("it needs %.1f GiB, a logical core has %.1f GiB left of %.1f: %w", gib(uint64(need)), gib(free), gib(limit), devices.ErrUnsupported)
	}
	return nil
}

// set binds tensors by name.
func (p place) set(tensors map[string]*libnrt.Tensor) (*libnrt.Set, error) {
	set, err := p.NewSet()
	if err != nil {
		return nil, err
	}
	for name, t := range tensors {
		if err := set.Add(name, t); err != nil {
			set.Close()
			return nil, err
		}
	}
	return set, nil
}

// unexpected names what the runtime has and nobody gives.
func unexpected(what string, infos map[string]libnrt.TensorInfo, known func(name string) bool) error {
	var names []string
	for name := range infos {
		if !known(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("the program has %s that nobody gives: %s", what, strings.Join(names[:min(len(names), 5)], ", "))
}
