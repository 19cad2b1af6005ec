package reference

import (
	"fmt"
	"math"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// attention gives each query head its own scores, softmax and sum over the rows it sees: from the first to what causality
// leaves, of these the last ones that a window leaves.
func (r *run) attention(n *workloads.Node) ([]float64, error) {
	q, k, v := r.value(n.In[0]), r.value(n.In[1]), r.value(n.In[2])
	batch, d := n.In[0].Shape[0], n.Attr.HeadDim
	width, kvWidth := n.Attr.Heads*d, n.Attr.KVHeads*d
	rows, kept := len(q)/batch/width, len(k)/batch/kvWidth // rows of q, and of k and v, per batch entry
	position, causal := 0, n.Attr.Causal
	var sinks []float64
	if len(n.In) > 3 {
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
	if len(n.In) == 7 {
		sinks = r.value(n.In[6])
	}
	out := make([]float64, len(q))
	share(batch*n.Attr.Heads, func(i int) {
		b, head := i/n.Attr.Heads, i%n.Attr.Heads
		kv := b*kept*kvWidth + head*n.Attr.KVHeads/n.Attr.Heads*d
		for s := range rows {
			at := (b*rows+s)*width + head*d
			first, end := 0, kept
			if causal {
				end = position + s + 1
			}
			if n.Attr.Window > 0 {
				first = max(0, end-n.Attr.Window)
			}
			var weights []float64
			for t := first; t < end; t++ {
				weights = append(weights, dot(q[at:at+d], k[kv+t*kvWidth:])/math.Sqrt(float64(d)))
			}
			if sinks != nil {
				weights = append(weights, sinks[head])
			}
			softmax(weights)
			for t := first; t < end; t++ { // the weight of a sink comes last and has no row
				for j, x := range v[kv+t*kvWidth:][:d] {
					out[at+j] += weights[t-first] * x
				}
			}
		}
	})
	return out, nil
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
