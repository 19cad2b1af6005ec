package workloads

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStreamsAreEnough: elements, integers and scales follow from what is exported alone.
func TestStreamsAreEnough(t *testing.T) {
	bits := func(start uint64, i int) int64 {
		x := start + uint64(i)*Weyl
		x = (x ^ x>>30) * MixFirst
		x = (x ^ x>>27) * MixSecond
		return int64((x ^ x>>31) >> (64 - UniformBits))
	}
	const half, n = 1 << (UniformBits - 1), 40
	v := &Value{Name: "w", Shape: []int{n}, Param: &ParamSpec{Seed: 11, Scale: 0.3, Offset: 5}}
	floats := make([]float32, n)
	require.NoError(t, v.Generate(0, floats))
	for i, x := range floats {
		require.Equal(t, float32(bits(v.Stream(), i)-half+5)*0.3, x)
	}
	v.Param = &ParamSpec{Seed: 11, Scale: 0.3, Bits: 4, Block: 4, Stride: 2}
	levels, scales := make([]int8, n), make([]float32, n/4)
	v.Levels(0, levels)
	v.Scales(0, scales)
	count := int64(v.Param.LevelCount())
	for i, q := range levels {
		require.Equal(t, bits(v.Stream(), i)*count>>UniformBits-count/2, int64(q))
	}
	for i, s := range scales {
		require.Equal(t, float32(bits(v.ScaleStream(), i)-half+1<<23)*0.3, s)
	}
}
