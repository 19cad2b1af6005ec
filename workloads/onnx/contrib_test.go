package onnx

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func deployedModel(t *testing.T, w *workloads.Workload, o Options) (*Model, graphFile) {
	t.Helper()
	o.Dialect = Deployed
	models, err := Write(w, o)
	require.NoError(t, err)
	require.Len(t, models, 1)
	return models[0], readModel(t, proto(models[0]))
}

// TestDeployedDecoder holds a decoder against what deployments are made of. Caches go out of attention straight into the output
// that shares their buffer: a node between them would copy a cache per layer and call.
func TestDeployedDecoder(t *testing.T) {
	for precision, product := range map[string]string{workloads.Full: "MatMul", workloads.Int4: "com.microsoft:MatMulNBits",
		workloads.Int8: "com.microsoft:MatMulNBits"} {
		m, g := deployedModel(t, find(t, "smollm2-135m", workloads.Options{Precision: precision, ISL: 20, OSL: 12, Batch: 3}), Options{})
		requireGraph(t, m, g, Options{Opset: Newest, Dialect: Deployed})
		n := g.count()
		assert.Equal(t, 30, n["com.microsoft:GroupQueryAttention"])
		assert.Equal(t, 59, n["com.microsoft:SkipSimplifiedLayerNormalization"],
			"but for the first norm, and the last, which is of one row")
		assert.Equal(t, 2, n["SimplifiedLayerNormalization"])
		assert.GreaterOrEqual(t, n[product], 30*7)
		assert.Less(t, len(g.nodes), 30*14+20, "no rotation is left beside the attention")
		require.Len(t, m.States, 60)
		for _, s := range m.States {
			assert.Equal(t, []int64{3, 3, 32, 64}, s.Shape)
			i := slices.IndexFunc(g.nodes, func(n nodeFile) bool { return slices.Contains(n.out, s.Out) })
			require.GreaterOrEqual(t, i, 0)
			assert.Equal(t, "GroupQueryAttention", g.nodes[i].op)
			assert.Contains(t, g.nodes[i].in, s.In)
		}
	}
}

func TestHalfPrecisionDecoder(t *testing.T) {
	m, g := deployedModel(t, find(t, "smollm2-135m", workloads.Options{Precision: workloads.Half, ISL: 20, OSL: 12}), Options{})
	for _, w := range m.Weights {
		assert.Equal(t, Float16, w.Type, w.Name)
	}
	for _, s := range m.States {
		assert.Equal(t, Float16, s.Type)
	}
	assert.Equal(t, Float, m.Outputs[0].Type)
	assert.Equal(t, 4, g.count()["Cast"], "the position, two lengths, and the logits")
}

func TestQuantisedImages(t *testing.T) {
	w := find(t, "resnet50", workloads.Options{Precision: workloads.Int8})
	wide := func(string) (low, high float64, ok bool) { return -4, 4, true }
	ranges := func(name string) (low, high float64, ok bool) {
		if name[:4] == "relu" {
			return 0, 4, true
		}
		return wide(name)
	}
	m, g := deployedModel(t, w, Options{Ranges: ranges})
	requireGraph(t, m, g, Options{Opset: Newest, Dialect: Deployed})
	assert.Equal(t, map[string]int{"QuantizeLinear": 1, "QLinearConv": 53, "com.microsoft:QLinearAdd": 16,
		"MaxPool": 1, "com.microsoft:QLinearGlobalAveragePool": 1,
		"Flatten": 1, "com.microsoft:QGemm": 1, "Transpose": 1}, g.count(), "no floats between the image and the logits")

	_, err := Write(w, Options{Dialect: Deployed})
	require.NoError(t, err, "the workload has ranges of its own")
	none := func(string) (low, high float64, ok bool) { return 0, 1, false }
	for name, ranges := range map[string]func(string) (float64, float64, bool){
		"gives none":             none,
		"or one without width":   func(string) (low, high float64, ok bool) { return 0, 0, true },
		"a ReLU, starts below 0": wide,
		"conv2d.0 (conv2d)":      none,
		"the range of image":     none,
		"cannot be written":      none,
	} {
		_, err := Write(w, Options{Dialect: Deployed, Ranges: ranges})
		require.ErrorContains(t, err, name)
	}
}

func TestQuantisedEncoder(t *testing.T) {
	_, g := deployedModel(t, find(t, "bert-base", workloads.Options{Precision: workloads.Int8, SeqLen: 16}), Options{})
	n := g.count()
	assert.Equal(t, 12*6+1, n["com.microsoft:DynamicQuantizeMatMul"])
	assert.Equal(t, 12, n["com.microsoft:MultiHeadAttention"])
	assert.Equal(t, 1+12*2-1+1, n["com.microsoft:SkipLayerNormalization"])
	assert.Zero(t, n["MatMul"]+n["Add"]-1, "the sum of the first two tables stands alone")
}

func TestDeployedMixture(t *testing.T) {
	w := find(t, "gpt-oss-20b", workloads.Options{Precision: workloads.Int4, ISL: 4, OSL: 4})
	m, g := deployedModel(t, w, Options{Accuracy: AccuracyInt8})
	requireGraph(t, m, g, Options{Opset: Newest, Dialect: Deployed})
	assert.Equal(t, 24*(4+3*32)+1, g.count()["com.microsoft:MatMulNBits"])
	m, g = deployedModel(t, w, Options{Experts: FusedExperts})
	requireGraph(t, m, g, Options{Opset: Newest, Dialect: Deployed})
	assert.Equal(t, 24, g.count()["com.microsoft:QMoE"])
	i := slices.IndexFunc(m.Weights, func(w Weight) bool { return w.Name == "layer.0.gate.weight+layer.0.up.weight.levels" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, []int64{32, 5760, 1440}, m.Weights[i].Shape)
}

func TestCPUAccuracy(t *testing.T) {
	require.Equal(t, AccuracyInt8, CPUAccuracy(find(t, "smollm2-135m", workloads.Options{Precision: workloads.Int4})))
	require.Equal(t, AccuracyFloat, CPUAccuracy(find(t, "gpt-oss-20b", workloads.Options{Precision: workloads.Int4})))
}
