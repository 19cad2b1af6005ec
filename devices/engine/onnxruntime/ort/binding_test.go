//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func binding(t testing.TB, s *Session) *Binding {
	t.Helper()
	b, err := s.NewBinding()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func TestBindingRunsAgainAndAgainInPlace(t *testing.T) {
	l := library(t)
	b := binding(t, session(t, l, addModel(), Options{}))
	o, x, y, z := runOptions(t, l), make([]float32, 4), []float32{1, 2, 3, 4}, make([]float32, 4)
	require.NoError(t, b.BindInput("x", tensor(t, l, x, 4)))
	require.NoError(t, b.BindInput("y", tensor(t, l, y, 4)))
	require.NoError(t, b.BindOutput("z", tensor(t, l, z, 4)))
	for i := range 5 {
		x[0] = float32(10 * i)
		require.NoError(t, b.SynchronizeInputs())
		require.NoError(t, b.Run(o))
		require.NoError(t, b.SynchronizeOutputs())
		require.Equal(t, []float32{float32(10*i) + 1, 2, 3, 4}, z)
	}
	if raceEnabled {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = b.Run(o) }), "a run allocates nothing in Go")
}

func TestOneBufferAsInputAndOutput(t *testing.T) {
	l := library(t)
	b := binding(t, session(t, l, addModel(), Options{}))
	sum := []float32{1, 1, 1, 1}
	require.NoError(t, b.BindInput("x", tensor(t, l, sum, 4)))
	require.NoError(t, b.BindInput("y", tensor(t, l, []float32{1, 2, 3, 4}, 4)))
	require.NoError(t, b.BindOutput("z", tensor(t, l, sum, 4)))
	o := runOptions(t, l)
	for range 3 {
		require.NoError(t, b.Run(o))
	}
	assert.Equal(t, []float32{4, 7, 10, 13}, sum)
}

// TestBindingErrorsComeLate holds the library to what the documentation of BindInput says.
func TestBindingErrorsComeLate(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{})
	good, o := tensor(t, l, make([]float32, 4), 4), runOptions(t, l)
	for _, c := range []struct {
		name     string
		bad      *Value
		expected string
	}{
		{"shape", tensor(t, l, make([]float32, 3), 3), "Got: 3 Expected: 4"},
		{"rank", tensor(t, l, make([]float32, 4), 2, 2), "Invalid rank for input"},
		{"type", tensor(t, l, make([]int64, 4), 4), "Unexpected input data type"},
		{"missing", nil, "Missing Input: y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := binding(t, s)
			require.NoError(t, b.BindInput("x", good))
			require.NoError(t, b.BindOutput("z", good))
			if c.bad != nil {
				require.NoError(t, b.BindInput("y", c.bad))
			}
			err := b.Run(o)
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.ErrorContains(t, err, c.expected)

			require.NoError(t, b.BindInput("y", good))
			assert.NoError(t, b.Run(o), "the binding can be put right")
		})
	}
	b := binding(t, s)
	assert.ErrorContains(t, b.BindInput("z", good), `binding "z": the model's inputs are ["x" "y"]`)
	assert.ErrorContains(t, b.BindOutput("x", good), `binding "x": the model's outputs are ["z"]`)
	assert.ErrorContains(t, b.BindInput("x", nil), "no value")
	closed := tensor(t, l, make([]float32, 4), 4)
	require.NoError(t, closed.Close())
	assert.ErrorIs(t, b.BindInput("x", closed), ErrClosed)
	require.NoError(t, b.BindInput("x", good))
	require.NoError(t, b.BindInput("y", good))
	require.NoError(t, b.BindOutput("z", good))
	assert.NoError(t, b.Run(o), "what was refused did no damage")
}

// TestRebinding binds other memory in the place of what is bound.
func TestRebinding(t *testing.T) {
	l := library(t)
	b := binding(t, session(t, l, addModel(), Options{}))
	v, old, z := tensor(t, l, []float32{1, 2, 3, 4}, 4), make([]float32, 4), make([]float32, 4)
	require.NoError(t, b.BindInput("x", v))
	require.NoError(t, b.BindInput("y", v))
	require.NoError(t, b.BindOutput("z", tensor(t, l, old, 4)))
	require.NoError(t, b.BindInput("y", tensor(t, l, []float32{10, 20, 30, 40}, 4)))
	require.NoError(t, b.BindOutput("z", tensor(t, l, z, 4)))
	require.NoError(t, b.Run(runOptions(t, l)))
	assert.Equal(t, []float32{11, 22, 33, 44}, z)
	assert.Equal(t, make([]float32, 4), old)
}

func TestDeviceValue(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{})
	z, err := s.NewDeviceValue(Memory{Name: "Cpu"}, F32, []int64{4})
	require.NoError(t, err)
	b := binding(t, s)
	x := tensor(t, l, []float32{1, 2, 3, 4}, 4)
	require.NoError(t, b.BindInput("x", x))
	require.NoError(t, b.BindInput("y", x))
	require.NoError(t, b.BindOutput("z", z))
	require.NoError(t, b.Run(runOptions(t, l)))
	assert.Equal(t, []float32{2, 4, 6, 8}, numbers[float32](t, z))
	require.NoError(t, z.Close())

	_, err = s.NewDeviceValue(Memory{Name: "Cuda"}, F32, []int64{4})
	assert.ErrorContains(t, err, "Cuda:0", "the session has no such provider")
	_, err = s.NewDeviceValue(Memory{Name: "Moon"}, F32, []int64{4})
	assert.ErrorContains(t, err, "Moon")
	_, err = s.NewDeviceValue(Memory{Name: "Cpu"}, String, []int64{4})
	assert.ErrorContains(t, err, "string")
}

// TestBoundMemoryLives drops the caller's last reference to bound memory.
func TestBoundMemoryLives(t *testing.T) {
	l := library(t)
	b := binding(t, session(t, l, addModel(), Options{}))
	z := make([]float32, 4)
	bind := func(name string, x float32) weak.Pointer[float32] {
		memory := make([]float32, 1024) // a block of its own
		copy(memory, []float32{x, x, x, x})
		v, err := newTensor(l, memory[:4:4], []int64{4})
		require.NoError(t, err)
		require.NoError(t, b.BindInput(name, v))
		require.NoError(t, v.Close(), "a bound value may be closed")
		return weak.Make(&memory[0])
	}
	held := bind("x", 1)
	bind("y", 2)
	require.NoError(t, b.BindOutput("z", tensor(t, l, z, 4)))
	churn()
	require.NotNil(t, held.Value(), "the binding holds its inputs")
	require.NoError(t, b.Run(runOptions(t, l)))
	assert.Equal(t, []float32{3, 3, 3, 3}, z)
	second := bind("x", 4)
	churn()
	assert.Nil(t, held.Value(), "and lets go of what is replaced")
	require.NotNil(t, second.Value())
	require.NoError(t, b.Close())
	churn()
	assert.Nil(t, second.Value(), "a closed one holds nothing")
}

// churn collects garbage and writes over what was freed.
func churn() {
	for range 3 {
		runtime.GC()
		for range 2000 {
			junk := make([]float32, 4)
			for i := range junk {
				junk[i] = 1e9
			}
			runtime.KeepAlive(&junk)
		}
	}
}
