package workloads_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// dtypes are all element types, with their sizes.
func dtypes() map[workloads.DType]int64 {
	return map[workloads.DType]int64{
		workloads.F32: 4, workloads.F64: 8, workloads.F16: 2, workloads.BF16: 2, workloads.I32: 4, workloads.I64: 8, workloads.I16: 2,
		workloads.I8: 1, workloads.U64: 8, workloads.U32: 4, workloads.U16: 2, workloads.U8: 1, workloads.Bool: 1,
	}
}

func TestTensorHasTheSizeOfItsType(t *testing.T) {
	for typ, size := range dtypes() {
		require.Equal(t, size, typ.Bytes(), typ)
		x := workloads.NewTensor(typ, []int{2, 3})
		require.Equal(t, []int{2, 3}, x.Shape)
		require.Equal(t, int(6*size), 4*len(x.F32)+4*len(x.I32)+len(x.Raw), "one field holds it all")
		require.Equal(t, typ == workloads.F32, x.F32 != nil)
		require.Equal(t, typ == workloads.I32, x.I32 != nil)

		// A slice is a window on the same memory.
		part := x.Slice(2, 5)
		require.Equal(t, []int{3}, part.Shape)
		require.Equal(t, typ, part.DType)
		require.Equal(t, int(3*size), 4*len(part.F32)+4*len(part.I32)+len(part.Raw))
		before := workloads.NewTensor(typ, []int{2, 3})
		require.True(t, x.Equal(before))
		switch {
		case part.F32 != nil:
			part.F32[0] = 1
			require.Equal(t, float32(1), x.F32[2])
		case part.I32 != nil:
			part.I32[0] = 1
			require.Equal(t, int32(1), x.I32[2])
		default:
			part.Raw[0] = 1
			require.Equal(t, byte(1), x.Raw[2*size])
		}
		require.False(t, x.Equal(before))
	}
	require.Len(t, workloads.NewTensor(workloads.F16, []int{}).Raw, 2, "a scalar has one element")
	require.Empty(t, workloads.NewTensor(workloads.F16, []int{3, 0}).Raw)
}

func TestTensorEqual(t *testing.T) {
	x := workloads.NewTensor(workloads.U8, []int{2, 2})
	require.True(t, x.Equal(workloads.NewTensor(workloads.U8, []int{2, 2})))
	require.False(t, x.Equal(workloads.NewTensor(workloads.I8, []int{2, 2})))
	require.False(t, x.Equal(workloads.NewTensor(workloads.U8, []int{4})))
}

func TestReal(t *testing.T) {
	for typ := range dtypes() {
		want := typ == workloads.F64 || typ == workloads.F32 || typ == workloads.F16 || typ == workloads.BF16
		require.Equal(t, want, typ.Real(), typ)
	}
}

func TestMatch(t *testing.T) {
	want := []*workloads.Value{{Name: "x", DType: workloads.F32, Shape: []int{2, 3}}, {Name: "n", DType: workloads.I8, Shape: []int{4}}}
	have := []workloads.Tensor{workloads.NewTensor(workloads.F32, []int{2, 3}), workloads.NewTensor(workloads.I8, []int{4})}
	require.NoError(t, workloads.Match("inputs", want, have))
	require.ErrorContains(t, workloads.Match("inputs", want, have[:1]), "1 inputs, the graph has 2")
	require.ErrorContains(t, workloads.Match("inputs", want, []workloads.Tensor{have[1], have[1]}), "inputs: x has 4 bytes of i8, the graph wants [2 3] of f32")
	require.ErrorContains(t, workloads.Match("inputs", want, []workloads.Tensor{workloads.NewTensor(workloads.F32, []int{5}), have[1]}), "x has 20 bytes of f32")

	have[0].F32[1] = 1
	require.Equal(t, []byte{0, 0, 0, 0, 0, 0, 0x80, 0x3f}, have[0].Bytes()[:8])
	have[0].Bytes()[3] = 0x40
	require.InDelta(t, 2, have[0].F32[0], 0, "it is the memory itself")
	require.Len(t, have[1].Bytes(), 4)
}
