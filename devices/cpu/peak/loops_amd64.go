package peak

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:noescape
func fmaAVX512(rounds int, scale, shift float32) float32

//go:noescape
func fmaAVX2(rounds int, scale, shift float32) float32

// readAVX2 sums n bytes (a multiple of readUnit) of each stream; stream i starts i*distance bytes behind p.
//
//go:noescape
func readAVX2(p unsafe.Pointer, distance, streams, n int) float32

// fmaLoops returns the loops that this CPU runs, widest first.
func fmaLoops() []fmaLoop {
	var loops []fmaLoop
	if cpu.X86.HasAVX512F {
		loops = append(loops, fmaLoop{name: "fma avx512", lanes: 16 * 16, perRound: 4, run: fmaAVX512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		loops = append(loops, fmaLoop{name: "fma avx2", lanes: 14 * 8, perRound: 4, run: fmaAVX2})
	}
	return append(loops, fmaGo())
}

func readName() string {
	if cpu.X86.HasAVX2 {
		return "loads avx2"
	}
	return "loads go"
}

func readStreams(p unsafe.Pointer, distance, streams, n int) float64 {
	if cpu.X86.HasAVX2 {
		return float64(readAVX2(p, distance, streams, n))
	}
	return readGo(p, distance, streams, n)
}
