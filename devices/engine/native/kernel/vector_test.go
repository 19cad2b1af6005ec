package kernel_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
)

// lengths covers whole registers, rests and both.
var lengths = []int{1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 257}

// guarded returns a copy of x with room around it, and a check that the room was left alone.
func guarded(x []float32) ([]float32, func(t *testing.T)) {
	const margin = 32
	whole := make([]float32, len(x)+2*margin)
	for i := range whole {
		whole[i] = guard
	}
	in := whole[margin : margin+len(x) : margin+len(x)]
	copy(in, x)
	return in, func(t *testing.T) {
		for i := range margin {
			require.Equal(t, guard, whole[i])
			require.Equal(t, guard, whole[len(whole)-1-i])
		}
	}
}

func gelu(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) }
func silu(x float64) float64 { return x / (1 + math.Exp(-x)) }

func TestElementwise(t *testing.T) {
	type operation struct {
		run   func(s *kernel.Set, dst, x []float32)
		want  func(dst, x float64) float64
		error float64
	}
	operations := map[string]operation{
		"relu":    {func(s *kernel.Set, d, _ []float32) { s.Relu(d) }, func(d, _ float64) float64 { return max(d, 0) }, 0},
		"add":     {(*kernel.Set).AddInto, func(d, x float64) float64 { return d + x }, 1e-6},
		"addRelu": {(*kernel.Set).AddReluInto, func(d, x float64) float64 { return max(d+x, 0) }, 1e-6},
		"mul":     {(*kernel.Set).MulInto, func(d, x float64) float64 { return d * x }, 2e-6},
		"max":     {(*kernel.Set).MaxInto, func(d, x float64) float64 { return max(d, x) }, 0},
		"scale":   {func(s *kernel.Set, d, _ []float32) { s.Scale(d, 0.75) }, func(d, _ float64) float64 { return d * 0.75 }, 1e-6},
		"gelu":    {func(s *kernel.Set, d, _ []float32) { s.Gelu(d) }, func(d, _ float64) float64 { return gelu(d) }, 1e-6},
		"sigmoid": {func(s *kernel.Set, d, _ []float32) { s.Sigmoid(d) }, func(d, _ float64) float64 { return 1 / (1 + math.Exp(-d)) }, 1e-6},
		"affine":  {func(s *kernel.Set, d, x []float32) { s.Affine(d, x, d, x) }, func(d, x float64) float64 { return x*d + x }, 2e-6},
		"silu":    {(*kernel.Set).SiluMul, func(d, x float64) float64 { return silu(d) * x }, 2e-6},
	}
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		for name, op := range operations {
			for _, n := range lengths {
				before, x := random(uint64(n), n), random(uint64(n)+1, n)
				s.Scale(before, 4)
				dst, intact := guarded(before)
				op.run(s, dst, x)
				intact(t)
				for i := range dst {
					require.InDelta(t, op.want(float64(before[i]), float64(x[i])), float64(dst[i]), op.error, "%s, element %d of %d", name, i, n)
				}
			}
		}
	})
}

// one applies a function to a value in every lane position of a register and its rest.
func one(t *testing.T, v float32, apply func(x []float32)) float32 {
	x := make([]float32, 19)
	for i := range x {
		x[i] = v
	}
	apply(x)
	for _, got := range x {
		require.Equal(t, math.Float32bits(x[0]), math.Float32bits(got), "the result depends on the position")
	}
	return x[0]
}

// expOf reads exp(v), v <= 0, out of a softmax row: its ratio to the largest element's weight.
func expOf(s *kernel.Set, v float32) float32 {
	row := []float32{0, v}
	s.Softmax(row, 1)
	return row[1] / row[0]
}

func TestExpIsAccurate(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		worst := 0.0
		for v := float32(0); v > -87; v -= 0.0137 {
			want := math.Exp(float64(v))
			worst = max(worst, math.Abs(float64(expOf(s, v))-want)/want)
		}
		require.LessOrEqual(t, worst, 3e-7)
		for _, v := range []float32{-104, -1000, -1e30, -math.MaxFloat32, float32(math.Inf(-1))} {
			require.Zero(t, expOf(s, v))
		}
	})
}

func TestActivationsAtTheEnds(t *testing.T) {
	inf := float32(math.Inf(1))
	nan := float32(math.NaN())
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		siluOf := func(x []float32) {
			up := make([]float32, len(x))
			for i := range up {
				up[i] = 1
			}
			s.SiluMul(x, up)
		}
		for _, v := range []float32{-inf, -math.MaxFloat32, -1e4, -200, -89, -88, -87.4} {
			require.InDelta(t, 0, one(t, v, s.Gelu), 1e-30, "gelu(%v)", v)
			require.InDelta(t, 0, one(t, v, siluOf), 1e-30, "silu(%v)", v)
		}
		for _, v := range []float32{89, 1e4, math.MaxFloat32, inf} {
			require.Equal(t, v, one(t, v, s.Gelu))
			require.Equal(t, v, one(t, v, siluOf))
		}
		for v := float32(-12); v < 12; v += 0.0171 {
			require.InDelta(t, gelu(float64(v)), one(t, v, s.Gelu), 1e-6, "gelu(%v)", v)
			require.InDelta(t, silu(float64(v)), one(t, v, siluOf), 2e-6, "silu(%v)", v)
		}
		for _, f := range []func([]float32){s.Relu, s.Gelu, siluOf, func(x []float32) { s.Softmax(x, 1) }} {
			x := []float32{1, nan, 2}
			f(x)
			require.True(t, math.IsNaN(float64(x[1])), "a NaN must not vanish")
		}
	})
}

func TestSoftmax(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		for _, n := range lengths {
			for _, scale := range []float32{0.125, 1, 30} {
				x := random(uint64(n), n)
				if n > 2 {
					x[n-2] = float32(math.Inf(-1))
				}
				row, intact := guarded(x)
				s.Softmax(row, scale)
				intact(t)
				want, total := make([]float64, n), 0.0
				for i, v := range x {
					want[i] = math.Exp(float64(scale) * float64(v))
					total += want[i]
				}
				for i := range row {
					require.InDelta(t, want[i]/total, row[i], 3e-6, "element %d of %d", i, n)
				}
			}
		}
		masked := []float32{float32(math.Inf(-1)), float32(math.Inf(-1))}
		s.Softmax(masked, 1)
		require.Equal(t, []float32{0, 0}, masked)
		s.Softmax(nil, 1)
	})
}

func TestSoftmaxSumsToOne(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		rapid.Check(t, func(t *rapid.T) {
			row := rapid.SliceOfN(rapid.Float32Range(-1e4, 1e4), 1, 200).Draw(t, "row")
			s.Softmax(row, rapid.Float32Range(1e-3, 10).Draw(t, "scale"))
			total := 0.0
			for _, v := range row {
				require.False(t, v < 0 || v != v)
				total += float64(v)
			}
			require.InDelta(t, 1, total, 1e-5)
		})
	})
}

func TestNorms(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		for _, n := range lengths {
			x, gamma, beta := random(1, n), random(2, n), random(3, n)
			var mean, square, variance float64
			for i := range x {
				x[i] = 3*x[i] + 5
				mean += float64(x[i]) / float64(n)
				square += float64(x[i]) * float64(x[i]) / float64(n)
			}
			for _, v := range x {
				variance += (float64(v) - mean) * (float64(v) - mean) / float64(n)
			}
			const eps = 1e-3
			layer, intact := guarded(x)
			s.LayerNorm(layer, layer, gamma, beta, eps)
			intact(t)
			rms, intact := guarded(x)
			s.RMSNorm(rms, x, gamma, eps)
			intact(t)
			for i, v := range x {
				require.InDelta(t, (float64(v)-mean)/math.Sqrt(variance+eps)*float64(gamma[i])+float64(beta[i]), layer[i], 3e-5, "layer norm %d of %d", i, n)
				require.InDelta(t, float64(v)/math.Sqrt(square+eps)*float64(gamma[i]), rms[i], 3e-6, "rms norm %d of %d", i, n)
			}
		}
	})
}

func TestRopeTurnsPairs(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		for _, half := range lengths {
			x := random(1, 2*half)
			cos, sin := make([]float32, half), make([]float32, half)
			for i := range cos {
				sin64, cos64 := math.Sincos(float64(i) * 0.7)
				cos[i], sin[i] = float32(cos64), float32(sin64)
			}
			head, intact := guarded(x)
			s.Rope(head, cos, sin)
			intact(t)
			for i := range half {
				require.InDelta(t, x[i]*cos[i]-x[i+half]*sin[i], head[i], 1e-6)
				require.InDelta(t, x[i+half]*cos[i]+x[i]*sin[i], head[i+half], 1e-6)
			}
		}
	})
}

func TestRowProducts(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		for _, n := range lengths {
			for _, count := range []int{1, 2, 5, 33} {
				ld := n + count%3
				rows, x, weights := random(1, count*ld), random(2, n), random(3, count)
				before := random(4, n)
				dots, intact := guarded(make([]float32, count))
				s.DotRows(dots, x, rows, ld)
				intact(t)
				sums, intact := guarded(before)
				s.SumRows(sums, weights, rows, ld)
				intact(t)
				for j := range count {
					var want float64
					for i, v := range x {
						want += float64(v) * float64(rows[j*ld+i])
					}
					require.InDelta(t, want, dots[j], 1e-5, "dot %d, %d values", j, n)
				}
				for i := range n {
					want := float64(before[i])
					for j, w := range weights {
						want += float64(w) * float64(rows[j*ld+i])
					}
					require.InDelta(t, want, sums[i], 1e-5, "column %d of %d", i, n)
				}
			}
		}
	})
}
