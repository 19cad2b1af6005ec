package reference_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

type value = *workloads.Value

// handCase is a net of one operation and the values worked out by hand.
type handCase struct {
	name  string
	build func(n *net)
	want  []float64
}

// TestByHand holds every operation to values worked out by hand.
func TestByHand(t *testing.T) {
	tests := append(moreCases(), []handCase{
		{"embedding", func(n *net) {
			n.node(workloads.OpEmbedding, workloads.Attr{}, n.floats([]float32{1, 2, 3, 4, 5, 6}, 3, 2), n.ints([]int32{2, 0}, 2, 1))
		}, []float64{5, 6, 1, 2}},
		{"linear", func(n *net) {
			n.node(workloads.OpLinear, workloads.Attr{}, n.floats([]float32{1, 2, 3, 4}, 2, 2),
				n.floats([]float32{1, 0, 2, 0, 1, 3}, 2, 3), n.floats([]float32{10, 20, 30}, 3))
		}, []float64{11, 22, 38, 13, 24, 48}},
		{"linear transposed", func(n *net) {
			n.node(workloads.OpLinear, workloads.Attr{Transposed: true}, n.floats([]float32{1, 2, 3, 4}, 2, 2),
				n.floats([]float32{1, 0, 0, 1, 2, 3}, 3, 2), n.floats([]float32{10, 20, 30}, 3))
		}, []float64{11, 22, 38, 13, 24, 48}},
		{"conv 2x2, stride 2, two channels out", func(n *net) {
			x := n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 4, 1)
			w := n.floats([]float32{1, 0, 1, 0, 1, 0, 1, 100}, 2, 2, 1, 2)
			n.node(workloads.OpConv2D, workloads.Attr{Kernel: 2, Stride: 2}, x, w, n.floats([]float32{0.5, 0.25}, 2))
		}, []float64{14.5, 600.25, 22.5, 800.25}},
		{"conv 3x3, pad 1: sums of neighbours", func(n *net) {
			x := n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1)
			n.node(workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, x, n.floats([]float32{1, 1, 1, 1, 1, 1, 1, 1, 1}, 3, 3, 1, 1))
		}, []float64{12, 21, 16, 27, 45, 33, 24, 39, 28}},
		{"conv 3x3 is a correlation, not flipped", func(n *net) {
			x := n.floats([]float32{0, 0, 0, 0, 1, 0, 0, 0, 0}, 1, 3, 3, 1)
			n.node(workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 1, Pad: 1}, x, n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3, 1, 1))
		}, []float64{9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{"conv 3x3, stride 2, pad 1 on an even image", func(n *net) {
			x := n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 1, 4, 4, 1)
			n.node(workloads.OpConv2D, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1}, x, n.floats([]float32{0, 0, 0, 0, 1, 0, 0, 0, 0}, 3, 3, 1, 1))
		}, []float64{1, 3, 9, 11}},
		{"max pool: padding never wins", func(n *net) {
			n.node(workloads.OpMaxPool, workloads.Attr{Kernel: 3, Stride: 2, Pad: 1},
				n.floats([]float32{-1, -2, -3, -4, -5, -6, -7, -8, -9}, 1, 3, 3, 1))
		}, []float64{-1, -2, -4, -5}},
		{"global average pool", func(n *net) {
			n.node(workloads.OpGlobalAvgPool, workloads.Attr{}, n.floats([]float32{1, 10, 3, 30, 5, 50, 7, 70}, 2, 1, 2, 2))
		}, []float64{2, 20, 6, 60}},
		{"add", func(n *net) {
			n.node(workloads.OpAdd, workloads.Attr{}, n.floats([]float32{1, 2}, 2), n.floats([]float32{3, 5}, 2))
		}, []float64{4, 7}},
		{"mul", func(n *net) {
			n.node(workloads.OpMul, workloads.Attr{}, n.floats([]float32{2, -3}, 2), n.floats([]float32{3, 5}, 2))
		}, []float64{6, -15}},
		{"relu", func(n *net) {
			n.node(workloads.OpRelu, workloads.Attr{}, n.floats([]float32{-1, 0, 2}, 3))
		}, []float64{0, 0, 2}},
		{"gelu", func(n *net) { // erf(1/sqrt 2) = 0.6826894921: the 68 % of one standard deviation
			n.node(workloads.OpGelu, workloads.Attr{}, n.floats([]float32{-1, 0, 1}, 3))
		}, []float64{-0.15865525393, 0, 0.84134474607}},
		{"silu", func(n *net) {
			n.node(workloads.OpSilu, workloads.Attr{}, n.floats([]float32{0, 1, -1}, 3))
		}, []float64{0, 1 / (1 + math.Exp(-1)), -1 / (1 + math.E)}},
		{"layer norm", func(n *net) { // mean 3, population variance 4, eps 5: divide by 3
			n.node(workloads.OpLayerNorm, workloads.Attr{Eps: 5}, n.floats([]float32{1, 5}, 1, 2),
				n.floats([]float32{3, 6}, 2), n.floats([]float32{10, 20}, 2))
		}, []float64{8, 24}},
		{"rms norm", func(n *net) { // mean square 5, eps 4: divide by 3
			n.node(workloads.OpRMSNorm, workloads.Attr{Eps: 4}, n.floats([]float32{1, 3}, 1, 2), n.floats([]float32{3, 6}, 2))
		}, []float64{1, 6}},
		{"rope rotates halves by position", func(n *net) { // head_dim 4, theta 100: angles p and p/10
			x := n.floats([]float32{1, 1, 0, 0, 1, 1, 0, 0}, 1, 2, 4)
			n.node(workloads.OpRope, workloads.Attr{HeadDim: 4, Theta: 100}, x, n.ints([]int32{2}, 1))
		}, []float64{math.Cos(2), math.Cos(0.2), math.Sin(2), math.Sin(0.2), math.Cos(3), math.Cos(0.3), math.Sin(3), math.Sin(0.3)}},
		{"attention: equal scores average", func(n *net) {
			q := n.floats([]float32{0, 0}, 1, 2, 1)
			n.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 1}, q, n.floats([]float32{3, 4}, 1, 2, 1), n.floats([]float32{10, 30}, 1, 2, 1))
		}, []float64{20, 20}},
		{"attention: causal, scaled by the root of the head", func(n *net) { // scores q.k/2: log 3 against 0
			q := n.floats([]float32{1, 0, 0, 0, float32(2 * math.Log(3)), 0, 0, 0}, 1, 2, 4)
			k := n.floats([]float32{1, 0, 0, 0, 0, 0, 0, 0}, 1, 2, 4)
			v := n.floats([]float32{4, 0, 0, 0, 8, 0, 0, 1}, 1, 2, 4)
			n.node(workloads.OpAttention, workloads.Attr{Heads: 1, KVHeads: 1, HeadDim: 4, Causal: true}, q, k, v)
		}, []float64{4, 0, 0, 0, 5, 0, 0, 0.25}},
		{"attention: four query heads share two key heads in order", func(n *net) {
			n.node(workloads.OpAttention, workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 1},
				n.floats([]float32{1, 1, 1, 1}, 1, 1, 4), n.floats([]float32{1, 1}, 1, 1, 2), n.floats([]float32{7, 9}, 1, 1, 2))
		}, []float64{7, 7, 9, 9}},
		{"last", func(n *net) {
			n.node(workloads.OpLast, workloads.Attr{}, n.floats([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2))
		}, []float64{3, 4, 7, 8}},
		{"copy", func(n *net) {
			n.node(workloads.OpCopy, workloads.Attr{}, n.floats([]float32{1, 2}, 2))
		}, []float64{1, 2}},
	}...)
	covered := map[workloads.Op]bool{}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := newNet(t)
			test.build(n)
			covered[n.graph.Nodes[0].Op] = true
			require.InDeltaSlice(t, test.want, n.run(), 1e-7)
		})
	}
	require.Len(t, covered, 25, "every operation")
}

func TestConvolutionOfOnePixelIsLinear(t *testing.T) {
	x, w, bias := random("x", 2*3*5*7), random("w", 7*9), random("b", 9)
	conv, lin := newNet(t), newNet(t)
	conv.node(workloads.OpConv2D, workloads.Attr{Kernel: 1, Stride: 1}, conv.floats(x, 2, 3, 5, 7), conv.floats(w, 1, 1, 7, 9), conv.floats(bias, 9))
	lin.node(workloads.OpLinear, workloads.Attr{}, lin.floats(x, 30, 7), lin.floats(w, 7, 9), lin.floats(bias, 9))
	require.InDeltaSlice(t, lin.run(), conv.run(), 1e-12)
}

// TestProductTails compares the blocked product with sums in plain order on sizes around its blocks.
func TestProductTails(t *testing.T) {
	for _, size := range [][3]int{{1, 1, 1}, {2, 3, 5}, {33, 7, 129}, {65, 4, 128}, {3, 13, 300}} {
		rows, depth, width := size[0], size[1], size[2]
		x, w := random("x", rows*depth), random("w", depth*width)
		n := newNet(t)
		n.node(workloads.OpLinear, workloads.Attr{}, n.floats(x, rows, depth), n.floats(w, depth, width))
		want := make([]float64, rows*width)
		for r := range rows {
			for c := range width {
				for k := range depth {
					want[r*width+c] += float64(x[r*depth+k]) * float64(w[k*width+c])
				}
			}
		}
		require.InDeltaSlice(t, want, n.run(), 1e-12, size)
	}
}

// TestAttentionWeightsSumToOne: with all values 1, whatever the scores, the result is 1.
func TestAttentionWeightsSumToOne(t *testing.T) {
	ones := make([]float32, 2*9*6)
	for i := range ones {
		ones[i] = 1
	}
	for _, causal := range []bool{false, true} {
		n := newNet(t)
		n.node(workloads.OpAttention, workloads.Attr{Heads: 4, KVHeads: 2, HeadDim: 3, Causal: causal},
			n.floats(random("q", 2*9*12), 2, 9, 12), n.floats(random("k", 2*9*6), 2, 9, 6), n.floats(ones, 2, 9, 6))
		for _, v := range n.run() {
			require.InDelta(t, 1, v, 1e-12)
		}
	}
}

// TestCacheEqualsCausal feeds a sequence at once, causally, and in pieces against a cache, and wants the same rows.
func TestCacheEqualsCausal(t *testing.T) {
	const rows, heads, kvHeads, d, capacity = 7, 4, 2, 6, 9
	attr := workloads.Attr{Heads: heads, KVHeads: kvHeads, HeadDim: d}
	rope := workloads.Attr{HeadDim: d, Theta: 1000}
	q, k, v := random("q", rows*heads*d), random("k", rows*kvHeads*d), random("v", rows*kvHeads*d)

	whole := newNet(t)
	start := whole.ints([]int32{0}, 1)
	causal := attr
	causal.Causal = true
	turn := func(n *net, x value, at value) value { return n.node(workloads.OpRope, rope, x, at) }
	whole.node(workloads.OpAttention, causal, turn(whole, whole.floats(q, 1, rows, heads*d), start),
		turn(whole, whole.floats(k, 1, rows, kvHeads*d), start), whole.floats(v, 1, rows, kvHeads*d))
	want := whole.run()

	var got []float64
	pieces := newNet(t)
	for _, p := range [][2]int{{0, 4}, {4, 5}, {5, 7}} {
		n := newNet(t)
		n.state = pieces.state
		at := n.ints([]int32{int32(p[0])}, 1)
		part := func(x []float32, width int) value { return n.floats(x[p[0]*width:p[1]*width], 1, p[1]-p[0], width) }
		n.node(workloads.OpAttention, attr, turn(n, part(q, heads*d), at), turn(n, part(k, kvHeads*d), at), part(v, kvHeads*d),
			n.cache("k", 1, capacity, kvHeads*d), n.cache("v", 1, capacity, kvHeads*d), at)
		got = append(got, n.run()...)
		pieces.state = n.state
	}
	require.InDeltaSlice(t, want, got, 1e-12)
}

// TestRopeKeepsDistance: scores depend on the distance of positions only.
func TestRopeKeepsDistance(t *testing.T) {
	score := func(p, q int32) float64 {
		turned := func(name string, at int32) []float64 {
			n := newNet(t)
			n.node(workloads.OpRope, workloads.Attr{HeadDim: 8, Theta: 100}, n.floats(random(name, 8), 1, 1, 8), n.ints([]int32{at}, 1))
			return n.run()
		}
		var sum float64
		b := turned("b", q)
		for i, a := range turned("a", p) {
			sum += a * b[i]
		}
		return sum
	}
	require.InDelta(t, score(3, 10), score(103, 110), 1e-9)
	require.Greater(t, math.Abs(score(3, 10)-score(3, 11)), 1e-3)
}
