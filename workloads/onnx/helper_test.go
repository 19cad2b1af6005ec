package onnx

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/accelbench/accelbench/workloads"
)

// fields are the contents of a message by field number: of numbers the value, of all else the bytes.
type fields map[protowire.Number][]field

type field struct {
	number uint64
	bytes  []byte
}

func readFields(t testing.TB, b []byte) fields {
	t.Helper()
	out := fields{}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		b = after(t, b, n)
		var f field
		switch typ {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			f.number = uint64(v)
		default:
			require.Failf(t, "unexpected wire type", "%d", typ)
		}
		b = after(t, b, n)
		out[num] = append(out[num], f)
	}
	return out
}

// after is what follows n bytes; a negative n is an error of the wire.
func after(t testing.TB, b []byte, n int) []byte {
	t.Helper()
	if n <= 0 {
		require.NoError(t, protowire.ParseError(n))
	}
	return b[n:]
}

func (f fields) text(num protowire.Number) string {
	if len(f[num]) == 0 {
		return ""
	}
	return string(f[num][0].bytes)
}

func (f fields) number(num protowire.Number) int64 {
	if len(f[num]) == 0 {
		return 0
	}
	return int64(f[num][0].number)
}

func (f fields) texts(num protowire.Number) []string {
	var out []string
	for _, v := range f[num] {
		out = append(out, string(v.bytes))
	}
	return out
}

// graphFile is what a ModelProto says.
type graphFile struct {
	ir      int64
	opsets  map[string]int64
	nodes   []nodeFile
	tensors map[string]tensorFile
	inputs  map[string][]int64 // shapes
	outputs map[string][]int64
	infos   map[string][]int64
}

type nodeFile struct {
	name, domain, op string
	in, out          []string
}

type tensorFile struct {
	typ      int32
	shape    []int64
	raw      []byte
	external map[string]string
}

func readModel(t testing.TB, proto []byte) graphFile {
	t.Helper()
	m := readFields(t, proto)
	g := graphFile{ir: m.number(1), opsets: map[string]int64{}, tensors: map[string]tensorFile{}}
	for _, o := range m[8] {
		f := readFields(t, o.bytes)
		g.opsets[f.text(1)] = f.number(2)
	}
	graph := readFields(t, m[7][0].bytes)
	require.NotEmpty(t, graph.text(2), "a graph needs a name")
	for _, n := range graph[1] {
		f := readFields(t, n.bytes)
		g.nodes = append(g.nodes, nodeFile{f.text(3), f.text(7), f.text(4), f.texts(1), f.texts(2)})
	}
	for _, i := range graph[5] {
		f := readFields(t, i.bytes)
		tensor := tensorFile{typ: int32(f.number(2)), external: map[string]string{}}
		if len(f[9]) > 0 {
			tensor.raw = f[9][0].bytes
		}
		for _, d := range f[1] {
			tensor.shape = append(tensor.shape, int64(d.number))
		}
		for _, entry := range f[13] {
			e := readFields(t, entry.bytes)
			tensor.external[e.text(1)] = e.text(2)
		}
		require.Equal(t, len(f[13]) > 0, f.number(14) == 1, "data_location of %s", f.text(8))
		_, twice := g.tensors[f.text(8)]
		require.False(t, twice, f.text(8))
		g.tensors[f.text(8)] = tensor
	}
	g.inputs, g.outputs, g.infos = readPorts(t, graph[11]), readPorts(t, graph[12]), readPorts(t, graph[13])
	return g
}

func readPorts(t testing.TB, list []field) map[string][]int64 {
	t.Helper()
	out := map[string][]int64{}
	for _, v := range list {
		info := readFields(t, v.bytes)
		tensor := readFields(t, readFields(t, info[2][0].bytes)[1][0].bytes)
		shape := []int64{}
		for _, d := range readFields(t, tensor[2][0].bytes)[1] {
			dim := readFields(t, d.bytes)
			if dim.text(2) != "" {
				shape = append(shape, -1)
			} else {
				shape = append(shape, dim.number(1))
			}
		}
		_, twice := out[info.text(1)]
		require.False(t, twice, info.text(1))
		out[info.text(1)] = shape
	}
	return out
}

// count is how often each operator occurs.
func (g graphFile) count() map[string]int {
	out := map[string]int{}
	for _, n := range g.nodes {
		op := n.op
		if n.domain != "" {
			op = n.domain + ":" + op
		}
		out[op]++
	}
	return out
}

// find is a standard workload.
func find(t testing.TB, name string, o workloads.Options) *workloads.Workload {
	t.Helper()
	w, err := workloads.Find(name, o)
	require.NoError(t, err)
	return w
}

// testGraph builds a graph; a shape that does not fit panics.
type testGraph struct {
	workloads.Graph
	named map[string]*workloads.Value
}

func newGraph(name string) *testGraph {
	return &testGraph{Graph: workloads.Graph{Name: name, Batch: 1}, named: map[string]*workloads.Value{}}
}

func (g *testGraph) value(name string, kind workloads.Kind, shape ...int) *workloads.Value {
	if old := g.named[name]; old != nil {
		return old
	}
	v := &workloads.Value{ID: len(g.Values), Name: name, Kind: kind, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}, Param: &workloads.ParamSpec{Seed: 7, Scale: 1.0 / (1 << 21)}}
	g.Values = append(g.Values, v)
	g.named[name] = v
	return v
}

func (g *testGraph) node(op workloads.Op, attr workloads.Attr, in ...*workloads.Value) *workloads.Value {
	shape, err := workloads.InferShape(op, attr, in)
	if err != nil {
		panic(err)
	}
	out := g.value(fmt.Sprintf("%s.%d", op, len(g.Nodes)), workloads.Computed, shape...)
	g.Nodes = append(g.Nodes, &workloads.Node{Op: op, In: in, Out: out, Attr: attr})
	g.Outputs = []*workloads.Value{out}
	return out
}

// phases makes a workload of graphs.
func phases(graphs ...*testGraph) *workloads.Workload {
	w := &workloads.Workload{Name: "test", Seed: 3, Pool: 4, Options: workloads.Options{Batch: 1, ISL: 4, OSL: 4, Precision: workloads.Full}}
	for _, g := range graphs {
		w.Phases = append(w.Phases, workloads.Phase{Name: g.Name, Graph: &g.Graph})
	}
	return w
}

const weightsFile = "weights"

// proto is a model whose weights all lie at the start of a file.
func proto(m *Model) []byte { return m.Beside(weightsFile, nil) }
