package kernel

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd gen && go run ."

// archSets returns the assembly sets that this CPU and its operating system support.
func archSets() []*Set {
	var sets []*Set
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasBMI2 {
		sets = append(sets, &Set{Name: "avx512", MR: 14, NR: 32, KC: 256, MC: 462, tile: tileAVX512, gemv: gemvAVX512, vec: vectors{
			relu: reluAVX512, add: addAVX512, addRelu: addReluAVX512, mul: mulAVX512, maxInto: maxIntoAVX512, scale: scaleAVX512,
			gelu: geluAVX512, siluMul: siluMulAVX512, maximum: maximumAVX512, expSum: expSumAVX512, sum: sumAVX512,
			squares: squaresAVX512, normalize: normalizeAVX512, rms: rmsAVX512, rope: ropeAVX512, dotRows: dotRowsAVX512,
			sumRows: sumRowsAVX512,
		}})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, &Set{Name: "avx2", MR: 6, NR: 16, KC: 512, MC: 240, tile: tileAVX2, gemv: gemvAVX2, vec: vectors{
			relu: reluAVX2, add: addAVX2, addRelu: addReluAVX2, mul: mulAVX2, maxInto: maxIntoAVX2, scale: scaleAVX2,
			gelu: geluAVX2, siluMul: siluMulAVX2, maximum: maximumAVX2, expSum: expSumAVX2, sum: sumAVX2,
			squares: squaresAVX2, normalize: normalizeAVX2, rms: rmsAVX2, rope: ropeAVX2, dotRows: dotRowsAVX2,
			sumRows: sumRowsAVX2,
		}})
	}
	return sets
}

// tileAVX512 is the tileFunc of its set: one generated function per row count.
func tileAVX512(rows, kc int, a *float32, lda int, b, start *float32, lds int, c *float32, ldc int) {
	switch rows {
	case 1:
		tile1xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 2:
		tile2xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 3:
		tile3xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 4:
		tile4xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 5:
		tile5xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 6:
		tile6xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 7:
		tile7xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 8:
		tile8xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 9:
		tile9xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 10:
		tile10xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 11:
		tile11xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 12:
		tile12xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 13:
		tile13xAVX512(kc, a, lda, b, start, lds, c, ldc)
	case 14:
		tile14xAVX512(kc, a, lda, b, start, lds, c, ldc)
	}
}

// tileAVX2 is the tileFunc of its set: one generated function per row count.
func tileAVX2(rows, kc int, a *float32, lda int, b, start *float32, lds int, c *float32, ldc int) {
	switch rows {
	case 1:
		tile1xAVX2(kc, a, lda, b, start, lds, c, ldc)
	case 2:
		tile2xAVX2(kc, a, lda, b, start, lds, c, ldc)
	case 3:
		tile3xAVX2(kc, a, lda, b, start, lds, c, ldc)
	case 4:
		tile4xAVX2(kc, a, lda, b, start, lds, c, ldc)
	case 5:
		tile5xAVX2(kc, a, lda, b, start, lds, c, ldc)
	case 6:
		tile6xAVX2(kc, a, lda, b, start, lds, c, ldc)
	}
}
