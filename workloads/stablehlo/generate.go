package stablehlo

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-xla/stablehlo"

	"github.com/accelbench/accelbench/workloads"
)

// Generator makes parameters on the device: its program takes scalars and gives one tensor. Ports that share kind, type and shape
// share a generator, so that a model of a hundred layers has some ten.
type Generator struct {
	Program *Program
	Params  []Generated
}

// Generated is a port that a generator fills.
type Generated struct {
	Name string
	// Args are the scalar arguments, little-endian, in the order of Program.Args.
	Args [][]byte
}

// kind is what a generator makes: floats, or one of so many integers.
type kind struct {
	integers int
	port     string // type, shape, whether it lies transposed and the axis that is split
}

// Generators are the programs that make the parameters of w, each port of the phases' programs once, in the order of their first
// use. Parameters that are read from files are not among them: [Host] makes these. The error wraps [ErrUnsupported].
func Generators(w *workloads.Workload, o Options) ([]Generator, error) {
	if err := Supports(w, o); err != nil {
		return nil, err
	}
	shares, err := sharesOf(w, o.Partitions)
	if err != nil {
		return nil, err
	}
	var out []Generator
	at := map[kind]int{}
	for _, p := range paramsOf(w) {
		if p.value.Weights != nil {
			continue
		}
		p.port = shares.share(p.port)
		k := kind{port: fmt.Sprint(p.port.DType, p.port.Shape, p.port.Turned, p.port.Shard)}
		if p.part == levels {
			k.integers = p.value.Param.LevelCount()
		}
		if _, ok := at[k]; !ok {
			program, err := generator(fmt.Sprintf("%s/generator.%d", w.Name, len(out)), p.port, k.integers, shares.parts)
			if err != nil {
				return nil, fmt.Errorf("writing the generator of %s of %s as StableHLO: %w", p.port.Name, w.Name, err)
			}
			at[k] = len(out)
			out = append(out, Generator{Program: program})
		}
		g := &out[at[k]]
		g.Params = append(g.Params, Generated{Name: p.port.Name, Args: p.seeds()})
	}
	return out, nil
}

// part is what a port of a parameter holds.
type part int

const (
	floats part = iota
	levels
	scales
)

// parameter is a port of a parameter.
type parameter struct {
	port  Port
	value *workloads.Value
	part  part
}

// paramsOf are the ports of the parameters of all phases, each once.
func paramsOf(w *workloads.Workload) []parameter {
	s, err := storageOf(w.Options.Precision)
	if err != nil {
		return nil
	}
	var out []parameter
	seen, wide := map[string]bool{}, routersOf(w)
	for _, phase := range w.Phases {
		for _, v := range phase.Graph.Params() {
			if seen[v.Name] {
				continue
			}
			seen[v.Name] = true
			ports := s.ports(v, wide[v.Name])
			if len(ports) == 1 {
				out = append(out, parameter{ports[0], v, floats})
				continue
			}
			out = append(out, parameter{ports[0], v, levels}, parameter{ports[1], v, scales})
		}
	}
	return out
}

// seeds are the arguments of the generator of a port.
func (p parameter) seeds() [][]byte {
	spec := p.value.Param
	word := func(x uint32) []byte { return binary.LittleEndian.AppendUint32(nil, x) }
	stream, offset := p.value.Stream(), spec.Offset
	if p.part == scales {
		stream, offset = p.value.ScaleStream(), scaleOffset
	}
	start := binary.LittleEndian.AppendUint64(nil, stream)
	if p.part == levels {
		return [][]byte{start}
	}
	return [][]byte{start, word(uint32(offset)), word(math.Float32bits(spec.Scale))}
}

// scaleOffset is the offset of the scales of groups, see [workloads.ParamSpec].
const scaleOffset = 1 << 23

// generator writes the program that makes port, on so many devices their parts of it: one of so many integers around 0, or for 0
// floats.
func generator(name string, port Port, integers, parts int) (*Program, error) {
	c := newCode(name, parts)
	seed := func(name string, t workloads.DType) Port {
		return Port{Role: Seed, Name: name, DType: t, Shard: whole, Result: -1}
	}
	args := []Port{seed("stream", workloads.U64)}
	if integers == 0 {
		args = append(args, seed("offset", workloads.I32), seed("scale", workloads.F32))
	}
	text, err := c.build(func() ([]value, []Port) {
		var in []value
		for _, a := range args {
			in = append(in, c.argument(a))
		}
		u := c.shift(c.hash(in[0], port), 64-workloads.UniformBits)
		if integers > 0 {
			return []value{c.convert(c.levels(u, uint64(integers)), dtype(port.DType))}, []Port{port}
		}
		x := c.convert(u, dtypes.Int32)
		x = c.sub(x, c.number(1<<(workloads.UniformBits-1), x))
		x = c.wide(c.add(x, c.filled(in[1], x)))
		return []value{c.convert(c.mul(x, c.filled(in[2], x)), dtype(port.DType))}, []Port{port}
	})
	return &Program{Name: name, Text: text, Parts: parts, Args: args, Results: []Port{port}}, err
}

// hash is the hashed integer of each element of a tensor, in 64 bits also where there are more elements than 32 bits count. Elements
// are counted as in the workload, also where they lie transposed.
func (c *code) hash(stream value, p Port) value {
	x := c.broadcast(stream, p.Shape)
	for axis, stride := range p.strides() {
		index := c.iota(dtypes.Uint64, axis, p.Shape...)
		x = c.add(x, c.mul(index, c.filled(c.u64(stride*workloads.Weyl), x))) // modulo 2^64, as the stream
	}
	fold := func(by int) { x = must(stablehlo.Xor(x, c.shift(x, by))) }
	fold(30)
	x = c.mul(x, c.filled(c.u64(workloads.MixFirst), x))
	fold(27)
	x = c.mul(x, c.filled(c.u64(workloads.MixSecond), x))
	fold(31)
	return x
}

// strides are how far apart in the workload's row-major order the elements along each axis are.
func (p Port) strides() []uint64 {
	if p.Turned {
		return []uint64{1, uint64(p.Shape[0])}
	}
	out := make([]uint64, len(p.Shape))
	for axis := range out {
		out[axis] = uint64(workloads.Elements(p.Shape[axis+1:]))
	}
	return out
}

func (c *code) shift(x value, by int) value {
	return must(stablehlo.ShiftRightLogical(x, c.filled(c.u64(uint64(by)), x)))
}

// levels makes one of so many integers around 0 of the uniform integers u.
func (c *code) levels(u value, span uint64) value {
	q := c.convert(c.shift(c.mul(u, c.filled(c.u64(span), u)), workloads.UniformBits), dtypes.Int32)
	return c.sub(q, c.number(float64(span/2), q))
}
