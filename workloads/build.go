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
	err   error
}

func newBuilder(name string, batch int, seed uint64) *builder {
	return &builder{graph: &Graph{Name: name, Batch: batch}, seed: seed, named: map[string]*Value{}}
}

// spread is how the elements of a parameter are distributed.
type spread struct {
	scale  float32
	offset int32
}

// deviation is a uniform distribution around 0 with the given standard deviation: uniform in [-a, a) has a/sqrt(3).
// Square root, product and quotient are exactly rounded, so the scale is the same everywhere.
func deviation(sd float64) spread {
	return spread{scale: float32(sd * math.Sqrt(3) / (1 << (uniformBits - 1)))}
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

func (b *builder) param(name string, s spread, shape ...int) *Value {
	return b.once(&Value{Name: name, Kind: Param, DType: F32, Shape: shape,
		Param: &ParamSpec{Seed: b.seed, Scale: s.scale, Offset: s.offset}})
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
	return b.node(OpLinear, Attr{}, x, b.param(name+".weight", s, k, n), b.param(name+".bias", deviation(0.1), n))
}

// product is a dense layer without a bias.
func (b *builder) product(x *Value, name string, s spread, k, n int) *Value {
	return b.node(OpLinear, Attr{}, x, b.param(name+".weight", s, k, n))
}

func (b *builder) finish(outputs ...*Value) (*Graph, error) {
	if b.err != nil {
		return nil, b.err
	}
	b.graph.Outputs = outputs
	return b.graph, b.graph.Validate()
}
