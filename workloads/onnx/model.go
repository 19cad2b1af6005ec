package onnx

import (
	"errors"
	"fmt"

	"github.com/accelbench/accelbench/workloads"
)

// Dialect says which operators a model may have.
type Dialect int

// Portable models have operators of ai.onnx only; Deployed ones have those of com.microsoft where deployments use them.
const (
	Portable Dialect = iota
	Deployed
)

// String is the name of the dialect.
func (d Dialect) String() string {
	if d == Deployed {
		return "deployed"
	}
	return "portable"
}

// The versions of the ai.onnx operators that can be written.
const (
	Oldest = 17
	Newest = 21
)

// symbol is the name of the one dimension that may be free: the number of tokens of a call.
const symbol = "sequence"

// ErrUnsupported marks an operation that a dialect or a version of the operators cannot say.
var ErrUnsupported = errors.New("cannot be written as ONNX")

// Options choose the form of the models.
type Options struct {
	// Opset is the version of the ai.onnx operators, from Oldest to Newest; 0 is Newest.
	Opset   int
	Dialect Dialect
	// Accuracy is what products with block-quantised weights may round their activations to: AccuracyFloat, AccuracyInt8, or 0
	// to leave it to the engine.
	Accuracy int
	Experts  Experts
	// Ranges are the lowest and the highest element of the value of that name, as a calibration saw them; false for unknown
	// ones. Convolutions with quantised weights need them for their inputs and outputs. Nil stands for those of the workload.
	Ranges func(name string) (low, high float64, ok bool)
}

// Model is a graph of a workload as an ONNX model.
type Model struct {
	Name string
	// Phases are the indexes of the workload's phases that the model serves.
	Phases []int
	// Weights are those of 1 KiB or more, which lie outside of the ModelProto, in the order of their first use; smaller ones are
	// inside.
	Weights []Weight
	// Inputs and Outputs are in the order of the graph's inputs and outputs, in the layout of the workload's tensors, and of
	// type Float or Int32 whatever the precision.
	Inputs, Outputs []Port
	// States are the tensors that live between calls, which come besides Inputs and Outputs.
	States []StatePort
	parts  parts
}

// Port is an input or output of a model; -1 in the shape is the symbolic dimension, the number of tokens of a call.
type Port struct {
	Name  string
	Type  int32
	Shape []int64
}

// StatePort is a tensor that lives between calls. Name is the workload's name of the state: ports of one name, in whatever
// model, share a buffer, zero before the first call. In and Out are the graph's input and output that are bound to that
// buffer, both at once; an empty one is not there, as the model does not read or not write the state. Type and Shape are
// those of In and Out.
type StatePort struct {
	Name    string
	In, Out string
	Type    int32
	Shape   []int64
}

// Weight is a constant of a model that lies outside of its ModelProto. Weights of one name in the models of a workload have
// the same content.
type Weight struct {
	Name  string
	Type  int32
	Shape []int64
	Bytes int64
	// Fill writes all of the content, little-endian, to dst, which has Bytes bytes. It may be called while the Fill of
	// another weight runs. The error is that of a file the weights are read from, or of a dst of another size.
	Fill func(dst []byte) error
}

// Write writes the graphs of w, one model per distinct graph, in the order of their first phases. The phases of a decoder whose
// graphs differ only in the number of tokens make one model, in which that number is a symbolic dimension. The error wraps
// [ErrUnsupported] for operations that the dialect or the version lacks, and [workloads.ErrPrecision] for precisions that
// this package has no operators for.
func Write(w *workloads.Workload, o Options) ([]*Model, error) {
	if o.Opset == 0 {
		o.Opset = Newest
	}
	if o.Opset < Oldest || o.Opset > Newest {
		return nil, fmt.Errorf("writing %s as ONNX: operator set %d: %w: want %d to %d", w.Name, o.Opset, ErrUnsupported, Oldest, Newest)
	}
	if w.File != nil {
		return nil, fmt.Errorf("writing %s as ONNX: %w: it is a model file already, run %s itself", w.Name, ErrUnsupported, w.File.Path)
	}
	if p := w.Options.Precision; p == workloads.BFloat16 || p == workloads.Float8 {
		return nil, fmt.Errorf("writing %s as ONNX: precision %s: %w: ONNX models are written in f32, f16, int8 and int4", w.Name, p, workloads.ErrPrecision)
	}
	if ranges, ok := w.Ranges(); ok && o.Ranges == nil {
		o.Ranges = func(name string) (low, high float64, ok bool) {
			r, ok := ranges[name]
			return r.Low, r.High, ok
		}
	}
	groups, err := group(w)
	if err != nil {
		return nil, fmt.Errorf("writing %s as ONNX: %w", w.Name, err)
	}
	var out []*Model
	for _, g := range groups {
		m, err := write(w, g, o)
		if err != nil {
			return nil, fmt.Errorf("writing %s as ONNX: %w", g.name, err)
		}
		out = append(out, m)
	}
	return out, nil
}

func write(w *workloads.Workload, s *shared, o Options) (*Model, error) {
	e := newEmitter(w, s, o)
	e.begin()
	for _, n := range s.graph.Nodes {
		e.lower(n)
		if e.err != nil {
			return nil, fmt.Errorf("%s (%s): %w", n.Out.Name, n.Op, e.err)
		}
	}
	return e.finish()
}
