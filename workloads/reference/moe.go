package reference

import (
	"math"
	"slices"

	"github.com/accelbench/accelbench/workloads"
)

// choice is a row that goes through an expert, with the weight of what comes out.
type choice struct {
	row    int
	weight float64
}

// moe takes one expert after the other with all rows that chose it, so that a single expert's weights are there at a time.
func (r *run) moe(n *workloads.Node) ([]float64, error) {
	x := r.value(n.In[0])
	experts, d, f := n.In[2].Shape[0], n.In[2].Shape[1], n.In[2].Shape[2]
	out := make([]float64, len(x))
	for e, chosen := range route(r.value(n.In[1]), experts, n.Attr.TopK) {
		if len(chosen) == 0 {
			continue
		}
		var rows []float64
		for _, c := range chosen {
			rows = append(rows, x[c.row*d:(c.row+1)*d]...)
		}
		of := func(input, size int) []float64 {
			if input >= len(n.In) {
				return nil // an expert without biases
			}
			return r.part(n.In[input], e*size, size)
		}
		gate := product(rows, of(2, d*f), of(5, f), f)
		up := product(rows, of(3, d*f), of(6, f), f)
		y := product(pairwise(gate, up, gated(n.Attr.Clamp)), of(4, f*d), of(7, d), d)
		for i, c := range chosen {
			for j := range d {
				out[c.row*d+j] += c.weight * y[i*d+j]
			}
		}
	}
	return out, nil
}

// route lists the rows that choose each expert: those of the topK largest logits, of equal ones the first, weighted by the
// softmax of these alone.
func route(logits []float64, experts, topK int) [][]choice {
	out := make([][]choice, experts)
	for row := range len(logits) / experts {
		at := logits[row*experts : (row+1)*experts]
		var best []int
		var weights []float64
		for range topK {
			most := -1
			for e := range at {
				if !slices.Contains(best, e) && (most < 0 || at[e] > at[most]) {
					most = e
				}
			}
			best, weights = append(best, most), append(weights, at[most])
		}
		softmax(weights)
		for i, e := range best {
			out[e] = append(out[e], choice{row, weights[i]})
		}
	}
	return out
}

// gated is what an expert makes of its gate and up products, see [workloads.OpMoE].
func gated(clamp float64) func(g, u float64) float64 {
	if clamp > 0 {
		return func(g, u float64) float64 {
			g = min(g, clamp)
			return g * sigmoid(1.702*g) * (min(max(u, -clamp), clamp) + 1)
		}
	}
	return func(g, u float64) float64 { return g * sigmoid(g) * u }
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
