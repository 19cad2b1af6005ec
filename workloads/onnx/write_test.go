package onnx

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestStandardWorkloads writes every standard workload in both dialects and checks what makes a model one. Quantised ones, of
// which the dialects can say different things, are not among them.
func TestStandardWorkloads(t *testing.T) {
	for _, e := range workloads.Catalogue() {
		for _, tt := range []struct {
			precision string
			options   Options
		}{{workloads.Full, Options{Opset: 17}}, {workloads.Half, Options{Dialect: Deployed}}} {
			t.Run(fmt.Sprint(e.Name, tt.precision, tt.options.Dialect), func(t *testing.T) {
				t.Parallel()
				if !slices.Contains(e.Precisions, tt.precision) {
					t.Skip("not defined in this precision")
				}
				if testing.Short() && !e.Everyday {
					t.Skip("large")
				}
				w := find(t, e.Name, workloads.Options{Precision: tt.precision})
				models, err := Write(w, tt.options)
				require.NoError(t, err)
				again, err := Write(w, tt.options)
				require.NoError(t, err)
				require.Len(t, again, len(models))
				for i, m := range models {
					require.True(t, bytes.Equal(proto(m), proto(again[i])), "writing twice gives the same")
					g := readModel(t, proto(m))
					requireGraph(t, m, g, tt.options)
					requireWeights(t, m, g)
					for _, p := range m.Phases {
						requirePorts(t, w.Phases[p].Graph, m)
					}
				}
			})
		}
	}
}

// requireGraph checks that each name is made once, before it is used, and that the ports are those of the graph.
func requireGraph(t *testing.T, m *Model, g graphFile, o Options) {
	t.Helper()
	known := map[string]bool{"": true}
	add := func(name string) {
		if known[name] {
			require.Failf(t, "made twice", "%q", name)
		}
		known[name] = true
	}
	for name := range g.inputs {
		add(name)
	}
	for name := range g.tensors {
		add(name)
	}
	nodes := map[string]bool{}
	for _, n := range g.nodes {
		if nodes[n.name] || n.name == "" {
			require.Failf(t, "two nodes of a name", "%q", n.name)
		}
		nodes[n.name] = true
		for _, in := range n.in {
			if !known[in] {
				require.Failf(t, "used before it is made", "%q by %s", in, n.name)
			}
		}
		for _, out := range n.out {
			if out != "" {
				add(out)
			}
		}
		if o.Dialect == Portable && n.domain != "" {
			require.Failf(t, "not portable", "%s of %s", n.op, n.domain)
		}
	}
	for name := range g.outputs {
		require.True(t, known[name] && g.inputs[name] == nil && g.tensors[name].typ == 0, "output %s is made by a node", name)
	}
	for name := range g.infos {
		require.True(t, known[name], "the value %s is described", name)
	}
	in, out := map[string][]int64{}, map[string][]int64{}
	for _, p := range m.Inputs {
		in[p.Name] = p.Shape
	}
	for _, p := range m.Outputs {
		out[p.Name] = p.Shape
	}
	for _, s := range m.States {
		in[s.In], out[s.Out] = s.Shape, s.Shape
	}
	delete(in, "")
	delete(out, "")
	require.True(t, maps.EqualFunc(in, g.inputs, slices.Equal), "inputs %v", g.inputs)
	require.True(t, maps.EqualFunc(out, g.outputs, slices.Equal), "outputs %v", g.outputs)
}

func requirePorts(t *testing.T, graph *workloads.Graph, m *Model) {
	t.Helper()
	requireFit(t, graph.Inputs(), m.Inputs)
	requireFit(t, graph.Outputs, m.Outputs)
	for _, v := range graph.States() {
		i := slices.IndexFunc(m.States, func(s StatePort) bool { return s.Name == v.Name })
		require.True(t, i >= 0 && elements(m.States[i].Shape) == int64(workloads.Elements(v.Shape)), v.Name)
	}
}

func requireFit(t *testing.T, values []*workloads.Value, ports []Port) {
	t.Helper()
	require.Len(t, ports, len(values))
	for i, v := range values {
		want := map[workloads.DType]int32{workloads.F32: Float, workloads.I32: Int32}[v.DType]
		assert.Equal(t, want, ports[i].Type, v.Name)
		require.Len(t, ports[i].Shape, len(v.Shape), v.Name)
		for axis, d := range ports[i].Shape {
			assert.True(t, d == -1 || d == int64(v.Shape[axis]), "%s: %v for %v", v.Name, ports[i].Shape, v.Shape)
		}
	}
}

// requireWeights checks sizes, and that what lies outside is what is large.
func requireWeights(t *testing.T, m *Model, g graphFile) {
	t.Helper()
	outside := 0
	for _, w := range m.Weights {
		tensor := g.tensors[w.Name]
		fits := tensor.typ == w.Type && slices.Equal(tensor.shape, w.Shape) && w.Bytes == elements(w.Shape)*width(w.Type) &&
			w.Bytes >= inlineBelow && tensor.external["location"] == weightsFile && tensor.external["offset"] == "0" &&
			tensor.external["length"] == fmt.Sprint(w.Bytes)
		require.True(t, fits, "%v in the list, %v in the model", w, tensor)
	}
	for name, tensor := range g.tensors {
		if len(tensor.external) > 0 {
			outside++
			continue
		}
		size := int64(len(tensor.raw))
		require.True(t, size < inlineBelow && size == elements(tensor.shape)*width(tensor.typ), name)
	}
	require.Equal(t, len(m.Weights), outside)
}

// TestTranspositions counts those that layouts cost: images are transposed where they enter and where rows are wanted.
func TestTranspositions(t *testing.T) {
	for _, tt := range []struct {
		name string
		want int
	}{
		{"resnet50", 1}, {"dlrm-v2-capped", 0}, {"memcopy", 0}, {"gemm", 0},
		// The latent once and back, and each of 11 transformers of the U-Net in and out.
		{"sdxl-unet", 2 + 2*11},
		{"bert-base", 0},
		// The frames once, and what the convolutions make of them once back.
		{"whisper-tiny", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			models, err := Write(find(t, tt.name, workloads.Options{}), Options{})
			require.NoError(t, err)
			got := 0
			for _, n := range readModel(t, proto(models[0])).nodes {
				if n.op == "Transpose" && (strings.HasSuffix(n.name, ".planes") || strings.HasSuffix(n.name, ".rows")) {
					got++
				}
			}
			assert.Equal(t, tt.want, got)
		})
	}
	models, err := Write(find(t, "resnet50", workloads.Options{}), Options{})
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"Transpose": 1, "Conv": 53, "Relu": 49, "MaxPool": 1, "Add": 16, "GlobalAveragePool": 1,
		"Flatten": 1, "Gemm": 1}, readModel(t, proto(models[0])).count())
}

// TestDecodersAreOneModel looks for the one dimension that differs between the phases.
func TestDecodersAreOneModel(t *testing.T) {
	models, err := Write(find(t, "smollm2-135m", workloads.Options{Batch: 3, ISL: 20, OSL: 12}), Options{})
	require.NoError(t, err)
	require.Len(t, models, 1)
	m := models[0]
	assert.Equal(t, []int{0, 1}, m.Phases)
	assert.Equal(t, "smollm2-135m", m.Name)
	assert.Equal(t, []Port{{"tokens", Int32, []int64{3, -1}}, {"position", Int32, []int64{1}}}, m.Inputs)
	require.Len(t, m.Outputs, 1)
	assert.Equal(t, []int64{3, 49152}, m.Outputs[0].Shape)
	require.Len(t, m.States, 60)
	for _, s := range m.States {
		assert.NotEmpty(t, s.In)
		assert.NotEmpty(t, s.Out)
	}

	models, err = Write(find(t, "smollm2-135m", workloads.Options{ISL: 1, OSL: 2}), Options{})
	require.NoError(t, err)
	require.Len(t, models, 1, "a prompt of one token makes equal graphs")
	assert.Equal(t, []int64{1, 1}, models[0].Inputs[0].Shape)

	models, err = Write(find(t, "whisper-tiny", workloads.Options{}), Options{})
	require.NoError(t, err)
	require.Len(t, models, 2, "only the prefill has the encoder")
	assert.Equal(t, []string{"whisper-tiny/prefill", "whisper-tiny/decode"}, []string{models[0].Name, models[1].Name})
}

// TestSharedWeights compares what two models of a workload have under one name.
func TestSharedWeights(t *testing.T) {
	models, err := Write(find(t, "whisper-tiny", workloads.Options{}), Options{})
	require.NoError(t, err)
	first := map[string]Weight{}
	for _, w := range models[0].Weights {
		first[w.Name] = w
	}
	shared := 0
	for _, w := range models[1].Weights {
		other, ok := first[w.Name]
		require.True(t, ok, "%s of the decoder is in the prefill too", w.Name)
		shared++
		assert.Equal(t, other.Shape, w.Shape)
		if w.Bytes > 1<<20 {
			continue
		}
		a, b := make([]byte, w.Bytes), make([]byte, w.Bytes)
		require.NoError(t, other.Fill(a))
		require.NoError(t, w.Fill(b))
		assert.True(t, bytes.Equal(a, b), w.Name)
	}
	assert.Greater(t, shared, 20)
}

func TestRefusals(t *testing.T) {
	w := find(t, "gemm", workloads.Options{})
	for _, opset := range []int{1, 16, 22, -1} {
		_, err := Write(w, Options{Opset: opset})
		require.ErrorIs(t, err, ErrUnsupported)
		assert.ErrorContains(t, err, "17 to 21")
	}
	file := *w
	file.File = &workloads.ModelFile{Path: "some.onnx"}
	_, err := Write(&file, Options{})
	require.ErrorIs(t, err, ErrUnsupported)
	assert.ErrorContains(t, err, "some.onnx")

	g := newGraph("twice")
	x, s := g.value("x", workloads.Input, 2, 3), g.value("s", workloads.State, 2, 3)
	g.node(workloads.OpStore, workloads.Attr{}, x, s)
	g.node(workloads.OpStore, workloads.Attr{}, x, s)
	_, err = Write(phases(g), Options{})
	require.ErrorIs(t, err, ErrUnsupported)
	assert.ErrorContains(t, err, "store.1 (store): state s")

	g = newGraph("early")
	x, s = g.value("x", workloads.Input, 2, 3), g.value("s", workloads.State, 2, 3)
	g.node(workloads.OpAdd, workloads.Attr{}, x, s)
	g.node(workloads.OpStore, workloads.Attr{}, x, s)
	_, err = Write(phases(g), Options{})
	require.ErrorIs(t, err, ErrUnsupported)
}
