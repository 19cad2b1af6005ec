package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowFunctions emits package kernel's table of row functions. The formulas and their constants are those of vector_go.go there,
// where they are explained.
func rowFunctions(g *generator) {
	g.unary("relu", "sets x to max(x, 0).", "", nil, func() {
		g.clear(g.v(1))
		g.VMAXPS(g.v(0), g.v(1), g.v(0))
	})
	g.unary("scale", "multiplies x by a number.", ", by float32", func() { g.broadcast("by", 8) }, func() {
		g.VMULPS(g.v(8), g.v(0), g.v(0))
	})
	g.unary("gelu", "sets x to gelu(x).", "", nil, g.geluBody)
	g.binary("add", "dst", "x", "adds x to dst.", func() { g.VADDPS(g.v(1), g.v(0), g.v(0)) })
	g.binary("addRelu", "dst", "x", "sets dst to max(dst+x, 0).", func() {
		g.VADDPS(g.v(1), g.v(0), g.v(0))
		g.clear(g.v(1))
		g.VMAXPS(g.v(0), g.v(1), g.v(0))
	})
	g.binary("mul", "dst", "x", "multiplies dst by x.", func() { g.VMULPS(g.v(1), g.v(0), g.v(0)) })
	g.binary("maxInto", "dst", "x", "sets dst to max(dst, x).", func() { g.VMAXPS(g.v(0), g.v(1), g.v(0)) })
	g.binary("siluMul", "gate", "up", "sets gate to silu(gate)*up.", g.siluBody)
	g.reductions()
	g.normalize()
	g.rms()
	g.rope()
	g.dotRows()
	g.sumRows()
}

// maskRegister holds the mask of a row's rest on AVX2; on AVX-512 that is K1.
const maskRegister = 15

// sweep emits a loop over n elements: body for whole registers, with moving pointers, then once more, masked, for the rest.
func (g *generator) sweep(n reg.GPVirtual, pointers []reg.GPVirtual, body func(masked bool)) {
	loop, rest, end := g.label("loop"), g.label("rest"), g.label("end")
	width := operand.U32(g.width)
	g.CMPQ(n, width)
	g.JLT(operand.LabelRef(rest))
	g.Label(loop)
	body(false)
	for _, p := range pointers {
		g.ADDQ(operand.U32(g.bytes()), p)
	}
	g.SUBQ(width, n)
	g.CMPQ(n, width)
	g.JGE(operand.LabelRef(loop))
	g.Label(rest)
	g.TESTQ(n, n)
	g.JE(operand.LabelRef(end))
	g.mask(n)
	body(true)
	g.Label(end)
}

// mask selects the first n lanes, 0 < n < width. It destroys n.
func (g *generator) mask(n reg.GPVirtual) {
	if g.width == 16 {
		bits := g.GP64()
		g.MOVQ(operand.U32(1<<g.width-1), bits)
		g.BZHIQ(n, bits, bits)
		g.KMOVW(bits.As32(), reg.K1)
		return
	}
	table := g.GP64()
	g.LEAQ(g.laneMasks(), table)
	g.NEGQ(n)
	g.VMOVUPS(operand.Mem{Base: table, Disp: g.bytes(), Index: n, Scale: 4}, g.v(maskRegister))
}

// laneMasks is a register of ones followed by a register of zeros.
func (g *generator) laneMasks() operand.Mem {
	const name = "lanemasks"
	if m, ok := g.constants[name]; ok {
		return m
	}
	m := g.StaticGlobal(name)
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * g.width {
		v := operand.U32(math.MaxUint32)
		if i >= g.width {
			v = 0
		}
		g.AddDatum(4*i, v)
	}
	g.remember(name, m)
	return m
}

// constant is a register's worth of one number, in memory.
func (g *generator) constant(bits uint32) operand.Mem {
	name := fmt.Sprintf("c%08x", bits)
	if m, ok := g.constants[name]; ok {
		return m
	}
	m := g.StaticGlobal(name)
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range g.width {
		g.AddDatum(4*i, operand.U32(bits))
	}
	g.remember(name, m)
	return m
}

func (g *generator) number(v float64) operand.Mem { return g.constant(math.Float32bits(float32(v))) }

func (g *generator) remember(name string, m operand.Mem) {
	if g.constants == nil {
		g.constants = map[string]operand.Mem{}
	}
	g.constants[name] = m
}

// read loads a register; lanes outside the mask become 0.
func (g *generator) read(m operand.Mem, masked bool, i int) {
	switch {
	case !masked:
		g.VMOVUPS(m, g.v(i))
	case g.width == 16:
		g.VMOVUPS_Z(m, reg.K1, g.v(i))
	default:
		g.VMASKMOVPS(m, g.v(maskRegister), g.v(i))
	}
}

func (g *generator) store(i int, m operand.Mem, masked bool) {
	switch {
	case !masked:
		g.VMOVUPS(g.v(i), m)
	case g.width == 16:
		g.VMOVUPS(g.v(i), reg.K1, m)
	default:
		g.VMASKMOVPS(g.v(i), g.v(maskRegister), m)
	}
}

// drop zeroes the lanes outside the mask.
func (g *generator) drop(i int, masked bool) {
	switch {
	case !masked:
	case g.width == 16:
		g.VMOVAPS_Z(g.v(i), reg.K1, g.v(i))
	default:
		g.VANDPS(g.v(maskRegister), g.v(i), g.v(i))
	}
}

// unary emits a function of one row, worked on in register 0.
func (g *generator) unary(name, doc, extra string, setup, body func()) {
	g.function(name, "func(x *float32, n int"+extra+")", doc)
	x, n := g.load("x"), g.load("n")
	if setup != nil {
		setup()
	}
	g.sweep(n, []reg.GPVirtual{x}, func(masked bool) {
		g.read(mem(x, 0), masked, 0)
		body()
		g.store(0, mem(x, 0), masked)
	})
	g.finish()
}

// binary emits a function of two rows: register 0 (read and written) and register 1.
func (g *generator) binary(name, to, from, doc string, body func()) {
	g.function(name, fmt.Sprintf("func(%s, %s *float32, n int)", to, from), doc)
	dst, x, n := g.load(to), g.load(from), g.load("n")
	g.sweep(n, []reg.GPVirtual{dst, x}, func(masked bool) {
		g.read(mem(dst, 0), masked, 0)
		g.read(mem(x, 0), masked, 1)
		body()
		g.store(0, mem(dst, 0), masked)
	})
	g.finish()
}

// exp sets register x to its exponential. It uses registers t, t+1 and t+2.
func (g *generator) exp(x, t int) {
	k, p := t, t+1
	g.VMULPS(g.number(math.Log2E), g.v(x), g.v(k))
	if g.width == 16 {
		g.VRNDSCALEPS(operand.Imm(8), g.v(k), g.v(k))
		g.VCMPPS(operand.Imm(5), g.number(expLow), g.v(x), reg.K2) // not less: a NaN stays one
	} else {
		g.VROUNDPS(operand.Imm(8), g.v(k), g.v(k))
		g.VCMPPS(operand.Imm(1), g.number(expLow), g.v(x), g.v(t+2))
	}
	g.VFNMADD231PS(g.number(ln2High), g.v(k), g.v(x))
	g.VFNMADD231PS(g.number(math.Ln2-ln2High), g.v(k), g.v(x))
	g.VMOVUPS(g.number(1.0/5040), g.v(p))
	for _, c := range []float64{1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1} {
		g.VFMADD213PS(g.number(c), g.v(x), g.v(p))
	}
	g.VCVTPS2DQ(g.v(k), g.v(k))
	g.VPADDD(g.constant(127), g.v(k), g.v(k))
	g.VPSLLD(operand.Imm(23), g.v(k), g.v(k))
	g.VMULPS(g.v(k), g.v(p), g.v(p))
	if g.width == 16 {
		g.VMOVAPS_Z(g.v(p), reg.K2, g.v(x))
	} else {
		g.VANDNPS(g.v(p), g.v(t+2), g.v(x))
	}
}

const (
	ln2High = 0.693359375
	expLow  = -87.33654
	expHigh = 88
	farOut  = 30
)

// geluBody: register 0 from x to gelu(x).
func (g *generator) geluBody() {
	const x, size, t, p, e = 0, 1, 2, 3, 4
	if g.width == 16 {
		g.VPANDD(g.constant(0x7fffffff), g.v(x), g.v(size))
	} else {
		g.VANDPS(g.constant(0x7fffffff), g.v(x), g.v(size))
	}
	g.VMOVUPS(g.number(farOut), g.v(t))
	g.VMINPS(g.v(size), g.v(t), g.v(size)) // of a NaN and a number the first operand named here survives
	g.VMULPS(g.number(math.Sqrt2/2), g.v(size), g.v(e))
	g.VMOVUPS(g.number(1), g.v(p))
	g.VMOVAPS(g.v(p), g.v(t))
	g.VFMADD231PS(g.number(0.3275911), g.v(e), g.v(t))
	g.VDIVPS(g.v(t), g.v(p), g.v(t))
	g.VMOVUPS(g.number(1.061405429), g.v(p))
	for _, c := range []float64{-1.453152027, 1.421413741, -0.284496736, 0.254829592} {
		g.VFMADD213PS(g.number(c), g.v(t), g.v(p))
	}
	g.VMULPS(g.v(t), g.v(p), g.v(p))
	g.clear(g.v(t))
	g.VMAXPS(g.v(x), g.v(t), g.v(x))
	g.VFNMADD213PS(g.v(t), g.v(e), g.v(e)) // -z^2
	g.exp(e, e+1)
	g.VMULPS(g.v(e), g.v(p), g.v(p))
	g.VMULPS(g.number(0.5), g.v(size), g.v(size))
	g.VFNMADD231PS(g.v(p), g.v(size), g.v(x))
}

// siluBody: register 0 from gate to silu(gate)*up, up in register 1.
func (g *generator) siluBody() {
	const x, up, e = 0, 1, 2
	g.VMOVUPS(g.number(-expHigh), g.v(e))
	g.VMAXPS(g.v(x), g.v(e), g.v(x))
	g.clear(g.v(e))
	g.VSUBPS(g.v(x), g.v(e), g.v(e))
	g.exp(e, e+1)
	g.VADDPS(g.number(1), g.v(e), g.v(e))
	g.VDIVPS(g.v(e), g.v(x), g.v(x))
	g.VMULPS(g.v(up), g.v(x), g.v(x))
}
