package reference

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/accelbench/accelbench/workloads"
)

// share calls work(0) to work(n-1), on all CPUs.
func share(n int, work func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i)
			}
		})
	}
	wg.Wait()
}

func (r *run) compute(n *workloads.Node) ([]float64, error) {
	switch n.Op {
	case workloads.OpEmbedding:
		return r.embedding(n)
	case workloads.OpEmbeddingBag:
		return r.embeddingBag(n)
	}
	x := r.value(n.In[0])
	switch n.Op {
	case workloads.OpLinear:
		return r.linear(n), nil
	case workloads.OpConv2D:
		return r.conv(n), nil
	case workloads.OpMaxPool:
		return maxPool(x, n), nil
	case workloads.OpGlobalAvgPool:
		return globalAvgPool(x, n.In[0].Shape), nil
	case workloads.OpAdd:
		return pairwise(x, r.value(n.In[1]), func(a, b float64) float64 { return a + b }), nil
	case workloads.OpMul:
		return pairwise(x, r.value(n.In[1]), func(a, b float64) float64 { return a * b }), nil
	case workloads.OpRelu:
		return each(x, func(a float64) float64 { return max(a, 0) }), nil
	case workloads.OpGelu:
		return each(x, func(a float64) float64 { return a / 2 * (1 + math.Erf(a/math.Sqrt2)) }), nil
	case workloads.OpSilu:
		return each(x, func(a float64) float64 { return a / (1 + math.Exp(-a)) }), nil
	case workloads.OpSigmoid:
		return each(x, sigmoid), nil
	case workloads.OpAddRows:
		return addRows(x, r.value(n.In[1]), n.In[0].Shape), nil
	case workloads.OpConcat:
		return r.concat(n), nil
	case workloads.OpUpsample:
		return upsample(x, n.In[0].Shape), nil
	case workloads.OpConv1D:
		return r.conv1d(n), nil
	case workloads.OpGroupNorm:
		return groupNorm(x, r.value(n.In[1]), r.value(n.In[2]), n.In[0].Shape, n.Attr), nil
	case workloads.OpStore:
		copy(r.value(n.In[1]), x)
		return x, nil
	case workloads.OpMoE:
		return r.moe(n)
	case workloads.OpLayerNorm:
		return layerNorm(x, r.value(n.In[1]), r.value(n.In[2]), n.Attr.Eps), nil
	case workloads.OpRMSNorm:
		return rmsNorm(x, r.value(n.In[1]), n.Attr.Eps), nil
	case workloads.OpRope:
		return rope(x, int(r.ints[n.In[1]][0]), n), nil
	case workloads.OpAttention:
		return r.attention(n)
	case workloads.OpLast:
		return last(x, n.In[0].Shape), nil
	case workloads.OpCopy:
		return slices.Clone(x), nil
	}
	return nil, fmt.Errorf("unknown operation %q", n.Op)
}

func (r *run) linear(n *workloads.Node) []float64 {
	x, w, shape := r.value(n.In[0]), r.value(n.In[1]), n.Out.Shape
	width := shape[len(shape)-1]
	var bias []float64
	if len(n.In) == 3 {
		bias = r.value(n.In[2])
	}
	if n.Attr.Transposed {
		return productTransposed(x, w, bias, width)
	}
	return product(x, w, bias, width)
}

// conv multiplies, for each output pixel, the patch of the image under the kernel by the kernels.
func (r *run) conv(n *workloads.Node) []float64 {
	x, in, out, k := r.value(n.In[0]), n.In[0].Shape, n.Out.Shape, n.Attr.Kernel
	depth := k * k * in[3]
	patches := make([]float64, out[0]*out[1]*out[2]*depth)
	share(out[0]*out[1], func(line int) {
		image, oy := line/out[1], line%out[1]
		for ox := range out[2] {
			patch := patches[(line*out[2]+ox)*depth:][:depth]
			for ky := range k {
				for kx := range k {
					y, x0 := oy*n.Attr.Stride+ky-n.Attr.Pad, ox*n.Attr.Stride+kx-n.Attr.Pad
					if y >= 0 && y < in[1] && x0 >= 0 && x0 < in[2] {
						copy(patch[(ky*k+kx)*in[3]:][:in[3]], x[((image*in[1]+y)*in[2]+x0)*in[3]:])
					}
				}
			}
		}
	})
	var bias []float64
	if len(n.In) == 3 {
		bias = r.value(n.In[2])
	}
	return product(patches, r.value(n.In[1]), bias, out[3])
}

func maxPool(x []float64, n *workloads.Node) []float64 {
	in, shape := n.In[0].Shape, n.Out.Shape
	out := make([]float64, workloads.Elements(shape))
	share(shape[0]*shape[1], func(line int) {
		image, oy := line/shape[1], line%shape[1]
		for ox := range shape[2] {
			for c := range shape[3] {
				best := math.Inf(-1)
				for ky := range n.Attr.Kernel {
					for kx := range n.Attr.Kernel {
						y, x0 := oy*n.Attr.Stride+ky-n.Attr.Pad, ox*n.Attr.Stride+kx-n.Attr.Pad
						if y >= 0 && y < in[1] && x0 >= 0 && x0 < in[2] {
							best = max(best, x[((image*in[1]+y)*in[2]+x0)*in[3]+c])
						}
					}
				}
				out[(line*shape[2]+ox)*shape[3]+c] = best
			}
		}
	})
	return out
}

func globalAvgPool(x []float64, shape []int) []float64 {
	pixels, channels := shape[1]*shape[2], shape[3]
	out := make([]float64, shape[0]*channels)
	for i, v := range x {
		out[i/(pixels*channels)*channels+i%channels] += v / float64(pixels)
	}
	return out
}

func pairwise(a, b []float64, f func(a, b float64) float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = f(a[i], b[i])
	}
	return out
}

func each(x []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = f(x[i])
	}
	return out
}

func layerNorm(x, gamma, beta []float64, eps float64) []float64 {
	d := len(gamma)
	out := make([]float64, len(x))
	for lo := 0; lo < len(x); lo += d {
		var mean, variance float64
		for _, v := range x[lo : lo+d] {
			mean += v / float64(d)
		}
		for _, v := range x[lo : lo+d] {
			variance += (v - mean) * (v - mean) / float64(d)
		}
		for i, v := range x[lo : lo+d] {
			out[lo+i] = (v-mean)/math.Sqrt(variance+eps)*gamma[i] + beta[i]
		}
	}
	return out
}

func rmsNorm(x, gamma []float64, eps float64) []float64 {
	d := len(gamma)
	out := make([]float64, len(x))
	for lo := 0; lo < len(x); lo += d {
		var square float64
		for _, v := range x[lo : lo+d] {
			square += v * v / float64(d)
		}
		for i, v := range x[lo : lo+d] {
			out[lo+i] = v / math.Sqrt(square+eps) * gamma[i]
		}
	}
	return out
}

func rope(x []float64, position int, n *workloads.Node) []float64 {
	rows, width, d := n.Out.Shape[1], n.Out.Shape[2], n.Attr.HeadDim
	frequencies := n.Attr.Frequencies()
	out := make([]float64, len(x))
	for lo := 0; lo < len(x); lo += d {
		at := float64(position + lo/width%rows)
		for i, f := range frequencies {
			sin, cos := math.Sincos(at * f)
			sin, cos = sin*n.Attr.RopeScale(), cos*n.Attr.RopeScale()
			a, b := x[lo+i], x[lo+i+d/2]
			out[lo+i], out[lo+i+d/2] = a*cos-b*sin, a*sin+b*cos
		}
	}
	return out
}

func last(x []float64, shape []int) []float64 {
	rows, d := shape[1], shape[2]
	var out []float64
	for b := range shape[0] {
		out = append(out, x[((b+1)*rows-1)*d:][:d]...)
	}
	return out
}
