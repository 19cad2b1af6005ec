package native

import (
	"math"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// groupNorm normalises the channels of a batch entry by groups, in two stages: the moments of pieces of its pixels, then all
// pixels by the moments of the whole. The pieces do not depend on the number of threads.
type groupNorm struct {
	set                 *kernel.Set
	x, out, gamma, beta *buffer
	batch, pixels, d    int
	groups, perGroup    int
	piece, pieces       int // pixels of a piece, pieces of a batch entry
	eps                 float64
	moments             []moments // [batch, pieces, groups]
	scale, shift        []float32 // [batch, d]: a channel is x*scale + shift
}

// moments of a sample: its mean, and the sum of its squared distances from it.
type moments struct {
	n, mean, squares float64
}

// join makes the moments of two samples together (Chan, Golub and LeVeque, 1979).
func (m *moments) join(o moments) {
	n, distance := m.n+o.n, o.mean-m.mean
	m.mean += distance * o.n / n
	m.squares += o.squares + distance*distance*m.n*o.n/n
	m.n = n
}

func (b *binder) groupNorm(n *workloads.Node) []op {
	d := n.Out.Shape[len(n.Out.Shape)-1]
	g := &groupNorm{
		set: b.set, x: b.values[n.In[0]], gamma: b.values[n.In[1]], beta: b.values[n.In[2]], out: b.values[n.Out],
		batch: n.Out.Shape[0], pixels: rowsOf(n.Out), d: d,
		groups: n.Attr.Groups, perGroup: d / n.Attr.Groups, piece: max(1, rowFloats/d), eps: n.Attr.Eps,
	}
	g.pieces = (g.pixels + g.piece - 1) / g.piece
	g.moments = make([]moments, g.batch*g.pieces*g.groups)
	g.scale, g.shift = make([]float32, g.batch*d), make([]float32, g.batch*d)
	normalise := newRowOp(g.batch*g.pixels, d, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			channel := r / g.pixels * d
			g.set.Affine(g.out.f[r*d:(r+1)*d], g.x.f[r*d:(r+1)*d], g.scale[channel:channel+d], g.shift[channel:channel+d])
		}
	})
	normalise.ready = g.combine
	return []op{g, normalise}
}

func (g *groupNorm) prepare() error { return nil }

func (g *groupNorm) count() int { return g.batch * g.pieces }

func (g *groupNorm) grow(w *worker) {
	if len(w.sums) < 3*g.d {
		w.sums = alignedFloats(3 * g.d)
	}
}

// run computes the moments of one piece: sums by channel, which are added up by group.
func (g *groupNorm) run(w *worker, task int) {
	d := g.d
	first := task % g.pieces * g.piece
	n := min(g.piece, g.pixels-first)
	at := (task/g.pieces*g.pixels + first) * d
	x, out := g.x.f[at:at+n*d], g.moments[task*g.groups:][:g.groups]
	sums, means, row := w.sums[:d], w.sums[d:2*d], w.sums[2*d:3*d]

	clear(sums)
	for p := range n {
		g.set.AddInto(sums, x[p*d:])
	}
	for i := range out {
		lo, hi := i*g.perGroup, (i+1)*g.perGroup
		total := 0.0
		for _, v := range sums[lo:hi] {
			total += float64(v)
		}
		count := float64(n * g.perGroup)
		// The squares are taken about the mean as a float32; that adds the square of its rounding to the variance.
		about := float32(total / count)
		for c := lo; c < hi; c++ {
			means[c] = -about
		}
		out[i] = moments{n: count, mean: total / count}
	}
	clear(sums)
	for p := range n {
		copy(row, x[p*d:])
		g.set.AddInto(row, means)
		g.set.MulInto(row, row)
		g.set.AddInto(sums, row)
	}
	for i := range out {
		for _, v := range sums[i*g.perGroup : (i+1)*g.perGroup] {
			out[i].squares += float64(v)
		}
	}
}

// combine makes scale and shift of each channel.
func (g *groupNorm) combine() error {
	for b := range g.batch {
		for i := range g.groups {
			var all moments
			for p := range g.pieces {
				all.join(g.moments[(b*g.pieces+p)*g.groups+i])
			}
			by := 1 / math.Sqrt(all.squares/all.n+g.eps)
			for c := i * g.perGroup; c < (i+1)*g.perGroup; c++ {
				scale := by * float64(g.gamma.f[c])
				g.scale[b*g.d+c] = float32(scale)
				g.shift[b*g.d+c] = float32(float64(g.beta.f[c]) - all.mean*scale)
			}
		}
	}
	return nil
}
