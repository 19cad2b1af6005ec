package workloads

import (
	"fmt"
	"math"
)

// builder puts a graph together. The first misfit is kept in err and silences the rest, so that a model reads as a list of
// its layers.
type builder struct {
	graph *Graph
	seed  uint64
	named map[string]*Value
	// bits and block quantise the weights of products: bits is 0 for none, block 0 makes one group of each column.
	// store is the type of quantised weights that are not integers.
	bits, block int
	store       DType
	source      func(v *Value) (Weights, error)
	err         error
}

// newBuilder starts the graph of a phase of w; phase is empty for single-pass models.
func newBuilder(w *Workload, phase string) *builder {
	name := w.Name
	if phase != "" {
		name += "/" + phase
	}
	b := &builder{graph: &Graph{Name: name, Batch: w.Options.Batch}, seed: w.Seed, named: map[string]*Value{}, source: w.source}
	switch w.Options.Precision {
	case Int8:
		b.bits = 8
	case Int4:
		b.bits = 4
	case Float8:
		b.bits, b.store = 8, F8E4M3
	}
	return b
}

// spread is how the elements of a parameter are distributed. Deviation is the standard deviation of those around 0.
type spread struct {
	deviation float64
	scale     float32
	offset    int32
}

// deviation is a uniform distribution around 0 with the given standard deviation: uniform in [-a, a) has a/sqrt(3).
// Square root, product and quotient are exactly rounded, so the scale is the same everywhere.
func deviation(sd float64) spread {
	return spread{deviation: sd, scale: float32(sd * math.Sqrt(3) / (1 << (uniformBits - 1)))}
}

// quantised has the same deviation with that many levels, uniform, and group scales uniform in [0.75, 1.25) of one value:
// their mean squares are (n^2-1)/12 of n levels, and 1 + 1/48.
func (s spread) quantised(levels int) float32 {
	n := float64(levels)
	return float32(s.deviation / math.Sqrt((n*n-1)/12*49/48) / (1 << 23))
}

// gain is the deviation with which a product over fanIn terms multiplies the mean square of its input by g.
func gain(g float64, fanIn int) spread { return deviation(math.Sqrt(g / float64(fanIn))) }

// aroundOne is uniform in [0.75, 1.25), for the weights of norms.
func aroundOne() spread { return spread{scale: 1.0 / (1 << 23), offset: 1 << 23} }

func (b *builder) add(v *Value) *Value {
	v.ID = len(b.graph.Values)
	b.graph.Values = append(b.graph.Values, v)
	return v
}

// once returns the value of that name, adding it on first use: parameters and states are shared by name.
func (b *builder) once(v *Value) *Value {
	if old, ok := b.named[v.Name]; ok {
		return old
	}
	b.named[v.Name] = v
	return b.add(v)
}

func (b *builder) input(name string, t DType, fill InputSpec, shape ...int) *Value {
	return b.add(&Value{Name: name, Kind: Input, DType: t, Shape: shape, Fill: &fill})
}

// param is a parameter that is never quantised: tables, biases, the weights of norms.
func (b *builder) param(name string, s spread, shape ...int) *Value {
	return b.weights(&Value{Name: name, Kind: Param, DType: F32, Shape: shape,
		Param: &ParamSpec{Seed: b.seed, Scale: s.scale, Offset: s.offset}})
}

// weight is the constant factor of a product whose sums run over k elements that lie stride apart: quantised where the
// precision asks for it.
func (b *builder) weight(name string, s spread, k, stride int, shape ...int) *Value {
	if b.bits == 0 {
		return b.param(name, s, shape...)
	}
	block := b.block
	if block == 0 {
		block = k
	}
	p := &ParamSpec{Seed: b.seed, Bits: b.bits, Store: b.store, Block: block, Stride: stride}
	p.Scale = s.quantised(p.LevelCount())
	return b.weights(&Value{Name: name, Kind: Param, DType: F32, Shape: shape, Param: p})
}

// weights adds a parameter, from the source of the workload if it has one.
func (b *builder) weights(v *Value) *Value {
	if b.source == nil || b.named[v.Name] != nil || b.err != nil {
		return b.once(v)
	}
	if v.Weights, b.err = b.source(v); b.err != nil {
		b.err = fmt.Errorf("building %s: %w", b.graph.Name, b.err)
	}
	return b.once(v)
}

func (b *builder) state(name string, shape ...int) *Value {
	return b.once(&Value{Name: name, Kind: State, DType: F32, Shape: shape})
}

func (b *builder) node(op Op, attr Attr, in ...*Value) *Value {
	if b.err != nil {
		return &Value{}
	}
	shape, err := InferShape(op, attr, in)
	if err != nil {
		b.err = fmt.Errorf("building %s: node %d: %w", b.graph.Name, len(b.graph.Nodes), err)
		return &Value{}
	}
	out := b.add(&Value{Name: fmt.Sprintf("%s.%d", op, len(b.graph.Nodes)), Kind: Computed, DType: F32, Shape: shape})
	b.graph.Nodes = append(b.graph.Nodes, &Node{Op: op, In: in, Out: out, Attr: attr})
	return out
}

// linear is a dense layer with a bias: weights of the given spread, biases of deviation 0.1.
func (b *builder) linear(x *Value, name string, s spread, k, n int) *Value {
	return b.node(OpLinear, Attr{}, x, b.weight(name+".weight", s, k, n, k, n), b.param(name+".bias", deviation(0.1), n))
}

// branch is the last dense layer of a residual branch: the gain is what it keeps of the mean square, and its biases have a
// tenth of the deviation of what it adds, so that the sum over many layers is not one of biases.
func (b *builder) branch(x *Value, name string, g float64, k, n int) *Value {
	return b.node(OpLinear, Attr{}, x, b.weight(name+".weight", gain(g, k), k, n, k, n),
		b.param(name+".bias", deviation(0.1*math.Sqrt(g)), n))
}

// product is a dense layer without a bias.
func (b *builder) product(x *Value, name string, s spread, k, n int) *Value {
	return b.node(OpLinear, Attr{}, x, b.weight(name+".weight", s, k, n, k, n))
}

func (b *builder) finish(outputs ...*Value) (*Graph, error) {
	if b.err != nil {
		return nil, b.err
	}
	b.graph.Outputs = outputs
	return b.graph, b.graph.Validate()
}
