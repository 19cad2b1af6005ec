//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInitializersFromMemory(t *testing.T) {
	l := library(t)
	w := tensor(t, l, []float32{1, 2, 3, 4}, 4)
	s := session(t, l, weightModel(), Options{Initializers: []Initializer{{"w", w}}})
	z := make([]float32, 4)
	require.NoError(t, s.Run(context.Background(), []string{"x"}, []*Value{w}, []string{"z"}, []*Value{tensor(t, l, z, 4)}))
	assert.Equal(t, []float32{2, 4, 6, 8}, z)
}

func TestInitializersThatDoNotFit(t *testing.T) {
	l := library(t)
	four, three := tensor(t, l, make([]float32, 4), 4), tensor(t, l, make([]float32, 3), 3)
	closed := tensor(t, l, make([]float32, 4), 4)
	require.NoError(t, closed.Close())
	owned, err := session(t, l, addModel(), Options{}).NewDeviceValue(Memory{Name: "Cpu"}, F32, []int64{4})
	require.NoError(t, err)
	for _, c := range []struct {
		name     string
		given    []Initializer
		expected string
	}{
		{"name not in the graph", []Initializer{{"w", four}, {"v", four}}, "Failed to find existing initializer with name v"},
		{"another shape", []Initializer{{"w", three}}, "Replacement tensor's dimensions do not match"},
		{"forgotten", nil, "*mem*"},
		{"closed", []Initializer{{"w", closed}}, "already closed"},
		{"nil", []Initializer{{"w", nil}}, `initializer "w" has no value`},
		{"of a session", []Initializer{{"w", owned}}, "belongs to a session"},
		{"zero in the name", []Initializer{{"w\x00", four}}, "zero byte"},
		{"twice", []Initializer{{"w", four}, {"w", four}}, "w"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := l.NewSession(weightModel(), Options{Initializers: c.given})
			assert.ErrorContains(t, err, c.expected)
		})
	}
}

// TestWeightsLiveAsLongAsTheSession drops the caller's last reference to the weights: the session must hold them, and let go.
func TestWeightsLiveAsLongAsTheSession(t *testing.T) {
	l := library(t)
	s, held := sessionOfLostWeights(t, l)
	churn()
	require.NotNil(t, held.Value(), "the session holds its weights")
	z := make([]float32, 4)
	x := tensor(t, l, []float32{10, 20, 30, 40}, 4)
	require.NoError(t, s.Run(context.Background(), []string{"x"}, []*Value{x}, []string{"z"}, []*Value{tensor(t, l, z, 4)}))
	assert.Equal(t, []float32{11, 22, 33, 44}, z)
	require.NoError(t, s.Close())
	churn()
	assert.Nil(t, held.Value(), "a closed session holds nothing")
	runtime.KeepAlive(s)
}

func sessionOfLostWeights(t *testing.T, l *Library) (*Session, weak.Pointer[float32]) {
	// Large enough not to share a block with other small objects, which would keep each other alive.
	memory := make([]float32, 1024)
	w := memory[:4:4]
	copy(w, []float32{1, 2, 3, 4})
	v, err := NewTensor(l, w, []int64{4})
	require.NoError(t, err)
	s, err := l.NewSession(weightModel(), Options{Initializers: []Initializer{{"w", v}}})
	require.NoError(t, err)
	require.NoError(t, v.Close(), "the value may be closed once the session exists")
	return s, weak.Make(&memory[0])
}
