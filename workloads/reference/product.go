package reference

import (
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// product multiplies the rows of x by the matrix w of n columns and adds the bias, if there is one. It goes through w in
// panels of columns that stay in a cache while the rows of x pass by, and takes four rows of w at a time.
func product(x, w, bias []float64, n int) []float64 {
	const panel, block = 128, 32
	depth := len(w) / n
	rows := len(x) / depth
	out := make([]float64, rows*n)
	share((rows+block-1)/block, func(i int) {
		for lo := 0; lo < n; lo += panel {
			hi := min(lo+panel, n)
			for row := i * block; row < min((i+1)*block, rows); row++ {
				sum := out[row*n+lo : row*n+hi]
				if bias != nil {
					copy(sum, bias[lo:hi])
				}
				a := x[row*depth : (row+1)*depth]
				k := 0
				for ; k+4 <= depth; k += 4 {
					w0, w1 := w[k*n+lo:][:len(sum)], w[(k+1)*n+lo:][:len(sum)]
					w2, w3 := w[(k+2)*n+lo:][:len(sum)], w[(k+3)*n+lo:][:len(sum)]
					a0, a1, a2, a3 := a[k], a[k+1], a[k+2], a[k+3]
					for j := range sum {
						sum[j] += a0*w0[j] + a1*w1[j] + a2*w2[j] + a3*w3[j]
					}
				}
				for ; k < depth; k++ {
					for j, v := range w[k*n+lo : k*n+hi] {
						sum[j] += a[k] * v
					}
				}
			}
		}
	})
	return out
}

// productTransposed multiplies the rows of x by the n rows of w.
func productTransposed(x, w, bias []float64, n int) []float64 {
	depth := len(w) / n
	rows := len(x) / depth
	out := make([]float64, rows*n)
	share(n, func(j int) {
		for row := range rows {
			sum := dot(x[row*depth:(row+1)*depth], w[j*depth:])
			if bias != nil {
				sum += bias[j]
			}
			out[row*n+j] = sum
		}
	})
	return out
}

// attention gives each query head its own scores, softmax and sum over the rows it sees.
func (r *run) attention(n *workloads.Node) ([]float64, error) {
	batch, rows, d := n.In[0].Shape[0], n.In[0].Shape[1], n.Attr.HeadDim
	q, k, v := r.value(n.In[0]), r.value(n.In[1]), r.value(n.In[2])
	width, kvWidth := n.Attr.Heads*d, n.Attr.KVHeads*d
	kept, position, causal := rows, 0, n.Attr.Causal // rows of k and v per batch row
	if len(n.In) == 6 {
		kept, position, causal = n.In[3].Shape[1], int(r.ints[n.In[5]][0]), true
		if position < 0 || position+rows > kept {
			return nil, fmt.Errorf("%d rows at position %d in a cache of %d", rows, position, kept)
		}
		kCache, vCache := r.value(n.In[3]), r.value(n.In[4])
		for b := range batch {
			copy(kCache[(b*kept+position)*kvWidth:], k[b*rows*kvWidth:(b+1)*rows*kvWidth])
			copy(vCache[(b*kept+position)*kvWidth:], v[b*rows*kvWidth:(b+1)*rows*kvWidth])
		}
		k, v = kCache, vCache
	}
	out := make([]float64, len(q))
	share(batch*n.Attr.Heads, func(i int) {
		b, head := i/n.Attr.Heads, i%n.Attr.Heads
		kv := b*kept*kvWidth + head*n.Attr.KVHeads/n.Attr.Heads*d
		for s := range rows {
			at := (b*rows+s)*width + head*d
			seen := rows
			if causal {
				seen = position + s + 1
			}
			weights := make([]float64, seen)
			for t := range weights {
				weights[t] = dot(q[at:at+d], k[kv+t*kvWidth:]) / math.Sqrt(float64(d))
			}
			softmax(weights)
			for t, p := range weights {
				for j, x := range v[kv+t*kvWidth:][:d] {
					out[at+j] += p * x
				}
			}
		}
	})
	return out, nil
}

// dot has four sums so that the additions do not wait for each other.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// softmax replaces x by exp(x)/sum(exp(x)), shifted by the maximum.
func softmax(x []float64) {
	top := slices.Max(x)
	var sum float64
	for i := range x {
		x[i] = math.Exp(x[i] - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}
