package kernel_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/cpu/peak"
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
)

// onOneCPU runs a benchmark on each set, on one held thread, and reports what fraction of that thread's peak, measured before and
// after in the same process, it reached. Rates are per second of the thread's CPU time, so that a busy machine does not count.
// flops and bytes are per iteration; bytes 0 is a benchmark that does not wait for memory.
func onOneCPU(b *testing.B, flops, bytes float64, build func(s *kernel.Set) func()) {
	for _, s := range kernel.Sets() {
		b.Run(s.Name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			cpu, release := hold(b)
			defer release()
			var top float64
			measure := func() {
				p, err := peak.Measure(b.Context(), []int{cpu}, peak.Options{Repeats: 1})
				require.NoError(b, err)
				if p.CPUOverWall != nil {
					p.FlopsF32 /= *p.CPUOverWall
				}
				top = max(top, p.FlopsF32)
			}
			measure()
			run := build(s)
			run()
			began := threadTime(b)
			for b.Loop() {
				run()
			}
			seconds := (threadTime(b) - began).Seconds() / float64(b.N)
			measure()
			b.ReportMetric(flops/seconds/1e9, "GFLOP/s")
			if bytes > 0 {
				b.ReportMetric(bytes/seconds/1e9, "GB/s")
				return
			}
			b.ReportMetric(100*flops/seconds/top, "%peak")
		})
	}
}

func gemm(b *testing.B, m, n, k int) {
	bytes := 0.0
	if m < 8 {
		bytes = 4 * float64(n) * float64(k)
	}
	onOneCPU(b, 2*float64(m)*float64(n)*float64(k), bytes, func(s *kernel.Set) func() {
		a, c := random(1, m*k), make([]float32, m*n)
		packed := s.PackB(k, n, random(2, k*n), n)
		scratch := new(kernel.Scratch)
		return func() { s.Gemm(m, a, k, packed, nil, kernel.InitZero, c, n, 0, n, scratch) }
	})
}

func BenchmarkGemm1024(b *testing.B)         { gemm(b, 1024, 1024, 1024) }
func BenchmarkGemm384x768x3072(b *testing.B) { gemm(b, 384, 768, 3072) }
func BenchmarkGemm128x2304x768(b *testing.B) { gemm(b, 128, 2304, 768) }
func BenchmarkGemv3072x768(b *testing.B)     { gemm(b, 1, 3072, 768) }
func BenchmarkGemv49152x576(b *testing.B)    { gemm(b, 1, 49152, 576) }
func BenchmarkGemm4x49152x576(b *testing.B)  { gemm(b, 4, 49152, 576) }

// BenchmarkConv3x3 is the 3x3 convolution of 56x56 pixels from 64 to 64 channels as an implicit patch matrix.
func BenchmarkConv3x3(b *testing.B) {
	const size, channels = 56, 64
	const k = 9 * channels
	onOneCPU(b, 2*size*size*channels*k, 0, func(s *kernel.Set) func() {
		const width = size + 2
		input, c := random(1, width*width*channels), make([]float32, size*size*channels)
		packed := s.PackB(k, channels, random(2, k*channels), channels)
		fill := func(dst []float32, ldd, i0, i1, p0, p1 int) {
			for i := i0; i < i1; i++ {
				y, x := i/size, i%size
				row := dst[(i-i0)*ldd:]
				for p := p0; p < p1; {
					line := p / (3 * channels)
					end := min(p1, (line+1)*3*channels)
					copy(row[p-p0:end-p0], input[((y+line)*width+x)*channels+p-line*3*channels:])
					p = end
				}
			}
		}
		scratch := new(kernel.Scratch)
		return func() {
			s.GemmFill(size*size, k, fill, packed, nil, kernel.InitZero, c, channels, 0, channels, scratch)
		}
	})
}

func BenchmarkRows(b *testing.B) {
	const n = 1 << 14
	for name, f := range map[string]func(s *kernel.Set, x, y []float32){
		"gelu":      func(s *kernel.Set, x, _ []float32) { s.Gelu(x) },
		"silu":      func(s *kernel.Set, x, y []float32) { s.SiluMul(x, y) },
		"softmax":   func(s *kernel.Set, x, _ []float32) { s.Softmax(x, 1) },
		"layernorm": func(s *kernel.Set, x, y []float32) { s.LayerNorm(x, x, y, y, 1e-5) },
		"addrelu":   func(s *kernel.Set, x, y []float32) { s.AddReluInto(x, y) },
	} {
		for _, s := range kernel.Sets() {
			b.Run(name+"/"+s.Name, func(b *testing.B) {
				start, x, y := random(1, n), make([]float32, n), random(2, n)
				for b.Loop() {
					copy(x, start) // in place again and again, values would shrink to denormals
					f(s, x, y)
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/n, "ns/value")
			})
		}
	}
}
