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
