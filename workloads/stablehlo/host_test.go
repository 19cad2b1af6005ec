package stablehlo

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/internal/half"
	"github.com/accelbench/accelbench/workloads"
)

// TestHost: what is stored is what the workload generates, rounded once.
func TestHost(t *testing.T) {
	const k, m = 12, chunk/8 + 1 // more than a chunk
	for _, tt := range []struct {
		precision string
		width     int
		read      func(b []byte) float32
		round     func(x float32) float32
	}{
		{workloads.Full, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }, func(x float32) float32 { return x }},
		{workloads.Half, 2, func(b []byte) float32 { return half.FromFloat16(binary.LittleEndian.Uint16(b)) },
			func(x float32) float32 { return half.FromFloat16(half.Float16(x)) }},
		{workloads.BFloat16, 2, func(b []byte) float32 { return half.FromBFloat16(binary.LittleEndian.Uint16(b)) },
			func(x float32) float32 { return half.FromBFloat16(half.BFloat16(x)) }},
	} {
		t.Run(tt.precision, func(t *testing.T) {
			n := newNet(tt.precision, "host")
			v := n.weight("w", k, m, k, m)
			n.node(workloads.OpLinear, workloads.Attr{}, n.input("x", 2, k), v)
			w := workloadOf(n)
			got, err := Host(w, Port{Role: Param, Name: "w"})
			require.NoError(t, err)
			require.Len(t, got, tt.width*k*m)
			want := make([]float32, k*m)
			require.NoError(t, v.Generate(0, want))
			for i, x := range want {
				if y := tt.read(got[i*tt.width:]); y != tt.round(x) {
					require.Failf(t, "element", "%d: %v of %v", i, y, x)
				}
			}
		})
	}
}

// TestHostLevels: integers times scales are the elements that the workload generates.
func TestHostLevels(t *testing.T) {
	const k, m = 12, 5
	for _, tt := range []struct {
		precision string
		block     int
		read      func(b byte) float32
	}{
		{workloads.Int8, k, func(b byte) float32 { return float32(int8(b)) }},
		{workloads.Int4, 4, func(b byte) float32 { return float32(int8(b)) }},
		{workloads.Float8, k, half.FromE4M3},
	} {
		t.Run(tt.precision, func(t *testing.T) {
			n := newNet(tt.precision, "host")
			v := n.weight("w", tt.block, m, k, m)
			n.node(workloads.OpLinear, workloads.Attr{}, n.input("x", 2, k), v)
			w := workloadOf(n)
			levels, err := Host(w, Port{Role: Param, Name: "w"})
			require.NoError(t, err)
			scales, err := Host(w, Port{Role: Param, Name: "w.scale"})
			require.NoError(t, err)
			want := make([]float32, k*m)
			require.NoError(t, v.Generate(0, want))
			for i, x := range want {
				scale := math.Float32frombits(binary.LittleEndian.Uint32(scales[4*(i/m/tt.block*m+i%m):]))
				at := i
				if tt.precision == workloads.Float8 {
					at = i%m*k + i/m // such matrices lie transposed
				}
				require.Equal(t, x, tt.read(levels[at])*scale, "element %d", i)
			}
		})
	}
}

// fileWeights count up; they fail when they are told to.
type fileWeights struct{ err error }

func (f fileWeights) Chunk() int { return 7 }

func (f fileWeights) Fill(first int, dst []float32) error {
	for i := range dst {
		dst[i] = float32(first + i)
	}
	return f.err
}

// TestHostOfFiles: parameters from files have no generator and the content of the file.
func TestHostOfFiles(t *testing.T) {
	n := newNet(workloads.Full, "files")
	table := n.param("table", 5, 4)
	table.Weights = fileWeights{}
	n.node(workloads.OpEmbedding, workloads.Attr{}, table, n.ids("ids", 5, 1, 2))
	w := workloadOf(n)
	generators, err := Generators(w, Options{})
	require.NoError(t, err)
	require.Empty(t, generators)
	got, err := Host(w, Port{Role: Param, Name: "table"})
	require.NoError(t, err)
	for i := range 20 {
		require.Equal(t, float32(i), math.Float32frombits(binary.LittleEndian.Uint32(got[4*i:])))
	}
	torn := errors.New("torn")
	table.Weights = fileWeights{torn}
	_, err = Host(w, Port{Role: Param, Name: "table"})
	require.ErrorIs(t, err, torn)
	for _, p := range []Port{{Role: Param, Name: "none"}, {Role: Input, Name: "table"}} {
		_, err = Host(w, p)
		require.ErrorContains(t, err, "there is no such parameter")
	}
}
