//go:build cgo && linux

package hlo_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads/stablehlo/hlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// random arguments: floats between -2 and 2, small integers.
func arguments(f *mlir.Func) []hlotest.Array {
	rng := rand.New(rand.NewPCG(7, 7))
	var out []hlotest.Array
	for _, v := range f.Body.Args {
		a := hlotest.Array{Type: v.Type, Data: make([]byte, v.Type.Bytes())}
		e := v.Type.Elem
		for i := range v.Type.Elements() {
			switch b := a.Data[i*e.Bytes():]; {
			case e.Float():
				e.PutFloat(b, rng.Float64()*4-2)
			case e == mlir.I1:
				e.PutInt(b, uint64(rng.IntN(2)))
			default:
				e.PutInt(b, uint64(rng.IntN(4)))
			}
		}
		out = append(out, a)
	}
	return out
}

// What is written means what was meant: read by XLA's descriptors, made operations again, it computes the same bits.
func same(t *testing.T, text []byte) moduleProto {
	t.Helper()
	m, err := mlir.Parse(text)
	require.NoError(t, err)
	data, err := hlo.Write(m)
	require.NoError(t, err)
	p := parse(t, data)
	again := rebuild(t, p)
	in := arguments(m.Func("main"))
	want, err := hlotest.Run(context.Background(), m, in)
	require.NoError(t, err)
	got, err := hlotest.Run(context.Background(), again, in)
	require.NoError(t, err)
	require.Equal(t, want, got)
	return p
}

func TestSamePrograms(t *testing.T) {
	for name, text := range programs() {
		t.Run(name, func(t *testing.T) { same(t, []byte(text)) })
	}
	files, err := filepath.Glob("../testdata/*.mlir")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			same(t, text)
		})
	}
}

// Fields that the interpreter does not look at.
func TestFieldsThatDoNotCompute(t *testing.T) {
	p := same(t, []byte(programs()["products"]))
	entry := p.Computations[len(p.Computations)-1]
	found := map[string]instructionProto{}
	for _, i := range entry.Instructions {
		found[i.Opcode] = i
	}
	require.Equal(t, []string{"HIGHEST", "DEFAULT"}, found["dot"].Precision.Operand)
	require.Equal(t, []string{"HIGH", "HIGHEST"}, found["convolution"].Precision.Operand)
	require.EqualValues(t, 1, found["convolution"].BatchGroups)
	require.Equal(t, "module", p.Name)

	p = same(t, []byte(programs()["states"]))
	require.Equal(t, "Decode", p.Name)
	require.Len(t, p.Alias.Entries, 2)
	require.Equal(t, []int{1}, ints(p.Alias.Entries[0].Output))
	require.EqualValues(t, 1, p.Alias.Entries[0].Parameter)
	require.Empty(t, p.Alias.Entries[0].ParameterIndex)
	require.Equal(t, "MAY_ALIAS", p.Alias.Entries[0].Kind)
	require.Equal(t, []int{0}, ints(p.Alias.Entries[1].Output))
	require.EqualValues(t, 2, p.Alias.Entries[1].Parameter)

	p = same(t, []byte(programs()["order"]))
	for _, i := range p.Computations[len(p.Computations)-1].Instructions {
		require.True(t, i.Opcode != "sort" || i.IsStable)
		require.True(t, i.Opcode != "scatter" || i.Sorted && i.Unique)
		require.True(t, i.Opcode != "gather" || i.Sorted)
	}

	p = same(t, []byte(programs()["defaults"]))
	for _, i := range p.Computations[len(p.Computations)-1].Instructions {
		require.True(t, i.Opcode != "compare" || i.Comparison == "UNSIGNED")
		require.True(t, i.Opcode != "convolution" || i.FeatureGroups == 1 && i.BatchGroups == 1)
	}

	m, err := mlir.Parse([]byte(customCall))
	require.NoError(t, err)
	data, err := hlo.Write(m)
	require.NoError(t, err)
	call := parse(t, data).Computations[0].Instructions[1]
	require.Equal(t, "custom-call", call.Opcode)
	require.Equal(t, "target", call.CallTarget)
	require.Equal(t, "config", string(call.Config))
	require.Equal(t, "API_VERSION_STATUS_RETURNING", call.CallAPI)
	require.True(t, call.SideEffect)
	require.Len(t, call.Shape.arrays(t), 2)
}
