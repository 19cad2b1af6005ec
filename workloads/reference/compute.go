package reference

import (
	"context"
	"fmt"
	"math"

	"github.com/accelbench/accelbench/workloads"
)

// Compute makes the golden values of a workload: one pass per sample of its pool. For decoders that is one prefill at
// canonical shape, of which the golden positions are taken one by one through what follows the last-row operation; that
// decoding against a cache gives the same is tested apart. progress, if not nil, hears the done fraction of the work, in
// order. See [workloads.Workload.ReferenceFLOPs] for how much that is.
func Compute(ctx context.Context, w *workloads.Workload, progress func(fraction float64)) (*workloads.Golden, error) {
	c, err := w.Canonical()
	if err != nil {
		return nil, fmt.Errorf("computing golden values: %w", err)
	}
	key, err := c.GoldenKey()
	if err != nil {
		return nil, fmt.Errorf("computing golden values: %w", err)
	}
	graph := c.Phases[0].Graph
	if len(graph.Outputs) != 1 {
		return nil, fmt.Errorf("computing golden values of %s: %d outputs, want 1", c.Name, len(graph.Outputs))
	}
	width := workloads.Elements(graph.Outputs[0].Shape)
	g := &workloads.Golden{Workload: c.Name, Options: c.Options, Key: key, Width: width,
		Elements: workloads.GoldenElements(width)}
	done, total := 0, c.Pool*len(graph.Nodes)
	step := func() {
		if done++; progress != nil {
			progress(float64(done) / float64(total))
		}
	}
	for sample := range c.Pool {
		rows, err := sampleRows(ctx, c, sample, step)
		if err != nil {
			return nil, fmt.Errorf("computing golden values of %s, sample %d: %w", c.Name, sample, err)
		}
		for _, r := range rows {
			if math.IsNaN(r.row.RMS) || math.IsInf(r.row.RMS, 0) {
				return nil, fmt.Errorf("computing golden values of %s, sample %d: outputs at position %d are NaN or infinite: "+
					"the weights hold such values or lead to them", c.Name, sample, r.row.Position)
			}
			r.row.Sample = sample
			for _, e := range g.Elements {
				r.row.Values = append(r.row.Values, r.out[e])
			}
			g.Rows = append(g.Rows, r.row)
		}
	}
	return g, nil
}

// fullRow is a golden row before its elements are picked.
type fullRow struct {
	row workloads.GoldenRow
	out []float64
}

func newFullRow(position int, out []float64) fullRow {
	var sum float64
	for _, v := range out {
		sum += v * v
	}
	return fullRow{row: workloads.GoldenRow{Position: position, RMS: math.Sqrt(sum / float64(len(out)))}, out: out}
}

func sampleRows(ctx context.Context, w *workloads.Workload, sample int, step func()) ([]fullRow, error) {
	graph := w.Phases[0].Graph
	in := w.NewInputs(0)
	w.Fill(0, []int{sample}, in)
	r, err := newRun(graph, in, nil)
	if err != nil {
		return nil, err
	}
	positions := w.GoldenPositions()
	for i, n := range graph.Nodes {
		if positions != nil && n.Op == workloads.OpLast {
			return r.tails(ctx, graph.Nodes[i:], positions, step)
		}
		if err := r.node(ctx, n); err != nil {
			return nil, err
		}
		step()
	}
	return []fullRow{newFullRow(w.OutputPosition(0), r.value(graph.Outputs[0]))}, nil
}

// tails runs the nodes after the last-row operation, which comes first, once for each of the rows it might have taken.
func (r *run) tails(ctx context.Context, nodes []*workloads.Node, positions []int, step func()) ([]fullRow, error) {
	hidden := r.value(nodes[0].In[0])
	width := nodes[0].Out.Shape[1]
	for _, n := range nodes {
		for _, v := range n.In {
			r.uses[v] += len(positions) // so that parameters stay for the next position
		}
	}
	var out []fullRow
	for _, p := range positions {
		r.floats[nodes[0].Out] = hidden[p*width : (p+1)*width]
		for _, n := range nodes[1:] {
			if err := r.node(ctx, n); err != nil {
				return nil, err
			}
		}
		out = append(out, newFullRow(p, r.value(r.graph.Outputs[0])))
	}
	for range nodes {
		step()
	}
	return out, nil
}
