package stablehlo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// ErrUnsupported marks a workload that cannot be written as StableHLO.
var ErrUnsupported = errors.New("cannot be written as StableHLO")

// Role says what a port is for.
type Role string

// Inputs are fed per call, parameters made once, states kept on the device between calls, outputs fetched. Seeds are the scalars
// that a generator takes.
const (
	Input  Role = "input"
	Param  Role = "param"
	State  Role = "state"
	Output Role = "output"
	Seed   Role = "seed"
)

// Port is one argument or result of a program.
type Port struct {
	Role Role
	// Name is that of the workload's value. A quantised parameter has two ports: NAME, its integers, and NAME.scale.
	Name string
	// DType and Shape are those on the device, row-major; a state's shape may differ from that of the workload's value.
	DType workloads.DType
	Shape []int
	// Turned tells that a matrix lies transposed: its rows are the columns of the workload's.
	Turned bool
	// Shard is the axis that is split over devices, each of which holds an equal part of it, in their order; -1 where each holds
	// all. Shape is that of the whole.
	Shard int
	// Result is the index of the result that takes over the buffer of this argument; -1 for others, among them states that
	// the program only reads.
	Result int
}

// Part is the port as one of so many devices has it.
func (p Port) Part(parts int) Port {
	if p.Shard >= 0 && parts > 1 {
		p.Shape = slices.Clone(p.Shape)
		p.Shape[p.Shard] /= parts
	}
	return p
}

// Cut gives the parts of a content, one for each of so many devices. Where the port is not split, all are the content itself.
func (p Port) Cut(content []byte, parts int) [][]byte {
	out := make([][]byte, parts)
	if p.Shard < 0 || parts == 1 {
		for i := range out {
			out[i] = content
		}
		return out
	}
	for i := range out {
		out[i] = make([]byte, 0, len(content)/parts)
	}
	run := int(p.DType.Bytes()) * workloads.Elements(p.Shape[p.Shard:]) / parts
	for at := 0; at < len(content); at += run {
		i := at / run % parts
		out[i] = append(out[i], content[at:at+run]...)
	}
	return out
}

// Bytes is the size of the port's content.
func (p Port) Bytes() int64 {
	n := p.DType.Bytes()
	for _, d := range p.Shape {
		n *= int64(d)
	}
	return n
}

// Program is one executable. Its arguments are the inputs, then the parameters, then the states, each in the order of the
// graph; its results the outputs, in the types of the graph whatever the precision, then the states that it writes.
type Program struct {
	Name string
	Text []byte // the module
	// Parts is the number of devices that execute it together; 1 for one.
	Parts   int
	Args    []Port
	Results []Port
}

// Bytes is the memory that arguments and results take on each device; a state that a result takes over counts once. What the
// compiler needs in between is not in it.
func (p *Program) Bytes() int64 {
	var sum int64
	for _, a := range p.Args {
		if a.Result < 0 {
			sum += a.Part(p.Parts).Bytes()
		}
	}
	for _, r := range p.Results {
		sum += r.Part(p.Parts).Bytes()
	}
	return sum
}

// Options choose the form of programs.
type Options struct {
	// Partitions is the number of devices that share the workload out; 0 and 1 are one device.
	Partitions int
}

// Supports tells whether all phases of w can be written: nil, or an error that wraps [ErrUnsupported].
func Supports(w *workloads.Workload, o Options) error {
	if w.File != nil {
		return fmt.Errorf("writing %s as StableHLO: %w: it is a model file, which %s stays", w.Name, ErrUnsupported, w.File.Path)
	}
	_, err := storageOf(w.Options.Precision)
	if err == nil {
		err = known(w)
	}
	if err != nil {
		return fmt.Errorf("writing %s as StableHLO: %w", w.Name, err)
	}
	if _, err := sharesOf(w, o.Partitions); err != nil {
		return fmt.Errorf("sharing %s out over %d devices: %w", w.Name, o.Partitions, err)
	}
	return nil
}

// known finds operations that have no lowering, and states that are used in a way that programs cannot say.
func known(w *workloads.Workload) error {
	for _, phase := range w.Phases {
		for _, n := range phase.Graph.Nodes {
			switch {
			case lowerings[n.Op] == nil:
				return fmt.Errorf("%s: operation %s: %w", phase.Name, n.Op, ErrUnsupported)
			case n.Op == workloads.OpAttention && n.Attr.Window > 0 && !cached(n):
				return fmt.Errorf("%s: a window without a cache: %w", phase.Name, ErrUnsupported)
			}
		}
	}
	_, err := cachesOf(w)
	return err
}

// Write writes the graph of a phase. Errors wrap [ErrUnsupported], or are those of an invalid graph.
func Write(w *workloads.Workload, phase int, o Options) (*Program, error) {
	if err := Supports(w, o); err != nil {
		return nil, err
	}
	graph := w.Phases[phase].Graph
	if err := graph.Validate(); err != nil {
		return nil, fmt.Errorf("writing %s as StableHLO: %w", w.Name, err)
	}
	e, err := newEmitter(w, phase, o)
	if err != nil {
		return nil, fmt.Errorf("writing %s as StableHLO: %w", graph.Name, err)
	}
	p, err := e.write()
	if err != nil {
		return nil, fmt.Errorf("writing %s as StableHLO: %w", graph.Name, err)
	}
	return p, nil
}
