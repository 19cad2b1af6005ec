package workloads

// copyMiB is the size of one copied buffer: beyond the last-level caches of most CPUs, within the memory of everything.
const copyMiB = 64

// memcopy moves one buffer per sample and computes nothing: the ceiling for everything that is bound by memory.
func memcopy() model {
	return model{
		name: "memcopy", title: "copy of 64 MiB", family: "micro", unit: "MiB", pool: 2, everyday: true, precisions: []string{Full},
		data: "uniform floats in [-1, 1)",
		build: func(w *Workload) error {
			w.UnitsPerSample = copyMiB
			b := newBuilder(w, "")
			x := b.input("x", F32, InputSpec{Kind: FillUniform}, w.Options.Batch, copyMiB<<20/int(F32.Bytes()))
			return w.forward(b, b.node(OpCopy, Attr{}, x))
		},
	}
}

// forward finishes a single-pass model.
func (w *Workload) forward(b *builder, outputs ...*Value) error {
	g, err := b.finish(outputs...)
	if err != nil {
		return err
	}
	w.Phases = []Phase{{Name: "forward", Graph: g}}
	return nil
}
