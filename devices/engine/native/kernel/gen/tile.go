package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The registers of a tile: 0 and 1 hold one row of B, 2 and 3 alternate as the broadcast element of A, accumulators follow.
const (
	perRow     = 2
	bTemps     = 2
	firstAcc   = perRow + bTemps
	unroll     = 4
	gemvPanels = 4
)

// chains is how often a tile's accumulators are repeated over k, so that few rows still keep enough independent chains in flight.
func chains(rows int) int {
	switch rows {
	case 1:
		return 4
	case 2, 3:
		return 2
	}
	return 1
}

func tiles(g *generator) {
	for rows := 1; rows <= g.rows; rows++ {
		g.tile(rows)
	}
	g.gemv()
}

// rowAddress addresses rows of a strided matrix from one base register per five rows and the index registers 1 and 3 strides.
type rowAddress struct {
	bases       []reg.GPVirtual
	one, triple reg.GPVirtual
}

func (g *generator) rowAddress(base, stride reg.GPVirtual, rows int) rowAddress {
	r := rowAddress{bases: []reg.GPVirtual{base}, one: stride}
	if rows > 3 {
		r.triple = g.GP64()
		g.LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, r.triple)
	}
	for row := 5; row < rows; row += 5 {
		next := g.GP64()
		g.LEAQ(operand.Mem{Base: r.bases[len(r.bases)-1], Index: stride, Scale: 4}, next)
		g.ADDQ(stride, next)
		r.bases = append(r.bases, next)
	}
	return r
}

func (r rowAddress) at(row, disp int) operand.Mem {
	m := mem(r.bases[row/5], disp)
	switch row % 5 {
	case 1, 2, 4:
		m.Index, m.Scale = r.one, uint8(row%5)
	case 3:
		m.Index, m.Scale = r.triple, 1
	}
	return m
}

// tile emits one row count of kernel.tileFunc.
func (g *generator) tile(rows int) {
	g.function(fmt.Sprintf("tile%dx", rows), "func(kc int, a *float32, lda int, b, start *float32, lds int, c *float32, ldc int)",
		fmt.Sprintf("computes a tile of %d rows and %d columns.", rows, perRow*g.width))
	kc, a, lda, b := g.load("kc"), g.load("a"), g.load("lda"), g.load("b")
	start, lds := g.load("start"), g.load("lds")
	g.SHLQ(operand.Imm(2), lda)
	g.SHLQ(operand.Imm(2), lds)
	copies := chains(rows)
	acc := func(chain, row, col int) reg.VecPhysical { return g.v(firstAcc + (chain*rows+row)*perRow + col) }

	for row := range rows {
		for col := range perRow {
			g.VMOVUPS(mem(start, col*g.bytes()), acc(0, row, col))
			for chain := 1; chain < copies; chain++ {
				g.clear(acc(chain, row, col))
			}
		}
		if row+1 < rows {
			g.ADDQ(lds, start)
		}
	}

	if rows == g.rows {
		g.prefetchBelow(rows)
	}
	rowsOfA := g.rowAddress(a, lda, rows)
	step := func(chain, k int) {
		for col := range perRow {
			g.VMOVUPS(mem(b, (k*perRow+col)*g.bytes()), g.v(col))
		}
		for row := range rows {
			t := g.v(perRow + row%bTemps)
			g.VBROADCASTSS(rowsOfA.at(row, 4*k), t)
			for col := range perRow {
				g.VFMADD231PS(g.v(col), t, acc(chain, row, col))
			}
		}
	}
	advance := func(k int) {
		for _, base := range rowsOfA.bases {
			g.ADDQ(operand.U32(4*k), base)
		}
		g.ADDQ(operand.U32(k*perRow*g.bytes()), b)
		g.SUBQ(operand.U32(k), kc)
	}
	g.kLoop(kc, func(u int) { step(u%copies, u) }, advance)

	for chain := 1; chain < copies; chain++ {
		for i := range rows * perRow {
			g.VADDPS(acc(chain, i/perRow, i%perRow), acc(0, i/perRow, i%perRow), acc(0, i/perRow, i%perRow))
		}
	}
	c, ldc := g.load("c"), g.load("ldc")
	g.SHLQ(operand.Imm(2), ldc)
	for row := range rows {
		for col := range perRow {
			g.VMOVUPS(acc(0, row, col), mem(c, col*g.bytes()))
		}
		if row+1 < rows {
			g.ADDQ(ldc, c)
		}
	}
	g.finish()
}

// prefetchBelow asks for the rows of c that the next tile starts from: they are a stride apart, which no hardware prefetcher
// follows, and a tile cannot begin before its first values are there. Past the end of c it does nothing.
func (g *generator) prefetchBelow(rows int) {
	c, ldc, skip := g.load("c"), g.load("ldc"), g.GP64()
	g.SHLQ(operand.Imm(2), ldc)
	g.IMUL3Q(operand.U32(rows), ldc, skip)
	g.ADDQ(skip, c)
	for range rows {
		for line := 0; line < perRow*g.bytes(); line += 64 {
			g.PREFETCHT0(mem(c, line))
		}
		g.ADDQ(ldc, c)
	}
}

// kLoop emits the loop over k: unrolled by four, then single steps.
func (g *generator) kLoop(kc reg.GPVirtual, step, advance func(k int)) {
	loop, rest, end := g.label("loop"), g.label("rest"), g.label("end")
	g.CMPQ(kc, operand.Imm(unroll))
	g.JLT(operand.LabelRef(rest))
	g.Label(loop)
	for u := range unroll {
		step(u)
	}
	advance(unroll)
	g.CMPQ(kc, operand.Imm(unroll))
	g.JGE(operand.LabelRef(loop))
	g.Label(rest)
	g.TESTQ(kc, kc)
	g.JE(operand.LabelRef(end))
	again := g.label("single")
	g.Label(again)
	step(0)
	advance(1)
	g.JNE(operand.LabelRef(again))
	g.Label(end)
}

// gemv emits kernel.gemvFunc: one row against four panels.
func (g *generator) gemv() {
	g.function("gemv", "func(kc int, a, b, start, c *float32)",
		fmt.Sprintf("computes one row of %d columns from %d adjacent panels.", gemvPanels*perRow*g.width, gemvPanels))
	kc, a := g.load("kc"), g.load("a")
	panels := []reg.GPVirtual{g.load("b")}
	size := g.GP64()
	g.IMUL3Q(operand.U32(perRow*g.bytes()), kc, size)
	for len(panels) < gemvPanels {
		next := g.GP64()
		g.LEAQ(operand.Mem{Base: panels[len(panels)-1], Index: size, Scale: 1}, next)
		panels = append(panels, next)
	}
	start := g.load("start")
	acc := func(i int) reg.VecPhysical { return g.v(firstAcc + i) }
	for i := range gemvPanels * perRow {
		g.VMOVUPS(mem(start, i*g.bytes()), acc(i))
	}
	step := func(k int) {
		g.VBROADCASTSS(mem(a, 4*k), g.v(k%unroll))
		for i, p := range panels {
			for col := range perRow {
				g.VFMADD231PS(mem(p, (k*perRow+col)*g.bytes()), g.v(k%unroll), acc(i*perRow+col))
			}
		}
	}
	advance := func(k int) {
		g.ADDQ(operand.U32(4*k), a)
		for _, p := range panels {
			g.ADDQ(operand.U32(k*perRow*g.bytes()), p)
		}
		g.SUBQ(operand.U32(k), kc)
	}
	g.kLoop(kc, step, advance)
	c := g.load("c")
	for i := range gemvPanels * perRow {
		g.VMOVUPS(acc(i), mem(c, i*g.bytes()))
	}
	g.finish()
}

// clear zeroes a vector register. VXORPS of 512 bits needs a further extension; the integer form does not.
func (g *generator) clear(r reg.VecPhysical) {
	if g.width == 16 {
		g.VPXORD(r, r, r)
		return
	}
	g.VXORPS(r, r, r)
}
