package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// blocked is a parameter with blocks of 32 along the product's sums.
func blocked(bits int, transposed bool, shape ...int) *workloads.Value {
	stride := shape[len(shape)-1]
	if transposed {
		stride = 1
	}
	return &workloads.Value{Name: "w", Kind: workloads.Param, DType: workloads.F32, Shape: shape,
		Param: &workloads.ParamSpec{Seed: 7, Scale: 1e-9, Bits: bits, Block: 32, Stride: stride}}
}

// unpacked is element (i, j) of a packed matrix, from its levels and scales.
func unpacked(m matrix, packed, scales []byte, i, j int) float32 {
	row := j*m.step + m.offset
	at := row*m.k + i
	scale := math.Float32frombits(binary.LittleEndian.Uint32(scales[4*(at/32):]))
	if m.value.Param.Bits == 8 {
		return float32(int(packed[at])-128) * scale
	}
	return float32(int(packed[at/2]>>(4*(at%2))&15)-8) * scale
}

func TestPackedLevelsAndScalesAreTheParameter(t *testing.T) {
	for _, bits := range []int{4, 8} {
		table := blocked(bits, true, 24, 96)
		plain := blocked(bits, false, 96, 24)
		gate := blocked(bits, false, 3, 64, 8)
		for name, ms := range map[string][]matrix{
			"table": {whole(table, true)}, "plain": {whole(plain, false)}, "experts": experts(gate),
			"alternating": {{value: gate, first: 2 * 64 * 8, k: 64, n: 8, step: 2, offset: 1}},
		} {
			t.Run(fmt.Sprint(name, bits), func(t *testing.T) {
				for _, m := range ms {
					size := m.k * (m.n*m.step + m.offset)
					packed, scales := make([]byte, size*bits/8), make([]byte, size/32*4)
					require.NoError(t, m.packLevels(packed))
					require.NoError(t, m.packScales(Float, scales))
					want := make([]float32, m.k*m.n)
					require.NoError(t, m.value.Generate(m.first, want))
					for i := range m.k {
						for j := range m.n {
							at := i*m.n + j
							if m.transposed {
								at = j*m.k + i
							}
							if got := unpacked(m, packed, scales, i, j); got != want[at] {
								t.Fatalf("element %d,%d of the matrix at %d is %v, want %v", i, j, m.first, got, want[at])
							}
						}
					}
				}
			})
		}
	}
}

func TestPackedFloats(t *testing.T) {
	v := blocked(8, false, 2, 64, 8)
	for _, typ := range []int32{Float, Float16} {
		m := experts(v)[1]
		m.step, m.offset = 2, 1
		dst := make([]byte, 64*(2*8+1)*width(typ))
		require.NoError(t, m.packFloats(typ, dst))
		want := make([]float32, 64*8)
		require.NoError(t, v.Generate(64*8, want))
		one := make([]byte, 4)
		for i := range 64 {
			for j := range 8 {
				at := int64((2*j+1)*64+i) * width(typ)
				storeFloats(typ)(one, want[i*8+j:][:1])
				require.Equal(t, one[:width(typ)], dst[at:at+width(typ)], "element %d,%d", i, j)
			}
		}
	}
}

func TestScalesRoundToHalves(t *testing.T) {
	m := whole(blocked(4, false, 64, 8), false)
	full, half := make([]byte, 2*8*4), make([]byte, 2*8*2)
	require.NoError(t, m.packScales(Float, full))
	require.NoError(t, m.packScales(Float16, half))
	for i := range 16 {
		want := workloads.Float16(math.Float32frombits(binary.LittleEndian.Uint32(full[4*i:])))
		assert.Equal(t, want, binary.LittleEndian.Uint16(half[2*i:]))
	}
}

func TestKernelLevels(t *testing.T) {
	v := &workloads.Value{Name: "w", Kind: workloads.Param, DType: workloads.F32, Shape: []int{3, 3, 5, 7},
		Param: &workloads.ParamSpec{Seed: 1, Scale: 1e-9, Bits: 8, Block: 45, Stride: 7}}
	q := make([]int8, 3*3*5*7)
	v.Levels(0, q)
	dst := make([]byte, len(q))
	require.NoError(t, kernelLevels(v, dst))
	for i := range 9 {
		for c := range 5 {
			for o := range 7 {
				assert.Equal(t, q[(i*5+c)*7+o], int8(dst[(o*5+c)*9+i]))
			}
		}
	}
}

func TestLevelsOfManyChunks(t *testing.T) {
	v := blocked(8, false, 64, 1000)
	want, got := make([]int8, 64000), make([]byte, 64000)
	v.Levels(0, want)
	require.NoError(t, copyLevels(v, got))
	for i := range want {
		if int8(got[i]) != want[i] {
			t.Fatalf("level %d is %d, want %d", i, int8(got[i]), want[i])
		}
	}
}

func TestShareGivesTheError(t *testing.T) {
	broken := errors.New("broken")
	assert.NoError(t, share(10, func(int) error { return nil }))
	assert.ErrorIs(t, share(10, func(i int) error {
		if i == 7 {
			return broken
		}
		return nil
	}), broken)
}

func BenchmarkPackLevels(b *testing.B) {
	m := whole(blocked(4, false, 2048, 8192), false)
	dst := make([]byte, 2048*8192/2)
	b.SetBytes(2048 * 8192)
	for b.Loop() {
		if err := m.packLevels(dst); err != nil {
			b.Fatal(err)
		}
	}
}
