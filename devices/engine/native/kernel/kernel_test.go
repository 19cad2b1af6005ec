package kernel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/native/kernel"
)

// eachSet runs a test on every set of this machine.
func eachSet(t *testing.T, test func(t *testing.T, s *kernel.Set)) {
	for _, s := range kernel.Sets() {
		t.Run(s.Name, func(t *testing.T) { test(t, s) })
	}
}

func random(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

// shape is one product to check.
type shape struct {
	m, n, k       int
	lda, ldb, ldc int
	n0, n1        int
	init          kernel.Init
	bias          bool
	fill          bool
	transposed    bool
}

const guard = float32(12345)

// checkProduct compares one product with a float64 one and proves that nothing around c was written.
func checkProduct(t require.TestingT, s *kernel.Set, v shape, scratch *kernel.Scratch) {
	a := random(1, v.m*v.lda)
	var packed *kernel.PackedB
	var at func(p, j int) float64
	if v.transposed {
		b := random(2, v.n*v.ldb)
		packed = s.PackBT(v.k, v.n, b, v.ldb)
		at = func(p, j int) float64 { return float64(b[j*v.ldb+p]) }
	} else {
		b := random(2, v.k*v.ldb)
		packed = s.PackB(v.k, v.n, b, v.ldb)
		at = func(p, j int) float64 { return float64(b[p*v.ldb+j]) }
	}
	var bias []float32
	if v.bias {
		bias = random(3, v.n)
	}
	const margin = 64
	whole := make([]float32, margin+v.m*v.ldc+margin)
	for i := range whole {
		whole[i] = guard
	}
	c := whole[margin : margin+v.m*v.ldc]
	old := random(4, v.m*v.ldc)
	if v.init == kernel.InitC {
		for i := range v.m {
			copy(c[i*v.ldc+v.n0:i*v.ldc+v.n1], old[i*v.ldc+v.n0:])
		}
	}
	if v.fill {
		fill := func(dst []float32, ldd, i0, i1, p0, p1 int) {
			for i := i0; i < i1; i++ {
				copy(dst[(i-i0)*ldd:(i-i0)*ldd+p1-p0], a[i*v.lda+p0:])
			}
		}
		s.GemmFill(v.m, v.k, fill, packed, bias, v.init, c, v.ldc, v.n0, v.n1, scratch)
	} else {
		s.Gemm(v.m, a, v.lda, packed, bias, v.init, c, v.ldc, v.n0, v.n1, scratch)
	}
	for i, got := range whole {
		row, col := (i-margin)/v.ldc, (i-margin)%v.ldc
		if i < margin || row >= v.m || col < v.n0 || col >= v.n1 {
			if got != guard {
				require.Failf(t, "written outside c", "%s %+v: index %d", s.Name, v, i-margin)
			}
			continue
		}
		var want float64
		if v.init == kernel.InitC {
			want = float64(old[i-margin])
		}
		if bias != nil {
			want += float64(bias[col])
		}
		for p := range v.k {
			want += float64(a[row*v.lda+p]) * at(p, col)
		}
		if math.Abs(float64(got)-want) > 1e-6*float64(v.k+8) {
			require.Failf(t, "wrong product", "%s %+v: c[%d,%d] = %v, want %v", s.Name, v, row, col, got, want)
		}
	}
}

func TestGemmShapes(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		var scratch kernel.Scratch
		depths := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, s.KC - 1, s.KC, s.KC + 1}
		widths := []int{1, s.NR - 1, s.NR, s.NR + 1, 2*s.NR + 3, 4 * s.NR, 5*s.NR - 1}
		count := 0
		for m := 1; m <= 2*s.MR+1; m++ {
			for _, n := range widths {
				for _, k := range depths {
					if k > 9 && testing.Short() && m%5 != 1 {
						continue
					}
					v := shape{m: m, n: n, k: k, lda: k + count%3, ldb: n + count%2, ldc: n + count%4, n1: n}
					v.init, v.bias = kernel.Init(count%3), count%3 > 0 && count%5 > 1
					v.fill, v.transposed = count%7 < 3, count%4 == 1
					if v.transposed {
						v.ldb = k + count%2
					}
					checkProduct(t, s, v, &scratch)
					count++
				}
			}
		}
	})
}

func TestGemmBlocksAndColumnRanges(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		var scratch kernel.Scratch
		wide := 5*s.NR + 3
		for _, v := range []shape{
			{m: s.MC + s.MR + 1, n: s.NR + 1, k: 2*s.KC + 5, n1: s.NR + 1},
			{m: s.MC + 1, n: wide, k: 7, n0: s.NR, n1: 3 * s.NR},
			{m: 1, n: wide, k: s.KC + 9, n0: s.NR, n1: wide},
			{m: 3, n: wide, k: 2 * s.KC, n0: 5 * s.NR, n1: wide},
			{m: s.MR + 2, n: 70 + wide, k: 512, lda: 1024, n0: 0, n1: 70 + wide}, // rows that share cache sets are copied
			{m: 4, n: 8, k: 4, n0: 4 * 0, n1: 0},                                 // no columns: nothing happens
		} {
			v.lda, v.ldb, v.ldc = max(v.lda, v.k), v.n, v.n+1
			for init := range kernel.Init(3) {
				for _, fill := range []bool{false, true} {
					v.init, v.bias, v.fill = init, init != kernel.InitZero, fill
					checkProduct(t, s, v, &scratch)
				}
			}
		}
	})
}

func FuzzGemm(f *testing.F) {
	f.Add(uint16(7), uint16(33), uint16(257), uint16(3), uint8(1))
	f.Add(uint16(1), uint16(130), uint16(5), uint16(0), uint8(14))
	f.Fuzz(func(t *testing.T, m, n, k, extra uint16, flags uint8) {
		v := shape{m: 1 + int(m)%40, n: 1 + int(n)%200, k: 1 + int(k)%600}
		v.lda, v.ldc = v.k+int(extra)%9, v.n+int(extra)%5
		v.init = kernel.Init(flags % 3)
		v.bias = v.init != kernel.InitZero && flags&8 != 0
		v.fill, v.transposed = flags&16 != 0, flags&32 != 0
		v.ldb = v.n + int(extra)%3
		if v.transposed {
			v.ldb = v.k + int(extra)%3
		}
		for _, s := range kernel.Sets() {
			panels := (v.n + s.NR - 1) / s.NR
			v.n0 = int(flags>>6) % panels * s.NR
			v.n1 = v.n
			checkProduct(t, s, v, new(kernel.Scratch))
		}
	})
}

func TestGemmRefusesWrongShapes(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		b := s.PackB(8, 2*s.NR, make([]float32, 16*s.NR), 2*s.NR)
		a, c := make([]float32, 16), make([]float32, 4*s.NR)
		n := 2 * s.NR
		for name, call := range map[string]func(){
			"short a":          func() { s.Gemm(3, a, 8, b, nil, kernel.InitZero, c, n, 0, n, new(kernel.Scratch)) },
			"short c":          func() { s.Gemm(2, a, 8, b, nil, kernel.InitZero, c[1:], n, 0, n, new(kernel.Scratch)) },
			"narrow c":         func() { s.Gemm(2, a, 8, b, nil, kernel.InitZero, c, n-1, 0, n, new(kernel.Scratch)) },
			"half a panel":     func() { s.Gemm(2, a, 8, b, nil, kernel.InitZero, c, n, 1, n, new(kernel.Scratch)) },
			"short bias":       func() { s.Gemm(2, a, 8, b, make([]float32, n-1), kernel.InitBias, c, n, 0, n, new(kernel.Scratch)) },
			"bias on zero":     func() { s.Gemm(2, a, 8, b, make([]float32, n), kernel.InitZero, c, n, 0, n, new(kernel.Scratch)) },
			"depth of fill":    func() { s.GemmFill(2, 9, nil, b, nil, kernel.InitZero, c, n, 0, n, new(kernel.Scratch)) },
			"rows of b":        func() { s.PackB(3, 4, make([]float32, 11), 4) },
			"columns of b":     func() { s.PackBT(4, 3, make([]float32, 12), 3) },
			"another set's b":  func() { s.Gemm(2, a, 8, new(kernel.PackedB), nil, kernel.InitZero, c, n, 0, n, new(kernel.Scratch)) },
			"row function":     func() { s.AddInto(c, c[1:]) },
			"rows of dot rows": func() { s.DotRows(make([]float32, 3), a[:8], a, 8) },
		} {
			require.Panics(t, call, name)
		}
	})
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	eachSet(t, func(t *testing.T, s *kernel.Set) {
		const m, n, k = 30, 75, 512
		a, w, c, bias := random(1, m*1024), random(2, k*n), random(3, m*n), random(4, n)
		b := s.PackB(k, n, w, n)
		var scratch kernel.Scratch
		fill := func(dst []float32, ldd, i0, i1, p0, p1 int) {
			for i := i0; i < i1; i++ {
				copy(dst[(i-i0)*ldd:][:p1-p0], a[i*1024+p0:])
			}
		}
		require.Zero(t, testing.AllocsPerRun(5, func() {
			s.PackBInto(b, k, n, w, n)
			s.PackBTInto(b, k, n, w, k)
			s.Gemm(m, a, 1024, b, bias, kernel.InitBias, c, n, 0, n, &scratch)
			s.Gemm(1, a, 1024, b, nil, kernel.InitZero, c, n, 0, n, &scratch)
			s.GemmFill(m, k, fill, b, bias, kernel.InitC, c, n, 0, n, &scratch)
			s.Softmax(a[:k], 1)
			s.LayerNorm(a[:n], a[:n], bias, bias, 1e-5)
			s.Gelu(a[:k])
			s.DotRows(c[:m], a[:k], a, 1024)
		}))
	})
}

func TestPackedMemoryIsReused(t *testing.T) {
	s := kernel.Best()
	w := random(1, 200*200)
	b := s.PackB(200, 200, w, 200)
	before := b.Bytes()
	require.GreaterOrEqual(t, before, 4*200*200)
	require.Zero(t, testing.AllocsPerRun(3, func() { s.PackBInto(b, 10, 20, w, 200) }))
	require.Less(t, b.Bytes(), before)
	require.Equal(t, []int{10, 20}, []int{b.K, b.N})
}

func TestSetsEndWithThePortableOne(t *testing.T) {
	sets := kernel.Sets()
	require.Equal(t, "go", sets[len(sets)-1].Name)
	require.Equal(t, kernel.Best().Name, sets[0].Name)
	for _, s := range sets {
		require.Zero(t, s.MC%s.MR, fmt.Sprint(s.Name))
	}
}
