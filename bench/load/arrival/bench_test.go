package arrival

import "testing"

func BenchmarkNext(b *testing.B) {
	for _, c := range []struct {
		name string
		spec Spec
	}{
		{"poisson", Spec{Process: Poisson, Rate: 1000}},
		{"constant", Spec{Process: Constant, Rate: 1000}},
		{"gamma-bursty", Spec{Process: Gamma, Shape: 0.5, Rate: 1000}},
		{"gamma-smooth", Spec{Process: Gamma, Shape: 4, Rate: 1000}},
		{"poisson-ramp", Spec{Process: Poisson, Rate: 1, RateEnd: 1e6, Span: 1 << 62}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := New(c.spec)
			b.ReportAllocs()
			for b.Loop() {
				s.Next()
			}
		})
	}
}

func BenchmarkHash(b *testing.B) {
	var h Hash
	for i := 0; b.Loop(); i++ {
		h.Add(int64(i), i&1023)
	}
	_ = h.Sum()
}
