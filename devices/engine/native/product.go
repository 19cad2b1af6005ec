package native

import (
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

// product is a matrix product, or a convolution as one, with what it takes along.
type product struct {
	set  *kernel.Set
	main factor
	up   *factor // for silu(main) * up
	add  *buffer
	act  activation
	ones []float32
	grid
}

// factor is one product of m rows: its operands, and where the result goes.
type factor struct {
	a       *buffer
	patches *patches // nil where a is the matrix itself
	k       int
	packed  *kernel.PackedB
	bias    *buffer // nil without
	out     *buffer
	// dynamic holds the elements of a weight that is computed, to be packed in every call; nil for a parameter.
	dynamic *buffer
	weight  weight
}

func (b *binder) product(s *step) op {
	p := &product{set: b.set, main: b.factor(s.node, s.out), act: s.act, ones: b.ones}
	if s.add != nil {
		p.add = b.values[s.add]
	}
	if s.up != nil {
		up := b.factor(s.up, s.up.Out)
		p.up = &up
	}
	n := p.main.packed.N
	least := leastColumns
	if p.main.patches != nil {
		least *= 2 // each task makes its patches anew
	}
	p.grid = newGrid(b.set, b.threads, workloads.Elements(s.out.Shape)/n, p.main.k, n, least)
	return p
}

func (b *binder) factor(n *workloads.Node, out *workloads.Value) factor {
	w := weightOf(n)
	f := factor{a: b.values[n.In[0]], k: w.k, packed: b.params.packed[w.packing], out: b.values[out], weight: w}
	if n.In[1].Kind != workloads.Param {
		f.dynamic = b.values[n.In[1]]
		f.packed = b.set.PackB(w.k, w.n, make([]float32, w.k*w.n), w.n)
	}
	if len(n.In) > 2 {
		f.bias = b.values[n.In[2]]
	}
	if n.Op != workloads.OpLinear && (n.Attr.Kernel != 1 || n.Attr.Stride != 1) {
		f.patches = newPatches(n, f.a)
	}
	return f
}

func (p *product) prepare() error {
	p.main.pack(p.set)
	if p.up != nil {
		p.up.pack(p.set)
	}
	return nil
}

func (f *factor) pack(set *kernel.Set) {
	switch w := f.weight; {
	case f.dynamic == nil:
	case w.packing.transposed:
		set.PackBTInto(f.packed, w.k, w.n, f.dynamic.f, w.k)
	default:
		set.PackBInto(f.packed, w.k, w.n, f.dynamic.f, w.n)
	}
}

func (p *product) run(w *worker, task int) {
	r0, r1, c0, c1 := p.chunk(task)
	p.main.multiply(p.set, w, r0, r1, c0, c1)
	if p.up != nil {
		p.up.multiply(p.set, w, r0, r1, c0, c1)
	}
	if p.act == linear && p.add == nil {
		return
	}
	if c0 == 0 && c1 == p.n {
		p.finish(r0*p.n, r1*p.n)
		return
	}
	for r := r0; r < r1; r++ {
		p.finish(r*p.n+c0, r*p.n+c1)
	}
}

func (f *factor) multiply(set *kernel.Set, w *worker, r0, r1, c0, c1 int) {
	n := f.packed.N
	start, bias := kernel.InitZero, []float32(nil)
	if f.bias != nil {
		start, bias = kernel.InitBias, f.bias.f
	}
	if f.patches != nil {
		w.patches.patches, w.patches.row = f.patches, r0
		set.GemmFill(r1-r0, f.k, w.patches.fill, f.packed, bias, start, f.out.f[r0*n:], n, c0, c1, &w.scratch)
		return
	}
	set.Gemm(r1-r0, f.a.f[r0*f.k:], f.k, f.packed, bias, start, f.out.f[r0*n:], n, c0, c1, &w.scratch)
}

// finish applies what the product takes along to elements [lo,hi), all of one row or whole rows.
func (p *product) finish(lo, hi int) {
	x := p.main.out.f[lo:hi]
	switch {
	case p.up != nil:
		p.set.SiluMul(x, p.up.out.f[lo:hi])
		return
	case p.add != nil && p.act == relu:
		p.set.AddReluInto(x, p.add.f[lo:hi])
		return
	case p.add != nil:
		p.set.AddInto(x, p.add.f[lo:hi])
	}
	activate(p.set, p.act, x, p.ones)
}

// activate applies an activation in place; ones is what the kernel's gated SiLU multiplies by.
func activate(set *kernel.Set, act activation, x, ones []float32) {
	switch act {
	case relu:
		set.Relu(x)
	case gelu:
		set.Gelu(x)
	case silu:
		for len(x) > 0 {
			n := min(len(x), len(ones))
			set.SiluMul(x[:n], ones)
			x = x[n:]
		}
	}
}

// grid splits the m x n elements of a product into chunks of rows x columns, one per task.
type grid struct {
	m, n          int
	rows, columns int
	rowChunks     int
	chunks        int
}

const (
	// tileFloats is about how many elements one task makes before it applies the activation: they are in the cache still.
	tileFloats = 1 << 17
	// tileRows is the number of rows from which it no longer matters that each task reads its weights anew.
	tileRows = 240
	// taskProducts and taskWeights are the least work of a task that is worth handing out, by arithmetic and by the weights
	// read: 10 to 20 us either way.
	taskProducts = 1 << 20
	taskWeights  = 1 << 15
	// tasksPerThread evens out the ends of a job.
	tasksPerThread = 4
	// leastColumns is the number of columns of a task from which copying its rows costs little.
	leastColumns = 128
	// gemvPanels is the number of panels that the kernels' one-row product takes at a time.
	gemvPanels = 4
)

// newGrid splits m x n elements, sums over k, into about as many tasks as the threads need, of at least so many columns.
//
// The bits of an element must not depend on the split, but the kernels add up in another order where a tile has fewer rows or
// a row has fewer panels. So rows are split in multiples of the tile and never down to a single one, columns in multiples of
// what any kernel takes at a time.
func newGrid(set *kernel.Set, threads, m, k, n, least int) grid {
	unit := gemvPanels * set.NR
	g := grid{m: m, n: n}
	g.rows = wholeTiles(set, m, min(tileRows, m))
	units := (n + unit - 1) / unit
	g.columns = evenly(units, min(units, max(1, tileFloats/min(g.rows, m)/unit, least/unit))) * unit
	g.tasks()
	for threads > 1 && g.chunks < tasksPerThread*threads {
		rows, columns := g.rows, roundUp(g.columns/2, unit)
		if columns == g.columns || columns < least {
			rows, columns = wholeTiles(set, m, g.rows/2), g.columns
		}
		work := columns * k
		if rows >= g.rows && columns == g.columns || rows < 4*set.MR && m >= 4*set.MR ||
			work < taskWeights || m > 1 && work*min(rows, m) < taskProducts {
			break
		}
		g.rows, g.columns = rows, columns
		g.tasks()
	}
	return g
}

// wholeTiles is the number of rows, near the one wanted, that splits m rows at tiles and leaves no single row over.
func wholeTiles(set *kernel.Set, m, want int) int {
	blocks := max(1, (m+want/2)/max(want, 1))
	first := min(roundUp((m+blocks-1)/blocks, set.MR), set.MC)
	for rows := first; rows <= set.MC; rows += set.MR {
		if m == 1 || m%rows != 1 {
			return rows
		}
	}
	for rows := first; rows > 0; rows -= set.MR {
		if m%rows != 1 {
			return rows
		}
	}
	return first
}

// evenly is the size of the parts when total is split into as few parts of at most the given size as possible.
func evenly(total, most int) int {
	parts := (total + most - 1) / most
	return (total + parts - 1) / parts
}

func (g *grid) tasks() {
	g.rowChunks = (g.m + g.rows - 1) / g.rows
	g.chunks = g.rowChunks * ((g.n + g.columns - 1) / g.columns)
}

func (g *grid) count() int { return g.chunks }

// chunk returns the rows and columns of a task. Tasks with the same columns, hence the same weights, follow each other.
func (g *grid) chunk(task int) (r0, r1, c0, c1 int) {
	r0 = task % g.rowChunks * g.rows
	c0 = task / g.rowChunks * g.columns
	return r0, min(r0+g.rows, g.m), c0, min(c0+g.columns, g.n)
}
