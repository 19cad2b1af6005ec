// Package kernel holds the compute kernels of the native engine: matrix products over packed constants and the row functions of
// networks (activations, softmax, norms, rotary embedding), each in AVX-512, AVX2 and plain Go.
//
// The flow: Best (or Sets, for tests) names the instruction sets of this machine; a constant matrix is packed once into panels by
// Set.PackB; Set.Gemm multiplies rows that lie in memory, Set.GemmFill rows that a function produces block by block (convolution).
// Temporary memory lives in a Scratch, one per worker, so that steady state allocates nothing.
//
// The room's one rule: pure functions on float32 slices. No graph, no goroutine, no state but the caller's Scratch.
package kernel

// Init says what a product is added to.
type Init int

const (
	// InitZero is c = a·b. The bias must be nil.
	InitZero Init = iota
	// InitBias is c = bias + a·b. A nil bias is zero.
	InitBias
	// InitC is c = c + bias + a·b. A nil bias is zero.
	InitC
)

// Set is one family of kernels for one instruction set. It is immutable and safe for concurrent use.
type Set struct {
	// Name is "avx512", "avx2" or "go".
	Name string
	// MR and NR are the rows and columns of the largest register tile. Work is best split over threads in multiples of them.
	MR, NR int
	// KC is the number of rows of one packed block, MC the number of A rows that are worked on against it (a multiple of MR).
	KC, MC int

	tile tileFunc
	gemv gemvFunc // nil: the one-row tile serves
	vec  vectors
}

// tileFunc computes one tile of rows x NR: c[i,j] = start[i,j] + sum over p < kc of a[i,p]*b[p,j], where rows of start, a and c are
// lds, lda and ldc floats apart and b is one packed panel. lds 0 starts every row from the same NR values.
type tileFunc func(rows, kc int, a *float32, lda int, b, start *float32, lds int, c *float32, ldc int)

// gemvFunc is tileFunc for one row and gemvPanels adjacent panels, kc*NR floats apart: several read streams at once, which is what
// a product that waits for memory needs.
type gemvFunc func(kc int, a, b, start, c *float32)

// gemvPanels is the number of panels of one gemvFunc call.
const gemvPanels = 4

// Best returns the fastest set that this CPU runs.
func Best() *Set { return Sets()[0] }

// Sets returns every set that this CPU runs, fastest first; the last is always the portable "go" set.
func Sets() []*Set { return append(archSets(), goSet()) }
