package reference

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// row is a row of a table, by the id that asks for it.
func (r *run) row(table *workloads.Value, id int32) ([]float64, error) {
	rows, width := table.Shape[0], table.Shape[1]
	if id < 0 || int(id) >= rows {
		return nil, fmt.Errorf("id %d in a table of %d rows", id, rows)
	}
	return r.part(table, int(id)*width, width), nil
}

func (r *run) embedding(n *workloads.Node) ([]float64, error) {
	var out []float64
	for _, id := range r.ints[n.In[1]] {
		row, err := r.row(n.In[0], id)
		if err != nil {
			return nil, err
		}
		out = append(out, row...)
	}
	return out, nil
}

func (r *run) embeddingBag(n *workloads.Node) ([]float64, error) {
	bag, width := n.In[1].Shape[1], n.In[0].Shape[1]
	out := make([]float64, workloads.Elements(n.Out.Shape))
	for i, id := range r.ints[n.In[1]] {
		row, err := r.row(n.In[0], id)
		if err != nil {
			return nil, err
		}
		for j, v := range row {
			out[i/bag*width+j] += v
		}
	}
	return out, nil
}

// addRows adds y [B,D] to every row of its batch entry in x [B,...,D].
func addRows(x, y []float64, shape []int) []float64 {
	perEntry, d := len(x)/shape[0], shape[len(shape)-1]
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v + y[i/perEntry*d+i%d]
	}
	return out
}

func (r *run) concat(n *workloads.Node) []float64 {
	width := n.Out.Shape[len(n.Out.Shape)-1]
	out := make([]float64, workloads.Elements(n.Out.Shape))
	at := 0
	for _, v := range n.In {
		x, d := r.value(v), v.Shape[len(v.Shape)-1]
		for row := range len(x) / d {
			copy(out[row*width+at:], x[row*d:(row+1)*d])
		}
		at += d
	}
	return out
}

func upsample(x []float64, shape []int) []float64 {
	h, w, c := shape[1], shape[2], shape[3]
	out := make([]float64, 0, 4*len(x))
	for line := range shape[0] * 2 * h {
		image, y := line/(2*h), line%(2*h)/2
		for x0 := range 2 * w {
			out = append(out, x[((image*h+y)*w+x0/2)*c:][:c]...)
		}
	}
	return out
}

// conv1d multiplies, for each output row, the rows of the sequence under the kernel by the kernels.
func (r *run) conv1d(n *workloads.Node) []float64 {
	x, in, out, k := r.value(n.In[0]), n.In[0].Shape, n.Out.Shape, n.Attr.Kernel
	depth := k * in[2]
	patches := make([]float64, out[0]*out[1]*depth)
	for i := range out[0] * out[1] {
		entry, row := i/out[1], i%out[1]
		for tap := range k {
			if t := row*n.Attr.Stride + tap - n.Attr.Pad; t >= 0 && t < in[1] {
				copy(patches[i*depth+tap*in[2]:][:in[2]], x[(entry*in[1]+t)*in[2]:])
			}
		}
	}
	var bias []float64
	if len(n.In) == 3 {
		bias = r.value(n.In[2])
	}
	return product(patches, r.value(n.In[1]), bias, out[2])
}

func groupNorm(x, gamma, beta []float64, shape []int, attr workloads.Attr) []float64 {
	perEntry, d := len(x)/shape[0], len(gamma)
	width := d / attr.Groups // channels of a group
	out := make([]float64, len(x))
	share(shape[0]*attr.Groups, func(i int) {
		entry, group := i/attr.Groups, i%attr.Groups
		var members []int
		for pixel := range perEntry / d {
			for c := range width {
				members = append(members, entry*perEntry+pixel*d+group*width+c)
			}
		}
		var mean, variance float64
		for _, m := range members {
			mean += x[m] / float64(len(members))
		}
		for _, m := range members {
			variance += (x[m] - mean) * (x[m] - mean) / float64(len(members))
		}
		for _, m := range members {
			out[m] = (x[m]-mean)/math.Sqrt(variance+attr.Eps)*gamma[m%d] + beta[m%d]
		}
	})
	return out
}
