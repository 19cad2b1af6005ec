//go:build !noort && ((linux && !android) || (darwin && !ios) || windows) && (amd64 || arm64)

package ort

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loopModel multiplies x[n,n] by itself's like, w, trips times. The trips are an input, so that one session runs short and long.
func loopModel(n int) []byte {
	square := tensorType(F32, n, n)
	body := msg(6, node("Identity", []string{"go"}, []string{"on"}), node("MatMul", []string{"state", "w"}, []string{"next"}),
		str(2, "body"), in("i", tensorType(I64)), in("go", tensorType(Bool)), in("state", square),
		out("on", tensorType(Bool)), out("next", square))
	loop := node("Loop", []string{"trips", "", "x"}, []string{"z"}, msg(5, str(1, "body"), body, num(20, 5)))
	return model(loop, in("trips", tensorType(I64)), in("x", square), in("w", square), out("z", square))
}

// long is a loop that takes about a minute when nothing ends it, so that a termination that does nothing is seen as a run that
// succeeds.
func long(t *testing.T) (s *Session, names []string, values []*Value, trips []int64, z *Value) {
	const n = 256
	l := library(t)
	s = session(t, l, loopModel(n), Options{Threads: 1})
	trips = []int64{100_000}
	zero := tensor(t, l, make([]float32, n*n), n, n)
	z = tensor(t, l, make([]float32, n*n), n, n)
	return s, []string{"trips", "x", "w"}, []*Value{tensor(t, l, trips), zero, zero}, trips, z
}

func TestTerminateAndUnset(t *testing.T) {
	s, names, values, trips, z := long(t)
	b := binding(t, s)
	for i, name := range names {
		require.NoError(t, b.BindInput(name, values[i]))
	}
	require.NoError(t, b.BindOutput("z", z))
	for _, c := range []struct {
		name string
		run  func(o *RunOptions) error
	}{
		{"session", func(o *RunOptions) error { return second(s.Run(o, names, values, []string{"z"})) }},
		{"binding", b.Run},
	} {
		t.Run(c.name, func(t *testing.T) {
			trips[0] = 100_000
			o := runOptions(t, s.l)
			ended := make(chan error)
			go func() { ended <- c.run(o) }()
			time.Sleep(20 * time.Millisecond)
			require.NoError(t, o.Terminate())
			err := <-ended
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.Message, "terminate")

			trips[0] = 1
			assert.ErrorAs(t, c.run(o), &e, "terminated until Unset")
			require.NoError(t, o.Unset())
			assert.NoError(t, c.run(o))
			require.NoError(t, o.Close())
			require.NoError(t, o.Close())
			for _, err := range []error{o.Terminate(), o.Unset(), c.run(o)} {
				assert.ErrorIs(t, err, ErrClosed)
			}
		})
	}
}
