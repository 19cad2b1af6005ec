package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// total is the register that reductions accumulate into.
const total = 9

// reductions emits the functions from a row to one number.
func (g *generator) reductions() {
	g.reduce("sum", "", "returns the sum of x.", nil, func(x reg.GPVirtual, masked bool) {
		g.read(mem(x, 0), masked, 0)
		g.VADDPS(g.v(0), g.v(total), g.v(total))
	})
	g.reduce("squares", ", mean float32", "returns the sum of (x-mean)^2.", func() { g.broadcast("mean", 8) }, func(x reg.GPVirtual, masked bool) {
		g.read(mem(x, 0), masked, 0)
		g.VSUBPS(g.v(8), g.v(0), g.v(0))
		g.drop(0, masked)
		g.VFMADD231PS(g.v(0), g.v(0), g.v(total))
	})
	g.reduce("expSum", ", scale, shift float32", "sets x to exp(scale*x-shift) and returns the sum.", func() {
		g.broadcast("scale", 8)
		g.broadcast("shift", 7)
	}, func(x reg.GPVirtual, masked bool) {
		g.read(mem(x, 0), masked, 0)
		g.VFMSUB213PS(g.v(7), g.v(8), g.v(0))
		g.exp(0, 1)
		g.store(0, mem(x, 0), masked)
		g.drop(0, masked)
		g.VADDPS(g.v(0), g.v(total), g.v(total))
	})
	g.maximum()
}

func (g *generator) reduce(name, extra, doc string, setup func(), body func(x reg.GPVirtual, masked bool)) {
	g.function(name, "func(x *float32, n int"+extra+") float32", doc)
	x, n := g.load("x"), g.load("n")
	if setup != nil {
		setup()
	}
	g.clear(g.v(total))
	g.sweep(n, []reg.GPVirtual{x}, func(masked bool) { body(x, masked) })
	g.fold(total, func(a, b reg.VecPhysical) { g.VADDPS(a, b, b) })
	g.VZEROUPPER()
	g.Store(g.v(total).AsX(), g.ReturnIndex(0))
	g.RET()
}

// maximum starts from x[0] in every lane, which also stands in for the lanes past the end.
func (g *generator) maximum() {
	g.function("maximum", "func(x *float32, n int) float32", "returns the largest of x.")
	x, n := g.load("x"), g.load("n")
	g.VBROADCASTSS(mem(x, 0), g.v(total))
	g.sweep(n, []reg.GPVirtual{x}, func(masked bool) {
		switch {
		case masked && g.width == 16:
			g.VMOVAPS(g.v(total), g.v(0))
			g.VMOVUPS(mem(x, 0), reg.K1, g.v(0))
		case masked:
			g.read(mem(x, 0), true, 0)
			g.VBLENDVPS(g.v(maskRegister), g.v(0), g.v(total), g.v(0))
		default:
			g.read(mem(x, 0), false, 0)
		}
		g.VMAXPS(g.v(0), g.v(total), g.v(total))
	})
	g.fold(total, func(a, b reg.VecPhysical) { g.VMAXPS(a, b, b) })
	g.VZEROUPPER()
	g.Store(g.v(total).AsX(), g.ReturnIndex(0))
	g.RET()
}

// fold combines the lanes of register i into its first, with register i+1 as help.
func (g *generator) fold(i int, combine func(a, b reg.VecPhysical)) {
	a, b := g.v(i), g.v(i+1)
	x, y := physical(a.AsX()), physical(b.AsX())
	if g.width == 16 {
		g.VEXTRACTF64X4(operand.Imm(1), a, b.AsY())
		combine(physical(b.AsY()), physical(a.AsY()))
	}
	g.VEXTRACTF128(operand.Imm(1), a.AsY(), y)
	combine(y, x)
	g.VPERMILPS(operand.Imm(0b01_00_11_10), x, y)
	combine(y, x)
	g.VPERMILPS(operand.Imm(0b10_11_00_01), x, y)
	combine(y, x)
}

func physical(r reg.Register) reg.VecPhysical { return r.(reg.VecPhysical) }

// normalize emits dst = (x-mean)*by*gamma + beta.
func (g *generator) normalize() {
	g.function("normalize", "func(dst, x, gamma, beta *float32, n int, mean, by float32)", "sets dst to (x-mean)*by*gamma+beta.")
	dst, x, gamma, beta, n := g.load("dst"), g.load("x"), g.load("gamma"), g.load("beta"), g.load("n")
	g.broadcast("mean", 8)
	g.broadcast("by", 7)
	g.sweep(n, []reg.GPVirtual{dst, x, gamma, beta}, func(masked bool) {
		g.read(mem(x, 0), masked, 0)
		g.read(mem(gamma, 0), masked, 1)
		g.read(mem(beta, 0), masked, 2)
		g.VSUBPS(g.v(8), g.v(0), g.v(0))
		g.VMULPS(g.v(7), g.v(0), g.v(0))
		g.VFMADD213PS(g.v(2), g.v(1), g.v(0))
		g.store(0, mem(dst, 0), masked)
	})
	g.finish()
}

// rms emits dst = x*by*gamma.
func (g *generator) rms() {
	g.function("rms", "func(dst, x, gamma *float32, n int, by float32)", "sets dst to x*by*gamma.")
	dst, x, gamma, n := g.load("dst"), g.load("x"), g.load("gamma"), g.load("n")
	g.broadcast("by", 7)
	g.sweep(n, []reg.GPVirtual{dst, x, gamma}, func(masked bool) {
		g.read(mem(x, 0), masked, 0)
		g.read(mem(gamma, 0), masked, 1)
		g.VMULPS(g.v(7), g.v(0), g.v(0))
		g.VMULPS(g.v(1), g.v(0), g.v(0))
		g.store(0, mem(dst, 0), masked)
	})
	g.finish()
}

// rope emits the rotation of the pairs (head[i], head[i+half]).
func (g *generator) rope() {
	g.function("rope", "func(head, cos, sin *float32, half int)", "rotates the pairs (head[i], head[i+half]).")
	low, cos, sin, n := g.load("head"), g.load("cos"), g.load("sin"), g.load("half")
	high := g.GP64()
	g.LEAQ(operand.Mem{Base: low, Index: n, Scale: 4}, high)
	g.sweep(n, []reg.GPVirtual{low, high, cos, sin}, func(masked bool) {
		for i, p := range []reg.GPVirtual{low, high, cos, sin} {
			g.read(mem(p, 0), masked, i)
		}
		g.VMULPS(g.v(2), g.v(0), g.v(4))
		g.VMULPS(g.v(2), g.v(1), g.v(5))
		g.VFNMADD231PS(g.v(3), g.v(1), g.v(4))
		g.VFMADD231PS(g.v(3), g.v(0), g.v(5))
		g.store(4, mem(low, 0), masked)
		g.store(5, mem(high, 0), masked)
	})
	g.finish()
}

// dotRows emits the dot products of one vector with many rows.
func (g *generator) dotRows() {
	g.function("dotRows", "func(dst, x, rows *float32, ld, count, n int)", "sets dst[j] to the dot product of x and row j.")
	dst, rows, ld, count := g.load("dst"), g.load("rows"), g.load("ld"), g.load("count")
	g.SHLQ(operand.Imm(2), ld)
	next := g.label("row")
	g.Label(next)
	x, n, row := g.load("x"), g.load("n"), g.GP64()
	g.MOVQ(rows, row)
	g.clear(g.v(total))
	g.sweep(n, []reg.GPVirtual{x, row}, func(masked bool) {
		g.read(mem(x, 0), masked, 0)
		g.read(mem(row, 0), masked, 1)
		g.VFMADD231PS(g.v(0), g.v(1), g.v(total))
	})
	g.fold(total, func(a, b reg.VecPhysical) { g.VADDPS(a, b, b) })
	g.VMOVSS(g.v(total).AsX(), mem(dst, 0))
	g.ADDQ(operand.Imm(4), dst)
	g.ADDQ(ld, rows)
	g.DECQ(count)
	g.JNE(operand.LabelRef(next))
	g.finish()
}

// sumRows emits the weighted sum of many rows, four registers of columns at a time, then one.
func (g *generator) sumRows() {
	const wide = 4
	g.function("sumRows", "func(dst, weights, rows *float32, ld, count, n int)", "adds the sum of weights[j]*row j to dst.")
	dst, rows, ld, n := g.load("dst"), g.load("rows"), g.load("ld"), g.load("n")
	g.SHLQ(operand.Imm(2), ld)
	columns := func(regs int, masked bool) {
		for i := range regs {
			g.read(mem(dst, i*g.bytes()), masked, i)
		}
		row, weight, count := g.GP64(), g.load("weights"), g.load("count")
		g.MOVQ(rows, row)
		next := g.label("row")
		g.Label(next)
		g.VBROADCASTSS(mem(weight, 0), g.v(8))
		for i := range regs {
			if masked {
				g.read(mem(row, 0), true, 7)
				g.VFMADD231PS(g.v(7), g.v(8), g.v(0))
				continue
			}
			g.VFMADD231PS(mem(row, i*g.bytes()), g.v(8), g.v(i))
		}
		g.ADDQ(operand.Imm(4), weight)
		g.ADDQ(ld, row)
		g.DECQ(count)
		g.JNE(operand.LabelRef(next))
		for i := range regs {
			g.store(i, mem(dst, i*g.bytes()), masked)
		}
	}
	loop, rest := g.label("wide"), g.label("narrow")
	g.Label(loop)
	g.CMPQ(n, operand.U32(wide*g.width))
	g.JLT(operand.LabelRef(rest))
	columns(wide, false)
	g.ADDQ(operand.U32(wide*g.bytes()), dst)
	g.ADDQ(operand.U32(wide*g.bytes()), rows)
	g.SUBQ(operand.U32(wide*g.width), n)
	g.JMP(operand.LabelRef(loop))
	g.Label(rest)
	g.sweep(n, []reg.GPVirtual{dst, rows}, func(masked bool) { columns(1, masked) })
	g.finish()
}
