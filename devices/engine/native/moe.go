package native

import (
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// mixture is a mixture of experts. Its rows are routed to experts and sorted by them; a row that goes to several is there
// several times. The products of an expert then have whole matrices of rows to work on, which is what packed weights need.
//
// It runs in three stages, each one needs all of the one before: hidden (act(gate, up) of the sorted rows), output (the down
// products) and the weighted sums.
type mixture struct {
	set             *kernel.Set
	threads         int
	x, logits       *buffer
	gate, up, down  side
	rows, topK      int
	d, f            int
	clamp           float32
	gates, ups      []float32 // of the sorted rows, [rows*topK, F]; gates are overwritten by act(gate, up)
	results         []float32 // of the sorted rows, [rows*topK, D]
	chosen, sources []int32   // the expert of each choice of each row; the row of each sorted row
	places          []int32   // the sorted row of each choice of each row
	weights         []float32 // of each choice of each row
	ends            []int     // by expert: the sorted row after its last
}

// side is one of the three weights of all experts.
type side struct {
	packed []*kernel.PackedB
	bias   *buffer // [E, columns]; nil without
}

// of returns the weight of one expert and how its product starts.
func (s *side) of(expert int) (*kernel.PackedB, []float32, kernel.Init) {
	packed := s.packed[expert]
	if s.bias == nil {
		return packed, nil, kernel.InitZero
	}
	return packed, s.bias.f[expert*packed.N:][:packed.N], kernel.InitBias
}

// mixtureFloats is the memory that a mixture needs while it runs.
func mixtureFloats(n *workloads.Node) int {
	rows, d, f := mixtureShape(n)
	return 2*roundUp(rows*f, lineFloats) + rows*d
}

// mixtureShape returns the number of sorted rows, D and F.
func mixtureShape(n *workloads.Node) (rows, d, f int) {
	gate := n.In[2].Shape
	return workloads.Elements(n.In[0].Shape) / gate[1] * n.Attr.TopK, gate[1], gate[2]
}

func (b *binder) mixture(n *workloads.Node) []op {
	sorted, d, f := mixtureShape(n)
	experts := n.In[2].Shape[0]
	m := &mixture{
		set: b.set, threads: b.threads, x: b.values[n.In[0]], logits: b.values[n.In[1]],
		rows: sorted / n.Attr.TopK, topK: n.Attr.TopK, d: d, f: f, clamp: float32(n.Attr.Clamp),
		chosen: make([]int32, sorted), sources: make([]int32, sorted), places: make([]int32, sorted),
		weights: make([]float32, sorted), ends: make([]int, experts),
	}
	scratch := b.scratch[n]
	floats := b.arena[scratch.offset:]
	m.gates, floats = floats[:sorted*f], floats[roundUp(sorted*f, lineFloats):]
	m.ups, floats = floats[:sorted*f], floats[roundUp(sorted*f, lineFloats):]
	m.results = floats[:sorted*d]
	for i, s := range []*side{&m.gate, &m.up, &m.down} {
		for e := range experts {
			s.packed = append(s.packed, b.params.packed[expertWeight(n.In[2+i], e).packing])
		}
		if len(n.In) > 5 {
			s.bias = b.values[n.In[5+i]]
		}
	}
	out := b.values[n.Out]
	sums := newRowOp(m.rows, d*m.topK, func(row, rows int) {
		for r := row; r < row+rows; r++ {
			m.sum(out.f[r*d:(r+1)*d], r)
		}
	})
	hidden := &expertProducts{mixture: m, grids: make([]grid, experts), ready: m.route, columns: f, depth: d, multiply: m.hidden}
	output := &expertProducts{mixture: m, grids: make([]grid, experts), columns: d, depth: f, multiply: m.output}
	return []op{hidden, output, sums}
}

// route chooses the experts of every row and sorts the rows by them.
func (m *mixture) route() {
	experts := len(m.ends)
	clear(m.ends)
	for r := range m.rows {
		logits := m.logits.f[r*experts : (r+1)*experts]
		chosen, weights := m.chosen[r*m.topK:(r+1)*m.topK], m.weights[r*m.topK:(r+1)*m.topK]
		for k := range chosen {
			e := largest(logits, chosen[:k])
			chosen[k], weights[k] = int32(e), logits[e]
			m.ends[e]++
		}
		m.set.Softmax(weights, 1)
	}
	first := 0
	for e, count := range m.ends {
		m.ends[e] = first // the end so far
		first += count
	}
	for i, e := range m.chosen {
		at := m.ends[e]
		m.ends[e]++
		m.places[i], m.sources[at] = int32(at), int32(i/m.topK)
	}
}

// largest returns the index of the largest of xs but for those taken, of equal ones the first.
func largest(xs []float32, taken []int32) int {
	best := -1
next:
	for i, x := range xs {
		if best >= 0 && !(x > xs[best]) {
			continue
		}
		for _, t := range taken {
			if int(t) == i {
				continue next
			}
		}
		best = i
	}
	return best
}

// sorted returns the range of the sorted rows of an expert.
func (m *mixture) sorted(expert int) (first, end int) {
	if expert > 0 {
		first = m.ends[expert-1]
	}
	return first, m.ends[expert]
}

// hidden computes act(gate, up) for rows [r0,r1) of those of an expert, columns [c0,c1).
func (m *mixture) hidden(w *worker, expert, r0, r1, c0, c1 int) {
	first, _ := m.sorted(expert)
	w.rows.x, w.rows.width, w.rows.sources = m.x.f, m.d, m.sources[first+r0:first+r1]
	lo, hi := (first+r0)*m.f, (first+r1)*m.f
	packed, bias, start := m.gate.of(expert)
	m.set.GemmFill(r1-r0, m.d, w.rows.fill, packed, bias, start, m.gates[lo:hi], m.f, c0, c1, &w.scratch)
	packed, bias, start = m.up.of(expert)
	m.set.GemmFill(r1-r0, m.d, w.rows.fill, packed, bias, start, m.ups[lo:hi], m.f, c0, c1, &w.scratch)
	for at := lo; at < hi; at += m.f {
		m.activate(m.gates[at+c0:at+c1], m.ups[at+c0:at+c1])
	}
}

// clampedSlope multiplies the argument of the sigmoid in the clamped activation.
const clampedSlope = 1.702

// activate sets gate to act(gate, up); it overwrites up. The clamped form g*sigmoid(s g)*(u+1) is silu(s g)*(u+1)/s.
func (m *mixture) activate(gate, up []float32) {
	if m.clamp > 0 {
		for i, u := range up {
			gate[i] = min(gate[i], m.clamp) * clampedSlope
			up[i] = (min(max(u, -m.clamp), m.clamp) + 1) * (1 / clampedSlope)
		}
	}
	m.set.SiluMul(gate, up)
}

// output computes rows [r0,r1) of those of an expert, columns [c0,c1), of the down product.
func (m *mixture) output(w *worker, expert, r0, r1, c0, c1 int) {
	first, _ := m.sorted(expert)
	packed, bias, start := m.down.of(expert)
	m.set.Gemm(r1-r0, m.gates[(first+r0)*m.f:], m.f, packed, bias, start, m.results[(first+r0)*m.d:], m.d, c0, c1, &w.scratch)
}

// sum adds up the weighted results of a row.
func (m *mixture) sum(dst []float32, row int) {
	clear(dst)
	for i := row * m.topK; i < (row+1)*m.topK; i++ {
		m.set.SumRows(dst, m.weights[i:i+1], m.results[int(m.places[i])*m.d:], m.d)
	}
}

// expertProducts is one stage of a mixture: a product per expert, each split as other products are.
type expertProducts struct {
	*mixture
	ready          func() // nil without
	grids          []grid // by expert; of no chunks where it has no rows
	columns, depth int
	multiply       func(w *worker, expert, r0, r1, c0, c1 int)
	tasks          int
}

func (p *expertProducts) prepare() error {
	if p.ready != nil {
		p.ready()
	}
	p.tasks = 0
	for e := range p.grids {
		p.grids[e] = grid{}
		if first, end := p.sorted(e); end > first {
			p.grids[e] = newGrid(p.set, p.threads, end-first, p.depth, p.columns, leastColumns)
		}
		p.tasks += p.grids[e].count()
	}
	return nil
}

func (p *expertProducts) count() int { return p.tasks }

func (p *expertProducts) run(w *worker, task int) {
	for e := range p.grids {
		if n := p.grids[e].count(); task >= n {
			task -= n
			continue
		}
		r0, r1, c0, c1 := p.grids[e].chunk(task)
		p.multiply(w, e, r0, r1, c0, c1)
		return
	}
}

// rowFiller gives a worker's product its blocks of rows that lie apart. fill is made once, so that a call allocates no closure.
type rowFiller struct {
	x       []float32
	width   int
	sources []int32 // the row of x that each row of the product is
	fill    func(dst []float32, ldd, i0, i1, p0, p1 int)
}

func (f *rowFiller) bind() {
	f.fill = func(dst []float32, ldd, i0, i1, p0, p1 int) {
		for i, source := range f.sources[i0:i1] {
			copy(dst[i*ldd:][:p1-p0], f.x[int(source)*f.width+p0:])
		}
	}
}
