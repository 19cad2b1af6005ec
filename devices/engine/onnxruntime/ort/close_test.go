//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCloseOfASessionClosesWhatWasMadeFromIt closes the session first, and everything twice.
func TestCloseOfASessionClosesWhatWasMadeFromIt(t *testing.T) {
	l := library(t)
	s, err := loadModel(t, l, addModel(), Options{})
	require.NoError(t, err)
	b, err := s.NewBinding()
	require.NoError(t, err)
	x := tensor(t, l, make([]float32, 4), 4)
	own, err := s.NewDeviceValue(Memory{Name: "Cpu"}, F32, []int64{4})
	require.NoError(t, err)
	require.NoError(t, b.BindInput("x", x))
	require.NoError(t, b.BindInput("y", own))
	require.NoError(t, b.BindOutput("z", own))
	o := runOptions(t, l)
	require.NoError(t, b.Run(o))
	outs, err := s.Run(o, []string{"x", "y"}, []*Value{x, own}, []string{"z"})
	require.NoError(t, err)

	require.NoError(t, s.Close())
	for name, err := range map[string]error{
		"Run":               second(s.Run(o, []string{"x", "y"}, []*Value{x, x}, []string{"z"})),
		"Outputs":           second(s.Outputs()),
		"EndProfiling":      second(s.EndProfiling()),
		"NewBinding":        second(s.NewBinding()),
		"NewDeviceValue":    second(s.NewDeviceValue(Memory{Name: "Cpu"}, F32, nil)),
		"Binding.Run":       b.Run(o),
		"BindInput":         b.BindInput("x", x),
		"BindOutput":        b.BindOutput("z", x),
		"SynchronizeInputs": b.SynchronizeInputs(),
		"device bytes":      second(own.Bytes()),
		"output bytes":      second(outs[0].Bytes()),
	} {
		assert.ErrorIs(t, err, ErrClosed, name)
	}
	for range 2 {
		require.NoError(t, own.Close())
		require.NoError(t, outs[0].Close())
		require.NoError(t, b.Close())
		require.NoError(t, s.Close())
	}
	_, err = x.Bytes()
	assert.NoError(t, err, "memory of Go is no session's")
}

func second[T any](_ T, err error) error { return err }

func TestClosedBinding(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{})
	b, err := s.NewBinding()
	require.NoError(t, err)
	require.NoError(t, b.Close())
	require.NoError(t, b.Close())
	assert.ErrorIs(t, b.Run(runOptions(t, l)), ErrClosed)
	assert.Empty(t, s.bindings)
}

// TestCloseWaitsForRuns closes a session that two goroutines run.
func TestCloseWaitsForRuns(t *testing.T) {
	l := library(t)
	s, err := loadModel(t, l, addModel(), Options{Threads: 1})
	require.NoError(t, err)
	var group sync.WaitGroup
	running := make(chan struct{}, 2)
	for range 2 {
		x, o := tensor(t, l, make([]float32, 4), 4), runOptions(t, l)
		group.Go(func() {
			for i := 0; ; i++ {
				outs, err := s.Run(o, []string{"x", "y"}, []*Value{x, x}, []string{"z"})
				if err != nil {
					assert.ErrorIs(t, err, ErrClosed)
					return
				}
				assert.NoError(t, outs[0].Close())
				if i == 10 {
					running <- struct{}{}
				}
			}
		})
	}
	<-running
	<-running
	require.NoError(t, s.Close())
	group.Wait()
}

func TestOutputsThatAreClosedAreForgotten(t *testing.T) {
	l := library(t)
	s := session(t, l, addModel(), Options{})
	x, o := tensor(t, l, make([]float32, 4), 4), runOptions(t, l)
	for range 3 {
		outs, err := s.Run(o, []string{"x", "y"}, []*Value{x, x}, []string{"z"})
		require.NoError(t, err)
		assert.Len(t, s.values, 1)
		require.NoError(t, outs[0].Close())
		assert.Empty(t, s.values)
	}
}
