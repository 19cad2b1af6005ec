package workloads

// gemmSize is the edge of the square matrices.
const gemmSize = 1024

// gemm multiplies a fresh matrix by a constant one, per sample: the ceiling for everything that is bound by arithmetic.
func gemm() model {
	return model{
		name: "gemm", title: "matrix product 1024 x 1024 x 1024", family: "micro", unit: "gemm", pool: 4, everyday: true, precisions: []string{Full, Half, BFloat16, Int8, Float8},
		data: "uniform floats in [-1, 1) times random weights, uniform with variance 3/1024",
		build: func(w *Workload) error {
			b := newBuilder(w, "")
			x := b.input("x", F32, InputSpec{Kind: FillUniform}, w.Options.Batch, gemmSize, gemmSize)
			// The inputs have variance 1/3, so this makes outputs of variance 1.
			return w.forward(b, b.product(x, "w", gain(3, gemmSize), gemmSize, gemmSize))
		},
	}
}
