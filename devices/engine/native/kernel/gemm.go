package kernel

import "fmt"

// Scratch owns the temporary memory of one worker. The zero value is ready; it grows to the largest product it has served and
// allocates nothing after that. It must not be shared by two calls at the same time.
type Scratch struct {
	block []float32 // MC x KC of A, rows padded
	tile  []float32 // one MR x NR tile of C, for the last columns
	bias  []float32 // the bias of the last panel, padded with zeros; or zeros
}

// floats returns buf with room for n floats.
func floats(buf *[]float32, n int) []float32 {
	if cap(*buf) < n {
		*buf = alignedFloats(n)
	}
	return (*buf)[:n]
}

// copyColumns is the number of columns from which a copy of A into dense rows costs less than it saves.
const copyColumns = 64

// blockPad keeps the rows of a copied block off each other's cache sets: KC + 16 floats is no multiple of 1 KiB.
const blockPad = 16

// product is one call of Gemm or GemmFill, with the values that do not change over its blocks.
type product struct {
	set     *Set
	b       *PackedB
	bias    []float32
	init    Init
	c       []float32
	ldc     int
	n0, n1  int
	scratch *Scratch
}

// Gemm computes c[i,j] = start + sum over p < K of a[i,p]*b[p,j] for rows i in [0,m) and columns j in [n0,n1), with start given by
// init and bias (len b.N, or nil). a[i,p] is a[i*lda+p]; c[i,j] is c[i*ldc+j]. n0 and n1 are multiples of NR, or n1 is b.N, so that
// threads may share a product by columns as well as by rows. Nothing outside those elements of c is written. A shape that does
// not fit the slices panics.
func (s *Set) Gemm(m int, a []float32, lda int, b *PackedB, bias []float32, init Init, c []float32, ldc int, n0, n1 int, scratch *Scratch) {
	if m == 0 || n0 == n1 {
		return
	}
	checkMatrix("Gemm a", m, b.K, len(a), lda)
	g := product{s, b, bias, init, c, ldc, n0, n1, scratch}
	g.check(m)
	// Rows at a large power-of-two distance fall into the same few cache sets.
	dense := m < 2 || lda*4%512 != 0 && lda <= 2*s.KC || n1-n0 < copyColumns
	mc := s.MC
	for i0 := 0; i0 < m; i0 += mc {
		i1 := min(i0+mc, m)
		for p0 := 0; p0 < b.K; p0 += s.KC {
			p1 := min(p0+s.KC, b.K)
			if dense {
				g.block(i0, i1, p0, p1, a[i0*lda+p0:], lda)
				continue
			}
			ldd := p1 - p0 + blockPad
			dst := floats(&scratch.block, (i1-i0)*ldd)
			for i := i0; i < i1; i++ {
				copy(dst[(i-i0)*ldd:][:p1-p0], a[i*lda+p0:])
			}
			g.block(i0, i1, p0, p1, dst, ldd)
		}
	}
}

// GemmFill is Gemm whose A is produced on demand: fill writes rows [i0,i1) and columns [p0,p1) of the m x k matrix A to dst, row i
// at dst[(i-i0)*ldd:]. It must write every one of those values. At most MC x KC of A exists at a time, each element once per call.
func (s *Set) GemmFill(m, k int, fill func(dst []float32, ldd, i0, i1, p0, p1 int), b *PackedB, bias []float32, init Init, c []float32, ldc int, n0, n1 int, scratch *Scratch) {
	if m == 0 || n0 == n1 {
		return
	}
	if k != b.K {
		panic(fmt.Sprintf("kernel: GemmFill: a has %d columns, b has %d rows", k, b.K))
	}
	g := product{s, b, bias, init, c, ldc, n0, n1, scratch}
	g.check(m)
	for i0 := 0; i0 < m; i0 += s.MC {
		i1 := min(i0+s.MC, m)
		for p0 := 0; p0 < k; p0 += s.KC {
			p1 := min(p0+s.KC, k)
			ldd := p1 - p0 + blockPad
			dst := floats(&scratch.block, (i1-i0)*ldd)
			fill(dst, ldd, i0, i1, p0, p1)
			g.block(i0, i1, p0, p1, dst, ldd)
		}
	}
}

func (g *product) check(m int) {
	nr, n := g.set.NR, g.b.N
	switch {
	case g.b.nr != nr || g.b.kc != g.set.KC:
		panic("kernel: Gemm: b was packed by another set")
	case g.n0 < 0 || g.n1 < g.n0 || g.n1 > n || g.n0%nr != 0 || g.n1%nr != 0 && g.n1 != n:
		panic(fmt.Sprintf("kernel: Gemm: columns [%d,%d) of %d are no whole panels of %d", g.n0, g.n1, n, nr))
	case m < 0 || g.ldc < g.n1 || len(g.c) < (m-1)*g.ldc+g.n1:
		panic(fmt.Sprintf("kernel: Gemm: %d rows with stride %d do not fit into %d values of c", m, g.ldc, len(g.c)))
	case g.bias != nil && (g.init == InitZero || len(g.bias) < g.n1):
		panic(fmt.Sprintf("kernel: Gemm: a bias of %d values for %d columns and init %d", len(g.bias), g.n1, g.init))
	}
}

// block adds the product of rows [i0,i1) and K rows [p0,p1) into c; a points at the first of them.
func (g *product) block(i0, i1, p0, p1 int, a []float32, lda int) {
	s := g.set
	if g.init == InitC && g.bias != nil && p0 == 0 {
		for i := i0; i < i1; i++ {
			s.AddInto(g.c[i*g.ldc+g.n0:i*g.ldc+g.n1], g.bias[g.n0:g.n1])
		}
	}
	fromC := p0 > 0 || g.init == InitC
	kc := p1 - p0
	panels := g.b.data[p0*roundUp(g.b.N, s.NR):]
	j := g.n0
	if i1-i0 == 1 && s.gemv != nil {
		for ; j+gemvPanels*s.NR <= g.n1; j += gemvPanels * s.NR {
			c := g.c[i0*g.ldc+j:]
			s.gemv(kc, &a[0], &panels[j*kc], g.start(c, fromC, j, gemvPanels*s.NR), &c[0])
		}
	}
	for ; j < g.n1; j += s.NR {
		w := min(s.NR, g.n1-j)
		panel := panels[j*kc:]
		if w < s.NR {
			g.edge(i0, i1, a, lda, panel, kc, j, w, fromC)
			return
		}
		lds := 0
		if fromC {
			lds = g.ldc
		}
		for i := i0; i < i1; i += s.MR {
			c := g.c[i*g.ldc+j:]
			s.tile(min(s.MR, i1-i), kc, &a[(i-i0)*lda], lda, &panel[0], g.start(c, fromC, j, s.NR), lds, &c[0], g.ldc)
		}
	}
}

// start returns what w columns from j on start from: c itself, the bias, or zeros.
func (g *product) start(c []float32, fromC bool, j, w int) *float32 {
	switch {
	case fromC:
		return &c[0]
	case g.bias != nil:
		return &g.bias[j]
	}
	zeros := floats(&g.scratch.bias, w)
	clear(zeros)
	return &zeros[0]
}

// edge computes the last, incomplete panel of w columns on a tile of its own and copies the valid part.
func (g *product) edge(i0, i1 int, a []float32, lda int, panel []float32, kc, j, w int, fromC bool) {
	s := g.set
	tile := floats(&g.scratch.tile, s.MR*s.NR)
	bias := floats(&g.scratch.bias, s.NR)
	clear(bias)
	if g.bias != nil {
		copy(bias, g.bias[j:j+w])
	}
	for i := i0; i < i1; i += s.MR {
		rows := min(s.MR, i1-i)
		start, lds := &bias[0], 0
		if fromC {
			for r := range rows {
				copy(tile[r*s.NR:][:w], g.c[(i+r)*g.ldc+j:])
			}
			start, lds = &tile[0], s.NR
		}
		s.tile(rows, kc, &a[(i-i0)*lda], lda, &panel[0], start, lds, &tile[0], s.NR)
		for r := range rows {
			copy(g.c[(i+r)*g.ldc+j:][:w], tile[r*s.NR:])
		}
	}
}
