package probe_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
	"github.com/accelbench/accelbench/workloads/stablehlo/probe"
)

// run executes a program in the interpreter.
func run(t require.TestingT, p *stablehlo.Program, args ...[]byte) [][]byte {
	m, err := mlir.Parse(p.Text)
	require.NoError(t, err)
	var in []hlotest.Array
	for i, a := range m.Func("main").Body.Args {
		in = append(in, hlotest.Array{Type: a.Type, Data: args[i]})
	}
	results, err := hlotest.Run(context.Background(), m, in)
	require.NoError(t, err)
	require.Len(t, results, len(p.Results))
	var out [][]byte
	for i, r := range results {
		require.EqualValues(t, p.Results[i].Bytes(), len(r.Data), "the port of a result has its size")
		out = append(out, r.Data)
	}
	return out
}

// TestFillIsRandom: the host makes what the program makes, to the bit, from any place on.
func TestFillIsRandom(t *testing.T) {
	for _, dtype := range []workloads.DType{workloads.F32, workloads.F16, workloads.BF16, workloads.F8E4M3, workloads.I8} {
		const rows, columns = 5, 7
		p, err := probe.Random(dtype, rows, columns, 1)
		require.NoError(t, err)
		rapid.Check(t, func(t *rapid.T) {
			seed := rapid.Uint64().Draw(t, "seed")
			from := rapid.IntRange(0, rows*columns).Draw(t, "from")
			made := run(t, p, binary.LittleEndian.AppendUint64(nil, seed))[0]
			filled := make([]byte, len(made)-from*int(dtype.Bytes()))
			require.NoError(t, probe.Fill(filled, dtype, seed, from))
			require.Equal(t, made[from*int(dtype.Bytes()):], filled, dtype)
		})
	}
	require.ErrorContains(t, probe.Fill(make([]byte, 8), workloads.U64, 1, 0), "no program does")
}

func floats(x ...float32) []byte {
	var out []byte
	for _, v := range x {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

// TestWhatProgramsCompute holds programs against values computed by hand.
func TestWhatProgramsCompute(t *testing.T) {
	p, err := probe.Products(workloads.F32, 2, 2, 1)
	require.NoError(t, err)
	require.Equal(t, [][]byte{floats(17, 23, 39, 53), floats(1, 2, 3, 4)}, run(t, p, floats(1, 2, 3, 4), floats(5, 6, 7, 8), floats(1, 0, 0, 1)),
		"A times the transpose of B")
	p, err = probe.Sum(1, 3, 1)
	require.NoError(t, err)
	require.Equal(t, [][]byte{floats(5, 7, 9)}, run(t, p, floats(1, 2, 3), floats(4, 5, 6)))
	p, err = probe.Nothing(1)
	require.NoError(t, err)
	require.Equal(t, [][]byte{floats(3)}, run(t, p, floats(1), floats(2)))
	p, err = probe.End(3, 1)
	require.NoError(t, err)
	require.Equal(t, [][]byte{{9}}, run(t, p, []byte{7, 8, 9}))
	p, err = probe.Zeros(workloads.BF16, []int{2, 3}, 1)
	require.NoError(t, err)
	require.Equal(t, [][]byte{make([]byte, 12)}, run(t, p))
}

// TestResults: products of 8 bits are added up in 32, as hardware does, and a program of several devices says so.
func TestResults(t *testing.T) {
	for dtype, result := range map[workloads.DType]workloads.DType{workloads.I8: workloads.I32, workloads.F8E4M3: workloads.F32,
		workloads.BF16: workloads.BF16, workloads.F16: workloads.F16, workloads.F32: workloads.F32} {
		for _, parts := range []int{1, 3} {
			p, err := probe.Products(dtype, 16, 4, parts)
			require.NoError(t, err)
			require.Equal(t, parts, p.Parts)
			require.Len(t, p.Args, 5)
			require.Len(t, p.Results, 4)
			require.Equal(t, result, p.Results[3].DType)
			require.Equal(t, []int{16, 16}, p.Results[3].Shape)
			require.Equal(t, parts > 1, bytes.Contains(p.Text, []byte("sdy.mesh")))
			require.Equal(t, dtype == workloads.F32, bytes.Contains(p.Text, []byte("HIGHEST")), "f32 without TF32")
		}
	}
}

// TestProgramsCanBeWrittenAsHLO: what Neuron's compiler is given is written of these texts.
func TestProgramsCanBeWrittenAsHLO(t *testing.T) {
	for name, write := range map[string]func() (*stablehlo.Program, error){
		"f32":     func() (*stablehlo.Program, error) { return probe.Products(workloads.F32, 16, 4, 1) },
		"bf16":    func() (*stablehlo.Program, error) { return probe.Products(workloads.BF16, 16, 4, 1) },
		"f16":     func() (*stablehlo.Program, error) { return probe.Products(workloads.F16, 16, 4, 1) },
		"sum":     func() (*stablehlo.Program, error) { return probe.Sum(16, 16, 1) },
		"nothing": func() (*stablehlo.Program, error) { return probe.Nothing(1) },
	} {
		p, err := write()
		require.NoError(t, err, name)
		m, err := mlir.Parse(p.Text)
		require.NoError(t, err, name)
		_, err = hlo.Write(m)
		require.NoError(t, err, name)
	}
}
