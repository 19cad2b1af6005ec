package reference_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// moreCases are the operations that only some families use, and attention across sequences, with windows and sinks.
func moreCases() []handCase {
	one := workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 1}
	return []handCase{
		{"sigmoid", func(n *net) {
			n.node(workloads.OpSigmoid, workloads.Attr{}, n.floats([]float32{0, float32(math.Log(3)), -float32(math.Log(3))}, 3))
		}, []float64{0.5, 0.75, 0.25}},
		{"add rows", func(n *net) {
			x := n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 1, 2)
			n.node(workloads.OpAddRows, workloads.Attr{}, x, n.floats([]float32{10, 20, 30, 40}, 2, 2))
		}, []float64{11, 22, 13, 24, 35, 46, 37, 48}},
		{"concat of three", func(n *net) {
			n.node(workloads.OpConcat, workloads.Attr{}, n.floats([]float32{1, 2}, 2, 1), n.floats([]float32{3, 4, 5, 6}, 2, 2),
				n.floats([]float32{7, 8}, 2, 1))
		}, []float64{1, 3, 4, 7, 2, 5, 6, 8}},
		{"upsample", func(n *net) {
			n.node(workloads.OpUpsample, workloads.Attr{}, n.floats([]float32{1, 2, 3, 4, 5, 6}, 1, 1, 3, 2))
		}, []float64{1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6}},
		{"upsample of two images", func(n *net) {
			n.node(workloads.OpUpsample, workloads.Attr{}, n.floats([]float32{1, 2, 3, 4}, 2, 2, 1, 1))
		}, []float64{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4}},
		{"conv1d, pad 1, two channels in, not flipped", func(n *net) {
			x := n.floats([]float32{1, 10, 2, 20, 3, 30}, 1, 3, 2)
			w := n.floats([]float32{1, 0, 0, 1, 100, 0}, 3, 2, 1)
			n.node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, x, w, n.floats([]float32{0.5}, 1))
		}, []float64{210.5, 321.5, 32.5}},
		{"conv1d, stride 2, two sequences, two channels out", func(n *net) {
			x := n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 4, 1)
			n.node(workloads.OpConv1D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, x, n.floats([]float32{1, 0, 0, 1, 0, 2}, 3, 1, 2))
		}, []float64{0, 5, 2, 11, 0, 17, 6, 23}},
		{"embedding bag", func(n *net) {
			n.node(workloads.OpEmbeddingBag, workloads.Attr{}, n.floats([]float32{1, 2, 3, 4, 5, 6}, 3, 2),
				n.ints([]int32{0, 2, 2, 1, 0, 0}, 2, 3))
		}, []float64{11, 14, 5, 8}},
		{"group norm", func(n *net) { // group 0 of entry 0: 1, 5, 1, 5: mean 3, variance 4, eps 5: divide by 3
			x := n.floats([]float32{1, 5, 7, 7, 1, 5, 7, 7, 0, 0, 8, 8, 0, 0, 12, 12}, 2, 2, 4)
			n.node(workloads.OpGroupNorm, workloads.Attr{Groups: 2, Eps: 5}, x, n.floats([]float32{3, 6, 9, 12}, 4),
				n.floats([]float32{10, 20, 30, 40}, 4))
		}, []float64{8, 24, 30, 40, 8, 24, 30, 40, 10, 20, 24, 32, 10, 20, 36, 48}},
		{"store passes on", func(n *net) {
			n.node(workloads.OpStore, workloads.Attr{}, n.floats([]float32{1, 2}, 1, 1, 2), n.cache("s", 1, 1, 2))
		}, []float64{1, 2}},
		{"mixture: the two best of three, the first of equals", func(n *net) {
			// Row 0 takes experts 1 and 0 with weights 3/4 and 1/4, row 1 the experts 0 and 1 of three equals, half and half.
			logits := n.floats([]float32{0, float32(math.Log(3)), -1, 5, 5, 5}, 1, 2, 3)
			mixture(n, n.floats([]float32{1, 2}, 1, 2, 1), logits, workloads.Attr{TopK: 2})
		}, []float64{silu(2) * 3 * (0.25*0.25 + 1*0.75), silu(4) * 6 * (0.25 + 1) / 2}},
		{"mixture of gpt-oss: clamped, biased", func(n *net) {
			// One expert: gate 2x, clamped above at 7 but not below; up 3x, clamped both ways.
			x := n.floats([]float32{1, 4, -4}, 1, 3, 1)
			parts := []value{x, n.floats([]float32{0, 0, 0}, 1, 3, 1)}
			for _, w := range []float32{2, 3, 10} {
				parts = append(parts, n.floats([]float32{w}, 1, 1, 1))
			}
			for _, b := range []float32{0.5, 0.25, 1} {
				parts = append(parts, n.floats([]float32{b}, 1, 1))
			}
			n.node(workloads.OpMoE, workloads.Attr{TopK: 1, Clamp: 7}, parts...)
		}, []float64{
			2.5/(1+math.Exp(-1.702*2.5))*(3.25+1)*10 + 1,
			7/(1+math.Exp(-1.702*7))*(7+1)*10 + 1,
			-7.5/(1+math.Exp(1.702*7.5))*(-7+1)*10 + 1,
		}},
		{"rope with YaRN: scaled sine and cosine", func(n *net) { // factor e^10: both are doubled; the frequencies are divided
			x := n.floats([]float32{1, 1}, 1, 1, 2)
			yarn := workloads.YarnScaling{Factor: math.Exp(10), BetaFast: 2, BetaSlow: 1, Context: 1}
			n.node(workloads.OpRope, workloads.Attr{HeadDim: 2, Theta: 100, Yarn: yarn}, x, n.ints([]int32{5}, 1))
		}, []float64{2*math.Cos(5*math.Exp(-10)) - 2*math.Sin(5*math.Exp(-10)), 2*math.Sin(5*math.Exp(-10)) + 2*math.Cos(5*math.Exp(-10))}},
		{"attention across sequences", func(n *net) { // scores 0, 0, 0 and 0, log 2, log 5
			q := n.floats([]float32{0, 1}, 1, 2, 1)
			k := n.floats([]float32{0, float32(math.Log(2)), float32(math.Log(5))}, 1, 3, 1)
			n.node(workloads.OpAttention, one, q, k, n.floats([]float32{8, 16, 24}, 1, 3, 1))
		}, []float64{16, 20}},
		{"attention over pixels, two entries", func(n *net) {
			q := n.floats(make([]float32, 8), 2, 2, 2, 1)
			n.node(workloads.OpAttention, one, q, n.floats(make([]float32, 4), 2, 2, 1), n.floats([]float32{1, 3, 5, 9}, 2, 2, 1))
		}, []float64{2, 2, 2, 2, 7, 7, 7, 7}},
		{"attention with a window of two", func(n *net) {
			x := func(v ...float32) value { return n.floats(v, 1, 3, 1) }
			window := one
			window.Window = 2
			n.node(workloads.OpAttention, window, x(0, 0, 0), x(0, 0, 0), x(2, 4, 8), n.cache("k", 1, 3, 1), n.cache("v", 1, 3, 1),
				n.ints([]int32{0}, 1))
		}, []float64{2, 3, 6}},
		{"attention with sinks", func(n *net) { // head 0: its sink log 2 takes 2 of 3 and 2 of 4 parts; head 1: all but nothing
			two := workloads.Attr{Heads: 2, KVHeads: 1, HeadDim: 1}
			kv := func(v ...float32) value { return n.floats(v, 1, 2, 1) }
			n.node(workloads.OpAttention, two, n.floats(make([]float32, 4), 1, 2, 2), kv(0, 0), kv(6, 10),
				n.cache("k", 1, 2, 1), n.cache("v", 1, 2, 1), n.ints([]int32{0}, 1), n.floats([]float32{float32(math.Log(2)), -100}, 2))
		}, []float64{2, 6, 4, 8}},
	}
}

func silu(x float64) float64 { return x / (1 + math.Exp(-x)) }

// mixture has three experts of one channel: gate 2x, up 3x, down 0.25, 1 and 4.
func mixture(n *net, x, logits value, attr workloads.Attr) {
	each := func(v ...float32) value { return n.floats(v, 3, 1, 1) }
	n.node(workloads.OpMoE, attr, x, logits, each(2, 2, 2), each(3, 3, 3), each(0.25, 1, 4))
}

// TestStoreIsSeenLater: what one graph stores, another attends to, and the rows of a later store replace it.
func TestStoreIsSeenLater(t *testing.T) {
	n := newNet(t)
	n.node(workloads.OpStore, workloads.Attr{}, n.floats([]float32{0, 0}, 1, 2, 1), n.cache("k", 1, 2, 1))
	n.node(workloads.OpStore, workloads.Attr{}, n.floats([]float32{4, 8}, 1, 2, 1), n.cache("v", 1, 2, 1))
	n.run()
	later := newNet(t)
	later.state = n.state
	later.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 1}, later.floats([]float32{1}, 1, 1, 1),
		later.cache("k", 1, 2, 1), later.cache("v", 1, 2, 1))
	require.InDeltaSlice(t, []float64{6}, later.run(), 1e-12)
	n.in[1].F32 = []float32{10, 20}
	n.run()
	require.InDeltaSlice(t, []float64{15}, later.run(), 1e-12)
}

// asked notes how much of a parameter is read.
type asked struct {
	most int
	err  error
}

func (a *asked) Fill(first int, dst []float32) error {
	a.most = max(a.most, first+len(dst))
	for i := range dst {
		dst[i] = float32(first + i)
	}
	return a.err
}

// TestMixtureReadsChosenExperts: the weights of the others are not read, and a failing read is the run's error.
func TestMixtureReadsChosenExperts(t *testing.T) {
	n := newNet(t)
	source := &asked{}
	param := func(shape ...int) value {
		return n.add(&workloads.Value{Name: "w", Kind: workloads.Param, DType: workloads.F32, Shape: shape,
			Param: &workloads.ParamSpec{}, Weights: source})
	}
	x, logits := n.floats([]float32{1, 1}, 1, 1, 2), n.floats([]float32{0, 1, 0}, 1, 1, 3)
	n.node(workloads.OpMoE, workloads.Attr{TopK: 1}, x, logits, param(3, 2, 2), param(3, 2, 2), param(3, 2, 2))
	// Expert 1 has the weights [4 5; 6 7] three times: gate and up are 10 and 12.
	a, b := silu(10)*10, silu(12)*12
	require.InDeltaSlice(t, []float64{4*a + 6*b, 5*a + 7*b}, n.run(), 1e-9)
	require.Equal(t, 8, source.most, "expert 2 is not read")

	source.err = errors.New("disk on fire")
	_, err := runErr(n)
	require.ErrorIs(t, err, source.err)
}

// TestEmbeddingReadsItsRows: of a table that is a parameter, only the rows that are asked for are generated.
func TestEmbeddingReadsItsRows(t *testing.T) {
	for _, op := range []workloads.Op{workloads.OpEmbedding, workloads.OpEmbeddingBag} {
		n := newNet(t)
		source := &asked{}
		table := n.add(&workloads.Value{Name: "t", Kind: workloads.Param, DType: workloads.F32, Shape: []int{1000, 2},
			Param: &workloads.ParamSpec{}, Weights: source})
		n.node(op, workloads.Attr{}, table, n.ints([]int32{7}, 1, 1))
		require.Equal(t, []float64{14, 15}, n.run())
		require.Equal(t, 16, source.most)
	}
}

func (*asked) Chunk() int { return 1 }
