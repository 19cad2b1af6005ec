package workloads

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBuilderKeepsTheFirstError: a misfit in the middle of a model is what its user hears of.
func TestBuilderKeepsTheFirstError(t *testing.T) {
	b := newBuilder(&Workload{Name: "model", Options: Options{Batch: 1}, Seed: 1}, "")
	x := b.input("x", F32, InputSpec{Kind: FillUniform}, 1, 4)
	y := b.product(x, "first", gain(1, 4), 5, 6)
	y = b.product(y, "second", gain(1, 6), 6, 7)
	_, err := b.finish(y)
	require.EqualError(t, err, "building model: node 0: linear: input x has shape [1 4], want [...,5]")
}

func TestBuilderSharesByName(t *testing.T) {
	b := newBuilder(&Workload{Name: "model", Options: Options{Batch: 1}, Seed: 1}, "")
	require.Same(t, b.param("w", aroundOne(), 2), b.param("w", aroundOne(), 2))
	require.NotSame(t, b.param("w", aroundOne(), 2), b.param("v", aroundOne(), 2))
}
