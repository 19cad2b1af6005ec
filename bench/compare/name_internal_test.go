package compare

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesOfUnlikeSides(t *testing.T) {
	for _, c := range []struct{ base, head, want string }{
		{"gemm f32 on a CPU", "gemm f32 on a CPU", "gemm f32 on a CPU"},
		{"gemm f32 with onnxruntime on a CPU", "gemm f32 with native on a CPU", "gemm f32 with (onnxruntime → native) on a CPU"},
		{"native", "onnxruntime", "native → onnxruntime"},
		{"gemm f32", "gemm f32, batch 4", "gemm (f32 → f32, batch 4)"},
		{"gemm on a b", "gemm on a a b", "gemm on (a → a a) b"},
		{"gemm f32", "gemm f32 twice", "gemm (f32 → f32 twice)"},
	} {
		require.Equal(t, c.want, pair{base: Subject{Name: c.base}, head: Subject{Name: c.head}}.name())
	}
}

// TestReasonsThatAreAlike: of runs that were spoiled in the same way one speaks for all.
func TestReasonsThatAreAlike(t *testing.T) {
	s := Subject{Reasons: []string{"waited for a CPU 7.1 % of the time", "waited for a CPU 72 % of the time", "out of memory", "waited for a CPU 8.3 % of the time"}}
	require.Equal(t, "waited for a CPU 7.1 % of the time (and 2 more alike); out of memory", reasons(s))
}
