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
